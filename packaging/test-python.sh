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
# Debian's own, whatever else comes first in PATH: its version is known.
python=/usr/bin/python3
[[ -x $python ]] || python=$(command -v python3) || die 3 "python3 is missing: run '$here/install-dependencies.sh test'"
make_venv "$venv" "$root/tests/requirements.txt" "$python" "the tests' Python"
printf '%s\n' "$venv/bin/python"
