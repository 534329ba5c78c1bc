"""The bounds that hold beside every attack, and what a measurement breaks of them. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional

from phases import Newcomers, Phase

DRAIN_GRACE_SECONDS = 0.1
MEMORY_AFTER_RATIO = 1.2
DISTURBED_SHARE = 0.05


@dataclass(frozen=True)
class Result:
    """Everything that was found beside one attack."""

    attack: str
    before: Phase
    during: Phase
    after: Phase
    p99_above_rest_ms: float
    closed: int
    closed_why: str
    changed: int
    newcomers: Newcomers
    newcomers_get_in: bool
    rss_before: int
    rss_peak: int
    rss_after: int
    rss_allowed: Optional[int]
    cpu_share: float
    """Of its core, during the attack."""
    waited_share: float
    """Of the attack's time in which other processes had the server's core."""
    descriptors_peak: int
    drain_seconds: Optional[float]
    """From SIGTERM to the end; None if it did not end."""
    drain_deadline: float
    exit_status: Optional[int]
    attackers: Dict[str, Any] = field(default_factory=dict)
    note: str = ""


def broken_bounds(result: Result) -> List[str]:
    """One phrase for each bound that was not kept; nothing if all were."""
    measured = [latency_bound(result), drain_bound(result), memory_bound(result),
                memory_after_bound(result), newcomers_bound(result)]
    return [each for each in measured if each] + wrong_counts(result)


def wrong_counts(result: Result) -> List[str]:
    """The same of those bounds that hold on every machine, however slow or busy."""
    checks = [
        lost_bound(result),
        f"{result.closed} closed ({result.closed_why})" if result.closed else "",
        f"{result.changed} changed" if result.changed else "",
        ending(result),
    ]
    return [each for each in checks if each]


def ending(result: Result) -> str:
    if result.exit_status is None:
        return "did not end at SIGTERM"
    if result.drain_seconds is None:
        return f"died in the attack (status {result.exit_status})"
    return f"exit status {result.exit_status}" if result.exit_status else ""


def latency_bound(result: Result) -> str:
    at_rest, beside = result.before.p99_ms, result.during.p99_ms
    if at_rest is None or beside is None:
        return "nothing measured"
    if math.isinf(result.p99_above_rest_ms):
        return ""  # the attack itself is that nothing is answered for a while
    if math.isinf(beside):
        return "more than 1 % never answered"
    above = beside - at_rest
    if above <= result.p99_above_rest_ms:
        return ""
    return f"p99 {above:,.1f} ms above rest (at most {result.p99_above_rest_ms:g})"


def lost_bound(result: Result) -> str:
    lost = result.before.lost + result.during.lost + result.after.lost
    return f"{lost} lost" if lost else ""


def newcomers_bound(result: Result) -> str:
    found = result.newcomers
    if not result.newcomers_get_in or not found.kept_out:
        return ""
    return f"{found.kept_out} of {found.came} newcomers kept out ({found.why})"


def drain_bound(result: Result) -> str:
    longest = result.drain_deadline + DRAIN_GRACE_SECONDS
    if result.drain_seconds is None or result.drain_seconds <= longest:
        return ""
    return f"drain took {result.drain_seconds:.2f} s (at most {result.drain_deadline:g} + 0.1)"


def memory_bound(result: Result) -> str:
    if result.rss_allowed is None or result.rss_peak <= result.rss_allowed:
        return ""
    return f"{result.rss_peak / 1e6:,.0f} MB (at most {result.rss_allowed / 1e6:,.0f})"


def memory_after_bound(result: Result) -> str:
    if result.rss_after <= MEMORY_AFTER_RATIO * result.rss_before:
        return ""
    return f"{result.rss_after / 1e6:,.1f} MB after it ({result.rss_before / 1e6:,.1f} before)"


def was_disturbed(result: Result) -> bool:
    """Other work had the server's core: the latency tells of that, too."""
    return result.waited_share > DISTURBED_SHARE
