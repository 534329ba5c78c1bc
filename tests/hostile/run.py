#!/usr/bin/env python3
"""Attacks wsecho-echo, and tells what 200 well-behaved peers of the same loop notice.

The server has a core of its own. On the other one the good peers run before everything else, in
a process of their own, and the attackers after everything else (nice 19)."""

from __future__ import annotations

import argparse
import dataclasses
import json
import itertools
import os
import shlex
import sys
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

import page
from attacks import ATTACKS, Attack
from page import PageError, Run
from scenario import Setting, measure, usable_core
from server_process import HarnessError
from table import COLUMNS, in_columns, row
from verdict import Result, broken_bounds, wrong_counts

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path.append(str(REPOSITORY / "tests" / "bench"))
import machine  # noqa: E402
BUSY = 1.5  # processes that run, as a mean of the last minute
DEFLATE = {"no": [False], "yes": [True], "both": [False, True]}
BROKEN = {"all": broken_bounds, "counts": wrong_counts}

EXAMPLES = """examples:
  run.py                             every attack, on the default event loop
  run.py pings one-byte-texts        these two
  run.py --event-loop poll --deflate every attack on poll, with compression
  run.py --event-loop epoll,poll,libuv --deflate both --require
  run.py --list                      the attacks, and what stops each
  run.py --page docs/hostile-peers.md

exit status: 0 measured (with --require: and every bound kept), 1 a bound was broken, 2 not
measured"""


def arguments(words: Optional[Sequence[str]] = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help="default: all of --list")
    parser.add_argument("--list", action="store_true", help="print the attacks and end")
    parser.add_argument("--build-dir", type=Path, default=REPOSITORY / "build" / "release")
    parser.add_argument("--event-loop", default="auto", metavar="A,B",
                        help="auto, epoll, epoll-level, poll or libuv (%(default)s)")
    parser.add_argument("--deflate", nargs="?", const="yes", default="no",
                        choices=("no", "yes", "both"),
                        help="the server compresses, and the good peers; bombs need no such word")
    parser.add_argument("--attackers", type=int, default=100,
                        help="at once; some have several connections each (%(default)s)")
    parser.add_argument("--duration", type=float, default=5, help="seconds of attack (%(default)s)")
    parser.add_argument("--rest", type=float, default=2,
                        help="seconds measured before and after (%(default)s)")
    parser.add_argument("--drain", type=float, default=2,
                        help="seconds that the server has at SIGTERM (%(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="of attackers (%(default)s)")
    parser.add_argument("--peers", type=int, default=200, help="well-behaved ones (%(default)s)")
    parser.add_argument("--rate", type=float, default=10, help="messages/s of each (%(default)s)")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--client-core", type=int, default=1)
    parser.add_argument("--server-options", type=shlex.split, default=[], metavar="OPTIONS",
                        help="more options for wsecho-echo, in one argument")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--page", type=Path, metavar="FILE",
                        help="replace the generated parts of this page")
    parser.add_argument("--require", nargs="?", const="all", choices=("all", "counts"),
                        help="exit with 1 if a bound is broken; counts: if anything was lost, "
                        "closed or changed, however long it took")
    parser.add_argument("--plain", action="store_true",
                        help="without cores and priorities of their own, as in a test of this")
    return parser.parse_args(words)


def selected(names: Sequence[str]) -> List[Attack]:
    for name in names:
        if name not in ATTACKS:
            raise HarnessError(f"unknown attack '{name}': there are {', '.join(ATTACKS)}")
    return [ATTACKS[name] for name in names] or list(ATTACKS.values())


def settings_of(options: argparse.Namespace) -> List[Setting]:
    load = os.getloadavg()[0]
    if load > BUSY and not options.plain:
        note(f"the machine is at work already (load {load:.1f}): look at the column 'waited'")
    server_core, client_core = usable_core(options.server_core), usable_core(options.client_core)
    if server_core == client_core and not options.plain:
        note("server and peers share a core: latencies mean little")
    manners = itertools.product(options.event_loop.split(","), DEFLATE[options.deflate])
    return [Setting(
        build=options.build_dir, server_core=None if options.plain else server_core,
        client_core=None if options.plain else client_core, event_loop=event_loop,
        deflate=deflate, attackers=options.attackers, rest=options.rest,
        duration=options.duration, drain=options.drain,
        attacker_processes=options.processes, peers=options.peers, rate=options.rate,
        server_options=options.server_options) for event_loop, deflate in manners]


def measure_all(attacks: Sequence[Attack], setting: Setting) -> Tuple[Run, bool]:
    """Prints each row as soon as it is there. False if one could not be measured."""
    print(f"{setting.title()}\n{in_columns(COLUMNS)}", flush=True)
    results: List[Result] = []
    complete = True
    for attack in attacks:
        try:
            results.append(measure(attack, setting))
        except HarnessError as error:
            complete = False
            print(f"{attack.name:<18} not measured: {error}", flush=True)
            continue
        print(in_columns(row(results[-1])), flush=True)
    return Run(setting.title(), results), complete


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(options: argparse.Namespace) -> int:
    attacks = selected(options.attacks)
    if options.list:
        for attack in attacks:
            print(f"{attack.name:<18} {attack.about}")
        return 0
    measured = [measure_all(attacks, setting) for setting in settings_of(options)]
    runs = [run for run, _ in measured]
    if options.json:
        figures_of_runs = {run.title: [dataclasses.asdict(each) for each in run.results]
                           for run in runs}
        options.json.write_text(json.dumps(figures_of_runs, indent=1), encoding="utf-8")
    if options.page:
        load = (f"{options.peers} good peers at {options.rate:g} messages/s, "
                f"{options.attackers} attackers for {options.duration:g} s.")
        page.update(options.page, {"attacks": page.attacks_table(ATTACKS.values()),
                                   "figures": page.figures(machine.describe(), load, runs)})
    if not all(complete for _, complete in measured):
        return 2
    broken = BROKEN.get(options.require, lambda result: [])
    return 1 if any(broken(result) for run in runs for result in run.results) else 0


def main() -> None:
    try:
        sys.exit(run(arguments()))
    except (HarnessError, PageError) as error:
        note(f"run.py: {error}")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
