"""A signer with a policy: what it publishes is cosigned, and a witness that fails is named while posts go on.

The witnesses are real programs on real ports. One is stopped in its tracks, so that it hangs; then it is killed.
"""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest

from api import outside, verification
from api.published import Checkpoints
from api.signing import signer_alarms
from api.status import status
from api.two_witnesses import two_witnesses
from ledger.errors import CannotRun
from ledger.post import Post, Tick
from ledger.proofs.failures import QuorumMissed
from ledger.proofs.keys import COSIGNATURE, PrivateKey
from ledger.proofs.note import Note
from ledger.proofs.policy import Policy
from ledger.proofs.receipt import Receipt, check
from ledger.signer import Signer
from ledger.signing.witnessing import Witnessing
from ledger.store import checkpoints, witnesses
from ledger.store.connect import connect
from ledger.store.postgres import Log
from ledger.writer import Writer

PATIENCE = 60
Posting = Callable[..., Post]

pytestmark = pytest.mark.slow


@pytest.fixture
def post() -> Posting:
    """`post(id)`: a small post."""

    def make(id: str) -> Post:
        event = {"specversion": "1.0", "id": id, "source": "urn:example:ptc", "type": "test.happened.v1"}
        return Post.of(event, tags=("lot:1",), poster={"org": "12140300MA0TT030XR", "via": "key:test"})

    return make


def look(signer: Signer, dsn: str) -> str | None:
    with connect(dsn, "signer") as connection:
        return signer.step(connection)


