"""Each tag's chain: every entry's ordinal on a tag is one more than that of the tag's entry before, and names its leaf.

What must be remembered is a head for each tag. There may be more tags than memory should hold; then all heads are laid
down as *stretches* and memory begins anew:

    stretch = tag ‖ 0x00 ‖ first position ‖ first ordinal ‖ leaf before the first ‖ last ordinal ‖ last leaf

At the end the stretches are sorted (on disk if need be). The first of a tag must begin at ordinal 1 with no leaf before
it, each other where the one before ended. A log whose tags fit into memory never comes to that.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Any

from ledger.verification.limits import Limits
from ledger.verification.spill import Sorter

Head = list[Any]
"""Two: the link that the tag's next entry must carry (ordinal, leaf hash before it), how the tag's COPY rows begin."""

_PREFIX = Struct("!hi")
_EIGHT = b"\0\0\0\x08"
_STRETCH = Struct("!QQ32sQ32s")
_NONE = bytes(32)


class Links:
    """Heads of all tags, memory bounded. The walker reads and writes `heads` itself: it is its innermost loop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.heads: dict[str, Head] = {}
        self._begins: dict[str, tuple[int, int, str | None]] = {}
        self._stretches: Sorter | None = None

    def meet(self, tag: str, position: int, ordinal: int, before: str | None) -> tuple[bool, bytes]:
        """A tag that memory does not hold: whether it may begin so (as far as known now), and how its rows begin."""
        name = tag.encode()
        prefix = _PREFIX.pack(3, len(name)) + name + _EIGHT
        if self._stretches is None:
            fits = ordinal == 1 and before is None
            self._begins[tag] = (position, 1, None)
            return fits, prefix
        self._begins[tag] = (position, ordinal, before)
        return True, prefix

    def make_room(self) -> None:
        """Lay all heads down when they are too many."""
        if len(self.heads) > self._limits.tags:
            self._lay_down()

    def _lay_down(self) -> None:
        stretches = self._stretches = self._stretches or Sorter(self._limits.sorted_bytes)
        for tag, ((due, leaf), _) in self.heads.items():
            position, first, before = self._begins[tag]
            hashes = bytes.fromhex(before) if before else _NONE, bytes.fromhex(str(leaf))
            stretches.add(tag.encode() + b"\0" + _STRETCH.pack(position, first, hashes[0], int(due) - 1, hashes[1]))
        self.heads.clear()
        self._begins.clear()

    def ends(self) -> Iterator[tuple[str, int, str]]:
        """Every tag's last ordinal and leaf hash, in byte order. To be read before `torn`."""
        if self._stretches is None:
            for tag in sorted(self.heads):
                due, leaf = self.heads[tag][0]
                yield tag, int(due) - 1, str(leaf)
            return
        self._lay_down()
        last: tuple[str, int, str] | None = None
        for record in self._stretches.sorted():
            name, values = record[: -_STRETCH.size - 1].decode(), _STRETCH.unpack(record[-_STRETCH.size :])
            if last is not None and last[0] != name:
                yield last
            last = name, values[3], values[4].hex()
        if last is not None:
            yield last

    def torn(self) -> Iterator[tuple[int, str, int, int, str | None]]:
        """Where a stretch does not begin as the one before ended: (position, tag, ordinal, ordinal due, leaf named)."""
        if self._stretches is None:
            return
        self._lay_down()
        with self._stretches as stretches:
            tag, due, leaf = b"", 1, _NONE
            for record in stretches.sorted():
                name, values = record[: -_STRETCH.size - 1], _STRETCH.unpack(record[-_STRETCH.size :])
                position, first, before, last, ending = values
                if name != tag:
                    tag, due, leaf = name, 1, _NONE
                if (first, before) != (due, leaf):
                    yield position, name.decode(), first, due, before.hex() if before != _NONE else None
                due, leaf = last + 1, ending
