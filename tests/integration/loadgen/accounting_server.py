"""An echo server that keeps books: what came in, what went out, and how long it held things back.

wsecho-bench's report is compared with these books, not with what a machine usually achieves.
"""

import asyncio
from dataclasses import dataclass, field

from misbehaving_server import (
    CLOSE,
    PONG,
    SWITCHING,
    Behaviour,
    MisbehavingServer,
    Peer,
    echo,
    frame,
    read_frame,
)


def masked_size(payload: bytes) -> int:
    """Of the client's frame that carried this payload (RFC 6455, section 5.2)."""
    return len(frame(payload)) + 4


@dataclass
class Books:
    """Of all connections; without closes, which end a run after its report is made."""

    connections: int = 0
    messages: int = 0
    pongs: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


class BookedPeer(Peer):
    books: Books

    def send(self, data: bytes) -> None:
        self.books.bytes_out += len(data)
        super().send(data)


@dataclass
class AccountingServer(MisbehavingServer):
    behaviour: Behaviour = echo
    handshake_delay: float = 0  # seconds
    books: Books = field(default_factory=Books)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        books = self.books
        books.connections += 1
        peer = BookedPeer(writer)
        peer.books = books
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            books.bytes_in += len(request)
            await asyncio.sleep(self.handshake_delay)
            peer.send(SWITCHING + self.greeting)
            while True:
                opcode, payload = await read_frame(reader)
                if opcode == CLOSE:
                    writer.write(frame(payload[:2], CLOSE))
                    break
                books.bytes_in += masked_size(payload)
                if opcode == PONG:
                    books.pongs += 1
                    continue
                books.messages += 1
                peer.number += 1
                self.behaviour(self, peer, payload, opcode)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def held_back(seconds: float) -> Behaviour:
    """Each echo leaves so much later, in order."""

    def behaviour(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        asyncio.get_running_loop().call_later(seconds, peer.send, frame(payload, opcode))

    return behaviour


def second_half_held_back(seconds: float) -> Behaviour:
    """An echo's first bytes leave at once, the others so much later: until then it is not there."""

    def behaviour(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        answer = frame(payload, opcode)
        half = len(answer) // 2
        peer.send(answer[:half])
        asyncio.get_running_loop().call_later(seconds, peer.send, answer[half:])

    return behaviour


def one_at_a_time(seconds: float) -> Behaviour:
    """Each message takes so long, and the next one waits for it: a capacity that is known."""
    free_at = 0.0

    def behaviour(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        nonlocal free_at
        loop = asyncio.get_running_loop()
        free_at = max(free_at, loop.time()) + seconds
        loop.call_at(free_at, peer.send, frame(payload, opcode))

    return behaviour
