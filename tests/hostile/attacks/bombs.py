"""Compressed data that inflates to far more than was sent, or costs without inflating."""

from __future__ import annotations

import functools
from typing import Callable

from .attack import BOMB_MS, Attack, Behaviour
from .frames import (BINARY, CONTINUATION, DEFLATE_REQUEST, EMPTY_STORED_BLOCK, KIB, MIB, TEXT,
                     deflated, deflated_zeros, filled, frame)
from .link import Link

SMALL_BOMB = deflated(bytes(4000))
EMPTY_BLOCKS = filled(EMPTY_STORED_BLOCK, 100 * KIB) + b"\0"
"""The zero begins the block that permessage-deflate leaves off."""


@functools.lru_cache(maxsize=None)
def bomb_of(size: int) -> bytes:
    """Made when it is first sent: the larger ones take a second."""
    return deflated_zeros(size)


def bombs(make_load: Callable[[], bytes]) -> Behaviour:
    once = functools.lru_cache(maxsize=None)(make_load)

    async def behave(link: Link) -> None:
        await link.open(DEFLATE_REQUEST)
        await link.send_for_ever(once())
    return behave


def in_fragments(compressed: bytes, size: int) -> bytes:
    pieces = [compressed[begin:begin + size] for begin in range(0, len(compressed), size)]
    first = frame(BINARY, pieces[0], final=False, compressed=True)
    middle = [frame(CONTINUATION, piece, final=False) for piece in pieces[1:]]
    return b"".join([first, *middle, frame(CONTINUATION)])


async def unfinished(link: Link) -> None:
    """Inflates to just below the longest message, and never ends it."""
    await link.open(DEFLATE_REQUEST)
    await link.send(frame(BINARY, bomb_of(MIB - 4 * KIB), final=False, compressed=True))
    await link.wait()


@functools.lru_cache(maxsize=None)
def text_with_a_bad_end() -> bytes:
    return frame(TEXT, deflated(bytes(MIB - 10) + b"\xff"), compressed=True)


async def invalid(link: Link) -> None:
    """Text whose last byte is none of UTF-8, found when all the rest has been inflated."""
    await link.open(DEFLATE_REQUEST)
    await link.send(text_with_a_bad_end())
    await link.wait()


def bomb(name: str, about: str, behaviour: Behaviour, bound: str) -> Attack:
    return Attack(name, about, behaviour, bound, needs_deflate=True, p99_above_rest_ms=BOMB_MS)


BUDGET = "the work budget of a pass, which counts inflated bytes; `max_bytes_per_second`"

ATTACKS = (
    bomb("bomb", "messages of 1 KiB that inflate to 1 MiB",
         bombs(lambda: filled(frame(BINARY, bomb_of(MIB), compressed=True))), BUDGET),
    bomb("bomb-too-big", "messages of 64 KiB that would inflate to 64 MiB",
         bombs(lambda: frame(BINARY, bomb_of(64 * MIB), compressed=True)),
         "`max_message_bytes` (1009)"),
    bomb("bomb-small", "messages of 20 bytes that inflate to 4,000",
         bombs(lambda: filled(frame(BINARY, SMALL_BOMB, compressed=True))), BUDGET),
    bomb("bomb-fragments", "the same MiB, its compressed bytes in fragments of one byte",
         bombs(lambda: filled(in_fragments(bomb_of(MIB), 1))), BUDGET),
    bomb("bomb-unfinished", "a message that inflates to 1 MiB and never ends", unfinished,
         "`max_message_bytes`, `max_receiving_bytes_total`"),
    bomb("empty-blocks", "compressed messages of empty stored blocks: work without output",
         bombs(lambda: filled(frame(BINARY, EMPTY_BLOCKS, compressed=True))),
         "the work budget of a pass, which counts what is read, too"),
    bomb("bomb-invalid", "compressed text that turns out not to be UTF-8",
         invalid, "1007; decompressors are reset before they are used again"),
)
