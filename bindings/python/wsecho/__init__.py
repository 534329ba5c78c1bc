"""wsecho: an embeddable WebSocket engine.

    import wsecho

    def on_message(connection, message):
        connection.send(message)

    with wsecho.Server(port=9001, on_message=on_message) as server:
        server.wait()
"""

from __future__ import annotations

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
)

__all__ = [
    "Connection",
    "Dialer",
    "EventQueue",
    "Handshake",
    "PreparedMessage",
    "Server",
    "__version__",
    *_constants.__all__,
    *_errors.__all__,
    *_records.__all__,
]
