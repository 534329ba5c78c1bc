"""The asyncio API: a coroutine for each connection, as users of ``websockets`` know it."""

from __future__ import annotations

from .broadcasting import broadcast
from .client import ClientConnection, connect
from .connection import Connection
from .exceptions import (
    ConcurrencyError,
    ConnectError,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    ConnectTimeoutError,
    InvalidStatus,
    NegotiationError,
)
from .http import Headers, Request, Response
from .server import Server, ServerConnection, serve

__all__ = [
    "ClientConnection",
    "ConcurrencyError",
    "ConnectError",
    "ConnectTimeoutError",
    "Connection",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "Headers",
    "InvalidStatus",
    "NegotiationError",
    "Request",
    "Response",
    "Server",
    "ServerConnection",
    "broadcast",
    "connect",
    "serve",
]
