#!/usr/bin/env python3
"""What wsecho-bench itself costs: its CPU time per echoed message beside the floor server's, and
its rate beside that of a bare epoll client, which keeps no times and checks nothing. Alternating."""

import argparse

import comparison
from comparison import ComparisonError, say


def arguments() -> argparse.Namespace:
    parser = comparison.parser(__doc__, rounds=7, connections=10000)
    parser.add_argument("--duration", type=float, default=3, help="seconds per measurement")
    parser.add_argument("--require", type=float, metavar="RATIO",
                        help="fail if its CPU time is above this multiple of the floor's")
    parser.add_argument("--require-rate", type=float, metavar="RATIO",
                        help="fail if its rate is below this share of the bare client's")
    return parser.parse_args()


def compare() -> bool:
    options = arguments()
    if options.duration <= 0:
        raise ComparisonError("--duration must be above 0")
    bench = comparison.Bench(options)
    own_ratios = []
    rate_ratios = []
    bare_ratios = []
    say(f"{options.connections} connections, 256 bytes, 1 in flight, against the floor")
    say(f"{'round':>5} {'ours µs':>9} {'floor µs':>9} {'bare µs':>9} {'ours/floor':>11} "
        f"{'bare/floor':>11} {'our msg/s':>11} {'bare msg/s':>11} {'rate ratio':>11}")
    load = ["--connections", options.connections, "--duration", options.duration]
    with bench.floor() as floor:
        for number in range(1, options.rounds + 1):
            ours = bench.load(floor, *load)
            comparison.pause_between_runs()
            bare = bench.bare_load(floor, *load)
            comparison.pause_between_runs()
            own = ours["generator_cpu_us_per_message"]
            server = ours["server"]["cpu_us_per_message"]
            own_ratios.append(own / server)
            bare_ratios.append(bare["generator_cpu_us_per_message"] / server)
            rate_ratios.append(ours["messages_per_second"] / bare["messages_per_second"])
            say(f"{number:>5} {own:>9.3f} {server:>9.3f} "
                f"{bare['generator_cpu_us_per_message']:>9.3f} {own_ratios[-1]:>11.3f} "
                f"{bare_ratios[-1]:>11.3f} {ours['messages_per_second']:>11,.0f} "
                f"{bare['messages_per_second']:>11,.0f} {rate_ratios[-1]:>11.3f}")

    own = comparison.median(own_ratios)
    rate = comparison.median(rate_ratios)
    say(f"median of the rounds: CPU {own:.3f} of the floor's (the bare client's "
        f"{comparison.median(bare_ratios):.3f}), rate {rate:.3f} of the bare client's")
    cpu_met = comparison.requirement("the CPU ratio", own, options.require, at_most=True)
    rate_met = comparison.requirement("the rate ratio", rate, options.require_rate, at_most=False)
    return cpu_met and rate_met


if __name__ == "__main__":
    comparison.run(compare)
