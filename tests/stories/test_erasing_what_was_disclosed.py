"""An erasure by order of two organisations: keys gone, proofs whole, and every other way to it refused."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.auth import make_key
from api.erasing import Erased, Order, epoch_event, erase
from ledger import clock, secrecy
from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.entry import Entry
from ledger.erasure import Manifest, read
from ledger.errors import CannotRun, Malformed, NoRight
from ledger.post import Post
from ledger.store.postgres import Log
from ledger.vault import Closed, Locked, Vault
from ledger.verification.verdict import Kind
from ledger.verify import verify
from ledger.writer import Writer

ASB, DIC = "11140300MA0TT0204R", "11140300MA0TT0802M"
BIDDER = Poster("91140302MA0TT001XH", "BID", "key:1")


@dataclass(frozen=True)
class House:
    """A ledger with two entries that keep secrets, its vault, and the keys of two who may approve."""

    dsn: str
    log: Log
    writer: Writer
    vault: Vault
    contracts: Contracts
    entries: tuple[Entry, ...]
    approvals: tuple[Poster, ...]

    def order(self, *digests: str, **more: Any) -> Order:
        manifest = Manifest.of(digests or secrecy.digests(self.entries[0].event))
        return replace(Order(manifest, self.entries[0].position, "保存期满", self.approvals), **more)

    def erase(self, order: Order) -> Erased:
        with psycopg.connect(self.dsn, autocommit=True) as owner:
            return erase(order, self.log, owner, self.writer, self.contracts, self.vault)

    def rows(self, entry: int) -> list[Locked]:
        return self.log.disclosures(secrecy.digests(self.entries[entry].event))


def changed(contracts: Contracts, id: str, phone: str) -> Post:
    data = {
        "party": BIDDER.org, "field": "contact", "old_hash": "3d" * 32, "new": "见保密项", "effective": "2026-03-01",
        "contacts": [{"pid": "p0000000000000000000000045", "phone": phone}],
    }  # fmt: skip
    event = {
        "specversion": "1.0", "id": id, "source": "urn:example:bidder", "type": "party.profile-changed.v1",
        "subject": f"party:{BIDDER.org}", "time": "2026-03-02T09:12:00+08:00", "data": data,
    }  # fmt: skip
    return admit(event, BIDDER, contracts)


@pytest.fixture
def house(ledger: str, contracts: Contracts, tmp_path: Path) -> Iterator[House]:
    with psycopg.connect(ledger, autocommit=True) as owner:
        approvals = (
            make_key(owner, org=ASB, organ="ASB", name="office").poster,
            make_key(owner, org=DIC, organ="DIC", name="discipline").poster,
        )
    with Log(ledger) as log:
        first = log.entry(1)
        assert first is not None
        vault = Vault.make(tmp_path / "vault", first.leaf.hex())
        with Writer(ledger, vault=vault) as writer:
            receipts = writer.append([changed(contracts, f"P-{n}", f"1380013800{n}") for n in range(2)])
            found = [log.entry(one.position) for one in receipts]
            entries = tuple(one for one in found if one is not None)
            yield House(ledger, log, writer, vault, contracts, entries, approvals)


def test_what_two_organisations_erase_is_gone_and_every_proof_stands(house: House, tmp_path: Path) -> None:
    before = verify(house.dsn, vault=house.vault)
    shutil.copytree(house.vault.folder, tmp_path / "copied")
    done = house.erase(house.order())
    assert done.keys == 3
    assert clock.parse(done.in_copies_until) > clock.now()
    assert {house.vault.show(row) for row in house.rows(0)} == {Closed.NO_KEY}
    assert all(isinstance(house.vault.show(row), str) for row in house.rows(1))
    after = verify(house.dsn, vault=house.vault)
    assert (before.ok, after.ok) == (True, True)
    assert before.disclosed == {"open": 6}
    assert after.disclosed == {"open": 3, "erased": 3}
    entry = house.log.entry(house.entries[0].position)
    assert entry == house.entries[0]
    stated = house.log.entry(done.position)
    assert stated is not None
    assert stated.data["manifest_sha256"] == Manifest.of(secrecy.digests(entry.event)).sha256
    assert stated.data["approving_orgs"] == [ASB, DIC]


def test_a_copy_of_the_vault_reads_until_the_epoch_closes_which_the_log_then_says(house: House, tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(house.vault.folder, copied)
    house.erase(house.order())
    old = Vault.open(copied, str(house.log.entry(1).leaf.hex()))  # type: ignore[union-attr]
    row = house.rows(0)[0]
    assert isinstance(old.show(row), str)
    house.vault.turn(clock.now())
    post = epoch_event(house.vault, house.log, house.contracts, clock.now())
    assert post is not None
    house.writer.append([post])
    assert epoch_event(house.vault, house.log, house.contracts, clock.now()) is None
    closed = house.log.last(type="ledger.key-epoch-closed.v1")
    assert closed is not None
    assert (closed.data["erased"], closed.data["rewrapped"], closed.data["wrapping_key"]) == (3, 3, "kek-1")
    shutil.copytree(house.vault.folder / "kek", copied / "kek", dirs_exist_ok=True)
    (copied / "kek" / "kek-1.key").unlink()  # what the epoch's end has destroyed where it was kept
    with pytest.raises(CannotRun, match="kek-1"):
        Vault.open(copied, str(house.log.entry(1).leaf.hex())).show(row)  # type: ignore[union-attr]


@pytest.mark.parametrize("kept", [(0,), (1,), (0, 0), ()])
def test_fewer_than_two_of_two_organisations_erase_nothing(house: House, kept: tuple[int, ...]) -> None:
    size = house.log.head().size
    with pytest.raises(NoRight) as refused:
        house.erase(house.order(approvals=tuple(house.approvals[at] for at in kept)))
    assert "two persons of two organisations" in refused.value.problems[0].en
    assert house.log.head().size == size
    assert all(isinstance(house.vault.show(row), str) for row in house.rows(0))


def test_two_persons_of_one_organisation_are_not_enough(house: House) -> None:
    second = replace(house.approvals[0], pid="p0000000000000000000000099")
    with pytest.raises(NoRight):
        house.erase(house.order(approvals=(house.approvals[0], second)))


def test_a_digest_that_the_entry_does_not_hide_is_refused(house: House) -> None:
    outside = secrecy.digests(house.entries[1].event)[0]
    with pytest.raises(Malformed) as refused:
        house.erase(house.order(*secrecy.digests(house.entries[0].event), outside))
    assert outside in refused.value.problems[0].en
    assert all(isinstance(house.vault.show(row), str) for row in (*house.rows(0), *house.rows(1)))


def test_the_same_order_again_completes_what_was_cut_off_and_writes_nothing_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_: object) -> int:
        raise CannotRun("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(house.vault, "erase", cut_off)
        with pytest.raises(CannotRun):
            house.erase(house.order())
    standing = verify(house.dsn, vault=house.vault)
    assert {fault.kind for fault in standing.faults} == {Kind.UNERASED}
    size = house.log.head().size
    assert house.erase(house.order()).keys == 3
    assert house.log.head().size == size
    assert verify(house.dsn, vault=house.vault).ok


def test_a_key_that_is_gone_without_an_order_is_missing_and_a_fault(house: House) -> None:
    house.vault.erase([house.rows(0)[0].key_id])
    verdict = verify(house.dsn, vault=house.vault)
    assert [(one.kind, one.position) for one in verdict.faults] == [(Kind.MISSING, house.entries[0].position)]
    assert verify(house.dsn).ok, "without the vault nobody can tell"


def test_a_forged_manifest_excuses_nothing(house: House) -> None:
    row = house.rows(0)[0]
    forged = Manifest.of([row.digest])
    with psycopg.connect(house.dsn, autocommit=True) as owner:
        owner.execute("INSERT INTO house.erasure VALUES (%s, %s)", (forged.sha256, forged.raw.decode()))
        owner.execute("DELETE FROM ledger.disclosure WHERE digest = %s", (row.digest,))
    verdict = verify(house.dsn, vault=house.vault)
    assert [(one.kind, one.position) for one in verdict.faults] == [(Kind.DELETED, house.entries[0].position)]


@pytest.mark.parametrize("raw", [b"", b"x\n", b"A" * 43, b"B" * 43 + b"\n" + b"A" * 43 + b"\n", b"A" * 43 + b"\n\n"])
def test_what_is_no_manifest_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)
