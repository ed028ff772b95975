"""Folders that must exist, with their owners, before anything starts. Idempotent."""

import os
import shutil
from pathlib import Path

from .config import FOLDER

STATE = Path("/var/lib/vigie-mail")
# What is made again where it is missing: no snapshot needs it.
CACHE = Path("/var/cache/vigie-mail")
RUN = Path("/run/vigie")
PUBLIC = Path("/var/lib/vigie-mail-public")
BOXES = Path("/var/mail/boxes")
# Rspamd's patterns, compiled when the image was built.
COMPILED = Path("/usr/local/share/vigie/rspamd")

# path, owner, group, mode
FOLDERS = (
    (RUN, "root", "root", 0o711),
    (RUN / "tls", "root", "root", 0o700),
    (RUN / "dovecot", "root", "dovecot", 0o750),
    (RUN / "postfix", "root", "root", 0o755),
    (RUN / "rspamd", "root", "root", 0o755),
    (RUN / "unbound", "unbound", "unbound", 0o755),
    (Path("/run/postfix"), "root", "root", 0o755),
    (Path("/run/dovecot"), "root", "root", 0o755),
    (Path("/run/rspamd"), "_rspamd", "_rspamd", 0o750),
    (Path("/run/valkey"), "valkey", "_rspamd", 0o750),
    (STATE / "queue", "root", "root", 0o755),
    (Path("/run/postfix-data"), "postfix", "postfix", 0o700),
    (STATE / "accounts", "root", "root", 0o700),
    (STATE / "dkim", "root", "_rspamd", 0o750),
    (CACHE / "rspamd", "_rspamd", "_rspamd", 0o700),
    (CACHE / "guard", "nobody", "nogroup", 0o700),
    (CACHE / "tmp", "vmail", "vmail", 0o700),
    (STATE / "valkey", "valkey", "valkey", 0o700),
    (BOXES, "vmail", "vmail", 0o700),
)


def prepare(declared: dict) -> None:
    """Makes the folders, and one for each box."""
    for path, owner, group, mode in FOLDERS:
        make(path, owner, group, mode)
    for home in homes(declared):
        make(home, "vmail", "vmail", 0o700)
    for compiled in COMPILED.glob("*.hsmp"):
        if not (CACHE / "rspamd" / compiled.name).exists():
            shutil.copy(compiled, CACHE / "rspamd")
    forget_locks(BOXES)


def forget_locks(boxes: Path) -> None:
    """Removes the lock files of programs that were killed, before anything runs. Dovecot asks whether a process of the number in a lock lives, and in a
    container started again one mostly does: what is new in that box would be shown to nobody."""
    for folder, below, files in os.walk(boxes):
        # Where messages are (maildir(5)) there are many files, and never a lock.
        below[:] = [name for name in below if name not in ("cur", "new", "tmp")]
        for name in files:
            if name.endswith(".lock"):
                os.unlink(os.path.join(folder, name))


def homes(declared: dict) -> list[Path]:
    """Where each box is, and the few settings of accounts that have none."""
    return [box_home(box["address"]) for box in declared["boxes"]] + [
        account_home(account["login"]) for account in declared["accounts"]
    ]


def box_home(address: str) -> Path:
    """A box is named by its address: whoever reads it, it stays where it is."""
    return BOXES / address


def account_home(login: str) -> Path:
    """For an account without a box of its own, such as somebody who only holds a role."""
    return BOXES / f"{login}.account"


def make(path: Path, owner: str, group: str, mode: int) -> None:
    path.mkdir(parents=True, exist_ok=True)
    shutil.chown(path, owner, group)
    os.chmod(path, mode)


def write(path: Path, text: str, mode: int = 0o644, group: str = "root") -> None:
    """Writes a file in one step: a server that reads it meanwhile sees the old or the new, never half."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text)
    shutil.chown(part, "root", group)
    os.chmod(part, mode)
    part.replace(path)


__all__ = ["BOXES", "FOLDER", "PUBLIC", "RUN", "STATE", "account_home", "box_home", "forget_locks", "homes", "make", "prepare", "write"]
