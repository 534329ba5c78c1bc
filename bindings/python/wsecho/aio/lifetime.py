"""What runs beside an event loop: it has to end with it, and is waited for without blocking it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import AsyncGenerator, Awaitable, Callable, Optional

__all__ = ["EndWithLoop", "in_thread"]


class EndWithLoop:
    """Calls ``end`` when the event loop shuts its asynchronous generators down, as asyncio.run()
    does at its end; unless it is dismissed before."""

    def __init__(self, end: Callable[[], Awaitable[None]]) -> None:
        self._end: Optional[Callable[[], Awaitable[None]]] = end
        self._generator = self._wait()

    async def begin(self) -> None:
        await self._generator.__anext__()

    async def dismiss(self) -> None:
        self._end = None
        await self._generator.aclose()

    async def _wait(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            if self._end is not None:
                await self._end()


async def in_thread(call: Callable[[], object]) -> None:
    """Waits for a call that blocks. In a thread of its own: those of the event loop's executor may
    all be busy. Cancelled, it leaves the call to itself."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()

    def settle(error: Optional[BaseException]) -> None:
        if over.done():
            return
        if error is None:
            over.set_result(None)
        else:
            over.set_exception(error)

    def run() -> None:
        failure: Optional[BaseException] = None
        try:
            call()
        except BaseException as error:
            failure = error
        with suppress(RuntimeError):  # the event loop is closed
            loop.call_soon_threadsafe(settle, failure)

    threading.Thread(target=run, name="wsecho-wait").start()
    await over
