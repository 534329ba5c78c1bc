#!/usr/bin/env bash
# Makes the Python package's sdist, of that alone its wheel, and of that a wheel which brings
# the libraries that it needs with it, for every Linux of this machine's age or younger.
#
# Usage: packaging/python-wheel.sh [--python PYTHON] [--output DIR]
#
#   --python PYTHON  whose wheel it is: 3.9 to 3.13 (default: /usr/bin/python3)
#   --output DIR     where sdist and wheels go (default: build/dist); those that are
#                    there are replaced
#   --help           this text
#
# Prints the paths of the three: sdist, wheel, mended wheel. What it needs of Python goes into a
# venv in build/, in the versions of packaging/requirements.txt; what it needs of the system it
# installs (as root or with sudo). With ccache, if CMAKE_CXX_COMPILER_LAUNCHER and
# CMAKE_C_COMPILER_LAUNCHER name it.
#
# Examples:
#   packaging/python-wheel.sh
#   packaging/python-wheel.sh --python ~/.pyenv/versions/3.13.0/bin/python --output /tmp/dist
#
# Exit status: 0 made, 1 not made, 2 asked wrongly, 3 this machine lacks something.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=common.sh
. "$here/common.sh"
root=$(dirname "$here")

# Debian's own, whatever else comes first in PATH.
python=/usr/bin/python3 output=$root/build/dist
while (($#)); do
  case $1 in
    --python | --output)
      (($# > 1)) || die 2 "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    -h | --help) print_help && exit 0 ;;
    *) wrong_option "$1" ;;
  esac
  shift
done
"$here/install-dependencies.sh" build python >&2
command -v "$python" >/dev/null || die 3 "there is no '$python'"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# quietly STEP COMMAND...   what it says is told if it fails
quietly() {
  local step=$1
  shift
  "$@" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    die 1 "$step failed; what it said is above"
  }
}

# one FILE...   the name of the only one there is
one() {
  [[ $# -eq 1 && -f $1 ]] || die 1 "made not one file, but: $*"
  printf '%s\n' "$1"
}

version=$("$python" -c 'import platform; print(platform.python_version())')
venv=$root/build/wheel-venv/$version
make_venv "$venv" "$here/requirements.txt" "$python" "the tools' venv"
export PATH=$venv/bin:$PATH

# Without isolation: the venv holds what pyproject.toml asks for, and build checks that it does.
say "Making the sdist"
quietly "the sdist" python -m build --sdist --no-isolation --outdir "$work/sdist" "$root"
sdist=$(one "$work"/sdist/*.tar.gz)

# Outside of the tree: what is not in the sdist is not there. The same files by the same relative
# names give ccache what it has seen before.
say "Making the wheel of it, for Python $version"
tar --extract --no-same-owner --file "$sdist" --directory "$work"
unpacked=$work/$(basename "$sdist" .tar.gz)
CCACHE_BASEDIR=$unpacked CCACHE_NOHASHDIR=1 quietly "the wheel" \
  python -m build --wheel --no-isolation --outdir "$work/wheel" \
  --config-setting "build-dir=$unpacked/build/python/wheel" "$unpacked"
wheel=$(one "$work"/wheel/*.whl)

say "Mending it"
quietly "auditwheel" auditwheel repair --wheel-dir "$work/mended" "$wheel"
mended=$(one "$work"/mended/*.whl)

mkdir -p "$output"
rm -f "$output"/wsecho-*.tar.gz "$output"/wsecho-*.whl
cp "$sdist" "$wheel" "$mended" "$output"
for file in "$sdist" "$wheel" "$mended"; do printf '%s\n' "$output/${file##*/}"; done
