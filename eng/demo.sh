#!/usr/bin/env bash
# Shows the main job: policies become rules on two nodes, and real packets pass and stop.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: eng/demo.sh [--keep]

Installs what is missing (eng/install.sh), builds, and runs in network namespaces of its own:
a silo on SQLite, two nodes with an agent each, and the four workloads of samples/three-tier.
Prints who reaches whom, measured with packets, before and after the policies. Needs root.
Leaves nothing behind; the host's network and firewall are not touched.

  --keep   stay up until Ctrl-C, and say how to look around
TEXT
}

case "${1:-}" in
  '' | --keep) ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac
if ((EUID != 0)); then
  echo 'eng/demo.sh: network namespaces need root; run: sudo eng/demo.sh' >&2
  exit 1
fi

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
command -v dotnet >/dev/null || {
  echo 'eng/demo.sh: no dotnet here; install the .NET SDK that global.json names' >&2
  exit 1
}
./eng/install.sh
echo 'building …'
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for project in src/Silo src/NodeAgent src/Cli eng/Demo; do
  dotnet build "$project" -v quiet >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
done
artifacts/bin/Demo/debug/Vallum.Demo "$@"
