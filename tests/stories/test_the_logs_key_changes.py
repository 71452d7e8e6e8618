"""The log changes its signing key: who knew the old one follows by the entry that says so, and by nothing else.

On a told clock the ninety days pass with the next entry.
"""

from datetime import timedelta
from pathlib import Path

import orjson
import psycopg
import pytest

from api.commands.receipt import followed
from api.key_change import change_key
from api.published import Checkpoints
from ledger import clock, guard
from ledger.contracts import Contracts
from ledger.entry import seal
from ledger.errors import Broken, CannotRun, WillNotSign
from ledger.exporting import export
from ledger.folder import Folder
from ledger.mirror import Mirror
from ledger.mirroring.source import FolderSource
from ledger.post import Post
from ledger.proofs.checkpoint import verify
from ledger.proofs.failures import ProofError, Unsigned
from ledger.proofs.keys import COSIGNATURE, PrivateKey, VerifierKey
from ledger.proofs.policy import Policy
from ledger.proofs.receipt import Receipt, check
from ledger.proofs.succession import accept
from ledger.signer import Signer
from ledger.signing import keyfile, memory
from ledger.store.connect import connect
from ledger.store.postgres import Log
from ledger.store.tiles import consistency_proof
from ledger.witness import Witness, request
from ledger.writer import Writer

LATER = timedelta(days=91)


