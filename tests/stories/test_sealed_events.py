"""Bids are hidden whole until the event that opens them, and then stand there as if they had always been.

On a told clock the keepers are in this process and open at once; on a real one a signer must have signed the trigger.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import make_app
from api.settings import Settings
from ledger import clock, genesis
from ledger import seals as simulated
from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.entry import Entry
from ledger.errors import ConditionFailed, Malformed
from ledger.keeper import Keeper
from ledger.opener import Opener
from ledger.post import Post, Receipt
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.note import Note
from ledger.proofs.policy import Policy
from ledger.sealed_events import forms
from ledger.sealed_events.states import MASTER, Seals
from ledger.secrecy import b64, digest
from ledger.signer import Signer
from ledger.signing import keyfile
from ledger.store import checkpoints, embedded
from ledger.store.connect import connect
from ledger.store.migrate import migrate
from ledger.store.postgres import Log
from ledger.vault import Vault
from ledger.verification.seals import Check
from ledger.verify import verify
from ledger.writer import Writer

LOT = "lot:E1403000123001"
BIDS = f"{LOT}#trading.bid-opened"
TENDERER, BIDDER, ORGAN = "12140300MA0TT010XE", "91140302MA0TT001XH", "11140300MA0TT020X7"
TOLD_BEGINNING = clock.parse("2026-01-01T00:00:00Z")
BEGIN = clock.parse("2026-01-02T00:00:00Z")
SLOT = timedelta(seconds=60)


@dataclass
class Ledger:
    """A ledger that seals: its writer, and what tests ask of it."""

    dsn: str
    contracts: Contracts
    seals: Seals
    vault: Vault
    told: bool
    minute: int = 0
    writers: list[Writer] = field(default_factory=list)

    @property
    def writer(self) -> Writer:
        if not self.writers:
            seals = Seals(self.contracts, self.seals._master, self.seals.keepers, self.seals.slot)
            self.writers.append(Writer(self.dsn, vault=self.vault, seals=seals))
        return self.writers[-1]

    def restart(self) -> None:
        """The writer ends, and another begins that remembers nothing."""
        while self.writers:
            self.writers.pop().close()

    def post(self, type_: str, id_: str, data: dict[str, Any] | None = None, **attributes: Any) -> Post:
        """An example of a type's contract, admitted; a minute later than the last on a told clock."""
        contract = self.contracts.get(type_)
        assert contract is not None
        example = contract.raw["x-examples"][attributes.pop("example", 0)]
        event = {
            "specversion": "1.0",
            "type": type_,
            "source": "urn:example:sealing",
            "id": id_,
            "subject": example["subject"],
            "time": example["time"],
            "data": {**deepcopy(example["data"]), **(data or {})},
            **attributes,
        }
        self.minute += 1
        moment = BEGIN + timedelta(minutes=self.minute) if self.told else None
        org = event["data"].get("party", TENDERER)
        return admit(event, Poster(org, example["organ"], "key:test"), self.contracts, recorded=moment)

    def bid(self, number: int, **data: Any) -> Post:
        return self.post("trading.bid-submitted.v1", f"bid-{number}", {"bid_id": f"B-{number:04}", **data}, seed=SEED)

    def register(self) -> Receipt:
        return self.writer.append([self.post("trading.project-registered.v1", "register", seed=SEED)])[0]

    def open_bids(self) -> Receipt:
        return self.writer.append([self.post("trading.bid-opened.v1", "open")])[0]

    def entries(self, *types: str) -> list[Entry]:
        with Log(self.dsn) as log:
            return [entry for entry in log.entries(0, 10_000) if not types or entry.type in types]

    def openings(self) -> list[Entry]:
        return [entry for entry in self.entries() if entry.opens is not None]

    def faults(self) -> list[str]:
        with Check() as check:
            for entry in self.entries():
                check.take(json.loads(entry.raw), entry.position)
            return [fault.en for fault in check.faults()]


