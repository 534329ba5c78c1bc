#!/usr/bin/env python3
"""What connections cost wsecho-echo: CPU time per connection opened, few against many, and
the CPU share of many that stand idle. Each measurement starts a fresh server."""

import argparse

import comparison
from comparison import say


def arguments() -> argparse.Namespace:
    parser = comparison.parser(__doc__, rounds=7, connections=15000)
    parser.add_argument("--few", type=comparison.positive, default=1000,
                        help="the number to compare --connections with")
    parser.add_argument("--heartbeat-interval", type=int, default=30, metavar="SECS",
                        help="while idle")
    parser.add_argument("--idle", type=float, default=60, metavar="SECS",
                        help="how long to watch the idle server; 0 leaves it out")
    parser.add_argument("--require", type=float, metavar="RATIO",
                        help="fail if one of many costs more than this multiple of one of few")
    parser.add_argument("--require-idle", type=float, metavar="PERCENT",
                        help="fail if the idle server uses more of a core")
    return parser.parse_args()


def compare() -> bool:
    options = arguments()
    bench = comparison.Bench(options)

    def cost_of_opening(connections: int) -> float:
        with bench.echo() as wsecho:
            found = bench.load(wsecho, "--scenario", "connect", "--connections", connections)
        return found["connect"]["server_cpu_us_per_connection"]

    ratios = []
    say("server CPU per connection opened")
    say(f"{'round':>5} {f'of {options.few:,}':>12} {f'of {options.connections:,}':>12} "
        f"{'ratio':>8}")
    for number in range(1, options.rounds + 1):
        few = cost_of_opening(options.few)
        many = cost_of_opening(options.connections)
        ratios.append(many / few)
        say(f"{number:>5} {few:>9.2f} µs {many:>9.2f} µs {ratios[-1]:>8.3f}")
    ratio = comparison.median(ratios)
    say(f"median of the rounds: ratio {ratio:.3f}")
    met = comparison.requirement("the ratio", ratio, options.require, at_most=True)
    if options.idle <= 0:
        return met

    with bench.echo("--heartbeat-interval", str(options.heartbeat_interval)) as wsecho:
        found = bench.load(wsecho, "--scenario", "idle", "--connections", options.connections,
                           "--duration", options.idle)["idle"]
    share = found["server_cpu_percent"]
    say(f"idle with {options.connections:,} connections for {found['seconds']:.0f} s, heartbeat "
        f"every {options.heartbeat_interval} s: {share:.2f} % of a core, "
        f"{found['pings_answered']:,} pings answered")
    idle_met = comparison.requirement("the idle CPU percentage", share, options.require_idle,
                                      at_most=True)
    return met and idle_met


if __name__ == "__main__":
    comparison.run(compare)
