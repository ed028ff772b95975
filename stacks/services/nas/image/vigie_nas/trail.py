"""Searches the audit trail: one file a day, one JSON object a line, the newest last (see the head of the Dockerfile).

Read backwards from its end, so that the latest is found first and a search stops when a page is full. What a search may read is bounded;
where that bound is reached, the answer says how far it came, and the next one goes on from there.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

DAY = re.compile(r"^audit-(\d{4}-\d\d-\d\d)\.jsonl$")
CURSOR = re.compile(r"^(\d{4}-\d\d-\d\d):(\d{1,15})$")
WHEN = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
# What no JSON writes in another way.
PLAIN = re.compile(r"^[a-z0-9 ._-]+$")
BLOCK = 1 << 16
LONGEST_LINE = 1 << 16
FIELDS = ("share", "user", "event", "result")


@dataclass(frozen=True)
class Query:
    """Exact values by field; `path` is looked for anywhere in a file's old or new name. Times are ISO 8601 in UTC, `until` not included."""

    fields: dict[str, str] = field(default_factory=dict)
    path: str = ""
    since: str = ""
    until: str = "9999"
    before: tuple[str, int] | None = None
    limit: int = 100


class BadQuery(ValueError):
    pass


def parse(given: dict[str, str]) -> Query:
    unknown = set(given) - {*FIELDS, "path", "from", "until", "before", "limit"}
    if unknown:
        raise BadQuery(f"unknown: {', '.join(sorted(unknown))}")
    cursor = CURSOR.match(given.get("before", ""))
    if given.get("before") and not cursor:
        raise BadQuery("before: a place in the trail")
    for name in ("from", "until"):
        if given.get(name) and not WHEN.match(given[name]):
            raise BadQuery(f"{name}: a time such as 2027-01-31T00:00:00Z")
    limit = given.get("limit", "100")
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= 500:
        raise BadQuery("limit: from 1 to 500")
    return Query(
        fields={name: given[name] for name in FIELDS if given.get(name)},
        path=given.get("path", "").casefold(),
        since=given.get("from", ""),
        until=given.get("until") or "9999",
        before=(cursor[1], int(cursor[2])) if cursor else None,
        limit=int(limit),
    )


def search(folder: Path, query: Query, most_bytes: int = 256 << 20, most_seconds: float = 4.0) -> dict:
    """{events, since?, next?, reached?}: the latest first, and the oldest day kept; `next` goes on after them; `reached` is the time to which all
    was looked at, where not all was.
    """
    events: list[dict] = []
    kept = [match[1] for path in folder.iterdir() if (match := DAY.match(path.name))]
    answer: dict = {"events": events, **({"since": min(kept)} if kept else {})}
    began, read = time.monotonic(), 0
    for day, path in days(folder, query):
        end = query.before[1] if query.before and day == query.before[0] else None
        for offset, line in backwards(path, end):
            read += len(line) + 1
            event = matching(line, query)
            if event is not None:
                if len(events) == query.limit:
                    return {**answer, "next": f"{day}:{offset + len(line) + 1}"}
                events.append(event)
            if read > most_bytes or (read & 0xFFF < 0x100 and time.monotonic() - began > most_seconds):
                return {**answer, "next": f"{day}:{offset}", "reached": reached(line, day)}
    return answer


def days(folder: Path, query: Query) -> list[tuple[str, Path]]:
    found = [(match[1], path) for path in folder.iterdir() if (match := DAY.match(path.name))]
    wanted = [
        (day, path)
        for day, path in found
        if query.since[:10] <= day <= query.until[:10] and (query.before is None or day <= query.before[0])
    ]
    return sorted(wanted, reverse=True)


def backwards(path: Path, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Whole lines of a file from its end, or from `end`, with where each begins. A line without an end is still being written; one too long is none."""
    try:
        file = open(path, "rb")
    except FileNotFoundError:
        return  # its time was over
    with file:
        place = min(file.seek(0, 2), end if end is not None else 1 << 60)
        rest = b""
        skip = True  # what follows the last line feed
        while place > 0:
            start = max(0, place - BLOCK)
            file.seek(start)
            block = file.read(place - start) + rest
            place = start
            lines = block.split(b"\n")
            rest = lines[0] if place > 0 else b""
            offset = place + len(block)
            for index in range(len(lines) - 1, 0 if place > 0 else -1, -1):
                line = lines[index]
                offset -= len(line)
                if not skip and line:
                    yield offset, line
                skip = False
                offset -= 1
            if len(rest) > LONGEST_LINE:
                rest = rest[-1:]


def matching(line: bytes, query: Query) -> dict | None:
    # Written without spaces by keeper.pl: most lines are put aside without reading them as JSON.
    for name, value in query.fields.items():
        if f'"{name}":{json.dumps(value, ensure_ascii=False)}'.encode(errors="replace") not in line:
            return None
    if PLAIN.match(query.path) and query.path.encode() not in line.lower():
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if not isinstance(event, dict) or any(event.get(name) != value for name, value in query.fields.items()):
        return None
    if not query.since <= str(event.get("time", "")) < query.until:
        return None
    if query.path and not any(query.path in str(event.get(name, "")).casefold() for name in ("path", "to")):
        return None
    return event


def reached(line: bytes, day: str) -> str:
    found = re.search(rb'"time":"([0-9TZ:-]{20})"', line)
    return found[1].decode() if found else f"{day}T00:00:00Z"
