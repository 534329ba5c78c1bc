#!/usr/bin/env python3
"""Server CPU time per echoed message: wsecho-echo against wsecho-floor, alternating. With --rate,
in open loop, the latency too."""

import argparse

import comparison
from comparison import say


def arguments() -> argparse.Namespace:
    parser = comparison.parser(__doc__, rounds=7, connections=10000)
    parser.add_argument("--size", type=int, default=256, help="bytes of a message")
    parser.add_argument("--in-flight", type=comparison.positive, default=1)
    parser.add_argument("--rate", type=float, metavar="R",
                        help="open loop: messages/s over all connections, without a bound in flight")
    parser.add_argument("--separate-writes", action="store_true",
                        help="the generator writes each message on its own")
    parser.add_argument("--duration", type=float, default=3, help="seconds per measurement")
    parser.add_argument("--require", type=float, metavar="RATIO",
                        help="fail if wsecho's CPU time is above this multiple of the floor's")
    parser.add_argument("--require-rate", type=float, metavar="RATIO",
                        help="fail if wsecho's messages/s are below this share of the floor's")
    parser.add_argument("--require-p99", type=float, metavar="RATIO",
                        help="fail if wsecho's 99th percentile is above this multiple of the floor's")
    return parser.parse_args()


def load_options(options: argparse.Namespace) -> list[object]:
    load = ["--connections", options.connections, "--size", options.size,
            "--duration", options.duration]
    load += ["--in-flight", options.in_flight] if options.rate is None else ["--rate", options.rate]
    return [*load, "--separate-writes"] if options.separate_writes else load


def compare() -> bool:
    options = arguments()
    bench = comparison.Bench(options)
    load = load_options(options)

    cpu_ratios = []
    rate_ratios = []
    p99_ratios = []
    manner = (f"{options.in_flight} in flight" if options.rate is None
              else f"open loop at {options.rate:,.0f}/s")
    say(f"{options.connections} connections, {options.size} bytes, {manner}")
    say(f"{'round':>5} {'wsecho µs':>10} {'floor µs':>10} {'CPU ratio':>10} "
        f"{'wsecho msg/s':>13} {'floor msg/s':>13} {'rate ratio':>10} "
        f"{'wsecho p99 ms':>14} {'floor p99 ms':>13} {'p99 ratio':>10}")
    with bench.echo() as wsecho, bench.floor() as floor:
        for number in range(1, options.rounds + 1):
            ours = bench.load(wsecho, *load)
            comparison.pause_between_runs()
            theirs = bench.load(floor, *load)
            comparison.pause_between_runs()
            our_cpu = ours["server"]["cpu_us_per_message"]
            their_cpu = theirs["server"]["cpu_us_per_message"]
            our_p99 = ours["latency_ms"]["p99"]
            their_p99 = theirs["latency_ms"]["p99"]
            cpu_ratios.append(our_cpu / their_cpu)
            rate_ratios.append(ours["messages_per_second"] / theirs["messages_per_second"])
            p99_ratios.append(our_p99 / their_p99)
            say(f"{number:>5} {our_cpu:>10.3f} {their_cpu:>10.3f} {cpu_ratios[-1]:>10.3f} "
                f"{ours['messages_per_second']:>13,.0f} {theirs['messages_per_second']:>13,.0f} "
                f"{rate_ratios[-1]:>10.3f} "
                f"{our_p99:>14.3f} {their_p99:>13.3f} {p99_ratios[-1]:>10.3f}")

    cpu = comparison.median(cpu_ratios)
    rate = comparison.median(rate_ratios)
    p99 = comparison.median(p99_ratios)
    say(f"median of the rounds: CPU ratio {cpu:.3f}, rate ratio {rate:.3f}, p99 ratio {p99:.3f}")
    verdicts = [
        comparison.requirement("the CPU ratio", cpu, options.require, at_most=True),
        comparison.requirement("the rate ratio", rate, options.require_rate, at_most=False),
        comparison.requirement("the p99 ratio", p99, options.require_p99, at_most=True),
    ]
    return all(verdicts)


if __name__ == "__main__":
    comparison.run(compare)