SEED = b64(bytes(range(32)))


@pytest.fixture
def told(told_ledger: str, contracts: Contracts, tmp_path: Path) -> Iterator[Ledger]:
    vault = Vault.make(tmp_path / "vault", "00" * 32)
    made = Ledger(told_ledger, contracts, simulated.seals(contracts, vault), vault, told=True)
    yield made
    made.restart()


def test_a_bid_shows_nothing_until_the_bids_are_opened(told: Ledger) -> None:
    told.register()
    receipts = told.writer.append([told.bid(1), told.bid(2)])
    sealed = told.entries("sealed")
    assert {entry.position for entry in sealed} == {receipt.position for receipt in receipts}
    for entry in sealed:
        assert entry.is_sealed
        assert [tag[:5] for tag in entry.tags] == ["seal:"]
        assert not any(word in entry.raw for word in (b"lot", b"bid", b"B-000", BIDDER.encode(), b"example"))
    told.open_bids()
    assert [entry.data["bid_id"] for entry in told.openings()] in (["B-0001", "B-0002"], ["B-0002", "B-0001"])
    assert {entry.poster["org"] for entry in told.openings()} == {BIDDER}
    assert told.faults() == []


def test_the_page_of_a_sealed_entry_says_so_and_nothing_of_what_it_hides(told: Ledger) -> None:
    told.register()
    receipt = told.writer.append([told.bid(1)])[0]
    with TestClient(make_app(told.dsn, Settings())) as client:
        page = client.get(f"/e/{receipt.position}", params={"lang": "en"}).text
    assert "Sealed whole" in page
    assert not any(word in page for word in ("B-0001", BIDDER, LOT))


def test_an_opening_entry_says_when_the_bid_came_and_stands_on_its_tags(told: Ledger) -> None:
    told.register()
    receipt = told.writer.append([told.bid(1)])[0]
    told.open_bids()
    (opened,) = told.openings()
    assert opened.opens is not None
    assert opened.opens["position"] == receipt.position
    assert opened.received == clock.stamp(BEGIN + timedelta(minutes=2))
    assert opened.recorded > opened.received
    assert {LOT, "bid:B-0001", f"party:{BIDDER}"} <= set(opened.tags)
    with Log(told.dsn) as log:
        assert log.position_of("urn:example:sealing", "bid-1") == opened.position


def test_the_poster_keeps_what_proves_its_bid(told: Ledger) -> None:
    told.register()
    post = told.bid(1)
    receipt = told.writer.append([post])[0]
    assert receipt.sealed is not None
    event, poster = receipt.sealed
    (entry,) = told.entries("sealed")
    assert entry.event == {"_sd": [event]}
    assert entry.poster == {"_sd": [digest(poster)]}
    assert digest(forms.event_disclosure(json.loads(post.event), bytes(range(32)))) == event


def test_a_repeat_gets_the_first_receipt_before_and_after_the_opening(told: Ledger) -> None:
    told.register()
    first = told.writer.append([told.bid(1)])[0]
    again = told.writer.append([told.bid(1)], careful=True)[0]
    told.open_bids()
    late = told.writer.append([told.bid(1)], careful=True)[0]
    assert (again.position, again.duplicate, late.position, late.duplicate) == (first.position, True) * 2
    assert len(told.openings()) == 1


def test_what_comes_after_the_trigger_stands_in_clear(told: Ledger) -> None:
    told.register()
    posts = [told.bid(1), told.post("trading.bid-opened.v1", "open"), told.bid(2)]
    receipts = told.writer.append(posts)
    late = next(entry for entry in told.entries() if entry.id == "bid-2")
    assert (late.position, late.is_sealed, late.opens) == (receipts[2].position, False, None)
    assert [entry.id for entry in told.openings()] == ["bid-1"]
    assert told.faults() == []


