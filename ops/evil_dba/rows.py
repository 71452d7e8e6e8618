"""Attacks on rows: one byte, a row gone, a row too many, two rows that change places; in every table and column.

The columns come from the database's own `information_schema`, so one that is added later is attacked without anybody
thinking of it. Each attack is rows taken away and rows put in their place, so it can be undone.
"""

from dataclasses import dataclass
from itertools import pairwise

import psycopg

from ledger.verification.verdict import Fault

KEYS = {
    "entry": ("position",),
    "event_key": ("source", "id"),
    "tag": ("tag", "position"),
    "tile": ("level", "idx"),
    "disclosure": ("digest",),
}

Connection = psycopg.Connection[tuple[object, ...]]
Row = dict[str, object]


@dataclass(frozen=True)
class Attack:
    """Rows taken away and rows put in their place; and what must be named: column (None: the row) and positions."""

    what: str
    table: str
    column: str | None
    positions: tuple[int, ...]
    taken: tuple[Row, ...]
    put: tuple[Row, ...]

    def right(self, faults: tuple[Fault, ...]) -> bool:
        """Table, column and position of each fault are those of the attack, and nobody innocent is named."""
        named = [(fault.table, fault.column, fault.position) for fault in faults]
        return named == [(self.table, self.column, position) for position in self.positions]


def columns(connection: Connection) -> list[tuple[str, str, str]]:
    """(table, column, type) of the whole log, as the database itself tells."""
    rows = connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'ledger'"
        " ORDER BY table_name, ordinal_position"
    ).fetchall()
    return [(str(table), str(column), str(kind)) for table, column, kind in rows]


def covered(table: str, row: Row) -> int:
    """The position a row belongs to; of a tile, the first entry below it."""
    if table == "tile":
        width: int = 256 ** (int(str(row["level"])) + 1)
        return int(str(row["idx"])) * width + 1
    return int(str(row["position"]))


def rows_of(connection: Connection, table: str, where: str) -> list[Row]:
    """The rows of a table that a condition chooses, by column name."""
    cursor = connection.execute(f"SELECT * FROM ledger.{table} WHERE {where}".encode())
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def changed(value: object, kind: str, at: int) -> object:
    """The same value with one byte changed: byte `at` of bytes and texts, a high byte of a number."""
    if kind == "bytea":
        spoiled = bytearray(bytes(value))  # type: ignore[call-overload]
        spoiled[at % len(spoiled)] ^= 1
        return bytes(spoiled)
    if kind == "text":
        text = str(value)
        place = at % len(text)
        return text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]
    return int(str(value)) ^ (1 << (20 + at))


def strangers(table: str, row: Row) -> list[Row]:
    """Rows that belong to nothing: a copy of `row` under a free key, and one made up."""
    free: dict[str, Row] = {
        "entry": {"position": 90_000_001},
        "event_key": {"id": "nobody-asked"},
        "tag": {"tag": "lot:nobody-asked"},
        "tile": {"idx": 40_000},
    }
    if table == "disclosure":
        keys: Row = {"key_id": b"k", "nonce": bytes(12), "ciphertext": b"c"}
        return [{"digest": "d", "position": 300} | keys, {"digest": "e", "position": 90_000} | keys]
    return [row | free[table]]


def swapped_positions(table: str, one: Row, other: Row) -> list[int]:
    """Where two rows that changed places are named: tiles, at the first entry below the first hash that differs."""
    return [covered(table, one), covered(table, other)]


def exchange(owner: Connection, table: str, taken: tuple[Row, ...], put: tuple[Row, ...]) -> None:
    """Take rows out of a table and put others in, in one transaction."""
    with owner.transaction():
        for row in taken:
            where = " AND ".join(f"{key} = %s" for key in KEYS[table])
            done = owner.execute(
                f"DELETE FROM ledger.{table} WHERE {where}".encode(), [row[key] for key in KEYS[table]]
            )
            assert done.rowcount == 1, f"no such row in {table}: {row}"
        for row in put:
            marks = ", ".join(["%s"] * len(row))
            owner.execute(
                f"INSERT INTO ledger.{table} ({', '.join(row)}) VALUES ({marks})".encode(), list(row.values())
            )


def byte_attacks(owner: Connection, where: dict[str, str], places: int) -> list[Attack]:
    """One changed byte in every column of every table, in the rows chosen; in bytes at `places` places."""
    attacks = []
    for table, column, kind in columns(owner):
        for row in rows_of(owner, table, where[table]):
            for at in [37 * place for place in range(places)] if kind == "bytea" else [2]:
                position = covered(table, row)
                if column == "hashes":
                    below: int = 256 ** int(str(row["level"]))
                    position += at % 8192 // 32 * below
                other = row | {column: changed(row[column], kind, at)}
                attacks.append(Attack(f"byte {at} changed", table, column, (position,), (row,), (other,)))
    return attacks


def row_attacks(owner: Connection, where: dict[str, str]) -> list[Attack]:
    """A row deleted, in each table; one put in that nothing asks for; a copy of one under another key."""
    attacks = []
    for table in KEYS:
        for row in rows_of(owner, table, where[table]):
            attacks.append(Attack("row deleted", table, None, (covered(table, row),), (row,), ()))
        for row in [*rows_of(owner, table, where[table]), {}][:1]:
            for new in strangers(table, row):
                attacks.append(Attack("row inserted", table, None, (covered(table, new),), (), (new,)))
    return attacks


def swap_attacks(owner: Connection, where: dict[str, str]) -> list[Attack]:
    """Two rows change places: every column that is no key of its table, and the numbers of entries."""
    attacks = []
    for table, column, _ in columns(owner):
        rows = rows_of(owner, table, where[table])
        for one, other in pairwise(rows):
            if one[column] == other[column] or (column in KEYS[table] and table != "entry"):
                continue
            put = (one | {column: other[column]}, other | {column: one[column]})
            positions = sorted(swapped_positions(table, one, other))
            attacks.append(Attack(f"{column} swapped", table, column, tuple(positions), (one, other), put))
    return attacks
