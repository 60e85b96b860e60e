#!/usr/bin/env bash
# Tries a rolling upgrade: two builds side by side, silos and agents replaced one by one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: eng/upgrade.sh [--redis] [--keep] [REV]

Builds REV (default: the last tag) in a temporary worktree beside the working tree, starts
three silos of REV over one file, and replaces them one by one by silos of the working tree,
back again, and once more, while changes go on and agents are connected: six without a kernel
and, as root, one vallum-agent of each build in a network namespace of its own, which change
places. After each step it prints what was acknowledged, the longest change, how long the
agents took to be in sync, resources that were sent though the agent held the very same
("in vain"), acknowledged changes that are missing, and how much history is left.

  --redis  over a redis-server of its own (needs one, and a REV that knows Redis)
  --keep   leave data and logs, and say where

The exit code is 0 only if nothing is missing and every agent is in sync. Takes about three
minutes beside the builds. The host's network and firewall are not touched.
TEXT
}

keep='' redis='' rev=''
for argument in "$@"; do
  case $argument in
    -h | --help) usage; exit 0 ;;
    --keep) keep=true ;;
    --redis) redis=true ;;
    -*) usage >&2; exit 2 ;;
    *) rev=$argument ;;
  esac
done
[[ -n $rev ]] || rev=$(git describe --tags --abbrev=0 2>/dev/null) || {
  echo 'eng/upgrade.sh: there is no tag yet; name a revision' >&2
  exit 2
}
rev=$(git rev-parse --short --verify "$rev^{commit}")

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
work=$(mktemp -d)
id=vu$$
server=
cleanup() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  for each in "$id" "$id-a" "$id-b"; do
    ip netns delete "$each" 2>/dev/null || true
  done
  git worktree remove --force "$work/old" 2>/dev/null || true
  if [[ -n $keep ]]; then echo "data and logs: $work"; else rm -rf "$work"; fi
}
trap cleanup EXIT

build() {
  for project in src/Silo src/NodeAgent; do
    (cd "$1" && dotnet build "$project" -v quiet >"$work/build.log" 2>&1) || { cat "$work/build.log" >&2; exit 1; }
  done
}
echo "building $rev and the working tree …"
git worktree add --detach "$work/old" "$rev" >/dev/null 2>&1
build "$work/old"
build .
dotnet build eng/Upgrade -v quiet >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }

# Everything runs in a namespace of its own; the two nodes have theirs, beside it.
inside=() nodes=() address=127.0.0.1
if ((EUID == 0)) && command -v ip >/dev/null; then
  inside=(ip netns exec "$id") nodes=("$id-a" "$id-b") address=10.231.0.1
  ip netns add "$id"
  ip -n "$id" link set dev lo up
  ip -n "$id" link add nodes type bridge
  ip -n "$id" address add "$address/24" dev nodes
  ip -n "$id" link set dev nodes up
  host=2
  for each in "${nodes[@]}"; do
    ip netns add "$each"
    ip -n "$each" link set dev lo up
    ip -n "$id" link add "to$host" type veth peer name uplink netns "$each"
    ip -n "$id" link set dev "to$host" master nodes up
    ip -n "$each" address add "10.231.0.$host/24" dev uplink
    ip -n "$each" link set dev uplink up
    host=$((host + 1))
  done
else
  echo 'not root: without agents that have a kernel'
fi

store=file
if [[ -n $redis ]]; then
  store=127.0.0.1:6399
  "${inside[@]}" redis-server --port 6399 --dir "$work" --appendonly yes --appendfsync always --maxmemory-policy noeviction >"$work/redis.log" &
  server=$!
fi
mkdir "$work/run"
echo "old: $rev, new: the working tree at $(git rev-parse --short HEAD)"
status=0
"${inside[@]}" artifacts/bin/Upgrade/debug/Vallum.Upgrade "$work/old" "$PWD" "$work/run" "$address" "$store" "${nodes[@]}" || status=$?
exit "$status"
