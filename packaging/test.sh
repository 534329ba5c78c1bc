#!/usr/bin/env bash
# Runs every test of wsecho, in stages, and ends with a summary of them.
#
# Usage: packaging/test.sh [--thorough] [--stage NAME]... [--skip NAME]... [--list]
#
#   --thorough    the same stages, and what they leave out otherwise:
#                   asan, tsan  all tests on every event loop, and the layers without
#                               threads under the thread sanitizer. Above the loops the
#                               code is the same; release tests it on every loop
#                   debian13    every test of release. Without it: what depends on the
#                               compiler, libwebsockets and Python
#                   tidy        each file by itself, with clang's static analyzer, which
#                               takes about as long as all other checks
#   --stage NAME  run only this stage; may be given more than once
#   --skip NAME   leave this stage out; may be given more than once
#   --list        print the stages, and what each does
#   --help        this text
#
# Installs what is missing (as root or with sudo). Builds in build/<preset>, with ccache
# if that is there. Without --thorough it takes 30 to 40 minutes on two cores. A stage
# that fails does not keep the others from running; what it said is told once more at the
# end, and is in build/stages/NAME.log.
#
# Examples:
#   packaging/test.sh
#   packaging/test.sh --stage release
#   packaging/test.sh --skip tidy --skip tsan
#   packaging/test.sh --thorough --stage tidy
#
# Exit status: 0 all stages passed, 1 one failed, 2 asked wrongly, 3 this machine lacks
#   something.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=common.sh
. "$here/common.sh"
root=$(dirname "$here")
cd "$root"

# In the order in which they run: what fails fast and often comes first.
stages=(scripts format release run wheel conformance debian13 asan tsan tidy)
only_if_named=(portable)
declare -A about=(
  [scripts]="shellcheck, and the tests of the scripts themselves"
  [format]="clang-format would change nothing"
  [release]="unit and integration tests of what users run"
  [run]="packaging/run.sh, with fewer connections and less time"
  [wheel]="the Python package from its sdist alone, and what is installed of it"
  [conformance]="the Autobahn TestSuite against wsecho-echo"
  [debian13]="what depends on compiler and libraries, in a root of Debian 13"
  [asan]="the tests under the address and undefined behaviour sanitizers"
  [tsan]="the tests under the thread sanitizer"
  [tidy]="clang's warnings and clang-tidy on all but the tests"
  [portable]="what debian13 runs in its root; only when it is named"
)

selected=() skipped=' '
thorough=false
known() { [[ -n ${about[${1:-}]:-} ]] || die 2 "unknown stage '${1:-}': ${stages[*]}"; }
while (($#)); do
  case $1 in
    --stage)
      known "${2:-none}"
      selected+=("$2")
      shift
      ;;
    --skip)
      known "${2:-none}"
      skipped+="$2 "
      shift
      ;;
    --list)
      for stage in "${stages[@]}" "${only_if_named[@]}"; do printf '%-13s%s\n' "$stage" "${about[$stage]}"; done
      exit 0
      ;;
    --thorough) thorough=true ;;
    -h | --help) print_help && exit 0 ;;
    *) wrong_option "$1" ;;
  esac
  shift
