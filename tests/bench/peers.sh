#!/usr/bin/env bash
# Measures wsecho beside echo servers on other WebSocket libraries (tests/bench/peers): echoes
# one and 32 deep, broadcasts, idle connections, and the opening of connections.
#
# Usage: tests/bench/peers.sh [OPTION...]
#
#   --peers A,B,C     only these peers (default: all that can be built here)
#   --measures A,B,C  only these of echo, deep, fanout, idle and connect
#   --connections N   connections of each measurement (default 1000)
#   --rounds N        how often all servers take their turn (default 3)
#   --duration SECS   length of a measurement (default 3)
#   --json FILE       write the figures there, too
#   --list            print the peers, and what this machine lacks for which
#   --build-only      build the peers, print the command of each, and end
#   --help            this text; 'tests/bench/peers.py --help' has the rest
#
# Builds wsecho's programs (release preset) and the peers whose toolchain is there, with the
# versions that their manifests pin; nothing goes into the source tree, all into build/.
#
# Examples:
#   tests/bench/peers.sh
#   tests/bench/peers.sh --peers gorilla,beast --rounds 1 --duration 1
#   tests/bench/peers.sh --connections 5000 --json peers.json
#
# Exit status: 0 measured (a peer that failed is a row that says why), 1 our programs do not
#   build, 2 asked wrongly or not measured, 3 this machine lacks something.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=../../packaging/common.sh
. "$here/../../packaging/common.sh"

command -v python3 >/dev/null || die 3 "python3 is missing"
needs_programs=true
for word in "$@"; do
  case $word in
    -h | --help) print_help && exit 0 ;;
    --list | --build-only) needs_programs=false ;;
  esac
done
if $needs_programs; then
  "$here/build-programs.sh"
fi
PYTHONDONTWRITEBYTECODE=1 exec python3 "$here/peers.py" "$@"
