#!/usr/bin/env bash
# Installs from Debian what the build, the tests and the demo need besides the .NET SDK.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: eng/install.sh [--check]

Installs the Debian packages that are missing here, and says nothing when none is.
Needs root only when something is missing.

  --check   install nothing; list what is missing and exit with 1 if anything is

what for:
  iptables, ipset, conntrack   the node agent and its tests with packets
  iproute2                     network namespaces for those tests and for the demo
  procps                       looking at processes in tests
  redis-server                 tests of the storage on Redis, on a port of their own
  clang, zlib1g-dev            native builds of the agent and of the command line (dotnet publish)
TEXT
}

check=false
case "${1:-}" in
  '') ;;
  --check) check=true ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

# Programs of root are not on everyone's path.
PATH="$PATH:/usr/sbin:/sbin"

# What proves that a package is there, and the package: a program, or a file where there is a slash.
needs=(
  iptables iptables
  ip6tables iptables
  ipset ipset
  conntrack conntrack
  ip iproute2
  ps procps
  redis-server redis-server
  clang clang
  /usr/include/zlib.h zlib1g-dev
)

missing=()
for ((index = 0; index < ${#needs[@]}; index += 2)); do
  proof=${needs[index]} package=${needs[index + 1]}
  case "$proof" in
    */*) [[ -e $proof ]] && continue ;;
    *) command -v "$proof" >/dev/null && continue ;;
  esac
  [[ " ${missing[*]} " == *" $package "* ]] || missing+=("$package")
done

if ((${#missing[@]} == 0)); then
  exit 0
fi
if $check; then
  echo "missing: ${missing[*]}"
  exit 1
fi
if ! command -v apt-get >/dev/null; then
  echo "eng/install.sh: this is not Debian; install what these of its packages hold: ${missing[*]}" >&2
  exit 1
fi
if ((EUID != 0)); then
  echo "eng/install.sh: needs root to install ${missing[*]}; run: sudo eng/install.sh" >&2
  exit 1
fi

echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt_get() {
  if ! apt-get -y -q -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null; then
    echo "eng/install.sh: apt-get $* failed:" >&2
    tail -n 20 "$log" >&2
    exit 1
  fi
}
apt_get update
apt_get install --no-install-recommends "${missing[@]}"
