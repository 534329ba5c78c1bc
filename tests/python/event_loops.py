"""What the tests of the asyncio API share: event loops to run in, and servers of short words."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Coroutine

import pytest
from conftest import PATIENCE

from wsecho import aio


def new_uvloop() -> asyncio.AbstractEventLoop:
    return pytest.importorskip("uvloop").new_event_loop()


@pytest.fixture(params=[asyncio.new_event_loop, new_uvloop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Runs a coroutine in a loop of its own, as asyncio.run() does, and not for ever. What the loop
    is told of that nobody caught fails the test."""

    def run_to_the_end(main: Coroutine[Any, Any, Any]) -> Any:
        uncaught = []
        loop = request.param()
        loop.set_exception_handler(lambda loop, context: uncaught.append(context))
        try:
            return loop.run_until_complete(asyncio.wait_for(main, PATIENCE))
        finally:
            loop.run_until_complete(cancel_all())
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
            assert not uncaught, uncaught

    return run_to_the_end


async def cancel_all() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def url_of(server: aio.Server, path: str = "/") -> str:
    return f"ws://127.0.0.1:{server.port}{path}"


async def echo(connection: aio.ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def hold(connection: aio.ServerConnection) -> None:
    """Has the connection open, and reads nothing."""
    await connection.wait_closed()


async def until(condition: Callable[[], Any]) -> Any:
    """Waits for what no event tells of."""
    while not (value := condition()):
        await asyncio.sleep(0.001)
    return value


class Pair:
    """Both ends of one connection, with whatever options on either side."""

    def __init__(self, server_options: Any = None, **client_options: Any) -> None:
        self._opened: "asyncio.Future[aio.ServerConnection]"
        self._server_options = server_options or {}
        self._client_options = client_options

    async def __aenter__(self) -> "tuple[aio.ServerConnection, aio.ClientConnection]":
        opened = asyncio.get_running_loop().create_future()

        async def handler(connection: aio.ServerConnection) -> None:
            opened.set_result(connection)
            await connection.wait_closed()

        self._server = await aio.serve(handler, **self._server_options)
        self._client = await aio.connect(url_of(self._server), **self._client_options)
        return await opened, self._client

    async def __aexit__(self, *exception: object) -> None:
        self._server.close()
        await asyncio.gather(self._client.close(), self._server.wait_closed())


