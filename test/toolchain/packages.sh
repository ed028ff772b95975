#!/usr/bin/env bash
# Installs Debian packages that are missing, as root, trying again where the mirror fails.
# Usage: packages.sh PACKAGE …
set -euo pipefail

missing=()
for package in "$@"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# Daemons that packages bring (prometheus, smbd, sshd) must not be started: tests start what they need.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$log" "$policy"' EXIT
fi
echo "installing ${missing[*]}" >&2
for attempt in 1 2 3; do
  if { apt-get -o Acquire::Retries=3 update && apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    exit 0
  fi
  echo "attempt $attempt failed: $(grep -E '^E:' "$log" | tail -1)" >&2
done
tail -20 "$log" >&2
exit 1
