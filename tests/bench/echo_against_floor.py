#!/usr/bin/env python3
"""Server CPU time per echoed message: wsecho-echo against wsecho-floor, alternating."""

import argparse

import comparison
from comparison import say


def arguments() -> argparse.Namespace:
    parser = comparison.parser(__doc__, rounds=7, connections=10000)
    parser.add_argument("--size", type=int, default=256, help="bytes of a message")
    parser.add_argument("--in-flight", type=comparison.positive, default=1)
    parser.add_argument("--separate-writes", action="store_true",
                        help="the generator writes each message on its own")
    parser.add_argument("--duration", type=float, default=3, help="seconds per measurement")
    parser.add_argument("--require", type=float, metavar="RATIO",
                        help="fail if wsecho's CPU time is above this multiple of the floor's")
    parser.add_argument("--require-rate", type=float, metavar="RATIO",
                        help="fail if wsecho's messages/s are below this share of the floor's")
    return parser.parse_args()


def compare() -> bool:
    options = arguments()
    bench = comparison.Bench(options)
    load = ["--connections", options.connections, "--size", options.size,
            "--in-flight", options.in_flight, "--duration", options.duration]
    if options.separate_writes:
        load.append("--separate-writes")

    cpu_ratios = []
    rate_ratios = []
    say(f"{options.connections} connections, {options.size} bytes, {options.in_flight} in flight")
    say(f"{'round':>5} {'wsecho µs':>10} {'floor µs':>10} {'CPU ratio':>10} "
        f"{'wsecho msg/s':>13} {'floor msg/s':>13} {'rate ratio':>10}")
    with bench.echo() as wsecho, bench.floor() as floor:
        for number in range(1, options.rounds + 1):
            ours = bench.load(wsecho, *load)
            comparison.pause_between_runs()
            theirs = bench.load(floor, *load)
            comparison.pause_between_runs()
            our_cpu = ours["server"]["cpu_us_per_message"]
            their_cpu = theirs["server"]["cpu_us_per_message"]
            cpu_ratios.append(our_cpu / their_cpu)
            rate_ratios.append(ours["messages_per_second"] / theirs["messages_per_second"])
            say(f"{number:>5} {our_cpu:>10.3f} {their_cpu:>10.3f} {cpu_ratios[-1]:>10.3f} "
                f"{ours['messages_per_second']:>13,.0f} {theirs['messages_per_second']:>13,.0f} "
                f"{rate_ratios[-1]:>10.3f}")

    cpu = comparison.median(cpu_ratios)
    rate = comparison.median(rate_ratios)
    say(f"median of the rounds: CPU ratio {cpu:.3f}, rate ratio {rate:.3f}")
    cpu_met = comparison.requirement("the CPU ratio", cpu, options.require, at_most=True)
    rate_met = comparison.requirement("the rate ratio", rate, options.require_rate, at_most=False)
    return cpu_met and rate_met


if __name__ == "__main__":
    comparison.run(compare)
