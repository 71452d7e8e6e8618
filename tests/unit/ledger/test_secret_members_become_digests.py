"""Secret members are taken out and can be put back, each by its own disclosure; published vectors come out exactly."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from ledger import secrecy
from ledger.canonical import encode
from ledger.contracts import Contract, Contracts
from ledger.errors import DisclosureWrong
from ledger.secrecy import Secret, Secrets, commit, digest, disclosure, read, restore, seeded

SEED = bytes(range(32))
PHONE = Secret("phone", "personal")
SHAPE = Secrets(
    members=(Secret("price", "commercial"), Secret("reserve", "public", ("trading.bid-opened",))),
    inner=(("contacts", Secrets(items=Secrets(members=(PHONE,)))), ("author", Secrets(members=(PHONE,)))),
)


def event(**data: Any) -> dict[str, Any]:
    return {"id": "1", "source": "urn:example:ptc", "type": "x.y.v1", "data": data}


def shown(taken: secrecy.Committed, *pointers: str) -> dict[str, Any]:
    return restore(taken.event, [one.text for one in taken.disclosures if one.pointer in pointers])


def test_a_salt_of_a_seed_is_that_of_the_vector() -> None:
    salt = seeded(SEED, "urn:example:ptc", "1")("/data/price")
    assert salt == "WRQo44_DdfRrmS3Q5RM_Tg"
    assert digest(disclosure(salt, "price", 123456789)) == "jT6TcKDSmpd_sllDUy8LEMb5gzA9jsPfXJpDpxh7vAM"


def test_a_disclosure_is_taken_as_given_blanks_and_all() -> None:
    given = secrecy.b64(b'["6Ij7tM-a5iVPGboS5tmvVA", "email", "johndoe@example.com"]')
    assert digest(given) == "JzYjH4svliH0R3PyEMfeZu6Jt69u5qehZo7F7EPYlSE"
    assert read(given) == ("6Ij7tM-a5iVPGboS5tmvVA", "email", "johndoe@example.com")


def test_the_committed_event_of_the_published_vector_comes_out() -> None:
    stated = {**event(price=123456789, lot="A01-1"), "specversion": "1.0", "subject": "lot:A01-1"}
    taken = commit(stated, Secrets(members=(Secret("price", "commercial"),)), SEED)
    assert encode(taken.event["data"]) == b'{"_sd":["jT6TcKDSmpd_sllDUy8LEMb5gzA9jsPfXJpDpxh7vAM"],"lot":"A01-1"}'
    assert stated["data"] == {"price": 123456789, "lot": "A01-1"}


def test_every_declared_member_has_a_digest_whether_it_was_given_or_not() -> None:
    given, empty = commit(event(price=5), SHAPE), commit(event(), SHAPE)
    assert [len(one.event["data"]["_sd"]) for one in (given, empty)] == [2, 2]
    assert [read(one.text)[2] for one in empty.disclosures] == [None, None]
    assert restore(empty.event, [one.text for one in empty.disclosures]) == event()


def test_objects_in_lists_and_in_objects_keep_digests_of_their_own() -> None:
    stated = event(contacts=[{"name": "a", "phone": "1"}, {"name": "b"}], author={"phone": "2"})
    taken = commit(stated, SHAPE)
    assert [one.pointer for one in taken.disclosures] == [
        "/data/contacts/0/phone", "/data/contacts/1/phone", "/data/author/phone", "/data/price", "/data/reserve",
    ]  # fmt: skip
    assert [len(item["_sd"]) for item in taken.event["data"]["contacts"]] == [1, 1]
    assert restore(taken.event, [one.text for one in taken.disclosures]) == stated
    assert shown(taken, "/data/author/phone")["data"]["author"] == {"phone": "2"}
    assert "phone" not in shown(taken, "/data/author/phone")["data"]["contacts"][0]


def test_digests_are_sorted_so_that_their_order_says_nothing() -> None:
    for number in range(20):
        found = commit(event(price=number), SHAPE).event["data"]["_sd"]
        assert found == sorted(found)


def test_the_same_event_is_committed_the_same_with_a_seed_and_never_again_without() -> None:
    one, two = commit(event(price=5), SHAPE, SEED), commit(event(price=5), SHAPE, SEED)
    assert encode(one.event) == encode(two.event)
    assert encode(commit(event(price=5), SHAPE).event) != encode(commit(event(price=5), SHAPE).event)
    assert encode(commit(event(price=6), SHAPE, SEED).event) != encode(one.event)


def test_a_repeat_without_seed_is_the_same_bytes_under_the_stored_salts() -> None:
    taken = commit(event(price=5, contacts=[{"phone": "1"}]), SHAPE)
    salts = {one.pointer: read(one.text)[0] for one in taken.disclosures}
    again = secrecy.recommit(event(price=5, contacts=[{"phone": "1"}]), SHAPE, salts.__getitem__)
    assert encode(again.event) == encode(taken.event)


def test_what_is_public_or_internal_stays_and_an_event_without_secrets_is_itself() -> None:
    assert commit(event(a=1), None, SEED).event == event(a=1)
    assert commit(event(a=1), None).disclosures == ()


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ("=", "no JSON"), ("bm90IGpzb24", "no JSON"), (secrecy.b64(b'["a","b"]'), "salt, name"),
        (secrecy.b64(b'[1,"b",2]'), "salt, name"), (secrecy.b64(b'["a","_sd",[]]'), "hides"),
        (secrecy.b64(b'["a","b",[{"c":{"_sd":[]}}]]'), "hides"), ("é", "no JSON"),
        (secrecy.b64(b"[" * 100_000), "no JSON"),
    ],
)  # fmt: skip
def test_what_is_no_disclosure_is_said_to_be_none(spoilt: str, why: str) -> None:
    with pytest.raises(DisclosureWrong, match=why):
        read(spoilt)


def test_a_disclosure_of_another_event_restores_nothing() -> None:
    other = commit(event(price=6), SHAPE).disclosures[0].text
    with pytest.raises(DisclosureWrong, match="no digest here"):
        restore(commit(event(price=5), SHAPE).event, [other])


def test_no_name_that_stands_there_already_is_restored() -> None:
    text = disclosure("salt", "lot", "B")
    with pytest.raises(DisclosureWrong, match="stands there already"):
        restore({"data": {"lot": "A", "_sd": [digest(text)]}}, [text])
    twice = [disclosure("one", "price", 1), disclosure("two", "price", 2)]
    with pytest.raises(DisclosureWrong, match="stands there already"):
        restore({"data": {"_sd": sorted(map(digest, twice))}}, twice)


def test_a_secret_object_is_one_value_of_the_strictest_class_in_it(contracts: Contracts) -> None:
    bid = contracts.get("trading.bid-submitted.v1")
    assert bid is not None
    assert bid.secrets is not None
    classes = {one.name: one.secrecy for one in bid.secrets.members}
    assert classes["device"] == "personal"
    assert classes["receipt_no"] == "commercial"
    assert "party" not in classes
    assert bid.secrets.inner == ()


def test_a_sealed_field_names_what_opens_it_and_its_class_then(contracts: Contracts) -> None:
    project = contracts.get("trading.project-registered.v1")
    assert project is not None
    assert project.secrets is not None
    opens = ("trading.bid-opened", "trading.auction-closed")
    assert project.secrets.members == (Secret("reserve_price", "public", opens),)
    assert secrecy.at(project.secrets, "/data") == project.secrets.members
    assert secrecy.at(project.secrets, "/data/sections/0") == ()


def with_secrets(contracts: Contracts) -> Iterator[tuple[Contract, dict[str, Any]]]:
    for contract in contracts:
        if contract.secrets is not None:
            for example in contract.raw["x-examples"]:
                yield contract, event(**copy.deepcopy(example["data"]))


def test_each_contract_s_examples_come_back_whole_and_hide_what_the_contract_declares(contracts: Contracts) -> None:
    seen = 0
    for contract, stated in with_secrets(contracts):
        taken = commit(stated, contract.secrets)
        assert restore(taken.event, [one.text for one in taken.disclosures]) == stated
        for pointer, held in secrecy.hidden(taken.event):
            assert len(held) == len(secrecy.at(contract.secrets, pointer))
        assert len(secrecy.digests(taken.event)) == len(taken.disclosures)
        present = {pointer for pointer in contract.secret_members(stated["data"]) if pointer != "/data"}
        assert present <= {one.pointer for one in taken.disclosures if read(one.text)[2] is not None}
        seen += 1
    assert seen > 20
