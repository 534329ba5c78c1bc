#!/usr/bin/env bash
# Makes build/venv, the Python that the tests use, from tests/requirements.txt, and prints
# the path of its interpreter. Does nothing else if it is there and up to date.
#
# Usage: packaging/test-python.sh
#
# Example:
#   WSECHO_TEST_PYTHON=$(packaging/test-python.sh) ctest --preset release
#
# Exit status: 0 made or there, 1 not made, 2 asked wrongly, 3 python3-venv is missing.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=common.sh
. "$here/common.sh"
root=$(dirname "$here")

case ${1:-} in
  '') ;;
  -h | --help) print_help && exit 0 ;;
  *) wrong_option "$1" ;;
esac

venv=$root/build/venv
wanted=$root/tests/requirements.txt
stamp=$venv/requirements-installed.txt

if ! cmp --silent "$wanted" "$stamp" || ! "$venv/bin/python" -c '' 2>/dev/null; then
  # Debian's own, whatever else comes first in PATH: its version is known.
  python=/usr/bin/python3
  [[ -x $python ]] || python=$(command -v python3) || die 3 "python3 is missing: run '$here/install-dependencies.sh test'"
  say "Making the tests' Python in $venv"
  rm -rf "$venv"
  "$python" -m venv "$venv" >&2 || die 3 "no venv made: run '$here/install-dependencies.sh test'"
  "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
    --requirement "$wanted" >&2 || die 1 "pip could not install tests/requirements.txt; what it said is above"
  cp "$wanted" "$stamp"
fi
printf '%s\n' "$venv/bin/python"
