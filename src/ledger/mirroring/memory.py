"""What a mirror remembers, in one SQLite file beside its tiles: how far it has read, and the head of every tag.

    state       one row: origin, size, right edge, last leaf and `recorded`; the newest checkpoint read to its end;
                when the log last grew; what is wrong
    head        per tag the last ordinal and the leaf hash there
    key_change  the changes of the log's key (`ledger.keychanges`)

What one reading changes is one transaction, after its tiles are on the disk. The memory never moves backwards. It is
rebuilt by reading the log, or one's own tiles, from the beginning.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ledger import keychanges
from ledger.errors import CannotRun
from ledger.following import Head, Known
from ledger.proofs.succession import KeyChange
from ledger.proofs.tree import Edge, split

FILE = "mirror.sqlite"
MANY = 500
"""Tags asked for in one statement."""

_TABLES = """
CREATE TABLE IF NOT EXISTS state (
    one INTEGER PRIMARY KEY CHECK (one = 1), origin TEXT NOT NULL, size INTEGER NOT NULL, leaf BLOB NOT NULL,
    recorded TEXT NOT NULL, edge BLOB NOT NULL, note TEXT NOT NULL, since TEXT NOT NULL, alarm TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS head (tag TEXT PRIMARY KEY, ordinal INTEGER NOT NULL, leaf TEXT NOT NULL)
STRICT, WITHOUT ROWID;
"""
_STATE = "SELECT origin, size, leaf, recorded, edge FROM state"
_WATCH = "SELECT note, since, alarm FROM state"
_BEGIN = "INSERT INTO state VALUES (1, ?, ?, ?, ?, ?, '', ?, '')"
_MOVE = "UPDATE state SET size = ?, leaf = ?, recorded = ?, edge = ? WHERE size = ?"
_NOTE = "UPDATE state SET note = ?, since = ?"
_ALARM = "UPDATE state SET alarm = ?"
_HEAD = (
    "INSERT INTO head VALUES (?, ?, ?) ON CONFLICT (tag) DO UPDATE SET ordinal = excluded.ordinal, leaf = excluded.leaf"
)


@dataclass(frozen=True, slots=True)
class Watched:
    """The newest checkpoint read to its end (empty before the first), since when the log has that size, the alarm."""

    note: str
    since: str
    alarm: str


class Memory:
    """One mirror's memory; used by one thread. `since`: the present moment, where the memory is new."""

    def __init__(self, folder: Path, origin: str, since: str) -> None:
        self._db = sqlite3.connect(folder / FILE, isolation_level=None, timeout=10)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_TABLES + keychanges.TABLE)
        if self._db.execute(_STATE).fetchone() is None:
            new = Known(origin)
            self._db.execute(_BEGIN, (origin, 0, new.leaf, "", b"", since))
        if (kept := self.known().origin) != origin:
            self.close()
            raise CannotRun(f"{folder}: 这是 {kept} 的镜像 · this is a mirror of {kept}")

    @classmethod
    def standing(cls, folder: Path) -> "Memory | None":
        """The memory that stands in a folder; None where there is none."""
        if not (folder / FILE).exists():
            return None
        with closing(sqlite3.connect(folder / FILE, timeout=10)) as db:
            (origin,) = db.execute("SELECT origin FROM state").fetchone()
        return cls(folder, origin, "")

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    def known(self) -> Known:
        """How far the log was read."""
        origin, size, leaf, recorded, edge = self._db.execute(_STATE).fetchone()
        return Known(origin, size, leaf, recorded, _edge(size, edge))

    def changes(self) -> list[KeyChange]:
        """The changes of the log's key, in order."""
        return keychanges.remembered(self._db)

    def learn(self, change: KeyChange) -> None:
        """A change that was proved by its receipt, before its entry was read."""
        keychanges.remember(self._db, change)

    def watched(self) -> Watched:
        """What was seen of the log as a whole."""
        return Watched(*self._db.execute(_WATCH).fetchone())

    def heads(self, tags: Iterable[str]) -> dict[str, Head]:
        """The heads of these tags, where they ever occurred."""
        found: dict[str, Head] = {}
        wanted = sorted(tags)
        for at in range(0, len(wanted), MANY):
            some = wanted[at : at + MANY]
            marks = ",".join("?" * len(some))
            rows = self._db.execute(f"SELECT tag, ordinal, leaf FROM head WHERE tag IN ({marks})", some)  # noqa: S608
            found.update({tag: (ordinal, leaf) for tag, ordinal, leaf in rows})
        return found

    def all_heads(self) -> Iterator[tuple[str, int, str]]:
        """Every tag's head, in byte order."""
        yield from self._db.execute("SELECT tag, ordinal, leaf FROM head ORDER BY tag")

    def move(self, before: int, known: Known, moved: Mapping[str, Head], changes: Iterable[KeyChange] = ()) -> None:
        """Remember what was read behind `before`. Raises CannotRun where another program has moved it meanwhile."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            row = (known.size, known.leaf, known.recorded, _packed(known.edge), before)
            if self._db.execute(_MOVE, row).rowcount != 1:
                raise CannotRun("另一个程序正在写这份镜像 · another program is writing this mirror")
            self._db.executemany(_HEAD, [(tag, ordinal, leaf) for tag, (ordinal, leaf) in moved.items()])
            for change in changes:
                keychanges.remember(self._db, change)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def saw(self, note: str, since: str) -> None:
        """A checkpoint was read to its end."""
        self._db.execute(_NOTE, (note, since))

    def alarm(self, what: str) -> None:
        """What is wrong with the log, or nothing."""
        self._db.execute(_ALARM, (what,))


def _packed(edge: Edge) -> bytes:
    return b"".join(b"".join(row) for row in edge.levels)


def _edge(size: int, packed: bytes) -> Edge:
    """The edge of a log of `size`: how many hashes each level has, the size tells."""
    hashes, levels, level = split(packed), list[list[bytes]](), 0
    while size >> 8 * level:
        count = (size >> 8 * level) & 255
        levels.append(hashes[:count])
        hashes, level = hashes[count:], level + 1
    return Edge(size, levels)
