#!/usr/bin/env bash
# Runs pytest in a Python that has it and websockets. Arguments are pytest's.
#
# WSECHO_TEST_PYTHON names the interpreter; without it the first of build/venv and python3 that
# has both is taken. WSECHO_TEST_PRELOAD names libraries for that interpreter alone: a sanitizer's.
set -euo pipefail
root=$(dirname "$(readlink -f "$0")")/../../..

has_modules() { "$1" -c 'import pytest, websockets.asyncio.client' 2>/dev/null; }

python=${WSECHO_TEST_PYTHON:-}
if [[ -z $python ]]; then
  for candidate in "$root/build/venv/bin/python" python3; do
    if has_modules "$candidate"; then
      python=$candidate
      break
    fi
  done
fi
if [[ -z $python ]] || ! has_modules "$python"; then
  echo "no Python with pytest and websockets ${python:+(not $python) }was found:" \
    "set WSECHO_TEST_PYTHON=\$(packaging/test-python.sh)" >&2
  exit 3
fi
[[ -z ${WSECHO_TEST_PRELOAD:-} ]] || export LD_PRELOAD=$WSECHO_TEST_PRELOAD
exec "$python" -m pytest "$@"
