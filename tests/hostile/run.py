#!/usr/bin/env python3
"""Attacks wsecho-echo, and tells what 200 well-behaved peers of the same loop notice.

The server has a core of its own. On the other one the good peers run before everything else, in
a process of their own, and the attackers after everything else (nice 19)."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shlex
import sys
from pathlib import Path
from typing import List, Optional, Sequence

from attacks import ATTACKS, Attack
from scenario import Setting, measure, usable_core
from server_process import HarnessError
from table import COLUMNS, in_columns, row
from verdict import Result, broken_bounds

REPOSITORY = Path(__file__).resolve().parent.parent.parent
BUSY = 1.5  # processes that run, as a mean of the last minute

EXAMPLES = """examples:
  run.py                             every attack, on the default event loop
  run.py pings one-byte-texts        these two
  run.py --event-loop poll --deflate every attack on poll, with compression
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
    parser.add_argument("--event-loop", default="auto", help="epoll, epoll-level, poll or libuv")
    parser.add_argument("--deflate", action="store_true", help="the server compresses, and the "
                        "good peers too; bombs are tried with it in any case")
    parser.add_argument("--attackers", type=int, default=100, help="connections (%(default)s)")
    parser.add_argument("--duration", type=float, default=5, help="seconds of attack (%(default)s)")
    parser.add_argument("--rest", type=float, default=2,
                        help="seconds measured before and after (%(default)s)")
    parser.add_argument("--peers", type=int, default=200, help="well-behaved ones (%(default)s)")
    parser.add_argument("--rate", type=float, default=10, help="messages/s of each (%(default)s)")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--client-core", type=int, default=1)
    parser.add_argument("--server-options", type=shlex.split, default=[], metavar="OPTIONS",
                        help="more options for wsecho-echo, in one argument")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--require", action="store_true", help="exit with 1 if a bound is broken")
    return parser.parse_args(words)


def selected(names: Sequence[str]) -> List[Attack]:
    for name in names:
        if name not in ATTACKS:
            raise HarnessError(f"unknown attack '{name}': there are {', '.join(ATTACKS)}")
    return [ATTACKS[name] for name in names] or list(ATTACKS.values())


def setting_of(options: argparse.Namespace) -> Setting:
    load = os.getloadavg()[0]
    if load > BUSY:
        note(f"the machine is at work already (load {load:.1f}): look at the column 'waited'")
    setting = Setting(
        build=options.build_dir, server_core=usable_core(options.server_core),
        client_core=usable_core(options.client_core), event_loop=options.event_loop,
        deflate=options.deflate, attackers=options.attackers, rest=options.rest,
        duration=options.duration, peers=options.peers, rate=options.rate,
        server_options=options.server_options)
    if setting.server_core == setting.client_core:
        note("server and peers share a core: latencies mean little")
    return setting


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(options: argparse.Namespace) -> int:
    attacks = selected(options.attacks)
    if options.list:
        for attack in attacks:
            print(f"{attack.name:<18} {attack.about}")
        return 0
    setting = setting_of(options)
    print(in_columns(COLUMNS), flush=True)
    results: List[Result] = []
    failed = False
    for attack in attacks:
        try:
            results.append(measure(attack, setting))
        except HarnessError as error:
            failed = True
            print(f"{attack.name:<18} not measured: {error}", flush=True)
            continue
        print(in_columns(row(results[-1])), flush=True)
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(each) for each in results],
                                           indent=1), encoding="utf-8")
    if failed:
        return 2
    return 1 if options.require and any(map(broken_bounds, results)) else 0


def main() -> None:
    try:
        sys.exit(run(arguments()))
    except HarnessError as error:
        note(f"run.py: {error}")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
