"""The door: what becomes a post, what is malformed, what its poster has no right to."""

from typing import Any

import pytest

from ledger.admission import MAX_TAGS, Poster, admit, admit_all
from ledger.canonical import decode
from ledger.contracts import Contracts
from ledger.errors import Malformed, NoRight, Refused, TooLarge

ORG = "12140300MA0TT001XR"
TEN = Poster(ORG, "TEN", "key:abc", pid="p" + "0" * 25)

Event = dict[str, Any]


@pytest.fixture
def event(contracts: Contracts) -> Event:
    """A tender notice of a tenderer, as its contract's own example says."""
    given = contracts.get("trading.notice-published.v1").raw["x-examples"][0]  # type: ignore[union-attr]
    return {
        "specversion": "1.0",
        "id": "e-1",
        "source": "urn:example:ten",
        "type": "trading.notice-published.v1",
        **{name: given[name] for name in ("subject", "project", "time")},
        "data": dict(given["data"]),
    }


def refused(event: Any, contracts: Contracts, poster: Poster = TEN) -> set[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        admit(event, poster, contracts)
    assert all(one.zh and one.en for one in caught.value.problems)
    return {(one.pointer, one.code) for one in caught.value.problems}


def test_an_admitted_event_carries_its_bytes_its_key_and_its_sorted_tags(event: Event, contracts: Contracts) -> None:
    post = admit(event, TEN, contracts)
    assert decode(post.event) == event
    assert (post.type, post.source, post.id) == (event["type"], event["source"], event["id"])
    assert list(post.tags) == sorted(set(post.tags))
    assert {event["subject"], "source:urn:example:ten", f"project:{event['project']}"} <= set(post.tags)
    assert post.recorded is None


def test_the_entry_says_who_posted_but_never_the_random_id(event: Event, contracts: Contracts) -> None:
    assert admit(event, TEN, contracts).poster == {"org": ORG, "via": "key:abc"}


def test_an_organ_without_the_right_is_told_who_has_it(event: Event, contracts: Contracts) -> None:
    with pytest.raises(NoRight) as caught:
        admit(event, Poster(ORG, "AUD", "key:abc"), contracts)
    (problem,) = caught.value.problems
    assert (problem.pointer, problem.code) == ("/type", "no-right")
    assert "TEN" in problem.zh
    assert "TEN" in problem.en


def test_a_type_without_contract_is_malformed(event: Event, contracts: Contracts) -> None:
    assert refused(event | {"type": "trading.notice-published.v9"}, contracts) == {("/type", "unknown-type")}
    assert refused(event | {"type": "trading.notice-published"}, contracts) == {("/type", "unknown-type")}


def test_a_subject_of_another_stream_is_malformed(event: Event, contracts: Contracts) -> None:
    assert refused(event | {"subject": "case:1"}, contracts) == {("/subject", "stream")}
    assert refused(event | {"subject": "lots:1"}, contracts) == {("/subject", "stream")}


def test_envelope_and_payload_are_both_looked_at(event: Event, contracts: Contracts) -> None:
    found = refused(event | {"time": "yesterday", "data": {"kind": 3}}, contracts)
    assert ("/time", "attribute") in found
    assert any(pointer.startswith("/data") for pointer, _ in found)


def test_malformed_is_asked_before_the_right(event: Event, contracts: Contracts) -> None:
    with pytest.raises(Malformed):
        admit(event | {"time": 1}, Poster(ORG, "AUD", "key:abc"), contracts)


@pytest.mark.parametrize("event", [None, [], "text", 1, {}])
def test_what_is_no_event_is_malformed_not_a_crash(event: Any, contracts: Contracts) -> None:
    with pytest.raises(Malformed):
        admit(event, TEN, contracts)


def test_every_problem_of_an_array_names_its_event(event: Event, contracts: Contracts) -> None:
    with pytest.raises(Malformed) as caught:
        admit_all([event, event | {"id": "a b"}], TEN, contracts)
    assert [one.pointer for one in caught.value.problems] == ["/1/id"]
    with pytest.raises(NoRight) as denied:
        admit_all([event], Poster(ORG, "AUD", "key:abc"), contracts)
    assert [one.pointer for one in denied.value.problems] == ["/0/type"]


def test_an_event_too_large_for_an_entry_is_refused_with_a_way_out(event: Event, contracts: Contracts) -> None:
    data = event["data"] | {"title": "长" * 30_000}
    with pytest.raises((TooLarge, Malformed)):
        admit(event | {"data": data}, TEN, contracts)


def test_more_than_400_tags_are_refused(contracts: Contracts) -> None:
    """200 bids make 400 tags by themselves; lot and source come on top."""
    given = contracts.get("trading.bid-opened.v1").raw["x-examples"][0]  # type: ignore[union-attr]
    bid = given["data"]["bids"][0]

    def opening(bids: int) -> Event:
        return {
            "specversion": "1.0",
            "id": "e-1",
            "source": "urn:example:ptc",
            "type": "trading.bid-opened.v1",
            "subject": given["subject"],
            "time": given["time"],
            "data": given["data"] | {"bids": [bid | {"bid_id": f"B{n}", "party": _party(n)} for n in range(bids)]},
        }

    ptc = Poster(ORG, "PTC", "key:abc")
    assert len(admit(opening(190), ptc, contracts).tags) <= MAX_TAGS
    assert refused(opening(200), contracts, ptc) == {("/data", "tags")}


def _party(number: int) -> str:
    return f"9114{number:014d}"
