"""The reference's figures, and the rows that set ours, gorilla's and the floor's beside them.

The reference is a published comparison of WebSocket servers: Go 1.21 with gorilla/websocket,
JSON messages of 256 bytes echoed on 4 cores with 8 GB, without TLS."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from figures import Figure, in_words, median, median_ratio, ratio
from reference_runs import (DEPTH, FLOOR, GORILLA, LOAD_SIZES, OURS, QUICK_DIVISOR, SMALL,
                            TRIGGER_SIZES)

Found = Optional[Dict[str, Figure]]
"""The figures of one round; None if it failed."""

THROUGHPUT = {5000: (120000, 7.8, 62), 10000: (135000, 9.2, 78), 15000: (132000, 14.5, 91)}
MEMORY_AND_CPU = {5000: (2.1e9, 45), 15000: (4.8e9, 78), 25000: (9.3e9, 95)}
RESOURCES = {1000: (320e6, 18, 1024), 5000: (780e6, 35, 5120), 10000: (1560e6, 62, 10240)}
EDGE_CPU_SHARE = 0.82
DEFLATE_BYTES_SHARE = 0.30
DEFLATE_CPU_SHARE = 1.15

CPU_LIMIT = 0.67
MEMORY_LIMIT = 0.1
REQUIRED_SIZES = (5000, 10000, 15000)

LOAD_TOPIC = "Load"
MEMORY_TOPIC = "Memory and CPU"
RESOURCES_TOPIC = "Memory, CPU and descriptors"
CLIENTS_TOPIC = "Two kinds of client"
REUSE_TOPIC = "Connection reuse"
EDGE_TOPIC = "Edge-triggered against level-triggered epoll"
DEFLATE_TOPIC = "Compression"
WRITER_TOPIC = "Separated reading and writing"

ABOUT = {
    LOAD_TOPIC: "Each connection has one message of 256 bytes in flight, always, so that the "
                "mean latency is the connections divided by the messages/s; the reference's "
                "figures multiply to 940 to 1,900 in flight. CPU is what the reference's rate "
                "would take, in per cent of one core; the reference's is as published, on 4.",
    MEMORY_TOPIC: "Resident memory above the empty server's, at its highest under that load; CPU "
                  "in per cent of one core, at the full rate.",
    RESOURCES_TOPIC: "The same load, with fewer connections.",
    CLIENTS_TOPIC: f"{DEPTH} messages in flight on each connection: a client that gathers what "
                   "is due into one write, and one that writes each message on its own. The "
                   "reference compared two clients of its own, by requests/s and p99.",
    REUSE_TOPIC: "Server CPU for a request on a connection that is open already, and for one "
                 "that opens a connection of its own: handshake and message together.",
    EDGE_TOPIC: "Each server with the one and with the other: wsecho's --event-loop epoll against "
                "epoll-level, the floor with --edge-triggered against without.",
    DEFLATE_TOPIC: "wsecho has no compression yet: gorilla with and without permessage-deflate.",
    WRITER_TOPIC: "gorilla with a second goroutine for each connection that writes, against one "
                  f"that reads and writes; {DEPTH} messages in flight. wsecho has no such choice.",
}


@dataclass
class Row:
    topic: str
    what: str
    connections: int
    rounds: int = 0
    less_is_better: bool = True
    reference: Figure = None
    figures: Dict[str, Figure] = field(default_factory=dict)
    """By server, medians of the rounds."""
    to_gorilla: Figure = None
    to_floor: Figure = None
    note: str = ""

    @property
    def to_reference(self) -> Figure:
        return ratio(self.figures.get(OURS), self.reference)

    def document(self) -> dict:
        return {**asdict(self), "to_reference": self.to_reference}


class Results:
    """What the rounds found, by case."""

    def __init__(self, quick: bool = False, deflate_missing: str = "") -> None:
        self.quick = quick
        self.deflate_missing = deflate_missing
        self._rounds: Dict[Tuple[str, str], List[Found]] = {}
        self._failures: Dict[Tuple[str, str], str] = {}

    def add(self, key: str, server: str, found: Found, failure: str = "") -> None:
        self._rounds.setdefault((key, server), []).append(found)
        if failure:
            self._failures[key, server] = failure

    def figures(self, key: str, server: str, of: Callable[[dict], Figure]) -> List[Figure]:
        return [of(found) if found else None for found in self._rounds.get((key, server), [])]

    def failures(self, keys: Sequence[str]) -> str:
        """In words; the same reason for several servers once."""
        reasons: Dict[str, List[str]] = {}
        for (key, server), reason in self._failures.items():
            if key in keys:
                reasons.setdefault(reason, []).append(server)
        return "; ".join(f"{', '.join(dict.fromkeys(servers))}: {reason}"
                         for reason, servers in reasons.items())

    def size(self, connections: int) -> int:
        return connections // QUICK_DIVISOR if self.quick else connections

    def reference(self, figure: Figure) -> Figure:
        """With fewer connections than the reference had, its figures compare with nothing."""
        return None if self.quick else figure


def figure(name: str) -> Callable[[dict], Figure]:
    return lambda found: found.get(name)


def scaled(name: str, factor: float) -> Callable[[dict], Figure]:
    def of(found: dict) -> Figure:
        value = found.get(name)
        return None if value is None else value * factor
    return of


def row(results: Results, topic: str, what: str, connections: int, key: str,
        of: Callable[[dict], Figure], *, reference: Figure = None, more: bool = False,
        servers: Sequence[str] = (OURS, GORILLA, FLOOR)) -> Row:
    """One figure of one case for all servers."""
    found = {server: results.figures(key, server, of) for server in servers}
    ours = found.get(OURS, [])
    measured = [sum(each is not None for each in rounds) for rounds in found.values()]
    return Row(topic, what, results.size(connections), max(measured, default=0), not more,
               results.reference(reference),
               {server: median(rounds) for server, rounds in found.items()},
               median_ratio(ours, found.get(GORILLA, [])),
               median_ratio(ours, found.get(FLOOR, [])), results.failures([key]))


def share_row(results: Results, topic: str, what: str, servers: Sequence[str], key: str,
              base: str, of: Callable[[dict], Figure], *, reference: Figure = None,
              more: bool = False, connections: int = SMALL) -> Row:
    """Each server in two cases: the one as a share of the other."""
    shares, measured = {}, []
    for server in servers:
        values, others = results.figures(key, server, of), results.figures(base, server, of)
        shares[server] = median_ratio(values, others)
        measured.append(sum(ratio(a, b) is not None for a, b in zip(values, others)))
    return Row(topic, what, results.size(connections), max(measured), not more, reference, shares,
               note=results.failures([key, base]))


def rows(results: Results) -> List[Row]:
    return [*load_rows(results), *memory_rows(results), *resource_rows(results),
            *comparison_rows(results)]


def load_rows(results: Results) -> List[Row]:
    found = []
    for size, (rate, latency, cpu) in THROUGHPUT.items():
        def add(what: str, of: Callable[[dict], Figure], reference: Figure = None,
                more: bool = False, size: int = size) -> None:
            found.append(row(results, LOAD_TOPIC, what, size, f"load {size}", of,
                             reference=reference, more=more))
        add("messages/s", figure("messages_per_second"), rate, more=True)
        add("mean latency, ms", figure("mean_ms"), latency)
        add("CPU µs/message", figure("cpu_us_per_message"))
        add(f"CPU at {rate:,} messages/s, %", scaled("cpu_us_per_message", rate / 1e4), cpu)
    return found


def memory_rows(results: Results) -> List[Row]:
    found = []
    for size, (memory, cpu) in MEMORY_AND_CPU.items():
        found += [
            row(results, MEMORY_TOPIC, "memory, MB", size, f"load {size}",
                scaled("memory_bytes", 1e-6), reference=memory / 1e6),
            row(results, MEMORY_TOPIC, "CPU, %", size, f"load {size}", figure("cpu_percent"),
                reference=cpu),
        ]
    return found


def resource_rows(results: Results) -> List[Row]:
    found = []
    for size, (memory, cpu, descriptors) in RESOURCES.items():
        key = f"load {size}"
        found += [
            row(results, RESOURCES_TOPIC, "memory, MB", size, key, scaled("memory_bytes", 1e-6),
                reference=memory / 1e6),
            row(results, RESOURCES_TOPIC, "CPU, %", size, key, figure("cpu_percent"),
                reference=cpu),
            row(results, RESOURCES_TOPIC, "descriptors", size, key, figure("descriptors"),
                reference=descriptors),
        ]
    return found


def comparison_rows(results: Results) -> List[Row]:
    rate, p99 = figure("messages_per_second"), figure("p99_ms")
    cpu = figure("cpu_us_per_message")
    found = [
        row(results, CLIENTS_TOPIC, "messages/s, writes gathered", SMALL, "gathered", rate,
            reference=8200, more=True),
        row(results, CLIENTS_TOPIC, "messages/s, separate writes", SMALL, "separate", rate,
            reference=7900, more=True),
        row(results, CLIENTS_TOPIC, "p99 ms, writes gathered", SMALL, "gathered", p99,
            reference=45),
        row(results, CLIENTS_TOPIC, "p99 ms, separate writes", SMALL, "separate", p99,
            reference=52),
        row(results, REUSE_TOPIC, "CPU µs/request, reused connection", SMALL,
            f"load {SMALL}", cpu),
        with_handshake(results),
        *(share_row(results, EDGE_TOPIC, "CPU per message, edge / level", (OURS, FLOOR),
                    f"edge {size}", f"level {size}", cpu, reference=EDGE_CPU_SHARE,
                    connections=size) for size in TRIGGER_SIZES),
    ]
    if results.deflate_missing:
        found.append(Row(DEFLATE_TOPIC, "bytes and CPU, with / without", results.size(SMALL),
                         note=f"left out: {results.deflate_missing}"))
    else:
        found += [
            share_row(results, DEFLATE_TOPIC, "bytes, with / without", (GORILLA,), "deflate",
                      "plain", figure("bytes_per_message"), reference=DEFLATE_BYTES_SHARE),
            share_row(results, DEFLATE_TOPIC, "CPU per message, with / without", (GORILLA,),
                      "deflate", "plain", cpu, reference=DEFLATE_CPU_SHARE),
        ]
    found += [
        share_row(results, WRITER_TOPIC, "messages/s, two goroutines / one", (GORILLA,),
                  "two goroutines", "one goroutine", rate, more=True),
        share_row(results, WRITER_TOPIC, "CPU per message, two goroutines / one", (GORILLA,),
                  "two goroutines", "one goroutine", cpu),
    ]
    return found


def with_handshake(results: Results) -> Row:
    """A request on a connection of its own: opening it, and the message."""
    sums = Results(results.quick)
    for server in (OURS, GORILLA, FLOOR):
        opening = results.figures("connect", server, figure("connect_us"))
        message = results.figures(f"load {SMALL}", server, figure("cpu_us_per_message"))
        for handshake, echo in zip(opening, message):
            both = None if handshake is None or echo is None else {"sum": handshake + echo}
            sums.add("sum", server, both)
    made = row(sums, REUSE_TOPIC, "CPU µs/request, connection for each", SMALL, "sum",
               figure("sum"))
    made.note = results.failures(["connect", f"load {SMALL}"])
    return made


@dataclass(frozen=True)
class Requirement:
    text: str
    value: Figure
    limit: float

    @property
    def met(self) -> bool:
        """What was not measured is not met."""
        return self.value is not None and self.value <= self.limit

    def in_words(self) -> str:
        return (f"{'met' if self.met else 'NOT MET'}: {self.text} is "
                f"{in_words(self.value, 'not measured')}, required at most {self.limit}")


def requirements(results: Results) -> List[Requirement]:
    """At each of the sizes: our CPU per message and our memory as shares of gorilla's."""
    found = []
    for size in REQUIRED_SIZES:
        assert size in LOAD_SIZES
        for what, of, limit in (("CPU per message", figure("cpu_us_per_message"), CPU_LIMIT),
                                ("memory under load", figure("memory_bytes"), MEMORY_LIMIT)):
            ours = results.figures(f"load {size}", OURS, of)
            theirs = results.figures(f"load {size}", GORILLA, of)
            found.append(Requirement(f"{what} at {size:,} connections, wsecho / gorilla",
                                     median_ratio(ours, theirs), limit))
    return found
