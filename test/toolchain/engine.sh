#!/usr/bin/env bash
# Starts a real Docker engine by hand, where no service manager runs. Needs Linux and root.
#
# Usage: engine.sh              the machine's own engine, on unix:///run/docker.sock
#        engine.sh NAME         a second engine on unix:///run/vigie-NAME.sock, in a network namespace of its own, as
#                               another machine would be: its published ports are at the address printed last
#        engine.sh --stop NAME  stops that engine and removes what it had, except its images and volumes
#        engine.sh --wipe NAME  the same, with its images and volumes
# Last lines of stdout: DOCKER_HOST=…, and for a second engine ADDRESS=…
set -euo pipefail

say() { echo "$*" >&2; }

action=start
case "${1:-}" in
  --stop | --wipe) action=${1#--}; shift ;;
  -*) say "usage: engine.sh [NAME] | --stop NAME | --wipe NAME"; exit 2 ;;
esac
name=${1:-}
if [ -n "$name" ] && ! [[ $name =~ ^[a-z][a-z0-9]{0,7}$ ]]; then say "NAME is up to 8 letters and digits, not \"$name\""; exit 2; fi
if [ -z "$name" ] && [ "$action" != start ]; then say "say which engine to $action; the machine's own is not ours to $action"; exit 2; fi
if [ "$(id -u)" != 0 ]; then say "starting an engine by hand needs root"; exit 1; fi

# Two runs at once: the second waits for the first, then finds the engine running.
exec 9>"/run/vigie-engine${name:+-$name}.lock"
flock 9

if [ -z "$name" ]; then
  socket=/run/docker.sock log=/var/log/vigie-dockerd.log
  within=() args=()
  # Docker's own pools have room for thirty networks, which a few stacks fill.
  grep -qs default-address-pools /etc/docker/daemon.json || args=(--default-address-pool base=172.16.0.0/12,size=24)
else
  # A network number in 100–199 from the name, for addresses that clash with neither Docker's own pools nor each other.
  number=$((100 + $(cksum <<<"$name" | cut -d' ' -f1) % 100))
  namespace="vigie-$name" veth="ve-$name" bridge="br-$name"
  gateway="10.$number.255.1" address="10.$number.255.2"
  socket="/run/vigie-$name.sock" log="/var/log/vigie-$name.log" pidfile="/run/vigie-$name.pid"
  data="/var/lib/vigie-$name" exec_root="/run/vigie-$name"
  # Not `ip netns exec`: it would hide /sys/fs/cgroup, which dockerd needs.
  within=(nsenter "--net=/run/netns/$namespace")
  args=(--data-root "$data" --exec-root "$exec_root" --pidfile "$pidfile" --bridge "$bridge"
    --default-address-pool "base=10.$number.0.0/17,size=24")
fi
export DOCKER_HOST="unix://$socket"

answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

stop() {
  local pid
  pid=$(cat "$pidfile" 2>/dev/null || true)
  # A pid file outlives a killed engine, and its number may since be somebody else's.
  if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]; then
    kill "$pid"
    timeout 60 tail --pid="$pid" -f /dev/null || { kill -KILL "$pid"; tail --pid="$pid" -f /dev/null; }
  fi
  # Containers and builds that outlived a killed engine, and what they had mounted.
  ip netns pids "$namespace" 2>/dev/null | xargs -r kill -KILL 2>/dev/null || true
  awk -v a="$exec_root/" -v b="$data/" 'index($2, a) == 1 || index($2, b) == 1 { print $2 }' /proc/self/mounts | sort -r |
    xargs -r -n 1 umount --lazy
  iptables -t nat -D POSTROUTING -s "$address/32" -j MASQUERADE 2>/dev/null || true
  iptables -D FORWARD -i "$veth" -j ACCEPT 2>/dev/null || true
  iptables -D FORWARD -o "$veth" -j ACCEPT 2>/dev/null || true
  ip link del "$veth" 2>/dev/null || true
  ip netns del "$namespace" 2>/dev/null || true
  rm -rf "$socket" "$pidfile" "$exec_root"
}

if [ "$action" != start ]; then
  stop
  if [ "$action" = wipe ]; then rm -rf "$data"; fi
  exit 0
fi

if ! command -v dockerd >/dev/null; then
  command -v apt-get >/dev/null || { say "dockerd is not installed: see https://docs.docker.com/engine/install/"; exit 1; }
  say "Installing Debian's Docker engine"
  apt-get -o Acquire::Retries=3 update -qq
  DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y -qq --no-install-recommends \
    docker.io docker-cli iptables iproute2 >/dev/null 2>&1 ||
    DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y -qq --no-install-recommends docker.io iptables iproute2 >/dev/null
fi

if [ -n "$name" ] && ! answers; then
  stop # what a killed engine left
  ip netns add "$namespace"
  ip link add "$veth" type veth peer name eth0 netns "$namespace"
  ip addr add "$gateway/30" dev "$veth"
  ip link set "$veth" up
  "${within[@]}" ip link set lo up
  "${within[@]}" ip addr add "$address/30" dev eth0
  "${within[@]}" ip link set eth0 up
  "${within[@]}" ip route add default via "$gateway"
  "${within[@]}" ip link add "$bridge" type bridge
  "${within[@]}" ip addr add "10.$number.254.1/24" dev "$bridge"
  "${within[@]}" ip link set "$bridge" up
  sysctl -qw net.ipv4.ip_forward=1
  iptables -t nat -A POSTROUTING -s "$address/32" -j MASQUERADE
  iptables -I FORWARD -i "$veth" -j ACCEPT
  iptables -I FORWARD -o "$veth" -j ACCEPT
fi

if ! answers; then
  setsid nohup "${within[@]}" dockerd -H "$DOCKER_HOST" "${args[@]}" >"$log" 2>&1 </dev/null 9>&- &
  pid=$!
  for _ in $(seq 120); do
    answers && break
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.5
  done
  answers || { say "dockerd does not start; the end of $log:"; tail -20 "$log" >&2; exit 1; }
fi

echo "DOCKER_HOST=$DOCKER_HOST"
if [ -n "$name" ]; then echo "ADDRESS=$address"; fi
