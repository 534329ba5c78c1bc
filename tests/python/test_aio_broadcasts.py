"""What a server sends to many: broadcasts, channels."""

from __future__ import annotations

import asyncio
import sys

import pytest
from event_loops import hold, run, until, url_of  # noqa: F401

import wsecho
from wsecho import aio


def test_a_broadcast_reaches_all_but_one(run):
    async def main():
        async with aio.serve(hold) as server:
            connections = [await aio.connect(url_of(server)) for _ in range(3)]
            await until(lambda: len(server.connections) == 3)
            server.broadcast("to all")
            server.broadcast(b"to all", text=True)
            left_out = next(iter(server.connections))
            server.broadcast(wsecho.PreparedMessage("to some"), exclude=left_out)
            server.broadcast("the end")
            received = []
            for connection in connections:
                messages = []
                while not messages or messages[-1] != "the end":
                    messages.append(await connection.recv())
                received.append(messages)
            whole = ["to all", "to all", "to some", "the end"]
            assert sorted(map(len, received)) == [3, 4, 4]
            assert all(messages in (whole, whole[:2] + whole[3:]) for messages in received)

    run(main())


def test_a_message_may_go_to_some_connections(run):
    async def main():
        async with aio.serve(hold) as server:
            connections = [await aio.connect(url_of(server)) for _ in range(3)]
            await until(lambda: len(server.connections) == 3)
            some = list(server.connections)[:2]
            aio.broadcast(some, "to two")
            aio.broadcast([], "to none")
            for connection in server.connections:
                await connection.send("the end")
            received = [await connection.recv() for connection in connections]
            assert sorted(received) == ["the end", "to two", "to two"]
            some[0].start_close()
            aio.broadcast(some, "who is closing is left out", raise_exceptions=True)

    run(main())


@pytest.mark.skipif(sys.version_info < (3, 11), reason="ExceptionGroup came with Python 3.11")
def test_who_could_not_be_reached_is_told_on_request(run):
    async def main():
        async with aio.serve(hold, max_queued_bytes=1000) as server:
            async with aio.connect(url_of(server)):
                await until(lambda: server.connections)
                aio.broadcast(server.connections, "x" * 2000)
                with pytest.raises(ExceptionGroup) as failed:  # noqa: F821
                    aio.broadcast(server.connections, "x" * 2000, raise_exceptions=True)
                assert [type(each) for each in failed.value.exceptions] == [wsecho.TooBigError]

    run(main())


def test_a_channel_reaches_its_members(run):
    async def main():
        async def join(connection):
            async for channel in connection:
                await connection.subscribe(channel)
                await connection.send("joined")

        async with aio.serve(join) as server:
            one, two = [await aio.connect(url_of(server)) for _ in range(2)]
            for connection, channel in [(one, "news"), (two, "news"), (two, "sport")]:
                await connection.send(channel)
                assert await connection.recv() == "joined"
            assert server.channel_size("news") == 2
            assert server.publish("news", "to both") == 1
            assert server.publish("sport", b"to one") == 1
            assert server.publish("weather", "to nobody") == 0
            assert await one.recv() == "to both"
            assert await two.recv() == "to both"
            assert await two.recv() == b"to one"
            by_channels = {tuple(sorted(each.channels)): each for each in server.connections}
            assert set(by_channels) == {("news",), ("news", "sport")}
            server.publish("news", "to one of them", exclude=by_channels["news",])
            assert await two.recv() == "to one of them"
            await by_channels["news",].unsubscribe("news")
            with pytest.raises(wsecho.NotFoundError):
                await by_channels["news",].unsubscribe("news")
            assert server.channel_size("news") == 1

    run(main())


def test_who_comes_back_gets_what_was_missed(run):
    async def main():
        missed = asyncio.get_running_loop().create_future()

        async def join(connection):
            missed.set_result(await connection.subscribe_after("news", 1))
            await connection.wait_closed()

        async with aio.serve(join) as server:
            server.engine.set_history("news")
            for number in range(1, 4):
                assert server.publish("news", str(number)) == number
            async with aio.connect(url_of(server)) as connection:
                assert await connection.recv() == "2"
                assert await connection.recv() == "3"
            assert (await missed).is_complete

    run(main())


def test_the_last_words_of_a_handler_whose_server_ends_reach_nobody(run):
    async def main():
        sent = asyncio.get_running_loop().create_future()

        async def chat(connection):
            try:
                await connection.wait_closed()
                await until(lambda: not server.engine.is_running)
            finally:
                server.broadcast("has left")
                sent.set_result((server.publish("room", "has left"), server.channel_size("room")))

        async with aio.serve(chat) as server:
            await aio.connect(url_of(server))
        assert await sent == (0, 0)
        with pytest.raises(wsecho.WrongStateError):
            server.broadcast("too late")
        with pytest.raises(wsecho.WrongStateError):
            server.publish("room", "too late")

    run(main())