done
((${#selected[@]})) || selected=("${stages[@]}")

# One test may hang, but not for ever: the slowest takes far less than this.
test_timeout_seconds=300

# configure PRESET [OPTION]...
configure() {
  if $thorough; then set -- "$@" -DWSECHO_TEST_EVERYTHING=ON; fi
  cmake --preset "$@"
}

# timed KIND COMMAND...   adds its seconds to those that the stage has for this: building or testing
timed() {
  local kind=$1 began=$SECONDS status=0
  shift
  "$@" || status=$?
  printf '%s %s\n' "$kind" "$((SECONDS - began))" >>"build/stages/$stage.times"
  return "$status"
}

# Sanitizers of this age lose their way where the kernel randomizes addresses widely
# ("unexpected memory mapping"). Building needs it, too: it runs the tests to list them.
plain_addresses() {
  if setarch "$(uname -m)" --addr-no-randomize true 2>/dev/null; then
    setarch "$(uname -m)" --addr-no-randomize "$@"
  else
    "$@" # a container may forbid it
  fi
}

test_preset() {
  local preset=$1
  shift
  timed building build_preset "$preset" "$@" || return
  # Most tests wait more than they compute.
  timed testing \
    "$@" ctest --preset "$preset" --parallel "$((4 * $(nproc)))" --timeout "$test_timeout_seconds"
}

build_preset() {
  local preset=$1
  shift
  # The switches are named, since run.sh configures a tree without tests.
  local switches=(-DWSECHO_BUILD_TESTS=ON)
  [[ $preset != release ]] || switches+=(-DWSECHO_BUILD_BENCHMARKS=ON)
  configure "$preset" "${switches[@]}" && "$@" cmake --build --preset "$preset"
}

# failed_tests FILE   of ctest's log: each test that failed, and the end of what it printed
failed_tests() {
  awk -v most=40 '
    / Testing: / { count = 0; name = $0; sub(/.* Testing: /, "", name) }
    { lines[count++] = $0 }
    /^Test Failed\.$/ {
      print "--- " name
      for (i = count > most ? count - most : 0; i < count; ++i) print lines[i]
    }' "$1"
}

# tell_again STAGE   why it failed: at the end of a long log, where it is looked for
tell_again() {
  local tests="build/$1/Testing/Temporary/LastTest.log"
  say "Stage $1 failed"
  if [[ $tests -nt $began_file ]]; then failed_tests "$tests"; fi
  tail --lines=25 "build/stages/$1.log"
}

# our_files FIND-TEST...   zero-terminated; without git, so that an unpacked archive does, too
our_files() {
  find . '(' -path ./build -o -path ./.git ')' -prune -o -type f '(' "$@" ')' -print0
}

stage_scripts() {
  our_files -name '*.sh' -o -path ./.ci/run | xargs -0 shellcheck
  "$WSECHO_TEST_PYTHON" -m pytest --quiet -p no:cacheprovider tests/packaging tests/conformance tests/bench \
    tests/hostile
}
stage_format() {
  if [[ $(clang-format --version) != *'version 14.'* ]]; then
    warn "clang-format is not version 14, Debian 12's, and each has its own taste: nothing checked"
    return
  fi
  local unformatted
  unformatted=$(our_files -name '*.c' -o -name '*.cc' -o -name '*.h' |
    xargs -0 --no-run-if-empty clang-format --dry-run 2>&1 | sed -n 's/^\([^:]*\):.*warning:.*/\1/p' | sort -u)
  [[ -n $unformatted ]] || return 0
  printf '%s\n' "$unformatted"
  die 1 "these files are not formatted: run 'clang-format -i' on them"
}
stage_release() { test_preset release; }
stage_asan() { test_preset asan plain_addresses; }
stage_tsan() { test_preset tsan plain_addresses; }
stage_portable() { test_preset portable; }
# clang-tidy reads the files of a target together, in a unity build: what all of them include is
# looked through once. It tells clang's own warnings, too, and nothing has to be compiled for it.
stage_tidy() {
  # codec_benchmark.cc has the loops of Google Benchmark, whose variable nobody reads.
  local files='^(?!.*/codec_benchmark).*\.(cc|cxx)$' options=('-checks=-clang-analyzer-*,-bugprone-suspicious-include')
  if $thorough; then
    configure tidy -DCMAKE_UNITY_BUILD=OFF
    options=()
  else
    configure tidy -DCMAKE_UNITY_BUILD=ON
  fi
  cmake --build --preset tidy --target wsecho-loadgen-page # a source that is generated
  timed testing run-clang-tidy -quiet -p build/tidy -j "$(nproc)" "${options[@]}" "$files"
  # Of C, clang's own warnings; run-clang-tidy wants one check beside them.
  timed testing run-clang-tidy -quiet -p build/tidy -j "$(nproc)" \
    '-checks=-*,clang-diagnostic-*,readability-misleading-indentation' '\.c$'
}
stage_wheel() { timed testing "$WSECHO_TEST_PYTHON" -m pytest --quiet -p no:cacheprovider tests/packaging/python_wheel.py; }
stage_run() { packaging/run.sh --connections 2000 --duration 3; }
stage_conformance() {
  [[ -f build/release/build.ninja ]] || configure release
  cmake --build --preset release --target wsecho-echo
  "$WSECHO_TEST_PYTHON" tests/conformance/run.py
}

stage_debian13() {
  local inside=portable
  if $thorough; then inside=release; fi
  as_root packaging/debian13.sh packaging/test.sh --stage "$inside"
}

selected_stage() { [[ " ${selected[*]} " == *" $1 "* && $skipped != *" $1 "* ]]; }

needed=(build test)
if [[ ${selected[*]} == portable ]]; then needed=(build portable); fi
for stage in scripts format tidy; do
  if selected_stage "$stage"; then needed+=(lint) && break; fi
done
"$here/install-dependencies.sh" "${needed[@]}"
WSECHO_TEST_PYTHON=$("$here/test-python.sh")
export WSECHO_TEST_PYTHON PYTHONDONTWRITEBYTECODE=1
if command -v ccache >/dev/null; then
  export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
  export CCACHE_SLOPPINESS=pch_defines,time_macros # else it leaves out what has precompiled headers
fi

# seconds_of KIND   of the stage that has just ended, if it told any
seconds_of() {
  awk -v kind="$1" '$1 == kind { sum += $2; told = 1 } END { print told ? sum " s" : "-" }' \
    "build/stages/$stage.times"
}

mkdir -p build/stages
began_file=build/stages/began
: >"$began_file"
summary='' failed=() ran=0
for stage in "${stages[@]}" "${only_if_named[@]}"; do
  selected_stage "$stage" || continue
  say "Stage $stage: ${about[$stage]}"
  began=$SECONDS status=0
  : >"build/stages/$stage.times"
  # Not 'if (...)': a condition would switch errexit off inside.
  set +e
  (
    set -e
    "stage_$stage"
  ) 2>&1 | tee "build/stages/$stage.log"
  status=${PIPESTATUS[0]}
  set -e
  ((status != 130 && status != 143)) || exit "$status" # interrupted
  result=passed
  ((++ran))
  if ((status != 0)); then
    result="FAILED (status $status)"
    failed+=("$stage")
  fi
  summary+=$(printf '%-13s%7d s%9s%9s  %s' "$stage" "$((SECONDS - began))" \
    "$(seconds_of building)" "$(seconds_of testing)" "$result")$'\n'
done

for stage in "${failed[@]}"; do tell_again "$stage"; done
say "Summary"
printf '%-13s%9s%9s%9s\n%s%-13s%7d s\n' stage all building testing "$summary" total "$SECONDS"
((ran)) || die 2 "no stage is left to run"
((${#failed[@]} == 0)) || die 1 "${#failed[@]} of $ran stages failed: ${failed[*]}"
good "All $ran stages passed."