def test_every_group_of_a_lot_is_prepared_with_its_first_event_and_never_later(told: Ledger) -> None:
    told.register()
    prepared = [entry.data["group"] for entry in told.entries(forms.PREPARED)]
    told.writer.append([told.bid(1)])
    assert prepared == told.seals.groups.on(LOT)
    assert len(told.entries(forms.PREPARED)) == len(prepared)


def test_a_lot_that_begins_with_a_bid_is_prepared_before_it(told: Ledger) -> None:
    told.writer.append([told.bid(1)])
    kinds = [entry.type for entry in told.entries()][1:]
    assert kinds == [forms.PREPARED] * 3 + ["sealed"]
    assert told.faults() == []


def test_the_past_that_is_imported_prepares_nothing(told: Ledger) -> None:
    told.writer.append([told.post("trading.project-registered.v1", "old", attestation="imported")])
    assert told.entries(forms.PREPARED) == []


def test_a_lot_that_fails_keeps_its_bids_closed_and_counted(told: Ledger) -> None:
    told.register()
    told.writer.append([told.bid(1), told.bid(2), told.post("trading.document-obtained.v1", "got", seed=SEED)])
    number = next(
        at
        for at, one in enumerate(told.contracts.get("trading.state-changed.v1").raw["x-examples"])  # type: ignore[union-attr]
        if one["data"]["to"] == "failed"
    )
    told.writer.append([told.post("trading.state-changed.v1", "failed", example=number, subject=LOT)])
    (closed,) = told.entries(forms.CLOSED)
    assert closed.data["group"] == BIDS
    assert closed.data["count"] == 2
    assert [entry.type for entry in told.openings()] == ["trading.document-obtained.v1"]
    assert told.faults() == []


def test_what_is_sealed_to_a_body_is_never_opened_and_counted_by_the_month(told: Ledger) -> None:
    for number in range(3):
        told.minute += 25 * 24 * 60
        told.writer.append([told.post("supervision.interference-recorded.v1", f"interference-{number}", seed=SEED)])
        told.restart()
    closed = [(entry.data["group"], entry.data["count"]) for entry in told.entries(forms.CLOSED)]
    assert closed == [("organ:DIC#2026-01", 1), ("organ:DIC#2026-02", 1)]
    assert {entry.type for entry in told.entries()} == {"ledger.created.v1", forms.PREPARED, forms.CLOSED, "sealed"}
    assert {len(entry.data["keepers"]) for entry in told.entries(forms.PREPARED)} == {1}
    assert told.faults() == []


def test_a_writer_that_begins_anew_goes_on_counting(told: Ledger) -> None:
    told.register()
    for number in range(3):
        told.writer.append([told.bid(number)])
        told.restart()
    told.open_bids()
    assert [entry.opens["n"] for entry in told.openings() if entry.opens] == [1, 2, 3]
    assert told.faults() == []


def test_two_writers_share_a_count(told: Ledger) -> None:
    told.register()
    one, other = told.writer, Writer(told.dsn, vault=told.vault, seals=told.seals)
    try:
        for number in range(6):
            (one, other)[number % 2].append([told.bid(number)])
    finally:
        other.close()
    told.open_bids()
    assert len(told.openings()) == 6
    assert told.faults() == []


def test_sealed_events_of_one_slot_stand_together_and_those_of_another_apart(told: Ledger) -> None:
    told.register()
    moment = BEGIN + timedelta(hours=1)
    posts = []
    for number, second in enumerate((1, 30, 59, 61, 62)):
        bid = told.bid(number)
        posts.append(Post.of(json.loads(bid.event), tags=bid.tags, poster=bid.poster, disclosures=bid.disclosures,
                             recorded=moment + timedelta(seconds=second), hidden=bid.hidden))  # fmt: skip
    told.writer.append(posts)
    assert [entry.recorded for entry in told.entries("sealed")] == [
        *[clock.stamp(moment + SLOT)] * 3,
        *[clock.stamp(moment + timedelta(seconds=62))] * 2,
    ]


