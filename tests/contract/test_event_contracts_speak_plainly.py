"""What `ledger.contracts` answers: where data do not fit and why, what they concern, who may post, what is secret."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import Registry

from ledger.codes import read_json
from ledger.contracts import MAX_PROBLEMS, Contract, Contracts, schemas
from ledger.errors import Problem
from ledger.fields import tag, values

PLANTED = "PLANTED 密-13800138000"
"""A value nobody may ever meet in a sentence."""

TYPES = read_json(schemas() / "types.v1.json")


def publicised(contracts: Contracts) -> tuple[Contract, dict[str, Any]]:
    contract = contracts.get("trading.candidates-publicised.v1")
    assert contract is not None
    return contract, copy.deepcopy(contract.raw["x-examples"][0]["data"])


def only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, problems
    return problems[0]


CASES: list[tuple[list[str | int], object, str, str, str]] = [
    (["candidates", 0, "rank"], "1", "type", "“排序”应为整数", "“Rank” must be a whole number"),
    (["candidates", 1, "rank"], 0, "minimum", "不得小于 1", "must be at least 1"),
    (
        ["candidates", 0, "price_kind"],
        "yuan",
        "enum",
        "下列之一：fen, rate, text, none",
        "one of: fen, rate, text, none",
    ),
    (["candidates", 0, "party"], "示例甲公司", "pattern", "统一社会信用代码", "a unified social credit code"),
    (["candidates", 0, "party"], "示例 甲", "pattern", "统一社会信用代码", "a unified social credit code"),
    (["candidates", 0, "price_fen"], 2**60, "maximum", "不得大于 9007199254740991", "at most 9007199254740991"),
    (["candidates", 0, "party_name"], "", "minLength", "至少 1 个字符", "at least 1 characters"),
    (["title"], "长" * 4001, "maxLength", "最多 4000 个字符", "at most 4000 characters"),
    (["channel"], ["city-platform"] * 51, "maxItems", "最多 50 项", "at most 50 items"),
    (["opens_at"], "2026-02-13 09:30", "format", "带时区的时间", "a moment with an offset"),
    (["opens_at"], "2016-12-31T23:59:60Z", "format", "带时区的时间", "a moment with an offset"),
    (["opens_at"], "0000-01-01T00:00:00Z", "format", "带时区的时间", "a moment with an offset"),
    (["closes_at"], "2026-02-30T09:30:00+08:00", "format", "带时区的时间", "a moment with an offset"),
    (["lot"], "A 1", "pattern", "不含空白", "without blanks"),
    (["lot"], "鄂" * 40, "maxLength", "超过 128 字节", "over 128 bytes"),
    (["source_notice"], "x", "type", "“来源公告”应为对象", "“Source notice” must be an object"),
    (["correction"], 1, "type", "true 或 false", "true or false"),
]


@pytest.mark.parametrize(
    ("path", "value", "code", "zh", "en"), CASES, ids=[f"{c[2]} {c[0][-1]} {n}" for n, c in enumerate(CASES)]
)
def test_a_wrong_value_is_answered_with_its_place_and_what_is_wanted(
    path: list[str | int], value: object, code: str, zh: str, en: str, contracts: Contracts
) -> None:
    contract, data = publicised(contracts)
    put(data, path, value)
    problem = only(contract.problems(data))
    assert ("/data/" + "/".join(map(str, path)), code) == (problem.pointer, problem.code)
    assert zh in problem.zh
    assert en in problem.en


def test_a_missing_member_is_named_where_it_should_stand(contracts: Contracts) -> None:
    contract, data = publicised(contracts)
    del data["candidates"][2]["party"]
    problem = only(contract.problems(data))
    assert (problem.pointer, problem.code) == ("/data/candidates/2/party", "required")
    assert problem.zh.startswith("缺少“单位")


def test_an_unknown_member_is_named_and_the_nearest_known_one_offered(contracts: Contracts) -> None:
    contract, data = publicised(contracts)
    data["candidates"][0]["price_fn"] = 5
    problem = only(contract.problems(data))
    assert (problem.pointer, problem.code) == ("/data/candidates/0/price_fn", "additionalProperties")
    assert "price_fen" in problem.zh
    assert "was “price_fen” meant?" in problem.en


def test_an_unknown_member_with_a_strange_name_is_shown_short_and_harmless(contracts: Contracts) -> None:
    contract, data = publicised(contracts)
    data["a/b~\n" + "x" * 500] = 1
    problem = only(contract.problems(data))
    assert problem.pointer.startswith("/data/a~1b~0")
    assert "\n" not in problem.zh + problem.en
    assert len(problem.en) < 150


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_places(contracts: Contracts) -> None:
    contract, data = publicised(contracts)
    del data["closes_at"]
    data["round"] = 0
    data["candidates"][0]["party"] = "x"
    assert [one.pointer for one in contract.problems(data)] == [
        "/data/candidates/0/party",
        "/data/closes_at",
        "/data/round",
    ]


def test_a_flood_of_faults_is_answered_with_a_bounded_list(contracts: Contracts) -> None:
    contract, data = publicised(contracts)
    data["candidates"] = [{} for _ in range(200)]
    assert len(contract.problems(data)) == MAX_PROBLEMS
    data["candidates"] = [{f"unknown{n}": 1 for n in range(5 * MAX_PROBLEMS)}]
    assert len(contract.problems(data)) == MAX_PROBLEMS


@pytest.mark.parametrize("data", [None, [], "text", 4])
def test_data_that_are_no_object_are_said_to_be_none(data: object, contracts: Contracts) -> None:
    contract, _ = publicised(contracts)
    problem = only(contract.problems(data))
    assert (problem.pointer, problem.code) == ("/data", "type")


def test_no_sentence_repeats_a_value(contracts: Contracts) -> None:
    """Each value of each example is replaced by a planted one: whatever is said, it is not that."""
    said = 0
    for contract in contracts:
        for example in contract.raw["x-examples"]:
            for path in paths(example["data"]):
                for planted in (PLANTED, [PLANTED], {"id": PLANTED}, -(10**15) - 13800138000):
                    data = copy.deepcopy(example["data"])
                    put(data, path, planted)
                    for problem in contract.problems(data):
                        said += 1
                        assert "PLANTED" not in problem.zh + problem.en
                        assert "13800138000" not in problem.zh + problem.en
    assert said > 500


def test_a_secret_member_is_found_and_no_reason_to_ask_it_left_out(contracts: Contracts) -> None:
    contract = contracts.get("complaint.lodged.v1")
    assert contract is not None
    data = {**contract.raw["x-examples"][0]["data"], "reporter": "p0000000000000000000000009"}
    assert contract.problems(data) == []
    assert contract.secret_members(data) == ["/data/reporter"]


def test_the_contract_of_a_sealed_bid_is_understood_though_none_is_shipped_yet() -> None:
    """The full example of the format: whole event sealed, classes on single fields, a bidder that posts for itself."""
    sealed = contract_of({"bid_id": field("code", tag="bid"), "party": field("uscc", tag="party")}, {
        "x-secrecy": "commercial", "x-sealed": {"until": ["trading.bid-opened"], "on": "lot"},
        "x-posters": [{"organ": "TSY"}, {"organ": "BID", "self": "/party"}]})  # fmt: skip
    data = {"bid_id": "B-7", "party": "91140302MA0TT001XH"}
    assert sealed.secret_members(data) == ["/data"]
    assert sealed.may_post("BID", "91140302MA0TT001XH", {"data": data})
    assert not sealed.may_post("BID", "91140311MA0TT002X4", {"data": data})
    assert sealed.may_post("TSY", "91140311MA0TT002X4", {"data": data})
    assert not sealed.may_post("PTC", "91140302MA0TT001XH", {"data": data})


def test_an_event_sealed_only_in_one_case_is_open_in_the_others() -> None:
    when = contract_of({"scope": field("code")}, {
        "x-sealed": {"until": ["trading.bid-opened"], "on": "lot", "when": {"/scope": "lot"}}})  # fmt: skip
    assert when.secret_members({"scope": "lot"}) == ["/data"]
    assert when.secret_members({"scope": "general"}) == []


def test_a_class_reaches_down_to_the_fields_that_name_none() -> None:
    inner = {"type": "object", "title": "设备", "x-title-en": "Device", "additionalProperties": False,
             "properties": {"mac": field("match"), "note": field("text", secrecy="public")}}  # fmt: skip
    many = {"type": "array", "title": "列", "x-title-en": "List", "items": {**inner, "properties": {
        "mac": field("match", secrecy="personal"), "note": field("text")}}}  # fmt: skip
    contract = contract_of({"whole": {**inner, "x-secrecy": "personal"}, "many": many, "plain": field("text")}, {})
    data = {"whole": {"mac": "m"}, "many": [{"note": "n"}, {"mac": "m"}], "plain": "p"}
    assert contract.secret_members(data) == ["/data/whole", "/data/many/1/mac"]


def test_a_field_without_a_class_has_that_of_the_contract() -> None:
    contract = contract_of({"a": field("text"), "b": field("text", secrecy="internal")}, {"x-secrecy": "commercial"})
    assert contract.secret_members({"a": "x", "b": "y"}) == ["/data/a"]


def test_tags_are_sorted_single_and_percent_encoded(contracts: Contracts) -> None:
    contract, data = publicised(contracts)
    data["lot"] = "鄂E/01"
    data["candidates"][1]["party"] = data["candidates"][0]["party"]
    found = contract.tags({"subject": "notice:1", "source": "urn:example:ptc", "data": data})
    assert found == sorted(set(found))
    assert "lot:%E9%84%82E/01" in found
    assert not any(one.startswith("project:") for one in found)
    assert "project:P-1" in contract.tags({"subject": "notice:1", "source": "s", "project": "P-1", "data": data})


@pytest.mark.parametrize(
    ("value", "made"), [("A-1", "lot:A-1"), ("a b", "lot:a%20b"), ("\x7f", "lot:%7F"), ("50%", "lot:50%"), (7, "lot:7")]
)
def test_a_tag_is_printable_ascii_without_blanks(value: object, made: str) -> None:
    assert made == tag("lot", value)


def test_an_alert_can_name_every_lot_that_a_tag_can(contracts: Contracts) -> None:
    """A lot named in Chinese is long when percent-encoded; an alert about it must not be refused for that."""
    contract, data = publicised(contracts)
    alert = contracts.get("supervision.alert-raised.v1")
    assert alert is not None
    data["lot"] = "鄂" * 13 + "E123456"
    assert contract.problems(data) == []
    lot = next(one for one in contract.tags({"subject": "notice:1", "source": "s", "data": data}) if "%" in one)
    assert len(lot) == 128
    raised = {**alert.raw["x-examples"][0]["data"], "subject_streams": [lot], "lots": [lot.removeprefix("lot:")]}
    assert alert.problems(raised) == []
    assert lot in alert.tags({"subject": "alert:1", "source": "s", "data": raised})


def test_an_organ_keys_in_a_complaint_only_as_transcribed(contracts: Contracts) -> None:
    contract = contracts.get("complaint.lodged.v1")
    assert contract is not None
    data = contract.raw["x-examples"][0]["data"]
    assert contract.may_post("PTC", "x", {"attestation": "transcribed", "data": data})
    assert not contract.may_post("PTC", "x", {"attestation": "imported", "data": data})
    assert not contract.may_post("PTC", "x", {"data": data})
    assert contract.may_post("PUB", "x", {"data": data})


def test_everyone_may_explain_an_alert_and_only_supervisors_may_assign_it(contracts: Contracts) -> None:
    contract = contracts.get("supervision.alert-handled.v1")
    assert contract is not None
    assert contract.may_post("TEN", "x", {"data": {"action": "explained"}})
    assert not contract.may_post("TEN", "x", {"data": {"action": "assigned"}})
    assert not contract.may_post("TEN", "x", {"data": {}})
    assert not contract.may_post("TEN", "x", {"data": None})
    assert contract.may_post("REG", "x", {"data": {"action": "assigned"}})


def test_an_organisation_appoints_its_own_people_and_nobody_elses(contracts: Contracts) -> None:
    contract = contracts.get("rulebook.appointment-recorded.v1")
    assert contract is not None
    assert contract.may_post("REG", "11140300MA0TT040XJ", {"data": {"org": "11140300MA0TT040XJ"}})
    assert not contract.may_post("REG", "11140300MA0TT040XJ", {"data": {"org": "12140300MA0TT030XX"}})


def test_a_field_is_found_by_pointer_with_its_titles(contracts: Contracts) -> None:
    contract, _ = publicised(contracts)
    for pointer in ("/candidates/0/members/3/party", "/candidates/*/members/*/party"):
        found = contract.field(pointer)
        assert found is not None
        assert (found["title"], found["x-title-en"]) == ("成员单位", "Member party")
    assert contract.field("/candidates/0/prise") is None
    assert contract.field("/doc/sha256") is not None


def test_a_type_without_contract_is_none(contracts: Contracts) -> None:
    assert contracts.get("trading.bid-opened.v2") is None
    assert len(contracts) == len(contracts.types) == len(list(contracts))


def test_a_pointer_with_a_star_names_each_item() -> None:
    data = {"a": [{"b": 1}, {"c": 2}, {"b": 3}], "x/y": 4}
    assert list(values(data, "/a/*/b")) == [("/a/0/b", 1), ("/a/2/b", 3)]
    assert list(values(data, "/a/b")) == []


def field(kind: str, *, tag: str | None = None, secrecy: str | None = None) -> dict[str, Any]:
    made = {"$ref": f"urn:sunledger:types.v1#/$defs/{kind}", "title": "项", "x-title-en": "Item"}
    return made | ({"x-tag": tag} if tag else {}) | ({"x-secrecy": secrecy} if secrecy else {})


def contract_of(properties: dict[str, Any], more: dict[str, Any]) -> Contract:
    raw = json.loads((schemas() / "events" / "trading" / "bid-opened.v1.json").read_text("utf-8"))
    return Contract({**raw, "properties": properties, "required": [], **more}, TYPES, Registry([(TYPES["$id"], TYPES)]))


def paths(value: object, here: tuple[str | int, ...] = ()) -> Iterator[list[str | int]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield [*here, name]
        yield from paths(item, (*here, name))


def put(data: Any, path: list[str | int], value: object) -> None:
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = value
