"""What the lookout is told about the queue, the boxes and the keys: written by root to a file, served by a process of nobody's.

    queue   {active, deferred, hold: messages; oldest: Unix seconds, null where it is empty}
    boxes   [{address, kind, owner, used, limit}] in bytes; a limit of 0 is none
    keys    {active: selector, since: Unix seconds at which it was made, retired: [selector]}
    at      Unix seconds
"""

import json
import os
import stat
import subprocess
import time
from pathlib import Path

import vigie_status

from . import keys
from .config import FOLDER
from .layout import RUN, STATE, write

FILE = RUN / "status.json"
TOKEN = FOLDER / "secrets" / "status"
QUEUE = STATE / "queue"
# A file that is whole has all three rights of its owner, a half one no `x` (mail_open_ok.c: MAIL_QUEUE_STAT_READY). Half ones are what a
# kill leaves of messages that were still being received: nobody was promised them, and Postfix drops them after a day.
WHOLE = stat.S_IRWXU
# Postfix's own folders (qmgr(8)); `incoming` and `maildrop` are on their way to `active`.
STATES = {"active": ("maildrop", "incoming", "active"), "deferred": ("deferred",), "hold": ("hold",)}
BOXES_EVERY = 300  # seconds: asking for every box costs a second of processor where there are hundreds

_boxes: tuple[float, list[dict]] = (-BOXES_EVERY, [])


def queue(root: Path = QUEUE) -> dict:
    """Messages that Postfix has accepted, by state, and when the oldest came. A file that goes while we look has been delivered."""
    counts, oldest = {}, None
    for state, folders in STATES.items():
        counts[state] = 0
        for folder in folders:
            for path, _, files in os.walk(root / folder):
                for name in files:
                    try:
                        found = os.stat(os.path.join(path, name))
                    except FileNotFoundError:
                        continue
                    if found.st_mode & WHOLE != WHOLE:
                        continue
                    # A deferred message's times change at each attempt: its name tells when it came.
                    since = min(found.st_ctime, arrival(name) or found.st_ctime)
                    counts[state] += 1
                    oldest = since if oldest is None else min(oldest, since)
    return {**counts, "oldest": oldest}


# Long queue identifiers start with the seconds of arrival in base 52 (postconf(5), enable_long_queue_ids).
DIGITS = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
EARLIEST = 1_500_000_000


def arrival(name: str) -> float | None:
    """When the message with a long queue identifier arrived; None for a short one, which does not tell."""
    if len(name) < 12 or "z" not in name:
        return None
    value = 0
    for sign in name[:6]:
        if sign not in DIGITS:
            return None
        value = value * 52 + DIGITS.index(sign)
    return float(value) if EARLIEST < value <= time.time() + 60 else None


def boxes(declared: dict, table: str) -> list[dict]:
    """Each box with what it holds, from the table of `doveadm -f tab quota get -A` (kilobytes)."""
    used = {}
    for line in table.splitlines()[1:]:
        fields = line.split("\t")
        if len(fields) >= 5 and fields[2] == "STORAGE":
            used[fields[0]] = int(fields[3]) * 1024
    names = {box["address"]: box.get("owner") for box in declared["boxes"]}
    return [
        {
            "address": box["address"],
            "kind": box["kind"],
            "owner": box.get("owner"),
            "used": used.get(box["address"], used.get(names[box["address"]] or "", 0)),
            "limit": box["quotaMb"] * 1024 * 1024,
        }
        for box in declared["boxes"]
    ]


def gather(declared: dict) -> None:
    """Writes the file. Boxes are looked at less often than the rest."""
    global _boxes
    now = time.monotonic()
    if now - _boxes[0] >= BOXES_EVERY:
        result = subprocess.run(["doveadm", "-f", "tab", "quota", "get", "-A"], capture_output=True, text=True, timeout=60)
        # Dovecot may still be starting: asked again at the next look.
        if result.returncode == 0:
            _boxes = (now, boxes(declared, result.stdout))
    state = keys.load()
    write(
        FILE,
        json.dumps(
            {
                "at": time.time(),
                "queue": queue(),
                "boxes": _boxes[1],
                "keys": state and {"active": state.active, "since": state.made[state.active], "retired": sorted(state.retired)},
            }
        ),
    )


if __name__ == "__main__":
    vigie_status.serve(TOKEN.read_text().strip(), {"/status": vigie_status.file_page(FILE)})
