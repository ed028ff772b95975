"""`vigie-password LOGIN`: the password comes from standard input, never from the command line, which others can read. Typed, it is asked for
twice and not shown."""

import getpass
import subprocess
import sys

from . import accounts, config, tables

SHORTEST = 12


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: vigie-password LOGIN <file-with-the-password", file=sys.stderr)
        return 64
    password = typed() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if password is None:
        print("vigie-password: the two differ; nothing has changed", file=sys.stderr)
        return 65
    if len(password) < SHORTEST:
        print(f"vigie-password: {SHORTEST} characters or more, please", file=sys.stderr)
        return 65
    try:
        accounts.choose(arguments[0], password)
        declared = config.read()
        tables.write(declared, accounts.refresh(declared))
    except config.Problem as problem:
        print(f"vigie-password: {problem}", file=sys.stderr)
        return 67
    # The old password is remembered for a while otherwise.
    subprocess.run(["doveadm", "auth", "cache", "flush", arguments[0]], check=True, stdout=subprocess.DEVNULL)
    print(f"{arguments[0]} signs in with the new password from now on")
    return 0


def typed() -> str | None:
    """What somebody types twice; None where the two differ."""
    password = getpass.getpass("New password: ")
    return password if getpass.getpass("Once more: ") == password else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
