"""wsecho: an embeddable WebSocket engine.

    import wsecho

    def on_message(connection, message):
        connection.send(message)

    with wsecho.Server(port=9001, on_message=on_message) as server:
        server.wait()
"""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

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

if _typing.TYPE_CHECKING:
    from . import bench as bench
else:
    # The load generator's part is imported when it is asked for: servers do without it.
    def __getattr__(name):
        if name == "bench":
            return _importlib.import_module(".bench", __name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
