"""Faults while they are gathered: what is blamed may still change until everything has been read.

An entry that does not fit may be a changed one, or one that somebody put behind the end of the log; which of both is
told by its key and tag rows, and those are read to their end only later. So a `Blame` stays open until
`ledger.verification.evidence` has spoken.
"""

from dataclasses import dataclass, field

from ledger.verification.verdict import Fault, Kind

MOST = 100
"""Faults that are named; the walk ends when there are more."""


@dataclass(slots=True)
class Blame:
    """A fault that is not final. `last`: end of a range of missing rows. `rival`: a later row that may be the liar."""

    table: str
    column: str | None
    position: int
    kind: Kind
    zh: str
    en: str
    last: int = 0
    rival: int | None = None

    def final(self) -> Fault:
        """The fault as it is told."""
        return Fault(self.table, self.column, self.position, self.kind, self.zh, self.en)


class TooMany(Exception):
    """More faults than are named."""


@dataclass(slots=True)
class Faults:
    """What was found so far, and which entries cannot be judged by their own bytes any more."""

    blames: list[Blame] = field(default_factory=list)
    unjudged: set[int] = field(default_factory=set)
    """Positions whose entry is damaged: what it demands of other tables is not known."""
    holes: list[range] = field(default_factory=list)
    """Positions whose entry is missing."""
    truths: set[str] = field(default_factory=set)
    """Leaf hashes (hex) that the chain vouches for, of entries that are damaged or missing."""
    more: bool = False

    def add(self, blame: Blame) -> Blame:
        """Take a fault. Raises TooMany when there are more than are named."""
        if len(self.blames) >= MOST:
            self.more = True
            raise TooMany
        self.blames.append(blame)
        return blame

    def entry(self, column: str | None, position: int, kind: Kind, zh: str, en: str) -> Blame:
        """A fault of `ledger.entry`."""
        return self.add(Blame("entry", column, position, kind, zh, en))

    def unknown(self, position: int) -> bool:
        """The entry at this position is damaged or missing, so nothing can be demanded in its name."""
        return position in self.unjudged or any(position in hole for hole in self.holes)

    @property
    def missing(self) -> int:
        """How many entries are missing."""
        return sum(map(len, self.holes))
