"""The certificate: the declared one when it is there, a self-signed one until then, and the new one when it changes."""

import glob
import subprocess
from pathlib import Path

from .layout import RUN, write

CERT = RUN / "tls" / "cert.pem"
KEY = RUN / "tls" / "key.pem"


def newest(pattern: str) -> Path | None:
    """The youngest file that a path with `*` names."""
    found = [Path(path) for path in glob.glob(pattern)]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def declared_pair(declared: dict) -> tuple[str, str] | None:
    """Certificate chain and key as PEM, provided that they belong together: the proxy writes one after the other."""
    cert, key = newest(declared["tls"]["cert"]), newest(declared["tls"]["key"])
    if cert is None or key is None:
        return None
    if installed() == (cert.read_text(), key.read_text()):
        return installed()
    if public_half("x509", "-in", cert) != public_half("pkey", "-in", key) or not public_half("pkey", "-in", key):
        return None
    return cert.read_text(), key.read_text()


def installed() -> tuple[str, str] | None:
    """The pair in use."""
    return (CERT.read_text(), KEY.read_text()) if CERT.exists() and KEY.exists() else None


def public_half(command: str, option: str, file: Path) -> str:
    flags = ["-noout", "-pubkey"] if command == "x509" else ["-pubout"]
    result = subprocess.run(["openssl", command, option, str(file), *flags], capture_output=True, text=True)
    return result.stdout if result.returncode == 0 else ""


def self_signed(hostname: str) -> tuple[str, str]:
    """Good for a month: long enough for the real one to come, too short to be forgotten."""
    cert, key = CERT.with_suffix(".new"), KEY.with_suffix(".new")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
        + ["-subj", f"/CN={hostname}", "-addext", f"subjectAltName=DNS:{hostname}", "-keyout", str(key), "-out", str(cert)],
        check=True,
        capture_output=True,
    )
    return cert.read_text(), key.read_text()


def install(declared: dict) -> bool:
    """Puts the right pair in place. True where it has changed."""
    pair = declared_pair(declared)
    if pair is None:
        if CERT.exists():
            return False
        print(f"tls: {declared['tls']['cert']} is not there yet; a self-signed certificate stands in for it", flush=True)
        pair = self_signed(declared["hostname"])
    if installed() == pair:
        return False
    write(KEY, pair[1], 0o600)
    write(CERT, pair[0], 0o600)
    return True


def reload_servers() -> None:
    """Both keep their connections."""
    for command in (["postfix", "reload"], ["doveadm", "reload"]):
        subprocess.run(command, check=False)
