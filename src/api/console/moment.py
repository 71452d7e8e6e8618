"""The moment of a dossier: what was on file (`known`) and what had happened (`true`), read from an address.

    ?known=33                      what the file looked like after entry 33
    ?true=2026-02-13T23:59:59+08:00    what had happened by then, all that is known today
    ?known=33&true=…               what was on file at 33 about the world up to then
    ?known=33&true=…&late=1        what had happened by then and was not yet on file at 33

`known` may be written as a date or a time; it is resolved once, to a position, and the address is made canonical with
`head`, the first 16 hex digits of that position's leaf hash. Each leaf contains the one before it, so one match covers
the whole history; another head means that the ledger is not the one the link was made on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ledger import clock
from ledger.entry import Entry
from projections import replay
from projections.dossier import Dossier

HEAD_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Moment:
    """A resolved moment. None means no cut; `head` is what the link claims; `canonical` says whether
    `known` stood in the address as the position it means."""

    known: int | None = None
    true: replay.Moment | None = None
    late: bool = False
    head: str | None = None
    canonical: bool = True

    @property
    def latest(self) -> bool:
        """Whether nothing is cut off."""
        return self.known is None and self.true is None

    def query(self, *, head: str | None = None) -> list[tuple[str, str]]:
        """The moment as parameters of an address; `head` is added where `known` is set."""
        pairs: list[tuple[str, str]] = []
        if self.known is not None:
            pairs.append(("known", str(self.known)))
        if self.true is not None:
            pairs.append(("true", written(self.true)))
        if self.late:
            pairs.append(("late", "1"))
        if head is not None and self.known is not None:
            pairs.append(("head", head[:HEAD_DIGITS]))
        return pairs

    def cut(self, dossier: Dossier, log: replay.Positions, size: int) -> Dossier:
        """The dossier at this moment. Raises NotFound where `true` names an entry the dossier does not hold."""
        if not self.late:
            return replay.both(dossier, self.known, self.true)
        known, true = self._both(log, size)
        happened = replay.true(dossier, true)
        return Dossier(dossier.tag, tuple(entry for entry in happened.entries if entry.position > known))

    def _both(self, log: replay.Positions, size: int) -> tuple[int, replay.Moment]:
        """For late entries both ends are needed; the one not given is the other's."""
        if self.known is None:
            true = self.true if self.true is not None else clock.now()
            moment = true if isinstance(true, datetime) else _recorded(log.entry(true))
            return replay.position_at(log, moment, size), true
        return self.known, self.true if self.true is not None else _recorded(log.entry(self.known))


def read(query: Mapping[str, str], log: replay.Positions, size: int) -> Moment:
    """The moment an address asks for, in a log of `size` entries. Raises Malformed for what is no moment."""
    moment = Moment(late=query.get("late") == "1", head=query.get("head") or None)
    true, known = query.get("true", "").strip(), query.get("known", "").strip()
    if true:
        moment = replace(moment, true=replay.moment(true, "/true"))
    if known:
        asked = replay.moment(known, "/known")
        position = replay.position_at(log, asked, size)
        moment = replace(moment, known=position, canonical=asked == position)
    return moment


def written(at: replay.Moment) -> str:
    """A moment as an address states it: a position, or RFC 3339 in the ledger's civil time."""
    return str(at) if isinstance(at, int) else at.astimezone(clock.BEIJING).isoformat()


def _recorded(entry: Entry | None) -> datetime:
    return clock.now() if entry is None else clock.parse(entry.recorded)
