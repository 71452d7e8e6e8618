"""What every import does alike: a row becomes one event or one quarantine, nothing twice, nothing lost, all counted.

Events and quarantines of one source share a gapless counter (`sequence`) that goes on from its last entry, so that an
omission would be seen. What stands in the ledger under the same source and id is *known* when it says the same, else
the row is quarantined as changed: nothing is overwritten. A quarantined row is recognised by its content. Two imports
of one source must not run at the same time into one ledger.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from api.importers.faults import Fault, Unusable, unusable
from ledger import clock
from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.errors import Malformed, TooLarge
from ledger.post import Post, Receipt
from ledger.store.postgres import Log
from ledger.writer import Writer

QUARANTINE_TYPE = "exchange.record-quarantined.v1"
BATCH = 250
"""Posts committed together: few round trips, and a crash loses at most one batch, which the next run imports."""

Progress = Callable[[int, int], None]
"""Told after each row: rows done, rows in all."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that became a quarantine: where it starts, what is wrong, and whether this run recorded it."""

    line: int
    path: str
    reason: str
    value: str
    detail: str
    id: str
    new: bool


@dataclass(slots=True)
class Report:
    """What an import did: rows = events (new) + known (in the ledger already) + len(quarantined)."""

    file: str
    rows: int = 0
    events: int = 0
    known: int = 0
    quarantined: list[Quarantined] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """Under which name an import speaks: `source`, the stream of its quarantines, and who answers for what.

    `same` says whether an entry's event and a row's event say the same. `id_path` is where a row states its id.
    """

    name: str
    stream: str
    poster: Poster
    keeper: Poster
    same: Callable[[Mapping[str, Any], Mapping[str, Any]], bool]
    id_path: str


class Run:
    """One import: the counter, and what was seen in this file."""

    def __init__(
        self, source: Source, report: Report, log: Log, contracts: Contracts, recorded: datetime | None
    ) -> None:
        self.report = report
        self._source, self._log, self._contracts, self._recorded = source, log, contracts, recorded
        last = log.last(tag=f"source:{source.name}")
        self._empty = last is None
        self._sequence = int(last.event.get("sequence", -1)) if last is not None else 0
        self._seen: set[str] = set()
        self._repeats: Counter[str] = Counter()

    def event(self, event: Mapping[str, Any]) -> Post | int:
        """The post that a row's event asks for, or the position where the ledger has it already. Raises Unusable."""
        id_ = event["id"]
        if id_ in self._seen:
            raise unusable(self._source.id_path, "duplicate-in-file", id_)
        position = None if self._empty else self._log.position_of(self._source.name, id_)
        if position is None:
            post = self._admit(event, self._source.poster)
            self.report.events += 1
            self._seen.add(id_)
            return post
        entry = self._log.entry(position)
        if entry is None or not self._source.same(entry.event, event):
            raise unusable("", "changed-after-import", f"{id_} #{position}")
        self.report.known += 1
        self._seen.add(id_)
        return position

    def quarantine(self, line: int, raw: bytes | None, known_by: bytes, fault: Fault) -> Post | None:
        """The post that tells of a row not understood; None where it was told before.

        `raw` is the row as it stands in the file, None where it may hold a secret: then no hash of it is recorded.
        `known_by` is what a second run recognises the row by.
        """
        digest = sha256(known_by).hexdigest()
        self._repeats[digest] += 1
        event_id = f"quarantine:{digest[:32]}:{self._repeats[digest]}"
        new = self._empty or self._log.position_of(self._source.name, event_id) is None
        self.report.quarantined.append(
            Quarantined(line, fault.path, fault.reason, fault.value, fault.detail, event_id, new)
        )
        if not new:
            return None
        data: dict[str, Any] = {
            "file": self.report.file,
            "line": line,
            "path": fault.path,
            "value": fault.value,
            "reason": fault.reason,
            "detail": fault.detail,
        }
        if raw is not None:
            data["sha256"] = sha256(raw).hexdigest()
        event = {
            "specversion": "1.0",
            "id": event_id,
            "source": self._source.name,
            "type": QUARANTINE_TYPE,
            "subject": self._source.stream,
            "time": clock.stamp(self._recorded or clock.now()),
            "attestation": "imported",
            "data": data,
        }
        return self._admit(event, self._source.keeper)

    def _admit(self, event: Mapping[str, Any], poster: Poster) -> Post:
        """The event with the next number, admitted; the number is taken only if it is."""
        counted = self._sequence >= 0  # a source that did not count before is not made to look as if it had
        numbered = {**event, "sequence": str(self._sequence + 1)} if counted else dict(event)
        try:
            post = admit(numbered, poster, self._contracts, recorded=self._recorded)
        except TooLarge as refused:
            raise unusable("", "too-long", refused.detail) from refused
        except Malformed as refused:
            raise _refused(refused) from refused
        self._sequence += counted
        return post


def appended(writer: Writer, posts: Iterable[tuple[int, Post | None]], told: Callable[[int, Receipt], None]) -> None:
    """Append the posts of rows (by number) in batches; `told` hears what became of each once it is durable."""
    waiting: list[tuple[int, Post]] = []

    def flush() -> None:
        for (number, _), receipt in zip(waiting, writer.append([post for _, post in waiting]), strict=True):
            told(number, receipt)
        waiting.clear()

    for number, post in posts:
        if post is not None:
            waiting.append((number, post))
        if len(waiting) == BATCH:
            flush()
    if waiting:
        flush()


def _refused(refused: Malformed) -> Unusable:
    """What admission found wrong with an event the row was understood as."""
    if not refused.problems:
        return unusable("", "unrepresentable", refused.detail)
    first = refused.problems[0]
    reason = "missing" if first.code == "required" else "unrepresentable"
    return unusable("", reason, first.pointer, f"{first.zh} · {first.en}")
