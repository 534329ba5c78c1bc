"""What a server does to more than the message at hand: to earlier ones, to other connections.

Each counts what it does in the server's counts, under the name that wsecho-bench has for it.
"""

import asyncio
import socket
import struct
from collections.abc import Callable

from misbehaving_server import CLOSE, Behaviour, MisbehavingServer, Peer, echo, frame


def at_message(number: int, what: str, misbehave: Behaviour) -> Behaviour:
    """Echoes, but for the one message of each connection that it counts as `what`."""

    def behaviour(server: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        if peer.number == number:
            server.count(what)
            misbehave(server, peer, payload, opcode)
        else:
            echo(server, peer, payload, opcode)

    return behaviour


def again_after(gap: int, *, before_its_echo: bool) -> Behaviour:
    """The third message of a connection comes once more, so many messages later."""

    def behaviour(server: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        answer = frame(payload, opcode)
        if peer.number == 3:
            peer.held = answer
        if peer.number == 3 + gap and peer.held is not None:
            server.count("duplicated")
            answer = peer.held + answer if before_its_echo else answer + peer.held
        peer.send(answer)

    return behaviour


def tamper_at(position: Callable[[int], int], flip: int) -> Behaviour:
    """In each tenth message one byte is another; which one, the message's number decides."""

    def behaviour(server: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        if peer.number % 10 == 0:
            server.count("changed")
            changed = bytearray(payload)
            changed[position(peer.number // 10 - 1) % len(payload)] ^= flip
            payload = bytes(changed)
        peer.send(frame(payload, opcode))

    return behaviour


def stranger(payload: bytes) -> Behaviour:
    """This comes behind the echo of each 20th message."""

    def behaviour(server: MisbehavingServer, peer: Peer, message: bytes, opcode: int) -> None:
        answer = frame(message, opcode)
        if peer.number % 20 == 0:
            server.count("unsolicited")
            answer += frame(payload, opcode)
        peer.send(answer)

    return behaviour


def crossed_wires(number: int) -> Behaviour:
    """That message of the first connection goes to the second one instead."""

    def behaviour(server: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        if peer is server.peers[0] and peer.number == number:
            server.count("strayed")
            peer = server.peers[1]
        echo(server, peer, payload, opcode)

    return behaviour


def broadcast(victim: int, number: int, what: str, misbehave: Behaviour) -> Behaviour:
    """To everybody, the sender too; what is done to one delivery is counted as `what`."""

    def behaviour(server: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        for place, each in enumerate(server.peers):
            if place == victim and peer.number == number:
                server.count(what)
                misbehave(server, each, payload, opcode)
            else:
                server.count("delivered")
                echo(server, each, payload, opcode)

    return behaviour


def one_after(seconds: float, number: int) -> Behaviour:
    """That message of each connection is answered late; the others at once."""

    def behaviour(server: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
        if peer.number == number:
            server.count("late")
            late = frame(payload, opcode)
            asyncio.get_running_loop().call_later(seconds, peer.send, late)
        else:
            echo(server, peer, payload, opcode)

    return behaviour


def reset(_: MisbehavingServer, peer: Peer, __: bytes, ___: int) -> None:
    """Ends TCP with a reset, unanswered."""
    lingering = struct.pack("ii", 1, 0)
    peer.writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, lingering
    )
    peer.writer.transport.abort()


def hang_up(_: MisbehavingServer, peer: Peer, __: bytes, ___: int) -> None:
    peer.send(frame(struct.pack(">H", 1001) + b"gone", CLOSE))


def byte_by_byte(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
    """Frames of one byte, empty ones between them."""
    first = frame(payload[:1], opcode, final=False)
    rest = b"".join(
        frame(b"", 0, final=False) + frame(payload[at : at + 1], 0, final=False)
        for at in range(1, len(payload))
    )
    peer.send(first + rest + frame(b"", 0))


def in_drops(_: MisbehavingServer, peer: Peer, payload: bytes, opcode: int) -> None:
    """One whole frame, whose bytes come in packets of their own."""
    for byte in frame(payload, opcode):
        peer.send(bytes((byte,)))
