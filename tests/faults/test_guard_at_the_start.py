"""At the start the database is compared with what was signed of it: a shorter log is only read, another one not served.

And `verify`, given the signer's folder, says how far the log is intact, or names what contradicts it.
"""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from starlette.testclient import TestClient

from api import verification
from api.app import make_app
from api.auth import make_key
from api.founding import Founding, found
from api.routes.contracts import example
from api.settings import Settings
from ledger import guard
from ledger.contracts import Contracts
from ledger.post import Post
from ledger.signer import Signer
from ledger.store.connect import connect
from ledger.store.postgres import Log
from ledger.verify import Kind, State, verify
from ledger.writer import Writer

ORG = "12140300MA0TT001XR"
Posting = Callable[..., Post]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "signer"


@pytest.fixture
def signed(dsn: str, contracts: Contracts, post: Posting, folder: Path) -> str:
    """A founded ledger, signed after its editions, after ten and after twenty more entries; gives the dsn."""
    found(dsn, contracts, Founding("test.example/log", "140300", ORG))
    with Signer(folder) as signer, connect(dsn, "signer") as connection, Writer(dsn) as writer:
        signer.step(connection)
        for first in (0, 10):
            writer.append([post(f"e{n}") for n in range(first, first + 10)])
            signer.step(connection)
    return dsn


def size(dsn: str) -> int:
    with Log(dsn) as log:
        return log.head().size


def cut(dsn: str, behind: int) -> None:
    """Take the newest entries out with all their traces, as an older backup would be."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        for table in ("entry", "tag", "event_key"):
            owner.execute(f"DELETE FROM ledger.{table} WHERE position > {behind}".encode())


def demand(dsn: str, folder: Path | None) -> None:
    with Log(dsn) as log:
        guard.demand_signed_log(log, folder)


def test_the_log_that_was_signed_is_served_also_when_it_has_grown(signed: str, folder: Path, post: Posting) -> None:
    demand(signed, folder)
    with Writer(signed) as writer:
        writer.append([post("unsigned yet")])
    demand(signed, folder)
    demand(signed, None)


@pytest.mark.parametrize("knows", ["signer", "published checkpoint"])
def test_a_shorter_log_is_only_read_and_the_lost_range_is_named(
    signed: str, folder: Path, contracts: Contracts, knows: str
) -> None:
    full = size(signed)
    cut(signed, full - 7)
    if knows == "signer":
        with psycopg.connect(signed, autocommit=True) as owner:
            owner.execute("DELETE FROM house.checkpoint WHERE size > %s", (full - 7,))
    settings = Settings(console=False, signer=folder if knows == "signer" else None)
    with psycopg.connect(signed, autocommit=True) as owner:
        key = make_key(owner, org=ORG, organ="PTC", name="tests").text
    contract = contracts.get("trading.bid-opened.v1")
    assert contract is not None
    event = (example(contract) or {}) | {"id": "new", "source": "urn:example:ptc"}
    with TestClient(make_app(signed, settings)) as client:
        answer = client.post("/v1/events", json=event, headers={"Authorization": f"Bearer {key}"})
        assert (answer.status_code, size(signed)) == (503, full - 7)
        assert f"{full - 6}–{full}" in answer.json()["detail"]
        assert knows in answer.json()["detail"]
        assert client.get("/v1/events/3").status_code == 200
        assert client.get("/readyz").status_code == 503
        assert any(f"{full - 6}–{full}" in alarm for alarm in client.get("/v1/status").json()["alarms"])


def rewrite(dsn: str, position: int) -> None:
    """Put another leaf there: with tiles not yet full that changes every root from there on."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(
            "UPDATE ledger.entry SET leaf = set_byte(leaf, 0, 255 - get_byte(leaf, 0)) WHERE position = %s", (position,)
        )


def test_another_log_is_not_served_and_the_first_difference_is_bounded(signed: str, folder: Path) -> None:
    full = size(signed)
    rewrite(signed, full - 5)
    with pytest.raises(guard.AnotherLog, match=f"{full - 9} to {full}"):
        demand(signed, folder)
    with pytest.raises(guard.AnotherLog):
        make_started(signed, Settings(console=False, signer=folder))


def make_started(dsn: str, settings: Settings) -> None:
    with TestClient(make_app(dsn, settings)):
        pytest.fail("it started")


def test_verify_says_how_far_the_log_is_intact_and_with_what_it_was_compared(signed: str, folder: Path) -> None:
    full = size(signed)
    assert verify(signed).sentence_en == "consistent; nothing outside the database was compared"
    done = verification.run(signed, log_only=True, signer=folder)
    assert (done.ok, done.verdict) == (True, "intact")
    assert done.log.sentence_en == f"intact up to {full} (compared with signer, published checkpoint)" or (
        done.log.sentence_en == f"intact up to {full} (compared with published checkpoint, signer)"
    )
    assert done.log.sentence_zh.startswith(f"完整，至第 {full} 条")


def test_verify_names_what_was_cut_off_with_all_its_traces(signed: str, folder: Path) -> None:
    full = size(signed)
    cut(signed, full - 4)
    assert verify(signed).ok, "inside the database nothing tells"
    with Log(signed) as log:
        records, _ = guard.outside_records(log, folder)
    verdict = verify(signed, outside=records)
    assert (verdict.state, verdict.faults[0].kind, verdict.faults[0].position) == (State.BROKEN, Kind.DELETED, full - 3)


def test_verify_bounds_a_rewritten_history_from_both_sides(signed: str) -> None:
    full = size(signed)
    with Log(signed) as log:
        root = log.root()
    records = [("old receipt", full, root), ("liar", full - 10, bytes(32))]
    verdict = verify(signed, outside=records)
    assert [(fault.kind, fault.position) for fault in verdict.faults] == [(Kind.CONTRADICTED, 1)]
    assert "liar" in verdict.faults[0].en
    assert verify(signed, outside=records[:1]).state is State.INTACT


def test_a_forged_checkpoint_in_the_table_is_found_by_verify(signed: str, folder: Path) -> None:
    with psycopg.connect(signed, autocommit=True) as owner:
        owner.execute(
            "UPDATE house.checkpoint SET note = replace(note, 'test.example/log' || chr(10), 'other' || chr(10))"
        )
    done = verification.run(signed, log_only=True, signer=folder)
    assert (done.ok, done.verdict) == (False, "checkpoint-forged")
