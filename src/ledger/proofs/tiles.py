"""Tiles: the pieces in which the hashes of a log are kept and fetched (C2SP tlog-tiles v0.1.0).

    tile/0/x001/x234/067          tile 1,234,067 of level 0, full: 256 hashes
    tile/1/000.p/3                tile 0 of level 1 while it has only 3

Element i of tile n of level l is MTH(D[(n·256+i)·256^l : (n·256+i+1)·256^l]). In a log of `size` leaves the tile has
min(256, ⌊size/256^l⌋ - 256·n) of them; a partial tile is a prefix of the full one.
"""

import re
from dataclasses import dataclass

from ledger.proofs.failures import Unreadable
from ledger.proofs.tree import TILE

_PATH = re.compile(r"tile/(0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True, order=True)
class TileRead:
    """A tile of which the first `width` hashes are wanted, 1 ≤ width ≤ 256."""

    level: int
    index: int
    width: int

    def __post_init__(self) -> None:
        if not (0 <= self.level < 64 and self.index >= 0 and 1 <= self.width <= TILE):
            raise ValueError(f"no tile: {self.level}, {self.index}, {self.width}")

    @classmethod
    def at(cls, level: int, index: int, size: int) -> "TileRead":
        """The tile as wide as it is in a log of `size` leaves. Raises ValueError where it does not exist there yet."""
        return cls(level, index, min(TILE, (size >> 8 * level) - TILE * index))

    @property
    def id(self) -> tuple[int, int]:
        """Level and index."""
        return self.level, self.index

    @property
    def path(self) -> str:
        """Its address, without a leading slash: the index in groups of three digits, all but the last with an x."""
        groups, rest = [f"{self.index % 1000:03}"], self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        partial = "" if self.width == TILE else f".p/{self.width}"
        return f"tile/{self.level}/{'/'.join(groups)}{partial}"

    @classmethod
    def parse(cls, path: str) -> "TileRead":
        """The tile of an address. Raises Unreadable for anything that `path` would not write."""
        found = _PATH.fullmatch(path)
        if not found or len(path) > 64:
            raise Unreadable("(tile: no such address)")
        level, index, width = int(found[1]), int(found[2].replace("x", "").replace("/", "")), int(found[3] or TILE)
        if level > 63 or width > TILE or (tile := cls(level, index, width)).path != path:
            raise Unreadable("(tile: no such address)")
        return tile
