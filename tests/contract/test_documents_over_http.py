"""Documents over HTTP: in with a statement and an entry, out by right, gone by an entry; every answer in its form."""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psycopg
import pytest

from api.auth import make_key
from api.founding import Founding, found
from api.services import Services
from api.settings import Settings
from ledger.contracts import Contracts
from ledger.store import embedded

ORG = "12140300MA0TT001XR"
ORGS = {
    "REG": "11140300MA0TT040XJ",
    "AUD": "11140300MA0TT041XF",
    "DIC": "11140300MA0TT042XB",
    "ASB": "11140300MA0TT043X7",
    "BID": "91140302MA0TT001XH",
}
LIMIT = 300_000
HELD = "archive.document-held.v1"
LOGGED = "ledger.access-logged.v1"
_numbers = count(1)


class Desk:
    """A served ledger with a document store, and keys of several organs."""

    def __init__(self, served: Any, keys: dict[str, str], folder: Path) -> None:
        self.served, self.keys, self.folder = served, keys, folder

    def put(self, raw: Any, organ: str | None = "PTC", media: str = "application/pdf", **said: str) -> httpx.Response:
        asked = {"kind": "report", "class": "internal", "retention": "15y"} | said
        headers = {"Content-Type": media} | self._key(organ)
        answer: httpx.Response = self.served.client.post(
            "/v1/documents", params={k: v for k, v in asked.items() if v}, content=raw, headers=headers
        )
        return answer

    def get(self, digest: str, organ: str | None = None, **asked: str) -> httpx.Response:
        answer: httpx.Response = self.served.client.get(
            f"/v1/documents/{digest}", params=asked, headers=self._key(organ)
        )
        return answer

    def _key(self, organ: str | None) -> dict[str, str]:
        return {} if organ is None else {"Authorization": f"Bearer {self.keys[organ]}"}

    @property
    def services(self) -> Services:
        found: Services = self.served.client.app.state.services
        return found


@pytest.fixture(scope="module")
def desk(
    server: embedded.Server, contracts: Contracts, serving: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """One ledger for the whole file, with a document store."""
    name = f"documents{next(_numbers)}"
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    dsn = server.database(name)
    found(dsn, contracts, Founding(origin="test.example/log", region="140300", organ=ORG))
    with psycopg.connect(dsn, autocommit=True) as owner:
        keys = {organ: make_key(owner, org=org, organ=organ, name="t").text for organ, org in ORGS.items()}
    folder = tmp_path_factory.mktemp("documents")
    documents = folder / "documents"
    chosen = Settings(console=False, documents=documents, vault=folder / "vault", document_limit=LIMIT)
    with serving(dsn, chosen) as served:
        yield Desk(served, keys | {"PTC": served.key}, documents)


def sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:sunledger:problem:{code}"
    assert re.search("[\u4e00-\u9fff]", body["title"])
    assert not re.search("[\u4e00-\u9fff]", body["title_en"])
    return body


def test_a_deposit_gives_the_value_for_an_event_and_an_entry_that_says_it_is_held(desk: Desk) -> None:
    raw = os.urandom(70_000)
    answer = desk.put(raw, lot="E-1", media="application/pdf; charset=binary")
    assert answer.status_code == 201
    doc = answer.json()["doc"]
    assert doc == {
        "id": doc["id"],
        "kind": "report",
        "sha256": sha(raw),
        "bytes": 70_000,
        "media_type": "application/pdf",
        "class": "internal",
        "retention": "15y",
    }
    entry = desk.served.log.entry(answer.json()["position"])
    assert (entry.type, entry.subject, entry.data["doc"], entry.data["org"]) == (HELD, f"archive:{doc['id']}", doc, ORG)
    assert {"lot:E-1", f"archive:{doc['id']}"} <= set(entry.tags)


def test_the_value_fits_into_an_event_as_it_is(desk: Desk, event: Callable[..., dict[str, Any]]) -> None:
    doc = desk.put(b"a record of an opening").json()["doc"]
    data = {"dossier": "A-1", "subject": "E-1", "kind": "electronic", "doc": doc, "retention": "15y"}
    filed = event("filed-1", type="archive.item-filed.v1", subject="archive:A-1", data=data)
    assert desk.served.post(filed).status_code == 201


def test_the_same_again_is_one_deposit_one_file_and_one_entry(desk: Desk) -> None:
    raw = os.urandom(1000)
    first, size = desk.put(raw).json(), desk.served.size()
    again = desk.put(raw)
    assert (again.status_code, again.json()) == (200, first | {"duplicate": True})
    assert desk.served.since(size) == []
    assert len(list(desk.folder.glob(f"internal/*/{sha(raw)}/content"))) == 1


def test_another_organisation_makes_another_deposit_of_the_same_file(desk: Desk) -> None:
    raw = os.urandom(1000)
    first, second = desk.put(raw).json()["doc"], desk.put(raw, "ASB").json()["doc"]
    assert first["id"] != second["id"]
    assert len(list(desk.folder.glob(f"internal/*/{sha(raw)}/*.json"))) == 2
    assert len(list(desk.folder.glob(f"internal/*/{sha(raw)}/content"))) == 1


def test_two_classes_of_the_same_bytes_are_two_files_and_two_rights(desk: Desk) -> None:
    raw = os.urandom(1000)
    desk.put(raw)
    assert desk.get(sha(raw)).status_code == 401
    desk.put(raw, **{"class": "public"})
    assert desk.get(sha(raw)).content == raw
    assert len(list(desk.folder.glob(f"*/*/{sha(raw)}/content"))) == 2
    assert desk.get(sha(raw), **{"class": "internal"}).status_code == 401


def test_nothing_of_the_content_lies_in_clear_on_the_disk(desk: Desk) -> None:
    raw = "阳泉市某标段评标报告".encode() * 500
    desk.put(raw, **{"class": "public"})
    (stored,) = desk.folder.glob(f"public/*/{sha(raw)}/content")
    assert raw[:30] not in stored.read_bytes()
    assert stored.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, LIMIT])
