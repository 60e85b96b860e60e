#!/usr/bin/env bash
# Makes the programs as they are installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: eng/publish.sh [agent] [cli] [silo]

Publishes what is named, or all three, in Release to artifacts/publish/:

  agent   vallum-agent  one native file, needs no .NET on the node
  cli     vallum        one native file
  silo    vallum-silo   a directory; needs the ASP.NET Core runtime that global.json goes with

Native programs are made for this machine's processor (x64 or arm64) and need clang and
zlib1g-dev (eng/install.sh). Takes about a minute each. Closes with the sizes.
TEXT
}

wanted=("$@")
((${#wanted[@]})) || wanted=(agent cli silo)
for each in "${wanted[@]}"; do
  case $each in
    agent | cli | silo) ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
case $(uname -m) in
  aarch64) machine=linux-arm64 ;;
  *) machine=linux-x64 ;;
esac
to=artifacts/publish
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() { "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }; }

# Away from the other builds: a restore for the native compiler would spoil theirs.
native() {
  quietly dotnet publish "src/$1" -c Release -r "$machine" -p:PublishAot=true -p:StripSymbols=true \
    -p:ArtifactsPath="$PWD/artifacts/native" -o "artifacts/native/out/$2"
  install -D -m 0755 "artifacts/native/out/$2/$2" "$to/$2"
}

# Compiled ahead, for a silo must be quick from its first call on: while silos are restarted one by one, each gets the work of the next within a second.
ahead() {
  quietly dotnet publish src/Silo -c Release -r "$machine" --self-contained false -p:PublishReadyToRun=true -p:DebugType=none \
    -p:ArtifactsPath="$PWD/artifacts/ahead" -o "$to/silo"
}

for each in "${wanted[@]}"; do
  echo "── $each"
  case $each in
    agent) native NodeAgent vallum-agent ;;
    cli) native Cli vallum ;;
    silo) ahead ;;
  esac
done
for each in "${wanted[@]}"; do
  case $each in
    agent) du -h --apparent-size "$to/vallum-agent" ;;
    cli) du -h --apparent-size "$to/vallum" ;;
    silo) du -sh --apparent-size "$to/silo" ;;
  esac
done
