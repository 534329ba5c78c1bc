# What the scripts of this project share: messages, and the way to act as root.
# Sourced by them, never run. Everything here writes to stderr: stdout is for results.
# shellcheck shell=bash

program=${0##*/}
bold='' red='' green='' yellow='' plain=''
if [[ -t 2 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m'
fi

say() { printf '%s==> %s%s\n' "$bold" "$*" "$plain" >&2; }
good() { printf '%s%s%s\n' "$green" "$*" "$plain" >&2; }
warn() { printf '%s%s: %s%s\n' "$yellow" "$program" "$*" "$plain" >&2; }

# die STATUS WORDS...   1: it did not work, 2: asked wrongly, 3: this machine lacks something
die() {
  local status=$1
  shift
  printf '%s%s: %s%s\n' "$red" "$program" "$*" "$plain" >&2
  exit "$status"
}

# The comment block at the head of the calling script is its help: the words live once.
print_help() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p;}' "$0"; }

wrong_option() { die 2 "unknown option '$1' (see '$program --help')"; }

# whole_number OPTION VALUE MINIMUM
whole_number() {
  [[ ${2:-} =~ ^[0-9]{1,9}$ ]] || die 2 "$1 needs a whole number, not '${2:-}'"
  ((10#$2 >= $3)) || die 2 "$1 needs at least $3, not $2"
}

# make_venv VENV REQUIREMENTS PYTHON WHAT   with these packages in it; nothing is done if it is there
# and up to date
make_venv() {
  local venv=$1 wanted=$2 python=$3 what=$4 stamp=$1/requirements-installed.txt
  if cmp --silent "$wanted" "$stamp" && "$venv/bin/python" -c '' 2>/dev/null; then return; fi
  say "Making $what in $venv"
  rm -rf "$venv"
  "$python" -m venv "$venv" >&2 || die 3 "no venv made by $python: Debian has python3-venv for it"
  "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
    --requirement "$wanted" >&2 || die 1 "pip could not install $wanted; what it said is above"
  cp "$wanted" "$stamp"
}

# as_root COMMAND...   runs it as root: directly, or through sudo.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die 3 "this needs root: run it as root, or install sudo ($*)"
  fi
}
