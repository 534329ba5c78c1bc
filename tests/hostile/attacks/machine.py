"""Attacks that meet a machine in need: no descriptors, tiny buffers, no room for logs, a stopped
process, a clock that jumps, a network that loses packets. environment.py makes it so."""

from __future__ import annotations

import math

from .attack import Attack
from .floods import LARGE_MESSAGE, flood
from .frames import BINARY, KIB, TEXT, filled, frame
from .handshakes import silent_socket
from .link import Link

DESCRIPTORS = 264
"""Room for the good peers and a few more."""


async def hold_open(link: Link) -> None:
    await link.open()
    await link.wait()


async def echo_and_read(link: Link) -> None:
    await link.open()
    await link.send_for_ever(filled(frame(BINARY, bytes(64 * KIB))))


async def chat(link: Link) -> None:
    """A message a pass, as well-behaved peers would."""
    await link.open()
    await link.send_for_ever(frame(TEXT, bytes(1000)))


VERBOSE = ("--verbose",)
PATIENT = ("--heartbeat-interval", "1", "--heartbeat-timeout", "1")

ATTACKS = (
    Attack("descriptors", "more peers than the server has descriptors", hold_open,
           "`max_connections`; accepting pauses at EMFILE", connections=5,
           descriptors=DESCRIPTORS, newcomers_get_in=False),
    Attack("descriptors-silent", "more silent sockets than the server has descriptors",
           silent_socket, "`max_pending_handshakes`", connections=5, descriptors=DESCRIPTORS),
    Attack("tiny-buffers", "1 MiB messages through socket buffers of 4 KiB",
           flood(LARGE_MESSAGE), "the work budget of a pass", environment="tiny-buffers"),
    Attack("stopped-peers", "peers that are stopped (SIGSTOP) in the middle of a flood",
           echo_and_read, "`send_timeout_ms`, `max_queued_bytes`", environment="stopped-peers"),
    Attack("stopped-server", "the server is stopped (SIGSTOP) for 3 s, with heartbeats of 1 s",
           chat, "what has come is read before a heartbeat is missed",
           p99_above_rest_ms=math.inf, server_options=PATIENT, environment="stopped-server"),
    Attack("clock-jumps", "the wall clock jumps by a day, forth and back, ten times a second",
           chat, "time is read from the monotonic clock", server_options=PATIENT,
           environment="clock-jumps"),
    Attack("full-disk", "descriptors run out, each time with a line for the log on a full disk",
           hold_open, "a bound on log lines; what cannot be written is dropped", connections=5,
           descriptors=DESCRIPTORS, server_options=VERBOSE, environment="full-disk",
           newcomers_get_in=False),
    Attack("unread-log", "descriptors run out, each time with a line for a log that nobody reads",
           hold_open, "a bound on log lines", connections=5, descriptors=DESCRIPTORS,
           server_options=VERBOSE, environment="unread-log", newcomers_get_in=False),
    Attack("bad-network", "a flood through a network that loses, delays and reorders packets",
           echo_and_read, "the kernel's TCP; `send_timeout_ms`", environment="bad-network"),
)
