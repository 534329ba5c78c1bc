"""What the reference suite runs: the cases, and one measurement of one case."""

from __future__ import annotations

import contextlib
import math
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Sequence

import comparison
from comparison import Bench, ComparisonError, Server
from figures import Figure
from process_watch import Watch

OURS, GORILLA, FLOOR = "wsecho", "gorilla", "floor"

SHARE_PORT = {OURS: "--share-port", GORILLA: "--reuse-port", FLOOR: "--reuse-port"}

# What a program holds open beside its connections.
DESCRIPTOR_RESERVE = 64
# The kernel shares a port's connections out by their hash, so not quite evenly.
UNEVENNESS = 1.1

LOAD_SIZES = (1000, 5000, 10000, 15000, 25000)
SMALL = 1000
DEPTH = 16
TRIGGER_SIZES = (1000, 10000)
# How each server is told what to ask epoll for.
TRIGGER = {OURS: {"level": ("--event-loop", "epoll-level"), "edge": ("--event-loop", "epoll")},
           FLOOR: {"level": (), "edge": ("--edge-triggered",)}}
QUICK_DIVISOR = 10


@dataclass(frozen=True)
class Case:
    """One thing to measure of one server."""

    key: str
    server: str
    connections: int
    server_options: Sequence[str] = ()
    load_options: Sequence[str] = ()

    @property
    def name(self) -> str:
        return f"{self.key} {self.server}"


def cases(quick: bool, with_deflate: bool) -> List[Case]:
    """All of them in the order of a round; servers that are compared are neighbours."""
    divisor = QUICK_DIVISOR if quick else 1
    small = SMALL // divisor
    everybody = (OURS, GORILLA, FLOOR)
    deep = ("--in-flight", str(DEPTH))
    found = [Case(f"load {size}", server, size // divisor)
             for size in LOAD_SIZES for server in everybody]
    for server in everybody:
        found += [Case("gathered", server, small, load_options=deep),
                  Case("separate", server, small, load_options=(*deep, "--separate-writes")),
                  Case("connect", server, small, load_options=("--scenario", "connect"))]
    for size in TRIGGER_SIZES:
        found += [Case(f"{trigger} {size}", server, size // divisor, options)
                  for server in (OURS, FLOOR) for trigger, options in TRIGGER[server].items()]
    found += [Case("one goroutine", GORILLA, small, load_options=deep),
              Case("two goroutines", GORILLA, small, ("--separate-writer",), deep)]
    if with_deflate:
        found += [Case("plain", GORILLA, small),
                  Case("deflate", GORILLA, small, ("--compress",), ("--deflate",))]
    return found


def processes_for(connections: int, descriptor_limit: int) -> int:
    """How many server processes share the connections, and as many generators."""
    room = descriptor_limit - DESCRIPTOR_RESERVE
    if connections <= room:
        return 1
    return math.ceil(connections * UNEVENNESS / room)


def descriptor_limit() -> int:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return 1 << 30 if hard == resource.RLIM_INFINITY else hard


def client_ports() -> int:
    """How many connections one address can open to one port."""
    text = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii")
    first, last = map(int, text.split())
    return last - first + 1


def obstacle(case: Case, processes: int) -> str:
    """Why the case cannot be run here; empty if it can."""
    ports = client_ports()
    if case.connections > ports:
        return f"{case.connections:,} connections need more than the {ports:,} client ports"
    if processes > 2:
        return (f"{case.connections:,} connections need {processes} processes under the "
                f"descriptor limit of {descriptor_limit():,}")
    return ""


class Runner:
    """Runs cases, each against servers of its own."""

    def __init__(self, bench: Bench, gorilla: List[str], log: Path, duration: float) -> None:
        self._bench = bench
        self._gorilla = gorilla
        self._log = log
        self._duration = duration

    def _command(self, case: Case, options: Sequence[str], port: int) -> List[str]:
        if case.server == OURS:
            return self._bench.echo_command(*options, port=port)
        place = ["--port", str(port), *options]
        return self._bench.floor_command(*place) if case.server == FLOOR else [
            *self._gorilla, *place]

    @contextlib.contextmanager
    def _servers(self, case: Case, count: int):
        options = [*case.server_options]
        if count > 1:
            options.append(SHARE_PORT[case.server])
        port = 0
        with contextlib.ExitStack() as running:
            servers: List[Server] = []
            for _ in range(count):
                command = self._command(case, options, port)
                log = self._log if case.server == GORILLA else None
                servers.append(
                    running.enter_context(self._bench.server(case.server, command, log)))
                port = int(servers[-1].address.rpartition(":")[2])
            yield servers

    def measure(self, case: Case) -> Dict[str, Figure]:
        processes = processes_for(case.connections, descriptor_limit())
        in_the_way = obstacle(case, processes)
        if in_the_way:
            raise ComparisonError(in_the_way)
        load: List[object] = ["--connections", case.connections // processes, *case.load_options]
        if "connect" not in case.load_options:
            load += ["--duration", self._duration]
        if processes > 1:
            # Each generator measures once the other has opened its connections, too.
            load += ["--warm-up", 3]
        with self._servers(case, processes) as servers:
            with Watch([server.pid for server in servers]) as watch:
                found = self._bench.load_all(servers, *load)
        comparison.pause_between_runs()
        return {**figures_of(found), "memory_bytes": watch.memory_bytes,
                "descriptors": watch.descriptors, "processes": processes}


def figures_of(found: Sequence[dict]) -> Dict[str, Figure]:
    """The figures of one load, which may have come from several generators at once."""
    messages = sum(each["messages"] for each in found)
    rate = sum(each["messages_per_second"] for each in found)
    cpu = weighted(found, lambda each: each["server"]["cpu_us_per_message"], messages)
    received = sum(each.get("bytes_received") or 0 for each in found)
    sent = sum(each.get("bytes_sent") or 0 for each in found)
    return {
        "messages_per_second": rate or None,
        "mean_ms": weighted(found, lambda each: each["latency_ms"]["mean"], messages),
        "p99_ms": max(each["latency_ms"]["p99"] for each in found) or None,
        "cpu_us_per_message": cpu,
        "cpu_percent": None if cpu is None else cpu * rate / 1e4,
        "bytes_per_message": (received + sent) / messages if messages and received else None,
        "connect_us": weighted(found, lambda each: each["connect"]["server_cpu_us_per_connection"],
                               0),
    }


def weighted(found: Sequence[dict], of, messages: int) -> Figure:
    """The mean over the generators, by their messages if there were any."""
    values = [of(each) for each in found]
    if any(value is None for value in values):
        return None
    if not messages:
        return sum(values) / len(values)
    return sum(value * each["messages"] for value, each in zip(values, found)) / messages