def test_any_size_up_to_the_limit_comes_back_whole(desk: Desk, size: int) -> None:
    raw = os.urandom(size)
    desk.put(raw, **{"class": "public"})
    answer = desk.get(sha(raw))
    assert (answer.status_code, answer.content) == (200, raw)
    assert answer.headers["content-length"] == str(size)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_more_than_the_limit_is_refused_and_leaves_nothing(desk: Desk) -> None:
    before = sorted(desk.folder.rglob("*"))
    problem(desk.put(os.urandom(LIMIT + 1)), 413, "document-too-large")

    def unstated() -> Iterator[bytes]:
        for _ in range(40):
            yield bytes(10_000)

    problem(desk.put(unstated()), 413, "document-too-large")
    assert sorted(desk.folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"class": "secret"}, "/class"),
        ({"retention": "forever"}, "/retention"),
        ({"kind": "甲"}, "/kind"),
        ({"lot": "two words"}, "/lot"),
        ({"case": ""}, "/case"),
        ({"media": "text"}, "/media-type"),
    ],
)
def test_what_is_said_wrongly_is_named(desk: Desk, said: dict[str, str], pointer: str) -> None:
    answer = desk.served.client.post(
        "/v1/documents",
        params={"kind": "report", "class": "internal", "retention": "15y"} | said,
        content=b"x",
        headers={"Authorization": f"Bearer {desk.keys['PTC']}", "Content-Type": said.get("media", "text/plain")},
    )
    assert [one["pointer"] for one in problem(answer, 422, "malformed")["problems"]] == [pointer]


def test_class_and_retention_have_no_default(desk: Desk) -> None:
    missing = problem(desk.put(b"x", **{"class": "", "retention": ""}), 422, "malformed")
    assert {one["pointer"] for one in missing["problems"]} == {"/class", "/retention"}


def test_without_a_key_nothing_is_taken_in(desk: Desk) -> None:
    problem(desk.put(b"x", None), 401, "unknown-key")


def test_what_is_public_needs_no_key_and_leaves_no_trace(desk: Desk) -> None:
    raw = os.urandom(100)
    desk.put(raw, **{"class": "public"})
    size = desk.served.size()
    assert desk.get(sha(raw)).content == raw
    assert desk.served.since(size) == []


def test_a_read_of_anything_else_stands_in_the_log_before_it_is_answered(desk: Desk) -> None:
    raw = os.urandom(100)
    doc = desk.put(raw).json()["doc"]
    size = desk.served.size()
    assert desk.get(sha(raw), "AUD").content == raw
    (access,) = desk.served.since(size)
    assert access.type == LOGGED
    assert {k: access.data[k] for k in ("action", "object", "class", "organ", "actor_org", "result")} == {
        "action": "read",
        "object": f"archive:{doc['id']}",
        "class": "internal",
        "organ": "AUD",
        "actor_org": ORGS["AUD"],
        "result": "done",
    }
    assert sha(raw).encode() not in access.raw


