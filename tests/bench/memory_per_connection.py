#!/usr/bin/env python3
"""Resident memory of wsecho-echo per connection: idle, right after opening and after a while of
answered heartbeats; and, of another fresh server, at its highest while all of them echo."""

import argparse

import comparison
from comparison import say
from process_watch import Watch


def arguments() -> argparse.Namespace:
    parser = comparison.parser(__doc__, rounds=3, connections=10000)
    parser.add_argument("--settle", type=float, default=10, metavar="SECS",
                        help="how long the connections stand idle before the second look")
    parser.add_argument("--heartbeat-interval", type=int, metavar="SECS",
                        help="passed to wsecho-echo, which otherwise uses its own default")
    parser.add_argument("--require", type=float, metavar="BYTES",
                        help="fail if an idle connection takes more, at either look")
    parser.add_argument("--size", type=int, default=256, help="bytes of a message that is echoed")
    parser.add_argument("--duration", type=float, default=3, help="seconds of echoing")
    parser.add_argument("--require-echoing", type=float, metavar="BYTES",
                        help="fail if a connection takes more while they echo")
    return parser.parse_args()


def compare() -> bool:
    options = arguments()
    bench = comparison.Bench(options)
    heartbeat = ([] if options.heartbeat_interval is None
                 else ["--heartbeat-interval", str(options.heartbeat_interval)])

    opened = []
    settled = []
    echoing = []
    say(f"{options.connections} connections, bytes for each")
    say(f"{'round':>5} {'opened':>10} {'settled':>10} {'pings answered':>15} {'echoing':>10}")
    for number in range(1, options.rounds + 1):
        with bench.echo(*heartbeat) as wsecho:
            found = bench.load(wsecho, "--scenario", "idle", "--connections", options.connections,
                               "--duration", options.settle)
        with bench.echo(*heartbeat) as wsecho, Watch([wsecho.pid]) as watch:
            bench.load(wsecho, "--connections", options.connections, "--size", options.size,
                       "--duration", options.duration)
        opened.append(found["server"]["bytes_per_connection"])
        settled.append(found["idle"]["bytes_per_connection"])
        echoing.append(watch.memory_bytes / options.connections)
        say(f"{number:>5} {opened[-1]:>10,.0f} {settled[-1]:>10,.0f} "
            f"{found['idle']['pings_answered']:>15,} {echoing[-1]:>10,.0f}")

    at_first = comparison.median(opened)
    later = comparison.median(settled)
    busy = comparison.median(echoing)
    say(f"median of the rounds: {at_first:,.0f} bytes after opening, "
        f"{later:,.0f} bytes {options.settle:g} s later, {busy:,.0f} bytes at the highest "
        "while they echo")
    verdicts = [
        comparison.requirement("memory of an idle connection", max(at_first, later),
                               options.require, at_most=True),
        comparison.requirement("memory of one that echoes", busy, options.require_echoing,
                               at_most=True),
    ]
    return all(verdicts)


if __name__ == "__main__":
    comparison.run(compare)
