#!/usr/bin/env python3
"""Echo servers in Python, ours and others', beside the floor and the C host: messages/s and the
server's CPU for a message. Or, with --hold, many connections held and echoed: memory, too.

Every measurement starts a fresh server, one process on a core of its own; within a round all take
their turn. Printed are the medians of the rounds, and the medians of the rounds' ratios."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional, Sequence

import comparison
import machine
from comparison import ComparisonError, note, say
from figures import Figure, in_words, median_ratio, table
from peer_measures import CPU, MEASURES, MESSAGES, Column, Measure
from peers import FLOOR, Contender, summary, take_turns
from python_contenders import (AIOHTTP_STR, ASYNCIO, C_HOST, CALLBACKS, NAMES, Making, make,
                               python_version, selected)

EXAMPLES = """examples:
  python_servers.py                                  the table
  python_servers.py --require                        and exit 1 where one of the bounds is missed
  python_servers.py --servers "wsecho callbacks,picows" --rounds 3 --require-picows 1.1
  python_servers.py --hold 10000 --require           10,000 connections held: lost messages, memory
  python_servers.py --package build/release/python   the package of a build tree, not installed

exit status: 0 measured and all that is required holds, 1 not so, 2 not measured"""

REFERENCES = (FLOOR, C_HOST, CALLBACKS, ASYNCIO)
PEAK = Column("peak MB", lambda found: found["peak_bytes"] / 1e6)
HOLD = Measure("hold", "echo on connections that are held, one message in flight for each", [],
               (MESSAGES, CPU, PEAK, Column("lost", lambda found: found["lost"])))
MEMORY_MEGABYTES = 100.0


@dataclass(frozen=True)
class Bound:
    """On a ratio of CPU for a message; the same as one of messages for a second of CPU."""

    option: str
    ours: str
    other: str
    limit: float
    at_most: bool = False

    @property
    def words(self) -> str:
        if self.at_most:
            return f"the CPU for a message of {self.ours}, times that of {self.other},"
        return f"the messages for a CPU second of {self.ours}, times those of {self.other},"

    def value(self, contenders: Sequence[Contender], measure: Measure) -> Figure:
        cpu = {each.name: each.figures(measure, CPU.title) for each in contenders}
        ours, other = cpu.get(self.ours, []), cpu.get(self.other, [])
        return median_ratio(ours, other) if self.at_most else median_ratio(other, ours)


BOUNDS = (
    Bound("c-host", CALLBACKS, C_HOST, 1.3, at_most=True),
    Bound("picows", CALLBACKS, "picows", 1.1),
    Bound("socketify", CALLBACKS, "socketify", 1.6),
    Bound("websockets", CALLBACKS, "websockets", 4.0),
    Bound("aiohttp", CALLBACKS, "aiohttp", 4.0),
    Bound("aiohttp-str", CALLBACKS, AIOHTTP_STR, 4.0),
    Bound("asyncio", ASYNCIO, "websockets", 2.0),
)


def arguments(words: Optional[Sequence[str]] = None) -> argparse.Namespace:
    parser = comparison.parser(__doc__, rounds=7, connections=1000)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES
    parser.add_argument("--servers", metavar="A,B,C", help=f"only these of {', '.join(NAMES)}")
    parser.add_argument("--size", type=int, default=256, help="bytes of a message (%(default)s)")
    parser.add_argument("--duration", type=float, default=3,
                        help="seconds per measurement (%(default)s)")
    parser.add_argument("--hold", type=comparison.positive, metavar="N",
                        help="N connections, and the memory that they take at the highest")
    parser.add_argument("--package", type=Path, metavar="FOLDER",
                        help="take the package wsecho from there; without it, it is installed from "
                             "these sources into build/peers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--require", action="store_true",
                        help="all that follow, with these values unless given, of the servers that "
                             "are measured")
    for bound in BOUNDS:
        parser.add_argument(f"--require-{bound.option}", type=float, metavar="RATIO",
                            help=f"{bound.words} is at {'most' if bound.at_most else 'least'} this "
                                 f"({bound.limit:g})")
    parser.add_argument("--require-memory", type=float, metavar="MB",
                        help=f"with --hold: {CALLBACKS} has at most this much resident "
                             f"({MEMORY_MEGABYTES:g})")
    return parser.parse_args(words)


def limit_of(options: argparse.Namespace, option: str, default: float,
             contenders: Sequence[Contender], *servers: str) -> Optional[float]:
    """With --require alone, nothing is required of servers that nobody asked for."""
    given = getattr(options, f"require_{option.replace('-', '_')}")
    asked = {contender.name for contender in contenders}.issuperset(servers)
    return default if given is None and options.require and asked else given


def lines_of(measure: Measure, rows: Sequence[dict], references: Sequence[str]) -> List[str]:
    """The measure's columns, and behind them each reference's CPU as the unit of CPU."""
    cells = [["server", *(column.title for column in measure.columns),
              *(f"CPU/{name.removeprefix('wsecho ')}" for name in references)]]
    for row in rows:
        if not row["figures"]:
            cells.append([row["server"], f"left out: {row.get('failure', 'nothing measured')}"])
            continue
        figures = [row["figures"].get(column.title, {}) for column in measure.columns]
        cpu = row["figures"].get(CPU.title, {})
        cells.append([row["server"], *(in_words(figure.get("median")) for figure in figures),
                      *(in_words(cpu.get(f"to_{name}")) for name in references)])
    lines = table(cells)
    lines += [f"  {row['server']}: a round failed: {row['failure']}"
              for row in rows if row["figures"] and "failure" in row]
    return lines


def required(name: str, value: Figure, limit: Optional[float], *, at_most: bool) -> bool:
    if limit is not None and value is None:
        say(f"NOT MET: {name} was not measured, required {limit:,.3f}")
        return False
    return comparison.requirement(name, value or 0.0, limit, at_most=at_most)


def verdict(options: argparse.Namespace, measure: Measure,
            contenders: Sequence[Contender]) -> bool:
    """Whether all that was required holds; a round that failed holds nothing."""
    if options.hold is None:
        met = [required(bound.words, bound.value(contenders, measure),
                        limit_of(options, bound.option, bound.limit, contenders, bound.ours,
                                 bound.other), at_most=bound.at_most)
               for bound in BOUNDS]
        return all(met)
    limit = limit_of(options, "memory", MEMORY_MEGABYTES, contenders, CALLBACKS)
    if limit is None:
        return True
    ours = next((each for each in contenders if each.name == CALLBACKS), None)
    peaks = ours.figures(measure, PEAK.title) if ours else []
    highest = None if not peaks or None in peaks else max(peaks)
    return required(f"the memory of {CALLBACKS} in MB, in all rounds and none lost,", highest,
                    limit, at_most=True)


def report(options: argparse.Namespace, measure: Measure, contenders: Sequence[Contender]) -> None:
    present = {contender.name for contender in contenders}
    references = [name for name in REFERENCES if name in present]
    rows = summary(measure, contenders, references)
    rounds = "one round" if options.rounds == 1 else f"median of {options.rounds} rounds"
    say(f"{measure.about}: {options.connections:,} connections, {options.size} bytes, {rounds}, "
        f"{python_version()}")
    for line in lines_of(measure, rows, references):
        say(line)
    say()
    if options.json:
        document = {"machine": machine.describe(), "python": python_version(),
                    "connections": options.connections, "size": options.size,
                    "rounds": options.rounds, "duration": options.duration, measure.name: rows}
        text = json.dumps(document, indent=2, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")


def compare() -> bool:
    options = arguments()
    measure = MEASURES[0]
    if options.hold is not None:
        measure = HOLD
        options.connections = options.hold
    names = selected(options.servers)
    bench = comparison.Bench(options)
    note("making the servers: packages are installed and compiled into build/peers")
    contenders = make(names, Making(bench, options.package))
    if not any(contender.command for contender in contenders):
        raise ComparisonError("; ".join(f"{each.name}: {each.failures['']}" for each in contenders))
    take_turns(bench, contenders, [measure], options)
    report(options, measure, contenders)
    return verdict(options, measure, contenders)


if __name__ == "__main__":
    comparison.run(compare)
