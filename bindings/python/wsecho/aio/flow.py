"""How much waits: for a peer that reads too slowly, and for a coroutine that does not receive."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Callable, Deque, Dict, Optional

from .._wsecho import Connection as Peer

__all__ = ["NEVER", "Congestion", "Limits", "Watermarks"]

#: A bound that is not reached.
NEVER = 1 << 62

# The engine tells of what still waits when its loop has written what it could. Until it has told,
# the queue is looked at, seldomer and seldomer.
_FIRST_LOOK = 0.001
_LAST_LOOK = 0.05

_DEFAULT_HIGH = 256 * 1024


class Watermarks:
    """From ``high`` bytes on a sender waits, until no more than ``low`` are left. 0: never."""

    __slots__ = ("high", "low")

    def __init__(self, high: int, low: int) -> None:
        self.high = high
        self.low = low

    @classmethod
    def of(cls, options: Dict[str, Any]) -> Watermarks:
        """As the engine's options have them, which get those that are not there."""
        if options.get("high_watermark_bytes") is None:
            bound = options.get("max_queued_bytes") or _DEFAULT_HIGH
            options["high_watermark_bytes"] = min(_DEFAULT_HIGH, bound)
        if options.get("low_watermark_bytes") is None:
            options["low_watermark_bytes"] = options["high_watermark_bytes"] // 4
        return cls(options["high_watermark_bytes"], options["low_watermark_bytes"])


class Limits:
    """How much a connection keeps for who does not receive, or waits for who does not read."""

    __slots__ = ("max_queue", "max_queue_bytes", "watermarks")

    def __init__(
        self, max_queue: Optional[int], max_queue_bytes: int, watermarks: Watermarks
    ) -> None:
        if max_queue is not None and max_queue < 1:
            raise ValueError("max_queue must be at least 1, or None")
        self.max_queue = NEVER if max_queue is None else max_queue
        self.max_queue_bytes = NEVER if max_queue is None else max_queue_bytes
        self.watermarks = watermarks


class Congestion:
    """From the moment that too much waits for a peer until little enough is left of it."""

    __slots__ = ("_loop", "_peer", "_low", "_on_end", "_waiters", "_timer", "_pause")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        peer: Peer,
        low: int,
        on_end: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._peer = peer
        self._low = low
        self._on_end = on_end
        self._waiters: Deque[asyncio.Future[None]] = deque()
        self._pause = _FIRST_LOOK
        self._timer: Optional[asyncio.TimerHandle] = loop.call_later(self._pause, self._look)

    async def wait(self) -> None:
        waiter = self._loop.create_future()
        self._waiters.append(waiter)
        await waiter

    def on_watermark(self, is_high: bool) -> None:
        if is_high:
            self._stop_looking()
        else:
            self.end()

    def end(self) -> None:
        self._stop_looking()
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()
        self._on_end()

    def _look(self) -> None:
        if self._peer.queued_bytes <= self._low:
            self.end()
        else:
            self._pause = min(self._pause * 2, _LAST_LOOK)
            self._timer = self._loop.call_later(self._pause, self._look)

    def _stop_looking(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
