"""What the engine's error numbers are in Python: one class each, in the header's three ranges."""

from __future__ import annotations

import errno as _errno
from typing import Dict, Type

__all__ = [
    "Error",
    "CallError",
    "InvalidArgumentError",
    "InvalidOptionError",
    "WrongStateError",
    "InCallbackError",
    "VersionError",
    "SystemRefusedError",
    "AddressInUseError",
    "AddressUnavailableError",
    "PermissionRefusedError",
    "DescriptorLimitError",
    "OutOfMemoryError",
    "EventLoopError",
    "SystemFailureError",
    "ConnectionStateError",
    "GoneError",
    "ClosingError",
    "BackpressureError",
    "TooBigError",
    "NotFoundError",
    "LimitError",
    "LateError",
]


class Error(Exception):
    """Whatever the engine refuses. ``code`` is its number in ``wsecho.h``."""

    code: int = 0


class CallError(Error):
    """The call is wrong (-1 to -99)."""


class InvalidArgumentError(CallError, ValueError):
    """A number out of range, a reason too long."""

    code = -1


class InvalidOptionError(CallError, ValueError):
    """The message names the option."""

    code = -2


class WrongStateError(CallError, RuntimeError):
    """Not in this order: started twice, drained before the start; or after a fork."""

    code = -3


class InCallbackError(CallError, RuntimeError):
    """It may not be called from a callback of this server."""

    code = -4


class VersionError(CallError, RuntimeError):
    """The library that was found is older than this module."""

    code = -5


class SystemRefusedError(Error, OSError):
    """The system refuses (-100 to -199). ``errno`` is set where there is a number for it."""

    _errno: int = 0

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        if self._errno:
            self.errno = self._errno


class AddressInUseError(SystemRefusedError):
    """Something else listens there."""

    code = -100
    _errno = _errno.EADDRINUSE


class AddressUnavailableError(SystemRefusedError):
    """There is no such host, address or directory here."""

    code = -101
    _errno = _errno.EADDRNOTAVAIL


class PermissionRefusedError(SystemRefusedError, PermissionError):
    """For example a port below 1024."""

    code = -102
    _errno = _errno.EACCES


class DescriptorLimitError(SystemRefusedError):
    """The message names the limit and what is needed."""

    code = -103
    _errno = _errno.EMFILE


class OutOfMemoryError(SystemRefusedError):
    """There was no memory for it."""

    code = -104
    _errno = _errno.ENOMEM


class EventLoopError(SystemRefusedError):
    """libwebsockets or libuv makes none."""

    code = -105


class SystemFailureError(SystemRefusedError):
    """A system call failed; the message says which and why."""

    code = -106


class ConnectionStateError(Error):
    """A connection, or a channel, cannot do it (-200 to -299)."""


class GoneError(ConnectionStateError):
    """There is no such connection, any more or yet."""

    code = -200


class ClosingError(ConnectionStateError):
    """Its close has begun: nothing more is sent."""

    code = -201


class BackpressureError(ConnectionStateError):
    """Its queue is full: nothing of the message was sent."""

    code = -202


class TooBigError(ConnectionStateError, ValueError):
    """A message that ``max_queued_bytes`` can never hold."""

    code = -203


class NotFoundError(ConnectionStateError, LookupError):
    """No such header or path, no member of the channel."""

    code = -204


class LimitError(ConnectionStateError):
    """As many as the options allow are there already."""

    code = -205


class LateError(ConnectionStateError):
    """The message's lifetime is over: it was not sent."""

    code = -206


_by_code: Dict[int, Type[Error]] = {
    value.code: value
    for value in list(globals().values())
    if isinstance(value, type) and issubclass(value, Error) and value.code
}
