"""The container's own resolver, Unbound: Rspamd asks it who may send for a domain, hundreds of times a day.

It knows where the association's own zones are served, so that they are asked there even where the rest of the world cannot (a first
`up`, a trial without Internet). All else it forwards to the machine's resolvers, or asks for itself where blocklists are consulted: those
answer no big resolver.
"""

import os
import re
import signal
import socket

from .layout import RUN, write

FILE = RUN / "unbound" / "unbound.conf"
PORT = 5335

FIXED = f"""server:
  interface: 127.0.0.1@{PORT}
  access-control: 127.0.0.0/8 allow
  username: ""
  chroot: ""
  directory: "/run/vigie/unbound"
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 0
  num-threads: 1
  msg-cache-size: 1m
  rrset-cache-size: 2m
  key-cache-size: 1m
  neg-cache-size: 256k
  outgoing-range: 128
  num-queries-per-thread: 64
  module-config: "iterator"
  hide-identity: yes
  hide-version: yes
  do-not-query-localhost: no
  # Names that Unbound answers by itself otherwise (RFC 6761, RFC 6303): ours may be among them, and so are neighbours' addresses.
  unblock-lan-zones: yes
  insecure-lan-zones: yes
  local-zone: "localhost." nodefault
  local-zone: "test." nodefault
remote-control:
  control-enable: no
"""


def conf(declared: dict, address: str | None, machine: list[str]) -> str:
    """Unbound's configuration, given where the name server is now and which resolvers the machine has."""
    lines = [FIXED]
    names = declared["dns"]
    if names and address:
        for domain in declared["domains"]:
            lines.append(f'stub-zone:\n  name: "{domain}."\n  stub-addr: {address}@{names["port"]}\n  stub-no-cache: yes\n')
    if not declared["spam"]["askOthers"] and machine:
        forwards = "".join(f"  forward-addr: {resolver}\n" for resolver in machine)
        lines.append(f'forward-zone:\n  name: "."\n{forwards}')
    return "".join(lines)


def machine_resolvers(text: str) -> list[str]:
    """The name servers of resolv.conf(5)."""
    return re.findall(r"^nameserver\s+([0-9A-Fa-f.:]+)\s*$", text, re.MULTILINE)


def address_of(declared: dict) -> str | None:
    """Where the name server is now; None where it is not, or there is none."""
    if not declared["dns"]:
        return None
    try:
        return socket.gethostbyname(declared["dns"]["host"])
    except OSError:
        return None


def install(declared: dict) -> bool:
    """Writes the configuration. True where it has changed: the name server has come, or has moved."""
    with open("/etc/resolv.conf", encoding="ascii", errors="replace") as file:
        text = conf(declared, address_of(declared), machine_resolvers(file.read()))
    if FILE.exists() and FILE.read_text() == text:
        return False
    write(FILE, text)
    return True


def reload(pid: int) -> None:
    """Unbound reads its configuration again on SIGHUP, and forgets what it knew."""
    os.kill(pid, signal.SIGHUP)


def texts(name: str, port: int = PORT, timeout: float = 4) -> list[str] | None:
    """The TXT records of a name, as our own resolver answers (RFC 1035 section 4.2.2, over TCP); None where it does not."""
    question = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split(".")) + b"\0\0\x10\0\1"
    message = b"\x56\x49\1\0\0\1\0\0\0\0\0\0" + question
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
            connection.sendall(len(message).to_bytes(2, "big") + message)
            with connection.makefile("rb") as reply:
                answer = reply.read(int.from_bytes(reply.read(2), "big"))
        return read_texts(answer)
    except (OSError, ValueError, IndexError):
        return None


def read_texts(message: bytes) -> list[str] | None:
    """The TXT records in an answer; None where it says that the server failed. Raises IndexError or ValueError for nonsense."""
    code = message[3] & 15
    if code == 3:
        return []
    if code != 0:
        return None
    at = 12
    for _ in range(int.from_bytes(message[4:6], "big")):
        at = after_name(message, at) + 4
    found = []
    for _ in range(int.from_bytes(message[6:8], "big")):
        at = after_name(message, at)
        kind, length = int.from_bytes(message[at : at + 2], "big"), int.from_bytes(message[at + 8 : at + 10], "big")
        data, at = message[at + 10 : at + 10 + length], at + 10 + length
        if len(data) != length:
            raise ValueError("cut short")
        if kind == 16:
            pieces, start = [], 0
            while start < length:
                pieces.append(data[start + 1 : start + 1 + data[start]])
                start += 1 + data[start]
            found.append(b"".join(pieces).decode("latin-1"))
    return found


def after_name(message: bytes, at: int) -> int:
    """Where a name ends (RFC 1035 section 4.1.4)."""
    while message[at]:
        if message[at] & 0xC0:
            return at + 2
        at += 1 + message[at]
    return at + 1