def test_a_reader_without_right_is_refused_and_the_attempt_recorded(desk: Desk) -> None:
    raw = os.urandom(100)
    desk.put(raw)
    size = desk.served.size()
    problem(desk.get(sha(raw), "BID"), 403, "no-right")
    (access,) = desk.served.since(size)
    assert (access.data["result"], access.data["reason"], access.data["organ"]) == ("refused", "no-right", "BID")


def test_the_organs_of_a_case_are_those_that_posted_on_it(desk: Desk, event: Callable[..., dict[str, Any]]) -> None:
    raw = os.urandom(100)
    desk.put(raw, "AUD", case="C-77")
    problem(desk.get(sha(raw), "ASB"), 403, "no-right")
    posted = event("asb-1", type="approval.decided.v1", subject="case:C-77", source="urn:example:asb")
    sent = desk.served.client.post("/v1/events", json=posted, headers={"Authorization": f"Bearer {desk.keys['ASB']}"})
    assert sent.status_code == 201, sent.text
    assert desk.get(sha(raw), "ASB").content == raw


def test_a_commercial_secret_is_read_for_a_purpose(desk: Desk) -> None:
    raw = os.urandom(100)
    desk.put(raw, **{"class": "commercial"})
    assert problem(desk.get(sha(raw), "AUD"), 422, "malformed")["problems"][0]["pointer"] == "/purpose"
    size = desk.served.size()
    assert desk.get(sha(raw), "AUD", purpose="核查投诉").content == raw
    assert desk.served.since(size)[0].data["purpose"] == "核查投诉"


def test_of_a_secret_document_the_log_says_neither_hash_nor_size(desk: Desk) -> None:
    raw = os.urandom(12_345)
    answer = desk.put(raw, **{"class": "personal"}).json()
    entry = desk.served.log.entry(answer["position"])
    assert set(entry.data) == {"document", "class", "retention", "record_sha256", "org"}
    assert sha(raw).encode() not in entry.raw
    assert b"12345" not in entry.raw


@pytest.mark.parametrize("cls", ["dic", "vault"])
def test_that_a_closed_document_exists_is_told_to_nobody_else(desk: Desk, cls: str) -> None:
    raw = os.urandom(100)
    own = "DIC" if cls == "dic" else "REG"
    answer = desk.put(raw, own, **{"class": cls})
    assert "org" not in desk.served.log.entry(answer.json()["position"]).data
    stranger, absent = desk.get(sha(raw), "PTC", purpose="x"), desk.get(sha(b"never"), "PTC", purpose="x")
    assert problem(stranger, 404, "not-found") | {"detail": ""} == problem(absent, 404, "not-found") | {"detail": ""}
    assert desk.get(sha(raw), own, purpose="办案").content == raw
    again = desk.put(raw, "PTC", **{"class": cls})
    assert (again.status_code, again.json()["duplicate"]) == (201, False), "it was here: the answer must not say so"


def test_what_was_never_here_is_not_found(desk: Desk) -> None:
    problem(desk.get(sha(b"never here")), 401, "unknown-key")
    problem(desk.get(sha(b"never here"), "AUD"), 404, "not-found")
    problem(desk.get("not-a-hash"), 404, "not-found")


def test_a_file_that_was_changed_is_not_given_out(desk: Desk) -> None:
    raw = os.urandom(100)
    desk.put(raw, **{"class": "public"})
    (stored,) = desk.folder.glob(f"public/*/{sha(raw)}/content")
    stored.write_bytes(stored.read_bytes()[:-1] + bytes([stored.read_bytes()[-1] ^ 1]))
    problem(desk.get(sha(raw)), 500, "broken")


def test_a_record_that_was_changed_gives_no_right(desk: Desk) -> None:
    raw = os.urandom(100)
    desk.put(raw, **{"class": "commercial"})
    (record,) = desk.folder.glob(f"commercial/*/{sha(raw)}/*.json")
    whole = record.read_bytes()
    record.write_bytes(whole.replace(b'"class":"commercial"', b'"class":"public"'))
    problem(desk.get(sha(raw)), 500, "broken")
    record.write_bytes(whole.replace(f'"org":"{ORG}"'.encode(), f'"org":"{ORGS["BID"]}"'.encode()))
    problem(desk.get(sha(raw), "BID", purpose="mine"), 500, "broken")
    record.write_bytes(whole)
    problem(desk.get(sha(raw), "BID", purpose="mine"), 403, "no-right")


