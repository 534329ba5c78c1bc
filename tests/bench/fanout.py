#!/usr/bin/env python3
"""Sending batches to many connections: wsecho-echo, by broadcast or through one channel, against
wsecho-floor, which makes one plain send per message and connection. Alternating."""

import argparse

import comparison
from comparison import say


def arguments() -> argparse.Namespace:
    parser = comparison.parser(__doc__, rounds=7, connections=5000)
    parser.add_argument("--batch", type=comparison.positive, default=16,
                        help="messages published in one write")
    parser.add_argument("--size", type=int, default=256, help="bytes of a message")
    parser.add_argument("--duration", type=float, default=3, help="seconds per measurement")
    parser.add_argument("--mode", choices=["broadcast", "channel"], default="broadcast",
                        help="of wsecho-echo")
    parser.add_argument("--require", type=float, metavar="RATIO",
                        help="fail if wsecho's deliveries/s are below this multiple of the floor's")
    parser.add_argument("--require-rate", type=float, metavar="DELIVERIES",
                        help="fail if wsecho's deliveries/s are below this; with --require too, "
                             "meeting one of both is enough")
    return parser.parse_args()


def compare() -> bool:
    options = arguments()
    bench = comparison.Bench(options)
    load = ["--scenario", "fanout", "--connections", options.connections, "--size", options.size,
            "--batch", options.batch, "--duration", options.duration]

    rates = []
    ratios = []
    say(f"{options.batch} messages of {options.size} bytes to {options.connections} connections")
    say(f"{'round':>5} {'wsecho/s':>12} {'floor/s':>12} {'ratio':>8} {'wsecho µs':>10} "
        f"{'floor µs':>10} {'generator busy':>15}")
    with bench.echo("--mode", options.mode) as wsecho, bench.floor("--mode", "broadcast") as floor:
        for number in range(1, options.rounds + 1):
            ours = bench.load(wsecho, *load)
            comparison.pause_between_runs()
            theirs = bench.load(floor, *load)
            comparison.pause_between_runs()
            rates.append(ours["deliveries_per_second"])
            ratios.append(rates[-1] / theirs["deliveries_per_second"])
            say(f"{number:>5} {rates[-1]:>12,.0f} {theirs['deliveries_per_second']:>12,.0f} "
                f"{ratios[-1]:>8.2f} {ours['server']['cpu_us_per_message']:>10.3f} "
                f"{theirs['server']['cpu_us_per_message']:>10.3f} "
                f"{ours['generator_busy_percent']:>13.0f} %")

    rate = comparison.median(rates)
    ratio = comparison.median(ratios)
    say(f"median of the rounds: {rate:,.0f} deliveries/s, ratio {ratio:.2f}")
    verdicts = [
        comparison.requirement(name, value, limit, at_most=False)
        for name, value, limit in (("the ratio", ratio, options.require),
                                   ("deliveries/s", rate, options.require_rate))
        if limit is not None
    ]
    return not verdicts or any(verdicts)


if __name__ == "__main__":
    comparison.run(compare)
