#!/usr/bin/env bash
# Measures what docs/performance.md says, on this machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: load/run.sh [--aot] COMMAND [OPTION ...]

Builds in Release and measures; prints Markdown tables.

  run              a scenario (--scenario) by a profile (--profile) against one silo, a cluster, or
                   yours (--target), in an open loop; judged at its end
  compare          two results of run side by side
  nbomber          as run, with NBomber; where NBomber 4.1.2 can be restored
  change-latency   from an API call to the kernels of the nodes, with real processes in
                   network namespaces; needs root, never touches the host's network
  compile          worlds compiled in process, from nothing and change by change; each in a
                   process of its own
  benchmarks       single pieces, in nanoseconds and bytes; --filter PATTERN, --long
  hot-tenant       one tenant with 10,000 policies on 2,000 nodes, 500 changes a second; a
                   real silo, agents in process
  dataplane        what rules cost a packet, and changes of them a node; needs root, in
                   network namespaces too; the agent that it starts is a native program
  outage           what a cluster of three silos does not do while one is killed, frozen, stopped,
                   restarted, or its redis-server is; needs redis-server
  sustained        1,000 changes a second of 50 tenants, for five minutes, durable on three silos;
                   needs redis-server
  fan-out          a change until the last of all connected agents holds it
  agent-memory     what an idle agent's stream takes of the silo
  cold-start       a silo with everything durable and nothing in memory, until its agents are in sync
  storm            all agents of a silo that is killed come to the two others

  --aot            the agents are native programs (eng/publish.sh)

load/run.sh COMMAND --help lists the options. --write puts the tables into docs/performance.md.
TEXT
}

case "${1:-}" in
  '' | -h | --help) usage; exit 0 ;;
esac
agent=
if [[ $1 == --aot || $1 == dataplane ]]; then
  agent=artifacts/publish/vallum-agent
fi
if [[ $1 == --aot ]]; then
  shift
fi

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if [[ $1 == nbomber ]]; then
  shift
  dotnet build load/NBomber -c Release -v quiet
  exec artifacts/bin/NBomberDriver/release/Vallum.NBomberDriver "$@"
fi
quietly() { "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }; }
if [[ $1 == benchmarks ]]; then
  shift
  quietly dotnet build load/Benchmarks -c Release -v quiet
  exec load/benchmarks.sh "$@"
fi
quietly dotnet build load/Load -c Release -v quiet
[[ -z $agent ]] || quietly ./eng/publish.sh agent
# Silos as they are installed: what they take to be compiled on the way would be measured with every start.
if [[ $1 == outage || $1 == storm ]]; then
  quietly ./eng/publish.sh silo
  export VALLUM_LOAD_SILO=artifacts/publish/silo/vallum-silo
fi
VALLUM_LOAD_AGENT=${agent:-artifacts/bin/NodeAgent/release/vallum-agent} artifacts/bin/Load/release/Vallum.Load "$@"
