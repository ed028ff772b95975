"""Former states of a share, which Windows shows as "Previous versions" (vfs_shadow_copy2(8)): one folder each, /srv/versions/SHARE/@GMT-…

A file that has not changed from one to the next is the same file (rsync's hard links), never one of the living share: what damages that damages
no version. They belong to root and the team's group may read them, so nobody changes the past. One is made under another name and renamed when
all of it is on the disk; one that goes is renamed first: what carries a version's name is whole.
"""

import calendar
import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from .config import BIN, RUN, VERSIONS, Share

NAME = "@GMT-%Y.%m.%d-%H.%M.%S"
SHAPE = re.compile(r"^@GMT-\d{4}\.\d\d\.\d\d-\d\d\.\d\d\.\d\d$")
MAKING, GOING = ".making", ".going"
LOCK = RUN / "versions.lock"

# A Monday began 3 days before the epoch's Thursday.
PERIODS: dict[str, Callable[[int], int]] = {
    "last": lambda at: at,
    "hourly": lambda at: at // 3600,
    "daily": lambda at: at // 86_400,
    "weekly": lambda at: (at // 86_400 + 3) // 7,
}


class Failed(Exception):
    """A version could not be made; says why."""


def kept(times: Iterable[int], keep: dict[str, int]) -> set[int]:
    """The times that stay: of each of the last so many periods that have one, the youngest. Periods are those of UTC."""
    youngest_first = sorted(times, reverse=True)
    stay: set[int] = set()
    for period, count in keep.items():
        seen: list[int] = []
        for at in youngest_first:
            number = PERIODS[period](at)
            if number not in seen and len(seen) < count:
                seen.append(number)
                stay.add(at)
    return stay


def due(every: int, last: int | None, now: float) -> bool:
    """Whether one is to be made: hourly ones at the full hour, and so on. A clock that was set back does not stop them."""
    return last is None or int(now) // every != last // every


def times(folder: Path) -> list[int]:
    """When the versions of a folder were made, the oldest first, in Unix seconds."""
    if not folder.is_dir():
        return []
    found = []
    for name in os.listdir(folder):
        if SHAPE.match(name):
            try:
                found.append(calendar.timegm(time.strptime(name, NAME)))
            except ValueError:
                continue  # 31 February
    return sorted(found)


def at(folder: Path, when: int) -> Path:
    return folder / time.strftime(NAME, time.gmtime(when))


def make(share: Share, now: float) -> int | None:
    """Makes a version; gives its time, or None where nothing has changed since the last one. Raises Failed."""
    prepare(share)
    made = times(share.past)
    last = at(share.past, made[-1]) if made else None
    if last is not None and not changed(share, last):
        return None
    fresh = share.past / MAKING
    fresh.mkdir()
    os.chown(fresh, -1, share.gid)
    links = [f"--link-dest={last}"] if last is not None else []
    # What a member saves while it is copied, or deletes, is in the next one (24).
    code, said = rsync(share, [*links, f"{share.folder}/", f"{fresh}/"])
    if code not in (0, 24):
        clear(share.past)
        raise Failed(f"rsync ended with {code}: {said[-300:]}")
    subprocess.run(["sync", "-f", fresh], check=True)
    when = int(now)
    while at(share.past, when).exists():
        when += 1  # two within a second
    os.rename(fresh, at(share.past, when))
    return when


def changed(share: Share, last: Path) -> bool:
    code, said = rsync(share, ["--dry-run", "--itemize-changes", "--delete", f"{share.folder}/", f"{last}/"])
    return code != 0 or said != ""


def rsync(share: Share, words: list[str]) -> tuple[int, str]:
    """Copies as root in the team's group, which may read all of the team's files and owns what it makes."""
    command = [
        *("nice", "-n", "10", "ionice", "-c", "3", "rsync", "--recursive", "--times", "--perms", "--chmod=D2750,F640"),
        # Two saves within a second are two states. Links and devices are none of the members' doing.
        *("--modify-window=-1", "--info=nonreg0", "--one-file-system"),
        *(f"--exclude=/{BIN}/", "--exclude=.::TMPNAME:*"),
        *words,
    ]
    done = subprocess.run(command, group=share.gid, extra_groups=[share.gid], capture_output=True, text=True, errors="replace")
    return done.returncode, done.stdout + done.stderr


def prepare(share: Share) -> None:
    """The share's folder of versions, for its team and no other; what an interruption left is taken away."""
    VERSIONS.chmod(0o711)
    share.past.mkdir(mode=0o700, exist_ok=True)
    if share.past.stat().st_gid != share.gid:
        # Another team's share now: its past is too.
        subprocess.run(["chgrp", "--recursive", "--no-dereference", str(share.gid), share.past], check=True)
    share.past.chmod(0o750)
    clear(share.past)


def clear(folder: Path) -> None:
    for name in (MAKING, GOING):
        shutil.rmtree(folder / name, ignore_errors=True)


def drop(folder: Path, when: int) -> None:
    going = folder / GOING
    shutil.rmtree(going, ignore_errors=True)
    os.rename(at(folder, when), going)
    shutil.rmtree(going)


def size(folder: Path) -> int:
    """Bytes on the disk; what versions have in common is counted once."""
    done = subprocess.run(["nice", "du", "--summarize", "--block-size=1", folder], capture_output=True, text=True)
    return int(done.stdout.split("\t", 1)[0] or 0)


def prune(share: Share) -> int:
    """Drops what neither the declared numbers nor the declared size keep, the oldest first; gives the bytes that are left."""
    declared, made = share.versions, times(share.past)
    assert declared is not None
    stay = kept(made, declared.keep)
    for when in made:
        if when not in stay:
            drop(share.past, when)
    left, bytes_ = sorted(stay), size(share.past)
    while declared.most is not None and bytes_ > declared.most and left:
        drop(share.past, left.pop(0))
        bytes_ = size(share.past)
    return bytes_


def free_ratio(folder: Path = VERSIONS) -> float:
    disk = os.statvfs(folder)
    return disk.f_bavail / disk.f_blocks if disk.f_blocks else 1.0


def make_room(least: float, free: Callable[[], float] = free_ratio, root: Path = VERSIONS) -> bool:
    """Drops the oldest versions of all shares while the disk is short of room: members' files come first. True where there is enough then."""
    oldest = sorted((when, folder) for folder in root.iterdir() if folder.is_dir() for when in times(folder))
    while free() < least and oldest:
        when, folder = oldest.pop(0)
        drop(folder, when)
        told = time.strftime("%F %T", time.gmtime(when))
        print(f"nas: {folder.name} lost its version of {told} UTC: the disk is short of room", file=sys.stderr, flush=True)
    return free() >= least


class Locked:
    """One at a time: the housekeeper, or somebody who does not want to wait for it."""

    def __enter__(self):
        self.file = open(LOCK, "w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()
