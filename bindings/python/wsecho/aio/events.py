"""The way of the engine's events to the coroutines of an event loop: in batches, through one
descriptor."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Callable, Iterator, Optional, Tuple

from .._wsecho import Connection as Peer
from .._wsecho import EventQueue
from ..constants import EventType

if TYPE_CHECKING:
    from .connection import Connection

_MESSAGE = int(EventType.MESSAGE)
_OPEN = int(EventType.OPEN)
_CLOSE = int(EventType.CLOSE)
_HEARTBEAT = int(EventType.HEARTBEAT)
_WATERMARK = int(EventType.WATERMARK)

# Of all connections together, told by the engine and not yet dealt with: then it reads no more.
_MOST_WAITING_BYTES = 16 << 20

# What other callbacks of the event loop wait for at the most.
_MOST_AT_ONCE = 256


class EventReader:
    """Reads a queue for as long as it is open, on the thread of the event loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_open: Callable[[Peer], Optional[Connection]],
    ) -> None:
        self.queue = EventQueue(max_bytes=_MOST_WAITING_BYTES)
        self._take = self.queue.take
        self._loop = loop
        self._on_open = on_open
        self._is_closed = False
        self._descriptor = self.queue.fileno()
        loop.add_reader(self._descriptor, self._read)

    def close(self) -> None:
        """Those of the events that were told already are still dealt with. Closed twice is closed."""
        if self._is_closed:
            return
        self._is_closed = True
        while self._read():
            pass
        if not self._loop.is_closed():
            self._loop.remove_reader(self._descriptor)
        self.queue.close()

    # What a signal's handler raises in the middle of a batch loses nothing of it.
    def _read(self) -> bool:
        taken = self._take(_MOST_AT_ONCE)
        events = iter(taken)
        try:
            self._deliver(events)
        except BaseException:
            self._loop.call_soon(self._deliver, events)
            raise
        return bool(taken)

    def _deliver(self, events: Iterator[Tuple[int, Peer, Any]]) -> None:
        for kind, peer, value in events:
            connection: Connection = peer.user
            if kind == _MESSAGE and connection is not None:
                receiver = connection._receiver
                if receiver is None:
                    connection._keep(value)
                else:
                    connection._receiver = None
                    try:
                        receiver.set_result(value)
                    except asyncio.InvalidStateError:  # it was cancelled
                        connection._keep(value)
            elif kind == _OPEN:
                peer.user = self._on_open(peer)
            elif connection is None:
                continue  # nobody wanted it
            elif kind == _CLOSE:
                peer.user = None
                connection._on_close(value)
            elif kind == _HEARTBEAT:
                connection._on_heartbeat(value)
            elif kind == _WATERMARK:
                connection._on_watermark(*value)
