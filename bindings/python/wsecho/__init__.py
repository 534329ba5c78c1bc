"""wsecho: an embeddable WebSocket engine.

    import wsecho

    def on_message(connection, message):
        connection.send(message)

    with wsecho.Server(port=9001, on_message=on_message) as server:
        server.wait()

For coroutines: ``wsecho.serve()`` and ``wsecho.connect()``, of ``wsecho.aio``.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING

from . import constants as _constants
from . import errors as _errors
from . import records as _records
from .constants import *  # noqa: F403
from .errors import *  # noqa: F403
from .records import *  # noqa: F403
from ._wsecho import (
    Connection,
    Dialer,
    EventQueue,
    Handshake,
    PreparedMessage,
    Server,
    __version__,
    _check_interpreter,
)

_check_interpreter()

if _TYPE_CHECKING:
    from . import bench as bench
    from .aio import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK, connect, serve

__all__ = [
    "Connection",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "Dialer",
    "EventQueue",
    "Handshake",
    "PreparedMessage",
    "Server",
    "__version__",
    "connect",
    "serve",
    *_constants.__all__,
    *_errors.__all__,
    *_records.__all__,
]

_OF_AIO = frozenset({"ConnectionClosed", "ConnectionClosedError", "ConnectionClosedOK", "connect", "serve"})

if not _TYPE_CHECKING:
    # Who has no use for asyncio, or for the load generator, does not wait for it to load.
    def __getattr__(name):
        if name in ("aio", "bench"):
            return _import_module(f".{name}", __name__)
        if name in _OF_AIO:
            return getattr(_import_module(".aio", __name__), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
