"""Bytes that attackers send: requests and frames, whole and broken. Masks are zero, which
RFC 6455 allows, so that frames can be made once and sent for ever."""

from __future__ import annotations

import struct
import zlib

REQUEST_WITHOUT_END = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n")
REQUEST = REQUEST_WITHOUT_END + b"\r\n"
DEFLATE_REQUEST = REQUEST_WITHOUT_END + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
KIB, MIB = 1 << 10, 1 << 20


def frame(opcode: int, payload: bytes = b"", *, final: bool = True,
          compressed: bool = False) -> bytes:
    length = len(payload)
    first = (0x80 if final else 0) | (0x40 if compressed else 0) | opcode
    if length < 126:
        head = struct.pack("!BB", first, 0x80 | length)
    elif length < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, length)
    return head + bytes(4) + payload


def head_of(opcode: int, length: int, *, final: bool = True, compressed: bool = False) -> bytes:
    """The head of a frame that announces `length` bytes, 65,536 at least."""
    first = (0x80 if final else 0) | (0x40 if compressed else 0) | opcode
    return struct.pack("!BBQ", first, 0x80 | 127, length) + bytes(4)


def filled(unit: bytes, size: int = 512 * KIB) -> bytes:
    """As many units as fit into `size` bytes, one at least."""
    return unit * max(1, size // len(unit))


def deflated(payload: bytes) -> bytes:
    """As permessage-deflate sends it: without the empty block at the end."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (stream.compress(payload) + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]


def deflated_zeros(size: int) -> bytes:
    """A thousandth of `size`, made a MiB at a time."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    parts = [stream.compress(bytes(min(MIB, size - begin))) for begin in range(0, size, MIB)]
    return (b"".join(parts) + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]


EMPTY_STORED_BLOCK = b"\x00\x00\x00\xff\xff"
"""RFC 1951, section 3.2.4: five bytes of input that inflate to nothing."""
