"""What goes into the log and what comes back: a post, its condition, its receipt.

A `Post` is an event that has been admitted (`ledger.admission`) or comes from the house itself: committed bytes, tags
and poster. The writer never looks into the event; it needs the bytes, the idempotency key and the tags.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.canonical import encode
from ledger.entry import MAX_BYTES
from ledger.errors import Problem, TooLarge
from ledger.secrecy import Disclosure

SYSTEM_SOURCE = "urn:sunledger:system"
"""The `source` of what the ledger says of itself."""

LEDGER_TAG = "ledger:log"
"""The stream of the ledger's own events."""

_FRAME_BYTES = 190
"""Everything of an entry but event, poster and links, with the longest position."""

_LINK_BYTES = 92
"""Everything of a link but its tag, with the longest ordinal."""


_OPENS_BYTES = 220
"""What an opening entry says besides, with the longest numbers."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """That an event is sealed: the stream and the group on it, and the event's disclosure, whose digest is E."""

    stream: str
    group: str
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Post:
    """An event ready to be sealed. `recorded` is given on a told clock only; None there means the last entry's.

    `disclosures` show what was taken out of the event; `seeded`: their salts are the poster's own. `findings` is what
    is odd about the event and no reason to refuse it (`ledger.quality`). `hidden`: it is sealed until its group is
    opened; `opens`: it was, and this is its opening entry, whose key may be `taken`.
    `received`: when it came, where that is not when it is sealed.
    """

    type: str
    source: str
    id: str
    event: bytes
    tags: tuple[str, ...]
    poster: Mapping[str, Any]
    recorded: datetime | None = None
    disclosures: tuple[Disclosure, ...] = ()
    seeded: bool = False
    findings: tuple[Problem, ...] = ()
    hidden: Hidden | None = None
    opens: Mapping[str, Any] | None = None
    taken: bool = False
    subject: str = ""
    received: datetime | None = None

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Its idempotency keys: (source, id); of what may be sealed also that of the sealed entry, ("", E)."""
        own = (self.source, self.id)
        return (own,) if self.hidden is None else (("", self.hidden.digest), own)

    @classmethod
    def of(
        cls,
        event: Mapping[str, Any],
        *,
        tags: tuple[str, ...],
        poster: Mapping[str, Any],
        recorded: datetime | None = None,
        disclosures: tuple[Disclosure, ...] = (),
        seeded: bool = False,
        findings: tuple[Problem, ...] = (),
        hidden: Hidden | None = None,
        opens: Mapping[str, Any] | None = None,
    ) -> "Post":
        """A post of an event as committed. Raises TooLarge when its entry could pass 65,535 bytes."""
        raw = encode(event)
        most = len(raw) + _FRAME_BYTES + len(encode(poster)) + sum(len(tag) + _LINK_BYTES for tag in tags)
        if hidden is not None:
            most += _OPENS_BYTES
        if most > MAX_BYTES:
            raise TooLarge(f"({len(raw)} bytes of event, {len(tags)} tags)")
        return cls(
            event["type"],
            event["source"],
            event["id"],
            raw,
            tags,
            poster,
            recorded,
            disclosures=disclosures,
            seeded=seeded,
            findings=findings,
            hidden=hidden,
            opens=opens,
            subject=event.get("subject", ""),
        )


@dataclass(frozen=True, slots=True)
class Tick:
    """A wish for a `ledger.checkpoint-sealed` event: its payload depends on the position it gets.

    `kind` is hourly, daily or on-demand; `recorded` as in Post.
    """

    kind: str
    recorded: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One alternative of an append condition: any of the types (none = any type), all of the tags."""

    types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppendCondition:
    """The append fails if an entry behind `after` matches any alternative; no alternative at all matches everything."""

    alternatives: tuple[Wanted, ...] = ()
    after: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where an event stands. `duplicate`: it stood there already, with the same content.

    `erased`: part of its content was erased since, so that the rest alone was compared. `sealed`: for a sealed event
    what its poster keeps: E, and the disclosure of P (empty where the ledger has forgotten it).
    """

    position: int
    leaf: bytes
    recorded: str
    duplicate: bool = False
    erased: bool = False
    sealed: tuple[str, str] | None = None
