"""Whoever owns the database may change what he likes: `verify` names table, column and position of it.

Every attack is run on a copy of an honest log. The columns are taken from the database's own `information_schema`, so
a column added later is attacked without anybody thinking of it. A table of all attacks is printed at the end of each
test; one wrong line fails it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, pairwise
from pathlib import Path

import psycopg
import pytest

from ledger import clock, genesis
from ledger.contracts import Contracts
from ledger.post import Post
from ledger.secrecy import Secret, Secrets, commit
from ledger.store import embedded
from ledger.store.migrate import migrate
from ledger.vault import Vault
from ledger.verify import Fault, verify
from ledger.writer import Writer

BEGINNING = clock.parse("2026-01-01T00:00:00Z")
ORGAN = "11140300MA0TT020X7"
SMALL, LARGE = 600, 70_000
HIDES = Secrets((Secret("phone", "personal"), Secret("account", "personal")))
KEYS = {
    "entry": ("position",),
    "event_key": ("source", "id"),
    "tag": ("tag", "position"),
    "tile": ("level", "idx"),
    "disclosure": ("digest",),
}

Connection = psycopg.Connection[tuple[object, ...]]
Row = dict[str, object]
_names = count(1)


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


@dataclass(frozen=True)
class Held:
    """An honest log, and the vault of what it hides."""

    dsn: str
    vault: Vault


def post(number: int, total: int) -> Post:
    """An invented event with four tags; some tags are rare, some are on every entry. A hundredth hides two values."""
    lot, project = f"lot:L{number // 5}", f"P{number // 50}"
    event = {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "urn:example:ptc",
        "type": "test.bid-opened.v1" if number % 3 else "test.notice-published.v1",
        "subject": lot,
        "time": "2026-01-01T08:00:00+08:00",
        "project": project,
        "data": {"number": number, "of": total, "text": "开标记录"},
    }
    tags = (lot, f"party:{number % 97}", f"project:{project}", "source:urn:example:ptc")
    taken = commit(event, HIDES if number % 100 == 0 else None)
    recorded = BEGINNING + timedelta(seconds=number // 7)
    poster = {"org": ORGAN, "via": "system:writer"}
    return Post.of(taken.event, tags=tags, poster=poster, recorded=recorded, disclosures=taken.disclosures)


@contextmanager
def log(server: embedded.Server, contracts: Contracts, size: int, folder: Path) -> Iterator[Held]:
    """A database with an honest log of `size` entries."""
    name = f"verify{next(_names)}"
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    dsn = server.database(name)
    migrate(dsn)
    vault = Vault.make(folder, "ab" * 32)
    with Writer(dsn, vault=vault) as writer:
        genesis.create(
            writer, contracts, origin="simulated.test.example/log", region="140300", organ=ORGAN, told=BEGINNING
        )
        for start in range(2, size + 1, 1000):
            writer.append([post(number, size) for number in range(start, min(start + 1000, size + 1))])
    yield Held(dsn, vault)
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="module")
def small(server: embedded.Server, contracts: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with log(server, contracts, SMALL, tmp_path_factory.mktemp("vault") / "v") as held:
        yield held


@pytest.fixture(scope="module")
def large(server: embedded.Server, contracts: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with log(server, contracts, LARGE, tmp_path_factory.mktemp("vault") / "v") as held:
        yield held


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


def tell(line: str) -> None:
    print(line)  # noqa: T201  (the table of attacks is what this test is read for: pytest -s)


def run(held: Held, attacks: list[Attack]) -> list[str]:
    """Try each attack and undo it; prints a line for each, returns those that were named wrongly."""
    wrong = []
    tell("")
    with psycopg.connect(held.dsn, autocommit=True) as owner:
        for attack in attacks:
            exchange(owner, attack.table, attack.taken, attack.put)
            verdict = verify(held.dsn, vault=held.vault)
            exchange(owner, attack.table, attack.put, attack.taken)
            named = [f"{fault.place}@{fault.position} {fault.kind.value[1]}" for fault in verdict.faults[:3]]
            right = not verdict.ok and attack.right(verdict.faults)
            line = f"{attack.what:28} {attack.table}.{attack.column or '*'} @{attack.positions}"
            line = f"{'right' if right else 'WRONG'}  {line} → {'; '.join(named) or verdict.sentence_en}"
            tell(line)
            if not right:
                wrong.append(line)
    tell(f"{len(attacks)} attacks, {len(wrong)} wrong")
    return wrong


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


CHOSEN = {
    "entry": "position IN (1, 2, 255, 256, 257, 512, 599, 600) ORDER BY position",
    "event_key": "position IN (1, 300, 599, 600) ORDER BY position",
    "tag": "position IN (1, 300, 600) ORDER BY position, tag",
    "tile": "true ORDER BY level, idx",
    "disclosure": "position IN (100, 300, 600) ORDER BY position, digest",
}
FEW = {
    "entry": "position = 65537",
    "event_key": "position = 65536",
    "tag": "position = 70000 AND tag LIKE 'lot:%'",
    "tile": "level = 1 OR idx = 256 ORDER BY level DESC",
    "disclosure": "position = 70000",
}
TWO = {
    "entry": "position IN (65536, 69999) ORDER BY position",
    "event_key": "position IN (300, 65536) ORDER BY position",
    "tag": "position IN (69999, 70000) AND tag LIKE 'lot:%' ORDER BY position",
    "tile": "level = 1 OR idx = 256 ORDER BY level DESC",
    "disclosure": "position IN (300, 70000) ORDER BY position, digest",
}


@pytest.mark.fault
@pytest.mark.slow
def test_one_changed_byte_in_every_column_is_named(small: Held) -> None:
    with psycopg.connect(small.dsn, autocommit=True) as owner:
        attacks = byte_attacks(owner, CHOSEN, 6)
        everything = {(table, column) for table, column, _ in columns(owner)}
    assert everything == {(attack.table, attack.column) for attack in attacks}
    assert run(small, attacks) == []


@pytest.mark.fault
@pytest.mark.slow
def test_rows_deleted_inserted_and_swapped_are_named(small: Held) -> None:
    with psycopg.connect(small.dsn, autocommit=True) as owner:
        attacks = row_attacks(owner, CHOSEN) + swap_attacks(owner, CHOSEN)
    assert {attack.table for attack in attacks} == set(KEYS)
    assert run(small, attacks) == []


@pytest.mark.fault
@pytest.mark.slow
def test_the_same_on_a_log_with_a_tile_of_level_one(large: Held) -> None:
    with psycopg.connect(large.dsn, autocommit=True) as owner:
        assert len(rows_of(owner, "tile", "level = 1")) == 1
        attacks = byte_attacks(owner, FEW, 1) + row_attacks(owner, FEW) + swap_attacks(owner, TWO)
    assert run(large, attacks) == []
