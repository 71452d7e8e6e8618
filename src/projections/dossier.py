"""The dossier 卷宗: all entries of one tag, in order, as one value; the pure fold behind every answer about it.

    dossier = load(log, "lot:name-0123456789abcdef")
    dossier.state()["title"], dossier.state()["rounds"], dossier.entries[0].position

A dossier never changes once made. What it shows is a function of its entries alone, so the same entries give the same
state for ever: `replay` only chooses which entries are folded, and in which order they are listed.

*Latest* means: of the entries folded, the one with the greatest (`time`, position). A notice imported late therefore
does not push aside a newer one that was imported before it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ledger import clock
from ledger.entry import Entry

State = dict[str, Any]

CANDIDATES = "trading.candidates-publicised.v1"
ALERT = "supervision.alert-raised.v1"
READ_AT_ONCE = 1000
"""Entries asked of the log in one question."""


class Reader(Protocol):
    """The one question a dossier puts to the log; `ledger.store.postgres.Log` answers it."""

    def find(self, *, tag: str | None = None, after: int = 0, limit: int = 200) -> list[Entry]:
        """Return entries of the tag with position > after, in position order, at most `limit`."""
        ...


@dataclass(frozen=True, slots=True)
class Dossier:
    """Entries of one tag, in the order in which they are to be listed."""

    tag: str
    entries: tuple[Entry, ...]

    @property
    def head(self) -> int:
        """Return the largest position in the dossier, 0 when it is empty."""
        return max((entry.position for entry in self.entries), default=0)

    def state(self) -> State:
        """Fold the entries into what is shown; see `fold`."""
        return fold(self.tag, self.entries)


def load(log: Reader, tag: str, until: int | None = None) -> Dossier:
    """Read the dossier of `tag` from the log, up to and with position `until`; empty where nothing has the tag."""
    entries: list[Entry] = []
    while True:
        found = log.find(tag=tag, after=entries[-1].position if entries else 0, limit=READ_AT_ONCE)
        entries += (entry for entry in found if until is None or entry.position <= until)
        if len(found) < READ_AT_ONCE or (until is not None and found[-1].position >= until):
            return Dossier(tag, tuple(entries))


def happened(entry: Entry) -> tuple[datetime, int]:
    """Return the order of the world: when the entry says it happened, then its position."""
    return clock.parse(entry.time), entry.position


def fold(tag: str, entries: Iterable[Entry]) -> State:
    """Fold entries of one tag into a state for show; ints, strings, lists, dicts and None only.

    Always there: `tag`, `kind` (the tag's prefix), `entries`, `types` {type: count}, `first_position`,
    `last_position`, `first_time`, `last_time`, `title`, `project`, `project_name`, `opens_at`, `closes_at`,
    `candidates` (the latest, as publicised), `rounds`, `publications`, `notices`, `lots`, `name`, `candidacies`,
    `firsts`, `alerts` [{id, severity, rule, position, text_zh, text_en}].
    """
    every = sorted(entries, key=happened)
    notices = [entry for entry in every if entry.type == CANDIDATES]
    latest: dict[str, Any] = notices[-1].data if notices else {}
    positions = [entry.position for entry in every]
    return {
        "tag": tag,
        "kind": tag.partition(":")[0],
        "entries": len(every),
        "types": dict(sorted(Counter(entry.type for entry in every).items())),
        "first_position": min(positions, default=None),
        "last_position": max(positions, default=None),
        "first_time": every[0].time if every else None,
        "last_time": every[-1].time if every else None,
        "title": _last(every, "title"),
        "project": next((f"project:{entry.project}" for entry in reversed(every) if entry.project), None),
        "project_name": _last(every, "project_name"),
        "opens_at": latest.get("opens_at"),
        "closes_at": latest.get("closes_at"),
        "candidates": latest.get("candidates", []),
        "rounds": max((entry.data.get("round", 1) for entry in notices), default=0),
        "publications": len(notices),
        "notices": list(dict.fromkeys(entry.subject for entry in notices)),
        "lots": _lots(every),
        **_party(tag, notices),
        "alerts": [_alert(entry) for entry in sorted(every, key=lambda e: e.position) if entry.type == ALERT],
    }


def _last(entries: list[Entry], field: str) -> str | None:
    return next((str(e.data[field]) for e in reversed(entries) if e.type != ALERT and field in e.data), None)


def _lots(entries: Iterable[Entry]) -> list[str]:
    return sorted({tag for entry in entries for tag in entry.tags if tag.startswith("lot:")})


def _party(tag: str, notices: list[Entry]) -> State:
    """What a firm's own dossier shows: its name as last written, how often a candidate, how often first."""
    prefix, _, id_ = tag.partition(":")
    named: list[str] = []
    firsts = candidacies = 0
    for entry in notices if prefix == "party" else ():
        seats = [(c["rank"], name) for c in entry.data["candidates"] for party, name in seats_of(c) if party == id_]
        candidacies += bool(seats)
        firsts += any(rank == 1 for rank, _ in seats)
        named += [name for _, name in seats]
    return {
        "name": next((name for name in reversed(named) if name), None),
        "candidacies": candidacies,
        "firsts": firsts,
    }


def seats_of(candidate: dict[str, Any]) -> list[tuple[str, str]]:
    """List the firms behind one candidate as (id, name): the firm itself, or every member of a consortium.

    The name is empty where the notice gives none.
    """
    members = candidate.get("members") or [{"party": candidate["party"], "name": candidate.get("party_name", "")}]
    return [(str(member["party"]), str(member.get("name", ""))) for member in members]


def _alert(entry: Entry) -> State:
    shown = ("severity", "rule", "text_zh", "text_en", "evaluated_at")
    return {
        "id": entry.subject.removeprefix("alert:"),
        "position": entry.position,
        **{field: entry.data.get(field) for field in shown},
    }
