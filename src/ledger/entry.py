"""The hash-chained unit: one canonical JSON object, at most 65,535 bytes (`schemas/formats/entry.md`).

    {"event":{…},"links":{"lot:A1":[17,"<leaf hash>"]},"position":1234,"poster":{…},"prev":"<leaf hash>",
     "recorded":"2026-11-22T01:00:00.123456Z","v":1}

`seal` makes these bytes, `parse` reads them. `prev` is the Merkle leaf hash of the entry before (64 zeros for the
first): the chain is the tree, so no second chain can disagree. `links` gives for each tag the entry's ordinal on it
and the leaf hash of the tag's previous entry, so every project, party and source has a chain of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ledger.canonical import encode
from ledger.errors import Broken, TooLarge
from ledger.proofs.tree import leaf_hash

VERSION = 1
MAX_BYTES = 65_535
SEALED_TYPE = "sealed"
NO_LEAF = bytes(32)
"""What stands for `prev` before the first entry."""

Links = Mapping[str, tuple[int, str | None]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A sealed event at a position, with the exact bytes (`raw`) and their leaf hash (`leaf`, 32 bytes)."""

    position: int
    event: dict[str, Any]
    links: dict[str, tuple[int, str | None]]
    poster: dict[str, Any]
    prev: str
    recorded: str
    raw: bytes
    leaf: bytes
    opens: dict[str, Any] | None = None
    """What an opening entry says of the sealed one that it opens: n, position, received, salts."""

    @property
    def is_sealed(self) -> bool:
        """Whether this is a sealed entry, whose event and poster are digests (`schemas/formats/sealing.md`)."""
        return "type" not in self.event

    @property
    def type(self) -> str:
        """Event type with version; `sealed` where nobody can know it."""
        return str(self.event.get("type", SEALED_TYPE))

    @property
    def source(self) -> str:
        """The posting system; with `id` unique for ever. Empty for a sealed entry."""
        return str(self.event.get("source", ""))

    @property
    def id(self) -> str:
        """The source's own number for the event; the digest of the event for a sealed entry."""
        return str(self.event["id"] if "id" in self.event else self.event["_sd"][0])

    @property
    def received(self) -> str:
        """When the post came: what order and lateness go by. For an event that was sealed that is before `recorded`."""
        return self.recorded if self.opens is None else str(self.opens["received"])

    @property
    def subject(self) -> str:
        """The main stream, itself a tag; empty for a recorder event that names none."""
        return str(self.event.get("subject", ""))

    @property
    def time(self) -> str:
        """When it happened, as the poster claims."""
        return str(self.event.get("time", self.recorded))

    @property
    def project(self) -> str | None:
        """The project code, where the event carries one."""
        return self.event.get("project")

    @property
    def data(self) -> dict[str, Any]:
        """The payload; empty where the event carries bytes instead."""
        data = self.event.get("data", {})
        return data if isinstance(data, dict) else {}

    @property
    def tags(self) -> tuple[str, ...]:
        """What the event concerns, sorted."""
        return tuple(self.links)


def seal(
    event: bytes,
    *,
    position: int,
    links: Links,
    poster: Mapping[str, Any],
    prev: bytes,
    recorded: str,
    opens: Mapping[str, Any] | None = None,
) -> tuple[bytes, bytes]:
    """The entry's bytes and leaf hash; `event` is the canonical bytes of the committed event.

    The members are written in canonical order, so the bytes are what `encode` would make of the whole.
    Raises TooLarge over 65,535 bytes.
    """
    entry = b'{"event":%b,"links":%b%b,"position":%d,"poster":%b,"prev":"%b","recorded":"%b","v":%d}' % (
        event,
        orjson.dumps(links, option=orjson.OPT_SORT_KEYS),
        b"" if opens is None else b',"opens":%b' % encode(opens),
        position,
        encode(poster),
        prev.hex().encode(),
        recorded.encode(),
        VERSION,
    )
    if len(entry) > MAX_BYTES:
        raise TooLarge(f"({len(entry)} bytes)")
    return entry, leaf_hash(entry)


def parse(raw: bytes) -> Entry:
    """An entry from its exact bytes. Raises Broken when they are no entry of this format."""
    try:
        value = orjson.loads(raw)
        return Entry(
            position=value["position"],
            event=value["event"],
            links={tag: (ordinal, before) for tag, (ordinal, before) in value["links"].items()},
            poster=value["poster"],
            prev=value["prev"],
            recorded=value["recorded"],
            raw=raw,
            leaf=leaf_hash(raw),
            opens=value.get("opens"),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as fault:
        raise Broken(f"not an entry: {type(fault).__name__}") from fault
