#!/usr/bin/env bash
# Builds wsecho and shows it at work: ten thousand connections to one echo server.
#
# Usage: packaging/run.sh [--connections N] [--size BYTES] [--duration SECONDS] [--html FILE]
#                         [--json FILE]
#
#   --connections N     connections to open (default 10000)
#   --size BYTES        size of each message, JSON text (default 256)
#   --duration SECONDS  how long to echo (default 10)
#   --html FILE         where the page with plots goes (default build/report.html)
#   --json FILE         write the results there too, as JSON
#   --help              this text
#
# Installs what is missing (as root or with sudo), builds the release preset, starts
# wsecho-echo on a free port of 127.0.0.1, loads it with wsecho-bench, prints the table
# to stdout, leaves a page with plots, and stops what it started. Runs from any folder.
#
# Each connection takes one descriptor in each of the two programs. If the descriptor
# limit allows fewer connections, it says so and runs with as many as fit.
#
# Examples:
#   packaging/run.sh
#   packaging/run.sh --connections 1000 --duration 3
#   packaging/run.sh --json results.json
#
# Exit status: 0 every connection opened and every message came back unchanged;
#   1 not so, or a step failed; 2 asked wrongly; 3 this machine lacks something.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=common.sh
. "$here/common.sh"
root=$(dirname "$here")

# What a program holds open beside its connections: standard streams, listener, epoll,
# wake-ups, timers, and what libraries keep.
descriptor_reserve=64

connections=10000 size=256 duration=10 json='' html=$root/build/report.html
while (($#)); do
  case $1 in
    --connections | --size | --duration | --json | --html)
      (($# > 1)) || die 2 "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    --connections=* | --size=* | --duration=* | --json=* | --html=*)
      option=${1%%=*}
      printf -v "${option#--}" %s "${1#*=}"
      ;;
    -h | --help) print_help && exit 0 ;;
    *) wrong_option "$1" ;;
  esac
  shift
done
whole_number --connections "$connections" 1
whole_number --size "$size" 1
whole_number --duration "$duration" 1
connections=$((10#$connections)) # 0100 is a hundred, not octal

# Children of this script, newest first out: stopped by pid, and waited for.
scratch=$(mktemp -d)
server_pid='' bench_pid=''
stop() { # stop PID: asks, waits ten seconds, then insists
  local pid=$1 tries
  kill -TERM "$pid" 2>/dev/null || return 0
  for ((tries = 0; tries < 100; ++tries)); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  warn "process $pid did not stop in ten seconds: killing it"
  kill -KILL "$pid" 2>/dev/null || true
}
clean_up() {
  [[ -z $bench_pid ]] || stop "$bench_pid"
  [[ -z $server_pid ]] || stop "$server_pid"
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Both programs inherit this limit. Only the hard limit counts: the soft one is ours to raise.
fit_to_descriptors() {
  local hard soft needed=$((connections + descriptor_reserve))
  hard=$(ulimit -Hn) soft=$(ulimit -Sn)
  if [[ $hard != unlimited ]] && ((hard < needed)); then
    local fit=$((hard - descriptor_reserve))
    local way_out="raise it with 'ulimit -Hn $needed' as root, or in /etc/security/limits.conf"
    ((fit >= 1)) || die 3 "the descriptor limit is $hard and $connections connections need $needed: $way_out"
    warn "the descriptor limit is $hard, and $connections connections need $needed in each program:" \
      "running with $fit ($way_out)"
    connections=$fit needed=$hard
  fi
  [[ $soft == unlimited ]] || ((soft >= needed)) || ulimit -Sn "$needed"
}

build() {
  # A tree that was configured before keeps its choices; a new one is spared the tests.
  [[ -f $root/build/release/build.ninja ]] ||
    (cd "$root" && cmake --preset release -DWSECHO_BUILD_TESTS=OFF -DWSECHO_BUILD_BENCHMARKS=OFF) ||
    return
  (cd "$root" && cmake --build --preset release --target wsecho-echo wsecho-bench)
}

"$here/install-dependencies.sh" build
fit_to_descriptors
say "Building the release preset in $root/build/release"
build >&2 || die 1 "the build failed; what it said is above"

bin=$root/build/release/bin
: >"$scratch/server.out" # there before the server is, for the reader below
: >"$scratch/server.err"
"$bin/wsecho-echo" --host 127.0.0.1 --port 0 --max-connections "$connections" \
  >"$scratch/server.out" 2>"$scratch/server.err" </dev/null &
server_pid=$!

address=
for ((tries = 0; tries < 200; ++tries)); do
  address=$(sed -n 's/^listening on //p' "$scratch/server.out")
  [[ -z $address ]] || break
  kill -0 "$server_pid" 2>/dev/null || break
  sleep 0.05
done
if [[ -z $address ]]; then
  cat "$scratch/server.err" >&2
  die 1 "wsecho-echo did not start; what it said is above"
fi
say "wsecho-echo listens on $address (pid $server_pid); $connections connections for $duration s"

# In the background, so that a signal to this script stops it at once.
"$bin/wsecho-bench" "ws://$address/" --connections "$connections" --size "$size" \
  --duration "$duration" --server-pid "$server_pid" --html "$html" ${json:+--json "$json"} &
bench_pid=$!
status=0
wait "$bench_pid" || status=$?
bench_pid=

if ! kill -0 "$server_pid" 2>/dev/null; then
  warn "wsecho-echo ended before it was told to"
  status=1
fi
stop "$server_pid"
server_status=0
wait "$server_pid" || server_status=$?
server_pid=
if ((server_status != 0)); then
  warn "wsecho-echo ended with status $server_status"
  status=1
fi
if ((status != 0)); then
  tail -n 20 "$scratch/server.err" >&2
  die 1 "the run failed: see the errors, lost and changed lines above"
fi
good "All $connections connections opened, and every message came back unchanged."
say "The run as a page with plots: $html"
