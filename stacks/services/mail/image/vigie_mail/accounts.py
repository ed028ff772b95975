"""Passwords: the declared first one, until the account's owner has taken another.

Each account has a file in STATE/accounts: the hash of the password that was declared, then the hash that signs in.
A declared password that has not changed leaves the second alone; one that has changed replaces both.
"""

import ctypes
import ctypes.util
import os
from pathlib import Path

from .config import FOLDER, Problem
from .layout import STATE, make, write

_libcrypt = ctypes.CDLL(ctypes.util.find_library("crypt") or "libcrypt.so.1")
_libcrypt.crypt.restype = ctypes.c_char_p
_libcrypt.crypt_gensalt.restype = ctypes.c_char_p

# yescrypt (crypt(5)), the default of Debian's own passwords. Its lower cost is enough for the 100 random bits of a first one.
SCHEME = b"$y$"
COST = {"declared": 1, "chosen": 5}


def hash_password(password: str, kind: str) -> str:
    """A salted hash in the format of crypt(5)."""
    salt = _libcrypt.crypt_gensalt(SCHEME, ctypes.c_ulong(COST[kind]), os.urandom(16), 16)
    return _libcrypt.crypt(password.encode(), salt).decode()


def matches(password: str, hashed: str) -> bool:
    return _libcrypt.crypt(password.encode(), hashed.encode()) == hashed.encode()


def refresh(declared: dict, passwords: Path = FOLDER / "passwords", state: Path = STATE / "accounts") -> dict[str, str]:
    """The hash that signs in, by login. Forgets accounts that are no longer declared."""
    make(state, "root", "root", 0o700)
    hashes = {}
    for login in (account["login"] for account in declared["accounts"]):
        first = (passwords / login).read_text().strip()
        if not first:
            raise Problem(f"{passwords}/{login} is empty")
        kept = remembered(state / login)
        if kept is None or not matches(first, kept[0]):
            hashed = hash_password(first, "declared")
            kept = (hashed, hashed)
            write(state / login, "\n".join(kept) + "\n", 0o600)
        hashes[login] = kept[1]
    for file in state.iterdir():
        if file.name not in hashes:
            file.unlink()
    return hashes


def remembered(file: Path) -> tuple[str, str] | None:
    """The two hashes of an account; None where there are none yet, or the file was damaged."""
    try:
        declared, current = file.read_text().split()
    except (FileNotFoundError, ValueError):
        return None
    return declared, current


def choose(login: str, password: str, state: Path = STATE / "accounts") -> str:
    """Replaces the hash that signs in, and returns it. Raises Problem for an account that does not exist."""
    kept = remembered(state / login)
    if kept is None:
        raise Problem(f"there is no account {login!r}")
    hashed = hash_password(password, "chosen")
    write(state / login, f"{kept[0]}\n{hashed}\n", 0o600)
    return hashed
