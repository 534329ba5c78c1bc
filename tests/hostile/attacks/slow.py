"""Attackers that have much sent to them and take little of it."""

from __future__ import annotations

import asyncio
import contextlib

from .attack import BOMB_MS, Attack
from .bombs import bomb_of
from .frames import BINARY, DEFLATE_REQUEST, KIB, MIB, PING, TEXT, filled, frame
from .link import Link

SMALL_BUFFER = 4096


async def never_reads(link: Link) -> None:
    """Has much sent to it that it never takes."""
    await link.open(reads=False, receive_buffer=SMALL_BUFFER)
    await link.send_for_ever(frame(BINARY, bytes(64 * KIB)))


async def never_reads_pings(link: Link) -> None:
    """Takes no echo but goes on sending small messages."""
    await link.open(reads=False, receive_buffer=SMALL_BUFFER)
    await link.send_for_ever(frame(TEXT, b"a" * 100) * 1000)


async def never_reads_pongs(link: Link) -> None:
    await link.open(reads=False, receive_buffer=SMALL_BUFFER)
    await link.send_for_ever(filled(frame(PING, bytes(125))))


async def never_reads_bombs(link: Link) -> None:
    """A KiB sent has a MiB wait for this peer."""
    await link.open(DEFLATE_REQUEST, reads=False, receive_buffer=SMALL_BUFFER)
    await link.send_for_ever(frame(BINARY, bomb_of(MIB), compressed=True))


async def reads_bytes(link: Link) -> None:
    """Takes its echoes, a byte at a time."""
    await link.open(reads=False, receive_buffer=SMALL_BUFFER)
    assert link.socket is not None

    async def read() -> None:
        with contextlib.suppress(OSError):
            while await link.loop.sock_recv(link.socket, 1):
                await asyncio.sleep(0.05)

    reading = asyncio.ensure_future(read())
    try:
        await link.send_for_ever(frame(BINARY, bytes(64 * KIB)))
    finally:
        reading.cancel()


QUEUES = "`send_timeout_ms` (cause slow consumer), `max_queued_bytes`, `max_queued_bytes_total`"

ATTACKS = (
    Attack("never-read", "peers that send 64 KiB messages and read no echo", never_reads,
           QUEUES),
    Attack("never-read-small", "peers that send small messages and read no echo",
           never_reads_pings, QUEUES),
    Attack("never-read-pongs", "peers that send pings and read no pong", never_reads_pongs, QUEUES),
    Attack("never-read-bombs", "peers whose KiB inflates to a MiB of echo that they never read",
           never_reads_bombs, QUEUES, needs_deflate=True, p99_above_rest_ms=BOMB_MS),
    Attack("read-a-byte", "peers that read their echoes a byte at a time", reads_bytes, QUEUES),
)
