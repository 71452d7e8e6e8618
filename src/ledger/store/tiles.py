"""Proofs from the database: fetches the tiles that a proof needs, and lets `ledger.proofs.build` compute it.

Only full tiles are stored. Those of the right edge are still growing; their hashes are the newest leaves and the roots
of the newest full tiles below, up to 255 of each level. Reading all that for every proof would be slow, so a process
remembers the edge of each log it serves and moves it on by the leaves that came since: a proof then costs one query,
for at most two tiles of each level.

Nothing here vouches for the database. Check a proof against a signed root before handing it out
(`ledger.proofs.check`): a changed tile then shows at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from weakref import WeakKeyDictionary

import psycopg

from ledger.errors import Broken, CannotRun, NotFound
from ledger.proofs import build
from ledger.proofs.tiles import TileRead
from ledger.proofs.tree import TILE, Edge
from ledger.store.connect import Connection
from ledger.store.postgres import Log, read_edge, read_head

STORED = """
    SELECT tile.level, tile.idx, tile.hashes
    FROM unnest(%s::int4[], %s::int8[]) AS wanted (level, idx)
    JOIN ledger.tile ON tile.level = wanted.level AND tile.idx = wanted.idx
"""
NEWER = "SELECT leaf FROM ledger.entry WHERE position > %s AND position <= %s ORDER BY position"

CATCH_UP = 10_000
"""Leaves up to which a remembered edge is moved on one by one; behind that it is read again from the tiles."""


class _Memory:
    """The right edge of one log at the largest size asked so far. `edge` is replaced under `lock`, never changed."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.edge = Edge()


_memories: WeakKeyDictionary[Log, _Memory] = WeakKeyDictionary()
_memories_lock = Lock()


def inclusion_proof(log: Log, position: int, size: int) -> list[bytes]:
    """The path of the entry at `position` (from 1) in the log of `size` entries, the leaf's sibling first.

    Raises ValueError unless 1 ≤ position ≤ size, NotFound if the log is shorter, Broken if a tile is missing.
    """
    return _prove(log, build.inclusion(position - 1, size))


def consistency_proof(log: Log, old: int, new: int) -> list[bytes]:
    """The proof that the log of `new` entries begins with the log of `old`. Raises as `inclusion_proof`."""
    return _prove(log, build.consistency(old, new))


def root_at(log: Log, size: int) -> bytes:
    """The Merkle root the log had at `size` entries. Raises as `inclusion_proof`."""
    return _prove(log, build.root(size))[0]


def read_tiles(log: Log, tiles: Sequence[TileRead]) -> dict[tuple[int, int], bytes]:
    """The first `width` hashes of each tile, by (level, index). Raises NotFound if the log is not so long yet."""
    with _connected(log) as connection:
        return _read(connection, tiles, _edge(log, connection, max((_leaves(tile) for tile in tiles), default=0)))


def _prove(log: Log, plan: build.Plan) -> list[bytes]:
    with _connected(log) as connection:
        return plan.compute(_read(connection, plan.tiles, _edge(log, connection, plan.size)))


@contextmanager
def _connected(log: Log) -> Iterator[Connection]:
    try:
        with log.connection() as connection:
            yield connection
    except psycopg.OperationalError as fault:
        raise CannotRun(f"PostgreSQL: {fault}") from fault


def _read(connection: Connection, tiles: Sequence[TileRead], edge: Edge) -> dict[tuple[int, int], bytes]:
    growing = {tile.id for tile in tiles if tile.index == edge.size >> 8 * (tile.level + 1)}
    stored = [tile.id for tile in tiles if tile.id not in growing]
    found: dict[tuple[int, int], bytes] = {id_: b"".join(edge.levels[id_[0]]) for id_ in growing}
    if stored:
        levels, indexes = zip(*stored, strict=True)
        rows = connection.execute(STORED, (list(levels), list(indexes)), binary=True).fetchall()
        found.update({(level, index): bytes(hashes) for level, index, hashes in rows})
    return {tile.id: _prefix(tile, found) for tile in tiles}


def _edge(log: Log, connection: Connection, size: int) -> Edge:
    """The log's right edge at `size` or later."""
    with _memories_lock:
        memory = _memories.setdefault(log, _Memory())
    with memory.lock:
        if size - memory.edge.size > CATCH_UP or (size and not memory.edge.size):
            memory.edge = _whole_edge(connection, size)
        elif size > memory.edge.size:
            rows = connection.execute(NEWER, (memory.edge.size, size), binary=True).fetchall()
            if len(rows) != size - memory.edge.size:
                raise NotFound(f"({size} > {memory.edge.size + len(rows)})")
            edge = memory.edge.copy()
            for row in rows:
                edge.append(bytes(row[0]))
            memory.edge = edge
        return memory.edge


def _whole_edge(connection: Connection, size: int) -> Edge:
    """The edge at the head, which is at `size` or later."""
    head = read_head(connection)
    if head.size < size:
        raise NotFound(f"({size} > {head.size})")
    try:
        edge = read_edge(connection, head.size)
    except (KeyError, IndexError) as fault:
        raise Broken(f"a tile is missing or too short: {fault}") from fault
    if [len(row) for row in edge.levels] != [(head.size >> 8 * level) % TILE for level in range(len(edge.levels))]:
        raise Broken(f"entries behind position {head.size - head.size % TILE} are missing")
    return edge


def _leaves(tile: TileRead) -> int:
    """How long the log must be for the tile to be so wide."""
    return TILE * tile.index + tile.width << 8 * tile.level


def _prefix(tile: TileRead, found: Mapping[tuple[int, int], bytes]) -> bytes:
    hashes = found.get(tile.id, b"")[: 32 * tile.width]
    if len(hashes) != 32 * tile.width:
        raise Broken(f"tile {tile.level}/{tile.index} is missing or too short")
    return hashes
