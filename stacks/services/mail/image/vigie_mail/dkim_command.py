"""`vigie-dkim`: what to publish, and handing over to the next key."""

import argparse
import sys
import time

from . import config, keys


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="vigie-dkim", description="DKIM keys of the association's domains")
    commands = parser.add_subparsers(dest="command", required=True)
    shown = commands.add_parser("records", help="print the TXT records to publish")
    shown.add_argument("--paste", action="store_true", help="name and value as registrars' forms take them")
    rotate = commands.add_parser("rotate", help="sign with the other key from now on; the old one stays published")
    rotate.add_argument("--force", action="store_true", help="although resolvers may not know the new key yet")
    commands.add_parser("status", help="which key signs, and since when")
    options = parser.parse_args(arguments)
    try:
        declared = config.read()
        return {"records": records, "rotate": rotated, "status": status}[options.command](declared, options)
    except config.Problem as problem:
        print(f"vigie-dkim: {problem}", file=sys.stderr)
        return 65


def records(declared: dict, options: argparse.Namespace) -> int:
    if not options.paste:
        print(keys.zone(declared), end="")
        return 0
    for record in keys.records(declared):
        print(f"{record['name']}\t{record['type']}\t{record['value']}")
    return 0


def rotated(declared: dict, options: argparse.Namespace) -> int:
    selectors = declared["dkim"]["selectors"]
    before = keys.load()
    after = keys.rotated(before, selectors, time.time(), options.force)
    missing = [] if options.force else keys.unpublished(declared, after.active)
    if missing:
        raise config.Problem(f"the DNS does not answer the key of {', '.join(missing)}: publish it (vigie-dkim records), wait, or use --force")
    keys.save(declared, after)
    print(f"{after.active} signs within 20 s; leave {before.active} published for {declared['dkim']['overlapDays']} days")
    return 0


def status(declared: dict, _options: argparse.Namespace) -> int:
    state = keys.load()
    for name in declared["dkim"]["selectors"]:
        role = "signs" if name == state.active else "retired, still published" if name in state.retired else "waits"
        print(f"{name}\t{role}\tmade {time.strftime('%Y-%m-%d', time.gmtime(state.made[name]))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
