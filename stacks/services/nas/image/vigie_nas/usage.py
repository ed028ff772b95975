"""How much each share holds, and what its members are told is left (smb.conf(5), "dfree command")."""

import os
from pathlib import Path

from .config import BIN, RUN, Share
from .versions import size

ROOM = RUN / "room"


def measure(share: Share) -> int:
    return size(share.folder)


def room(share: Share, used: int, free: int) -> str:
    """Total and free blocks of 1024 bytes, as smbd wants them: of the quota, but never more than the disk has."""
    assert share.quota is not None
    left = max(0, min(share.quota - used, free))
    return f"{share.quota // 1024} {left // 1024} 1024\n"


def tell(number: int, share: Share, used: int) -> None:
    """Leaves it where vigie-dfree finds it; smbd asks as a member."""
    disk = os.statvfs(share.folder)
    fresh = ROOM / f"{number}.new"
    fresh.write_text(room(share, used, disk.f_bavail * disk.f_frsize))
    fresh.chmod(0o644)
    fresh.rename(ROOM / str(number))


def relieve(folder: Path, excess: int) -> int:
    """Empties a full share's recycle bin, what was deleted first going first, until so many bytes are free; gives how many are.

    Without it, members who delete to make room would make none for a month.
    """
    files = []
    for place, folders, names in os.walk(folder / BIN):  # follows no link
        for name in names:
            path = os.path.join(place, name)
            try:
                found = os.lstat(path)
            except FileNotFoundError:
                continue
            files.append((found.st_mtime, found.st_blocks * 512, path))
    freed = 0
    for _, bytes_, path in sorted(files):
        if freed >= excess:
            break
        try:
            os.unlink(path)
            freed += bytes_
        except OSError:
            continue  # somebody has just taken it back
    return freed
