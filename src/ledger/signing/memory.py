"""What the signer remembers, durable before any signature leaves: one SQLite file in a folder of its own.

    state       one row: origin, clock, size, root, right edge, last leaf and `recorded`, when it last signed, refusal
    head        per tag the last ordinal and the leaf hash there; rebuilt by reading the log from the beginning
    key_change  the changes of the log's key, as read (`ledger.keychanges`)

Everything that one reading changes is written in one transaction, and only if the row still says what the reader began
with (compare-and-swap): two programs on one memory cannot both move it. `synchronous=FULL` with a write-ahead log: a
commit that returned is on the disk. The memory never moves backwards, so at each size it has held one root only.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ledger import following, keychanges
from ledger.durable import sync_folder
from ledger.entry import NO_LEAF
from ledger.errors import Broken, CannotRun
from ledger.following import Head
from ledger.proofs.succession import KeyChange
from ledger.proofs.tree import TILE, Edge, split

FILE = "memory.sqlite"

_TABLES = """
CREATE TABLE IF NOT EXISTS state (
    one INTEGER PRIMARY KEY CHECK (one = 1), origin TEXT NOT NULL, told INTEGER NOT NULL,
    size INTEGER NOT NULL, root BLOB NOT NULL, leaf BLOB NOT NULL, recorded TEXT NOT NULL, edge BLOB NOT NULL,
    signed_at TEXT NOT NULL, floor_size INTEGER NOT NULL, floor_root BLOB NOT NULL, refused TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS head (tag TEXT PRIMARY KEY, ordinal INTEGER NOT NULL, leaf TEXT NOT NULL)
STRICT, WITHOUT ROWID;
"""
_MOVE = """
UPDATE state SET origin = ?, told = ?, size = ?, root = ?, leaf = ?, recorded = ?, edge = ?,
    signed_at = ?
WHERE one = 1 AND size = ? AND root = ? AND refused IS NULL
"""
_HEAD = (
    "INSERT INTO head VALUES (?, ?, ?) ON CONFLICT (tag) DO UPDATE SET ordinal = excluded.ordinal, leaf = excluded.leaf"
)


@dataclass(frozen=True, slots=True)
class Known(following.Known):
    """The log as far as it was read. `floor`: a checkpoint signed before the memory was lost; nothing is signed below.

    `recorded` of the last entry and `signed_at`, when the end of the log was last reached and signed, are texts as
    `recorded` is written, or empty.
    """

    told: bool = False
    signed_at: str = ""
    floor: tuple[int, bytes] = (0, b"")


class Memory:
    """The signer's file. Used by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Open it. Raises CannotRun where there is none, Broken where it contradicts itself."""
        self.file = folder / FILE
        if not self.file.exists():
            raise CannotRun(f"no memory of a signer in {folder}")
        self._db = _opened(self.file)
        try:
            self._db.executescript(keychanges.TABLE)  # a memory of an earlier edition has none
        except sqlite3.Error as fault:
            raise CannotRun(f"{self.file}: {fault}") from fault
        self.known = self._read()

    @classmethod
    def create(cls, folder: Path, floor: tuple[int, bytes] = (0, b"")) -> "Memory":
        """An empty memory in a folder, which is made where it is missing (for its owner only).

        Raises CannotRun where a memory is there already: what was signed is never forgotten by mistake.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file, fresh = folder / FILE, folder / f"{FILE}.new"
        if file.exists():
            raise CannotRun(f"a signer's memory is there already: {file}")
        for old in folder.glob(f"{FILE}.new*"):
            old.unlink()  # of a program that died while it made one
        db = _opened(fresh)
        begin, edge = Known(), _packed(Edge())
        with db:
            db.executescript(_TABLES)
            values = ("", 0, 0, begin.root, NO_LEAF, "", edge, "", *floor)
            db.execute("INSERT INTO state VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)", values)
        db.close()
        fresh.rename(file)
        sync_folder(folder)
        return cls(folder)

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    @property
    def refused(self) -> str | None:
        """Why the signer signs no more; None while it does."""
        return _refusal(self._db)

    @property
    def changes(self) -> list[KeyChange]:
        """The changes of the log's key that were read, in order."""
        return keychanges.remembered(self._db)

    def heads(self, tags: Iterable[str]) -> dict[str, Head]:
        """The heads of these tags behind what is known; (0, None) for one that never occurred.

        Raises CannotRun where another program has moved this memory.
        """
        found: dict[str, Head] = {}
        try:
            self._db.execute("BEGIN")
            try:
                state = self._db.execute("SELECT size, root FROM state").fetchone()
                for tag in tags:
                    row = self._db.execute("SELECT ordinal, leaf FROM head WHERE tag = ?", (tag,)).fetchone()
                    found[tag] = (0, None) if row is None else (int(row[0]), str(row[1]))
            finally:
                self._db.execute("ROLLBACK")
        except sqlite3.Error as fault:
            raise CannotRun(f"{self.file}: {fault}") from fault
        if state != (self.known.size, self.known.root):
            self._overtaken()
        return found

    def move(self, after: Known, heads: Mapping[str, Head], changes: Iterable[KeyChange] = ()) -> None:
        """Remember what was read since `known`; on the disk when this returns.

        Raises CannotRun where another program has moved this memory, or where it cannot be written: then nothing is.
        """
        before = self.known
        values = (
            *(after.origin, int(after.told), after.size, after.root, after.leaf, after.recorded, _packed(after.edge)),
            *(after.signed_at, before.size, before.root),
        )
        self._write(_MOVE, values, [(tag, ordinal, leaf) for tag, (ordinal, leaf) in heads.items()], changes)
        self.known = after

    def refuse(self, reason: str) -> None:
        """Remember for good that nothing more is signed, and why. The first reason stays. Raises as `move`."""
        sql = "UPDATE state SET refused = coalesce(refused, ?) WHERE one = 1 AND size = ? AND root = ?"
        self._write(sql, (reason, self.known.size, self.known.root))

    def look_again(self) -> None:
        """Forget the refusal, nothing else: the log is compared with the same memory once more."""
        self._write("UPDATE state SET refused = NULL WHERE one = 1", ())

    def _write(
        self,
        sql: str,
        values: tuple[object, ...],
        heads: Sequence[tuple[str, int, str | None]] = (),
        changes: Iterable[KeyChange] = (),
    ) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                swapped = self._db.execute(sql, values).rowcount == 1
                if swapped:
                    self._db.executemany(_HEAD, heads)
                    for change in changes:
                        keychanges.remember(self._db, change)
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as fault:
            raise CannotRun(f"{self.file}: {fault}") from fault
        if not swapped:
            self._overtaken()

    def _overtaken(self) -> NoReturn:
        self.known = self._read()
        raise CannotRun(f"another program has changed this signer's memory: {self.file}")

    def _read(self) -> Known:
        try:
            row = self._db.execute(
                "SELECT origin, told, size, root, leaf, recorded, edge, signed_at, floor_size, floor_root FROM state"
            ).fetchone()
        except sqlite3.Error as fault:
            raise CannotRun(f"{self.file}: {fault}") from fault
        if row is None:
            raise Broken(f"the signer's memory is empty: {self.file}")
        origin, told, size, root, leaf, recorded, edge, signed_at, floor_size, floor_root = row
        known = Known(
            origin, size, bytes(leaf), recorded, _unpacked(size, bytes(edge)), bool(told), signed_at,
            (floor_size, bytes(floor_root)),
        )  # fmt: skip
        if known.root != bytes(root):
            raise Broken(f"the signer's memory contradicts itself: {self.file}", position=size)
        return known


def look(folder: Path) -> tuple[Known, str | None]:
    """What a signer remembers, and its refusal, without being the signer. Raises as `Memory`."""
    memory = Memory(folder)
    try:
        return memory.known, memory.refused
    finally:
        memory.close()


def _opened(file: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=10)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error as fault:
        raise CannotRun(f"{file}: {fault}") from fault
    return db


def _refusal(db: sqlite3.Connection) -> str | None:
    row = db.execute("SELECT refused FROM state").fetchone()
    return None if row is None or row[0] is None else str(row[0])


def _packed(edge: Edge) -> bytes:
    return b"".join(hash_ for row in edge.levels for hash_ in row)


def _unpacked(size: int, packed: bytes) -> Edge:
    """Level l of the edge of a log of `size` leaves holds ⌊size/256^l⌋ mod 256 hashes."""
    hashes, levels, level = split(packed), [], 0
    while size >> 8 * level:
        count = (size >> 8 * level) % TILE
        levels.append(hashes[:count])
        hashes, level = hashes[count:], level + 1
    return Edge(size, levels)
