#!/usr/bin/env bash
# Measures what docs/performance.md says, on this machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: load/run.sh [--aot] COMMAND [OPTION ...]

Builds in Release and measures; prints Markdown tables.

  change-latency   from an API call to the kernels of the nodes, with real processes in
                   network namespaces; needs root, never touches the host's network
  compile          the compiler alone, in process

  --aot            the agents are native programs (eng/publish.sh)

load/run.sh COMMAND --help lists the options. --write puts the tables into docs/performance.md.
TEXT
}

case "${1:-}" in
  '' | -h | --help) usage; exit 0 ;;
esac
agent=
if [[ $1 == --aot ]]; then
  agent=artifacts/publish/vallum-agent
  shift
fi

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() { "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }; }
quietly dotnet build load/Load -c Release -v quiet
[[ -z $agent ]] || quietly ./eng/publish.sh agent
VALLUM_LOAD_AGENT=${agent:-artifacts/bin/NodeAgent/release/vallum-agent} artifacts/bin/Load/release/Vallum.Load "$@"
