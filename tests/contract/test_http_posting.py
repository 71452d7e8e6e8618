"""`POST /v1/events`, row by row of the table of refusals: what is answered, and what stands in the log afterwards."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson
import pytest

if TYPE_CHECKING:
    from tests.contract.conftest import Make, Served


def refusal_of(served: Served, size: int) -> dict[str, Any]:
    """The payload of the one entry that was added, which must be a recorded refusal."""
    added = served.since(size)
    assert [one.type for one in added] == ["ledger.access-logged.v1"]
    assert added[0].data["result"] == "refused"
    return added[0].data


def test_a_sound_event_is_answered_by_the_receipt_of_its_entry(served: Served, event: Make) -> None:
    answer = served.post(event("sound"))
    assert answer.status_code == 201
    receipt = answer.json()
    entry = served.log.entry(receipt["position"])
    assert entry is not None
    assert entry.event == event("sound")
    assert receipt == {
        "position": entry.position,
        "leaf": entry.leaf.hex(),
        "recorded": entry.recorded,
        "duplicate": False,
    }


def test_a_wrong_check_digit_is_accepted_and_told_in_both_languages(served: Served, event: Make) -> None:
    odd = event("odd")
    candidate = odd["data"]["bids"][0]
    sound = candidate["party"]
    candidate["party"] = sound[:-1] + ("1" if sound[-1] != "1" else "2")
    answer = served.post(odd)
    assert answer.status_code == 201
    (found,) = answer.json()["findings"]
    assert (found["pointer"], found["code"]) == ("/data/bids/0/party", "check-digit")
    assert found["zh"]
    assert found["en"]
    assert candidate["party"] not in found["zh"] + found["en"]


def test_the_entry_names_organisation_and_key_of_the_poster_never_the_key_itself(served: Served, event: Make) -> None:
    position = served.post(event("poster")).json()["position"]
    entry = served.log.entry(position)
    assert entry is not None
    hashed = hashlib.sha256(served.key.encode()).hexdigest()
    assert entry.poster == {"org": "12140300MA0TT001XR", "via": f"key:{hashed[:12]}"}


def test_the_same_event_again_gets_the_same_receipt_and_no_second_entry(served: Served, event: Make) -> None:
    first = served.post(event("again"))
    size = served.size()
    # members in another order and with blanks: the committed bytes are what is compared
    second = served.post(orjson.dumps(dict(reversed(event("again").items())), option=orjson.OPT_INDENT_2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json() | {"duplicate": True}
    assert served.since(size) == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "syntax"),
        (b"{", 400, "syntax"),
        (b"\xff", 400, "utf-8"),
        (b'\xef\xbb\xbf{"a":1}', 400, "bom"),
        (b'{"a":1,"a":2}', 400, "duplicate-name"),
        (b'{"a":"\\u0000"}', 400, "nul"),
        (b'{"a":"\\ud800"}', 400, "surrogate"),
        (b'{"a":1.0}', 400, "number"),
        (b'{"a":1e3}', 400, "number"),
        (b'{"a":9007199254740992}', 400, "number"),
        (b'{"a":' + b"[" * 20 + b"]" * 20 + b"}", 400, "depth"),
        (b"1", 422, "type"),
        (b"[]", 422, "empty"),
        (b"[1]", 422, "type"),
        (b"{}", 422, "required"),
    ],
)
def test_what_is_no_cloudevent_is_refused_with_its_reason_and_recorded(
    served: Served, body: bytes, status: int, code: str
) -> None:
    size = served.size()
    answer = served.post(body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert code in {one["code"] for one in document["problems"]}
    assert all(one["zh"] and one["en"] for one in document["problems"])
    assert refusal_of(served, size)["reason"] == "malformed"


def test_each_bad_field_is_named_in_both_languages_and_no_value_is_repeated(served: Served, event: Make) -> None:
    size = served.size()
    secret = "13800138000"
    bent = event("bent", subject="case:1", colour=secret, data={"session": 7, "telephone": secret})
    del bent["data"]["host"]
    answer = served.post(bent)
    assert answer.status_code == 422
    problems = {one["pointer"]: one for one in answer.json()["problems"]}
    assert {"/subject", "/colour", "/data/session", "/data/telephone", "/data/host"} == set(problems)
    assert secret not in answer.text
    refused = refusal_of(served, size)
    assert refused["type"] == "trading.bid-opened.v1"
    assert refused["object"] == "urn:example:ptc#bent"
    assert secret not in str(refused)


def test_a_refusal_keeps_the_hash_of_the_request_where_it_could_hold_no_secret(served: Served, event: Make) -> None:
    size = served.size()
    body = orjson.dumps(event("hashed", colour="red"))
    assert served.post(body).status_code == 422
    assert refusal_of(served, size)["request_hash"] == hashlib.sha256(body).hexdigest()


def test_a_refused_secret_leaves_neither_value_nor_hash(served: Served, event: Make) -> None:
    """A reserve price has few possibilities: its hash would tell it to whoever tries them all."""
    size = served.size()
    registered = event("secret", type="trading.project-registered.v1", data={"reserve_price": 1234567800})
    registered["data"]["tenderer"] = "12140300MA0TT001XR"
    answer = served.post(registered)
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["problems"]] == [("/data/reserve_price", "secret")]
    assert "1234567800" not in answer.text
    refused = refusal_of(served, size)
    assert refused["type"] == "trading.project-registered.v1"
    assert "request_hash" not in refused


def test_an_entry_over_its_limit_is_refused_with_413_and_recorded(served: Served, event: Make) -> None:
    size = served.size()
    moment = "2026-02-10T15:41:05.123456789+08:00"
    bids = [{"bid_id": f"{n:064}", "party": "9" * 36, "received_at": moment} for n in range(200)]
    answer = served.post(event("large", data={"bids": bids}))
    assert answer.status_code == 413
    assert "65,535" in answer.json()["title"]
    assert refusal_of(served, size)["reason"] == "malformed"


@pytest.mark.parametrize("stated", [True, False])
def test_a_request_over_its_limit_is_refused_with_413_and_recorded(served: Served, stated: bool) -> None:
    size = served.size()
    body = b" " * 200_001
    headers = {"Authorization": f"Bearer {served.key}", "Content-Type": "application/json"}
    answer = served.client.post("/v1/events", content=body if stated else iter([body]), headers=headers)
    assert answer.status_code == 413
    assert "200,000" in answer.json()["detail"]
    refused = refusal_of(served, size)
    assert refused["reason"] == "malformed"
    assert "request_hash" not in refused


def test_an_unknown_content_type_is_refused_with_415_and_recorded(served: Served, event: Make) -> None:
    size = served.size()
    answer = served.post(event("media"), media="application/x-www-form-urlencoded")
    assert answer.status_code == 415
    assert "application/cloudevents+json" in answer.json()["detail"]
    assert refusal_of(served, size)["reason"] == "malformed"


@pytest.mark.parametrize(
    "media",
    [None, "application/json", "Application/CloudEvents+JSON; charset=utf-8", "application/cloudevents-batch+json"],
)
def test_json_is_taken_under_each_of_its_content_types(served: Served, event: Make, media: str | None) -> None:
    assert served.post(orjson.dumps(event(f"media-{media and len(media)}")), media=media).status_code == 201


def test_a_type_its_organ_may_not_post_is_refused_with_403_and_recorded(served: Served, event: Make) -> None:
    size = served.size()
    answer = served.post(event("right", type="complaint.lodged.v1"))
    assert answer.status_code == 403
    assert answer.json()["problems"][0]["code"] == "no-right"
    refused = refusal_of(served, size)
    assert (refused["reason"], refused["organ"], refused["actor_org"]) == ("no-right", "PTC", "12140300MA0TT001XR")


@pytest.mark.parametrize("source", ["urn:sunledger:rules", "URN:sunledger:system"])
def test_nobody_outside_speaks_under_a_source_of_the_ledgers_own(served: Served, event: Make, source: str) -> None:
    """Else a stranger could take the id of an alert before the rules raise it."""
    size = served.size()
    answer = served.post(event("own", source=source))
    assert answer.status_code == 403
    assert answer.json()["problems"][0]["pointer"] == "/source"
    assert refusal_of(served, size)["reason"] == "no-right"


def test_other_content_under_a_known_id_is_a_conflict_and_the_attempt_is_recorded(served: Served, event: Make) -> None:
    first = served.post(event("conflict")).json()
    size = served.size()
    answer = served.post(event("conflict", data={"session": "another"}))
    assert answer.status_code == 409
    assert f"#{first['position']}" in answer.json()["detail"]
    refused = refusal_of(served, size)
    assert (refused["reason"], refused["object"]) == ("conflict", "urn:example:ptc#conflict")


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer x", "Basic c2xrXzox", "Bearer slk_" + "A" * 43, "Bearer slk_" + "é" * 43]
)
def test_a_stranger_is_refused_with_401_and_only_counted(
    served: Served, event: Make, authorization: str | None
) -> None:
    size = served.size()
    headers = [] if authorization is None else [(b"authorization", authorization.encode())]
    answer = served.client.post("/v1/events", json=event("stranger"), headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["type"] == "urn:sunledger:problem:unknown-key"
    assert served.since(size) == []


def test_strangers_of_a_network_become_one_entry_with_their_number(served: Served, event: Make) -> None:
    refusals = served.client.app.state.services.refusals  # type: ignore[attr-defined]
    refusals.tell_strangers()
    size = served.size()
    for address in ("192.0.2.1", "192.0.2.77", "2001:db8:1::5", "192.0.2.1"):
        refusals.stranger(address)
    refusals.tell_strangers()
    told = {one.data["network"]: one.data["count"] for one in served.since(size)}
    assert told == {"192.0.2.0/24": 3, "2001:db8:1::/48": 1}
    assert {one.data["reason"] for one in served.since(size)} == {"unknown-key"}
    refusals.tell_strangers()
    assert len(served.since(size)) == 2


def test_a_flood_of_networks_becomes_a_bounded_number_of_entries(served: Served) -> None:
    refusals = served.client.app.state.services.refusals  # type: ignore[attr-defined]
    refusals.tell_strangers()
    size = served.size()
    for number in range(1000):
        refusals.stranger(f"10.{number // 250}.{number % 250}.1")
    refusals.tell_strangers()
    told = {one.data["network"]: one.data["count"] for one in served.since(size)}
    assert len(told) == 257
    assert sum(told.values()) == 1000


@pytest.mark.parametrize("code", ["unlawful", "unknown-person"])
def test_what_breaks_a_law_is_recorded_all_the_same(served: Served, event: Make, code: str) -> None:
    """A deadline long passed, a stream nobody opened: rules speak of it, the door does not."""
    assert served.post(event(code, time="1999-01-01T00:00:00+08:00", subject="lot:never-heard-of")).status_code == 201


def test_an_array_is_all_or_nothing(served: Served, event: Make) -> None:
    size = served.size()
    bent = event("array-2", colour="red")
    answer = served.post([event("array-0"), event("array-1"), bent])
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["problems"]] == ["/2/colour"]
    assert refusal_of(served, size)["object"] == "urn:example:ptc#array-2"
    answer = served.post([event(f"array-{n}") for n in range(3)])
    assert answer.status_code == 201
    positions = [one["position"] for one in answer.json()["receipts"]]
    assert positions == list(range(positions[0], positions[0] + 3))


def test_an_array_with_a_conflict_writes_nothing_of_itself(served: Served, event: Make) -> None:
    served.post(event("atomic-old"))
    size = served.size()
    answer = served.post([event("atomic-new"), event("atomic-old", data={"session": "other"})])
    assert answer.status_code == 409
    assert refusal_of(served, size)["reason"] == "conflict"
    assert served.log.position_of("urn:example:ptc", "atomic-new") is None


def test_an_array_of_known_and_new_events_answers_each_in_its_place(served: Served, event: Make) -> None:
    known = served.post(event("mixed-1")).json()
    answer = served.post([event("mixed-0"), event("mixed-1"), event("mixed-2")])
    assert answer.status_code == 201
    receipts = answer.json()["receipts"]
    assert [one["duplicate"] for one in receipts] == [False, True, False]
    assert receipts[1] == known | {"duplicate": True}
    again = served.post([event("mixed-0"), event("mixed-1"), event("mixed-2")])
    assert again.status_code == 200
    assert [one["position"] for one in again.json()["receipts"]] == [one["position"] for one in receipts]


def test_the_same_event_twice_in_one_array_is_one_entry(served: Served, event: Make) -> None:
    size = served.size()
    answer = served.post([event("twice"), event("other"), event("twice")])
    assert answer.status_code == 201
    positions = [one["position"] for one in answer.json()["receipts"]]
    assert positions[0] == positions[2]
    assert len(served.since(size)) == 2


def test_one_id_with_two_contents_in_one_array_is_a_conflict(served: Served, event: Make) -> None:
    size = served.size()
    answer = served.post([event("torn"), event("torn", data={"session": "other"})])
    assert answer.status_code == 409
    assert refusal_of(served, size)["reason"] == "conflict"


def test_lines_are_answered_each_by_itself_and_in_order(served: Served, event: Make) -> None:
    size = served.size()
    lines = [
        orjson.dumps(event("line-1")),
        b"{",
        b"  ",
        orjson.dumps(event("line-4", colour="red")),
        orjson.dumps([event("line-5a"), event("line-5b")]),
        orjson.dumps(event("line-1")),
    ]
    answer = served.post(b"\r\n".join(lines), media="application/x-ndjson")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    told = [orjson.loads(line) for line in answer.content.splitlines()]
    assert [one["line"] for one in told] == [1, 2, 4, 5, 6]
    assert told[0]["duplicate"] is False
    assert (told[1]["status"], told[2]["status"]) == (400, 422)
    assert len(told[3]["receipts"]) == 2
    assert told[4]["position"] == told[0]["position"]
    assert told[4]["duplicate"] is True
    types = sorted(one.type for one in served.since(size))
    assert types == ["ledger.access-logged.v1"] * 2 + ["trading.bid-opened.v1"] * 3


def test_many_lines_keep_their_order_in_the_log(served: Served, event: Make) -> None:
    body = b"\n".join(orjson.dumps({**event(f"n-{n}"), "data": event("n")["data"]}) for n in range(150))
    told = [orjson.loads(line) for line in served.post(body, media="application/x-ndjson").content.splitlines()]
    positions = [one["position"] for one in told]
    assert len(positions) == 150
    assert positions == sorted(positions)


def test_more_lines_than_the_limit_are_refused_as_a_whole(served: Served) -> None:
    size = served.size()
    answer = served.post(b"1\n" * 10_001, media="application/x-ndjson")
    assert answer.status_code == 413
    assert refusal_of(served, size)["reason"] == "malformed"


def test_a_moment_of_recording_is_not_taken_where_the_clock_is_real(served: Served, event: Make) -> None:
    answer = served.post(event("moment"), sunledger_recorded="2020-01-01T00:00:00Z")
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["code"] == "real-clock"
