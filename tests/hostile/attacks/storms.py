"""Connections that come and go as fast as they can, each from one of many addresses."""

from __future__ import annotations

from .attack import Attack
from .frames import CLOSE, REQUEST, TEXT, frame
from .link import Link

RATE = "`max_handshakes_per_address`, and a bound on accepts in a pass"


async def connect_storm(link: Link) -> None:
    """Opens, closes as RFC 6455 wants it, and comes again."""
    await link.connect()
    await link.send(REQUEST + frame(CLOSE, b"\x03\xe8"))
    while await link.loop.sock_recv(link.socket, 4096):
        pass


async def socket_storm(link: Link) -> None:
    """Connects and leaves without a word."""
    await link.connect()


async def reset_storm(link: Link) -> None:
    """Opens, sends a message, and resets the connection with the echo under way."""
    await link.connect()
    await link.send(REQUEST)
    await link.answer()
    await link.send(frame(TEXT, bytes(1000)))
    link.close(reset=True)


async def early_reset_storm(link: Link) -> None:
    """Resets in the middle of the request."""
    await link.connect()
    await link.send(REQUEST[:80])
    link.close(reset=True)


async def half_close_storm(link: Link) -> None:
    """Ends its own direction after a message, and reads the rest."""
    await link.connect()
    await link.send(REQUEST + frame(TEXT, b"last words"))
    link.half_close()
    while await link.loop.sock_recv(link.socket, 4096):
        pass


async def bad_frame_storm(link: Link) -> None:
    """Breaks RFC 6455 with its first frame, which is not masked, and reads why it is closed."""
    await link.connect()
    await link.send(REQUEST + b"\x81\x05hello")
    while await link.loop.sock_recv(link.socket, 4096):
        pass


async def half_open(link: Link) -> None:
    """Ends its own direction after the request, and keeps the rest for ever."""
    await link.connect()
    await link.send(REQUEST)
    link.half_close()
    await link.hold()


ATTACKS = (
    Attack("connect-storm", "handshake, close, again", connect_storm, RATE),
    Attack("socket-storm", "connect, close, again, without a byte", socket_storm, RATE),
    Attack("reset-storm", "handshake, message, reset, again", reset_storm, RATE),
    Attack("early-reset-storm", "half a request, reset, again", early_reset_storm, RATE),
    Attack("half-close-storm", "handshake, message, half-close, again", half_close_storm, RATE),
    Attack("bad-frame-storm", "handshake, a frame without a mask, again", bad_frame_storm, RATE),
    Attack("half-open", "half-close after the request, and then nothing", half_open,
           "an end of stream is answered with one"),
)
