"""Results as lines of a table, for the terminal and for the page. Pure."""

from __future__ import annotations

import math
from typing import List, Optional, Sequence

from verdict import Result, broken_bounds, was_disturbed

COLUMNS = ["attack", "load", "p50 ms", "p99 ms", "lost", "closed", "newcomers", "RSS MB", "CPU",
           "waited", "fds", "drain s", "verdict"]
WIDTHS = [18, 24, 20, 23, 5, 6, 20, 17, 5, 6, 5, 7, 0]


def row(result: Result) -> List[str]:
    phases = (result.before, result.during, result.after)
    return [
        result.attack,
        load(result),
        " / ".join(milliseconds(each.p50_ms) for each in phases),
        " / ".join(milliseconds(each.p99_ms) for each in phases),
        str(sum(each.lost for each in phases)),
        str(result.closed),
        newcomers(result),
        " / ".join(megabytes(each)
                   for each in (result.rss_before, result.rss_peak, result.rss_after)),
        f"{result.cpu_share:.0%}",
        f"{result.waited_share:.0%}",
        str(result.descriptors_peak),
        "–" if result.drain_seconds is None else f"{result.drain_seconds:.2f}",
        verdict(result),
    ]


def load(result: Result) -> str:
    done = result.attackers
    words = [f"{done.get('bytes_sent', 0) / 1e6:,.0f} MB", f"{done.get('opened', 0):,} opened"]
    return ", ".join(words)


def newcomers(result: Result) -> str:
    found = result.newcomers
    return f"{found.came - found.kept_out} of {found.came}, {milliseconds(found.worst_ms)} ms"


def verdict(result: Result) -> str:
    broken = broken_bounds(result)
    words = "; ".join(broken) if broken else "kept"
    return f"{words} (machine was busy)" if was_disturbed(result) else words


def milliseconds(value: Optional[float]) -> str:
    if value is None:
        return "–"
    if math.isinf(value):
        return "lost"
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def megabytes(value: int) -> str:
    return f"{value / 1e6:.1f}" if value < 1e8 else f"{value / 1e6:,.0f}"


def in_columns(cells: Sequence[str]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS)).rstrip()


def in_markdown(rows: Sequence[Sequence[str]]) -> List[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cells) + " |"
    return [line(rows[0]), line(["---"] * len(rows[0])), *map(line, rows[1:])]


