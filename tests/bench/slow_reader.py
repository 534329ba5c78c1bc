#!/usr/bin/env python3
"""One peer that does not read, among 1,000 that do: what it changes in the others' latency, and the
server's memory, by each backpressure policy. Alternating: without such a peer, with one that sends
the same and reads, with one that does not read."""

import argparse
import contextlib
import os
import socket
import struct
import threading
import time

import comparison
from comparison import ComparisonError, say
from process_watch import Watch

POLICIES = ["refuse", "drop-oldest", "close"]
REQUEST = (
    "GET / HTTP/1.1\r\nHost: slow\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
).encode()
SMALL_BUFFER = 8192
TEN_MILLISECONDS = 0.01


def arguments() -> argparse.Namespace:
    parser = comparison.parser(__doc__, rounds=5, connections=1000)
    parser.add_argument("--rate", type=float, default=10000, metavar="MESSAGES",
                        help="messages in a second of all who read, open loop")
    parser.add_argument("--duration", type=float, default=4, help="seconds per measurement")
    parser.add_argument("--messages", type=float, default=100,
                        help="that the one peer sends in a second")
    parser.add_argument("--size", type=comparison.positive, default=65536,
                        help="bytes of such a message, which the server sends back")
    parser.add_argument("--max-queued", type=comparison.positive, default=1 << 20,
                        help="bytes that may wait for it")
    parser.add_argument("--require", type=float, metavar="RATIO",
                        help="fail if p99 with it, by any policy, is above this times p99 without")
    parser.add_argument("--require-memory", type=float, metavar="BYTES",
                        help="fail if the server's memory grows by more because of it")
    return parser.parse_args()


class Peer:
    """Sends at a rate and reads nothing, or all. Cut off by the server, it comes back."""

    def __init__(self, address: str, options: argparse.Namespace, *, reads: bool) -> None:
        host, _, port = address.rpartition(":")
        self._address = (host, int(port))
        self._reads = reads
        self._pause = 1 / options.messages
        # Masked by zeros: RFC 6455, section 5.3, wants a mask, and any will do here.
        self._frame = (struct.pack("!BBQI", 0x82, 0xFF, options.size, 0) + bytes(options.size))
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.cut_off = 0

    def __enter__(self) -> "Peer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ends.is_set():
            with socket.socket() as peer, contextlib.suppress(BrokenPipeError,
                                                              ConnectionResetError):
                self._serve(peer)
                return
            self.cut_off += 1

    def _serve(self, peer: socket.socket) -> None:
        if not self._reads:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        peer.connect(self._address)
        peer.sendall(REQUEST)
        peer.recv(4096)
        due = time.monotonic()
        while not self._ends.is_set():
            peer.settimeout(None)
            peer.sendall(self._frame)
            due += self._pause
            while (left := due - time.monotonic()) > 0 and not self._ends.is_set():
                self._wait(peer, min(left, TEN_MILLISECONDS))

    def _wait(self, peer: socket.socket, seconds: float) -> None:
        if not self._reads:
            time.sleep(seconds)
            return
        peer.settimeout(seconds)
        with contextlib.suppress(TimeoutError):
            while peer.recv(1 << 18):
                pass


def measure(bench: comparison.Bench, options: argparse.Namespace, policy: str, other: str) -> tuple:
    """p99 of those who read, in ms, and the server's memory."""
    load = ["--connections", options.connections, "--rate", options.rate, "--duration",
            options.duration]
    with bench.echo("--backpressure", policy, "--max-queued", str(options.max_queued)) as server:
        with Watch([server.pid]) as watch, contextlib.ExitStack() as stack:
            if other != "none":
                peer = stack.enter_context(Peer(server.address, options, reads=other == "reads"))
            found = bench.load(server, *load)
            if other == "slow" and policy == "close" and peer.cut_off == 0:
                raise ComparisonError("nobody was cut off: send more to fill the queue")
    return found["latency_ms"]["p99"], watch.memory_bytes


def compare() -> bool:
    options = arguments()
    bench = comparison.Bench(options)
    os.sched_setaffinity(0, {options.generator_core})
    say(f"{options.connections} connections, {options.rate:,.0f} messages/s; one more sends "
        f"{options.messages:g} messages/s of {options.size} bytes")
    say(f"{'policy':>12} {'round':>5} {'p99 without':>12} {'it reads':>10} {'it does not':>12} "
        f"{'ratio':>7} {'memory grew by':>15}")
    verdicts = []
    for policy in POLICIES:
        ratios = []
        growth = []
        for number in range(1, options.rounds + 1):
            alone, before = measure(bench, options, policy, "none")
            reads, _ = measure(bench, options, policy, "reads")
            slow, after = measure(bench, options, policy, "slow")
            ratios.append(slow / alone)
            growth.append(after - before)
            say(f"{policy:>12} {number:>5} {alone:>9.3f} ms {reads:>7.3f} ms {slow:>9.3f} ms "
                f"{ratios[-1]:>7.2f} {growth[-1]:>15,}")
        ratio = comparison.median(ratios)
        grew = comparison.median(growth)
        say(f"{policy}: median of the rounds: p99 {ratio:.2f} times, memory {grew:+,.0f} bytes")
        verdicts += [
            comparison.requirement(f"p99 with {policy}", ratio, options.require, at_most=True),
            comparison.requirement(f"memory with {policy}", grew, options.require_memory,
                                   at_most=True),
        ]
    return all(verdicts)


if __name__ == "__main__":
    comparison.run(compare)