def dispose(desk: Desk, event: Callable[..., dict[str, Any]], doc: dict[str, Any], name: str, **said: Any) -> int:
    """File a document for no time at all and dispose of it; the position of the disposal."""
    filed = {"dossier": name, "subject": name, "kind": "electronic", "doc": doc, "retention": "none", "lot": name}
    one = desk.served.post(
        event(f"f-{name}", type="archive.item-filed.v1", subject=f"archive:{name}", data=filed | said)
    )
    data = {
        "item": one.json()["position"],
        "action": "destroyed",
        "basis": "期满",
        "approved_by": ["p0000000000000000000000021", "p0000000000000000000000023"],
    }
    sent = event(f"d-{name}", type="archive.item-disposed.v1", subject=f"archive:{name}")
    return int(desk.served.post(sent | {"data": data}).json()["position"])


def test_what_was_disposed_of_is_gone_and_the_answer_says_by_which_entry(
    desk: Desk, event: Callable[..., dict[str, Any]]
) -> None:
    raw = os.urandom(100)
    doc = desk.put(raw, **{"class": "public", "retention": "none"}).json()["doc"]
    position = dispose(desk, event, doc, "gone-1")
    custody = desk.services.custody
    assert custody is not None
    assert [(one.document, one.position) for one in custody.carry_out()] == [(doc["id"], position)]
    assert custody.carry_out() == []
    assert list(desk.folder.glob(f"public/*/{sha(raw)}/content")) == []
    assert f"#{position}" in problem(desk.get(sha(raw)), 410, "disposed")["detail"]
    again = desk.put(raw, **{"class": "public", "retention": "none"}).json()["doc"]
    assert again["id"] != doc["id"]
    assert desk.get(sha(raw)).content == raw


def test_nothing_is_destroyed_while_a_complaint_about_its_lot_is_open(
    desk: Desk, event: Callable[..., dict[str, Any]]
) -> None:
    raw = os.urandom(100)
    doc = desk.put(raw, **{"class": "public", "retention": "none"}).json()["doc"]
    lodged = event("c-1", type="complaint.lodged.v1", subject="complaint:K-1", data={"no": "K-1", "lot": "gone-2"})
    sent = desk.served.client.post(
        "/v1/events",
        json=lodged | {"source": "urn:example:bid"},
        headers={"Authorization": f"Bearer {desk.keys['BID']}"},
    )
    assert sent.status_code == 201, sent.text
    dispose(desk, event, doc, "gone-2")
    custody = desk.services.custody
    assert custody is not None
    assert custody.carry_out() == []
    assert desk.get(sha(raw)).content == raw


def test_a_server_without_a_store_says_so(desk: Desk) -> None:
    custody, desk.services.custody = desk.services.custody, None
    try:
        problem(desk.put(b"x"), 503, "no-document-store")
        problem(desk.get(sha(b"x")), 503, "no-document-store")
    finally:
        desk.services.custody = custody


def test_the_page_of_an_entry_links_to_a_document_that_anybody_may_read(
    server: embedded.Server, contracts: Contracts, serving: Any, tmp_path: Path
) -> None:
    name = f"documents{next(_numbers)}"
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    dsn = server.database(name)
    found(dsn, contracts, Founding(origin="test.example/log", region="140300", organ=ORG))
    with serving(dsn, Settings(documents=tmp_path / "documents", vault=tmp_path / "vault")) as served:
        desk = Desk(served, {"PTC": served.key}, tmp_path / "documents")
        shown, hidden = desk.put(b"for all", **{"class": "public"}).json(), desk.put(b"for few").json()
        page = served.client.get(f"/e/{shown['position']}").text
        assert f'href="/v1/documents/{sha(b"for all")}"' in page
        assert "文件哈希" in page
        assert "/v1/documents/" not in served.client.get(f"/e/{hidden['position']}").text
        shown_twice = next((tmp_path / "documents").glob(f"public/*/{sha(b'for all')}"))
        (shown_twice / f"{shown['doc']['id']}.gone").write_text("2\n")
        page = served.client.get(f"/e/{shown['position']}").text
        assert "/v1/documents/" not in page
        assert "已处置，见" in page
