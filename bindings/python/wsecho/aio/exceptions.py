"""What awaiting a connection raises beside the engine's errors."""

from __future__ import annotations

from typing import Optional

from ..records import CloseEvent, DialerEvent
from ..constants import DialFailure
from ..errors import ConnectionStateError, Error

__all__ = [
    "ConcurrencyError",
    "ConnectError",
    "ConnectTimeoutError",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "InvalidStatus",
    "NegotiationError",
]

# Normal closure, going away, and a close frame without a code (RFC 6455, section 7.4.1).
_OK_CODES = frozenset({1000, 1001, 1005})


class ConnectionClosed(ConnectionStateError):
    """The connection has ended. ``code`` and ``reason`` are those of the close frame; 1005: it had
    no code; 1006: there was no frame. ``event`` tells the cause, and what was received and sent."""

    def __init__(self, event: CloseEvent) -> None:
        self.code = event.code
        self.reason = event.reason
        self.event = event
        super().__init__(f"{event.code} {event.reason}".rstrip())


class ConnectionClosedOK(ConnectionClosed):
    """As intended: 1000, 1001, or a close frame without a code."""


class ConnectionClosedError(ConnectionClosed):
    """By an error of either side, or without a close frame."""


class ConcurrencyError(RuntimeError):
    """Two coroutines wait for the same connection's messages."""


class NegotiationError(Error):
    """For ``select_subprotocol`` to raise: the handshake is refused with 400."""


class ConnectError(Error, ConnectionError):
    """A connection could not be made: ``failure``, ``url``, and ``attempts`` in a row."""

    def __init__(self, event: DialerEvent) -> None:
        super().__init__(event.detail or event.failure.name.lower())
        self.failure = event.failure
        self.url = event.url
        self.attempts = event.failed_attempts


class InvalidStatus(ConnectError):
    """The server answered with an HTTP status other than 101: ``status_code``."""

    def __init__(self, event: DialerEvent) -> None:
        super().__init__(event)
        self.status_code = event.http_status


class ConnectTimeoutError(ConnectError, TimeoutError):
    """``connect_timeout_ms`` was over."""


def connection_closed(event: CloseEvent) -> ConnectionClosed:
    return ConnectionClosedOK(event) if event.code in _OK_CODES else ConnectionClosedError(event)


def connect_error(event: DialerEvent) -> ConnectError:
    kinds = {
        DialFailure.STATUS: InvalidStatus,
        DialFailure.TIMEOUT: ConnectTimeoutError,
    }
    return kinds.get(event.failure, ConnectError)(event)
