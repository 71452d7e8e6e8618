"""What can happen to the files of held documents, and what verification says: the position of the first entry that
refers to the document. What is only referred to, or was disposed of by an entry, is no fault.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api import verification
from api.custody import Custody, opened_store
from api.refusals import Refusals
from ledger import clock
from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.documents import Documents
from ledger.holdings import Audit, audit
from ledger.keeping.deposit import Deposit, Statement
from ledger.keeping.keys import VaultKeys
from ledger.keeping.sealed_file import Sealing, header_of
from ledger.post import Post
from ledger.store.postgres import Log
from ledger.vault import Vault
from ledger.writer import Writer

CENTRE = Poster("12140300MA0TT001XR", "PTC", "key:7c1f00d5e2aa")
TWO = ["p0000000000000000000000021", "p0000000000000000000000023"]


class House:
    """A ledger, its document store, and the events of its archive."""

    def __init__(self, dsn: str, folder: Path, contracts: Contracts) -> None:
        self.dsn, self.folder, self.contracts = dsn, folder, contracts
        self.log, self.writer = Log(dsn), Writer(dsn)
        self.vault = folder.parent / "vault"
        store = opened_store(folder, Vault.make(self.vault, "ab" * 32))
        assert store is not None
        self.store: Documents = store
        refusals = Refusals(self.writer.post, contracts, CENTRE.org, clock.now)
        self.custody = Custody(store, self.log, self.writer.post, refusals, contracts)
        self._number = 0

    def keep(self, raw: bytes, cls: str = "internal", retention: str = "none", org: str = CENTRE.org) -> Deposit:
        with self.store.coming(cls) as coming:
            coming.write(raw)
            said = Statement("report", cls, retention, "application/pdf", org, "PTC")
            deposit, _ = coming.keep(said, clock.stamp(clock.now()))
        self.custody.admit(deposit)
        return deposit

    def post(self, type_: str, data: dict[str, Any]) -> int:
        self._number += 1
        event = {
            "specversion": "1.0",
            "id": str(self._number),
            "source": "urn:example:archive",
            "type": type_,
            "subject": "archive:A-1",
            "time": clock.stamp(clock.now()),
            "data": data,
        }
        post: Post = admit(event, CENTRE, self.contracts)
        return self.writer.append([post])[0].position

    def file(self, doc: dict[str, Any], retention: str = "none") -> int:
        data = {"dossier": "A-1", "subject": "S-1", "kind": "electronic", "doc": doc, "retention": retention}
        return self.post("archive.item-filed.v1", data)

    def dispose(self, item: Any, approved_by: list[str] = TWO, action: str = "destroyed") -> int:
        data = {"item": item, "action": action, "basis": "期满", "approved_by": approved_by}
        return self.post("archive.item-disposed.v1", data)

    def content(self, deposit: Deposit) -> Path:
        (found,) = self.folder.glob(f"{deposit.said.cls}/*/{deposit.sha256}/content")
        return found

    def record(self, deposit: Deposit) -> Path:
        return self.content(deposit).with_name(f"{deposit.id}.json")

    def position(self, deposit: Deposit) -> int:
        found = self.log.position_of("urn:sunledger:system", f"document-held:{deposit.id}")
        assert found is not None
        return found

    def audit(self) -> Audit:
        head = self.log.head()
        return audit(self.log, self.store, head.size, self.log.root())

    def close(self) -> None:
        self.writer.close()
        self.log.close()


@pytest.fixture
def house(ledger: str, contracts: Contracts, tmp_path: Path) -> Iterator[House]:
    made = House(ledger, tmp_path / "documents", contracts)
    yield made
    made.close()


def test_what_is_held_is_counted_and_hashed_again(house: House) -> None:
    house.keep(b"one")
    house.keep(b"two", "public")
    house.keep(os.urandom(200_000), "vault")
    found = house.audit()
    assert (found.held, found.checked, found.ok, found.unlogged, found.waiting) == (3, 3, True, (), ())


def flip(house: House, deposit: Deposit) -> None:
    """One bit, anywhere: header, content and tags are all covered."""
    file = house.content(deposit)
    raw = bytearray(file.read_bytes())
    at = int.from_bytes(os.urandom(4), "big") % len(raw)
    raw[at] ^= 1 << os.urandom(1)[0] % 8
    file.write_bytes(raw)


def cut(house: House, deposit: Deposit) -> None:
    """The last chunk alone, at its border: every chunk that is left is sound."""
    file = house.content(deposit)
    file.write_bytes(file.read_bytes()[: 1024 + 65_536 + 16])


def lengthen(house: House, deposit: Deposit) -> None:
    file = house.content(deposit)
    file.write_bytes(file.read_bytes() + b"more")


def empty(house: House, deposit: Deposit) -> None:
    house.content(deposit).write_bytes(b"")


def swap(house: House, deposit: Deposit) -> None:
    """Another document of the same class, under its own key and tags, in its place."""
    other = house.keep(os.urandom(150_000), deposit.said.cls)
    file, instead = house.content(deposit), house.content(other)
    first, second = file.read_bytes(), instead.read_bytes()
    file.write_bytes(second)
    instead.write_bytes(first)


def seal_anew(house: House, deposit: Deposit) -> None:
    """By somebody who has the vault: other content under the right key, in a header that says the old hash."""
    file = house.content(deposit)
    with file.open("rb") as stored:
        old = header_of(stored)
    key = VaultKeys(Vault.make(house.vault, "ab" * 32)).open(old.key)
    with file.open("wb+") as forged:
        sealing = Sealing(forged, old.key, key, old.cls)
        sealing.write(bytes(old.size))
        made = sealing.finish()
        said = replace(made, sha256=old.sha256, tag="")
        nonce = bytes.fromhex(made.nonce) + b"\xff\xff\xff\xff\x02"
        forged.seek(0)
        forged.write(replace(said, tag=AESGCM(key).encrypt(nonce, b"", said.bound()).hex()).block())


def take_away(house: House, deposit: Deposit) -> None:
    house.content(deposit).unlink()


def take_all_away(house: House, deposit: Deposit) -> None:
    record = house.record(deposit)
    house.content(deposit).unlink()
    record.unlink()


def change_record(house: House, deposit: Deposit) -> None:
    record = house.record(deposit)
    record.write_bytes(record.read_bytes().replace(b'"retention":"none"', b'"retention":"30y"'))


def spoil_record(house: House, deposit: Deposit) -> None:
    house.record(deposit).write_bytes(b"{}")


def lose_key(house: House, deposit: Deposit) -> None:
    for key in (house.vault / "named").iterdir():
        key.unlink()


def pretend_disposed(house: House, deposit: Deposit) -> None:
    """What a disposal leaves, without the entry that would allow it."""
    house.store.dispose(deposit, house.position(deposit))


@pytest.mark.parametrize("cls", ["internal", "personal"])
@pytest.mark.parametrize(
    "harm",
    [
        flip,
        cut,
        lengthen,
        empty,
        swap,
        seal_anew,
        take_away,
        take_all_away,
        change_record,
        spoil_record,
        lose_key,
        pretend_disposed,
    ],
)
def test_harm_is_found_and_placed(house: House, cls: str, harm: Callable[[House, Deposit], None]) -> None:
    raw = os.urandom(150_000)
    first = house.file({**reference(raw), "id": "elsewhere"}) if cls == "internal" else None
    deposit = house.keep(raw, cls)
    house.keep(os.urandom(10), cls)
    harm(house, deposit)
    found = house.audit()
    assert not found.ok
    faults = {one.document: one for one in found.faults}
    assert set(faults) >= {deposit.id}
    assert faults[deposit.id].position == (first or house.position(deposit))
    assert len(faults) == {"swap": 2, "lose_key": 2}.get(harm.__name__, 1)


def reference(raw: bytes) -> dict[str, Any]:
    return {
        "id": "d",
        "kind": "report",
        "sha256": sha256(raw).hexdigest(),
        "bytes": len(raw),
        "media_type": "application/pdf",
    }


def test_a_document_that_is_only_referred_to_is_no_fault(house: House) -> None:
    house.file(reference(b"somebody else keeps this"))
    assert house.audit().ok


def test_the_same_document_given_again_mends_what_was_changed(house: House) -> None:
    deposit = house.keep(b"once and again")
    flip(house, deposit)
    assert not house.audit().ok
    assert house.keep(b"once and again").id == deposit.id
    assert house.audit().ok


def test_a_file_that_no_entry_speaks_of_is_told_and_is_no_fault(house: House) -> None:
    """Power failed between the file and its entry; the same deposit again completes it."""
    with house.store.coming("internal") as coming:
        coming.write(b"half done")
        said = Statement("report", "internal", "none", "application/pdf", CENTRE.org, "PTC")
        orphan, _ = coming.keep(said, clock.stamp(clock.now()))
    found = house.audit()
    assert (found.ok, found.unlogged) == (True, (orphan.id,))
    assert house.keep(b"half done").id == orphan.id
    assert house.audit().unlogged == ()


def test_a_document_that_was_disposed_of_must_not_be_there(house: House) -> None:
    deposit = house.keep(b"its time is over")
    house.dispose(house.file(deposit.doc()))
    assert house.audit().waiting == (deposit.id,)
    assert [one.document for one in house.custody.carry_out()] == [deposit.id]
    found = house.audit()
    assert (found.ok, found.held, found.disposed, found.waiting) == (True, 1, 1, ())
    assert list((house.vault / "named").iterdir()) == []


def kept_whole(house: House, deposit: Deposit) -> bool:
    house.custody.carry_out()
    return house.audit().ok and b"".join(house.store.read(deposit)) == b"x"


def test_before_its_retention_is_over_nothing_is_destroyed(house: House) -> None:
    deposit = house.keep(b"x", retention="10y")
    house.dispose(house.file(deposit.doc()))
    assert kept_whole(house, deposit)
    filed_long = house.keep(b"x", org="11140300MA0TT043X7")
    house.dispose(house.file(filed_long.doc(), retention="15y"))
    assert kept_whole(house, filed_long)


@pytest.mark.parametrize("retention", ["permanent", "unheard-of", "0y", "15"])
def test_a_retention_that_is_not_understood_is_never_over(house: House, retention: str) -> None:
    deposit = house.keep(b"x")
    house.dispose(house.file(deposit.doc(), retention=retention))
    assert kept_whole(house, deposit)


@pytest.mark.parametrize("approved_by", [[], TWO[:1], [TWO[0], TWO[0]]])
def test_one_person_alone_destroys_nothing(house: House, approved_by: list[str]) -> None:
    deposit = house.keep(b"x")
    house.dispose(house.file(deposit.doc()), approved_by)
    assert kept_whole(house, deposit)


def test_what_is_handed_over_is_not_destroyed(house: House) -> None:
    deposit = house.keep(b"x")
    house.dispose(house.file(deposit.doc()), action="transferred")
    assert kept_whole(house, deposit)


def test_what_another_dossier_keeps_goes_with_the_last_one(house: House) -> None:
    deposit = house.keep(b"x")
    first, second = house.file(deposit.doc()), house.file({**deposit.doc(), "id": "another-name"})
    house.dispose(first)
    assert kept_whole(house, deposit)
    house.dispose({"source": "urn:example:archive", "id": "2"})
    assert house.log.entry(second).id == "2"  # type: ignore[union-attr]
    assert len(house.custody.carry_out()) == 1
    assert house.audit().disposed == 1


def test_a_deposit_of_another_class_or_organisation_keeps_its_file(house: House) -> None:
    deposit = house.keep(b"x")
    other_class, other_org = house.keep(b"x", "commercial"), house.keep(b"x", org="11140300MA0TT043X7", retention="10y")
    house.dispose(house.file(deposit.doc()))
    assert [one.document for one in house.custody.carry_out()] == [deposit.id]
    assert kept_whole(house, other_class)
    assert kept_whole(house, other_org)
    with pytest.raises(Exception, match="disposed"):
        house.store.read(deposit)


def test_verify_says_it_in_one_verdict(house: House) -> None:
    deposit = house.keep(b"held")
    good = verification.run(house.dsn, documents=house.store)
    assert (good.ok, good.verdict) == (True, "consistent")
    assert good.as_json()["documents"]["checked"] == 1
    take_away(house, deposit)
    bad = verification.run(house.dsn, documents=house.store)
    assert (bad.ok, bad.verdict) == (False, "documents-differ")
    assert bad.as_json()["documents"]["faults"][0]["position"] == house.position(deposit)
    assert verification.run(house.dsn).documents is None


def test_entries_that_are_not_those_of_the_root_are_not_believed(house: House) -> None:
    house.keep(b"held")
    with pytest.raises(Exception, match="other entries"):
        audit(house.log, house.store, house.log.head().size, bytes(32))
