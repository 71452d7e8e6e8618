"""The signer follows the log and stands for what it has read; it refuses whatever the owner of the database changes.

The tables are changed as their owner would; then the signer looks. It must say one clear reason, stay refused after a
restart, and publish nothing.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import psycopg
import pytest

from ledger import clock
from ledger.entry import parse, seal
from ledger.errors import CannotRun, WillNotSign
from ledger.post import Post, Tick
from ledger.proofs.checkpoint import verify
from ledger.proofs.taghead import NEVER
from ledger.proofs.taghead import verify as verify_head
from ledger.proofs.tree import Edge, leaf_hash
from ledger.signer import Signer
from ledger.signing import keyfile, memory
from ledger.store import checkpoints
from ledger.store.connect import connect
from ledger.store.postgres import Log
from ledger.writer import Writer

Posting = Callable[..., Post]


@pytest.fixture
def filled(ledger: str, post: Posting) -> str:
    """A ledger of eleven entries; gives the dsn."""
    with Writer(ledger) as writer:
        writer.append([post(f"e{n}", f"lot:{n % 3}") for n in range(10)])
    return ledger


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "signer"


@pytest.fixture
def signer(filled: str, folder: Path) -> Iterator[Signer]:
    """A signer that has read all of it."""
    with Signer(folder) as signing:
        look(signing, filled)
        yield signing


def look(signer: Signer, dsn: str) -> str | None:
    with connect(dsn, "signer") as connection:
        return signer.step(connection)


def refusal(signer: Signer, dsn: str) -> str:
    """Why it refuses; checks that it stays refused, also in a new process, and published nothing meanwhile."""
    with Log(dsn) as log:
        before = checkpoints.newest(log)
        with pytest.raises(WillNotSign) as refused:
            look(signer, dsn)
        with Signer(signer.folder) as again:
            with pytest.raises(WillNotSign, match="refuses"):
                look(again, dsn)
            with pytest.raises(WillNotSign):
                again.head("lot:1")
        assert checkpoints.newest(log) == before
    assert signer.memory.refused is not None
    return str(refused.value)


def owner(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as db:
        for statement in statements:
            db.execute(statement.encode())


def append_raw(dsn: str, **changes: object) -> None:
    """Put one more entry into the table, sound but for `changes` of its members."""
    with Log(dsn) as log:
        head = log.head()
    raw, _ = seal(
        b'{"id":"x","source":"urn:x","specversion":"1.0","type":"test.happened.v1"}',
        position=head.size + 1,
        links={"lot:new": (1, None)},
        poster={},
        prev=head.leaf,
        recorded=clock.stamp(clock.now()),
    )
    raw = orjson.dumps(orjson.loads(raw) | changes, option=orjson.OPT_SORT_KEYS)
    insert(dsn, raw)


def insert(dsn: str, raw: bytes) -> None:
    with psycopg.connect(dsn, autocommit=True) as db:
        row = db.execute("SELECT max(position) + 1 FROM ledger.entry").fetchone()
        assert row is not None
        db.execute("INSERT INTO ledger.entry VALUES (%s, 'test.happened.v1', %s, %s)", (row[0], leaf_hash(raw), raw))


def rechain(dsn: str, first: int) -> None:
    """Change the entry at `first` and seal everything behind it again: the perfect forgery inside the database."""
    with psycopg.connect(dsn) as db:
        rows = [bytes(row[0]) for row in db.execute("SELECT entry FROM ledger.entry ORDER BY position")]
        heads: dict[str, tuple[int, str | None]] = {}
        prev = bytes(32)
        for raw in rows:
            entry = parse(raw)
            changed = raw
            if entry.position >= first:
                event = entry.event | ({"data": {"text": "forged"}} if entry.position == first else {})
                links = {tag: (heads.get(tag, (0, None))[0] + 1, heads.get(tag, (0, None))[1]) for tag in entry.tags}
                changed, _ = seal(
                    orjson.dumps(event, option=orjson.OPT_SORT_KEYS), position=entry.position, links=links,
                    poster=entry.poster, prev=prev, recorded=entry.recorded,
                )  # fmt: skip
            prev = leaf_hash(changed)
            heads |= {tag: (link[0], prev.hex()) for tag, link in entry.links.items()}
            db.execute(
                "UPDATE ledger.entry SET entry = %s, leaf = %s WHERE position = %s", (changed, prev, entry.position)
            )


def test_it_signs_the_root_that_it_has_computed_itself(signer: Signer, filled: str) -> None:
    with Log(filled) as log:
        note = checkpoints.newest(log)
        leaves = [entry.leaf for entry in log.entries()]
    assert note is not None
    signed = verify(note, [signer.keys.log.vkey])
    assert (signed.checkpoint.origin, signed.checkpoint.size) == ("test.example/log", 11)
    assert signed.checkpoint.root == Edge.over(leaves).root()


def test_it_reads_no_column_but_position_and_bytes(signer: Signer, filled: str, post: Posting) -> None:
    """Leaf hashes and tag rows may say what they want: nothing is taken from them."""
    with Writer(filled) as writer:
        writer.append([post("more", "lot:1")])
    owner(filled, "UPDATE ledger.entry SET leaf = 'x'", "DELETE FROM ledger.tag", "DELETE FROM ledger.tile")
    note = look(signer, filled)
    assert note is not None
    assert verify(note, [signer.keys.log.vkey]).checkpoint.size == 12
    head, _ = verify_head(signer.head("lot:1"), [signer.keys.heads.vkey])
    assert (head.size, head.ordinal) == (12, 4)


def test_a_statement_says_where_a_tags_history_ends_or_that_it_never_began(signer: Signer, filled: str) -> None:
    with Log(filled) as log:
        last = log.find(tag="lot:1")[-1]
    head, good = verify_head(signer.head("lot:1"), [signer.keys.heads.vkey])
    assert (head.ordinal, head.leaf, head.size) == (3, last.leaf, 11)
    assert good[0].key.name == "test.example/log/heads"
    never, _ = verify_head(signer.head("lot:none"), [signer.keys.heads.vkey])
    assert (never.ordinal, never.leaf) == (0, NEVER)


def test_entries_cut_off_are_named(signer: Signer, filled: str) -> None:
    owner(filled, "DELETE FROM ledger.entry WHERE position > 8")
    assert "entries 9 to 11 were read before and are gone" in refusal(signer, filled)


def test_a_rollback_that_was_written_on_is_refused(signer: Signer, filled: str, post: Posting) -> None:
    """An old backup is restored and the log goes on: longer than before, and another one."""
    owner(
        filled,
        *(f"DELETE FROM ledger.{table} WHERE position > 8" for table in ("entry", "tag", "event_key")),
    )
    with Writer(filled) as writer:
        writer.append([post(f"other{n}") for n in range(6)])
    assert "#11" in refusal(signer, filled) or "another entry stands there" in str(signer.memory.refused)


@pytest.mark.parametrize("first", [2, 7, 11])
def test_a_log_rewritten_and_chained_again_is_refused(signer: Signer, filled: str, first: int) -> None:
    rechain(filled, first)
    assert "another entry stands there" in refusal(signer, filled)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"links": {"lot:1": [3, "00" * 32]}}, "the link of lot:1"),
        ({"links": {"lot:1": [5, None]}}, "the link of lot:1"),
        ({"links": {"lot:brandnew": [2, "00" * 32]}}, "the link of lot:brandnew"),
        ({"position": 99}, "position 99 stands in its place"),
        ({"prev": "00" * 32}, "prev is not"),
        ({"recorded": "2020-01-01T00:00:00.000000Z"}, "before the last"),
        ({"recorded": "soon"}, "not of the form"),
        ({"event": {"id": "1", "source": "s", "type": "ledger.created.v1"}}, "ledger.created"),
        ({"extra": 1}, "not of the form"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_reason(
    signer: Signer, filled: str, changes: dict[str, object], reason: str
) -> None:
    append_raw(filled, **changes)
    assert reason in refusal(signer, filled)
    assert signer.memory.known.size == 11


def test_an_entry_far_ahead_of_the_signers_clock_is_refused(signer: Signer, filled: str) -> None:
    append_raw(filled, recorded=clock.stamp(clock.now() + timedelta(seconds=11)))
    assert "ahead of the signer's clock" in refusal(signer, filled)
    owner(filled, "DELETE FROM ledger.entry WHERE position = 12")
    append_raw(filled, recorded=clock.stamp(clock.now() + timedelta(seconds=8)))
    signer.memory.look_again()
    assert look(signer, filled) is not None, "within ten seconds clocks may differ"


def test_an_entry_dated_back_behind_a_checkpoint_is_refused(ledger: str, folder: Path, post: Posting) -> None:
    """`recorded` may stand still, but not for minutes after something was signed."""
    with Signer(folder) as signer:
        look(signer, ledger)
        with Log(ledger) as log:
            created = log.entry(1)
        assert created is not None
        later = clock.stamp(clock.parse(created.recorded) + timedelta(minutes=5))
        with sqlite3.connect(folder / memory.FILE) as db:
            db.execute("UPDATE state SET signed_at = ?", (later,))
        db.close()
        with Signer(folder) as restarted:
            append_raw(ledger)
            assert "long before the checkpoint" in refusal(restarted, ledger)


def test_on_a_told_clock_moments_are_only_in_order(told_ledger: str, folder: Path, post: Posting) -> None:
    with Writer(told_ledger) as writer:
        writer.append([post("far", recorded=clock.parse("2099-01-01T00:00:00Z"))])
    with Signer(folder) as signer:
        assert look(signer, told_ledger) is not None


def test_a_refusal_ends_only_by_looking_again_at_a_mended_log(signer: Signer, filled: str) -> None:
    with Log(filled) as log:
        last = log.entry(11)
    assert last is not None
    owner(filled, "DELETE FROM ledger.entry WHERE position = 11")
    refusal(signer, filled)
    signer.memory.look_again()
    refusal(signer, filled)
    insert(filled, last.raw)
    signer.memory.look_again()
    assert look(signer, filled) is not None


def test_a_checkpoint_put_there_beforehand_is_found(signer: Signer, filled: str, post: Posting) -> None:
    forged = "test.example/log\n12\n" + "A" * 43 + "=\n\n— test.example/log AAAAAAAA\n"
    with psycopg.connect(filled, autocommit=True) as db:
        db.execute("INSERT INTO house.checkpoint VALUES (12, %s, %s)", (forged, clock.now()))
    with Writer(filled) as writer:
        writer.append([post("twelfth")])
    with pytest.raises(WillNotSign, match="another checkpoint"):
        look(signer, filled)


def test_a_key_without_its_memory_signs_nothing(signer: Signer, filled: str, folder: Path, post: Posting) -> None:
    """A signer that forgot could contradict itself; it begins again only from a checkpoint it signed."""
    note = look(signer, filled)
    assert note is not None
    signer.close()
    for file in folder.glob(f"{memory.FILE}*"):
        file.unlink()
    with pytest.raises(CannotRun, match="--recover"):
        Signer(folder)
    with Signer.recover(folder, note) as again:
        assert look(again, filled) == note


def test_a_recovered_signer_refuses_a_log_with_another_history(signer: Signer, filled: str, folder: Path) -> None:
    note = look(signer, filled)
    assert note is not None
    for file in folder.glob(f"{memory.FILE}*"):
        file.unlink()
    rechain(filled, 4)
    with Signer.recover(folder, note) as again:
        assert "another root was signed" in refusal(again, filled)
    shutil.rmtree(folder)


def test_a_recovered_signer_signs_nothing_below_what_it_signed(signer: Signer, filled: str, folder: Path) -> None:
    note = look(signer, filled)
    assert note is not None
    for file in folder.glob(f"{memory.FILE}*"):
        file.unlink()
    owner(filled, "DELETE FROM ledger.entry WHERE position > 6")
    with Signer.recover(folder, note) as again:
        assert "11 were signed" in refusal(again, filled)


def test_two_programs_on_one_memory_cannot_both_move_it(signer: Signer, filled: str, post: Posting) -> None:
    with Signer(signer.folder) as other, Writer(filled) as writer:
        writer.append([post("one")])
        look(other, filled)
        with pytest.raises(CannotRun, match="another program"):
            look(signer, filled)
        assert look(signer, filled) == look(other, filled)


def test_keys_are_for_their_owner_alone_and_are_never_made_twice(signer: Signer, folder: Path) -> None:
    for name in (keyfile.LOG, keyfile.HEADS):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
        with pytest.raises(CannotRun, match="already"):
            keyfile.write(folder / name, keyfile.read(folder / name))
    assert sorted(path.name for path in folder.glob("*.new")) == []
    (folder / keyfile.LOG).chmod(0o640)
    with pytest.raises(CannotRun, match="others may read it"):
        keyfile.load(folder, "test.example/log")


def test_a_tick_carries_the_last_checkpoint_and_none_before_the_first(ledger: str, folder: Path) -> None:
    with Writer(ledger) as writer, Signer(folder) as signer, Log(ledger) as log:
        before, *_ = writer.append([Tick("on-demand")])
        note = look(signer, ledger)
        after, *_ = writer.append([Tick("on-demand")])
        ticks = [log.entry(receipt.position) for receipt in (before, after)]
    assert [tick and tick.data.get("note") for tick in ticks] == [None, note]


def test_the_signers_role_reads_entries_and_tiles_and_writes_no_row_of_the_log(ledger: str) -> None:
    with psycopg.connect(ledger) as owner:
        granted = owner.execute(
            "SELECT table_schema || '.' || table_name || ' ' || privilege_type "
            "FROM information_schema.table_privileges WHERE grantee = 'signer'"
        ).fetchall()
    assert {row[0] for row in granted} == {
        "ledger.entry SELECT", "ledger.tile SELECT", "house.checkpoint SELECT", "house.checkpoint INSERT",
        "house.witness SELECT", "house.witness INSERT", "house.witness UPDATE", "house.witness DELETE",
    }  # fmt: skip
