"""What Postfix, Dovecot and Rspamd read, as text made from the declaration. All but `write` are pure."""

import secrets
import shutil
from pathlib import Path

from .layout import RUN, account_home, box_home, write as write_file

FIXED_POSTFIX = Path("/usr/local/share/vigie/postfix")


def spellings(name: str) -> list[str]:
    """A domain or an address as declared, and, where the domain is `xn--…`, as people read it: RFC 6531 has clients send either."""
    local, at, domain = name.rpartition("@")
    try:
        readable = domain.encode().decode("idna")
    except UnicodeError:
        return [name]
    return [name] if readable == domain else [name, f"{local}{at}{readable}"]


# Addresses of a list server that reach the people who run it.
LIST_MASTERS = ("listmaster", "sympa-request")


def own_box(declared: dict, login: str) -> str | None:
    """The box that is somebody's INBOX: the first that is theirs alone."""
    return next((box["address"] for box in declared["boxes"] if box["kind"] == "person" and box.get("owner") == login), None)


def shared_boxes(declared: dict) -> dict[str, list[str]]:
    """Boxes that show up as folders, by address, with the logins that see them."""
    shared = {}
    for box in declared["boxes"]:
        logins = [*box["delegates"]]
        owner = box.get("owner")
        if owner and own_box(declared, owner) != box["address"]:
            logins.append(owner)
        if logins or box["kind"] == "role":
            shared[box["address"]] = sorted(set(logins))
    return shared


def senders(declared: dict) -> dict[str, list[str]]:
    """Logins that may write as each address: by declaration, as the box's owner, as a delegate of a role."""
    owners: dict[str, set[str]] = {}
    for account in declared["accounts"]:
        for address in account["sendAs"]:
            owners.setdefault(address, set()).add(account["login"])
    for box in declared["boxes"]:
        for address in [box["address"], *box["aliases"]]:
            owners.setdefault(address, set()).update(filter(None, [box.get("owner"), *box["delegates"]]))
    for server in declared["lists"]:
        # What it passes on to the people who run it returns to them, not to its author; and it tells authors what it could not deliver.
        masters = [f"{name}@{server['domain']}" for name in (*LIST_MASTERS, "mailer-daemon")]
        for address in [*server["addresses"], *masters]:
            owners.setdefault(address, set()).add(server["login"])
    return {address: sorted(logins) for address, logins in sorted(owners.items())}


def boxes(declared: dict) -> str:
    """virtual_mailbox_maps: addresses that are delivered, here or to a list server."""
    lists = [address for server in declared["lists"] for address in server["addresses"]]
    return "".join(f"{address} ok\n" for address in [*(box["address"] for box in declared["boxes"]), *lists])


def list_transports(declared: dict) -> str:
    """transport(5): what is written to lists goes to the server that runs them. bounce+SOMEBODY@ is found as bounce@."""
    return "".join(
        f"{address} smtp:[{server['host']}]:{server['port']}\n" for server in declared["lists"] for address in server["addresses"]
    )


def aliases(declared: dict) -> str:
    """virtual_alias_maps. Boxes name themselves, so that a catch-all does not swallow them."""
    lines = [f"{box['address']} {box['address']}" for box in declared["boxes"]]
    lines += [f"{alias} {box['address']}" for box in declared["boxes"] for alias in box["aliases"]]
    for server in declared["lists"]:
        lines += [f"{address} {address}" for address in server["addresses"]]
        # Straight to the people: the list server would pass it on under the author's name, which is not its own to use.
        if server["masters"]:
            lines += [f"{name}@{server['domain']} {','.join(server['masters'])}" for name in LIST_MASTERS]
    lines += [f"@{domain} {target}" for domain, target in declared["catchAll"].items()]
    # What is written to a domain as people read it goes on under its name in the DNS, which all else here knows.
    lines += [f"{other} {line.split(maxsplit=1)[1]}" for line in [*lines] for other in spellings(line.split()[0])[1:]]
    return "\n".join(lines) + "\n"


