"""The Merkle log of RFC 6962 section 2.1, as arithmetic: hashes in, hashes out, no storage.

    leaf_hash(d)  = SHA-256(0x00 ‖ d)
    node_hash     = SHA-256(0x01 ‖ left ‖ right)
    MTH([])       = SHA-256("")
    MTH(D[n])     = node(MTH(D[0:k]), MTH(D[k:n])),  k = largest power of two < n

Hashes are stored in *tiles* (C2SP tlog-tiles): tile n of level l holds 256 hashes, element i being
MTH(D[(n·256+i)·256^l : (n·256+i+1)·256^l]). An `Edge` is the log's right edge: of each level only the hashes that no
full tile holds yet, at most 255. It is all a writer needs to remember.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

TILE = 256
"""Hashes in a full tile."""

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 ‖ entry): the Merkle leaf, and the chain link of the next entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    level = list(hashes)
    while len(level) > 1:
        pairs = iter(level)
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return level[0]


@dataclass(frozen=True, slots=True)
class Tile:
    """A full tile: level, index within the level, 256 hashes of 32 bytes."""

    level: int
    index: int
    hashes: bytes


@dataclass(slots=True)
class Edge:
    """The right edge of a log of `size` leaves: per level, the hashes that no full tile holds yet (fewer than 256)."""

    size: int = 0
    levels: list[list[bytes]] = field(default_factory=list)

    def append(self, leaf: bytes) -> list[Tile]:
        """Take one more leaf hash; returns the tiles that it fills, lowest level first."""
        self.size += 1
        filled: list[Tile] = []
        carried, count, level = leaf, self.size, 0
        while True:
            if level == len(self.levels):
                self.levels.append([])
            row = self.levels[level]
            row.append(carried)
            if len(row) < TILE:
                return filled
            filled.append(Tile(level, count // TILE - 1, b"".join(row)))
            carried, count = perfect_root(row), count // TILE
            row.clear()
            level += 1

    def extend(self, leaves: Sequence[bytes]) -> list[Tile]:
        """Take many leaf hashes; returns the tiles that they fill, in the order in which they become full."""
        filled: list[Tile] = []
        at = 0
        while at < len(leaves):
            loose = self.levels[0] if self.levels else []
            room = TILE - 1 - len(loose)
            if room and self.levels:
                taken = leaves[at : at + room]
                loose.extend(taken)
                self.size += len(taken)
                at += len(taken)
            else:
                filled += self.append(leaves[at])
                at += 1
        return filled

    def root(self) -> bytes:
        """MTH over all leaves so far: the perfect subtrees of the edge, folded from the right."""
        subtrees = [subtree for row in reversed(self.levels) for subtree in _perfect_subtrees(row)]
        if not subtrees:
            return EMPTY_ROOT
        root = subtrees.pop()
        while subtrees:
            root = node_hash(subtrees.pop(), root)
        return root

    def copy(self) -> "Edge":
        """An edge that can be moved on without moving this one."""
        return Edge(self.size, [list(row) for row in self.levels])

    @classmethod
    def over(cls, leaves: Iterable[bytes]) -> "Edge":
        """The edge of a log with these leaf hashes."""
        edge = cls()
        for leaf in leaves:
            edge.append(leaf)
        return edge

    @classmethod
    def missing(cls, size: int) -> list[tuple[int, int]]:
        """What `resume` needs for a log of `size` leaves: per level l ≥ 1 the tiles below it, as (level, first index).

        Element i of level l is the root of full tile i of level l-1, so the row of level l is rebuilt from the full
        tiles (l-1, first …) that no full tile of level l covers.
        """
        wanted, level = [], 1
        while (full := size // TILE**level) > 0:
            wanted.append((level - 1, full - full % TILE))
            level += 1
        return wanted

    @classmethod
    def resume(cls, size: int, newest_leaves: Sequence[bytes], tiles: dict[tuple[int, int], bytes]) -> "Edge":
        """The edge of a stored log: its last `size % 256` leaf hashes and the full tiles that `missing` names."""
        edge = cls(size, [list(newest_leaves)])
        for level, first in cls.missing(size):
            full = size // TILE ** (level + 1)
            edge.levels.append([perfect_root(split(tiles[level, index])) for index in range(first, full)])
        return edge


def split(hashes: bytes) -> list[bytes]:
    """The 32-byte hashes of a tile."""
    return [hashes[i : i + 32] for i in range(0, len(hashes), 32)]


def _perfect_subtrees(row: Sequence[bytes]) -> list[bytes]:
    """A level's loose hashes as the fewest perfect subtrees, left to right: one for each bit of their count."""
    subtrees, start = [], 0
    for bit in reversed(range(len(row).bit_length())):
        if len(row) & (1 << bit):
            subtrees.append(perfect_root(row[start : start + (1 << bit)]))
            start += 1 << bit
    return subtrees
