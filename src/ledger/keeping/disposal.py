"""When a held document may be destroyed: a function of the log alone, so that anyone can recompute it.

    standing = Standing()
    for entry in log: standing.take(entry)          # held, filed and disposed entries; others are passed over
    standing.released["d3k…"].position              # the entry that the deposit ended by
    standing.kept                                   # disposals that changed nothing, each with its reason

A deposit ends by an `archive.item-disposed` when all of this holds:

- it says `destroyed` (what was handed over is kept here all the same), and names two different persons who approved;
- `item` is an `archive.item-filed` whose document is held, by deposit id or by hash;
- the retention of that item is over, counted from the day it was recorded; so is the deposit's own;
- every other filed item with the same document was disposed of likewise before.

What does not hold is no refusal: the event stands in the log, rules speak about it (ARC-03), and the document stays. A
retention that is not `<n>y` or `none` is never over: what we do not understand destroys nothing.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger import clock
from ledger.entry import Entry
from ledger.keeping.deposit import HELD_TYPE

FILED_TYPE = "archive.item-filed.v1"
DISPOSED_TYPE = "archive.item-disposed.v1"
TYPES = (HELD_TYPE, FILED_TYPE, DISPOSED_TYPE)

APPROVERS = 2
_YEARS = re.compile(r"([1-9][0-9]{0,2})y")

REASONS = {
    "transferred": ("移交，不是销毁", "handed over, not destroyed"),
    "two-persons": ("未有两人批准", "not approved by two persons"),
    "not-filed": ("所指不是归档条目", "what it names is no filed item"),
    "not-held": ("该文件不由本台账保管", "the document is not held here"),
    "retention": ("保管期限未满", "the retention is not over"),
    "filed-elsewhere": ("另有归档条目仍须保管此文件", "another filed item still keeps the document"),
}
"""Why a disposal left its document in place."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A disposal (position) that left the document of item (position, where it is one) in place: a key of REASONS."""

    position: int
    reason: str
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """What ended a deposit: the disposal, the item it names (positions), and the hash that the item gives."""

    position: int
    item: int
    digest: str


@dataclass(slots=True)
class _Held:
    position: int
    cls: str
    ends: date | None
    digest: str | None
    record: str


@dataclass(slots=True)
class _Filed:
    position: int
    document: str
    digest: str
    ends: date | None
    disposed: bool = False


class Standing:
    """What the log says of documents up to the last entry taken; memory grows with them, not with the log."""

    def __init__(self) -> None:
        self.held: dict[str, _Held] = {}
        """By deposit id, what its entry says."""
        self.released: dict[str, Release] = {}
        """By deposit id, what ended it."""
        self.kept: list[Kept] = []
        self._filed: dict[int, _Filed] = {}
        self._names: dict[tuple[str, str], int] = {}
        self._of: defaultdict[str, list[int]] = defaultdict(list)
        self._alike: defaultdict[str, list[str]] = defaultdict(list)

    def take(self, entry: Entry) -> None:
        """Take the next entry."""
        if entry.type == HELD_TYPE:
            self._hold(entry)
        elif entry.type == FILED_TYPE:
            self._file(entry)
        elif entry.type == DISPOSED_TYPE:
            self._dispose(entry)

    def _hold(self, entry: Entry) -> None:
        data = entry.data
        digest = data.get("doc", {}).get("sha256")
        held = _Held(entry.position, data["class"], _end(data["retention"], entry), digest, data["record_sha256"])
        self.held.setdefault(str(data["document"]), held)
        if digest is not None:
            self._alike[digest].append(str(data["document"]))

    def _file(self, entry: Entry) -> None:
        doc: dict[str, Any] = entry.data["doc"]
        filed = _Filed(entry.position, doc["id"], doc["sha256"], _end(entry.data["retention"], entry))
        self._filed[entry.position] = filed
        self._names[(entry.source, entry.id)] = entry.position
        self._of[filed.document].append(entry.position)
        self._of[filed.digest].append(entry.position)

    def _dispose(self, entry: Entry) -> None:
        data = entry.data
        filed = self._filed.get(self._position(data["item"]))
        if data["action"] != "destroyed":
            return self._keep(entry, "transferred")
        if len(set(data.get("approved_by", ()))) < APPROVERS:
            return self._keep(entry, "two-persons")
        if filed is None:
            return self._keep(entry, "not-filed")
        if not _over(filed.ends, entry):
            return self._keep(entry, "retention", filed.document)
        filed.disposed = True
        documents = self._documents(filed)
        if not documents:
            return self._keep(entry, "not-held", filed.document)
        for document in documents:
            self._release(entry, document, filed)
        return None

    def _release(self, entry: Entry, document: str, filed: "_Filed") -> None:
        claims = {*self._of[document], *self._of[filed.digest]}
        if not _over(self.held[document].ends, entry):
            self._keep(entry, "retention", document)
        elif any(not self._filed[position].disposed for position in claims):
            self._keep(entry, "filed-elsewhere", document)
        else:
            self.released.setdefault(document, Release(entry.position, filed.position, filed.digest))

    def _documents(self, filed: _Filed) -> list[str]:
        """The deposits that a filed item is about: the one it names, or all whose hash the log has as the same."""
        named = self.held.get(filed.document)
        if named is not None and named.digest in (None, filed.digest):
            return [filed.document]
        return [id for id in self._alike[filed.digest] if id not in self.released]

    def _position(self, item: Any) -> int:
        if isinstance(item, int):
            return item
        return self._names.get((item.get("source"), item.get("id")), 0)

    def _keep(self, entry: Entry, reason: str, document: str | None = None) -> None:
        self.kept.append(Kept(entry.position, reason, document))


def _end(retention: str, entry: Entry) -> date | None:
    """The first day on which a retention that began when the entry was recorded is over; None for never."""
    day = clock.parse(entry.recorded).astimezone(clock.BEIJING).date()
    if retention == "none":
        return day
    years = _YEARS.fullmatch(retention)
    if years is None:
        return None
    year = day.year + int(years[1])
    return date(year, 3, 1) if (day.month, day.day) == (2, 29) and not _leap(year) else day.replace(year=year)


def _over(end: date | None, entry: Entry) -> bool:
    return end is not None and clock.parse(entry.recorded).astimezone(clock.BEIJING).date() >= end


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
