#!/usr/bin/env bash
# Builds everything, checks the format, runs all tests, and closes with their count.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: eng/test.sh [PROJECT ...]

Installs what is missing (eng/install.sh), builds with warnings as errors, verifies the
format, and runs the tests of all projects, or only of those named, such as Lab.Tests.

Tests that send packets run one project after the other, on a machine that is otherwise
quiet; all others run beside each other. A test that lacks something is skipped, and its
reason is listed at the end, then the names of those that failed. The last line is

  N passed, N failed, N skipped

and the exit code is 0 only if the build, the format and every test are good.

With CI=true the restore is locked: a lock file that is not up to date is an error.
TEXT
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
  -*) usage >&2; exit 2 ;;
esac

for project in "$@"; do
  [[ -f tests/$project/$project.csproj ]] || {
    echo "eng/test.sh: no test project tests/$project" >&2
    exit 2
  }
done

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
solution=ControlPlane.sln
results=artifacts/test-results
# A project that takes longer hangs.
limit=15m
# Each project runs its own tests on all cores too.
at_once=$((($(nproc) + 1) / 2))

# Every step tells its name when it begins and its time when it ends.
step() {
  local name=$1 begin=$SECONDS status=0
  shift
  echo "── $name"
  "$@" || status=$?
  echo "── $name: $((SECONDS - begin)) s$( ((status == 0)) || echo ", exit code $status")"
  return "$status"
}

install() {
  ./eng/install.sh && return
  [[ ${CI:-} != true ]] || return
  echo 'going on without: the tests that need it are skipped'
}

command -v dotnet >/dev/null || {
  echo 'eng/test.sh: no dotnet here; install the .NET SDK that global.json names' >&2
  exit 1
}
restore=(dotnet restore "$solution")
[[ ${CI:-} != true ]] || restore+=(--locked-mode)

step install install
step restore "${restore[@]}"
step build dotnet build "$solution" --no-restore -warnaserror -v minimal
step format dotnet format "$solution" --no-restore --verify-no-changes

# A test project sends packets if it uses the lab.
alone=() together=()
for file in tests/*.Tests/*.csproj; do
  project=$(basename "$file" .csproj)
  (($# == 0)) || [[ " $* " == *" $project "* ]] || continue
  if grep -q 'Lab/Lab.csproj' "$file"; then alone+=("$project"); else together+=("$project"); fi
done

rm -rf "$results"

# run COUNT PROJECT ...: the tests of the projects, COUNT of them at a time.
run() {
  local count=$1 modules='' project
  shift
  for project in "$@"; do
    modules+=";artifacts/bin/$project/debug/Vallum.$project.dll"
  done
  dotnet test --test-modules "${modules#;}" --max-parallel-test-modules "$count" \
    --results-directory "$PWD/$results" --report-xunit-trx --timeout "$limit" --no-ansi --no-progress </dev/null
}

# count NAME: the sum of that counter over the reports of all projects.
count() {
  find "$results" -name '*.trx' -exec grep -ho '<Counters [^>]*' {} + 2>/dev/null \
    | { grep -o " $1=\"[0-9]*\"" || true; } | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'
}

status=0
((${#together[@]} == 0)) || step 'tests' run "$at_once" "${together[@]}" || status=1
for project in "${alone[@]}"; do
  step "tests with packets: $project" run 1 "$project" || status=1
done

# The tests that were skipped, each with its reason.
skips() {
  find "$results" -name '*.trx' -exec grep -ho '<UnitTestResult [^>]*outcome="NotExecuted"[^>]*><Output><StdOut>[^<]*' {} + 2>/dev/null \
    | sed -E 's/.* testName="([^"]*)".*<StdOut>/skipped \1: /; s/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' | sort
}

# The tests that failed: what they said is above, in the output of their project.
failures() {
  find "$results" -name '*.trx' -exec grep -ho '<UnitTestResult [^>]*outcome="Failed"[^>]*>' {} + 2>/dev/null \
    | sed -E 's/.* testName="([^"]*)".*/failed \1/; s/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' | sort
}

skips || true
failures || true
passed=$(count passed) failed=$(count failed) skipped=$(count notExecuted)
# A project that broke down wrote no report of what it did not come to.
((status == 0 || failed > 0)) || failed=1
echo "── all: $SECONDS s"
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
