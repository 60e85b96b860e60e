#!/usr/bin/env bash
# Run by load/run.sh benchmarks. With --write the tables go into docs/performance.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

write=
arguments=()
for argument in "$@"; do
  if [[ $argument == --write ]]; then write=yes; else arguments+=("$argument"); fi
done

results=artifacts/benchmarks
rm -rf "$results"
load=$(cut -d' ' -f1 /proc/loadavg)
artifacts/bin/Benchmarks/release/Vallum.Benchmarks --artifacts "$results" "${arguments[@]}"

if [[ -n $write ]]; then
  tables=$(mktemp)
  trap 'rm -f "$tables"' EXIT
  {
    printf '\n`load/run.sh benchmarks`, %s, %s cores, %s; load average before the run %s.\n' \
      "$(date -u +%F)" "$(nproc)" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$load"
    for table in "$results"/results/*-github.md; do
      printf '\n'
      grep '^|' "$table" | sed -e "s/&#39;//g" -e 's/\*\*//g'
    done
    printf '\n'
  } >"$tables"
  sed -i -e '/^<!-- measured: benchmarks -->$/,/^<!-- end: benchmarks -->$/{/^<!-- measured: benchmarks -->$/{r '"$tables"'
    b
  };/^<!-- end: benchmarks -->$/b
  d}' docs/performance.md
fi
