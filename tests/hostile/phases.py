"""What the good peers found, cut into before, during and after the attack. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple


@dataclass(frozen=True)
class Phase:
    """Figures of the messages that were due within one span of time."""

    messages: int
    lost: int
    p50_ms: Optional[float]
    p99_ms: Optional[float]
    worst_ms: Optional[float]
    sent_late_p99_ms: Optional[float]
    """The good peers' own lateness: what the measuring itself adds."""


@dataclass(frozen=True)
class Span:
    begin: float
    end: float


def percentile(sorted_values: Sequence[float], share: float) -> Optional[float]:
    """The smallest value that at least `share` of all values do not exceed (nearest rank)."""
    if not sorted_values:
        return None
    return sorted_values[max(0, math.ceil(share * len(sorted_values)) - 1)]


def phase(found: Dict[str, Any], span: Span) -> Phase:
    """A message without an answer is lost, and counts as slower than every other."""
    first = max(0, math.ceil((span.begin - found["start"]) / found["step"]))
    last = max(0, math.ceil((span.end - found["start"]) / found["step"]))
    latencies: List[Optional[float]] = found["latency_us"][first:last]
    late = sorted(found["sent_late_us"][first:last])
    answered = sorted(x for x in latencies if x is not None)
    lost = len(latencies) - len(answered)
    ranked = answered + [math.inf] * lost
    return Phase(len(latencies), lost, in_ms(percentile(ranked, 0.5)),
                 in_ms(percentile(ranked, 0.99)), in_ms(answered[-1] if answered else None),
                 in_ms(percentile(late, 0.99)))


@dataclass(frozen=True)
class Newcomers:
    """Peers that came during the attack."""

    came: int
    kept_out: int
    why: str
    worst_ms: Optional[float]


def newcomers(visits: Sequence[Tuple[float, Any]], span: Span) -> Newcomers:
    """Of visits as newcomers.py tells them: when each came, and seconds or a reason."""
    within = [outcome for at, outcome in visits if span.begin <= at < span.end]
    reasons = [outcome for outcome in within if isinstance(outcome, str)]
    times = [outcome for outcome in within if not isinstance(outcome, str)]
    return Newcomers(len(within), len(reasons), reasons[0] if reasons else "",
                     max(times) * 1000 if times else None)


def in_ms(microseconds: Optional[float]) -> Optional[float]:
    return None if microseconds is None else microseconds / 1000


def closings_before(found: Dict[str, Any], end: float) -> List[Tuple[float, str]]:
    return [(at, why) for at, why in found["closings"] if at < end]
