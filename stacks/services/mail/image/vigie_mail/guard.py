"""Slows down and blocks those who guess passwords, on every protocol: Dovecot asks it before and tells it after each attempt.

It speaks Dovecot's authentication policy protocol (https://doc.dovecot.org/2.4.1/core/config/auth/policy.html): JSON over HTTP on the
loopback, answers {"status": 0 go on | seconds to wait first | -1 refuse}. It never sees a password, only a salted hash, and
counts *different* wrong ones: a telephone that repeats an old password all day locks nobody out.

One who guesses from many addresses at once shows up in the count by account. Then addresses from which the account's owner has signed
in lately go on as before, and all others wait, later are refused: a stranger can keep an owner out of a new place, never out of home.
Those addresses outlive a restart, which may well come in the middle of an attack; the guesses do not.
"""

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from .layout import CACHE

WINDOW = 15 * 60  # seconds for which a wrong password counts
SLOW_AFTER, SLOW_BY = 3, 4  # attempts; seconds
BLOCK_AFTER = 8  # different wrong passwords for one account from one address
BLOCK_SOURCE_AFTER = 40  # and for all accounts from one address
SLOW_ACCOUNT_AFTER, BLOCK_ACCOUNT_AFTER = 10, 20  # for one account from all addresses that are not known to be its owner's
OWNERS_FOR = 30 * 86_400  # seconds for which an address counts as the owner's after a success
MOST = 10_000  # sources, and accounts: bounds its own memory
MOST_OWN = 50  # addresses of one owner
WRITTEN_EVERY = 86_400  # seconds after which a known address of an owner's is written down again
FILE = CACHE / "guard" / "owners.json"
LARGEST = 64 * 1024


class Guard:
    """Who has failed lately. Times are Unix seconds."""

    def __init__(self, clock: Callable[[], float] = time.time, file: Path | None = None) -> None:
        self.clock = clock
        self.file = file
        self.failures: dict[str, dict[tuple[str, str], float]] = {}
        self.strangers: dict[str, dict[str, float]] = {}
        self.owners: dict[str, dict[str, float]] = remembered(file, clock() - OWNERS_FOR) if file else {}

    def allow(self, login: str, source: str) -> int:
        """Dovecot's status for an attempt."""
        recent = self._recent(source)
        own = sum(1 for account, _ in recent if account == login)
        if own >= BLOCK_AFTER or len(recent) >= BLOCK_SOURCE_AFTER:
            return -1
        guesses = 0 if self._is_owners(login, source) else len(self._guesses(login))
        if guesses >= BLOCK_ACCOUNT_AFTER:
            return -1
        return SLOW_BY if own >= SLOW_AFTER or guesses >= SLOW_ACCOUNT_AFTER else 0

    def report(self, login: str, source: str, password_hash: str, success: bool) -> None:
        """Remembers a failure; a success forgives that account's."""
        recent = self._recent(source)
        if success:
            recent = {key: at for key, at in recent.items() if key[0] != login}
            self._welcome(login, source)
        else:
            recent[(login, password_hash)] = self.clock()
            if not self._is_owners(login, source):
                keep(self.strangers, login, {**self._guesses(login), password_hash: self.clock()})
        keep(self.failures, source, recent)

    def _welcome(self, login: str, source: str) -> None:
        """Notes an address as the owner's: in the file only where that tells something new, for telephones sign in all day."""
        known = self.owners.get(login, {})
        noted = known.get(source, -OWNERS_FOR)
        if noted > self.clock() - WRITTEN_EVERY:
            return
        others = [entry for entry in known.items() if entry[0] != source]
        keep(self.owners, login, dict([*others, (source, self.clock())][-MOST_OWN:]))
        if self.file:
            remember(self.file, self.owners)

    def _is_owners(self, login: str, source: str) -> bool:
        return self.owners.get(login, {}).get(source, -OWNERS_FOR) > self.clock() - OWNERS_FOR

    def _guesses(self, login: str) -> dict[str, float]:
        """Different wrong passwords for an account from addresses that are not known to be its owner's."""
        since = self.clock() - WINDOW
        return {key: at for key, at in self.strangers.get(login, {}).items() if at > since}

    def _recent(self, source: str) -> dict[tuple[str, str], float]:
        since = self.clock() - WINDOW
        return {key: at for key, at in self.failures.get(source, {}).items() if at > since}


def keep(table: dict[str, dict], key: str, entries: dict) -> None:
    """Puts entries last in a table, and drops its oldest where it is too long."""
    table.pop(key, None)
    if entries:
        table[key] = entries
    while len(table) > MOST:
        table.pop(next(iter(table)))


def remembered(file: Path, since: float) -> dict[str, dict[str, float]]:
    """The owners' addresses that were written down; none where the file is missing or damaged."""
    try:
        found = json.loads(file.read_text())
        recent = {login: {source: float(at) for source, at in known.items() if at > since} for login, known in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        print(f"guard: {file} is not to be read, owners are to be learnt again: {error}", flush=True)
        return {}
    return {login: known for login, known in recent.items() if known}


def remember(file: Path, owners: dict[str, dict[str, float]]) -> None:
    """In one step; never a reason to keep anybody out."""
    part = file.with_suffix(".part")
    try:
        part.write_text(json.dumps(owners))
        part.replace(file)
    except OSError as error:
        print(f"guard: {error}", flush=True)


def handler(guard: Guard) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length", 0)), LARGEST)
            asked = json.loads(self.rfile.read(length) or b"{}")
            login, source = str(asked.get("login", "")).lower(), str(asked.get("remote", ""))
            status = 0
            # What runs in this container is not a stranger.
            if source not in ("", "127.0.0.1", "::1"):
                if "command=report" in self.path:
                    guard.report(login, source, str(asked.get("pwhash", "")), asked.get("success") is True)
                else:
                    status = guard.allow(login, source)
                    if status < 0:
                        print(f"guard: {source} is refused for now: too many wrong passwords", flush=True)
            answer = json.dumps({"status": status, "msg": "too many attempts" if status < 0 else ""}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("Connection", "close")  # one thread: a kept connection would keep the others waiting
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args) -> None:
            pass

    return Handler


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", 4001), handler(Guard(file=FILE))).serve_forever()
