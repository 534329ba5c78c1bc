#!/usr/bin/env bash
# Builds what the comparisons run: wsecho-echo, wsecho-echo-c, wsecho-bench and wsecho-floor,
# release preset.
#
# Usage: tests/bench/build-programs.sh
#
# Installs what is missing (as root or with sudo).
#
# Example:
#   tests/bench/build-programs.sh && tests/bench/fanout.py
#
# Exit status: 0 built, 1 not built, 2 asked wrongly, 3 this machine lacks something.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$(dirname "$(dirname "$here")")
# shellcheck source=../../packaging/common.sh
. "$root/packaging/common.sh"

case ${1:-} in
  '') ;;
  -h | --help) print_help && exit 0 ;;
  *) wrong_option "$1" ;;
esac

"$root/packaging/install-dependencies.sh" build test
say "Building the release preset in $root/build/release"
cd "$root"
{ # a tree that was configured without the floor gets it; its other choices stay
  cmake --preset release -DWSECHO_BUILD_BENCHMARKS=ON &&
    cmake --build --preset release --target wsecho-echo wsecho-echo-c wsecho-bench wsecho-floor
} >&2 || die 1 "the build failed; what it said is above"
