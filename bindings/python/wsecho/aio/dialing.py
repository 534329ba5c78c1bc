"""What the clients of an event loop share, and the dialers that make their connections."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Callable, Dict, Optional, Sequence
from weakref import WeakKeyDictionary

from .._wsecho import Connection as Peer
from .._wsecho import Dialer
from .._wsecho import Server as Engine
from ..constants import DialerState
from ..records import DialerEvent
from .connection import Connection
from .events import EventReader
from .exceptions import connect_error
from .lifetime import EndWithLoop, in_thread

__all__ = ["Dial", "Dialing"]

# The engine's thread is kept for so long for the next client.
_LINGER = 1.0


class Dialing:
    """One engine, which listens on nothing, for all clients of an event loop."""

    _of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Dialing] = WeakKeyDictionary()

    @classmethod
    async def of_running_loop(cls) -> Dialing:
        loop = asyncio.get_running_loop()
        found = cls._of_loops.get(loop)
        if found is None:
            cls._stop_forgotten()
            found = cls._of_loops[loop] = cls(loop)
            await found._lifetime.begin()
        return found

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.reader = EventReader(loop, self._on_open)
        self.engine = Engine(port=-1, event_queue=self.reader.queue)
        self.engine.start()
        self._expected: Dict[int, Dial] = {}
        self._users = 0
        self._timer: Optional[asyncio.TimerHandle] = None
        self._ending: Optional[asyncio.Task[None]] = None
        self._is_ending = False
        self._lifetime = EndWithLoop(self._stop)

    def acquire(self) -> None:
        self._users += 1
        self._cancel_timer()

    def release(self) -> None:
        self._users -= 1
        if self._users == 0 and not self._is_ending and not self.loop.is_closed():
            self._timer = self.loop.call_later(_LINGER, self._end)

    # On the engine's thread, before the open event of the connection is told.
    def expect(self, connection_id: int, dial: Dial) -> None:
        self._expected[connection_id] = dial

    def _on_open(self, peer: Peer) -> Optional[Connection]:
        return self._expected.pop(peer.id).on_open(peer)

    def _end(self) -> None:
        self._of_loops.pop(self.loop, None)
        self._ending = self.loop.create_task(self._stop_and_dismiss())

    async def _stop_and_dismiss(self) -> None:
        await self._stop()
        await self._lifetime.dismiss()

    async def _stop(self) -> None:
        self._is_ending = True  # by whom it is: the timer, or the event loop's end
        self._cancel_timer()
        self._of_loops.pop(self.loop, None)
        await in_thread(self.engine.stop)
        self.reader.close()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # Of event loops that were closed without their asynchronous generators' shutdown.
    @classmethod
    def _stop_forgotten(cls) -> None:
        for loop, dialing in list(cls._of_loops.items()):
            if loop.is_closed():
                del cls._of_loops[loop]
                dialing.engine.stop()
                dialing.reader.close()


class Dial:
    """One dialer: its connections, one after the other."""

    def __init__(
        self,
        dialing: Dialing,
        urls: Sequence[str],
        make_connection: Callable[[Dial, Peer, str], Connection],
        options: Dict[str, Any],
    ) -> None:
        self._dialing = dialing
        self._loop = dialing.loop
        self._make_connection = make_connection
        self._url = ""
        self._newest: Optional[Connection] = None
        self._given_up: Optional[DialerEvent] = None
        self._waiter: Optional[asyncio.Future[None]] = None
        self._is_ending = False
        self._dialer = Dialer(dialing.engine, urls, on_state=self._on_state, **options)
        dialing.acquire()
        self._dialer.start()

    async def next(self) -> Connection:
        """The newest connection that was not returned before, which may have ended meanwhile;
        raises ConnectError when the dialer has given up."""
        while True:
            newest, self._newest = self._newest, None
            if newest is not None:
                return newest
            if self._given_up is not None:
                raise connect_error(self._given_up)
            self._waiter = self._loop.create_future()
            await self._waiter

    def end(self) -> None:
        """Closes what there is of it, and tries no more."""
        if not self._is_ending:
            self._is_ending = True
            self._dialer.stop()

    def on_open(self, peer: Peer) -> Optional[Connection]:
        if self._is_ending:
            peer.close(1001)
            return None
        self._newest = self._make_connection(self, peer, self._url)
        self._wake()
        return self._newest

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # On the engine's thread.
    def _on_state(self, dialer: Dialer, event: DialerEvent) -> None:
        if event.state is DialerState.CONNECTED:
            self._url = event.url
            self._dialing.expect(event.connection_id, self)
        elif event.state is DialerState.IDLE or event.has_given_up:
            with suppress(RuntimeError):  # the event loop is closed
                self._loop.call_soon_threadsafe(self._on_stopped, event)

    def _on_stopped(self, event: DialerEvent) -> None:
        if event.state is DialerState.IDLE:
            self._is_ending = True
            self._dialer.close()
            self._dialing.release()
        self._given_up = event
        self._wake()
