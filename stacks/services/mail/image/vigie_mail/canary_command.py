"""`vigie-canary plant VALUE` puts a message with a value into a folder of the lookout's own box, by Dovecot's own means; `find VALUE` looks
for it there: how it is proven that boxes which were restored are those that were saved. Nobody's mail is touched."""

import re
import subprocess
import sys
from email.message import EmailMessage

from . import config

FOLDER = "Canaries"
HEADER = "X-Vigie-Canary"
PROBE = "vigie-probe"
VALUE = re.compile(r"[A-Za-z0-9-]{8,100}")
UNAVAILABLE = 69


def box_of(declared: dict) -> str | None:
    """The address of the lookout's own box; None where it has none."""
    return next((box["address"] for box in declared["boxes"] if box.get("owner") == PROBE), None)


def message_with(value: str, box: str) -> bytes:
    """The message that is planted."""
    message = EmailMessage()
    message["From"] = message["To"] = box
    message["Subject"] = f"Vigie: {value}"
    message[HEADER] = value
    message.set_content("Message de contrôle des sauvegardes / Control message of the backups\n")
    return message.as_bytes()


def doveadm(*words: str, given: bytes | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(["doveadm", *words], input=given, capture_output=True, timeout=60)


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or arguments[0] not in ("plant", "find") or not VALUE.fullmatch(arguments[1]):
        print("usage: vigie-canary plant|find VALUE", file=sys.stderr)
        return 64
    verb, value = arguments
    box = box_of(config.read())
    if box is None:
        print("no box of the lookout's own is declared (settings.probe)", file=sys.stderr)
        return UNAVAILABLE
    if verb == "plant":
        doveadm("mailbox", "create", "-u", box, FOLDER)  # fails where it is there already
        saved = doveadm("save", "-u", box, "-m", FOLDER, given=message_with(value, box))
        if saved.returncode != 0:
            print(saved.stderr.decode(errors="replace").strip(), file=sys.stderr)
            return 1
        # Older snapshots hold the values of their time.
        doveadm("expunge", "-u", box, "mailbox", FOLDER, "savedbefore", "90d")
    # The search is for a part of the header; the value has to be all of it.
    found = doveadm("fetch", "-u", box, f"hdr.{HEADER.lower()}", "mailbox", FOLDER, "header", HEADER, value)
    if f"hdr.{HEADER.lower()}: {value}" not in found.stdout.decode(errors="replace").splitlines():
        print(f"{box}/{FOLDER} does not hold the value {found.stderr.decode(errors='replace').strip()}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
