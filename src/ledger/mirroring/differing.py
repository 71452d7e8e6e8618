"""Where two histories part: the first leaf that differs, found from the top of both trees down.

A tile of level l covers 256^(l+1) leaves, so a log of millions needs a handful of tiles. What this says is a hint for
whoever looks into the case; that two histories exist at all is proved by the roots alone.
"""

from collections.abc import Callable

from ledger.errors import LedgerError
from ledger.proofs.tiles import TileRead
from ledger.proofs.tree import TILE

Fetch = Callable[[TileRead], bytes]


def first_difference(ours: Fetch, theirs: Fetch, our_size: int, their_size: int) -> int | None:
    """The first position that differs within the shorter of both logs; None if the tiles do not show it."""
    size = min(our_size, their_size)
    try:
        index = _leaf(ours, lambda tile: theirs(TileRead.at(tile.level, tile.index, their_size)), size)
    except LedgerError:  # the other side does not show its tiles
        return None
    return index + 1 if index < size else None


def _leaf(ours: Fetch, theirs: Fetch, size: int) -> int:
    """The first differing leaf index; `size` where all are the same.

    Level by level from the top: the first element that differs names the tile below in which to look on. What a level
    does not cover yet, at its right end, is looked at on the level below.
    """
    level = 0
    while size >> 8 * (level + 1):
        level += 1
    start = 0  # no leaf before this one differs
    for height in range(level, -1, -1):
        index, count = start >> 8 * height, size >> 8 * height
        while index < count:
            tile = TileRead.at(height, index // TILE, size)
            offset = _first(ours(tile), theirs(tile), index % TILE)
            index = tile.index * TILE + (tile.width if offset is None else offset)
            if offset is not None:
                break
        start = index << 8 * height
    return start


def _first(ours: bytes, theirs: bytes, offset: int) -> int | None:
    for at in range(offset, len(ours) // 32):
        if ours[32 * at : 32 * at + 32] != theirs[32 * at : 32 * at + 32]:
            return at
    return None
