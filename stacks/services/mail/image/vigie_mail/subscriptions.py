"""Subscribes people to the boxes they share, since most mail programs show subscribed folders only."""

import os
import shutil

from .layout import account_home, box_home, make
from .tables import own_box, shared_folders

# Dovecot's own format, version 2: a line a folder, levels parted by tabs.
HEADER = "V\t2\n\n"


def updated(text: str, wanted: list[str], all_shared: set[str]) -> str:
    """The file with the wanted shared folders, without those whose role has gone to somebody else; the rest as it was."""
    kept = [
        line
        for line in text.removeprefix(HEADER).splitlines()
        if line and (line.split("\t")[0] not in all_shared or line.split("\t")[0] in wanted)
    ]
    return HEADER + "".join(f"{line}\n" for line in [*kept, *(name for name in wanted if name not in kept)])


def write(declared: dict) -> None:
    shared = shared_folders(declared)
    for login in (account["login"] for account in declared["accounts"]):
        address = own_box(declared, login)
        folder = (box_home(address) if address else account_home(login)) / "Maildir"
        make(folder, "vmail", "vmail", 0o700)
        file = folder / "subscriptions"
        text = file.read_text() if file.exists() else HEADER
        wanted = [name for _, name, logins in shared if login in logins]
        new = updated(text, wanted, {name for _, name, _ in shared})
        if new != text:
            part = folder / "subscriptions.part"
            part.write_text(new)
            os.chmod(part, 0o600)
            shutil.chown(part, "vmail", "vmail")
            part.replace(file)
