"""Compressed data that inflates to far more than was sent, or costs without inflating."""

from __future__ import annotations

from .attack import BOMB_MS, Attack, Behaviour
from .frames import (BINARY, CONTINUATION, DEFLATE_REQUEST, EMPTY_STORED_BLOCK, KIB, MIB, TEXT,
                     deflated, deflated_zeros, filled, frame)
from .link import Link

ONE_BOMB = deflated_zeros(MIB)
LARGE_BOMB = deflated_zeros(256 * MIB)
SMALL_BOMB = deflated(bytes(4000))
INCOMPRESSIBLE_BLOCKS = filled(EMPTY_STORED_BLOCK, 100 * KIB)


def bombs(load: bytes) -> Behaviour:
    async def behave(link: Link) -> None:
        await link.open(DEFLATE_REQUEST)
        await link.send_for_ever(load)
    return behave


def in_fragments(compressed: bytes, size: int) -> bytes:
    pieces = [compressed[begin:begin + size] for begin in range(0, len(compressed), size)]
    first = frame(BINARY, pieces[0], final=False, compressed=True)
    middle = [frame(CONTINUATION, piece, final=False) for piece in pieces[1:]]
    return b"".join([first, *middle, frame(CONTINUATION)])


async def unfinished(link: Link) -> None:
    """Inflates to just below the longest message, and never ends it."""
    await link.open(DEFLATE_REQUEST)
    await link.send(frame(BINARY, deflated_zeros(MIB - 4 * KIB), final=False, compressed=True))
    await link.wait()


def invalid(load: bytes) -> Behaviour:
    async def behave(link: Link) -> None:
        await link.open(DEFLATE_REQUEST)
        await link.send(load)
        await link.wait()
    return behave


def bomb(name: str, about: str, behaviour: Behaviour, bound: str) -> Attack:
    return Attack(name, about, behaviour, bound, needs_deflate=True, p99_above_rest_ms=BOMB_MS)


BUDGET = "the work budget of a pass, which counts inflated bytes; `max_bytes_per_second`"

ATTACKS = (
    bomb("bomb", "messages of 1 KiB that inflate to 1 MiB",
         bombs(filled(frame(BINARY, ONE_BOMB, compressed=True))), BUDGET),
    bomb("bomb-too-big", "messages of 256 KiB that would inflate to 256 MiB",
         bombs(frame(BINARY, LARGE_BOMB, compressed=True)), "`max_message_bytes` (1009)"),
    bomb("bomb-small", "messages of 20 bytes that inflate to 4,000",
         bombs(filled(frame(BINARY, SMALL_BOMB, compressed=True))), BUDGET),
    bomb("bomb-fragments", "the same MiB, its compressed bytes in fragments of one byte",
         bombs(filled(in_fragments(ONE_BOMB, 1))), BUDGET),
    bomb("bomb-unfinished", "a message that inflates to 1 MiB and never ends", unfinished,
         "`max_message_bytes`, `max_receiving_bytes_total`"),
    bomb("empty-blocks", "compressed messages of empty stored blocks: work without output",
         bombs(filled(frame(BINARY, INCOMPRESSIBLE_BLOCKS, compressed=True))),
         "the work budget of a pass, which counts what is read, too"),
    bomb("bomb-invalid", "compressed text that turns out not to be UTF-8",
         invalid(frame(TEXT, deflated(bytes(MIB - 10) + b"\xff"), compressed=True)),
         "1007; decompressors are reset before they are used again"),
)
