#!/usr/bin/env bash
# Installs the Python package with each of these Pythons, each in a fresh venv, and runs its
# tests with what was installed. Ends with a table.
#
# Usage: packaging/python-versions.sh [--keep] PYTHON...
#
#   PYTHON  an interpreter: a path, or a name in PATH; Python 3.9 to 3.13
#   --keep  test what an earlier call has installed, and install only where that is missing
#   --help  this text
#
# Installs what it needs of the system (as root or with sudo). The venvs and the logs are in
# build/python. The tests' packages are those of
# tests/requirements.txt, or the newest before them that the Python can have.
#
# Examples:
#   packaging/python-versions.sh python3.11
#   packaging/python-versions.sh ~/.pyenv/versions/3.{9,10,12,13}.*/bin/python
#
# Exit status: 0 all passed, 1 one failed, 2 asked wrongly, 3 this machine lacks something.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=common.sh
. "$here/common.sh"
root=$(dirname "$here")

keep=false
while (($#)); do
  case $1 in
    --keep) keep=true ;;
    -h | --help) print_help && exit 0 ;;
    -*) wrong_option "$1" ;;
    *) break ;;
  esac
  shift
done
(($#)) || die 2 "no Python given (see '$program --help')"
"$here/install-dependencies.sh" build python

# What the core is compiled of is the same for all of them; the build folders are equally deep.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
# Nothing but what was installed is imported.
unset PYTHONPATH PYTHONHOME

# at_most NAME   as a requirement: what tests/requirements.txt has, or older
at_most() { sed -n "s/^$1==/$1<=/p" "$root/tests/requirements.txt"; }

install_package() { # with PYTHON, for VERSION; the option's long name is known to old pips, too
  local python=$1 version=$2 venv=$root/build/python/$2-venv
  rm -rf "$venv" "$root/build/python/$version"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --no-input --disable-pip-version-check \
    --config-settings "build-dir=$root/build/python/$version" "$root"
  "$venv/bin/python" -m pip install --no-input --disable-pip-version-check \
    "$(at_most pytest)" "$(at_most websockets)" "$(at_most uvloop)"
}

# test_package VERSION   not the stubs, which mypy checks once for all, nor for leaks, which takes long
test_package() {
  local python=$root/build/python/$1-venv/bin/python
  # A test presses Ctrl-C, and who starts this in the background has it ignored.
  (cd "$root/tests" && PYTHONDONTWRITEBYTECODE=1 env --default-signal=INT "$python" -W error -m pytest \
    --quiet -W error -p no:cacheprovider python --ignore python/test_leaks.py --ignore python/test_stubs.py)
}

mkdir -p "$root/build/python"
summary='' failures=0
for python; do
  command -v "$python" >/dev/null || die 2 "there is no '$python'"
  version=$("$python" -c 'import platform; print(platform.python_version())')
  log=$root/build/python/$version.log
  began=$SECONDS result=''
  say "Python $version"
  # Not in a condition, which would switch errexit off inside.
  if $keep && [[ -x $root/build/python/$version-venv/bin/python ]]; then
    : >"$log"
  else
    set +e
    (set -e && install_package "$python" "$version") >"$log" 2>&1
    status=$?
    set -e
    ((status == 0)) || result="not installed, see $log"
  fi
  if [[ -z $result ]]; then
    set +e
    test_package "$version" >>"$log" 2>&1
    status=$?
    set -e
    result=$(tail -n 1 "$log")
  fi
  if ((status != 0)); then
    ((++failures))
    tail -n 40 "$log" >&2
  fi
  summary+=$(printf '%-9s%5d s  %s' "$version" "$((SECONDS - began))" "$result")$'\n'
done
printf '%s' "$summary"
((failures == 0)) || die 1 "$failures of $# failed"
good "All passed."
