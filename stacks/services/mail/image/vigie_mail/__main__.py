"""Starts the mail servers: read what is declared, write what they read, run them until told to stop."""

import sys

from . import accounts, certificate, config, keys, layout, processes, resolver, subscriptions, tables


def main() -> int:
    try:
        declared = config.read()
        hashes = accounts.refresh(declared)
    except config.Problem as problem:
        print(f"mail: {problem}", file=sys.stderr)
        return 78  # EX_CONFIG: trying again will not help
    layout.prepare(declared)
    keys.ensure(declared)
    tables.write(declared, hashes)
    subscriptions.write(declared)
    certificate.install(declared)
    resolver.install(declared)
    return processes.run(declared)


sys.exit(main())
