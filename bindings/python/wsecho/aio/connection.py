"""A connection, as coroutines have it."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, Awaitable, Callable, Deque, Dict, List, Optional, TypeVar, Union

from .._wsecho import PreparedMessage
from .._wsecho import Connection as Peer
from ..constants import BackpressurePolicy, ConnectionState
from ..errors import BackpressureError, ClosingError, ConnectionStateError, GoneError
from ..records import CloseEvent, Missed
from .address import Address, address_of
from .exceptions import ConcurrencyError, ConnectionClosedOK, connection_closed
from .flow import NEVER, Congestion, Limits
from .http import Request

__all__ = ["Connection"]

Message = Union[str, bytes]
Sendable = Union[str, bytes, bytearray, memoryview, PreparedMessage]
Self = TypeVar("Self", bound="Connection")

_MOMENT = 0.001


class Connection:
    """One peer. Its coroutines are for the event loop that it was made in.

    ``async for message in connection`` ends with the connection, and raises
    :exc:`ConnectionClosedError` where that ended by an error.
    """

    __slots__ = (
        "request",
        "remote_address",
        "subprotocol",
        "_loop",
        "_limits",
        "_peer",
        "_send",
        # Received, and waited for.
        "_receiver",
        "_messages",
        "_unread_bytes",
        "_pause_at",
        "_is_paused",
        # Sent.
        "_high",
        "_unseen",
        "_congestion",
        # The end.
        "_is_closing",
        "_close_event",
        "_closed",
        "_pings",
        "_latency",
        "__dict__",
        "__weakref__",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        limits: Limits,
        request: Request,
        remote_address: str = "",
    ) -> None:
        #: What the client asked for.
        self.request = request
        #: The peer's, a pair of its host and its port; ``"unix"`` by a Unix socket.
        self.remote_address = address_of(remote_address)
        #: The one that both sides agreed on.
        self.subprotocol: Optional[str] = None
        self._loop = loop
        self._limits = limits
        self._peer: Optional[Peer] = None
        self._send: Callable[[Sendable], None] = _refuse
        self._receiver: Optional[asyncio.Future[Message]] = None
        self._messages: Deque[Message] = deque()
        self._unread_bytes = 0
        self._pause_at = limits.max_queue
        self._is_paused = False
        self._high = limits.watermarks.high or NEVER
        self._unseen = 0
        self._congestion: Optional[Congestion] = None
        self._is_closing = False
        self._close_event: Optional[CloseEvent] = None
        self._closed: Optional[asyncio.Future[None]] = None
        self._pings: List[asyncio.Future[float]] = []
        self._latency = 0.0

    # --- Receiving ---

    def __aiter__(self: Self) -> Self:
        return self

    async def __anext__(self) -> Message:
        if self._messages:
            return self._next_kept()
        if self._receiver is not None or self._close_event is not None:
            self._refuse_iteration()
        receiver: asyncio.Future[Message] = self._loop.create_future()
        self._receiver = receiver
        try:
            return await receiver
        except ConnectionClosedOK:
            raise StopAsyncIteration from None
        except asyncio.CancelledError:
            self._take_back(receiver)
            raise

    async def recv(self, decode: Optional[bool] = None) -> Message:
        """The next message. It may be cancelled, and loses none.

        decode: True: as str, whatever it came as; False: as bytes.
        """
        if self._messages:
            message = self._next_kept()
        else:
            self._check_receivable()
            receiver = self._receiver = self._loop.create_future()
            try:
                message = await receiver
            except asyncio.CancelledError:
                self._take_back(receiver)
                raise
        return message if decode is None else _as_wanted(message, decode)

    def _check_receivable(self) -> None:
        if self._receiver is not None:
            raise ConcurrencyError("another coroutine waits for this connection's messages")
        if self._close_event is not None:
            raise connection_closed(self._close_event)

    def _refuse_iteration(self) -> None:
        try:
            self._check_receivable()
        except ConnectionClosedOK:
            raise StopAsyncIteration from None

    # It may be cancelled between the message's coming and its turn.
    def _take_back(self, receiver: asyncio.Future[Message]) -> None:
        if self._receiver is receiver:
            self._receiver = None
        elif not receiver.cancelled() and receiver.exception() is None:
            message = receiver.result()
            self._messages.appendleft(message)
            self._unread_bytes += len(message)

    def _next_kept(self) -> Message:
        message = self._messages.popleft()
        self._unread_bytes -= len(message)
        if self._is_paused and len(self._messages) <= self._limits.max_queue // 4:
            self._is_paused = False
            self._pause_at = self._limits.max_queue
            with suppress(ConnectionStateError):
                self.peer.resume_reading()
        return message

    # Of a message that nobody waits for. It is paused again by those that come all the same: they
    # were read already, or the engine's queue has resumed it.
    def _keep(self, message: Message) -> None:
        if self._is_closing:
            return
        self._messages.append(message)
        self._unread_bytes += len(message)
        if (
            len(self._messages) < self._pause_at
            and self._unread_bytes < self._limits.max_queue_bytes
        ):
            return
        self._pause_at = len(self._messages) + self._limits.max_queue
        self._is_paused = True
        with suppress(ConnectionStateError):
            self.peer.pause_reading()

    # --- Sending ---

    async def send(
        self,
        message: Sendable,
        text: Optional[bool] = None,
        *,
        key: int = 0,
        lifetime_ms: int = 0,
    ) -> None:
        """Sends a message: str as text, bytes-like objects as binary, or a PreparedMessage. Where
        too much waits for the peer, it waits, too.

        text: True or False: whatever its type is. key, lifetime_ms: as of PreparedMessage.
        """
        if self._congestion is not None or text is not None or key or lifetime_ms:
            return await self._send_patiently(message, _terms(text, key, lifetime_ms))
        try:
            self._send(message)
        except ConnectionStateError:
            return await self._send_patiently(message, {})
        self._unseen += len(message)
        if self._unseen >= self._high:
            await self._look_at_queue()

    async def _send_patiently(self, message: Sendable, terms: Dict[str, Any]) -> None:
        while True:
            if self._congestion is not None:
                await self._congestion.wait()
            try:
                if self._is_closing:
                    _refuse(message)
                self.peer.send(message, **terms)
                break
            except BackpressureError:
                if not self._limits.watermarks.high:
                    raise
                if self._high == NEVER:
                    await asyncio.sleep(_MOMENT)  # the engine's thread makes room, or closes it
                else:
                    self._begin_congestion()
            except (ClosingError, GoneError):
                await self.wait_closed()
                assert self._close_event is not None
                raise connection_closed(self._close_event) from None
        self._unseen += len(message)
        if self._unseen >= self._high:
            await self._look_at_queue()

    # What has been sent since the last look may have left long ago.
    async def _look_at_queue(self) -> None:
        self._unseen = self.peer.queued_bytes
        if self._unseen >= self._high:
            await self._begin_congestion().wait()

    def _begin_congestion(self) -> Congestion:
        if self._congestion is None:
            self._congestion = Congestion(
                self._loop, self.peer, self._limits.watermarks.low, self._end_congestion
            )
        return self._congestion

    def _end_congestion(self) -> None:
        self._congestion = None
        self._unseen = self._limits.watermarks.low

    def _on_watermark(self, is_high: bool, queued_bytes: int) -> None:
        if self._high == NEVER:
            return
        if is_high:
            self._begin_congestion().on_watermark(True)
        elif self._congestion is not None:
            self._congestion.on_watermark(False)

    def set_backpressure_policy(self, policy: BackpressurePolicy) -> None:
        """What becomes of messages for which there is no room; from now on. Only where they would be
        refused (BackpressurePolicy.REFUSE) does send() wait for the peer."""
        self.peer.set_backpressure_policy(policy)
        self._use_policy(policy)

    def _use_policy(self, policy: int) -> None:
        waits = policy == BackpressurePolicy.REFUSE
        self._high = (self._limits.watermarks.high or NEVER) if waits else NEVER
        if self._congestion is not None and not waits:
            self._congestion.end()

    # --- Channels ---

    async def subscribe(self, channel: str) -> None:
        """Joins a channel, until unsubscribe() or the close."""
        self.peer.subscribe(channel)

    async def subscribe_after(self, channel: str, number: int, epoch: int = 0) -> Missed:
        """As subscribe(), but first the peer gets what was published after a number and is kept."""
        return self.peer.subscribe_after(channel, number, epoch)

    async def unsubscribe(self, channel: str) -> None:
        """Leaves a channel."""
        self.peer.unsubscribe(channel)

    @property
    def channels(self) -> List[str]:
        """The names of the channels that it is in."""
        return self.peer.channels

    # --- The end ---

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Closes the connection, behind all that was sent, and waits for the peer's answer,
        close_timeout_ms at the most. What is closed already is left as it is."""
        self.start_close(code, reason)
        await self.wait_closed()

    def start_close(self, code: int = 1000, reason: str = "") -> None:
        """As close(), without waiting."""
        if self._close_event is None:
            self.peer.close(code, reason)
            self._is_closing = True
            self._send = _refuse  # before the engine's thread has read of it

    async def wait_closed(self) -> None:
        """Waits until it has ended."""
        if self._close_event is not None:
            return
        if self._closed is None:
            self._closed = self._loop.create_future()
        await asyncio.shield(self._closed)

    def _on_close(self, event: CloseEvent) -> None:
        self._close_event = event
        receiver = self._receiver
        if receiver is not None:
            self._receiver = None
            if not receiver.done():
                receiver.set_exception(connection_closed(event))
        if self._congestion is not None:
            self._congestion.end()
        for ping in self._pings:
            if not ping.done():
                ping.set_exception(connection_closed(event))
                ping.exception()  # it may be that nobody waits for it
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)

    @property
    def close_code(self) -> Optional[int]:
        """None while it is open; 1005: the close frame had none; 1006: there was no frame."""
        return None if self._close_event is None else self._close_event.code

    @property
    def close_reason(self) -> Optional[str]:
        return None if self._close_event is None else self._close_event.reason

    @property
    def close_event(self) -> Optional[CloseEvent]:
        """How it ended, and what was received and sent."""
        return self._close_event

    # --- About it ---

    async def ping(self) -> Awaitable[float]:
        """Pings the peer. What it returns can be awaited, too: for the answer, in seconds.

            latency = await (await connection.ping())
        """
        self.peer.ping()
        answer: asyncio.Future[float] = self._loop.create_future()
        self._pings.append(answer)
        return answer

    def _on_heartbeat(self, round_trip_ns: int) -> None:
        self._latency = round_trip_ns / 1e9
        for ping in self._pings:
            if not ping.done():
                ping.set_result(self._latency)
        self._pings.clear()

    @property
    def latency(self) -> float:
        """Of the last ping that was answered, in seconds; 0.0: none was."""
        return self._latency

    @property
    def peer(self) -> Peer:
        """What the callback API has for this connection."""
        if self._peer is None:
            raise GoneError("the handshake is not over")
        return self._peer

    @property
    def id(self) -> int:
        return self.peer.id

    @property
    def state(self) -> ConnectionState:
        return ConnectionState.ASKING if self._peer is None else self._peer.state

    def header(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """A header of the peer's: of a client's request, or of a server's answer."""
        return self.peer.header(name, default)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.remote_address} {self.state.name.lower()}>"

    def _begin(self, peer: Peer) -> None:
        self._peer = peer
        self._send = peer.send


def _refuse(message: Sendable) -> None:
    raise ClosingError("its close has begun")


def _terms(text: Optional[bool], key: int, lifetime_ms: int) -> Dict[str, Any]:
    terms: Dict[str, Any] = {"key": key, "lifetime_ms": lifetime_ms} if key or lifetime_ms else {}
    return terms if text is None else {"text": text, **terms}


def _as_wanted(message: Message, as_text: bool) -> Message:
    if as_text:
        return message if isinstance(message, str) else message.decode()
    return message if isinstance(message, bytes) else message.encode()
