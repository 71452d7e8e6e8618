"""Roots that somebody outside the database holds: the signer, published checkpoints, witnesses.

The walk passes every size of the log; at those sizes it leaves its own root here. Afterwards each record is weighed:
the log must be as long as the record says, and have had that root. The last record that agrees and the first that does
not bound the first difference from both sides.
"""

from collections.abc import Sequence

from ledger.verification.faults import Blame
from ledger.verification.verdict import Kind

Record = tuple[str, int, bytes]
"""Who holds it (a name to show), size, root of 32 bytes."""


class Outside:
    """The records of one verification, and the walk's own roots at their sizes."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = sorted(records, key=lambda record: record[1])
        self.sizes = frozenset(size for _, size, _ in records)
        self.roots: dict[int, bytes] = {}
        """By size what the walk computed; a size is missing where the tree could not be known."""

    def between(self, low: int, high: int) -> list[int]:
        """The sizes behind `low` and up to `high`, in order."""
        return sorted(size for size in self.sizes if low < size <= high) if self.sizes else []

    @property
    def agreeing(self) -> list[Record]:
        """The records that hold what the walk computed, smallest first."""
        return [record for record in self._records if self.roots.get(record[1]) == record[2]]

    def blames(self, size: int) -> list[Blame]:
        """What contradicts a log that has `size` entries: at most one other root, and one missing end."""
        return [*self._other_root(size), *self._missing_end(size)]

    def _other_root(self, size: int) -> list[Blame]:
        for name, upto, root in self._records:
            if upto > size or upto not in self.roots or self.roots[upto] == root:
                continue
            first = max((agreed for _, agreed, _ in self.agreeing if agreed < upto), default=0) + 1
            zh = f"前 {upto} 条的根与{shown_zh(name)}所记不同，首个差异在第 {first}–{upto} 条。"
            en = (
                f"The root of the first {upto} entries is not the one held by {name}; "
                f"the first difference is in {first} to {upto}."
            )
            return [Blame("entry", None, first, Kind.CONTRADICTED, zh, en, last=upto)]
        return []

    def _missing_end(self, size: int) -> list[Blame]:
        name, upto, _ = max(self._records, key=lambda record: record[1], default=("", 0, b""))
        if upto <= size:
            return []
        zh = f"缺第 {size + 1}–{upto} 条：{shown_zh(name)}记有 {upto} 条。"
        en = f"Missing: {size + 1} to {upto}; {name} knew {upto} entries."
        return [Blame("entry", None, size + 1, Kind.DELETED, zh, en, last=upto)]


def shown_zh(name: str) -> str:
    """The Chinese of the names given here; a witness's name stays what it is."""
    return {"signer": "签名程序", "published checkpoint": "已发布的检查点"}.get(name, name)


def told(agreeing: Sequence[Record]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who agreed, each named once, in Chinese and English."""
    names = dict.fromkeys(name for name, _, _ in agreeing)
    return tuple(map(shown_zh, names)), tuple(names)
