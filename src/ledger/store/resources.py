"""The log as static resources: hash tiles and entry bundles, byte for byte as HTTP serves and `export` writes them.

    tile/<L>/<N>[.p/<W>]          hashes of 32 bytes, joined
    tile/entries/<N>[.p/<W>]      each entry as uint16 BE length ‖ bytes

C2SP tlog-tiles v0.1.0. Only what a published checkpoint covers exists: a partial tile of another width would promise
entries that nobody has signed for. What once exists never changes.
"""

from collections.abc import Iterator
from struct import Struct

from ledger.errors import Broken, NotFound
from ledger.proofs.failures import Unreadable
from ledger.proofs.tiles import TileRead
from ledger.proofs.tree import TILE, leaf_hash, split
from ledger.store.postgres import Log
from ledger.store.tiles import read_tiles

ENTRIES = "tile/entries/"
_LENGTH = Struct("!H")
_ENTRIES = "SELECT entry FROM ledger.entry WHERE position > %s AND position <= %s ORDER BY position"


def wanted(path: str) -> tuple[TileRead, bool]:
    """The tile of an address without leading slash, and whether its entries are meant. Raises Unreadable."""
    if path.startswith(ENTRIES):
        tile = TileRead.parse(f"tile/0/{path.removeprefix(ENTRIES)}")
        return tile, True
    return TileRead.parse(path), False


def entries_path(tile: TileRead) -> str:
    """The address of the entries whose leaf hashes a tile of level 0 holds."""
    return ENTRIES + tile.path.removeprefix("tile/0/")


def covers(tile: TileRead) -> int:
    """How long the log must be for the tile to be so wide."""
    return TILE * tile.index + tile.width << 8 * tile.level


def hashes(log: Log, tile: TileRead) -> bytes:
    """The bytes of a hash tile. Raises NotFound, Broken."""
    return read_tiles(log, [tile])[tile.id]


def bundle(log: Log, tile: TileRead) -> bytes:
    """The entries of a tile of level 0. Raises NotFound, and Broken where one is not what its leaf hash says."""
    first = TILE * tile.index
    with log.connection() as connection:
        rows = connection.execute(_ENTRIES, (first, first + tile.width), binary=True).fetchall()
    if len(rows) != tile.width:
        raise NotFound(f"({first + tile.width} > {first + len(rows)})")
    entries = [bytes(row[0]) for row in rows]
    for position, (entry, leaf) in enumerate(zip(entries, split(hashes(log, tile)), strict=True), first + 1):
        if leaf_hash(entry) != leaf:
            raise Broken(f"entry {position} is not what its leaf hash says", position=position)
    return joined(entries)


def joined(entries: list[bytes]) -> bytes:
    """Entries as a bundle."""
    return b"".join(_LENGTH.pack(len(entry)) + entry for entry in entries)


def parted(raw: bytes) -> list[bytes]:
    """The entries of a bundle. Raises Unreadable where the lengths do not add up."""
    entries, at = [], 0
    while at < len(raw):
        if at + 2 > len(raw):
            raise Unreadable("(entries: half a length)")
        (length,) = _LENGTH.unpack_from(raw, at)
        at += 2 + length
        if at > len(raw):
            raise Unreadable("(entries: the last one is cut off)")
        entries.append(raw[at - length : at])
    return entries


def tiles_between(old: int, new: int) -> Iterator[TileRead]:
    """Every tile, of all levels, that a log of `new` leaves has and one of `old` had not, lowest level first.

    Full tiles, and of each level the partial one at the right edge, if there is one.
    """
    level = 0
    while (width := new >> 8 * level) > 0:
        for index in range((old >> 8 * level) // TILE, (width + TILE - 1) // TILE):
            tile = TileRead.at(level, index, new)
            if old == 0 or covers(tile) > old:
                yield tile
        level += 1