def own_names(declared: dict) -> str:
    """check_helo_access: strangers do not greet us with our own name."""
    return "".join(f"{name} 550 5.7.1 That is our own name\n" for name in [declared["hostname"], *declared["domains"]])


def main_cf(declared: dict) -> str:
    """The end of main.cf."""
    limits, relay = declared["limits"], declared["relay"]
    size = limits["messageMb"] * 1_000_000
    refuse = declared["ownDomain"] == "refuse"
    settings = {
        "myhostname": declared["hostname"],
        "mydomain": declared["domains"][0],
        "myorigin": declared["domains"][0],
        "message_size_limit": size,
        # Less free than this, and senders are told to try again (452): what was accepted must fit.
        "queue_minfree": 2 * size,
        "virtual_mailbox_limit": 0,
        "smtpd_client_message_rate_limit": limits["perSourcePerMinute"],
        "vigie_own_senders": "check_sender_access texthash:/run/vigie/postfix/own-senders" if refuse else "",
    }
    if relay:
        settings["relayhost"] = f"[{relay['host']}]:{relay['port']}"
        settings["smtp_tls_security_level"] = "secure" if relay.get("login") else "may"
        if relay.get("login"):
            settings["smtp_sasl_auth_enable"] = "yes"
            settings["smtp_sasl_password_maps"] = "texthash:/run/vigie/postfix/relay"
            settings["smtp_sasl_tls_security_options"] = "noanonymous"
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


def own_senders(declared: dict) -> str:
    """check_sender_access on port 25: our own domains belong to those who have signed in."""
    return "".join(f"{domain} 550 5.7.1 Sign in to send as {domain}\n" for domain in own_domains(declared))


def own_domains(declared: dict) -> list[str]:
    """Our domains in all their spellings."""
    return [spelling for domain in declared["domains"] for spelling in spellings(domain)]


def users(declared: dict) -> str:
    """Dovecot's userdb, in the format of passwd: logins, and every address as the user whose box it reaches."""
    lines = []
    by_address = {}
    for account in declared["accounts"]:
        address = own_box(declared, account["login"])
        if address:
            by_address[address] = account["login"]
        box = next((box for box in declared["boxes"] if box["address"] == address), None)
        home = box_home(address) if address else account_home(account["login"])
        lines.append(user(account["login"], home, box))
    for box in declared["boxes"]:
        name = by_address.get(box["address"], box["address"])
        for address in [box["address"], *box["aliases"]]:
            lines.append(user(address, box_home(box["address"]), box, name))
    return "\n".join(lines) + "\n"


def user(key: str, home: Path, box: dict | None, name: str | None = None) -> str:
    fields = [f"userdb_quota_storage_size={box['quotaMb']}M"] if box else []
    if name and name != key:
        fields.append(f"userdb_user={name}")
    return f"{key}::5000:5000::{home}::{' '.join(fields)}"


def passwords(declared: dict, hashes: dict[str, str]) -> str:
    """Dovecot's passdb: people sign in by login or by the address of their own box; nobody signs in as a role."""
    lines = []
    for login, hashed in sorted(hashes.items()):
        lines.append(f"{login}:{{CRYPT}}{hashed}")
        address = own_box(declared, login)
        if address:
            lines.append(f"{address}:{{CRYPT}}{hashed}::::::user={login}")
    return "\n".join(lines) + "\n"


# Everything but administering rights and deleting the folders that every box has.
RIGHTS = "lrwstipekx"
# Folders that a role's box has from the start. Without special uses: a client would take them for its owner's own.
FOLDERS = ("Drafts", "Sent", "Junk", "Trash", "Archive")


def role_namespaces(declared: dict) -> str:
    """A namespace for each shared box, which only those who share it can see."""
    return "".join(
        namespace(number, address, folder, logins)
        for number, (address, folder, logins) in enumerate(shared_folders(declared))
    )


