#!/usr/bin/env python3
"""wsecho-echo and wsecho-floor beside echo servers on other WebSocket libraries.

Every measurement starts a fresh server; within a round all servers take their turn. Printed are
the medians of the rounds, and the medians of the rounds' ratios to wsecho and to the floor.
peers.sh builds our programs first and then runs this."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Optional, Sequence

import comparison
from comparison import ComparisonError, note, say
from figures import Figure, in_words, median, median_ratio, table
from peer_builds import PEERS, Peer, Unbuildable, select
from peer_measures import MEASURES, Measure, figures_of
from process_watch import peak_resident_bytes

OURS = "wsecho"
FLOOR = "floor"

EXAMPLES = """examples:
  peers.sh                                        every peer that can be built here
  peers.sh --peers gorilla,ws --rounds 1 --duration 1 --connections 200
  peers.sh --measures echo,idle --json peers.json
  peers.sh --list                                 the peers, and what is missing for which

exit status: 0 measured (a peer that failed is a row that says why), 2 not measured"""


@dataclass
class Contender:
    """A server that takes its turn, with what was found of it: for each measure the figures of
    each round, None for a round that failed."""

    name: str
    command: List[str]
    log: Optional[Path] = None
    modes: bool = True
    """False where it echoes and takes no --mode."""
    rounds: Dict[str, List[Optional[Dict[str, Figure]]]] = field(default_factory=dict)
    failures: Dict[str, str] = field(default_factory=dict)

    def figures(self, measure: Measure, column: str) -> List[Figure]:
        return [found and found[column] for found in self.rounds.get(measure.name, [])]


def arguments(words: Optional[Sequence[str]] = None) -> argparse.Namespace:
    parser = comparison.parser(__doc__, rounds=3, connections=1000)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES
    parser.add_argument("--peers", metavar="A,B,C", help="only these (default: all)")
    parser.add_argument("--measures", metavar="A,B,C",
                        default=",".join(measure.name for measure in MEASURES),
                        help="only these of %(default)s")
    parser.add_argument("--size", type=int, default=256, help="bytes of a message (%(default)s)")
    parser.add_argument("--duration", type=float, default=3,
                        help="seconds per measurement (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--list", action="store_true", help="print the peers and end")
    parser.add_argument("--build-only", action="store_true", help="build the peers and end")
    return parser.parse_args(words)


def selected_measures(names: str) -> List[Measure]:
    known = {measure.name: measure for measure in MEASURES}
    for name in names.split(","):
        if name not in known:
            raise ComparisonError(f"unknown measure '{name}': there are {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(names.split(","))]


def print_list(peers: Sequence[Peer]) -> None:
    rows = [("peer", "what it is", "")]
    rows += [(peer.name, peer.about, peer.missing()) for peer in peers]
    for name, about, missing in rows:
        say(f"{name:<18}  {about:<32}  {missing}".rstrip())


def build(peers: Sequence[Peer]) -> List[Contender]:
    """Those that build; the others are named in one line."""
    built = []
    left_out = []
    for peer in peers:
        note(f"building {peer.name}")
        try:
            built.append(Contender(peer.name, peer.command(), peer.log))
        except Unbuildable as reason:
            left_out.append(Contender(peer.name, []))
            left_out[-1].failures[""] = str(reason)
    if left_out:
        reasons = "; ".join(f"{each.name} ({each.failures['']})" for each in left_out)
        note(f"left out: {reasons}")
    return built + left_out


def measure_once(bench: comparison.Bench, contender: Contender, measure: Measure,
                 options: argparse.Namespace) -> Dict[str, Figure]:
    load: List[object] = ["--connections", options.connections, *measure.options]
    if measure.sends:
        load += ["--size", options.size]
    if measure.lasts:
        load += ["--duration", options.duration]
    mode = ["--mode", measure.mode] if contender.modes else []
    with bench.server(contender.name, [*contender.command, *mode], contender.log) as server:
        found = bench.load(server, *load)
        found["peak_bytes"] = peak_resident_bytes(server.pid)
        return figures_of(measure, found)


def take_turns(bench: comparison.Bench, contenders: Sequence[Contender],
               measures: Sequence[Measure], options: argparse.Namespace) -> None:
    for number in range(1, options.rounds + 1):
        for measure in measures:
            note(f"round {number} of {options.rounds}: {measure.about}")
            for contender in contenders:
                if not contender.command or (contender.name == FLOOR and not measure.floor):
                    continue
                found: Optional[Dict[str, Figure]] = None
                try:
                    found = measure_once(bench, contender, measure, options)
                except ComparisonError as error:
                    contender.failures[measure.name] = str(error)
                contender.rounds.setdefault(measure.name, []).append(found)
                comparison.pause_between_runs()


def summary(measure: Measure, contenders: Sequence[Contender],
            references: Sequence[str] = (OURS, FLOOR)) -> List[dict]:
    """A row for each server: its medians and its ratios to those named, or why it has none."""
    by_name = {contender.name: contender for contender in contenders}
    rows = []
    for contender in contenders:
        if contender.name == FLOOR and not measure.floor:
            continue
        row: dict = {"server": contender.name, "figures": {}}
        failure = contender.failures.get("") or contender.failures.get(measure.name)
        if failure:
            row["failure"] = failure
        for column in measure.columns:
            found = contender.figures(measure, column.title)
            if median(found) is None:
                continue
            row["figures"][column.title] = {
                "median": median(found),
                "rounds": found,
                **{f"to_{name}": median_ratio(found, by_name[name].figures(measure, column.title))
                   for name in references if name in by_name},
            }
        rows.append(row)
    return rows


def lines_of(measure: Measure, rows: Sequence[dict]) -> List[str]:
    head = ["server"]
    for column in measure.columns:
        head += [column.title, "/wsecho"] + (["/floor"] if measure.floor else [])
    cells = [head]
    for row in rows:
        if not row["figures"]:
            cells.append([row["server"], f"left out: {row.get('failure', 'nothing measured')}"])
            continue
        line = [row["server"]]
        for column in measure.columns:
            figure = row["figures"].get(column.title, {})
            line += [in_words(figure.get("median")), in_words(figure.get(f"to_{OURS}"))]
            if measure.floor:
                line.append(in_words(figure.get(f"to_{FLOOR}")))
        cells.append(line)
    lines = table(cells)
    lines += [f"  {row['server']}: a round failed: {row['failure']}"
              for row in rows if row["figures"] and "failure" in row]
    return lines


def compare() -> bool:
    options = arguments()
    peers = select(options.peers)
    measures = selected_measures(options.measures)
    if options.list:
        print_list(peers)
        return True
    contenders = build(peers)
    if options.build_only:
        for contender in contenders:
            say(f"{contender.name:<18}  "
                f"{contender.failures.get('') or ' '.join(contender.command)}")
        return True

    bench = comparison.Bench(options)
    contenders = [Contender(OURS, bench.echo_command()), Contender(FLOOR, bench.floor_command()),
                  *contenders]
    take_turns(bench, contenders, measures, options)
    report = {}
    for measure in measures:
        rows = summary(measure, contenders)
        report[measure.name] = rows
        size = f", {options.size} bytes" if measure.sends else ""
        rounds = "one round" if options.rounds == 1 else f"median of {options.rounds} rounds"
        say(f"{measure.about}: {options.connections:,} connections{size}, {rounds}")
        for line in lines_of(measure, rows):
            say(line)
        say()
    if options.json:
        document = {"connections": options.connections, "size": options.size,
                    "rounds": options.rounds, "duration": options.duration, "measures": report}
        text = json.dumps(document, indent=2, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    return True


if __name__ == "__main__":
    comparison.run(compare)
