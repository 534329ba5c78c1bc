"""How connections end, for coroutines."""

from __future__ import annotations

import asyncio
import socket

import pytest
from conftest import shake_hands
from event_loops import Pair, echo, hold, run, until, url_of  # noqa: F401

import wsecho
from wsecho import aio


@pytest.mark.parametrize(
    "code, kind",
    [
        (1000, aio.ConnectionClosedOK),
        (1001, aio.ConnectionClosedOK),
        (1011, aio.ConnectionClosedError),
        (4000, aio.ConnectionClosedError),
    ],
)
def test_both_sides_learn_the_code_and_the_reason(run, code, kind):
    async def main():
        async with Pair() as (server_side, client):
            await server_side.close(code, "because")
            with pytest.raises(kind) as closed:
                await client.recv()
            assert (closed.value.code, closed.value.reason) == (code, "because")
            assert closed.value.event.initiator is wsecho.Initiator.PEER
            assert str(closed.value) == f"{code} because"
            with pytest.raises(kind) as closed:
                await server_side.recv()
            assert closed.value.event.initiator is wsecho.Initiator.LOCAL
            assert isinstance(closed.value, wsecho.ConnectionClosed)
            assert isinstance(closed.value, wsecho.Error)

    run(main())


def test_iterating_raises_where_the_end_is_an_error(run):
    async def main():
        async with Pair() as (server_side, client):
            receiving = asyncio.ensure_future(client.__anext__())
            await asyncio.sleep(0)
            await server_side.close(1011)
            with pytest.raises(aio.ConnectionClosedError):
                await receiving
            with pytest.raises(aio.ConnectionClosedError):
                async for message in client:
                    pytest.fail("nothing was sent")

    run(main())


def test_who_waits_for_a_message_learns_of_the_end(run):
    async def main():
        async with Pair() as (server_side, client):
            receiving = asyncio.ensure_future(client.recv())
            iterating = asyncio.ensure_future(server_side.__anext__())
            await asyncio.sleep(0)
            await client.close()
            with pytest.raises(aio.ConnectionClosedOK):
                await receiving
            with pytest.raises(StopAsyncIteration):
                await iterating

    run(main())


def test_sending_behind_the_end_raises_with_its_code(run):
    async def main():
        async with Pair() as (server_side, client):
            await server_side.close(4001, "enough")
            await client.wait_closed()
            for side in [server_side, client]:
                with pytest.raises(aio.ConnectionClosedError, match="4001 enough"):
                    await side.send("late")

    run(main())


def test_sending_while_the_close_is_under_way_waits_for_its_end(run):
    async def main():
        async with Pair() as (server_side, client):
            closing = asyncio.ensure_future(server_side.close(4002))
            await asyncio.sleep(0)
            with pytest.raises(aio.ConnectionClosedError, match="4002"):
                await server_side.send("late")
            await closing

    run(main())


def test_a_peer_that_vanishes_is_1006(run):
    async def main():
        opened = asyncio.get_running_loop().create_future()

        async def handler(connection):
            opened.set_result(connection)
            with pytest.raises(aio.ConnectionClosedError) as closed:
                await connection.recv()
            assert closed.value.code == 1006
            assert closed.value.event.cause is wsecho.CloseCause.TCP

        async with aio.serve(handler) as server:
            loop = asyncio.get_running_loop()
            peer = await loop.run_in_executor(None, shaken_hands_with, server.port)
            connection = await opened
            peer.close()
            await connection.wait_closed()
            assert connection.close_code == 1006

    run(main())


def shaken_hands_with(port):
    peer = socket.create_connection(("127.0.0.1", port))
    shake_hands(peer)
    return peer


def test_closing_twice_is_closing_once(run):
    async def main():
        async with Pair() as (server_side, client):
            await asyncio.gather(client.close(4003, "first"), client.close(4004, "second"))
            await client.close()
            assert client.close_code == 4003
            await server_side.wait_closed()
            assert server_side.close_reason == "first"

    run(main())


def test_a_peer_that_does_not_answer_is_waited_for_no_longer_than_the_timeout(run):
    async def main():
        async with Pair({"close_timeout_ms": 50}) as (server_side, client):
            client.peer.pause_reading()
            await server_side.close()
            assert server_side.close_event.cause is wsecho.CloseCause.LOCAL

    run(main())


def test_waiting_for_the_end_may_be_cancelled_and_begun_again(run):
    async def main():
        async with Pair() as (server_side, client):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.wait_closed(), 0.01)
            waits = [asyncio.ensure_future(client.wait_closed()) for _ in range(3)]
            await asyncio.sleep(0)
            waits[0].cancel()
            await server_side.close()
            await asyncio.gather(*waits[1:])
            await client.wait_closed()

    run(main())


def test_a_wrong_code_is_an_error_and_closes_nothing(run):
    async def main():
        async with Pair() as (server_side, client):
            for code in [0, 999, 1005, 1006, 5000, -1, 1 << 40]:
                with pytest.raises(ValueError):
                    await client.close(code)
            with pytest.raises(ValueError):
                await client.close(1000, "x" * 124)
            await client.send("still here")
            assert await server_side.recv() == "still here"

    run(main())


def test_the_end_tells_what_was_sent_and_received(run):
    async def main():
        async with aio.serve(echo) as server, aio.connect(url_of(server)) as connection:
            for _ in range(3):
                await connection.send("hello")
                await connection.recv()
            await connection.close()
            assert connection.close_event.messages_sent == 3
            assert connection.close_event.messages_received == 3
            assert connection.close_event.cause is wsecho.CloseCause.LOCAL

    run(main())


def test_messages_of_a_peer_that_was_closed_are_not_kept(run):
    async def main():
        async with Pair({"close_timeout_ms": 50}) as (server_side, client):
            client.peer.pause_reading()  # it does not answer the close
            closing = asyncio.ensure_future(server_side.close())
            await asyncio.sleep(0)
            await client.send("too late")
            await closing
            with pytest.raises(aio.ConnectionClosed):
                await server_side.recv()

    run(main())
