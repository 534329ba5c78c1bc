"""One attacker's connection, for coroutines that tell what it does."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from dataclasses import dataclass
from typing import Callable, Dict, Optional, Tuple

from .frames import REQUEST

SCRATCH = bytearray(1 << 18)
IP_BIND_ADDRESS_NO_PORT = 24  # linux/in.h; Python does not name it
RESET_AT_CLOSE = struct.pack("ii", 1, 0)


class Ended(Exception):
    """The server ended or refused the connection."""


@dataclass
class Counts:
    """What the attackers of one process did."""

    opened: int = 0
    ended: int = 0
    refused: int = 0
    bytes_sent: int = 0

    def as_dict(self) -> Dict[str, int]:
        return dict(vars(self))


class Link:
    """A socket that reads and drops what comes, unless told otherwise."""

    def __init__(self, address: Tuple[str, int], counts: Counts) -> None:
        self.address = address
        self.counts = counts
        self.loop = asyncio.get_running_loop()
        self.socket: Optional[socket.socket] = None
        self.over = asyncio.Event()

    async def connect(self, *, receive_buffer: Optional[int] = None) -> None:
        """From one of a thousand addresses where that can be: the ports of one are used up soon."""
        self.over.clear()
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if self.address[0].startswith("127."):
            self.socket.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            self.socket.bind((f"127.0.{random.randrange(1, 5)}.{random.randrange(1, 255)}", 0))
        await self.loop.sock_connect(self.socket, self.address)
        self.counts.opened += 1

    async def open(self, request: bytes = REQUEST, *, reads: bool = True,
                   receive_buffer: Optional[int] = None) -> None:
        """Connects, and has the handshake answered with 101."""
        await self.connect(receive_buffer=receive_buffer)
        await self.send(request)
        await self.answer()
        if reads:
            self.read_all()

    async def answer(self) -> bytes:
        """The head of the server's answer, which must be 101."""
        assert self.socket is not None
        head = b""
        while b"\r\n\r\n" not in head:
            more = await self.loop.sock_recv(self.socket, 4096)
            if not more:
                break
            head += more
        if not head.startswith(b"HTTP/1.1 101"):
            self.counts.refused += 1
            raise Ended(head[:60])
        return head

    def read_all(self, then: Optional[Callable[[int], None]] = None) -> None:
        """Reads and drops from now on; `then` learns how many bytes."""
        assert self.socket is not None
        link = self.socket

        def readable() -> None:
            try:
                count = link.recv_into(SCRATCH)
            except BlockingIOError:
                return
            except OSError:
                count = 0
            if count == 0:
                self.loop.remove_reader(link)
                self.over.set()
            elif then is not None:
                then(count)

        self.loop.add_reader(link, readable)

    async def send(self, data: bytes) -> None:
        """The whole of it; lets other attackers have their turn even if all went at once."""
        assert self.socket is not None
        if self.over.is_set():
            raise Ended("the server ended it")
        await self.loop.sock_sendall(self.socket, data)
        self.counts.bytes_sent += len(data)
        await asyncio.sleep(0)

    async def send_for_ever(self, data: bytes) -> None:
        while True:
            await self.send(data)

    async def send_slowly(self, data: bytes, pause: float) -> None:
        for byte in data:
            await self.send(bytes((byte,)))
            await asyncio.sleep(pause)

    async def wait(self) -> None:
        """Until the server ends it; for ever if nothing is read."""
        await self.over.wait()
        raise Ended("the server ended it")

    async def hold(self) -> None:
        """Sends nothing more, reads nothing more, and keeps the connection."""
        await asyncio.Event().wait()

    def half_close(self) -> None:
        assert self.socket is not None
        self.socket.shutdown(socket.SHUT_WR)

    def close(self, *, reset: bool = False) -> None:
        if self.socket is None:
            return
        self.loop.remove_reader(self.socket)
        self.loop.remove_writer(self.socket)
        with contextlib.suppress(OSError):
            if reset:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        self.socket.close()
        self.socket = None
