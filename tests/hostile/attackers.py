#!/usr/bin/env python3
"""A process of attackers. Prints "ready", begins at a line on standard input, ends at SIGTERM, and
prints what it did as one line of JSON."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import resource
import signal
import sys
from typing import Tuple

import priority
from attacks import ATTACKS, Attack
from attacks.link import Counts, Ended, Link


async def attack_again_and_again(attack: Attack, address: Tuple[str, int],
                                 counts: Counts) -> None:
    while True:
        link = Link(address, counts)
        try:
            await attack.behaviour(link)
        except (OSError, Ended):
            counts.ended += 1
        finally:
            link.close()
        await asyncio.sleep(0)


async def run(options: argparse.Namespace) -> None:
    counts = Counts()

    def end(*_: object) -> None:
        os.write(1, json.dumps(counts.as_dict()).encode() + b"\n")
        os._exit(0)  # the kernel closes the sockets, as it does for those who crash

    signal.signal(signal.SIGTERM, end)  # at once, however busy the event loop is
    host, _, port = options.address.rpartition(":")
    attack = ATTACKS[options.attack]
    await asyncio.gather(*(attack_again_and_again(attack, (host, int(port)), counts)
                           for _ in range(options.attackers * attack.connections)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("attack", choices=ATTACKS)
    parser.add_argument("--address", required=True, metavar="HOST:PORT")
    parser.add_argument("--attackers", type=int, default=100)
    parser.add_argument("--core", type=int, help="default: any, and no niceness either")
    parser.add_argument("--nice", type=int, default=19)
    options = parser.parse_args()
    if options.core is not None:
        priority.pin(options.core)
        priority.set_niceness(options.nice)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    gc.freeze()
    print("ready", flush=True)
    if sys.stdin.readline():
        asyncio.run(run(options))


if __name__ == "__main__":
    main()
