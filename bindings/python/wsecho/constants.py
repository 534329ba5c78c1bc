"""The numbers of ``wsecho.h``, as enumerations."""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "BackpressurePolicy",
    "CloseCause",
    "ConnectionState",
    "DialFailure",
    "DialerState",
    "EventType",
    "Initiator",
    "LogLevel",
    "ProxyHeader",
    "RatePolicy",
    "Refusal",
]


class LogLevel(IntEnum):
    """Of what the callback ``log`` is told."""

    ERROR = 0
    WARNING = 1
    INFO = 2
    DEBUG = 3


class ProxyHeader(IntEnum):
    """How proxies tell where a connection comes from (``proxy_header``)."""

    NONE = 0
    X_FORWARDED_FOR = 1
    FORWARDED = 2
    PROTOCOL = 3


class BackpressurePolicy(IntEnum):
    """What becomes of a message for which a peer's queue has no room."""

    REFUSE = 0
    DROP_OLDEST = 1
    CLOSE = 2


class RatePolicy(IntEnum):
    """What becomes of a connection that sends more than its rates allow."""

    SLOW = 0
    CLOSE = 1


class CloseCause(IntEnum):
    """Why a connection ended."""

    PEER = 0
    LOCAL = 1
    HEARTBEAT = 2
    IDLE = 3
    TOO_BIG = 4
    SLOW_CONSUMER = 5
    PROTOCOL = 6
    TLS = 7
    TCP = 8
    LIMIT = 9
    DRAIN = 10
    MEMORY = 11


class Initiator(IntEnum):
    """Who began a close."""

    LOCAL = 0
    PEER = 1


class ConnectionState(IntEnum):
    """Where a connection is in its life."""

    GONE = 0
    OPEN = 2
    CLOSING = 3
    CLOSED = 4
    ASKING = 5


class EventType(IntEnum):
    """What :meth:`EventQueue.take` tells of."""

    OPEN = 1
    MESSAGE = 2
    CLOSE = 3
    HEARTBEAT = 4
    WATERMARK = 5


class DialerState(IntEnum):
    """Where a dialer's connection is."""

    IDLE = 0
    CONNECTING = 1
    CONNECTED = 2
    DISCONNECTED = 3


class DialFailure(IntEnum):
    """Why an attempt to connect failed."""

    OK = 0
    RESOLVE = 1
    CONNECT = 2
    TIMEOUT = 3
    PROXY = 4
    TLS = 5
    CERTIFICATE = 6
    STATUS = 7
    ANSWER = 8
    LOST = 9
    LIMIT = 10


class Refusal(IntEnum):
    """Why handshakes were refused: the keys of ``Statistics.refusals``."""

    BAD_REQUEST = 0
    NOT_FOUND = 1
    METHOD = 2
    TIMEOUT = 3
    UPGRADE_REQUIRED = 4
    TOO_LARGE = 5
    LIMIT = 6
    DISCONNECTED = 7
    ORIGIN = 8
    REJECTED = 9
    ADDRESS = 10
    HOST = 11
