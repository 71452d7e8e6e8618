"""Whoever owns the database may change what he likes: `verify` names table, column and position of it.

Every attack is run on a copy of an honest log. The columns are taken from the database's own `information_schema`, so
a column added later is attacked without anybody thinking of it. A table of all attacks is printed at the end of each
test; one wrong line fails it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import psycopg
import pytest

from evil_dba.rows import KEYS, Attack, byte_attacks, columns, exchange, row_attacks, rows_of, swap_attacks
from ledger import clock, genesis
from ledger.contracts import Contracts
from ledger.post import Post
from ledger.secrecy import Secret, Secrets, commit
from ledger.store import embedded
from ledger.store.migrate import migrate
from ledger.vault import Vault
from ledger.verify import verify
from ledger.writer import Writer

BEGINNING = clock.parse("2026-01-01T00:00:00Z")
ORGAN = "11140300MA0TT020X7"
SMALL, LARGE = 600, 70_000
HIDES = Secrets((Secret("phone", "personal"), Secret("account", "personal")))
_names = count(1)


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