def process(memory: Path) -> int:
    """The witness with this memory."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"witness" in command and str(memory).encode() in command:
                return int(entry.name)
    raise LookupError(f"no witness with {memory}")


def told(dsn: str) -> dict[str, str]:
    with Log(dsn, connections=1) as log:
        return {one.state.name: one.state.state for one in witnesses.told(log)}


def test_what_the_signer_publishes_is_cosigned_and_a_witness_that_fails_is_named(
    ledger: str, tmp_path: Path, post: Posting
) -> None:
    with two_witnesses(ledger, tmp_path) as file, Writer(ledger) as writer, Log(ledger) as log:
        lenient = Policy.parse(file.read_bytes())
        strict = Policy.parse(file.read_text().replace("group either 1", "group either 2"))
        asking = Witnessing(ledger, lenient, wait=10, more=10)
        with Signer(tmp_path / "signer", asking) as signer:
            assert checkpoints.newest(log) is None, "nothing was published before witnesses could cosign it"
            note = look(signer, ledger)
            assert note is not None
            assert strict.verify(note).checkpoint.size == log.head().size
            assert checkpoints.newest(log) == note
            assert told(ledger) == {"audit": "ok", "discipline": "ok"}

            tick, *_ = writer.append([Tick("on-demand")])
            entry = log.entry(tick.position)
            assert entry is not None
            assert entry.data["note"] == note, "the log itself keeps who has cosigned it"
            note = look(signer, ledger)
            assert note is not None
            receipt = made(log, tmp_path / "signer", strict, tick.position)
            assert check(receipt, strict).position == tick.position
            compared(ledger, tmp_path, note, receipt, strict)
            alone = Note.parse(note)
            stripped = receipt.text.replace(note, Note(alone.text, alone.signatures[:2]).full)
            check(Receipt.parse(stripped), lenient)
            with pytest.raises(QuorumMissed):
                check(Receipt.parse(stripped), strict)

            hanging = process(tmp_path / "witnesses" / "audit")
            os.kill(hanging, signal.SIGSTOP)
            try:
                asking.close()
                quick = Witnessing(ledger, lenient, wait=10, more=0.1)
                signer.cosign = quick
                writer.append([post("while it hangs")])
                until(lambda: look(signer, ledger) is not None and told(ledger)["discipline"] == "ok", "no checkpoint")
                assert log.head().size == covered(log)
                assert told(ledger)["audit"] == "slow"
                alarms = signer_alarms(log, tmp_path / "signer", None, told=False)
                assert [("witness audit is slow since" in one) for one in alarms] == [True]
                shown = status(log, alarms)["witnesses"]
                assert [one["name"] for one in shown] == ["audit", "discipline"]
                assert shown[0]["since"] in alarms[0]
            finally:
                os.kill(hanging, signal.SIGKILL)
            for number in range(3):
                writer.append([post(f"while it is dead {number}")])
                until(lambda: look(signer, ledger) is not None, "no checkpoint")
                assert log.head().size == covered(log)
            until(lambda: bool(look(signer, ledger)) and told(ledger)["audit"] == "dead", "it is never called dead")
            quick.close()


def compared(dsn: str, folder: Path, note: str, receipt: Receipt, policy: Policy) -> None:
    """`verify` says with whom it compared, and who contradicts a log that was changed and sealed again."""
    (folder / "note").write_text(note)
    (folder / "mine.tlog-proof").write_text(receipt.text)
    files, urls = [folder / "note", folder / "mine.tlog-proof"], [one.url or "" for one in policy.witnesses]
    origin = note.split("\n")[0]
    records = [*outside.kept(files, origin, policy), *outside.witnessed(urls, origin)]
    assert len({root for _, _, root in records}) == 1
    done = verification.run(dsn, log_only=True, outside=lambda _: records)
    assert (done.verdict, done.log.compared[1]) == (
        "intact",
        ("note", "mine.tlog-proof", "witness.example/audit", "witness.example/discipline"),
    )
    false = [(name, size, bytes(32)) for name, size, _ in records]
    assert verification.run(dsn, log_only=True, outside=lambda _: false).verdict == "broken"
    with pytest.raises(CannotRun, match="of another log"):
        outside.kept(files, "other.example/log")
    with pytest.raises(CannotRun, match="does not witness"):
        outside.witnessed(urls, "other.example/log")
    with pytest.raises(CannotRun, match="no answer"):
        outside.witnessed(["http://127.0.0.1:9"], origin)


def made(log: Log, folder: Path, policy: Policy, position: int) -> Receipt:
    """The receipt as the server makes it."""
    published = Checkpoints(log, folder, policy)
    published.look()
    assert published.alarms() == []
    receipt = published.receipt(position, entry=True)
    assert receipt is not None
    return receipt


def covered(log: Log) -> int:
    note = checkpoints.newest(log)
    return int(note.split("\n")[1]) if note else 0


def until(true: Callable[[], bool], what: str) -> None:
    end = monotonic() + PATIENCE
    while not true():
        assert monotonic() < end, what
        sleep(0.1)


@pytest.fixture
def alone(ledger: str, tmp_path: Path) -> Iterator[tuple[Signer, Policy]]:
    """A signer whose only witness, which it needs, cannot be reached."""
    with Signer(tmp_path / "signer", lambda _: None) as first:
        look(first, ledger)
        key = first.keys.log.vkey
    witness = PrivateKey.generate("witness.example/audit", COSIGNATURE).vkey
    policy = Policy.parse(f"log {key.text}\nwitness audit {witness.text} http://127.0.0.1:9\nquorum audit\n")
    asking = Witnessing(ledger, policy, wait=1)
    with Signer(tmp_path / "signer", asking) as signer:
        yield signer, policy
    asking.close()


def test_without_its_quorum_nothing_is_published_and_posts_go_on(
    alone: tuple[Signer, Policy], ledger: str, post: Posting
) -> None:
    signer, policy = alone
    with Writer(ledger) as writer, Log(ledger) as log:
        for number in range(2):
            writer.append([post(str(number))])
            assert look(signer, ledger) is None
        assert (log.head().size, checkpoints.newest(log)) == (3, None)
        assert signer.head("lot:1").count("\n") > 5, "it goes on reading, and answers"
        assert told(ledger) == {"audit": "dead"}
        signer.cosign = None
        note = look(signer, ledger)
        published = Checkpoints(log, signer.folder, policy)
        published.look()
        assert (checkpoints.newest(log), covered(log)) == (note, 3)
        assert "too few cosignatures" in published.alarms()[0], "seen in the note, whatever anybody tells"


def test_a_damaged_tile_is_our_fault_and_never_held_against_a_witness(
    ledger: str, tmp_path: Path, post: Posting
) -> None:
    with (
        two_witnesses(ledger, tmp_path) as file,
        Writer(ledger) as writer,
        psycopg.connect(ledger, autocommit=True) as owner,
    ):
        writer.append([post(str(number)) for number in range(300)])
        policy = Policy.parse(file.read_bytes())
        first = Witnessing(ledger, policy, wait=10, more=10)
        with Signer(tmp_path / "signer", first) as signer:
            assert look(signer, ledger)
            first.close()
            owner.execute("UPDATE ledger.tile SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1)")
            signer.cosign = second = Witnessing(ledger, policy, wait=10, more=10)
            writer.append([post("after")])
            look(signer, ledger)
            assert told(ledger) == {"audit": "unasked", "discipline": "unasked"}
            second.close()
