#!/usr/bin/env python3
"""Resident memory of wsecho-echo per idle connection: right after opening, and after a while
of answered heartbeats. Each round starts a fresh server."""

import argparse

import comparison
from comparison import say


def arguments() -> argparse.Namespace:
    parser = comparison.parser(__doc__, rounds=3, connections=10000)
    parser.add_argument("--settle", type=float, default=10, metavar="SECS",
                        help="how long the connections stand idle before the second look")
    parser.add_argument("--heartbeat-interval", type=int, metavar="SECS",
                        help="passed to wsecho-echo, which otherwise uses its own default")
    parser.add_argument("--require", type=float, metavar="BYTES",
                        help="fail if a connection takes more, at either look")
    return parser.parse_args()


def compare() -> bool:
    options = arguments()
    bench = comparison.Bench(options)
    heartbeat = ([] if options.heartbeat_interval is None
                 else ["--heartbeat-interval", str(options.heartbeat_interval)])

    opened = []
    settled = []
    say(f"{options.connections} idle connections, bytes per connection")
    say(f"{'round':>5} {'opened':>10} {'settled':>10} {'pings answered':>15}")
    for number in range(1, options.rounds + 1):
        with bench.echo(*heartbeat) as wsecho:
            found = bench.load(wsecho, "--scenario", "idle", "--connections", options.connections,
                               "--duration", options.settle)
        opened.append(found["server"]["bytes_per_connection"])
        settled.append(found["idle"]["bytes_per_connection"])
        say(f"{number:>5} {opened[-1]:>10,.0f} {settled[-1]:>10,.0f} "
            f"{found['idle']['pings_answered']:>15,}")

    at_first = comparison.median(opened)
    later = comparison.median(settled)
    say(f"median of the rounds: {at_first:,.0f} bytes after opening, "
        f"{later:,.0f} bytes {options.settle:g} s later")
    return comparison.requirement("memory per connection", max(at_first, later), options.require,
                                  at_most=True)


if __name__ == "__main__":
    comparison.run(compare)
