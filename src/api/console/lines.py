"""An entry as one line: what it is, in a few words, when it happened, when it was recorded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from api.console.labels import Labels, lag
from ledger.entry import Entry

_SAYING = ("title", "text", "project_name", "name", "origin", "detail", "edition", "root", "purpose")
"""Fields that say in a line what an entry is about, the best first; `text` stands for text_zh and text_en."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry for lists. `marks` are names of badges: imported, transcribed, late, alert."""

    position: int
    type: str
    subject: str
    title: str
    saying: str
    happened: str
    recorded: str
    late: str
    marks: tuple[str, ...]
    severity: str | None
    leaf: str


def line(entry: Entry, labels: Labels) -> Line:
    """The line of an entry."""
    attestation = str(entry.event.get("attestation", "direct"))
    behind = lag(entry.time, entry.recorded)
    return Line(
        position=entry.position,
        type=entry.type,
        subject=entry.subject,
        title=labels.type(entry.type),
        saying=saying(entry, labels),
        happened=entry.time,
        recorded=entry.recorded,
        late=labels.late(behind.days) if behind >= timedelta(days=1) else "",
        marks=() if attestation == "direct" else (attestation,),
        severity=entry.data.get("severity"),
        leaf=entry.leaf.hex(),
    )


def lines(entries: Iterable[Entry], labels: Labels) -> list[Line]:
    """The lines of entries, in their order."""
    return [line(entry, labels) for entry in entries]


def saying(entry: Entry, labels: Labels) -> str:
    """The best short text an entry has; its subject where it has none."""
    data = entry.data
    for field in _SAYING:
        text = labels.of(data.get("text_zh"), data.get("text_en")) if field == "text" else data.get(field)
        if isinstance(text, str) and text:
            zh, dot, en = text.partition(" · ")
            return labels.of(zh, en) if field == "detail" and dot else text
    return entry.subject
