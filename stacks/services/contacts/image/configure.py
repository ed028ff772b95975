"""Accounts, rights and the directory, made from /etc/vigie/contacts.json.

    association, lang
    logins     [LOGIN]; each has /etc/vigie/passwords/LOGIN
    directory  [{uid, kind: "individual"|"group", name, email?, phone?, title?, teams: [NAME], note?}]
    books      [{id, name, writers: [LOGIN], readers: [LOGIN]}]

Books are folders under vigie/. Each account sees those it may read in its own home, by links, so that programs find them
without being told their addresses. What an account may do with one is decided by the rights file alone.
"""

import json
import os
import re
import sys
from pathlib import Path

import books
from passlib.hash import sha256_crypt

CONFIG = Path("/etc/vigie")
RUN = Path("/tmp/radicale")
DIRECTORY = "annuaire"
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]*")
BOOK = re.compile(r"[a-z][a-z0-9-]*")


def read(folder: Path = CONFIG) -> dict:
    """The configuration. Exits with 78 (EX_CONFIG) and all that is wrong with it."""
    try:
        declared = json.loads((folder / "contacts.json").read_text())
        problems = list(problems_of(declared, folder))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        problems = [f"{folder}/contacts.json cannot be used: {error!r}"]
    if problems:
        print("contacts: " + "; ".join(problems), file=sys.stderr)
        sys.exit(78)
    return declared


def problems_of(declared: dict, folder: Path):
    for login in declared["logins"]:
        if not LOGIN.fullmatch(login):
            yield f"{login!r} is not a login"
        elif not (folder / "passwords" / login).is_file():
            yield f"{folder}/passwords/{login} is missing"
    for book in declared["books"]:
        if not BOOK.fullmatch(book["id"]) or book["id"] == DIRECTORY:
            yield f"{book['id']!r} is not a book's name"
        for login in {*book["writers"], *book["readers"]} - {*declared["logins"]}:
            yield f"book {book['id']}: no account {login!r}"


def users(declared: dict, folder: Path = CONFIG) -> str:
    # Radicale tells the scheme by its length: with any other number of rounds than this one it takes the hash for the password.
    lines = []
    for login in declared["logins"]:
        password = (folder / "passwords" / login).read_text().strip()
        lines.append(f"{login}:{sha256_crypt.using(rounds=5000).hash(password)}\n")
    return "".join(lines)


def rights(declared: dict) -> str:
    """Radicale's rights: `R` and `W` on a home, `r` and `w` on a book. The first section that matches decides."""
    sections = [section("root", ".+", "", "R"), section("home", ".+", "{user}", "R")]
    sections.append(section(DIRECTORY, ".+", f"{{user}}/{DIRECTORY}", "r"))
    for book in declared["books"]:
        for kind, logins, letters in (("writers", book["writers"], "rw"), ("readers", book["readers"], "r")):
            if logins:
                anyone = "|".join(re.escape(login) for login in logins)
                sections.append(section(f"{book['id']}-{kind}", f"({anyone})", f"{{user}}/{book['id']}", letters))
    return "\n".join(sections)


def section(name: str, user: str, collection: str, permissions: str) -> str:
    return f"[{name}]\nuser: {user}\ncollection: {collection}\npermissions: {permissions}\n"


def main() -> None:
    declared = read()
    RUN.mkdir(mode=0o700, exist_ok=True)
    write(RUN / "users", users(declared))
    write(RUN / "rights", rights(declared))
    books.ensure(DIRECTORY, "Annuaire" if declared["lang"] == "fr" else "Directory")
    books.replace(DIRECTORY, {f"{card['uid']}.vcf": books.card(card, declared["association"]) for card in declared["directory"]})
    for book in declared["books"]:
        books.ensure(book["id"], book["name"])
    for login in declared["logins"]:
        books.link(login, [DIRECTORY, *(b["id"] for b in declared["books"] if login in b["writers"] or login in b["readers"])])
    books.forget_homes(set(declared["logins"]))


def write(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(text)
    os.replace(part, path)


if __name__ == "__main__":
    main()