def test_sealed_rows_have_one_size_whatever_they_hide(told: Ledger) -> None:
    told.register()
    posts = [told.bid(1), told.bid(2, receipt_no="R" * 60)]
    told.writer.append([*posts, told.post("trading.document-obtained.v1", "obtained", seed=SEED)])
    sizes = {len(entry.raw) for entry in told.entries("sealed")}
    with psycopg.connect(told.dsn) as owner:
        rows = owner.execute(
            "SELECT octet_length(e.entry), octet_length(d.ciphertext), d.key_id, d.nonce FROM ledger.entry e"
            " JOIN ledger.disclosure d USING (position) WHERE e.type = 'sealed'"
        ).fetchall()
    assert len(sizes) == len(set(rows)) == 1


def test_a_lost_ciphertext_is_named_and_the_others_are_opened(told: Ledger) -> None:
    told.register()
    receipts = told.writer.append([told.bid(1), told.bid(2), told.bid(3)])
    with psycopg.connect(told.dsn, autocommit=True) as owner:
        owner.execute("DELETE FROM ledger.disclosure WHERE position = %s", (receipts[1].position,))
    told.open_bids()
    opened = next(one for one in told.entries(forms.OPENED) if one.data["group"] == BIDS)
    assert (opened.data["count"], len(opened.data["unopened"]), len(told.openings())) == (3, 1, 2)
    assert told.faults() == []


def test_a_key_that_is_taken_is_no_obstacle_to_an_opening(told: Ledger) -> None:
    told.register()
    told.writer.append([told.bid(1)])
    told.writer.append([told.post("trading.notice-published.v1", "bid-1")])
    told.open_bids()
    (opened,) = told.openings()
    assert opened.opens is not None
    assert opened.opens["taken"] is True
    assert [fault.en for fault in verify(told.dsn).faults] == []


def test_a_ledger_with_openings_verifies(told: Ledger) -> None:
    told.register()
    told.writer.append([told.bid(1), told.bid(2)])
    told.open_bids()
    verdict = verify(told.dsn, deep=True)
    assert [fault.en for fault in verdict.faults] == []


def test_without_keepers_nothing_that_must_be_sealed_is_taken(told: Ledger) -> None:
    with Writer(told.dsn, vault=told.vault) as writer, pytest.raises(Malformed):
        writer.append([told.bid(1)])


def test_three_bids_and_thirty_look_the_same_but_for_their_number(
    server: embedded.Server, contracts: Contracts, tmp_path: Path
) -> None:
    """All that stands in clear of two ledgers among equal other traffic, and all tags but those of tokens."""
    shown = []
    for count in (3, 30):
        with psycopg.connect(server.dsn, autocommit=True) as owner:
            owner.execute(f"CREATE DATABASE sealed{count}".encode())
        dsn = server.database(f"sealed{count}")
        migrate(dsn)
        with Writer(dsn) as writer:
            origin = "simulated.test.example/log"
            genesis.create(writer, contracts, origin=origin, region="140300", organ=ORGAN, told=TOLD_BEGINNING)
        vault = Vault.make(tmp_path / f"vault{count}", "00" * 32)
        vault.put(MASTER, bytes(32))
        ledger = Ledger(dsn, contracts, simulated.seals(contracts, vault, tmp_path / "keepers"), vault, told=True)
        ledger.register()
        ledger.writer.append([ledger.bid(number) for number in range(count)])
        ledger.minute = 100
        ledger.writer.append([ledger.post("trading.notice-published.v1", "notice")])
        clear = [entry for entry in ledger.entries() if not entry.is_sealed]
        said = [(entry.event, entry.poster, list(entry.links), entry.recorded) for entry in clear[1:]]
        shown.append((said, len(ledger.entries("sealed"))))
        ledger.restart()
    assert shown[0][0] == shown[1][0]
    assert (shown[0][1], shown[1][1]) == (3, 30)


