"""/etc/vigie/mail.json, read and verified.

    hostname   name in the greeting, the certificate and the MX record
    domains    domains whose mail is ours
    boxes      [{address, kind: "person"|"role", owner?: LOGIN, delegates: [LOGIN], aliases: [ADDRESS], quotaMb}]
    accounts   [{login, sendAs: [ADDRESS]}]; each has /etc/vigie/passwords/LOGIN
    catchAll   {DOMAIN: ADDRESS}, optional: where mail for unknown names goes instead of being refused
    dkim       {selectors: [NAME, NAME], overlapDays, lifeDays}; a lifeDays of 0: keys are handed over by hand
    tls        {cert, key}: PEM files; `*` stands for any one folder, and the newest match wins
    relay      {host, port, login?, passwordFile?}, optional: everything leaves through it
    limits     {messageMb, perAccountPerHour, perSourcePerMinute}; a 0 in the last two: no limit
    spam       {askOthers}: whether public blocklists and fingerprints are consulted
    dns        {host, port}, optional: the name server of our own domains
    lists      [{login, host, port, addresses: [ADDRESS], masters: [ADDRESS], domain}], optional: list servers. What is written to
               `addresses` goes to host:port; the login sends from them, on port 2465; `masters` get what is written to listmaster@domain
    ownDomain  "refuse": strangers never write in our name; "authenticated": they may where SPF or DKIM proves it
"""

import json
import re
from pathlib import Path

FOLDER = Path("/etc/vigie")
ADDRESS = re.compile(r"[^\s@|:,]+@[a-z0-9.-]+")
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]*")
NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
SELECTOR = re.compile(r"[a-z0-9-]+")


class Problem(Exception):
    """Something in the configuration that only its author can put right."""


def read(folder: Path = FOLDER) -> dict:
    """The configuration with its defaults. Raises Problem naming everything that is wrong."""
    file = folder / "mail.json"
    try:
        found = json.loads(file.read_text())
    except FileNotFoundError:
        raise Problem(f"{file} is missing: the stack copies it before the first start") from None
    except ValueError as error:
        raise Problem(f"{file} is not JSON: {error}") from None
    declared = with_defaults(found if isinstance(found, dict) else {})
    problems = list(problems_of(declared, folder))
    if problems:
        raise Problem(f"{file}: " + "; ".join(problems))
    return declared


def with_defaults(found: dict) -> dict:
    """The same with every optional part present."""
    return {
        "hostname": "",
        "domains": [],
        "catchAll": {},
        "relay": None,
        "dns": None,
        "ownDomain": "refuse",
        "lists": [],
        **found,
        "boxes": [{"aliases": [], "delegates": [], "quotaMb": 2048, **box} for box in found.get("boxes", [])],
        "accounts": [{"sendAs": [], **account} for account in found.get("accounts", [])],
        "dkim": {"selectors": ["vigie1", "vigie2"], "overlapDays": 14, "lifeDays": 0, **found.get("dkim", {})},
        "tls": {"cert": "/etc/vigie/tls/cert.pem", "key": "/etc/vigie/tls/key.pem", **found.get("tls", {})},
        "limits": {"messageMb": 25, "perAccountPerHour": 200, "perSourcePerMinute": 120, **found.get("limits", {})},
        "spam": {"askOthers": False, **found.get("spam", {})},
    }


def problems_of(declared: dict, folder: Path):
    """Each thing that is wrong, in words."""
    if not NAME.fullmatch(declared["hostname"]):
        yield f"hostname is {declared['hostname']!r}, not a full name such as mail.example.org"
    if not declared["domains"]:
        yield "domains is empty"
    for domain in declared["domains"]:
        if not NAME.fullmatch(domain):
            yield f"domains: {domain!r} is not a domain"
    logins = [account.get("login", "") for account in declared["accounts"]]
    for login in logins:
        if not LOGIN.fullmatch(login):
            yield f"accounts: {login!r} is not a login"
        elif not (folder / "passwords" / login).is_file():
            yield f"{folder}/passwords/{login} is missing"
    yield from problems_of_addresses(declared, set(logins))
    selectors = declared["dkim"]["selectors"]
    if len(set(selectors)) != 2 or not all(SELECTOR.fullmatch(name) for name in selectors):
        yield f"dkim.selectors is {selectors!r}, not two different names"
    if declared["ownDomain"] not in ("refuse", "authenticated"):
        yield f"ownDomain is {declared['ownDomain']!r}, neither refuse nor authenticated"


def problems_of_addresses(declared: dict, logins: set):
    """Addresses that are malformed, foreign or taken, and logins that nobody has."""
    seen: dict[str, str] = {}
    for box in declared["boxes"]:
        where = box.get("address", "a box without address")
        if box.get("kind") not in ("person", "role"):
            yield f"box {where}: kind is {box.get('kind')!r}, neither person nor role"
        for address in [where, *box["aliases"]]:
            if not ADDRESS.fullmatch(address) or address.split("@")[1] not in declared["domains"]:
                yield f"box {where}: {address!r} is not an address in {', '.join(declared['domains'])}"
            elif address in seen:
                yield f"box {where}: {address} belongs to {seen[address]} already"
            seen[address] = where
        for login in [*filter(None, [box.get("owner")]), *box["delegates"]]:
            if login not in logins:
                yield f"box {where}: no account {login!r}"
    for server in declared["lists"]:
        if server["login"] not in logins:
            yield f"lists: no account {server['login']!r}"
        for address in server["addresses"]:
            if not ADDRESS.fullmatch(address) or address.split("@")[1] not in declared["domains"]:
                yield f"lists: {address!r} is not an address in {', '.join(declared['domains'])}"
            elif address in seen:
                yield f"lists: {address} belongs to {seen[address]} already"
            seen[address] = f"the lists of {server['host']}"
    for domain, target in declared["catchAll"].items():
        if target not in seen:
            yield f"catchAll.{domain}: no box has the address {target!r}"
