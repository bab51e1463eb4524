#!/usr/bin/env bash
# The one command. Each step is also a command that runs alone: build/ringbench ..., python3 -m plots ...
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=/usr/bin/python3 # Debian's own: its modules come as Debian packages
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}" PYTHONDONTWRITEBYTECODE=1
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1 # so that another clone can use what this one compiled

build_packages=(g++ cmake ninja-build git pkg-config libbenchmark-dev libhwloc-dev libnuma-dev libck-dev
  libcli11-dev libtomlplusplus-dev libsqlite3-dev libfmt-dev nlohmann-json3-dev clang bpftool libbpf-dev)
plot_packages=(python3 python3-matplotlib python3-numpy python3-pandas python3-scipy python3-jinja2)
test_packages=(libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-tools clang-format black mypy
  python3-pytest ccache spin qemu-system-x86 cpio busybox-static)
fuzz_packages=(clang-16 libclang-rt-16-dev)

usage() {
  cat <<'TEXT'
usage: ./run.sh [WORD ...]

  (nothing)          install what is missing, build, run configs/quick.toml, draw, write the report
  run CONFIG ...     run a config; further words go to build/ringbench run (see its --help)
  questions [DIR]    run every config of configs/questions and answer them on one page; with DIR: go on there (docs/questions.md)
  search CONFIG      find the highest rate that each transport carries without losing too much (docs/searching.md)
  plan FILE ...      which layout suits a workload and a machine, how large, and why; further words go to
                     build/ringbench-plan: --calibration DIR, --machine X, --what-if KEY=VALUE (docs/planning.md)
  resume DIR         go on with an interrupted run or search
  calibrate ...      measure what the planner wants to know of this machine, 20 s (docs/calibration.md)
  doctor ...         what would spoil a measurement on this machine, and what mends it
  plot DIR ...       draw the figures of one or several runs
  report DIR ...     write report.html for one or several runs
  compare A B ...    what changed from result A to result B, and how sure that is (docs/comparing.md)
  list ...           the transports; --keys: the keys of a config; --metrics: what a trial measures
  test               build and run every test
  stress MINUTES     threads that race and are stopped anywhere, also under ThreadSanitizer (docs/proof.md)
  soak MINUTES       verify records for so long, with a running count (docs/proof.md)
  fuzz [EXECUTIONS]  feed damaged files to whatever reads files, so many to each reader (10,000,000), to a Python one a thousandth
                     (docs/proof.md)
  instrument [DIR]   the same transports under two names, compared; and 3 % more (docs/proof.md)
  vast               list, resume, report and compare 100,000 cells and trials (docs/proof.md)
  kill [N]           kill a run N times (200), resume it each time, compare it with an undisturbed one (docs/proof.md)
  help               this text

Results are in results/<time>-<host>-<config>/. docs/config.md tells how to write a config.
TEXT
}

# Installs those of the named packages that are missing, or says how and stops.
need() {
  local missing
  missing=$(comm -23 <(printf '%s\n' "$@" | sort) \
    <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort -u))
  [ -n "$missing" ] || return 0
  local install="apt-get install -y --no-install-recommends $(tr '\n' ' ' <<<"$missing")"
  if [ "$(id -u)" -ne 0 ]; then
    printf 'These Debian packages are missing. Install them as root, then run this again:\n\n  %s\n' "$install" >&2
    exit 1
  fi
  printf 'installing: %s\n' "$(tr '\n' ' ' <<<"$missing")" >&2
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive $install >&2
}

# build FOLDER TARGETS [cmake options]: configures once, then builds what is not up to date.
build() {
  local folder=$root/$1 targets=$2
  shift 2
  [ -f "$folder/build.ninja" ] || cmake -G Ninja -S "$root" -B "$folder" "$@" >&2
  # shellcheck disable=SC2086
  ninja -C "$folder" $targets >&2
}

ringbench() {
  need "${build_packages[@]}"
  build build ringbench
  "$root/build/ringbench" "$@"
}

plots() {
  need "${plot_packages[@]}"
  "$python" -m plots "$@"
}

quick() {
  need "${build_packages[@]}" "${plot_packages[@]}"
  local folder status=0
  folder=$root/results/$(date -u +%Y%m%dT%H%M%SZ)-$(uname -n)-quick
  ringbench run "$root/configs/quick.toml" --out "$folder" || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit "$status"
  plots figure all "$folder" >&2
  plots report "$folder"
  exit "$status"
}

