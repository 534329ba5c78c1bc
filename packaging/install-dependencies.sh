#!/usr/bin/env bash
# Installs the Debian packages that wsecho needs, and only those that are missing.
#
# Usage: packaging/install-dependencies.sh [--missing] [SET...]
#
#   SET        build     what the library and the programs are built with (the default)
#              python    what the Python package is built with on top
#              portable  what packaging/test.sh --stage portable needs on top
#              test      what all tests need on top
#              lint      what the checks of the source need on top
#              fuzz      what tests/fuzz/run.sh needs on top
#   --missing  only print what is missing, one package a line; exit 1 if anything is
#   --help     this text
#
# Works as root or with sudo. If nothing is missing, it needs neither and no network.
#
# Examples:
#   packaging/install-dependencies.sh
#   packaging/install-dependencies.sh build test
#   packaging/install-dependencies.sh --missing build test lint
#
# Exit status: 0 all there, 1 not installed, 2 asked wrongly, 3 no apt or no root.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "$(readlink -f "$0")")/common.sh"

build_set=(g++ cmake ninja-build pkg-config libwebsockets-dev libuv1-dev
  libcli11-dev libfmt-dev nlohmann-json3-dev libssl-dev zlib1g-dev libjs-chart.js)
# googletest without its -dev packages has sources only. strace counts system calls;
# mmdebstrap and its keyring make the old root in which the Autobahn suite still runs.
# chromium opens the HTML report, which needs some font; tcpdump checks reported latencies;
# mandoc checks the man page; openssl makes certificates; Node's ws is a client that compresses.
# pybind11-dev: what the Python package's module is built with for its tests; pip brings its own.
python_set=(python3 python3-venv python3-dev)
portable_set=(libgtest-dev libgmock-dev "${python_set[@]}" pybind11-dev openssl)
test_set=("${portable_set[@]}" libbenchmark-dev
  strace mmdebstrap debian-archive-keyring chromium fonts-dejavu-core tcpdump mandoc nodejs node-ws)
lint_set=(clang clang-tidy clang-format shellcheck)
# libclang-rt-dev has libFuzzer; llvm has the symbolizer, for lines in what a sanitizer reports.
fuzz_set=(clang libclang-rt-dev llvm)

only_print=false
wanted=()
while (($#)); do
  case $1 in
    build) wanted+=("${build_set[@]}") ;;
    python) wanted+=("${python_set[@]}") ;;
    portable) wanted+=("${portable_set[@]}") ;;
    test) wanted+=("${test_set[@]}") ;;
    lint) wanted+=("${lint_set[@]}") ;;
    fuzz) wanted+=("${fuzz_set[@]}") ;;
    --missing) only_print=true ;;
    -h | --help) print_help && exit 0 ;;
    -*) wrong_option "$1" ;;
    *) die 2 "unknown set '$1': build, python, portable, test, lint or fuzz" ;;
  esac
  shift
done
((${#wanted[@]})) || wanted=("${build_set[@]}")

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  die 3 "this is not Debian (no apt-get): install the like of these by hand: ${wanted[*]}"
fi

missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $state == installed ]] || missing+=("$package")
done

if $only_print; then
  ((${#missing[@]})) || exit 0
  printf '%s\n' "${missing[@]}"
  exit 1
fi
((${#missing[@]})) || exit 0

if ((EUID != 0)) && ! command -v sudo >/dev/null; then
  die 3 "not installed: ${missing[*]}. Run this as root: apt-get install ${missing[*]}"
fi

say "Installing ${#missing[@]} missing packages: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { # another apt may be at work, as on a machine that has just booted: wait for it
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null || {
    cat "$log" >&2
    die 1 "'apt-get $1' failed; what it said is above"
  }
}
apt update
apt install --yes --no-install-recommends "${missing[@]}"
