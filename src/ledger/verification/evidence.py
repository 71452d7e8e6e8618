"""When everything has been read: which blames stand, and what the other tables' differences mean.

Keys and tags speak for entries. A row at the end of `entry` that has neither was put there; a key with tags behind the
end of the log belongs to an entry that was deleted. What a damaged or missing entry demanded is not known, so nothing
is held against the rows of other tables at its position: one attack is told once.
"""

from collections import Counter
from collections.abc import Container, Mapping

from ledger.verification import pairing
from ledger.verification.faults import Blame, Faults, TooMany
from ledger.verification.pairing import Row
from ledger.verification.twins import Differences
from ledger.verification.verdict import Kind
from ledger.verification.walk import Walk


class Evidence:
    """The differences of all tables, weighed once the walk is over; `erased`: digests that need no row any more."""

    def __init__(self, walk: Walk, differences: Mapping[str, Differences], erased: Container[str] = ()) -> None:
        self._erased = erased
        self._walk = walk
        self._faults: Faults = walk.faults
        self._missing = {name: [pairing.row(name, raw) for raw in found.missing] for name, found in differences.items()}
        self._surplus = {name: [pairing.row(name, raw) for raw in found.surplus] for name, found in differences.items()}
        self._faults.more |= any(found.more for found in differences.values())

    def weigh(self) -> None:
        """Make the blames final, and add those of the other tables, by position."""
        self._rows_put_at_the_end()
        self._copies_over_rows()
        self._swapped_numbers()
        found = [blame for name in ("event_key", "tag", "tile", "disclosure") for blame in self._differences(name)]
        self._entries_cut_off(found)
        found.sort(key=lambda blame: blame.position)
        try:
            for blame in found:
                self._faults.add(blame)
        except TooMany:
            return

    def _rows_put_at_the_end(self) -> None:
        """Rows at the end of `entry` for which no key and no tag speaks."""
        no_key = {one.position for one in self._missing.get("event_key", [])}
        no_tag = Counter(one.position for one in self._missing.get("tag", []))
        present = {one.position for name in ("event_key", "tag") for one in self._surplus.get(name, [])}
        blamed = {place for blame in self._faults.blames for place in (blame.position, blame.rival, blame.last + 1)}
        put = []
        for position, tags in reversed(self._walk.tail):
            demanded = tags is not None
            if position in present or (demanded and (position not in no_key or (tags or 0) > no_tag[position])):
                break
            if not tags and position not in blamed:
                break
            put.append(position)
        else:
            return  # nothing speaks for any entry: it is the other tables that were emptied
        for position in put:
            self._was_put(position)

    def _was_put(self, position: int) -> None:
        faults = self._faults
        before = [hole for hole in faults.holes if hole.stop == position]
        faults.holes = [hole for hole in faults.holes if hole.stop != position]
        self._walk.size = before[0].start - 1 if before else position - 1
        faults.unjudged.add(position)
        kept = [
            blame
            for blame in faults.blames
            if not (blame.table == "entry" and (blame.position == position or blame.last == position - 1 > 0))
            and blame.rival != position
        ]
        faults.blames = kept
        faults.entry(
            None, position, Kind.INSERTED, "没有任何编号或标签行与之相应。", "No key and no tag row speaks for it."
        )

    def _copies_over_rows(self) -> None:
        """A copy of another entry at a place that is missing its own: the row was overwritten."""
        faults = self._faults
        for extra in self._walk.extras:
            gap = next((hole for hole in faults.holes if extra.position in hole), None)
            if gap is None or len(gap) != 1:
                continue
            faults.blames = [
                blame for blame in faults.blames if blame.table != "entry" or blame.position != extra.position
            ]
            faults.entry(
                "entry",
                extra.position,
                Kind.CHANGED,
                f"该行被第 {extra.place} 条的副本覆盖。",
                f"The row was overwritten with a copy of entry {extra.place}.",
            )

    def _swapped_numbers(self) -> None:
        moved = self._walk.moved
        for blame in self._faults.blames:
            number = moved.get(blame.position)
            if blame.column == "position" and number is not None and moved.get(number) == blame.position:
                blame.kind = Kind.SWAPPED

    def _differences(self, name: str) -> list[Blame]:
        missing = [one for one in self._missing.get(name, []) if not self._excused(one)]
        surplus = [one for one in self._surplus.get(name, []) if not self._excused(one)]
        found, missing, surplus = pairing.pairs(missing, surplus)
        return [*pairing.told(name, found), *map(pairing.deleted, missing), *map(pairing.inserted, surplus)]

    def _excused(self, one: Row) -> bool:
        """The entry or entries behind this row are damaged or missing."""
        if one.table == "tile":
            lost = self._walk.edge is None and self._faults.holes
            return bool(lost) and one.covered[1] >= self._faults.holes[0].start
        if one.table == "disclosure" and one.values[0] in self._erased:
            return True
        return self._faults.unknown(one.position)

    def _entries_cut_off(self, found: list[Blame]) -> None:
        """Keys with tags behind the end of the log: entries were deleted there."""
        size = self._walk.size
        beyond = [blame for blame in found if blame.position > size and blame.kind is Kind.INSERTED]
        keys = {blame.position for blame in beyond if blame.table == "event_key"}
        both = sorted(keys & {blame.position for blame in beyond if blame.table == "tag"})
        if not both:
            return
        found[:] = [blame for blame in found if not (blame.kind is Kind.INSERTED and self._touches(blame, both))]
        span = f"{both[0]}" if len(both) == 1 else f"{both[0]}–{both[-1]}"
        found.append(
            Blame(
                "entry",
                None,
                both[0],
                Kind.DELETED,
                f"缺第 {span} 条：其编号和标签仍在。",
                f"Missing: {span}; their keys and tags are still there.",
                last=both[-1],
            )
        )

    def _touches(self, blame: Blame, gone: list[int]) -> bool:
        if blame.table == "tile":
            return any(
                one.position == blame.position and one.covered[1] >= gone[0] for one in self._surplus.get("tile", [])
            )
        return gone[0] <= blame.position <= gone[-1]
