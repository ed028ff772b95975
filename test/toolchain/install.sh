#!/usr/bin/env bash
# Puts a real Pulumi CLI, the docker provider plugin and a Node language host into one folder, built from Go modules:
# for Linux machines that reach package registries but neither get.pulumi.com nor GitHub. Elsewhere the official ones do.
#
# Usage: install.sh          builds what is missing, then prints the folder as the last line of stdout
#        install.sh --check  prints the folder when it is complete, else exits 1 without building
# Then:  PATH=FOLDER/bin:$PATH PULUMI_HOME=FOLDER/home
#
# Everything is kept in ${XDG_CACHE_HOME:-~/.cache}/vigie/toolchain, keyed by content: a change of the plugin's mapping
# rebuilds the plugin alone, and checkouts of different versions live side by side.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vigie/toolchain

say() { echo "$*" >&2; }

# The key of a folder: its files' relative names and contents.
key() { (cd "$here/$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum | cut -c1-16; }

cli_key=$(key cli) plugin_key=$(key docker-plugin) host_key=$(key language-host)
cli="$cache/pulumi-$cli_key" plugin="$cache/docker-plugin-$plugin_key"
whole=$(sha256sum <<<"$cli_key $plugin_key $host_key" | cut -c1-16)
dir="$cache/$whole"

complete() { [ -e "$dir/complete" ] && [ -x "$cli" ] && [ -x "$plugin" ]; }

if complete; then echo "$dir"; exit 0; fi
if [ "${1:-}" = --check ]; then exit 1; fi
if [ $# -gt 0 ]; then say "usage: install.sh [--check]"; exit 2; fi
if [ "$(uname -s)" != Linux ]; then say "install.sh builds for Linux only: install Pulumi from https://www.pulumi.com/docs/install/"; exit 1; fi
if ! command -v go >/dev/null; then say "Go is not installed: apt-get install golang-go (1.21 or later)"; exit 1; fi
if ! command -v flock >/dev/null; then say "flock is not installed: apt-get install util-linux"; exit 1; fi

# Two runs at once: the second waits for the first, then finds its work done.
mkdir -p "$cache"
exec 9>"$cache/lock"
if ! flock -n 9; then say "waiting for another build of the Pulumi toolchain to end"; flock 9; fi
if complete; then echo "$dir"; exit 0; fi
rm -rf "$cache"/tmp.*  # left by a build that was killed; nobody else can be building
work=$(mktemp -d "$cache/tmp.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT
trap 'kill $(jobs -p) 2>/dev/null; exit 143' TERM

# Runs a command with its output kept aside, and says every 15 seconds that it is still at work.
at_work() {
  local words=$1 started=$SECONDS pid
  shift
  say "$words"
  "$@" >"$work/log" 2>&1 9>&- &
  pid=$!
  while ! timeout 15 tail --sleep-interval=0.2 --pid="$pid" -f /dev/null 2>/dev/null; do say "  still at it after $((SECONDS - started)) s"; done
  if ! wait "$pid"; then say "failed:"; tail -30 "$work/log" >&2; exit 1; fi
  say "  done in $((SECONDS - started)) s"
}

# -mod=mod writes go.mod and go.sum: build in a copy. The upstream provider's module predates the checksum database.
export GOFLAGS=-mod=mod GONOSUMDB='github.com/kreuzwerker/*' CGO_ENABLED=0

if [ ! -x "$cli" ]; then
  cp -r "$here/cli" "$work/cli"
  version=$(sed -n 's#.*github.com/pulumi/pulumi/pkg/v3 ##p' "$here/cli/go.mod")
  build_cli() {
    cd "$work/cli" && go build -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$version" \
      -o "$work/pulumi" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
  }
  at_work "Building the Pulumi CLI $version from its Go modules (about 4 minutes on 2 cores the first time)" build_cli
  mv "$work/pulumi" "$cli"
fi

if [ ! -x "$plugin" ]; then
  cp -r "$here/docker-plugin" "$work/docker-plugin"
  build_plugin() { cd "$work/docker-plugin" && go build -ldflags '-s -w' -o "$work/plugin" ./cmd/pulumi-resource-docker; }
  at_work "Building Pulumi's docker plugin from its Go modules (about 2 minutes on 2 cores the first time)" build_plugin
  mv "$work/plugin" "$plugin"
fi

# Assembled aside and moved into place, so that a folder of this name is always whole.
next="$work/whole"
mkdir -p "$next/bin" "$next/home"
ln -s "$cli" "$next/bin/pulumi"
cp "$here/language-host/host.cjs" "$next/bin/pulumi-language-nodejs.cjs"
cat >"$next/bin/pulumi-language-nodejs" <<'SH'
#!/bin/sh
exec node "$(dirname "$0")/pulumi-language-nodejs.cjs" "$@"
SH
chmod +x "$next/bin/pulumi-language-nodejs"
plugin_version=$(sed -n 's/^const Version = "\(.*\)"/\1/p' "$here/docker-plugin/mapping.go")
cp "$plugin" "$work/pulumi-resource-docker"
PULUMI_HOME="$next/home" PULUMI_SKIP_UPDATE_CHECK=true at_work "Installing the docker plugin $plugin_version" \
  "$cli" plugin install resource docker "v$plugin_version" --file "$work/pulumi-resource-docker" --reinstall
touch "$next/complete"
rm -rf "$dir"
mv "$next" "$dir"
echo "$dir"
