"""A message to many connections, of one server or of several."""

from __future__ import annotations

from typing import Iterable, List

from .._wsecho import PreparedMessage
from ..errors import ClosingError, Error, GoneError
from .connection import Connection, Sendable

__all__ = ["broadcast"]


def broadcast(
    connections: Iterable[Connection], message: Sendable, raise_exceptions: bool = False
) -> None:
    """Sends a message to many, without waiting for any: encoded once. Who is closing, or reads too
    slowly, does not get it; with raise_exceptions an ExceptionGroup tells of the latter, where
    Python has it (3.11). For all connections of a server: Server.broadcast()."""
    prepared = message if isinstance(message, PreparedMessage) else PreparedMessage(message)
    failures: List[Error] = []
    for connection in connections:
        try:
            connection.peer.send(prepared)
        except (ClosingError, GoneError):
            pass
        except Error as error:
            failures.append(error)
    if failures and raise_exceptions:
        raise ExceptionGroup("the message did not reach all", failures)  # noqa: F821
