"""Attackers that never get beyond the handshake, or make it dear."""

from __future__ import annotations

import asyncio
import contextlib

from .attack import Attack, Behaviour
from .frames import REQUEST, REQUEST_WITHOUT_END, filled
from .link import Link

MANY = 20
PLACES = ("--max-connections", "1000")
PENDING = "`max_pending_handshakes` in all and per address, `handshake_timeout_ms`"
REQUEST_BYTES = "8 KiB for a request, after which the connection is closed"

EXTENSION_LINES = REQUEST_WITHOUT_END + b"Sec-WebSocket-Extensions: a\r\n" * 265 + b"\r\n"
OFFERS = (REQUEST_WITHOUT_END + b"Sec-WebSocket-Extensions: "
          + b"permessage-deflate; client_max_window_bits, " * 160 + b"x\r\n\r\n")
PROTOCOLS = REQUEST_WITHOUT_END + b"Sec-WebSocket-Protocol: a\r\n" * 280 + b"\r\n"
MANY_HEADERS = REQUEST_WITHOUT_END + b"a: b\r\n" * 1300
NO_WEBSOCKET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def silent_socket(link: Link) -> None:
    await link.connect()
    link.read_all()
    await link.wait()


async def slow_handshake(link: Link) -> None:
    await link.connect()
    link.read_all()
    await link.send_slowly(REQUEST, 0.05)
    await link.wait()


def endless(begin: bytes, more: bytes) -> Behaviour:
    """A request that begins and goes on until the server has enough of it."""
    async def behave(link: Link) -> None:
        await link.connect()
        link.read_all()
        await link.send(begin)
        await link.send_for_ever(more)
    return behave


def request(data: bytes) -> Behaviour:
    """A whole request, of which the answer is read, and then the next connection."""
    async def behave(link: Link) -> None:
        await link.connect()
        await link.send(data)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(link.loop.sock_recv(link.socket, 65536), 5)
    return behave


ATTACKS = (
    Attack("silent-sockets", "sockets that send nothing", silent_socket, PENDING, connections=MANY),
    Attack("silent-crowd", "more silent sockets than the server has places",
           silent_socket, PENDING, connections=MANY, server_options=PLACES),
    Attack("slow-handshakes", "requests that come a byte at a time", slow_handshake, PENDING,
           connections=MANY),
    Attack("endless-request", "a request's first line without an end",
           endless(b"GET /", filled(b"a", 4096)), REQUEST_BYTES),
    Attack("endless-headers", "a request whose headers do not end",
           endless(REQUEST_WITHOUT_END, filled(b"a: b\r\n", 4096)), REQUEST_BYTES),
    Attack("extension-lines", "requests with 265 lines of Sec-WebSocket-Extensions",
           request(EXTENSION_LINES), "parsers whose cost grows with their input alone"),
    Attack("extension-offers", "requests that offer permessage-deflate 160 times",
           request(OFFERS), "parsers whose cost grows with their input alone"),
    Attack("protocol-lines", "requests with 280 lines of Sec-WebSocket-Protocol",
           request(PROTOCOLS), "parsers whose cost grows with their input alone"),
    Attack("header-lines", "requests of 1,300 headers", request(MANY_HEADERS + b"\r\n"),
           REQUEST_BYTES),
    Attack("not-websocket", "plain HTTP requests", request(NO_WEBSOCKET),
           "`max_handshakes_per_address`"),
)
