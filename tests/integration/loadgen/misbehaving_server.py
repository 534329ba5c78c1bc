"""An echo server that misbehaves on purpose, in a way that it counts itself.

It runs in a thread of its own, on any free port of this machine.
"""

import asyncio
import random
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # of the one key that wsecho-bench sends
SWITCHING = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n\r\n"
)
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(payload: bytes, opcode: int = TEXT, *, final: bool = True) -> bytes:
    first = (0x80 if final else 0) | opcode
    if len(payload) < 126:
        return bytes((first, len(payload))) + payload
    if len(payload) < 65536:
        return bytes((first, 126)) + struct.pack(">H", len(payload)) + payload
    return bytes((first, 127)) + struct.pack(">Q", len(payload)) + payload


@dataclass
class Peer:
    """One connection, as a behaviour sees it."""

    writer: asyncio.StreamWriter
    number: int = 0  # of the message at hand, from 1
    held: bytes | None = None  # what a behaviour keeps for later

    def send(self, data: bytes) -> None:
        self.writer.write(data)


# Answers a message: (peer, payload, opcode). Counts what it did in the server's counts.
Behaviour = Callable[["MisbehavingServer", Peer, bytes, int], None]


@dataclass
class MisbehavingServer:
    behaviour: Behaviour
    response: bytes = SWITCHING
    greeting: bytes = b""  # frames right behind the response
    counts: dict[str, int] = field(default_factory=dict)
    peers: list[Peer] = field(default_factory=list)  # all that ever connected, in that order

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def hears(self, _opcode: int) -> bool:
        """Whether it takes notice of such a frame."""
        return True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.count("connections")
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self.response + self.greeting)
            peer = Peer(writer)
            self.peers.append(peer)
            while ACCEPT in self.response:
                opcode, payload = await read_frame(reader)
                if not self.hears(opcode):
                    continue
                if opcode == CLOSE:
                    writer.write(frame(payload[:2], CLOSE))
                    break
                if opcode == PONG:
                    self.count("pongs")
                    continue
                peer.number += 1
                self.count("messages")
                self.behaviour(self, peer, payload, opcode)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def __enter__(self) -> "MisbehavingServer":
        started = threading.Event()
        self._loop = asyncio.new_event_loop()

        async def start() -> None:
            self._server = await asyncio.start_server(
                self._serve, "127.0.0.1", 0, backlog=1024
            )
            self.port = self._server.sockets[0].getsockname()[1]
            started.set()

        def run() -> None:
            self._loop.run_until_complete(start())
            self._loop.run_forever()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert started.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self) -> None:
        """Leaves no socket and no connection behind."""
        self._server.close()
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await asyncio.sleep(0)  # transports that were told to close do so in the loop's next turn

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/"


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """One masked frame; wsecho-bench does not fragment."""
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size == 126:
        (size,) = struct.unpack(">H", await reader.readexactly(2))
    elif size == 127:
        (size,) = struct.unpack(">Q", await reader.readexactly(8))
    key = int.from_bytes((await reader.readexactly(4)) * (size // 4 + 1), "little")
    masked = int.from_bytes(await reader.readexactly(size), "little")
    mask = key & ((1 << (8 * size)) - 1)
    return first & 0x0F, (masked ^ mask).to_bytes(size, "little")


def echo(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
    peer.send(frame(payload, opcode))


def every(number: int, what: str, misbehave: Behaviour) -> Behaviour:
    """Echoes, but for each `number`-th message of a connection, which it counts as `what`."""

    def behaviour(server: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        if peer.number % number:
            echo(server, peer, payload, opcode)
        else:
            server.count(what)
            misbehave(server, peer, payload, opcode)

    return behaviour


def tamper(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
    at = len(payload) // 2
    peer.send(frame(payload[:at] + bytes((payload[at] ^ 1,)) + payload[at + 1 :], opcode))


def truncate(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
    peer.send(frame(payload[:-1], opcode))


def change_type(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
    peer.send(frame(payload, TEXT + BINARY - opcode))


def drop(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
    pass


def double(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
    peer.send(2 * frame(payload, opcode))


def repeat(number: int) -> Behaviour:
    """Each `number`-th answer of a connection comes again, ahead of the one behind it: a copy that
    comes last of all may be behind the client's close, which need not read it."""

    def behaviour(server: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        answer = frame(payload, opcode)
        again = b""
        if peer.held is not None:
            server.count("duplicated")
            again, peer.held = peer.held, None
        if peer.number % number == 0:
            peer.held = answer
        peer.send(again + answer)

    return behaviour


def add_a_stranger(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
    peer.send(frame(b"never asked for") + frame(payload, opcode))


def swap(number: int) -> Behaviour:
    """Each `number`-th message of a connection changes places with the one behind it."""

    def behaviour(server: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        if peer.held is not None:
            server.count("reordered")
            peer.send(frame(payload, opcode) + peer.held)
            peer.held = None
        elif peer.number % number == 0:
            peer.held = frame(payload, opcode)
        else:
            echo(server, peer, payload, opcode)

    return behaviour


def in_fragments(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
    third = len(payload) // 3
    peer.send(frame(payload[:third], opcode, final=False))
    peer.send(frame(b"are you there?", PING))
    peer.send(frame(payload[third : 2 * third], 0, final=False))
    peer.send(frame(payload[2 * third :], 0))


def delayed(shortest: float, longest: float, seed: int = 1) -> Behaviour:
    """Echoes after a random time, in seconds; in order for one message in flight."""
    random_times = random.Random(seed)

    def behaviour(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        asyncio.get_running_loop().call_later(
            random_times.uniform(shortest, longest), peer.send, frame(payload, opcode)
        )

    return behaviour
