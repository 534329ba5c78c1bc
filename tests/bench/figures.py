"""Medians, ratios and tables: what the comparisons do with the figures they have measured."""

from __future__ import annotations

import statistics
from typing import Iterable, List, Optional, Sequence

# A figure that was not measured, or whose run failed, is None.
Figure = Optional[float]


def median(figures: Iterable[Figure]) -> Figure:
    """Of those that were measured; None if none was."""
    measured = [figure for figure in figures if figure is not None]
    return statistics.median(measured) if measured else None


def ratio(value: Figure, other: Figure) -> Figure:
    return value / other if value is not None and other else None


def median_ratio(values: Sequence[Figure], others: Sequence[Figure]) -> Figure:
    """The median of the ratios round by round: what a machine's other work does to one round
    falls on both sides of its ratio."""
    return median(ratio(value, other) for value, other in zip(values, others))


def in_words(figure: Figure, absent: str = "–") -> str:
    """Three digits that mean something, and no decimals where the number is large."""
    if figure is None:
        return absent
    size = abs(figure)
    decimals = 0 if size >= 100 or size == 0 else 1 if size >= 10 else 2 if size >= 0.1 else 4
    return f"{figure:,.{decimals}f}"


def table(rows: Sequence[Sequence[str]]) -> List[str]:
    """Lines with columns as wide as they must be: the first to the left, the others to the
    right. The first row is the head. A row with fewer cells ends in words that may run on."""
    columns = len(rows[0])
    whole = [row for row in rows if len(row) == columns]
    widths = [max(len(row[column]) for row in whole) for column in range(columns)]
    widths[0] = max(len(row[0]) for row in rows)
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        if len(row) == columns:
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        else:
            cells += row[1:]
        lines.append("  ".join(cells).rstrip())
    return lines
