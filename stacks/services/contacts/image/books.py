"""Address books as Radicale keeps them: a folder with its properties, and a file for each card."""

import json
import os
import shutil
from pathlib import Path

import vobject

ROOT = Path("/var/lib/radicale/collection-root")
HOUSE = ROOT / "vigie"
PROPERTIES = ".Radicale.props"


def folder(book: str) -> Path:
    return HOUSE / book


def ensure(book: str, name: str) -> None:
    """Makes a book, or gives it its name anew; what is in it stays."""
    folder(book).mkdir(parents=True, exist_ok=True, mode=0o750)
    save(folder(book) / PROPERTIES, json.dumps({"tag": "VADDRESSBOOK", "D:displayname": name}))


def replace(book: str, cards: dict[str, str]) -> None:
    """Has a book hold these cards and no others. Those that are the same keep their time, hence their ETag."""
    for file in folder(book).iterdir():
        if not file.name.startswith(".") and file.name not in cards:
            file.unlink()
    for name, text in cards.items():
        file = folder(book) / name
        if not file.exists() or file.read_text(newline="") != text:
            save(file, text)


def save(file: Path, text: str) -> None:
    part = file.with_name(f".{file.name}.part")
    with part.open("w", newline="") as out:
        out.write(text)
    os.replace(part, file)


def link(login: str, seen: list[str]) -> None:
    """The home of an account: links to the books that it sees, and nothing else."""
    home = ROOT / login
    home.mkdir(parents=True, exist_ok=True, mode=0o750)
    for entry in home.iterdir():
        if entry.is_symlink() and entry.name not in seen:
            entry.unlink()
    for book in seen:
        if not (home / book).is_symlink():
            (home / book).symlink_to(Path("..") / "vigie" / book)


def forget_homes(logins: set[str]) -> None:
    """Homes of accounts that there are no longer: they hold links only."""
    for home in ROOT.iterdir():
        if home.name not in {*logins, "vigie"}:
            shutil.rmtree(home)


def card(entry: dict, association: str) -> str:
    """A vCard 3.0 (RFC 2426): what every program reads. A role is a company's card for them: it has no first name."""
    made = vobject.vCard()
    made.add("uid").value = entry["uid"]
    made.add("fn").value = entry["name"]
    given, _, family = entry["name"].partition(" ") if entry["kind"] == "individual" else ("", "", entry["name"])
    made.add("n").value = vobject.vcard.Name(family=family, given=given)
    made.add("org").value = [association, *entry["teams"][:1]]
    if entry.get("email"):
        address = made.add("email")
        address.value = entry["email"]
        address.type_param = "INTERNET"
    if entry.get("phone"):
        made.add("tel").value = entry["phone"]
    if entry.get("title"):
        made.add("title").value = entry["title"]
    if entry.get("note"):
        made.add("note").value = entry["note"]
    if entry["teams"]:
        made.add("categories").value = entry["teams"]
    return made.serialize()