# Runs the config of a question, or goes on with it, or leaves a finished run alone. Status as ringbench has it.
question() {
  local config=$1 folder=$2 status=0
  if [ ! -f "$folder/run.sqlite" ]; then
    "$root/build/ringbench" run "$config" --out "$folder" >/dev/null
    return
  fi
  "$python" -m plots.questions.finished "$folder" || status=$?
  [ "$status" -eq 1 ] || return "$status"
  "$root/build/ringbench" resume "$folder" >/dev/null
}

questions() {
  need "${build_packages[@]}" "${plot_packages[@]}"
  build build ringbench
  local folder=${1:-$root/results/$(date -u +%Y%m%dT%H%M%SZ)-$(uname -n)-questions}
  local configs=("$root"/configs/questions/*.toml) number=0 status=0 worst=0 config name
  for config in "${configs[@]}"; do
    name=$(basename "$config" .toml) number=$((number + 1)) status=0
    printf 'question %d of %d: %s\n' "$number" "${#configs[@]}" "$name" >&2
    question "$config" "$folder/$name" || status=$?
    if [ "$status" -eq 130 ]; then
      printf 'Go on with: ./run.sh questions %s\n' "$folder" >&2
      exit 130
    fi
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit "$status"
    [ "$status" -eq 0 ] || worst=$status
  done
  plots questions "$folder"
  exit "$worst"
}

# The plan's page is made wherever there is a plan: also where nothing meets its targets (3).
plan() {
  need "${build_packages[@]}" "${plot_packages[@]}"
  build build ringbench-plan
  local folder status=0
  folder=$root/results/$(date -u +%Y%m%dT%H%M%SZ)-$(uname -n)-$(basename "${1:-}" .toml)-plan
  "$root/build/ringbench-plan" --out "$folder" "$@" || status=$?
  [ ! -f "$folder/plan.json" ] || plots plan "$folder"
  exit "$status"
}

# test_tree FOLDER TARGETS TESTS [cmake options]: builds and runs; keeps the runners' summaries for the end.
test_tree() {
  local folder=$1 targets=$2 which=$3
  shift 3
  build "$folder" "$targets" "$@"
  ctest --test-dir "$root/$folder" -R "$which" --output-on-failure --no-tests=error |
    tee "$root/$folder/ctest.log"
}

# What the runners said of a tree, in their own words.
summary() {
  printf '%s:\n' "$1"
  grep -h -o '\[  PASSED  \].*' "$root/$1/Testing/Temporary/LastTest.log"
  grep 'tests passed' "$root/$1/ctest.log"
}

# Target, longest input, seeds. libFuzzer is clang's; of Debian's clang, 16 is the first that takes <ranges>.
fuzz_targets='config 4096 configs
plan 4096 configs/plans
topology 2000 tests/topology/data
csv 256 configs/traces
latencies 256 planner/data
calibration 400
latency_store 4096
store 32768'

# fuzz FOLDER SANITIZERS [libFuzzer's options]: what is found stays in build-fuzz/corpus, where the next time begins; Ctrl-C loses
# nothing. A child process may try a topology for 3 s of a CPU, which others may use as well: no hang is shorter than 30 s.
fuzz() {
  local folder=$root/$1 kept=$root/build-fuzz target length seeds seed
  build "$1" fuzzers -DCMAKE_CXX_COMPILER=clang++-16 -DBPFTOOL=OFF -DRINGBENCH_SANITIZER="fuzzer-no-link$2"
  shift 2
  while read -r target length seeds; do
    mkdir -p "$kept/corpus/$target" "$kept/found"
    printf 'fuzz: %s\n' "$target"
    (cd "$root" && for seed in $seeds tests/fuzz/corpus/$target; do [ ! -d "$seed" ] || printf '%s\n' "$seed"; done |
      HWLOC_HIDE_ERRORS=2 xargs "$folder/fuzz_$target" "$@" -max_len="$length" -timeout=30 -rss_limit_mb=512 -malloc_limit_mb=4096 -verbosity=0 \
        -print_funcs=0 -print_final_stats=1 -artifact_prefix="$kept/found/$target-" "$kept/corpus/$target") 2>&1 |
      grep -E -v '^(INFO|Dictionary)|^$'
  done <<<"$fuzz_targets"
}

# So many executions without sanitizers, which are ten times as fast; what was new among them once more with.
fuzz_long() {
  need "${build_packages[@]}" "${plot_packages[@]}" "${fuzz_packages[@]}"
  local executions=${1:-10000000}
  PYTHONPATH=$root/tests:$root/tests/plots:$root "$python" -m fuzz.hostile_files $((executions / 1000 + 1)) "$RANDOM"
  fuzz build-fuzz-fast "" -runs="$executions"
  fuzz build-fuzz ,address,undefined -runs=0
}

test_all() {
  need "${build_packages[@]}" "${plot_packages[@]}" "${test_packages[@]}" "${fuzz_packages[@]}"
  cd "$root"
  git ls-files '*.cpp' '*.hpp' '*.h' '*.c' | xargs clang-format --dry-run --Werror
  black --check --quiet plots planner tests
  mypy plots planner tests

  export TSAN_OPTIONS=die_after_fork=0 # each trial is a fork that starts threads
  test_tree build "ringbench ringbench-floor ringbench-plan tests" .
  test_tree build-asan "test_impls test_trial" '^(impls|trial)$' -DRINGBENCH_SANITIZER=address,undefined
  test_tree build-tsan "test_impls test_trial" '^(impls|trial)$' -DRINGBENCH_SANITIZER=thread
  fuzz build-fuzz ,address,undefined -runs=500 -seed=1
  RINGBENCH=$root/build/ringbench "$python" -m pytest -q -p no:cacheprovider tests |
    tee "$root/build/pytest.log"
  for folder in build build-asan build-tsan; do summary "$folder"; done
  tail -n 1 "$root/build/pytest.log"
}

# long MODULE ...: what takes too long for `test`.
long() {
  need "${build_packages[@]}" "${plot_packages[@]}" time
  build build ringbench
  RINGBENCH=$root/build/ringbench PYTHONPATH=$root/tests:$root "$python" -m "$@"
}

# Each pass has a seed, and an order of the tests, of its own.
stress() {
  if ! [[ ${1:-} =~ ^[0-9]+$ ]]; then
    printf 'run.sh: stress needs whole minutes, as in "./run.sh stress 10", not "%s".\n' "${1:-}" >&2
    exit 2
  fi
  need "${build_packages[@]}" "${test_packages[@]}"
  build build test_impls
  build build-tsan test_impls -DRINGBENCH_SANITIZER=thread
  local pass=0 folder
  SECONDS=0
  while [ "$SECONDS" -lt "$((60 * $1))" ]; do
    pass=$((pass + 1))
    for folder in build build-tsan; do
      if ! "$root/$folder/test_impls" --gtest_filter='*Stress*' --gtest_shuffle --gtest_random_seed=$pass \
        --gtest_brief=1 >"$root/$folder/stress.log" 2>&1; then
        cat "$root/$folder/stress.log"
        printf 'Pass %d failed in %s: %s/stress.log\n' "$pass" "$folder" "$root/$folder" >&2
        exit 1
      fi
    done
    printf '%d s: %d passes\n' "$SECONDS" "$pass" >&2
  done
  printf '%d passes in %d s, each in both builds: %s\n' "$pass" "$SECONDS" \
    "$(grep -o '[0-9]* tests from' "$root/build-tsan/stress.log" | head -n 1 | sed 's/ from//')"
}

word=${1:-quick}
[ $# -eq 0 ] || shift
case $word in
  quick) quick ;;
  questions) questions "$@" ;;
  plan) plan "$@" ;;
  run | search | resume | list | doctor | calibrate) ringbench "$word" "$@" ;;
  plot) plots figure all "$@" ;;
  report) plots report "$@" ;;
  compare) plots compare "$@" ;;
  test) test_all ;;
  stress) stress "$@" ;;
  soak) long cli.soak "$@" ;;
  fuzz) fuzz_long "$@" ;;
  vast) long cli.vast "$@" ;;
  instrument) long cli.instrument "$@" ;;
  kill) long cli.killed_runs "$@" ;;
  help | -h | --help) usage ;;
  *)
    printf 'run.sh: there is no word "%s".\n\n' "$word" >&2
    usage >&2
    exit 2
    ;;
esac
