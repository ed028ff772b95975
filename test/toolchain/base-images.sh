#!/usr/bin/env bash
# Gives the engine the base images of our Dockerfiles. From their registry where it is reached; elsewhere made from Debian
# and npm packages, laid out as the official ones are, so that Dockerfiles need not know. Needs Linux; root to make one.
#
# Usage: base-images.sh [IMAGE…]   debian:trixie-slim and node:24-trixie-slim unless named; on DOCKER_HOST's engine
# What was made is kept a week in ${XDG_CACHE_HOME:-~/.cache}/vigie/base-images, so that a second engine gets it at once.
set -euo pipefail
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vigie/base-images

say() { echo "$*" >&2; }
have() { docker image inspect "$1" >/dev/null 2>&1; }
pulled() { timeout 120 docker pull --quiet "$1" >/dev/null 2>&1; }

# What the official slim images leave out: pages that nobody reads in a container.
slim=(
  'path-exclude=/usr/share/doc/*' 'path-include=/usr/share/doc/*/copyright' 'path-exclude=/usr/share/man/*'
  'path-exclude=/usr/share/groff/*' 'path-exclude=/usr/share/info/*' 'path-exclude=/usr/share/lintian/*'
  'path-exclude=/usr/share/locale/*' 'path-include=/usr/share/locale/locale.alias'
)

# And what their apt does not keep: package files and caches, which would stay in the layers.
apt='Acquire::Languages "none";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };'

make_debian() {
  local root="$cache/debian-trixie-slim.tar"
  if [ -z "$(find "$root" -mtime -7 2>/dev/null)" ]; then
    if ! command -v mmdebstrap >/dev/null; then
      command -v apt-get >/dev/null || { say "mmdebstrap is not installed: making debian:trixie-slim needs it"; exit 1; }
      say "Installing mmdebstrap"
      apt-get -o Acquire::Retries=3 update -qq
      DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y -qq --no-install-recommends mmdebstrap >/dev/null 2>&1
    fi
    say "Making debian:trixie-slim from Debian's packages"
    mmdebstrap --quiet --variant=minbase --components=main --aptopt='Acquire::Retries "3"' "${slim[@]/#/--dpkgopt=}" \
      --customize-hook='rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/hostname" "$1/etc/resolv.conf"' \
      --customize-hook='cat >"$1/etc/apt/apt.conf.d/docker"; rm -f "$1"/var/cache/apt/*.bin' \
      trixie "$root.part.tar" <<<"$apt"
    mv "$root.part.tar" "$root"
  fi
  docker import --change 'CMD ["bash"]' "$root" debian:trixie-slim >/dev/null
}

make_node() {
  local arch work
  case $(docker version --format '{{.Server.Arch}}') in
    amd64) arch=x64 ;;
    arm64) arch=arm64 ;;
    *) say "no Node 24 package for this engine's processor: pull node:24-trixie-slim instead"; exit 1 ;;
  esac
  have debian:trixie-slim || give debian:trixie-slim
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder's name is known now and local
  trap "rm -rf '$work'" RETURN EXIT
  say "Making node:24-trixie-slim from npm's packages"
  for package in "node-linux-$arch@24" npm@11; do
    mkdir -p "$work/${package%@*}"
    (cd "$work" && npm pack --silent --prefer-offline "$package") >"$work/name"
    tar -xzf "$work/$(tail -1 "$work/name")" -C "$work/${package%@*}" --strip-components=1 --no-same-owner
  done
  mv "$work/node-linux-$arch/bin/node" "$work/node"
  chmod 755 "$work/node" "$work"/npm/bin/*.js  # here, not in the Dockerfile, where it would store the files twice
  cat >"$work/Dockerfile" <<'DOCKERFILE'
FROM debian:trixie-slim
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node \
 && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \
 && ln -s node /usr/local/bin/nodejs \
 && node --version && npm --version
CMD ["node"]
DOCKERFILE
  printf '*\n!node\n!npm\n' >"$work/.dockerignore"
  docker build --tag node:24-trixie-slim "$work" >"$work/log" 2>&1 || { tail -20 "$work/log" >&2; exit 1; }
}

give() {
  if have "$1" || pulled "$1"; then return; fi
  case $1 in
    debian:trixie-slim) make_debian ;;
    node:24-trixie-slim) make_node ;;
    *) say "$1 can only be pulled, and its registry is not reached"; exit 1 ;;
  esac
}

docker version --format '{{.Server.Version}}' >/dev/null || { say "no Docker engine answers: start one (test/toolchain/engine.sh)"; exit 1; }
# Two runs at once: the second waits for the first, then finds the images there.
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ $# -eq 0 ]; then set -- debian:trixie-slim node:24-trixie-slim; fi
for image in "$@"; do give "$image"; done
