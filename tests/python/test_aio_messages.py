"""Messages between coroutines."""

from __future__ import annotations

import asyncio

import pytest
from event_loops import Pair, echo, run, until, url_of  # noqa: F401

import wsecho
from wsecho import aio


def test_a_message_comes_as_what_it_was_sent(run):
    async def main():
        async with aio.serve(echo) as server, aio.connect(url_of(server)) as connection:
            for message in ["text ünï", "", b"binary\x00\xff", b"", "x" * 100_000]:
                await connection.send(message)
                assert await connection.recv() == message
            await connection.send(bytearray(b"buffer"))
            assert await connection.recv() == b"buffer"
            await connection.send(memoryview(b"view"))
            assert await connection.recv() == b"view"
            await connection.send(wsecho.PreparedMessage("prepared"))
            assert await connection.recv() == "prepared"

    run(main())


def test_a_message_may_be_sent_and_received_as_the_other_type(run):
    async def main():
        async with aio.serve(echo) as server, aio.connect(url_of(server)) as connection:
            await connection.send(b"text", text=True)
            assert await connection.recv() == "text"
            await connection.send("bytes", text=False)
            assert await connection.recv() == b"bytes"
            await connection.send("a")
            assert await connection.recv(decode=False) == b"a"
            await connection.send(b"b")
            assert await connection.recv(decode=True) == "b"

    run(main())


def test_what_is_no_message_is_a_type_error(run):
    async def main():
        async with aio.serve(echo) as server, aio.connect(url_of(server)) as connection:
            for message in [3, None, ["a"], iter("a")]:
                with pytest.raises(TypeError, match="message must be str or a bytes-like object"):
                    await connection.send(message)
            await connection.send("after")
            assert await connection.recv() == "after"

    run(main())


def test_iterating_yields_every_message_in_order_and_ends_with_the_connection(run):
    async def main():
        async with Pair() as (server_side, client):
            for number in range(1000):
                await server_side.send(str(number))
            closing = asyncio.ensure_future(server_side.close())
            received = [message async for message in client]
            assert received == [str(number) for number in range(1000)]
            await closing
            assert [message async for message in client] == []

    run(main())


def test_what_came_before_the_close_is_received_after_it(run):
    async def main():
        async with Pair() as (server_side, client):
            await client.send("one")
            await client.send("two")
            await client.close()
            await server_side.wait_closed()
            assert await server_side.recv() == "one"
            assert await server_side.recv() == "two"
            with pytest.raises(aio.ConnectionClosedOK):
                await server_side.recv()

    run(main())


def test_only_one_coroutine_receives_at_a_time(run):
    async def main():
        async with Pair() as (server_side, client):
            first = asyncio.ensure_future(client.recv())
            await asyncio.sleep(0)
            with pytest.raises(aio.ConcurrencyError):
                await client.recv()
            with pytest.raises(aio.ConcurrencyError):
                await client.__anext__()
            await server_side.send("for the first")
            assert await first == "for the first"

    run(main())


def test_receiving_that_is_cancelled_loses_no_message(run):
    async def main():
        async with Pair() as (server_side, client):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.recv(), 0.01)
            receiving = asyncio.ensure_future(client.recv())
            await asyncio.sleep(0)
            receiving.cancel()
            await server_side.send("kept")
            with pytest.raises(asyncio.CancelledError):
                await receiving
            assert await client.recv() == "kept"

    run(main())


@pytest.mark.parametrize("receive", [aio.Connection.recv, aio.Connection.__anext__])
def test_a_message_that_came_just_before_the_cancelling_is_kept(run, receive):
    async def main():
        async with Pair() as (server_side, client):
            for number in range(50):
                receiving = asyncio.ensure_future(receive(client))
                await asyncio.sleep(0)
                await server_side.send(str(number))
                for _ in range(number):  # the message comes earlier, or later, or just now
                    await asyncio.sleep(0)
                receiving.cancel()
                (received,) = await asyncio.gather(receiving, return_exceptions=True)
                if isinstance(received, asyncio.CancelledError):
                    received = await client.recv()
                assert received == str(number)

    run(main())


def test_many_tasks_may_send_at_once(run):
    async def main():
        async with Pair() as (server_side, client):
            await asyncio.gather(*[client.send(str(number)) for number in range(100)])
            received = [await server_side.recv() for _ in range(100)]
            assert sorted(received, key=int) == [str(number) for number in range(100)]

    run(main())


def test_each_of_many_connections_has_its_own_messages(run):
    async def main():
        async with aio.serve(echo) as server:

            async def talk(number):
                async with aio.connect(url_of(server)) as connection:
                    for turn in range(10):
                        await connection.send(f"{number}: {turn}")
                        assert await connection.recv() == f"{number}: {turn}"

            await asyncio.gather(*[talk(number) for number in range(50)])

    run(main())


def test_a_ping_is_answered_and_tells_the_latency(run):
    async def main():
        async with Pair() as (server_side, client):
            for side in [server_side, client]:
                assert side.latency == 0.0
                latency = await (await side.ping())
                assert 0 < latency < 20
                assert side.latency == latency

    run(main())


def test_pings_without_an_answer_fail_with_the_connection(run):
    async def main():
        async with Pair({"close_timeout_ms": 50}) as (server_side, client):
            client.peer.pause_reading()
            answer = await server_side.ping()
            forgotten = await server_side.ping()
            server_side.peer.close(1000)
            with pytest.raises(aio.ConnectionClosed):
                await answer
            del forgotten

    run(main())


def test_a_connection_tells_about_itself(run):
    async def main():
        async with Pair() as (server_side, client):
            assert client.remote_address == ("127.0.0.1", server_side.server.port)
            host, port = server_side.remote_address
            assert host == "127.0.0.1" and port > 0
            assert server_side.id != 0
            assert server_side.peer.id == server_side.id
            assert server_side.state is wsecho.ConnectionState.OPEN
            assert server_side.close_code is None and server_side.close_reason is None
            assert repr(server_side) == f"<ServerConnection ('127.0.0.1', {port}) open>"
            await client.close(4000, "bye")
            await server_side.wait_closed()
            assert (server_side.close_code, server_side.close_reason) == (4000, "bye")
            assert server_side.state is wsecho.ConnectionState.GONE
            assert server_side.remote_address == (host, port)
            server_side.mine = "attributes of the application's own"

    run(main())


@pytest.mark.parametrize(
    "told, address",
    [
        ("192.0.2.1:4711", ("192.0.2.1", 4711)),
        ("[2001:db8::1]:4711", ("2001:db8::1", 4711)),
        ("192.0.2.1", ("192.0.2.1", None)),
        ("2001:db8::1", ("2001:db8::1", None)),
        ("::1", ("::1", None)),
        ("unix", "unix"),
    ],
)
def test_an_address_is_a_host_and_a_port(told, address):
    assert aio.connection.address_of(told) == address
