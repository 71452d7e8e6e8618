"""Reading over HTTP: exact bytes, lists that can be continued, dossiers at a moment, contracts, and bad questions."""

from __future__ import annotations

import hashlib
import re
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import orjson
import pytest

if TYPE_CHECKING:
    from tests.contract.conftest import Make, Served


def views_reached(served: Served, position: int, view: str = "lots") -> dict[str, Any]:
    """A page of a view once it stands at `position`: the runner follows by itself."""
    deadline = monotonic() + 20
    while monotonic() < deadline:
        page: dict[str, Any] = served.client.get(f"/v1/{view}").json()
        if page["position"] >= position:
            return page
        sleep(0.05)
    raise TimeoutError(f"the view {view} never came to {position}")


def test_an_entry_is_given_with_its_exact_bytes(served: Served, event: Make) -> None:
    position = served.post(event("bytes")).json()["position"]
    text = served.client.get(f"/v1/events/{position}").content
    answer = orjson.loads(text)
    stored = served.log.entry(position)
    assert stored is not None
    assert b'{"entry":' + stored.raw + b',"leaf":' in text
    assert answer["leaf"] == hashlib.sha256(b"\0" + stored.raw).hexdigest()
    assert answer["position"] == answer["entry"]["position"] == position


@pytest.mark.parametrize(
    ("position", "status"),
    [("0", 404), ("999999", 404), ("9007199254740991", 404), ("9007199254740992", 422), ("9" * 30, 422), ("x", 422)],
)
def test_a_position_where_nothing_stands_is_a_problem_document(served: Served, position: str, status: int) -> None:
    answer = served.client.get(f"/v1/events/{position}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["title_en"]


def test_entries_of_a_tag_can_be_read_page_by_page(served: Served, event: Make) -> None:
    positions = [served.post(event(f"page-{n}", subject="lot:paged")).json()["position"] for n in range(5)]
    seen, after = [], 0
    while True:
        page = served.client.get("/v1/events", params={"tag": "lot:paged", "after": after, "limit": 2}).json()
        seen += [one["position"] for one in page["entries"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == positions


def test_entries_can_be_chosen_by_type_and_by_tag_and_type(served: Served, event: Make) -> None:
    served.post(event("chosen"))
    both = {"tag": "lot:chosen", "type": "trading.bid-opened.v1"}
    assert len(served.client.get("/v1/events", params=both).json()["entries"]) == 1
    assert served.client.get("/v1/events", params={**both, "type": "ledger.created.v1"}).json()["entries"] == []
    created = served.client.get("/v1/events", params={"type": "ledger.created.v1"}).json()
    assert [one["position"] for one in created["entries"]] == [1]


def test_a_tag_means_the_same_written_plainly_or_encoded(served: Served, event: Make) -> None:
    """Tags are kept percent-encoded; addresses arrive decoded."""
    written = "lot:%E7%94%B2-1"
    assert served.post(event("encoded", subject=written)).status_code == 201
    for asked in ("lot:甲-1", "lot:%25E7%2594%25B2-1"):
        assert len(served.client.get(f"/v1/events?tag={asked}").json()["entries"]) == 1
        assert served.client.get(f"/v1/dossiers/{asked}").json()["tag"] == written
    assert served.client.get("/v1/lots/甲-1").json()["tag"] == written


@pytest.mark.parametrize(
    ("address", "pointer"),
    [
        ("/v1/events?limit=0", "/limit"),
        ("/v1/events?limit=1001", "/limit"),
        ("/v1/events?limit=many", "/limit"),
        ("/v1/events?after=-1", "/after"),
        (f"/v1/events?after={2**63}", "/after"),
        ("/v1/events?tag=lot", "/tag"),
        (f"/v1/events?tag=lot:{'x' * 125}", "/tag"),
        ("/v1/lots?limit=0", "/limit"),
        ("/v1/lots?newest=perhaps", "/newest"),
        ("/v1/lots?colour=red", "/colour"),
        ("/v1/lots?after=yesterday", "/after"),
        ("/v1/lots/x?known=yesterday", "/known"),
        ("/v1/lots/x?true=2026-02-30", "/true"),
        (f"/v1/lots/x?known={'1' * 65}", "/known"),
        ("/v1/lots/x?known=9999-12-31", "/known"),
    ],
)
def test_a_bad_question_is_answered_422_naming_the_parameter(
    served: Served, event: Make, address: str, pointer: str
) -> None:
    served.post(event("x", subject="lot:x"))
    answer = served.client.get(address)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["problems"]] == [pointer]
    assert all(one["zh"] and one["en"] for one in answer.json()["problems"])


@pytest.mark.parametrize(
    "address", ["/v1/lots?q=%00", "/v1/events?tag=lot:%00", "/v1/dossiers/lot:%00", "/v1/alerts/%00"]
)
def test_a_nul_in_an_address_never_reaches_the_database(served: Served, address: str) -> None:
    assert served.client.get(address).status_code == 422


def test_a_dossier_is_cut_at_what_was_known_and_at_what_had_happened(served: Served, event: Make) -> None:
    late, early = event("known-2", subject="lot:cut"), event("known-1", subject="lot:cut")
    late["time"], early["time"] = "2026-02-11T00:00:00+08:00", "2026-02-10T00:00:00+08:00"
    first, second = (served.post(one).json()["position"] for one in (late, early))

    def positions(**moments: object) -> list[int]:
        answer = served.client.get("/v1/lots/cut", params={name: str(one) for name, one in moments.items()})
        assert answer.status_code == 200
        return [one["position"] for one in answer.json()["entries"]]

    assert positions() == [first, second]
    assert positions(known=first) == [first]
    assert positions(known=0) == []
    assert positions(true="2026-02-10") == [second]
    assert positions(true=first) == [second, first]
    assert positions(known=first, true="2026-02-10") == []
    assert positions(known="2000-01-01T00:00:00Z") == []
    whole = served.client.get("/v1/lots/cut", params={"known": first}).json()
    assert (whole["known"], whole["state"]["entries"]) == (first, 1)


@pytest.mark.parametrize(
    "address", ["/v1/lots/nobody", "/v1/dossiers/party:nobody", "/v1/views/none", "/v1/alerts/none"]
)
def test_what_never_occurred_is_not_found(served: Served, address: str) -> None:
    answer = served.client.get(address)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:sunledger:problem:not-found")


def test_views_follow_what_is_posted(served: Served, event: Make) -> None:
    position = served.post(event("viewed")).json()["position"]
    page = views_reached(served, position)
    assert "lot:viewed" in {row["id"] for row in page["rows"]}
    names = {one["name"] for one in served.client.get("/v1/views").json()}
    assert {"lots", "projects", "parties", "alerts"} <= names
    for name in names:
        assert served.client.get(f"/v1/views/{name}?limit=1").status_code == 200


def test_the_head_states_size_leaf_and_root_of_the_log(served: Served) -> None:
    head = served.client.get("/v1/log/head").json()
    last = served.log.entry(head["size"])
    assert last is not None
    assert (head["leaf"], head["root"]) == (last.leaf.hex(), served.log.root().hex())
    assert (head["origin"], head["clock"]) == ("test.example/log", "real")


def test_status_names_each_source_and_whether_its_omissions_can_be_seen(served: Served, event: Make) -> None:
    served.post(event("counting", source="urn:example:counts", sequence="7"))
    served.post(event("silent", source="urn:example:silent"))
    sources = {one["source"]: one for one in served.client.get("/v1/status").json()["sources"]}
    assert sources["urn:example:counts"]["sequence"] == "7"
    assert "omission not visible" in sources["urn:example:silent"]["note"]


def test_every_event_type_is_listed_with_an_example_that_can_be_posted(served: Served) -> None:
    listed = {one["type"]: one for one in served.client.get("/v1/contracts").json()}
    assert listed["trading.bid-opened.v1"]["posters"] == ["AGT", "PTC"]
    assert all(one["zh"] and one["en"] for one in listed.values())
    given = served.client.get("/v1/contracts/trading.bid-opened.v1").json()
    assert given["contract"]["$id"] == "urn:sunledger:event:trading.bid-opened.v1"
    assert served.post(given["example"]).status_code == 201
    assert served.client.get("/v1/contracts/none.v1").status_code == 404


def test_the_docs_page_needs_nothing_from_outside(served: Served) -> None:
    page = served.client.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert not re.search(
        r"<(?:script|link|img|iframe|style)\b|style=|(?:src|href|action)=[\"']?(?:https?:)?//", page.text
    )
    assert "POST /v1/events" in page.text
    assert "trading.bid-opened.v1" in page.text
    assert "Successful Response" not in page.text


def test_the_openapi_document_shows_an_example_of_each_type_that_can_be_posted(served: Served) -> None:
    document = served.client.get("/openapi.json").json()
    body = document["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/cloudevents+json"]
    types = {one["type"] for one in served.client.get("/v1/contracts").json() if one["posters"] != ["SYS"]}
    assert set(body["examples"]) == types
    assert "HTTPValidationError" not in str(document)
    for methods in document["paths"].values():
        for route in methods.values():
            assert " · " in route["summary"]
            assert route["description"]