def shared_folders(declared: dict) -> list[tuple[str, str, list[str]]]:
    """Address, folder name and logins of each shared box. The folder is the name before the @, or all where two share it."""
    shared = sorted(shared_boxes(declared).items())
    locals_ = [address.split("@")[0] for address, _ in shared]
    return [
        (address, address if locals_.count(address.split("@")[0]) > 1 else address.split("@")[0], logins)
        for address, logins in shared
    ]


def namespace(number: int, address: str, folder: str, logins: list[str]) -> str:
    rights = "".join(f"  acl user={login} {{\n    rights = {RIGHTS}\n  }}\n" for login in logins)
    home = box_home(address)
    folders = "".join(f'  mailbox {name} {{\n    auto = subscribe\n    special_use = ""\n  }}\n' for name in FOLDERS)
    return (
        f"namespace role{number} {{\n  type = public\n  separator = /\n  prefix = \"{folder}/\"\n"
        f"  mail_path = {home}/Maildir\n  mail_inbox_path = {home}/Maildir\n"
        f"  list = children\n  subscriptions = no\n{folders}{rights}}}\n"
    )


def declared_conf(declared: dict) -> str:
    """The end of dovecot.conf."""
    return (
        f"hostname = {declared['hostname']}\n"
        f"postmaster_address = postmaster@{declared['domains'][0]}\n"
        f"auth_policy_hash_nonce = {secrets.token_hex(16)}\n"
        f"quota_mail_size = {declared['limits']['messageMb']}M\n"
        f"{role_namespaces(declared)}"
    )


def send_as_map(declared: dict) -> str:
    return "".join(
        f"{login}|{spelling}\n" for address, logins in senders(declared).items() for login in logins for spelling in spellings(address)
    )


def write(declared: dict, hashes: dict[str, str]) -> None:
    """Writes them all."""
    # Dovecot's user reads these, and nobody else.
    private = {"mode": 0o640, "group": "dovecot"}
    write_file(RUN / "dovecot" / "passwords", passwords(declared, hashes), **private)
    write_file(RUN / "dovecot" / "users", users(declared), **private)
    write_file(RUN / "dovecot" / "declared.conf", declared_conf(declared), **private)
    postfix = {
        "domains": "".join(f"{domain} ok\n" for domain in own_domains(declared)),
        "boxes": boxes(declared),
        "aliases": aliases(declared),
        "transports": list_transports(declared),
        "senders": "".join(
            f"{spelling} {','.join(logins)}\n"
            for address, logins in senders(declared).items()
            if logins
            for spelling in spellings(address)
        ),
        "own-names": own_names(declared),
        "own-senders": own_senders(declared),
    }
    for name, text in postfix.items():
        write_file(RUN / "postfix" / name, text)
    relay = declared["relay"]
    if relay and relay.get("login"):
        password = Path(relay["passwordFile"]).read_text().strip()
        write_file(RUN / "postfix" / "relay", f"[{relay['host']}]:{relay['port']} {relay['login']}:{password}\n", 0o600)
    shutil.copytree(FIXED_POSTFIX, "/run/postfix", dirs_exist_ok=True)
    write_file(Path("/run/postfix/main.cf"), (FIXED_POSTFIX / "main.cf").read_text() + "\n# --- from the declaration\n" + main_cf(declared))
    per_hour = declared["limits"]["perAccountPerHour"]
    bucket = f'bucket {{ burst = {per_hour}; rate = "{per_hour} / 1h"; }}\n' if per_hour else ""
    rspamd = {
        "send_as.map": send_as_map(declared),
        "list_servers.map": "".join(f"{server['login']}\n" for server in declared["lists"]),
        "own_domains.map": "".join(f"{spelling} {domain}\n" for domain in declared["domains"] for spelling in spellings(domain)),
        "lookups.inc": f"enabled = {str(declared['spam']['askOthers']).lower()};\n",
        "ratelimit.inc": bucket,
    }
    for name, text in rspamd.items():
        write_file(RUN / "rspamd" / name, text)
