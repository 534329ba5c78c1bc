"""Messages that are begun and never ended, so that the server keeps what has come."""

from __future__ import annotations

from .attack import Attack, Behaviour
from .frames import BINARY, CONTINUATION, KIB, MIB, frame, head_of
from .link import Link

RECEIVING = "`max_message_bytes` each, `max_receiving_bytes_total` in all"


def unfinished(data: bytes) -> Behaviour:
    async def behave(link: Link) -> None:
        await link.open()
        await link.send(data)
        await link.wait()
    return behave


ONE_FRAME = head_of(BINARY, MIB) + bytes(MIB - 1)
FRAGMENTS = frame(BINARY, bytes(KIB), final=False) + frame(
    CONTINUATION, bytes(KIB), final=False) * (KIB - 1)
TINY_FRAGMENTS = frame(BINARY, b"a", final=False) + frame(
    CONTINUATION, b"a", final=False) * (256 * KIB)

ATTACKS = (
    Attack("unfinished-frame", "a frame of 1 MiB whose last byte never comes",
           unfinished(ONE_FRAME), RECEIVING, connections=10),
    Attack("unfinished-fragments", "1 MiB in fragments of 1 KiB, of which the last never comes",
           unfinished(FRAGMENTS), RECEIVING, connections=10),
    Attack("unfinished-tiny", "fragments of one byte, of which the last never comes",
           unfinished(TINY_FRAGMENTS), RECEIVING),
    Attack("announced", "a frame that announces 1 MiB, of which nothing comes",
           unfinished(head_of(BINARY, MIB)), RECEIVING, connections=10),
)
