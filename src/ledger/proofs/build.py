"""Proofs are made in two steps: first *which* hashes, then the proof. This module never reads storage.

    plan = build.inclusion(index, size)            # or build.consistency(old, new), build.root(size)
    hashes = {tile.id: fetch(tile) for tile in plan.tiles}
    path = plan.compute(hashes)

What is proved (RFC 6962 section 2.1, with k the largest power of two < n):

    PATH(m, D[1])  = []
    PATH(m, D[n])  = PATH(m, D[0:k]) + [MTH(D[k:n])]        m < k
                   = PATH(m-k, D[k:n]) + [MTH(D[0:k])]      m ≥ k

    PROOF(m, D[n]) = SUB(m, D[n], true)
    SUB(m, D[m], true)  = []
    SUB(m, D[m], false) = [MTH(D[m])]
    SUB(m, D[n], b)     = SUB(m, D[0:k], b) + [MTH(D[k:n])]           m ≤ k
                        = SUB(m-k, D[k:n], false) + [MTH(D[0:k])]     m > k

A proof is a list of ranges, MTH over each. A range falls into perfect subtrees, and every perfect subtree lies inside
one tile: of 2^h leaves, in a tile of level ⌊h/8⌋. So a proof needs at most two tiles of each level.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from ledger.proofs.tiles import TileRead
from ledger.proofs.tree import EMPTY_ROOT, node_hash

Range = tuple[int, int]
"""Leaves from a to b, b not included."""


@dataclass(frozen=True, slots=True)
class Plan:
    """MTH over each of `ranges`, in a log of `size` leaves: what is needed, and how it is computed."""

    size: int
    ranges: tuple[Range, ...]

    @property
    def tiles(self) -> tuple[TileRead, ...]:
        """The tiles to fetch, each as wide as it is at `size`, lowest level first.

        A tile of level 0 narrower than 256 is the log's last `width` leaf hashes. A narrower tile of a higher level is
        the roots of the last `width` full tiles of the level below.
        """
        wanted = {_place(*subtree)[0] for range_ in self.ranges for subtree in _perfect_subtrees(range_)}
        return tuple(TileRead.at(level, index, self.size) for level, index in sorted(wanted))

    def compute(self, hashes: Mapping[tuple[int, int], bytes]) -> list[bytes]:
        """The roots of the ranges. `hashes`: by (level, index), at least `width` hashes of each of `tiles`.

        Raises ValueError if a tile is missing or too short: the plan said what it needs.
        """
        return [self._root(range_, hashes) for range_ in self.ranges]

    def _root(self, range_: Range, hashes: Mapping[tuple[int, int], bytes]) -> bytes:
        roots = [self._subtree(height, index, hashes) for height, index in _perfect_subtrees(range_)]
        if not roots:
            return EMPTY_ROOT
        root = roots.pop()
        while roots:
            root = node_hash(roots.pop(), root)
        return root

    def _subtree(self, height: int, index: int, hashes: Mapping[tuple[int, int], bytes]) -> bytes:
        tile, first, count = _place(height, index)
        held = hashes.get(tile, b"")[32 * first : 32 * (first + count)]
        if len(held) != 32 * count:
            raise ValueError(f"tile {tile}: hashes {first} to {first + count - 1} are needed and were not given")
        return _perfect_root(held)


def inclusion(index: int, size: int) -> Plan:
    """PATH(index, D[size]), leaf's sibling first. Requires 0 ≤ index < size; else ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a log of {size}")
    start, end, siblings = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
    return Plan(size, tuple(reversed(siblings)))


def consistency(old: int, new: int) -> Plan:
    """PROOF(old, D[new]). Requires 0 < old ≤ new; else ValueError."""
    if not 0 < old <= new:
        raise ValueError(f"no proof from size {old} to size {new}")
    start, end, siblings = 0, new, []
    while old < end:
        middle = start + _split(end - start)
        if old <= middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
    if start > 0:  # else the range left over is D[0:old], whose root the verifier holds already
        siblings.append((start, end))
    return Plan(new, tuple(reversed(siblings)))


def root(size: int) -> Plan:
    """MTH(D[size]) alone: the root the log had at an earlier size. Requires size ≥ 0; else ValueError."""
    if size < 0:
        raise ValueError(f"no log of {size}")
    return Plan(size, ((0, size),))


def _split(count: int) -> int:
    """The largest power of two < count, for count ≥ 2."""
    return 1 << (count - 1).bit_length() - 1


def _perfect_subtrees(range_: Range) -> Iterator[tuple[int, int]]:
    """A range as (height, index) of perfect subtrees, left to right: D[index·2^height : (index+1)·2^height]."""
    start, end = range_
    while start < end:
        height = (end - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


def _place(height: int, index: int) -> tuple[tuple[int, int], int, int]:
    """Where a perfect subtree lies: its tile, and the first and the count of the hashes that it covers there."""
    level, below = divmod(height, 8)
    first = index << below
    return (level, first >> 8), first & 255, 1 << below


@lru_cache(maxsize=2048)
def _perfect_root(hashes: bytes) -> bytes:
    """`tree.perfect_root` of joined hashes, pair by pair: SHA-256(0x01 ‖ left ‖ right).

    Proofs of neighbours share most of theirs, so some are kept (at most 8 MB).
    """
    while len(hashes) > 32:
        hashes = b"".join([sha256(b"\x01" + hashes[i : i + 64]).digest() for i in range(0, len(hashes), 64)])
    return hashes
