"""Attackers that send as fast as they can what costs the server more than them."""

from __future__ import annotations

from .attack import Attack
from .frames import BINARY, CONTINUATION, KIB, MIB, PING, PONG, TEXT, filled, frame
from .link import Link

PINGS = filled(frame(PING))
LONG_PINGS = filled(frame(PING, bytes(125)))
PONGS = filled(frame(PONG))
ONE_BYTE_TEXTS = filled(frame(TEXT, b"a"))
EMPTY_TEXTS = filled(frame(TEXT))
TINY_FRAGMENTS = filled(frame(CONTINUATION, b"a", final=False), 256 * KIB)
EMPTY_FRAGMENTS = filled(frame(CONTINUATION, final=False))
FRAGMENTED_TEXT = filled(frame(TEXT, b"a", final=False) + frame(CONTINUATION, b"a"))
LARGE_MESSAGE = frame(BINARY, bytes(MIB))
MANY_BYTE_CHARACTERS = frame(TEXT, "€".encode() * (300 * KIB))


def flood(load: bytes):
    async def behave(link: Link) -> None:
        await link.open()
        await link.send_for_ever(load)
    return behave


async def tiny_fragments(link: Link) -> None:
    """Messages of many fragments of one byte, each message shorter than the server's bound."""
    await link.open()
    message = frame(TEXT, b"a", final=False) + TINY_FRAGMENTS + frame(CONTINUATION, b"a")
    await link.send_for_ever(message)


async def empty_fragments(link: Link) -> None:
    """One message that never grows and never ends."""
    await link.open()
    await link.send(frame(TEXT, final=False))
    await link.send_for_ever(EMPTY_FRAGMENTS)


PASS_BUDGET = "the work budget of a pass; `max_messages_per_second`"

ATTACKS = (
    Attack("pings", "pings without a payload", flood(PINGS), PASS_BUDGET),
    Attack("long-pings", "pings of 125 bytes", flood(LONG_PINGS), PASS_BUDGET),
    Attack("pongs", "pongs that nobody asked for", flood(PONGS), PASS_BUDGET),
    Attack("one-byte-texts", "messages of one byte", flood(ONE_BYTE_TEXTS), PASS_BUDGET),
    Attack("empty-texts", "messages without a byte", flood(EMPTY_TEXTS), PASS_BUDGET),
    Attack("two-fragments", "messages of two fragments of one byte", flood(FRAGMENTED_TEXT),
           PASS_BUDGET),
    Attack("tiny-fragments", "messages in fragments of one byte", tiny_fragments, PASS_BUDGET),
    Attack("empty-fragments", "a message of empty fragments that never ends", empty_fragments,
           PASS_BUDGET),
    Attack("large-messages", "messages of 1 MiB, echoes read", flood(LARGE_MESSAGE),
           "the work budget of a pass; `max_message_bytes`, `max_bytes_per_second`"),
    Attack("large-texts", "texts of 900 KiB that are not ASCII, echoes read",
           flood(MANY_BYTE_CHARACTERS),
           "the work budget of a pass; `max_message_bytes`, `max_bytes_per_second`"),
)
