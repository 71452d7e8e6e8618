"""Founding a ledger: migrations, entry 1, and the editions this program ships, each activated by an event.

Everything here can be said again: what stands in the log already is not written twice. Run after an upgrade it adds
the editions that are new, so that rules and calendars change by an entry and never by a file alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg

from api.auth import MadeKey, make_key
from ledger import clock, genesis
from ledger.admission import admit
from ledger.canonical import decode
from ledger.contracts import Contracts, schemas
from ledger.entry import Entry
from ledger.errors import CannotRun
from ledger.post import SYSTEM_SOURCE, Tick
from ledger.sealing import TICK_TYPE
from ledger.store.migrate import migrate
from ledger.store.postgres import Log
from ledger.writer import Writer
from projections.judge import shipped

EDITION_TYPE = "rulebook.edition-published.v1"
ORGANS = Path("rulebook/tables/organs.json")


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new ledger is told of itself. `told`: the first moment of a told clock; None for the machine's clock."""

    origin: str
    region: str
    organ: str
    told: datetime | None = None
    organs: Path | None = None
    """The directory of organs; None takes the invented one that is shipped for demonstrations."""


@dataclass(frozen=True, slots=True)
class Founded:
    """The first entry, whether it was written just now, how many editions were added, the first key if one was made."""

    created: Entry
    new: bool
    editions: int
    key: MadeKey | None


def found(dsn: str, contracts: Contracts, founding: Founding) -> Founded:
    """Make the ledger at `dsn` (a connection of the database's owner), or complete the one that stands there.

    The first key is made for the ledger's own organisation, as its platform operator (PTC), when there is none.
    Raises CannotRun when another ledger stands there (other origin), or the server is away.
    """
    migrate(dsn)
    with Log(dsn, "ledger_writer", connections=1) as log, Writer(dsn) as writer:
        created = log.entry(1)
        new = created is None
        if created is None:
            genesis.create(
                writer,
                contracts,
                origin=founding.origin,
                region=founding.region,
                organ=founding.organ,
                told=founding.told,
            )
            created = log.entry(1)
        if created is None:
            raise CannotRun("the first entry was written and is not there")
        if created.data["origin"] != founding.origin:
            raise CannotRun(f"此处已有另一台账 · another ledger stands here: {created.data['origin']}")
        editions = _publish(log, writer, contracts, created, founding)
        if created.data["clock"] == "real" and log.last(type=TICK_TYPE) is None:
            writer.append([Tick("daily")])  # the rules' clock ticks from the first day (decisions 7)
    with psycopg.connect(dsn) as owner:
        held = owner.execute("SELECT count(*) FROM access.key").fetchone()
        key = None
        if held is not None and held[0] == 0:
            key = make_key(owner, org=str(created.data["organ"]), organ="PTC", name="first")
    return Founded(created, new, editions, key)


def _publish(log: Log, writer: Writer, contracts: Contracts, created: Entry, founding: Founding) -> int:
    """Activate what is shipped and not in force yet: organs, calendars, rules."""
    day = clock.parse(created.recorded).astimezone(clock.BEIJING).date().isoformat()
    poster = genesis.system(str(created.data["organ"]), "founding")
    posts = []
    for kind, edition, raw, digest in _editions(founding.organs or schemas() / ORGANS):
        in_force = f"{edition}-01-01" if kind == "calendar" else day
        media = "application/json" if raw else "text/plain"
        present = clock.stamp(founding.told or clock.now())
        event = edition_event(kind, edition, digest, len(raw), in_force, present, media)
        if log.position_of(SYSTEM_SOURCE, event["id"]) is None:
            posts.append(admit(event, poster, contracts, recorded=founding.told))
    writer.append(posts)
    return len(posts)


def _editions(organs: Path) -> Iterator[tuple[str, str, bytes, str]]:
    """Kind, edition, bytes and digest of each edition: the directory, a calendar a year, the rules."""
    raw = organs.read_bytes()
    decode(raw)
    yield "organs", sha256(raw).hexdigest()[:16], raw, sha256(raw).hexdigest()
    for path in sorted((schemas() / "rulebook" / "calendars").glob("*.json")):
        raw = path.read_bytes()
        yield "calendar", path.stem, raw, sha256(raw).hexdigest()
    rules = shipped().edition.digest
    yield "rules", rules[:16], b"", rules


def edition_event(
    kind: str, edition: str, digest: str, size: int, day: str, present: str, media: str
) -> dict[str, Any]:
    """The event that puts an edition into force on a day: its SHA-256, size in bytes and media type."""
    document = {
        "id": f"{kind}-{edition}",
        "kind": "edition",
        "sha256": digest,
        "bytes": size,
        "media_type": media,
    }
    return {
        "specversion": "1.0",
        "id": f"{kind}-{edition}-{digest[:16]}",
        "source": SYSTEM_SOURCE,
        "type": EDITION_TYPE,
        "subject": f"rulebook:{kind}",
        "time": present,
        "data": {
            "kind": kind,
            "edition": edition,
            "effective_from": day,
            "source_doc": document,
            "force_level": "national" if kind == "calendar" else "notice",
            "legal_review": {"opinion": "none"},
            "content": document,
        },
    }
