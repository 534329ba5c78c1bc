#!/usr/bin/env python3
"""Repeats the reference's measurements with wsecho-echo, gorilla and the floor, and sets its
figures beside them. reference.sh builds our programs first and then runs this.

Every measurement starts a fresh server; within a round all take their turn. Printed are the
medians of the rounds, and the medians of the rounds' ratios."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Dict, List, Optional, Sequence

import comparison
import machine
from comparison import ComparisonError, note, say
from figures import in_words, table
from peer_builds import Unbuildable, select
from reference_page import page
from reference_rows import ABOUT, Requirement, Results, Row, requirements, rows
from reference_runs import FLOOR, GORILLA, OURS, Case, Runner, cases

ROUNDS, QUICK_ROUNDS = 5, 1
DURATION, QUICK_DURATION = 5.0, 1.0

EXAMPLES = """examples:
  reference.sh                                       about twenty minutes
  reference.sh --quick                               a tenth of the connections, one round
  reference.sh --rounds 3 --html reference.html --json reference.json
  reference.sh --require                             fail unless wsecho keeps its promises

exit status: 0 measured and, with --require, everything met; 1 not met; 2 not measured"""


def arguments(words: Optional[Sequence[str]] = None) -> argparse.Namespace:
    parser = comparison.parser(__doc__, rounds=None, connections=None)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES
    parser.add_argument("--duration", type=float, metavar="SECS",
                        help=f"of a measurement ({DURATION:g}, with --quick {QUICK_DURATION:g})")
    parser.add_argument("--quick", action="store_true",
                        help=f"a tenth of the connections; {QUICK_ROUNDS} round if not asked")
    parser.add_argument("--gorilla-options", type=comparison.shlex.split, default=[],
                        metavar="OPTIONS", help="in one argument: --gorilla-options=--small-buffers")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--require", action="store_true",
                        help="fail unless, at 5,000, 10,000 and 15,000 connections, wsecho takes "
                             "at most 0.67 of gorilla's CPU per message and a tenth of its memory")
    options = parser.parse_args(words)
    if options.quick and options.require:
        parser.error("--require needs the full number of connections: not with --quick")
    if options.rounds is None:
        options.rounds = QUICK_ROUNDS if options.quick else ROUNDS
    if options.duration is None:
        options.duration = QUICK_DURATION if options.quick else DURATION
    return options


def take_turns(runner: Runner, order: Sequence[Case], results: Results, rounds: int) -> None:
    for number in range(1, rounds + 1):
        for position, case in enumerate(order, 1):
            note(f"round {number} of {rounds}, {position} of {len(order)}: "
                 f"{case.key}, {case.server}")
            try:
                results.add(case.key, case.server, runner.measure(case))
            except ComparisonError as error:
                results.add(case.key, case.server, None, str(error))


def lines_of(found: Sequence[Row]) -> List[str]:
    """The rows as a table, under their topics."""
    head = ("", "connections", "rounds", "wsecho", "gorilla", "floor", "reference", "/gorilla",
            "/floor", "/reference")
    cells: List[Sequence[str]] = [head]
    above: Dict[int, str] = {}
    for each in found:
        if not above or each.topic != list(above.values())[-1]:
            above[len(cells)] = each.topic
        figures = [each.figures.get(name) for name in (OURS, GORILLA, FLOOR)]
        shown = [*figures, each.reference, each.to_gorilla, each.to_floor, each.to_reference]
        cells.append(("  " + each.what, f"{each.connections:,}", str(each.rounds or "–"),
                      *map(in_words, shown)))
    lines = table(cells)
    printed = [lines[0]]
    for number, line in enumerate(lines[1:], 1):
        if number in above:
            printed += ["", above[number], f"  ({ABOUT[above[number]]})"]
        printed.append(line)
        if found[number - 1].note:
            printed.append(f"    {found[number - 1].note}")
    return printed


def introduction(options: argparse.Namespace) -> str:
    rounds = "one round" if options.rounds == 1 else f"the median of {options.rounds} rounds"
    text = (f"Servers on one core, the generator on another; {rounds} of {options.duration:g} s "
            "each, all servers taking their turn in each. The reference is Go 1.21 with "
            "gorilla/websocket on 4 cores with 8 GB: another machine, so that its column gives "
            "an order of magnitude, and gorilla's the comparison. '/' columns are wsecho's "
            "figure divided by the other.")
    if options.quick:
        text += (" A quick run, with a tenth of the reference's connections: its figures that "
                 "depend on them are left out.")
    return text


def described_machine(bench: comparison.Bench, gorilla_sources: Path) -> Dict[str, str]:
    go_mod = machine.read(str(gorilla_sources / "go.mod"))
    return {**machine.describe(),
            "Go": machine.first_line_of(["go", "version"]),
            "gorilla": machine.required_version(go_mod, "github.com/gorilla/websocket"),
            "wsecho": bench.output_of("wsecho-echo", "--version").strip() or "unknown"}


def write_reports(options: argparse.Namespace, where: Dict[str, str], found: Sequence[Row],
                  asked: Sequence[Requirement]) -> None:
    if options.html:
        options.html.write_text(page(introduction(options), where, found, asked),
                                encoding="utf-8")
    if options.json:
        document = {
            "machine": where, "rounds": options.rounds, "duration": options.duration,
            "quick": options.quick, "rows": [each.document() for each in found],
            "requirements": [{"text": each.text, "value": each.value, "limit": each.limit,
                              "met": each.met} for each in asked],
        }
        options.json.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n",
                                encoding="utf-8")


def compare() -> bool:
    options = arguments()
    bench = comparison.Bench(options)
    peer = select(GORILLA)[0]
    try:
        gorilla = [*peer.command(), *options.gorilla_options]
    except Unbuildable as reason:
        raise ComparisonError(f"gorilla, which all is compared with: {reason}") from reason

    deflates = "--deflate" in bench.output_of("wsecho-bench", "--help")
    results = Results(options.quick, "" if deflates else "wsecho-bench has no --deflate yet")
    runner = Runner(bench, gorilla, peer.log, options.duration)
    take_turns(runner, cases(options.quick, deflates), results, options.rounds)

    found = rows(results)
    asked = requirements(results) if options.require else []
    where = described_machine(bench, peer.source)
    for name, value in where.items():
        say(f"{name:<13} {value}")
    say(introduction(options))
    say()
    for line in lines_of(found):
        say(line)
    if asked:
        say()
        for each in asked:
            say(each.in_words())
    write_reports(options, where, found, asked)
    return all(each.met for each in asked)


if __name__ == "__main__":
    comparison.run(compare)
