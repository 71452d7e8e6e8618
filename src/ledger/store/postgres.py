"""The reading side of the log: entries by position, tag and type; head and root.

What comes out are parsed entries with their exact bytes. Nothing here trusts the database further than that: whoever
needs certainty re-hashes (`ledger.verify`, the projection runner, the signer).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from ledger.entry import NO_LEAF, Entry, parse
from ledger.errors import Broken, CannotRun
from ledger.post import Wanted
from ledger.proofs.tree import TILE, Edge
from ledger.store.connect import Connection, conninfo
from ledger.store.matching import matching
from ledger.vault import Locked

DISCLOSED = "SELECT digest, key_id, nonce, ciphertext FROM ledger.disclosure WHERE digest = ANY(%s)"
"""The stored disclosures of some digests."""


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries there are, and the leaf hash of the last one (32 zero bytes for none)."""

    size: int
    leaf: bytes


class Log:
    """Reads the log through a small pool of connections; safe to share between threads."""

    def __init__(self, dsn: str, role: str = "reader", *, connections: int = 4) -> None:
        self.dsn = dsn
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            conninfo(dsn, role),
            min_size=1,
            max_size=connections,
            kwargs={"autocommit": True},
            check=ConnectionPool.check_connection,  # after a restart of the server none of the old ones is handed out
            open=False,
            timeout=30,
        )
        self._pool.open()

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()

    def __enter__(self) -> "Log":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection of the pool, for queries of views in the same role."""
        with self._pool.connection() as connection:
            yield connection

    def head(self) -> Head:
        """Size and last leaf as of now."""
        with self._pool.connection() as connection:
            return read_head(connection)

    def edge(self) -> Edge:
        """The Merkle right edge of the log as of now, from its tiles and newest leaves."""
        with self._pool.connection() as connection:
            return read_edge(connection, read_head(connection).size)

    def root(self) -> bytes:
        """The Merkle root as of now."""
        return self.edge().root()

    def entry(self, position: int) -> Entry | None:
        """The entry at a position."""
        rows = self._rows("SELECT entry FROM ledger.entry WHERE position = %s", (position,))
        return parse(rows[0][0]) if rows else None

    def entries(self, after: int = 0, limit: int = 1000) -> list[Entry]:
        """Up to `limit` entries behind a position, in order. Nobody ever sees n+1 before n."""
        sql = "SELECT entry FROM ledger.entry WHERE position > %s ORDER BY position LIMIT %s"
        return [parse(row[0]) for row in self._rows(sql, (after, limit))]

    def find(self, *, tag: str | None = None, type: str | None = None, after: int = 0, limit: int = 200) -> list[Entry]:
        """Entries of a tag, of a type, or both, behind a position, in order."""
        source, values = _matching(tag, type)
        sql = f"SELECT entry.entry {source} AND entry.position > %s ORDER BY entry.position LIMIT %s"
        return [parse(row[0]) for row in self._rows(sql, (*values, after, limit))]

    def matching(self, alternatives: Sequence[Wanted], after: int, limit: int | None) -> list[Entry]:
        """Entries behind a position that match any alternative (`ledger.post.Wanted`), in order."""
        positions, values = matching(alternatives, after)
        sql = f"SELECT entry FROM ledger.entry WHERE position IN ({positions}) ORDER BY position LIMIT %s"  # noqa: S608
        return [parse(row[0]) for row in self._rows(sql, (*values, limit))]

    def count(self, *, tag: str | None = None, type: str | None = None) -> int:
        """How many entries `find` would give in all."""
        source, values = _matching(tag, type)
        return int(self._rows(f"SELECT count(*) {source}", values)[0][0])

    def last(self, *, tag: str | None = None, type: str | None = None) -> Entry | None:
        """The newest entry of a tag, of a type, or both."""
        source, values = _matching(tag, type)
        sql = f"SELECT entry.entry {source} ORDER BY entry.position DESC LIMIT 1"
        rows = self._rows(sql, values)
        return parse(rows[0][0]) if rows else None

    def position_of(self, source: str, id: str) -> int | None:
        """Where the event with this source and id stands."""
        sql = 'SELECT position FROM ledger.event_key WHERE source = %s COLLATE "C" AND id = %s COLLATE "C"'
        rows = self._rows(sql, (source, id))
        return int(rows[0][0]) if rows else None

    def disclosures(self, digests: Sequence[str]) -> list[Locked]:
        """The stored disclosures of some digests, unordered; nothing for one that has none."""
        return [Locked(str(row[0]), *map(bytes, row[1:])) for row in self._rows(DISCLOSED, (list(digests),))]

    def keeps_secrets(self) -> bool:
        """Whether any disclosure is stored."""
        return bool(self._rows("SELECT EXISTS (SELECT FROM ledger.disclosure)", ())[0][0])

    def manifest(self, sha256: str) -> bytes | None:
        """The manifest of an erasure by its hash; whether it has that hash is the caller's to check."""
        rows = self._rows('SELECT manifest FROM house.erasure WHERE sha256 = %s COLLATE "C"', (sha256,))
        return str(rows[0][0]).encode() if rows else None

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        try:
            with self._pool.connection() as connection:
                return connection.execute(sql.encode(), values, binary=True).fetchall()
        except psycopg.OperationalError as fault:
            raise CannotRun(f"PostgreSQL: {fault}") from fault


def read_head(connection: Connection) -> Head:
    """Size and last leaf that this connection sees."""
    row = connection.execute("SELECT position, leaf FROM ledger.entry ORDER BY position DESC LIMIT 1").fetchone()
    return Head(row[0], bytes(row[1])) if row else Head(0, NO_LEAF)


def read_edge(connection: Connection, size: int) -> Edge:
    """The Merkle right edge at `size`, from the newest leaves and the full tiles that no higher tile covers.

    Raises Broken where one of them is not there; whether they are true is `ledger.verify`'s business.
    """
    loose = size % TILE
    leaves = connection.execute(
        "SELECT leaf FROM ledger.entry WHERE position > %s AND position <= %s ORDER BY position", (size - loose, size)
    ).fetchall()
    if len(leaves) != loose:
        raise Broken(f"entries behind position {size - loose} are missing")
    tiles: dict[tuple[int, int], bytes] = {}
    for level, first in Edge.missing(size):
        rows = connection.execute("SELECT idx, hashes FROM ledger.tile WHERE level = %s AND idx >= %s", (level, first))
        found = {int(index): bytes(hashes) for index, hashes in rows.fetchall()}
        for index in range(first, size // TILE ** (level + 1)):
            if len(found.get(index, b"")) != 32 * TILE:
                raise Broken(f"tile {level}/{index} is missing or not of {TILE} hashes")
            tiles[level, index] = found[index]
    return Edge.resume(size, [bytes(row[0]) for row in leaves], tiles)


def _matching(tag: str | None, type: str | None) -> tuple[str, tuple[Any, ...]]:
    if tag is not None:
        joined = "FROM ledger.tag JOIN ledger.entry ON entry.position = tag.position"
        if type is not None:
            return f'{joined} WHERE tag.tag = %s COLLATE "C" AND entry.type = %s COLLATE "C"', (tag, type)
        return f'{joined} WHERE tag.tag = %s COLLATE "C"', (tag,)
    if type is not None:
        return 'FROM ledger.entry WHERE entry.type = %s COLLATE "C"', (type,)
    return "FROM ledger.entry WHERE true", ()
