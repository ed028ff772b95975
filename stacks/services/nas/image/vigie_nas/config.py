"""What nas.json says about each share, as the housekeeper needs it. Lengths of time in seconds, sizes in bytes."""

import json
from dataclasses import dataclass
from pathlib import Path

DECLARATION = Path("/etc/vigie/nas.json")
TOKEN = Path("/etc/vigie/secrets/status")
SHARES = Path("/srv/shares")
VERSIONS = Path("/srv/versions")
TRAIL = Path("/var/log/samba-audit")
RUN = Path("/run/nas")
STATUS = RUN / "status.json"
BIN = ".corbeille"


@dataclass(frozen=True)
class Versions:
    """Former states of a share: how often one is made, how many of each period stay, and how much room they may take."""

    every: int
    keep: dict[str, int]
    most: int | None = None


@dataclass(frozen=True)
class Share:
    name: str
    gid: int
    versions: Versions | None = None
    quota: int | None = None

    @property
    def folder(self) -> Path:
        return SHARES / self.name

    @property
    def past(self) -> Path:
        return VERSIONS / self.name


@dataclass(frozen=True)
class Nas:
    shares: tuple[Share, ...]
    gids: tuple[int, ...]
    min_free: float
    """Share of the disk that former states leave free."""


def load(path: Path = DECLARATION) -> Nas:
    declared = json.loads(path.read_text())
    gids = {team["name"]: team["gid"] for team in declared["teams"]}
    return Nas(
        shares=tuple(
            Share(
                name=share["name"],
                gid=gids[share["team"]],
                versions=versions(share.get("versions")),
                quota=share.get("quotaBytes"),
            )
            for share in declared["shares"]
        ),
        gids=tuple(gids.values()),
        min_free=declared.get("versionsMinFree", 0.1),
    )


def versions(declared: dict | None) -> Versions | None:
    return declared and Versions(every=declared["everySeconds"], keep=declared["keep"], most=declared.get("mostBytes"))
