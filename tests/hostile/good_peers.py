#!/usr/bin/env python3
"""Well-behaved peers that measure how long their echoes take, each from the time at which its
message was due, whether or not it could be sent then.

A process of its own with one thread, so that no attacker shares its interpreter. Message number
N is due at start + N * interval / peers and belongs to peer N % peers. Prints a line "ready" with
the start, runs until a line comes in at standard input, waits for what is still unanswered, and
prints what it found as one line of JSON."""

from __future__ import annotations

import argparse
import collections
import gc
import json
import select
import socket
import struct
import sys
import time
import zlib
from typing import Deque, Dict, List, Optional, Tuple

import priority

REQUEST = (b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n")
OFFER = (b"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
         b"client_no_context_takeover\r\n")
LAST_ANSWERS_SECONDS = 5.0
HANDSHAKE_SECONDS = 10.0
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FINAL, COMPRESSED = 0x80, 0x40


class Peer:
    """One connection: what it sent and has no answer for, and the bytes that are under way."""

    def __init__(self, number: int, address: Tuple[str, int], deflate: bool,
                 patience: float = HANDSHAKE_SECONDS) -> None:
        self.number = number
        self.unanswered: Deque[Tuple[int, bytes]] = collections.deque()
        self.received = bytearray()
        self.unsent = bytearray()
        self.socket: Optional[socket.socket] = socket.create_connection(
            address, timeout=patience)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(REQUEST + (OFFER if deflate else b"") + b"\r\n")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            more = self.socket.recv(1)
            if not more:
                raise ConnectionError(f"the server ended the handshake: {head!r}")
            head += more
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(f"the server refused the handshake: {head!r}")
        self.compresses = b"permessage-deflate" in head
        self.socket.setblocking(False)

    def write(self, data: bytes) -> None:
        assert self.socket is not None
        if not self.unsent:
            try:
                data = data[self.socket.send(data):]
            except BlockingIOError:
                pass
        self.unsent += data

    def flush(self) -> None:
        if self.socket is None or not self.unsent:
            return
        try:
            del self.unsent[:self.socket.send(self.unsent)]
        except BlockingIOError:
            pass


def masked(opcode: int, payload: bytes, bits: int = FINAL) -> bytes:
    """A client's frame of fewer than 65,536 bytes; its mask is zero, which RFC 6455 allows."""
    length = len(payload)
    if length < 126:
        return bytes((bits | opcode, 0x80 | length)) + bytes(4) + payload
    return struct.pack("!BBH", bits | opcode, 0x80 | 126, length) + bytes(4) + payload


def next_frame(data: bytearray) -> Optional[Tuple[int, bytes]]:
    """The first byte and the payload of a server's whole frame, taken off `data`."""
    if len(data) < 2:
        return None
    length, head = data[1] & 0x7F, 2
    if length == 126:
        if len(data) < 4:
            return None
        (length,), head = struct.unpack_from("!H", data, 2), 4
    elif length == 127:
        if len(data) < 10:
            return None
        (length,), head = struct.unpack_from("!Q", data, 2), 10
    if len(data) < head + length:
        return None
    first, payload = data[0], bytes(data[head:head + length])
    del data[:head + length]
    return first, payload


def compressed(payload: bytes) -> bytes:
    stream = zlib.compressobj(1, zlib.DEFLATED, -15, 1)
    return (stream.compress(payload) + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflated(payload: bytes) -> bytes:
    return zlib.decompressobj(-15).decompress(payload + b"\0\0\xff\xff")


class Crowd:
    """All peers, on one epoll instance."""

    def __init__(self, options: argparse.Namespace) -> None:
        host, _, port = options.address.rpartition(":")
        self.peers = [Peer(n, (host, int(port)), options.deflate) for n in range(options.peers)]
        self.step = 1 / options.rate / options.peers
        self.size = options.size
        self.poller = select.epoll()
        self.by_descriptor: Dict[int, Peer] = {}
        for peer in self.peers:
            self.by_descriptor[peer.socket.fileno()] = peer
            self.poller.register(peer.socket.fileno(), select.EPOLLIN)
        self.sent_late: List[float] = []
        self.latencies: List[Optional[float]] = []
        self.closings: List[Tuple[float, str]] = []
        self.changed = 0
        self.start = 0.0

    def payload(self, number: int) -> bytes:
        return (b"%d " % number).ljust(self.size, b"abcdefghijklmnop"[number % 16:number % 16 + 1])

    def due(self, number: int) -> float:
        return self.start + number * self.step

    def run(self) -> None:
        self.start = time.monotonic() + 0.01
        print(f"ready {self.start:.6f}", flush=True)
        self.poller.register(0, select.EPOLLIN)
        descriptors = [self.poller.fileno()]
        while True:
            # select() on the epoll descriptor waits for microseconds; epoll_wait() rounds to
            # milliseconds.
            wait = self.due(len(self.latencies)) - time.monotonic()
            if wait > 0:
                select.select(descriptors, (), (), wait)
            if not self.handle_events():
                break
            now = time.monotonic()
            while self.due(len(self.latencies)) <= now:
                self.send_next(now)
                now = time.monotonic()
        self.poller.unregister(0)
        end = time.monotonic() + LAST_ANSWERS_SECONDS
        while any(p.unanswered and p.socket for p in self.peers) and time.monotonic() < end:
            select.select(descriptors, (), (), 0.1)
            self.handle_events()

    def send_next(self, now: float) -> None:
        number = len(self.latencies)
        peer = self.peers[number % len(self.peers)]
        self.latencies.append(None)
        self.sent_late.append(now - self.due(number))
        if peer.socket is None:
            return
        payload = self.payload(number)
        peer.unanswered.append((number, payload))
        frame = (masked(TEXT, compressed(payload), FINAL | COMPRESSED) if peer.compresses
                 else masked(TEXT, payload))
        try:
            peer.write(frame)
        except OSError as error:
            self.close(peer, str(error))

    def handle_events(self) -> bool:
        """False when a line came in at standard input, or its end."""
        goes_on = True
        for descriptor, _ in self.poller.poll(0):
            if descriptor == 0:
                goes_on = False
                continue
            self.read(self.by_descriptor[descriptor])
        for peer in self.peers:
            if peer.unsent:
                try:
                    peer.flush()
                except OSError as error:
                    self.close(peer, str(error))
        return goes_on

    def read(self, peer: Peer) -> None:
        if peer.socket is None:
            return
        try:
            data = peer.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError as error:
            self.close(peer, str(error))
            return
        if not data:
            self.close(peer, "end of stream without a close frame")
            return
        peer.received += data
        now = time.monotonic()
        while peer.socket is not None and (frame := next_frame(peer.received)) is not None:
            self.handle_frame(peer, *frame, now)

    def handle_frame(self, peer: Peer, first: int, payload: bytes, now: float) -> None:
        opcode = first & 0xF
        if opcode == PING:
            peer.write(masked(PONG, payload))
        elif opcode == CLOSE:
            code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
            try:
                peer.write(masked(CLOSE, payload[:2]))
            except OSError:
                pass
            self.close(peer, f"{code} {payload[2:].decode(errors='replace')}".strip())
        elif opcode != PONG:
            if first & COMPRESSED:
                payload = inflated(payload)
            number, expected = peer.unanswered.popleft() if peer.unanswered else (-1, b"")
            if payload != expected:
                self.changed += 1
            elif number >= 0:
                self.latencies[number] = now - self.due(number)

    def close(self, peer: Peer, why: str) -> None:
        if peer.socket is None:
            return
        self.closings.append((time.monotonic(), why))
        self.poller.unregister(peer.socket.fileno())
        peer.socket.close()
        peer.socket = None

    def found(self) -> dict:
        return {
            "start": self.start, "step": self.step, "changed": self.changed,
            "latency_us": [None if x is None else round(x * 1e6) for x in self.latencies],
            "sent_late_us": [round(x * 1e6) for x in self.sent_late],
            "closings": self.closings,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True, metavar="HOST:PORT")
    parser.add_argument("--peers", type=int, default=200)
    parser.add_argument("--rate", type=float, default=10, help="messages of each in a second")
    parser.add_argument("--size", type=int, default=64, help="bytes of a message")
    parser.add_argument("--deflate", action="store_true", help="offer it, and compress")
    parser.add_argument("--core", type=int, help="its own, where it runs before all others")
    options = parser.parse_args()
    if options.core is not None:
        priority.pin(options.core)
        if not priority.run_in_real_time():
            priority.set_niceness(priority.SERVER)
    crowd = Crowd(options)
    gc.disable()
    crowd.run()
    json.dump(crowd.found(), sys.stdout)
    print(flush=True)


if __name__ == "__main__":
    main()