class House:
    """A told ledger with its signer, and the folder of tiles that is published of it."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn, self.folder = dsn, folder
        self.policy = folder / "policy"
        self.signer = Signer(folder / "signer")
        self.look()
        self.old = self.signer.keys.log.vkey
        self.policy.write_text(f"log {self.old.text} https://log.example\nquorum none\n")

    def look(self) -> str:
        with connect(self.dsn, "signer") as connection:
            note = self.signer.step(connection)
        assert note is not None
        return note

    def post(self, id: str, after: timedelta = timedelta(0)) -> None:
        with Log(self.dsn, connections=1) as log, Writer(self.dsn, ticks=False) as writer:
            last = log.entry(log.head().size)
            assert last is not None
            event = {"specversion": "1.0", "id": id, "source": "urn:example:ptc", "type": "test.happened.v1"}
            poster = {"org": "12140300MA0TT030XR", "via": "key:test"}
            recorded = clock.parse(last.recorded) + after
            writer.append([Post.of(event, tags=("lot:1",), poster=poster, recorded=recorded)])

    def change(self, contracts: Contracts) -> VerifierKey:
        return change_key(self.dsn, contracts, self.folder / "signer", self.policy, "planned").change.new

    def receipt(self, position: int) -> Receipt:
        """As the server gives it."""
        with Log(self.dsn, connections=1) as log:
            published = Checkpoints(log, self.folder / "signer")
            published.look()
            receipt = published.receipt(position, entry=True)
        assert receipt is not None
        return receipt

    def published(self) -> FolderSource:
        with Log(self.dsn, connections=1) as log:
            export(log, Folder(self.folder / "tiles"))
        return FolderSource(self.folder / "tiles")


@pytest.fixture
def house(told_ledger: str, tmp_path: Path) -> House:
    return House(told_ledger, tmp_path)


def trusting(*keys: VerifierKey) -> Policy:
    return Policy.parse("".join(f"log {key.text}\n" for key in keys) + "quorum none\n")


def signers(note: str, *keys: VerifierKey) -> list[VerifierKey]:
    return [good.key for good in verify(note, keys).log]


def test_both_keys_sign_for_a_time_and_then_the_new_one_alone(house: House, contracts: Contracts) -> None:
    new = house.change(contracts)
    note = house.look()
    assert signers(note, house.old, new) == [house.old, new]
    assert Policy.parse(house.policy.read_bytes()).logs[1].key == new
    with pytest.raises(CannotRun, match="both keys sign until"):
        house.change(contracts)
    with Signer(house.folder / "signer") as restarted, connect(house.dsn, "signer") as connection:
        assert restarted.step(connection) == note

    house.post("after the ninety days", LATER)
    note = house.look()
    assert signers(note, new) == [new]
    with pytest.raises(Unsigned):
        verify(note, [house.old])
    assert keyfile.read(house.folder / "signer" / keyfile.LOG).vkey == new
    assert not (house.folder / "signer" / keyfile.NEXT).exists(), "the old key is gone from the disk"
    assert house.signer.head("lot:1"), "tag heads are signed by their own key"
    with Log(house.dsn) as log:
        records, forged = guard.outside_records(log, house.folder / "signer")
        assert (len(records), forged) == (4, []), "published before, between, and behind: all are the log's"
        guard.demand_signed_log(log, house.folder / "signer")
    third = house.change(contracts)
    assert signers(house.look(), new, third) == [new, third]


def test_a_holder_of_the_old_key_follows_by_the_receipt_of_the_entry(house: House, contracts: Contracts) -> None:
    new = house.change(contracts)
    house.look()
    with Log(house.dsn) as log:
        position = log.head().size
    proof = house.receipt(position)
    assert accept(proof, trusting(house.old)).new == new
    house.post("later", LATER)
    house.look()
    late = house.receipt(2)
    with pytest.raises(Unsigned):
        check(late, trusting(house.old))
    file = house.folder / "change.tlog-proof"
    file.write_text(proof.text)
    assert check(late, followed(trusting(house.old), [file])).position == 2
    with pytest.raises(ProofError):
        accept(house.receipt(position), trusting(house.old))
    with pytest.raises(Unsigned):
        accept(proof, trusting(new)), "only the key that is followed can vouch for its successor"
    with pytest.raises(ProofError, match="entry 2 is none"):
        accept(late, trusting(new))


def test_mirrors_and_witnesses_follow_and_nobody_follows_a_stranger(house: House, contracts: Contracts) -> None:
    near, far = (Mirror(house.folder / name, trusting(house.old)) for name in ("near", "far"))
    key = PrivateKey.generate("witness.example/audit", COSIGNATURE)
    witness = Witness(house.folder / "witness", key, [house.old])
    for mirror in (near, far):
        mirror.step(house.published())
    assert witness.add_checkpoint(request(0, (), house.look()).encode()).status == 200

    new = house.change(contracts)
    house.look()
    near.step(house.published())
    with Log(house.dsn) as log:
        position = log.head().size
    proof = house.receipt(position)
    house.post("later", LATER)
    house.look()
    assert near.step(house.published()).size == position + 1
    near.step(house.published())
    assert [log.key for log in near.trusted().logs] == [new], "the old key counts no more"

    with pytest.raises(Broken, match="cannot be accepted"):
        far.step(house.published())
    far.follow_key(proof)
    assert far.step(house.published()).size == position + 1
    with pytest.raises(Broken, match="proves no change"):
        far.follow_key(house.receipt(2))

    note = house.look()
    body = request(1, near_proof(house, 1), note).encode()
    assert witness.add_checkpoint(body).status == 403
    with pytest.raises(CannotRun, match="proves no change"):
        witness.follow_key(house.receipt(2))
    witness.follow_key(proof)
    assert witness.keys(house.old.name) == [new]
    assert witness.add_checkpoint(request(verify(note, [new]).checkpoint.size, (), note).encode()).status == 409
    for one in (near, far, witness):
        one.close()


def near_proof(house: House, old: int) -> list[bytes]:
    with Log(house.dsn) as log:
        return consistency_proof(log, old, log.head().size)


@pytest.mark.parametrize("stranger", ["new", "old"])
def test_an_entry_that_names_a_key_the_signer_does_not_hold_is_refused(
    house: House, contracts: Contracts, stranger: str
) -> None:
    """Who owns the database cannot make himself the log's next signer."""
    mine = PrivateKey.generate(house.old.name).vkey
    held = keyfile.make_next(house.folder / "signer", house.old.name)
    keys = {"old_key": house.old.text, "new_key": held.text} | {f"{stranger}_key": mine.text}
    data = keys | {"both_until": "2030-01-01T00:00:00Z", "reason": "planned"}
    event = {"data": data, "id": "x", "source": "urn:x", "specversion": "1.0", "type": "ledger.key-changed.v1"}
    with Log(house.dsn) as log, psycopg.connect(house.dsn) as owner:
        head = log.head()
        last = log.entry(head.size)
        assert last is not None
        raw, leaf = seal(
            orjson.dumps(event, option=orjson.OPT_SORT_KEYS), position=head.size + 1, links={"lot:new": (1, None)},
            poster={}, prev=head.leaf, recorded=last.recorded,
        )  # fmt: skip
        owner.execute("INSERT INTO ledger.entry VALUES (%s, %s, %s, %s)", (head.size + 1, event["type"], leaf, raw))
    with pytest.raises(WillNotSign, match="a key for this log that the signer does not hold"):
        house.look()


def test_a_memory_that_was_lost_after_a_change_is_made_again(house: House, contracts: Contracts) -> None:
    new = house.change(contracts)
    house.post("later", LATER)
    note = house.look()
    house.signer.close()
    for file in (house.folder / "signer").glob(f"{memory.FILE}*"):
        file.unlink()
    with Signer.recover(house.folder / "signer", note) as again, connect(house.dsn, "signer") as connection:
        assert again.step(connection) == note
        assert [change.new for change in again.memory.changes] == [new]
