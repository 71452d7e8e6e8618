"""The chain of what a projection reads: the same bytes, nothing left out, nothing swapped.

A view is worth as much as the entries it was made of, and the database that hands them over is a suspect. So the
reader hashes every entry again (`ledger.entry.parse` does) and this value checks, entry by entry,

1. `position` is one more than the last,
2. `prev` is the leaf hash of the last entry, which is kept with the view's position,
3. each link that can be known here: ordinal and leaf of the tag's previous entry, for tags met since the start,
4. a checkpoint's `root` over the entries before it is the root of what was read.

`root()` is compared with the log's own at its head. The first thing that does not fit raises `ledger.errors.Broken`
with the position, and nothing after it is shown. What is remembered is small: the roots of the perfect subtrees on
the tree's right side, one for each bit of the size (RFC 6962 section 2.1), and the heads of recent tags. Links to
older heads are the business of `ledger.verify`, which walks through everything.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.entry import NO_LEAF, Entry
from ledger.errors import Broken
from ledger.proofs.tree import EMPTY_ROOT, node_hash

CHECKPOINT = "ledger.checkpoint-sealed.v1"
TAGS_REMEMBERED = 200_000
"""Heads kept in memory, about 40 MB; the oldest go first."""


@dataclass(slots=True)
class Chain:
    """How far the log was read: size, last leaf, the tree's right side, and the heads of recent tags."""

    position: int = 0
    leaf: bytes = NO_LEAF
    frontier: list[bytes] = field(default_factory=list)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def resume(cls, position: int, leaf: bytes, frontier: bytes) -> "Chain":
        """Go on where `position`, `leaf` and `saved()` were kept. Raises Broken when they do not fit together."""
        hashes = [frontier[i : i + 32] for i in range(0, len(frontier), 32)]
        if len(hashes) != position.bit_count() or len(frontier) % 32:
            raise Broken("the runner's own progress row", position=position)
        return cls(position, leaf, hashes)

    def saved(self) -> bytes:
        """Return the tree's right side, to be kept beside position and leaf."""
        return b"".join(self.frontier)

    def copy(self) -> "Chain":
        """Return a chain that can be moved on without moving this one; it remembers no tag."""
        return Chain(self.position, self.leaf, list(self.frontier))

    def take(self, entries: Iterable[Entry]) -> None:
        """Move over the next entries. Raises Broken at the first that does not fit; then the chain is of no use."""
        for entry in entries:
            expected = self.position + 1
            if entry.position != expected:
                raise Broken(f"position {entry.position} where {expected} was due", position=expected)
            if entry.prev != self.leaf.hex():
                raise Broken(f"#{expected}: prev is not the leaf of #{self.position}", position=expected)
            if entry.type == CHECKPOINT and entry.data.get("size") == self.position:
                self._compare(entry)
            self._links(entry)
            self._append(entry.leaf)

    def root(self) -> bytes:
        """Return the Merkle root over everything taken so far."""
        if not self.frontier:
            return EMPTY_ROOT
        *rest, root = self.frontier
        for subtree in reversed(rest):
            root = node_hash(subtree, root)
        return root

    def _append(self, leaf: bytes) -> None:
        size, self.position, self.leaf = self.position, self.position + 1, leaf
        while size & 1:
            leaf = node_hash(self.frontier.pop(), leaf)
            size >>= 1
        self.frontier.append(leaf)

    def _links(self, entry: Entry) -> None:
        own = entry.leaf.hex()
        for tag, (ordinal, before) in entry.links.items():
            if (ordinal == 1) != (before is None):
                raise Broken(f"#{entry.position}: link on {tag}", position=entry.position)
            head = self.heads.pop(tag, None)
            if head is not None and (ordinal, before) != (head[0] + 1, head[1]):
                raise Broken(
                    f"#{entry.position}: link on {tag} does not follow its last entry", position=entry.position
                )
            self.heads[tag] = (ordinal, own)
        while len(self.heads) > TAGS_REMEMBERED:
            del self.heads[next(iter(self.heads))]

    def _compare(self, entry: Entry) -> None:
        if entry.data.get("root") != self.root().hex():
            raise Broken(
                f"#{entry.position}: the sealed root is not the root of what was read", position=entry.position
            )
