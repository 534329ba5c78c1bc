#!/usr/bin/env python3
"""What the heartbeat costs wsecho-echo, and how evenly its pings are spread: CPU of the server, and
the pings that come in each 100 ms, seen from the clients."""

import argparse
import collections
import os
import select
import socket
import time
from pathlib import Path

import comparison
from comparison import ComparisonError, say

BIN_SECONDS = 0.1
PING = 0x89
MASKED_PONG = 0x8A
REQUEST = (
    "GET / HTTP/1.1\r\nHost: heartbeat\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
).encode()


def arguments() -> argparse.Namespace:
    parser = comparison.parser(__doc__, rounds=3, connections=10000)
    parser.add_argument("--interval", type=float, default=5, metavar="SECS",
                        help="between the pings of a connection")
    parser.add_argument("--intervals", type=comparison.positive, default=3,
                        help="how many are looked at in a round")
    parser.add_argument("--require-cpu", type=float, metavar="PERCENT",
                        help="fail if the server takes more of a core")
    parser.add_argument("--require-burst", type=float, metavar="RATIO",
                        help="fail if the busiest 100 ms carries more than this, times the mean")
    return parser.parse_args()


def cpu_seconds(pid: int) -> float:
    """Of all threads, as the scheduler counted it."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


class Clients:
    """Raw connections that answer each ping and keep when it came."""

    def __init__(self, address: str, count: int) -> None:
        host, _, port = address.rpartition(":")
        self._epoll = select.epoll()
        self._sockets = {}
        self.times = []
        for _ in range(count):
            peer = socket.create_connection((host, int(port)))
            self._sockets[peer.fileno()] = peer
            peer.sendall(REQUEST)
            self._epoll.register(peer, select.EPOLLIN)

    def answer_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for descriptor, _ in self._epoll.poll(left):
                self._answer(self._sockets[descriptor])

    def _answer(self, peer: socket.socket) -> None:
        data = peer.recv(4096)
        if not data:
            raise ComparisonError("the server hung up on a client that answers")
        if data.startswith(b"HTTP/1.1 101 "):
            data = data[data.index(b"\r\n\r\n") + 4:]
        while data:
            if data[0] != PING:
                raise ComparisonError(f"the server sent {data[:2].hex()}, which is no ping")
            size = data[1]
            # Masked by zeros: RFC 6455, section 5.3, wants a mask, and any will do here.
            peer.sendall(bytes([MASKED_PONG, 0x80 | size, 0, 0, 0, 0]) + data[2:2 + size])
            self.times.append(time.monotonic())
            data = data[2 + size:]

    def close(self) -> None:
        for peer in self._sockets.values():
            peer.close()


def burst_of(times: list, start: float, seconds: float) -> float:
    """The most that came in one bin, as a multiple of the mean over all bins."""
    bins = collections.Counter(int((at - start) / BIN_SECONDS) for at in times)
    return max(bins.values(), default=0) / (len(times) / (seconds / BIN_SECONDS))


def look(bench: comparison.Bench, options: argparse.Namespace) -> tuple:
    with bench.echo("--heartbeat-interval", str(options.interval)) as server:
        clients = Clients(server.address, options.connections)
        try:
            clients.answer_for(options.interval)  # the first pings, while some still open
            clients.times.clear()
            seconds = options.interval * options.intervals
            before, start = cpu_seconds(server.pid), time.monotonic()
            clients.answer_for(seconds)
            cpu = cpu_seconds(server.pid) - before
            if not clients.times:
                raise ComparisonError("no ping came")
            return cpu / seconds * 100, burst_of(clients.times, start, seconds), len(clients.times)
        finally:
            clients.close()


def compare() -> bool:
    options = arguments()
    bench = comparison.Bench(options)
    os.sched_setaffinity(0, {options.generator_core})
    say(f"{options.connections} connections, a ping to each every {options.interval:g} s")
    say(f"{'round':>5} {'pings':>10} {'CPU':>10} {'busiest 100 ms / mean':>24}")
    found = []
    for number in range(1, options.rounds + 1):
        cpu, burst, pings = look(bench, options)
        found.append((cpu, burst))
        say(f"{number:>5} {pings:>10,} {cpu:>8.2f} % {burst:>24.2f}")
    cpu = comparison.median(each[0] for each in found)
    burst = comparison.median(each[1] for each in found)
    say(f"median of the rounds: {cpu:.2f} % of a core, the busiest 100 ms {burst:.2f} of the mean")
    verdicts = [
        comparison.requirement("CPU in % of a core", cpu, options.require_cpu, at_most=True),
        comparison.requirement("the busiest 100 ms", burst, options.require_burst, at_most=True),
    ]
    return all(verdicts)


if __name__ == "__main__":
    comparison.run(compare)
