"""DKIM keys (RFC 6376): two selectors for each domain, one that signs and one that waits, both published.

Rotation hands over to the waiting key, which the world has long had the time to see. The retired one stays published for the
overlap, as mail it has signed is still on its way; then it is made anew and becomes the one that waits.
"""

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass

from . import resolver
from .config import Problem
from .layout import PUBLIC, RUN, STATE, write

FOLDER = STATE / "dkim"
STATE_FILE = FOLDER / "state.json"
BITS = 2048
DAY = 86_400
# Resolvers may keep "no such key" for as long as the zone's negative TTL: nothing signs before.
PUBLISHED_FOR = 3600
STRING = 255


@dataclass
class State:
    """Which selector signs, and when each selector's keys were made and retired (Unix seconds)."""

    active: str
    made: dict[str, float]
    retired: dict[str, float]


def initial(selectors: list[str], now: float) -> State:
    return State(selectors[0], {name: now for name in selectors}, {})


def waiting(state: State, selectors: list[str]) -> str:
    return next(name for name in selectors if name != state.active)


def rotated(state: State, selectors: list[str], now: float, force: bool = False) -> State:
    """The state after handing over. Raises Problem where the waiting key is not ready to sign."""
    successor = waiting(state, selectors)
    if successor in state.retired:
        raise Problem(f"{successor} is still published for mail it signed before; it is made anew when the overlap has passed")
    age = now - state.made[successor]
    if age < PUBLISHED_FOR and not force:
        raise Problem(f"the key of {successor} is {int(age)} s old: resolvers may not know it yet; wait, or use --force")
    return State(successor, state.made, {**state.retired, state.active: now})


def unpublished(declared: dict, selector: str, ask=resolver.texts) -> list[str]:
    """Names under which the world does not yet find the key that a selector would sign with: what it signs would not be believed."""
    wanted = [record for record in records(declared) if record["name"].startswith(f"{selector}._domainkey.")]
    return [record["name"] for record in wanted if record["value"] not in (ask(record["name"]) or [])]


def hand_over_if_due(declared: dict, now: float | None = None, ask=resolver.texts) -> None:
    """Rotates by itself where the declaration says after how many days, once the next key is found by everybody."""
    life, state = declared["dkim"]["lifeDays"], load()
    now = time.time() if now is None else now
    if not life or state is None or now - state.made[state.active] < life * DAY:
        return
    selectors = declared["dkim"]["selectors"]
    try:
        after = rotated(state, selectors, now)
    except Problem:
        return  # not yet: asked again at the next look
    missing = unpublished(declared, after.active, ask)
    if missing:
        print(f"dkim: {state.active} is due, and {', '.join(missing)} is not published: publish it (vigie-dkim records)", flush=True)
        return
    save(declared, after)
    print(f"dkim: {after.active} signs from now on; {state.active} stays published", flush=True)


def due_for_renewal(state: State, overlap_days: float, now: float) -> list[str]:
    """Retired selectors whose overlap has passed."""
    return [name for name, since in state.retired.items() if now - since >= overlap_days * DAY]


def load() -> State | None:
    try:
        return State(**json.loads(STATE_FILE.read_text()))
    except FileNotFoundError:
        return None


def ensure(declared: dict, now: float | None = None) -> None:
    """Makes the keys that are missing or due, and tells Rspamd and the DNS which there are. Never touches one that signs."""
    now = time.time() if now is None else now
    selectors = declared["dkim"]["selectors"]
    state = load()
    if state is None or state.active not in selectors:
        state = initial(selectors, now)
    for name in due_for_renewal(state, declared["dkim"]["overlapDays"], now):
        print(f"dkim: the overlap of {name} has passed; a new key takes its place. Publish its record (vigie-dkim records)")
        for domain in declared["domains"]:
            key_file(domain, name).unlink(missing_ok=True)
        state = State(state.active, {**state.made, name: now}, {k: v for k, v in state.retired.items() if k != name})
    for name in selectors:
        state.made.setdefault(name, now)
        for domain in declared["domains"]:
            if not key_file(domain, name).exists():
                make(domain, name)
    save(declared, state)


def save(declared: dict, state: State) -> None:
    write(STATE_FILE, json.dumps(vars(state), indent=2) + "\n", 0o600)
    # Rspamd looks at these every few seconds: no restart, no message unsigned meanwhile.
    domains = declared["domains"]
    write(RUN / "rspamd" / "dkim_selectors.map", "".join(f"{domain} {state.active}\n" for domain in domains))
    write(RUN / "rspamd" / "dkim_paths.map", "".join(f"{domain} {key_file(domain, state.active)}\n" for domain in domains))
    write(PUBLIC / "dkim.zone", zone(declared))
    write(PUBLIC / "dkim.json", json.dumps({**vars(state), "records": records(declared)}, indent=2) + "\n")


def key_file(domain: str, selector: str):
    return FOLDER / f"{domain}.{selector}.key"


def make(domain: str, selector: str) -> None:
    """An RSA key that only Rspamd reads; 2048 bits as RFC 8301 section 3.2 asks for."""
    file = key_file(domain, selector)
    part = file.with_suffix(".part")
    subprocess.run(
        ["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{BITS}", "-out", str(part)], check=True
    )
    shutil.chown(part, "root", "_rspamd")
    os.chmod(part, 0o640)
    part.replace(file)


def public_key(domain: str, selector: str) -> str:
    """The public half in base64, without lines."""
    pem = subprocess.run(
        ["openssl", "pkey", "-in", str(key_file(domain, selector)), "-pubout"], check=True, capture_output=True, text=True
    ).stdout
    return "".join(line for line in pem.splitlines() if not line.startswith("-"))


def records(declared: dict) -> list[dict]:
    """The TXT records of RFC 6376 section 3.6.1: name without final dot, value as one string."""
    return [
        {"name": f"{selector}._domainkey.{domain}", "type": "TXT", "value": f"v=DKIM1; k=rsa; p={public_key(domain, selector)}"}
        for domain in declared["domains"]
        for selector in declared["dkim"]["selectors"]
    ]


def zone(declared: dict) -> str:
    """The same in the format of zone files: a character string holds 255 bytes at most (RFC 1035 section 3.3)."""
    lines = []
    for record in records(declared):
        value = record["value"]
        parts = " ".join(f'"{value[start : start + STRING]}"' for start in range(0, len(value), STRING))
        lines.append(f"{record['name']}. 3600 IN TXT {parts}\n")
    return "".join(lines)
