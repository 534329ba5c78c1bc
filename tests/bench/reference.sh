#!/usr/bin/env bash
# Repeats the measurements of the reference (Go 1.21 with gorilla/websocket) with wsecho-echo,
# gorilla and wsecho-floor, taking turns, and prints their figures beside the reference's.
#
# Usage: tests/bench/reference.sh [OPTION...]
#
#   --quick         a tenth of the connections, one round: a minute, to see that all works
#   --rounds N      how often all take their turn (default 5, with --quick 1)
#   --duration SEC  length of a measurement (default 5, with --quick 1)
#   --html FILE     write a page there, too
#   --json FILE     write the figures there, too
#   --require       fail unless, at 5,000, 10,000 and 15,000 connections, wsecho takes at most
#                   0.67 of gorilla's CPU for a message and at most a tenth of its memory
#   --help          this text; 'tests/bench/reference.py --help' has the rest
#
# Builds wsecho's programs (release preset) and gorilla's server, for which Go must be there.
# What a descriptor limit keeps from running in one process runs in two that share the port.
#
# Examples:
#   tests/bench/reference.sh
#   tests/bench/reference.sh --quick
#   tests/bench/reference.sh --rounds 3 --html reference.html --json reference.json
#
# Exit status: 0 measured and, with --require, everything met; 1 not met, or our programs do
#   not build; 2 asked wrongly or not measured; 3 this machine lacks something.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=../../packaging/common.sh
. "$here/../../packaging/common.sh"

for word in "$@"; do
  case $word in
    -h | --help) print_help && exit 0 ;;
  esac
done
command -v python3 >/dev/null || die 3 "python3 is missing"
command -v go >/dev/null || die 3 "Go is missing, and gorilla is what all is compared with"
"$here/build-programs.sh"
PYTHONDONTWRITEBYTECODE=1 exec python3 "$here/reference.py" "$@"
