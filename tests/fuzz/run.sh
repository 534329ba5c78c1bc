#!/usr/bin/env bash
# Fuzzes wsecho: builds the targets of tests/fuzz with libFuzzer, and runs them one after the other.
#
# Usage: tests/fuzz/run.sh MINUTES [TARGET]...
#        tests/fuzz/run.sh --list
#
#   MINUTES   for each target, a whole number or a decimal one
#   TARGET    only these; by default all
#   --list    print the targets, and what each checks
#   --help    this text
#
# Needs clang with libFuzzer: packaging/install-dependencies.sh build fuzz. Builds in build/fuzz, with
# the address and the undefined behaviour sanitizer. Starts from the seeds in corpus/TARGET and from
# what earlier runs have found (build/fuzz/corpus/TARGET, which may be thrown away). Prints for each
# target how many inputs it ran and how many findings there were; a finding ends its target's run. The
# input that shows it is in build/fuzz/findings, what was said of it in build/fuzz/TARGET.log.
#
# Examples:
#   tests/fuzz/run.sh 2
#   tests/fuzz/run.sh 60 frames deflate
#   build/fuzz/bin/wsecho-fuzz-frames build/fuzz/findings/frames-crash-...   # once more, that input
#
# Exit status: 0 no finding, 1 a finding, or not built, 2 asked wrongly, 3 this machine lacks something.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$(dirname "$(dirname "$here")")
# shellcheck source=../../packaging/common.sh
. "$root/packaging/common.sh"

# Each has a folder of seeds, and says in its first lines what it checks.
targets=()
for folder in "$here"/corpus/*/; do targets+=("$(basename "$folder")"); done
about() { sed -n '/^\/\/ /!q; s/^\/\/ //p' "$here/$1.cc" | tr '\n' ' '; }

case ${1:-} in
  -h | --help) print_help && exit 0 ;;
  --list)
    for target in "${targets[@]}"; do printf '%-16s%s\n' "$target" "$(about "$target")"; done
    exit 0
    ;;
  '') die 2 "for how many minutes? (see '$program --help')" ;;
  -*) wrong_option "$1" ;;
esac
[[ $1 =~ ^[0-9]{1,6}(\.[0-9]{1,3})?$ ]] || die 2 "MINUTES must be a number, not '$1'"
seconds=$(awk -v minutes="$1" 'BEGIN { printf "%d", minutes * 60 + 0.5 }')
((seconds > 0)) || die 2 "MINUTES must be more than 0"
shift
for target in "$@"; do
  [[ -d $here/corpus/$target ]] || die 2 "unknown target '$target': ${targets[*]}"
done
(($# == 0)) || targets=("$@")

command -v clang++ >/dev/null || die 3 "clang++ is missing: run 'packaging/install-dependencies.sh build fuzz'"
cd "$root"
if command -v ccache >/dev/null; then
  export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
fi
say "Building in build/fuzz"
mkdir -p build/fuzz/findings
{
  cmake --preset fuzz
  cmake --build --preset fuzz --target "${targets[@]/#/wsecho-fuzz-}"
} >build/fuzz/build.log 2>&1 || {
  tail --lines=25 build/fuzz/build.log >&2
  die 1 "not built; all that was said is in build/fuzz/build.log"
}

# fuzz TARGET   prints 'executions findings'
fuzz() {
  local target=$1 found=build/fuzz/corpus/$1 log=build/fuzz/$1.log findings=0 executions
  mkdir -p "$found"
  local options=("-max_total_time=$seconds" -timeout=25 -rss_limit_mb=2560 -print_final_stats=1
    "-artifact_prefix=build/fuzz/findings/$target-")
  if [[ -f $here/dictionaries/$target.dict ]]; then
    options+=("-dict=$here/dictionaries/$target.dict")
  fi
  # A leak is told at the end of a target: looked for after each input it takes most of the time.
  ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 \
    UBSAN_OPTIONS=print_stacktrace=1 \
    "build/fuzz/bin/wsecho-fuzz-$target" "${options[@]}" -detect_leaks=0 \
    "$found" "$here/corpus/$target" >"$log" 2>&1 || findings=1
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  # After a finding there is no such line, but in the one before it.
  [[ -n $executions ]] || executions=$(sed -n 's/^#\([0-9]*\)\t.*/\1/p' "$log" | tail --lines=1)
  printf '%s %s\n' "${executions:-0}" "$findings"
}

failed=()
printf '%-16s%14s%10s\n' target executions findings
for target in "${targets[@]}"; do
  read -r executions findings < <(fuzz "$target")
  printf '%-16s%14s%10s\n' "$target" "$executions" "$findings"
  ((findings == 0)) && continue
  failed+=("$target")
  grep --max-count=8 -E 'does not hold|ERROR|runtime error|SUMMARY|Test unit written' "build/fuzz/$target.log" >&2 || true
done
((${#failed[@]} == 0)) || die 1 "findings in ${failed[*]}: see build/fuzz/findings and build/fuzz/TARGET.log"
good "No finding in ${#targets[@]} targets."
