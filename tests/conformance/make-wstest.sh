#!/usr/bin/env bash
# Makes build/autobahn: a small Debian root with PyPy 2.7, where the Autobahn TestSuite
# still runs, and the suite in it. Prints the root's path; does nothing if it is up to date.
#
# Usage: tests/conformance/make-wstest.sh
#
# Takes half a minute and 300 MB, as root or with sudo. WSECHO_BULLSEYE_MIRROR names the
# Debian mirror to use, if mmdebstrap's own choice has dropped this old release.
#
# Example:
#   root=$(tests/conformance/make-wstest.sh)
#
# Exit status: 0 made or there, 1 not made, 2 asked wrongly, 3 this machine lacks something.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
source_tree=$(readlink -f "$here/../..")
# shellcheck source=../../packaging/common.sh
. "$source_tree/packaging/common.sh"

case ${1:-} in
  '') ;;
  -h | --help) print_help && exit 0 ;;
  *) wrong_option "$1" ;;
esac

root=$source_tree/build/autobahn
stamp=$root/opt/wstest/made-of
made_of=$(cat "$here"/{make-wstest.sh,requirements.txt,unpack.py,wstest_main.py} | sha256sum)
if [[ -f $stamp && $(<"$stamp") == "$made_of" ]]; then
  printf '%s\n' "$root"
  exit
fi

command -v mmdebstrap >/dev/null || die 3 "mmdebstrap is missing: run packaging/install-dependencies.sh test"
python=$("$source_tree/packaging/test-python.sh")

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "Making the root for the Autobahn TestSuite in $root (half a minute)"
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-build-isolation \
  --python-version 27 --implementation py --abi none --platform any --require-hashes \
  --requirement "$here/requirements.txt" --dest "$scratch/archives" >"$scratch/log" 2>&1 || {
  cat "$scratch/log" >&2
  die 1 "the Autobahn TestSuite could not be fetched; what pip said is above"
}
"$python" "$here/unpack.py" "$scratch/archives" "$scratch/wstest"
cp "$here/wstest_main.py" "$scratch/wstest/"
printf '%s\n' "$made_of" >"$scratch/wstest/made-of"

as_root rm -rf --one-file-system "$root"
mkdir -p "$(dirname "$root")"
# PyPy needs four times the memory of CPython and a quarter of its time.
as_root mmdebstrap --quiet --variant=minbase --include=pypy,pypy-lib,pypy-pkg-resources \
  bullseye "$root" ${WSECHO_BULLSEYE_MIRROR:+"$WSECHO_BULLSEYE_MIRROR"} >"$scratch/log" 2>&1 || {
  cat "$scratch/log" >&2
  die 1 "mmdebstrap could not make the root; what it said is above"
}
# Last, with the stamp in it: a root without it is made again.
as_root cp -r "$scratch/wstest" "$root/opt/"
printf '%s\n' "$root"
