"""Who reads what over HTTP: nothing secret for anybody, and by right and purpose what a key's organ may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import make_app
from api.auth import make_key
from api.erasing import Order, erase
from api.founding import Founding, found
from api.services import Services
from api.settings import Settings
from ledger import secrecy
from ledger.contracts import Contracts
from ledger.erasure import Manifest
from ledger.vault import Vault

PTC = "12140300MA0TT001XR"
DIC, ASB, REG = "11140300MA0TT0802M", "11140300MA0TT0204R", "11140300MA0TT040XJ"
PHONE = "13800138007"
PID = "p0000000000000000000000045"


@dataclass
class Serving:
    """A served ledger with one registered organisation, whose contact has a phone."""

    client: TestClient
    services: Services
    dsn: str
    position: int

    def key(self, org: str, organ: str) -> str:
        with psycopg.connect(self.dsn, autocommit=True) as owner:
            return make_key(owner, org=org, organ=organ, name="reader").text

    def get(self, path: str, key: str | None = None, **query: str) -> httpx.Response:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return self.client.get(path, params=query, headers=headers)

    def entry(self, key: str | None = None, **query: str) -> httpx.Response:
        return self.get(f"/v1/events/{self.position}", key, **query)

    def accesses(self) -> list[dict[str, Any]]:
        return [one.data for one in self.services.log.find(type="ledger.access-logged.v1", limit=1000)]


@pytest.fixture
def serving(dsn: str, contracts: Contracts, tmp_path: Path) -> Iterator[Serving]:
    found(dsn, contracts, Founding(origin="test.example/log", region="140300", organ=PTC))
    app = make_app(dsn, Settings(vault=tmp_path / "vault"))
    with TestClient(app, raise_server_exceptions=False) as client:
        services: Services = app.state.services
        made = Serving(client, services, dsn, 0)
        contract = contracts.get("party.entity-registered.v1")
        assert contract is not None
        given = contract.raw["x-examples"][0]
        data = {**given["data"], "contacts": [{"pid": PID, "phone": PHONE}]}
        event = {
            "specversion": "1.0", "id": "e-1", "source": "urn:example:ptc", "type": contract.type,
            "subject": given["subject"], "time": given["time"], "data": data,
        }  # fmt: skip
        key = made.key(PTC, "PTC")
        answer = client.post("/v1/events", json=event, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 201, answer.text
        made.position = answer.json()["position"]
        yield made


def states(answer: httpx.Response) -> list[str]:
    return [one["state"] for one in answer.json()["hidden"]]


def test_nobody_sees_a_secret_without_a_key_and_is_told_so_in_both_languages(serving: Serving) -> None:
    answer = serving.entry()
    assert states(answer) == ["not-shown"] * 3
    assert {(one["zh"], one["en"]) for one in answer.json()["hidden"]} == {("未显示", "not shown")}
    page = serving.get(f"/e/{serving.position}", lang="zh").text
    assert "保密项" in page
    assert "未显示" in page
    assert PHONE not in answer.text + page
    assert serving.accesses() == []


def test_an_organ_with_the_right_sees_it_and_the_log_says_what_for(serving: Serving) -> None:
    answer = serving.entry(serving.key(DIC, "DIC"), purpose="核查举报")
    assert states(answer) == ["shown"] * 3
    assert answer.json()["event"]["data"]["contacts"] == [{"pid": PID, "phone": PHONE}]
    entry = serving.services.log.entry(serving.position)
    assert entry is not None
    assert secrecy.restore(entry.event, answer.json()["disclosures"]) == answer.json()["event"]
    (logged,) = serving.accesses()
    assert (logged["action"], logged["class"], logged["purpose"], logged["result"]) == (
        "read", "personal", "核查举报", "done",
    )  # fmt: skip
    assert logged["object"] == f"#{serving.position}"
    assert PHONE not in str(logged)


def test_who_posted_it_reads_it_again(serving: Serving) -> None:
    assert states(serving.entry(serving.key(PTC, "PTC"), purpose="核对")) == ["shown"] * 3


@pytest.mark.parametrize(("organ", "org"), [("REG", REG), ("BID", "91140302MA0TT001XH")])
def test_an_organ_without_the_right_is_refused_and_the_attempt_stands_in_the_log(
    serving: Serving, organ: str, org: str
) -> None:
    answer = serving.entry(serving.key(org, organ), purpose="好奇")
    assert answer.status_code == 403
    assert PHONE not in answer.text
    (logged,) = serving.accesses()
    assert (logged["result"], logged["reason"], logged["organ"]) == ("refused", "no-right", organ)


def test_a_purpose_is_wanted_and_a_key_is_wanted(serving: Serving) -> None:
    assert serving.entry(serving.key(DIC, "DIC"), purpose=" ").status_code == 422
    assert serving.entry(purpose="核查").status_code == 401
    assert serving.accesses() == []


def test_what_is_erased_missing_or_not_checked_is_told_apart(serving: Serving, contracts: Contracts) -> None:
    services = serving.services
    entry = services.log.entry(serving.position)
    assert entry is not None
    assert services.vault is not None
    digests = secrecy.digests(entry.event)
    with psycopg.connect(serving.dsn, autocommit=True) as owner:
        approvals = tuple(
            services.keys.poster(f"Bearer {serving.key(org, organ)}") for org, organ in ((ASB, "ASB"), (DIC, "DIC"))
        )
        order = Order(Manifest.of(digests[:1]), serving.position, "保存期满", approvals)
        done = erase(order, services.log, owner, services._writer, contracts, services.vault)  # type: ignore[arg-type]
        owner.execute("DELETE FROM ledger.disclosure WHERE digest = %s", (digests[1],))
    by_digest = {one["digest"]: one for one in serving.entry().json()["hidden"]}
    assert [by_digest[one]["state"] for one in digests] == ["erased", "missing", "not-shown"]
    assert by_digest[digests[0]]["en"] == f"erased by #{done.position}"
    assert by_digest[digests[0]]["zh"] == f"已由第 {done.position} 条销毁"
    page = serving.get(f"/e/{serving.position}", lang="en").text
    assert f"erased by #{done.position}" in page
    assert "missing, and no erasure says so" in page
    services.disclosing._vault = None
    assert [one["state"] for one in serving.entry().json()["hidden"]].count("not-checked") == 1
    dossier = serving.get(f"/v1/dossiers/{entry.subject}").json()
    assert {one["state"] for one in dossier["entries"][0]["hidden"]} == {"erased", "missing", "not-checked"}


def test_another_vault_of_the_same_log_is_no_vault_of_it(serving: Serving, tmp_path: Path) -> None:
    other = Vault.make(tmp_path / "other", "ab" * 32)
    serving.services.disclosing._vault = other
    assert states(serving.entry()) == ["missing"] * 3
