"""What is measured of each server: how the generator is asked, and which figures its JSON holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, Sequence

from figures import Figure


@dataclass(frozen=True)
class Column:
    title: str
    of: Callable[[dict], Figure]


@dataclass(frozen=True)
class Measure:
    name: str
    about: str
    options: Sequence[str]
    """For wsecho-bench, on top of the connections."""
    columns: Sequence[Column]
    mode: str = "echo"
    floor: bool = True
    """False where the floor's figure would say nothing."""
    sends: bool = True
    """False where no message is sent and --size has no meaning."""
    lasts: bool = True
    """False where --duration has none."""


def server_figure(key: str) -> Callable[[dict], Figure]:
    return lambda found: (found.get("server") or {}).get(key)


MESSAGES = Column("messages/s", lambda found: found["messages_per_second"])
CPU = Column("CPU µs/message", server_figure("cpu_us_per_message"))
P99 = Column("p99 ms", lambda found: found["latency_ms"]["p99"])

MEASURES: Sequence[Measure] = (
    Measure("echo", "echo, one message in flight for each connection", [], (MESSAGES, CPU, P99)),
    Measure("deep", "echo, 32 messages in flight for each connection", ["--in-flight", "32"],
            (MESSAGES, CPU, P99)),
    Measure("fanout", "broadcasts, 16 messages at a time to every connection",
            ["--scenario", "fanout", "--batch", "16"],
            (Column("deliveries/s", lambda found: found["deliveries_per_second"]),
             Column("CPU µs/delivery", server_figure("cpu_us_per_message")), P99),
            mode="broadcast"),
    Measure("idle", "idle connections", ["--scenario", "idle"],
            (Column("bytes/connection",
                    lambda found: (found.get("idle") or {}).get("bytes_per_connection")),),
            floor=False, sends=False),
    Measure("connect", "opening connections", ["--scenario", "connect"],
            (Column("CPU µs/connection",
                    lambda found: found["connect"]["server_cpu_us_per_connection"]),),
            sends=False, lasts=False),
)


def figures_of(measure: Measure, found: dict) -> Dict[str, Figure]:
    return {column.title: column.of(found) for column in measure.columns}
