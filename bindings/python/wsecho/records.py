"""What the engine tells in structs: named tuples, whose fields are those of ``wsecho.h``."""

from __future__ import annotations

from typing import Dict, NamedTuple

from .constants import CloseCause, DialerState, DialFailure, Initiator, Refusal

__all__ = ["CloseEvent", "DialerEvent", "DrainReport", "Missed", "RoundTrips", "Statistics"]


class CloseEvent(NamedTuple):
    """How a connection ended, and its last numbers."""

    #: Of the close frame that began the close; 1005: it had none; 1006: there was no frame.
    code: int
    #: The frame's.
    reason: str
    cause: CloseCause
    initiator: Initiator
    #: Since the open callback.
    age_ms: int
    messages_received: int
    messages_sent: int
    bytes_received: int
    #: What the kernel took.
    bytes_sent: int
    #: Waited for this peer when it ended, frame headers included.
    bytes_unsent: int
    #: Smoothed; 0: no ping was answered.
    round_trip_ns: int


class Statistics(NamedTuple):
    """What a server, or one of its loops, has counted."""

    #: Open now.
    connections: int
    #: Ever opened.
    connections_total: int
    messages_received: int
    #: Accepted to be sent; a broadcast counts once for each peer.
    messages_sent: int
    #: From the sockets, handshakes and frame headers included.
    bytes_received: int
    bytes_sent: int
    #: Waiting now.
    bytes_queued: int
    #: By a full queue, or unsent when their connection ended.
    messages_refused: int
    #: Not Python's: those go to ``on_error``.
    callback_failures: int
    closes: Dict[CloseCause, int]
    refusals: Dict[Refusal, int]
    #: By ``BackpressurePolicy.DROP_OLDEST``.
    messages_dropped: int
    #: By a newer one with their key.
    messages_replaced: int
    #: Their lifetime was over before they left.
    messages_late: int
    #: Times that ``on_watermark`` was told of a high one.
    high_watermarks: int
    #: Times that a connection was not read from for its rates.
    rate_pauses: int
    #: Connections that were closed for them.
    rate_closes: int


class RoundTrips(NamedTuple):
    """Of the answers to a connection's pings."""

    last_ns: int
    #: RFC 6298, section 2.
    smoothed_ns: int
    #: RFC 6298, section 2: how far answers are from it on average.
    variation_ns: int
    minimum_ns: int


class DrainReport(NamedTuple):
    """How many of the connections ended which way."""

    #: Open at the begin: the sum of the four that follow.
    connections: int
    #: By a close frame, and all that was sent to them had left.
    answered: int
    #: Before they were told, or were closing at the begin.
    left: int
    #: Told, and gone without an answer.
    broken: int
    #: Cut off, at the deadline or by a stop.
    forced: int
    #: Waited for those that were cut off, frame headers included.
    bytes_unsent: int


class Missed(NamedTuple):
    """What a peer had missed when it joined a channel."""

    #: Of the channel's numbers; never 0.
    epoch: int
    #: The last number so far: what comes next has the one behind it.
    newest: int
    #: Of those that are sent now, up to the newest; none: newest + 1.
    first: int
    #: Is nothing missing between the number given and the first?
    is_complete: bool


class DialerEvent(NamedTuple):
    """A change of the state of one of a dialer's connections."""

    #: That it is in now.
    state: DialerState
    #: Which of the dialer's connections, from 0.
    connection_index: int
    #: Connected: its id. Disconnected: of the connection that was lost. Else 0.
    connection_id: int
    #: Of the endpoint in hand, or of the next; without its credentials.
    url: str
    #: Of Disconnected, as all that follows.
    failure: DialFailure
    #: Of the answer; 0: there was none.
    http_status: int
    #: In words.
    detail: str
    #: In a row.
    failed_attempts: int
    #: It will not try again by itself.
    has_given_up: bool
    #: Until the next attempt.
    wait_ms: int
