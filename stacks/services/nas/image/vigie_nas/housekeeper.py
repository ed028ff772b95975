"""Makes versions, measures shares and tells the lookout, as root without capabilities in every team's group; started by keeper.pl.

status.json: {at, free: bytes on the disk, trail: {days, since: day},
    shares: [{name, used, quota, versions: {count, bytes, last, checked, problem} or null}]}: bytes, Unix seconds, null where there is none
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

from . import trail, usage, versions
from .config import SHARES, STATUS, TOKEN, TRAIL, Nas, Share, load

# The group of those who may read the trail.
READERS = 900
NOBODY = 65534
LOOK_EVERY = 20
# Of a processor: measuring a large share takes its time.
MOST_LOAD = 0.01


@dataclass
class Seen:
    """What is known of a share."""

    used: int | None = None
    measure_at: float = 0.0
    bytes: int | None = None
    checked: int | None = None
    problem: str | None = None


@dataclass
class Housekeeper:
    nas: Nas
    seen: dict[str, Seen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.seen = {share.name: Seen() for share in self.nas.shares}

    def look(self) -> None:
        open_trail()
        for number, share in enumerate(self.nas.shares):
            seen = self.seen[share.name]
            self.measure(number, share, seen)
            if share.versions is None:
                continue
            last = max(versions.times(share.past)[-1:] + [seen.checked or 0]) or None
            if versions.due(share.versions.every, last, time.time()):
                with versions.Locked():
                    self.version(share, seen)
        self.tell()

    def measure(self, number: int, share: Share, seen: Seen) -> None:
        if time.monotonic() < seen.measure_at:
            return
        began = time.monotonic()
        seen.used = usage.measure(share)
        if share.quota is not None:
            if seen.used > share.quota and usage.relieve(share.folder, seen.used - share.quota):
                seen.used = usage.measure(share)
            usage.tell(number, share, seen.used)
        seen.measure_at = time.monotonic() + max(LOOK_EVERY, (time.monotonic() - began) / MOST_LOAD)

    def version(self, share: Share, seen: Seen) -> None:
        now = time.time()
        try:
            if not versions.make_room(self.nas.min_free):
                raise versions.Failed(f"less than {self.nas.min_free:.0%} of the disk is free")
            made = versions.make(share, now)
            seen.bytes = versions.prune(share)
            seen.checked, seen.problem = int(now), None
            if made is not None:
                print(f"nas: a version of {share.name} is kept", flush=True)
        except (versions.Failed, OSError, subprocess.SubprocessError) as error:
            # Tried again at the next time that is due, not three times a minute.
            seen.checked, seen.problem = int(now), str(error)
            print(f"nas: no version of {share.name}: {error}", file=sys.stderr, flush=True)

    def tell(self) -> None:
        disk = os.statvfs(SHARES)
        kept = sorted(match[1] for path in TRAIL.iterdir() if (match := trail.DAY.match(path.name)))
        status = {
            "at": time.time(),
            "free": disk.f_bavail * disk.f_frsize,
            "trail": {"days": len(kept), "since": kept[0] if kept else None},
            "shares": [self.about(share) for share in self.nas.shares],
        }
        fresh = STATUS.with_suffix(".new")
        fresh.write_text(json.dumps(status))
        fresh.chmod(0o644)
        fresh.rename(STATUS)

    def about(self, share: Share) -> dict:
        seen = self.seen[share.name]
        made = versions.times(share.past)
        return {
            "name": share.name,
            "used": seen.used,
            "quota": share.quota,
            "versions": share.versions
            and {
                "count": len(made),
                "bytes": seen.bytes,
                "last": made[-1] if made else None,
                "every": share.versions.every,
                "checked": seen.checked,
                "problem": seen.problem,
            },
        }


def open_trail() -> None:
    """Lets the process that the lookout asks read the trail, and no member: smbd serves those under their own names."""
    for path, mode in [(TRAIL, 0o2750), *((path, 0o640) for path in TRAIL.glob("audit-*.jsonl"))]:
        found = path.stat()
        if found.st_uid == 0 and (found.st_gid != READERS or found.st_mode & 0o7777 != mode):
            os.chown(path, -1, READERS)
            path.chmod(mode)


def serve() -> subprocess.Popen:
    server = subprocess.Popen(
        [sys.executable, "-m", "vigie_nas.status"], stdin=subprocess.PIPE, user=NOBODY, group=READERS, extra_groups=[], text=True
    )
    assert server.stdin
    server.stdin.write(TOKEN.read_text().strip() + "\n")
    server.stdin.close()
    return server


def join_teams(nas: Nas) -> None:
    os.setgroups([0, READERS, *nas.gids])
    os.umask(0o027)


def main() -> None:
    nas = load()
    join_teams(nas)
    housekeeper = Housekeeper(nas)
    server = None
    while True:
        if TOKEN.exists() and (server is None or server.poll() is not None):
            server = serve()
        housekeeper.look()
        time.sleep(LOOK_EVERY)


if __name__ == "__main__":
    main()
