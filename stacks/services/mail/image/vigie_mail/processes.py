"""Runs the servers together: where one ends the container ends, and the engine starts all of it again, clean."""

import os
import signal
import subprocess
import sys
import time

from . import certificate, keys, resolver, status

# Each has a master of its own that replaces what dies below it; what is left to watch is the masters.
SERVERS = (
    ("guard", ["python3", "-m", "vigie_mail.guard"], "nobody"),
    ("resolver", ["unbound", "-d", "-c", str(resolver.FILE)], "unbound"),
    ("status", ["python3", "-m", "vigie_mail.status"], "nobody"),
    ("valkey", ["valkey-server", "/etc/valkey.conf"], "valkey"),
    ("rspamd", ["rspamd", "-f", "--var=DBDIR=/var/cache/vigie-mail/rspamd", "--var=RUNDIR=/run/rspamd", "--var=LOGDIR=/tmp"], "_rspamd"),
    ("dovecot", ["dovecot", "-F"], None),
    ("postfix", ["postfix", "start-fg"], None),
)
LOOK_EVERY = 20  # seconds between two looks at the certificate's file and at where the name server is
YOUNG, LOOK_EVERY_WHILE_YOUNG = 60, 3  # what is beside it may come up a little later
KEYS_EVERY = 3600
PATIENCE = 20  # seconds that a server has to end
WAKING = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


def run(declared: dict) -> int:
    """Until SIGTERM (returns 0) or until a server ends by itself (returns 1)."""
    # Blocked before anything starts, so that no signal falls between two looks.
    signal.pthread_sigmask(signal.SIG_BLOCK, WAKING)
    servers: dict[int, tuple[str, subprocess.Popen]] = {}
    # Told from the first moment, without the boxes: the lookout asks as soon as somebody listens.
    tell(declared)
    for name, command, user in SERVERS:
        process = start(command, user)
        servers[process.pid] = (name, process)
    began = looked_at_keys = time.monotonic()
    next_look = began + LOOK_EVERY_WHILE_YOUNG
    while True:
        woken = signal.sigtimedwait(WAKING, max(0, next_look - time.monotonic()))
        if woken is not None and woken.si_signo != signal.SIGCHLD:
            stop(servers)
            return 0
        ended = reap(servers)
        if ended:
            print(f"mail: {ended} has ended by itself; the container stops to start again", file=sys.stderr, flush=True)
            stop(servers)
            return 1
        # By the clock alone: each look starts programs, whose ends wake this loop.
        if time.monotonic() < next_look:
            continue
        if certificate.install(declared):
            print("tls: a new certificate is in use", flush=True)
            certificate.reload_servers()
        if resolver.install(declared):
            print("resolver: the name server of our domains has come or moved", flush=True)
            for pid, (name, _) in servers.items():
                if name == "resolver":
                    resolver.reload(pid)
        tell(declared)
        if time.monotonic() - looked_at_keys > KEYS_EVERY:
            looked_at_keys = time.monotonic()
            keys.ensure(declared)
            keys.hand_over_if_due(declared)
        now = time.monotonic()
        next_look = now + (LOOK_EVERY_WHILE_YOUNG if now - began < YOUNG else LOOK_EVERY)


def tell(declared: dict) -> None:
    """The state for the lookout. Never a reason to stop: a full disk is what it is to learn of."""
    try:
        status.gather(declared)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        print(f"status: {error}", file=sys.stderr, flush=True)


def start(command: list[str], user: str | None) -> subprocess.Popen:
    return subprocess.Popen(
        command,
        user=user,
        group=None if user is None else "nogroup" if user == "nobody" else user,
        extra_groups=None if user is None else [],
        preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, WAKING),
    )


def reap(servers: dict[int, tuple[str, subprocess.Popen]]) -> str | None:
    """Buries the dead, orphans included, since this is process 1. The name of a server among them."""
    ended = None
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        if pid in servers:
            ended = servers.pop(pid)[0]


def stop(servers: dict[int, tuple[str, subprocess.Popen]]) -> None:
    """The doors first, then what is behind them."""
    deadline = time.monotonic() + PATIENCE
    for pid, (name, _) in reversed(list(servers.items())):
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            continue
        while pid in servers and time.monotonic() < deadline:
            signal.sigtimedwait({signal.SIGCHLD}, 1)
            reap(servers)