@pytest.fixture
def real(ledger: str, contracts: Contracts, tmp_path: Path) -> Iterator[Ledger]:
    vault = Vault.make(tmp_path / "vault", "00" * 32)
    folder = tmp_path / "signer"

    def policy() -> Policy | None:
        keys = keyfile.public(folder)
        return None if keys is None else Policy.parse(f"log {keys.logs[0].text}\nquorum none\n")

    keepers = [Keeper(org, contracts, tmp_path / org, policy) for org in ("AUDIT", "DISCIPLINE")]
    seals = Seals(contracts, simulated.master_of(vault), keepers, timedelta(seconds=1))
    made = Ledger(ledger, contracts, seals, vault, told=False)
    yield made
    made.restart()
    for keeper in keepers:
        keeper.close()


def sign(ledger: Ledger, folder: Path) -> None:
    with Signer(folder / "signer") as signer, connect(ledger.dsn, "signer") as connection:
        signer.step(connection)


def test_sealed_posts_wait_for_the_end_of_their_slot_and_others_do_not(real: Ledger) -> None:
    real.register()
    waiting = real.writer.post([real.bid(1)])
    prompt = real.writer.post([real.post("trading.notice-published.v1", "notice")])
    assert prompt.result()[0].position < waiting.result()[0].position


def test_a_trigger_does_not_wait_and_what_came_before_stands_before(real: Ledger) -> None:
    real.seals.slot = timedelta(hours=1)
    real.register()
    waiting = real.writer.post([real.bid(1)])
    trigger = real.open_bids()
    assert waiting.result()[0].position < trigger.position


def test_a_group_is_opened_once_a_checkpoint_covers_its_trigger(real: Ledger, tmp_path: Path) -> None:
    real.register()
    waiting = [real.writer.post([real.bid(number)]) for number in range(4)]
    for one in waiting:
        one.result()
    with Log(real.dsn) as log:
        opener = Opener(log, real.writer, real.seals, ORGAN)
        sign(real, tmp_path)
        real.open_bids()
        assert opener.step() == 0
        sign(real, tmp_path)
        assert opener.step() == 2
    assert len(real.openings()) == 4
    assert real.faults() == []
    assert [len(keeper.opened()) for keeper in real.seals.keepers if isinstance(keeper, Keeper)] == [2, 2]


def test_an_opening_that_was_cut_off_is_done_at_the_next_start_and_only_once(real: Ledger, tmp_path: Path) -> None:
    real.register()
    real.writer.append([real.bid(1)])
    real.open_bids()
    real.restart()
    sign(real, tmp_path)
    with Log(real.dsn) as log:
        first, second = (Opener(log, real.writer, real.seals, ORGAN) for _ in range(2))
        second._read()  # it has seen the trigger, and not that another opens
        note = checkpoints.newest(log) or ""
        assert first.step() == 2
        with pytest.raises(ConditionFailed):
            second._open(BIDS, note, Checkpoint.parse(Note.parse(note).text).size)
    assert len(real.openings()) == 1
    assert real.faults() == []


def test_what_cannot_be_opened_yet_is_an_alarm(real: Ledger, tmp_path: Path) -> None:
    real.register()
    real.writer.append([real.bid(1)])
    real.open_bids()
    sign(real, tmp_path)
    with Log(real.dsn) as log:
        opener = Opener(log, real.writer, Seals(real.contracts, bytes(32), real.seals.keepers[:1]), ORGAN)
        opener.step()
        assert any(BIDS in alarm for alarm in opener.alarms())


def test_another_master_secret_stops_sealing_and_says_so(told: Ledger) -> None:
    told.register()
    told.writer.append([told.bid(1)])
    wrong = Seals(told.contracts, bytes(32), told.seals.keepers)
    with Writer(told.dsn, vault=told.vault, seals=wrong) as writer, pytest.raises(Exception, match="master secret"):
        writer.append([told.bid(2)])
