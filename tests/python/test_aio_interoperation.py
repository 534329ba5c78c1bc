"""With Python's websockets package at the other end."""

from __future__ import annotations

import asyncio

import pytest
import websockets.asyncio.client
import websockets.asyncio.server
import websockets.exceptions
from event_loops import echo, hold, run, until, url_of  # noqa: F401

from wsecho import aio


def test_its_client_talks_to_our_server(run):
    async def main():
        async with aio.serve(echo, subprotocols=["chat"]) as server:
            async with websockets.asyncio.client.connect(
                url_of(server), subprotocols=["chat"], compression=None
            ) as client:
                assert client.subprotocol == "chat"
                for message in ["text ünï", b"binary", "", "x" * 500_000]:
                    await client.send(message)
                    assert await client.recv() == message
                await client.send(["in ", "three ", "parts"])
                assert await client.recv() == "in three parts"
                await (await client.ping())
            assert client.close_code == 1000

    run(main())


def test_its_client_reads_what_our_server_compresses(run):
    async def main():
        async with aio.serve(echo, deflate=1, deflate_threshold_bytes=1) as server:
            async with websockets.asyncio.client.connect(url_of(server)) as client:
                assert client.protocol.extensions
                await client.send("hello " * 1000)
                assert await client.recv() == "hello " * 1000

    run(main())


def test_its_client_learns_why_our_server_closes(run):
    async def main():
        async def handler(connection):
            await connection.close(4000, "enough")

        async with aio.serve(handler) as server:
            async with websockets.asyncio.client.connect(url_of(server)) as client:
                with pytest.raises(websockets.exceptions.ConnectionClosedError) as closed:
                    await client.recv()
                assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4000, "enough")

    run(main())


def test_our_client_talks_to_its_server(run):
    async def main():
        async def answer(connection):
            assert connection.request.headers["X-Me"] == "somebody"
            async for message in connection:
                await connection.send(message)

        async with websockets.asyncio.server.serve(
            answer, "127.0.0.1", 0, subprotocols=["chat"]
        ) as server:
            port = server.sockets[0].getsockname()[1]
            async with aio.connect(
                f"ws://127.0.0.1:{port}/", subprotocols=["chat"], headers={"X-Me": "somebody"}
            ) as client:
                assert client.subprotocol == "chat"
                for message in ["text ünï", b"binary", "", "x" * 500_000]:
                    await client.send(message)
                    assert await client.recv() == message
                assert await (await client.ping()) > 0
            assert client.close_code == 1000

    run(main())


def test_our_client_learns_why_its_server_closes(run):
    async def main():
        async def handler(connection):
            await connection.close(4000, "enough")

        async with websockets.asyncio.server.serve(handler, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with aio.connect(f"ws://127.0.0.1:{port}/") as client:
                with pytest.raises(aio.ConnectionClosedError) as closed:
                    await client.recv()
                assert (closed.value.code, closed.value.reason) == (4000, "enough")

    run(main())


def test_our_client_follows_its_server_over_a_restart(run):
    async def main():
        async def tick(connection):
            await connection.send("tick")
            await connection.wait_closed()

        port = 0
        ticks = 0
        url = None
        for _ in range(3):
            async with websockets.asyncio.server.serve(tick, "127.0.0.1", port) as server:
                port = server.sockets[0].getsockname()[1]
                if url is None:
                    url = f"ws://127.0.0.1:{port}/"
                    following = aio.connect(url, retry_first_ms=1, retry_max_ms=10).__aiter__()
                connection = await following.__anext__()
                assert await connection.recv() == "tick"
                ticks += 1
        assert ticks == 3
        await following.aclose()

    run(main())
