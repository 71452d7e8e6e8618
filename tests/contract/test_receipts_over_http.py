"""Checkpoints and receipts over HTTP: what was posted is proved a moment later, and checked with files alone.

A signer follows the served ledger in a thread, as `sunledger signer` does in a process.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
import pytest

from api import cli, published
from ledger import clock
from ledger.proofs.checkpoint import verify
from ledger.proofs.failures import ProofFailed
from ledger.proofs.keys import PrivateKey, VerifierKey
from ledger.proofs.policy import Log, Policy
from ledger.proofs.receipt import Receipt, check
from ledger.signer import Signer, run
from ledger.signing import keyfile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.contract.conftest import Make, Served

PATIENCE = 20


@contextmanager
def signing(dsn: str, folder: Path) -> Iterator[None]:
    """A signer that follows meanwhile."""
    stop = Event()
    with Signer(folder) as signer:
        thread = Thread(target=run, args=(signer, dsn, stop))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(PATIENCE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signing") / "signer"


@pytest.fixture
def signed(served: Served, folder: Path) -> Iterator[Served]:
    """The served ledger, with its signer."""
    with signing(served.dsn, folder):
        until = monotonic() + PATIENCE
        while served.client.get("/checkpoint").status_code != 200:
            assert monotonic() < until, "no checkpoint comes"
            sleep(0.05)
        yield served


def vkey(folder: Path) -> VerifierKey:
    keys = keyfile.public(folder)
    assert keys is not None
    return keys.logs[0]


def trusting(folder: Path) -> Policy:
    return Policy((Log(vkey(folder)),), (), (), "none")


def post(served: Served, body: Any, media: str = "application/cloudevents+json", query: str = "?receipt=wait") -> Any:
    answer = served.client.post(
        f"/v1/events{query}",
        content=body if isinstance(body, bytes) else orjson.dumps(body),
        headers={"Authorization": f"Bearer {served.key}", "Content-Type": media},
    )
    assert answer.status_code in (200, 201), answer.text
    return answer


def test_before_the_first_checkpoint_there_is_none_and_no_receipt(served: Served) -> None:
    assert served.client.get("/checkpoint").status_code == 404
    answer = served.client.get("/v1/receipts/1")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:sunledger:problem:not-covered")


def test_whoever_waits_in_vain_is_told_where_the_receipt_will_be(
    served: Served, event: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.proving.WAIT_SECONDS", 0.2)
    given = post(served, event("in-vain")).json()
    assert given["proof"] is None
    assert given["proof_later"] == f"/v1/receipts/{given['position']}"
    assert published.WAIT_SECONDS == 5


def test_the_checkpoint_is_a_signed_note_for_everybody(signed: Served, folder: Path) -> None:
    answer = signed.client.get("/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "max-age=1" in answer.headers["cache-control"]
    assert verify(answer.content, [vkey(folder)]).checkpoint.origin == "test.example/log"


def test_a_waiting_post_is_answered_with_a_receipt_that_holds(signed: Served, event: Make, folder: Path) -> None:
    given = post(signed, event("waits")).json()
    entry = signed.log.entry(given["position"])
    assert entry is not None
    checked = check(Receipt.parse(given["proof"]), trusting(folder), entry=entry.raw)
    assert checked.position == given["position"]
    assert checked.entry == entry.raw
    with pytest.raises(ProofFailed):
        check(Receipt.parse(given["proof"]), trusting(folder), entry=entry.raw + b" ")


def test_each_event_of_an_array_and_each_line_gets_a_receipt_of_its_own(
    signed: Served, event: Make, folder: Path
) -> None:
    array = post(signed, [event("a1"), event("a2")]).json()["receipts"]
    lines = b"\n".join(orjson.dumps(event(name)) for name in ("l1", "l2", "a1"))
    told = [orjson.loads(line) for line in post(signed, lines, "application/x-ndjson").content.splitlines()]
    for one in [*array, *told]:
        assert check(Receipt.parse(one["proof"]), trusting(folder)).position == one["position"]
    assert told[2]["position"] == array[0]["position"], "the repeat has the receipt of the first"


def test_a_receipt_is_fetched_later_with_the_entry_only_by_a_poster(signed: Served, event: Make, folder: Path) -> None:
    position = post(signed, event("later")).json()["position"]
    public = signed.client.get(f"/v1/receipts/{position}")
    assert public.headers["content-type"] == "text/plain; charset=utf-8"
    receipt = Receipt.parse(public.content)
    assert (receipt.index, receipt.extra) == (position - 1, None)
    mine = signed.client.get(f"/v1/receipts/{position}", headers={"Authorization": f"Bearer {signed.key}"})
    assert check(Receipt.parse(mine.content), trusting(folder)).position == position
    stranger = signed.client.get(f"/v1/receipts/{position}", headers={"Authorization": "Bearer slk_" + "A" * 43})
    assert stranger.status_code == 401
    assert signed.client.get("/v1/receipts/999999").json()["type"] == "urn:sunledger:problem:not-found"


def test_without_the_parameter_nothing_changes_and_another_word_is_refused(signed: Served, event: Make) -> None:
    assert "proof" not in post(signed, event("plain"), query="").json()
    answer = signed.client.post(
        "/v1/events?receipt=later", json=event("word"), headers={"Authorization": f"Bearer {signed.key}"}
    )
    assert (answer.status_code, answer.json()["problems"][0]["pointer"]) == (422, "/receipt")


def test_a_changed_leaf_is_never_given_a_receipt(signed: Served, event: Make) -> None:
    """The proof is checked against the signed root before it is handed out."""
    position = post(signed, event("changed")).json()["position"]
    with psycopg.connect(signed.dsn, autocommit=True) as owner:
        flip = "UPDATE ledger.entry SET entry = set_byte(entry, 20, get_byte(entry, 20) # 1) WHERE position = %s"
        owner.execute(flip, (position,))
        broken = signed.client.get(f"/v1/receipts/{position}")
        owner.execute(flip, (position,))
    assert broken.status_code == 500
    assert broken.json()["type"] == "urn:sunledger:problem:broken"


def test_a_receipt_is_checked_offline_by_the_command(
    signed: Served, event: Make, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = post(signed, event("offline")).json()
    found = signed.log.entry(given["position"])
    assert found is not None
    receipt, entry, policy = tmp_path / "r.tlog-proof", tmp_path / "entry", tmp_path / "policy"
    receipt.write_text(given["proof"], encoding="utf-8")
    entry.write_bytes(found.raw)
    policy.write_text(f"log {vkey(folder).text}\nquorum none\n", encoding="utf-8")
    for trusted in (["--vkey", vkey(folder).text], ["--policy", str(policy)]):
        assert cli.main(["receipt", "--json", "check", str(receipt), "--entry", str(entry), *trusted]) == 0
        assert orjson.loads(capsys.readouterr().out)["position"] == given["position"]
    entry.write_bytes(found.raw.replace(b"offline", b"offlinf"))
    assert cli.main(["receipt", "check", str(receipt), "--entry", str(entry), "--policy", str(policy)]) == 1
    other = PrivateKey.generate("test.example/log").vkey.text
    assert cli.main(["receipt", "check", str(receipt), "--vkey", other]) == 1
    assert cli.main(["receipt", "check", str(receipt), "--vkey", "nonsense"]) == 2


def test_a_checkpoint_is_sealed_on_demand_and_carries_the_last_one(signed: Served, event: Make, folder: Path) -> None:
    assert signed.client.post("/v1/checkpoints").status_code == 401
    before = signed.post(event("before-the-tick"))
    assert before.status_code == 201
    headers = {"Authorization": f"Bearer {signed.key}"}
    answer = signed.client.post("/v1/checkpoints?receipt=wait", headers=headers)
    sealed = answer.json()
    assert answer.status_code == 201
    assert (sealed["data"]["kind"], sealed["data"]["size"]) == ("on-demand", sealed["position"] - 1)
    assert verify(sealed["data"]["note"], [vkey(folder)]).checkpoint.size < sealed["position"]
    checked = check(Receipt.parse(sealed["proof"]), Policy((Log(vkey(folder)),), (), (), "none"))
    assert checked.position == sealed["position"]
    again = signed.client.post("/v1/checkpoints", headers=headers)
    assert (again.status_code, again.json()["position"]) == (200, sealed["position"]), "nothing came since"


def test_a_log_that_stands_still_is_said_to_on_every_way(
    signed: Served, event: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No tick for 25 hours: status, readiness and pages say so, and a post ends it."""
    signed.post(event("the last for long"))
    true = clock.now
    monkeypatch.setattr(clock, "now", lambda: true() + timedelta(hours=26))
    ready = signed.client.get("/readyz")
    for said in (signed.client.get("/v1/status").json()["alarms"], ready.json()["warnings"]):
        assert [one for one in said if one.startswith("自 ") and "no checkpoint since" in one]
    assert ready.status_code == 200, "it hinders no post"
