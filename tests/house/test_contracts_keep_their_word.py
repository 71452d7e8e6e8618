"""The files under `schemas/` are what they say: examples fit, names exist, and a broken file is found at the start."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.codes import CONFIDENCES, read_json
from ledger.contract_checks import FORBIDDEN_TO_OPERATOR
from ledger.contracts import Contract, Contracts, schemas
from ledger.errors import ContractInvalid
from ledger.fields import SECRET, every_field, values

LOADED = Contracts.load()
EXAMPLES = [(contract, example) for contract in LOADED for example in contract.raw["x-examples"]]
EACH_EXAMPLE = pytest.mark.parametrize(
    ("contract", "example"), EXAMPLES, ids=[f"{one.type} {example['x-title-en']}" for one, example in EXAMPLES]
)
EACH_CONTRACT = pytest.mark.parametrize("contract", list(LOADED), ids=LOADED.types)

HAN = re.compile("[\u4e00-\u9fff]")

WAITING = frozenset(
    {
        "credit.commitment-made.v1",
        "draw.conducted.v1",
        "draw.expert-responded.v1",
        "fee.deposit-received.v1",
        "supervision.finding-made.v1",
        "supervision.interference-recorded.v1",
        "supervision.investigation-opened.v1",
        "supervision.mark-made.v1",
        "supervision.referral-answered.v1",
        "supervision.referral-sent.v1",
        "trading.auction-opened.v1",
        "trading.bid-submitted.v1",
        "trading.bid-withdrawn.v1",
        "trading.committee-formed.v1",
        "trading.document-obtained.v1",
        "trading.prequalification-decided.v1",
        "trading.score-submitted.v1",
    }
)
"""Types nobody can post before there is a vault: sealed whole, or with a secret member that is required."""

ENVELOPE = frozenset({"subject", "project", "time", "attestation", "data"})


def secret_required(contract: Contract) -> list[str]:
    """The required members of a contract that no entry may show."""
    return [
        name
        for name in contract.raw["required"]
        if isinstance(secrecy := contract.fields[f"/{name}"].get("x-secrecy", contract.secrecy), dict)
        or secrecy in SECRET
    ]


def as_event(example: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: value for name, value in example.items() if name in ENVELOPE}
    return {"source": "urn:example:source", **kept}


@EACH_EXAMPLE
def test_an_example_fits_its_contract(contract: Contract, example: dict[str, Any]) -> None:
    assert contract.problems(example["data"]) == []


@EACH_EXAMPLE
def test_an_example_has_exactly_the_tags_it_names(contract: Contract, example: dict[str, Any]) -> None:
    found = contract.tags(as_event(example))
    assert sorted([*example["tags"], "source:urn:example:source"]) == found


@EACH_EXAMPLE
def test_the_organ_of_an_example_may_post_it(contract: Contract, example: dict[str, Any]) -> None:
    own = [line.own for line in contract.posters if line.organ in (example["organ"], "*") and line.own]
    orgs = [org for pointer in own for _, org in values(example["data"], pointer)]
    assert any(contract.may_post(example["organ"], org, as_event(example)) for org in [*orgs, "12140300MA0TT001XR"])


@EACH_EXAMPLE
def test_the_subject_of_an_example_is_on_the_stream_of_its_contract(
    contract: Contract, example: dict[str, Any]
) -> None:
    assert contract.on_stream(example["subject"])


@EACH_EXAMPLE
def test_an_example_holds_nothing_that_must_be_kept_secret(contract: Contract, example: dict[str, Any]) -> None:
    """This edition keeps no secrets, so an example with one would be refused; what waits for the vault is refused."""
    if contract.type not in WAITING:
        assert contract.secret_members(example["data"]) == []


def test_the_types_that_wait_for_the_vault_are_those_that_cannot_be_said_without_a_secret() -> None:
    found = {one.type for one in LOADED if "x-sealed" in one.raw or secret_required(one)}
    assert found == WAITING


@EACH_CONTRACT
def test_each_value_of_the_variant_field_has_an_example(contract: Contract) -> None:
    pointer = contract.raw.get("x-variants")
    wanted = set(contract.fields[pointer]["enum"]) if pointer else set()
    shown = {example["data"].get(pointer[1:]) for example in contract.raw["x-examples"]} if pointer else set()
    assert wanted <= shown


@EACH_CONTRACT
def test_no_number_is_a_fraction(contract: Contract) -> None:
    assert '"number"' not in (schemas() / f"events/{contract.type.replace('.', '/', 1)}.json").read_text("utf-8")


@EACH_CONTRACT
def test_every_list_of_values_has_a_limit(contract: Contract) -> None:
    """A list without a limit could make an entry too large, or one event a thousand tags."""
    unlimited = [
        at for at, field in contract.fields.items() if field.get("type") == "array" and "maxItems" not in field
    ]
    assert unlimited == []


@EACH_CONTRACT
def test_every_code_of_an_example_is_in_its_list(contract: Contract) -> None:
    unknown = [
        (at, value)
        for pointer, field in contract.fields.items()
        if "x-codes" in field
        for example in contract.raw["x-examples"]
        for at, value in values(example["data"], pointer)
        if value not in LOADED.codes[field["x-codes"]].codes
    ]
    assert unknown == []


@EACH_CONTRACT
def test_a_type_has_the_titles_of_the_glossary(contract: Contract) -> None:
    """Every type of the domain stands there; a type of our own may, else its contract is where its word is."""
    terms = {one.get("type"): (one["zh"], one["en"]) for one in glossary()}
    titles = (contract.title, contract.title_en)
    own = titles if contract.raw["x-tier"] == "own" else None
    assert titles == terms.get(contract.type.rsplit(".", 1)[0], own)


@EACH_CONTRACT
def test_a_type_of_our_own_gives_its_reason_on_the_format_page(contract: Contract) -> None:
    page = (schemas() / "formats" / "contract.md").read_text("utf-8")
    name = contract.type.rsplit(".", 1)[0]
    assert contract.raw["x-tier"] != "own" or f"| `{name}` |" in page
    assert (contract.raw["x-tier"] == "own") == (LOADED.codes["event-types"].codes[name].note == "own")


def sealed_until(contract: Contract) -> set[str]:
    """The types (without version) that open something of this contract."""
    found = set(contract.raw.get("x-sealed", {}).get("until", []))
    for field in contract.fields.values():
        if isinstance(secrecy := field.get("x-secrecy"), dict):
            found |= set(secrecy["sealed"])
    return found


def test_what_is_sealed_until_a_type_is_opened_by_it_and_nothing_else_is() -> None:
    by_name = {contract.type.rsplit(".", 1)[0]: contract for contract in LOADED}
    wanted = {(name, opener) for name, one in by_name.items() for opener in sealed_until(one) if opener in by_name}
    said = {
        (name, opener)
        for opener, one in by_name.items()
        for name in one.raw.get("x-opens", {}).get("types", [])
        if name in by_name
    }
    assert wanted == said


def test_the_operator_may_post_none_of_its_forbidden_types() -> None:
    offered = {
        contract.type
        for contract in LOADED
        if contract.type.rsplit(".", 1)[0] in FORBIDDEN_TO_OPERATOR
        and any(line.organ in ("PTC", "*") or "PTC" in line.typed_by for line in contract.posters)
    }
    assert set() == offered
    assert set(LOADED.codes["event-types"].codes) >= FORBIDDEN_TO_OPERATOR, "a forbidden type is misspelt"


def test_only_the_ledger_itself_writes_what_the_ledger_says() -> None:
    for name in ("ledger.created.v1", "ledger.checkpoint-sealed.v1", "supervision.alert-raised.v1"):
        contract = LOADED.get(name)
        assert contract is not None
        assert {"SYS"} == {line.organ for line in contract.posters}


def test_the_organs_of_the_code_list_are_those_the_meta_schema_knows() -> None:
    meta = read_json(schemas() / "formats" / "contract.schema.json")
    assert meta["$defs"]["organ"]["enum"] == list(LOADED.codes["organs"].codes)
    assert meta["$defs"]["class"]["enum"] == list(LOADED.codes["secrecy"].codes)


def test_every_code_has_a_title_in_both_languages() -> None:
    bare = [
        (name, code.code)
        for name, codes in LOADED.codes.items()
        for code in codes.codes.values()
        if not HAN.search(code.title) or not code.title_en.strip() or HAN.search(code.title_en)
    ]
    assert bare == []
    assert all(codes.confidence in CONFIDENCES and codes.source for codes in LOADED.codes.values())


def test_every_code_list_is_used_or_says_what_an_envelope_may_carry() -> None:
    """A list that nothing names is a list that nothing keeps true."""
    named = {field["x-codes"] for contract in LOADED for field in contract.fields.values() if "x-codes" in field}
    types = read_json(schemas() / "types.v1.json")
    named |= {
        field["x-codes"] for one in types["$defs"].values() for _, field in every_field(one) if "x-codes" in field
    }
    catalogues = {"event-types", "rules", "attestation", "catalogue-categories", "views"}
    assert set(LOADED.codes) - catalogues == named - catalogues


def test_a_term_of_the_glossary_has_one_english_word() -> None:
    terms = glossary()
    assert len(terms) == len({one["zh"] for one in terms})


def test_the_example_of_the_format_page_is_a_contract(tmp_path: Path) -> None:
    page = (schemas() / "formats" / "contract.md").read_text("utf-8")
    example = json.loads(page.split("```json\n")[1].split("```")[0])
    folder = shutil.copytree(schemas(), tmp_path / "schemas")
    write(folder / "events" / "exchange" / "record-quarantined.v1.json", example)
    assert "exchange.record-quarantined.v1" in Contracts.load(folder).types


def glossary() -> list[dict[str, str]]:
    terms: list[dict[str, str]] = read_json(schemas() / "codes" / "glossary.json")["terms"]
    return terms


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")  # noqa: TID251  (a file, nothing hashed)


def _set(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(raw: dict[str, Any]) -> None:
        place: Any = raw
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = to

    return change


def _drop(*path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(raw: dict[str, Any]) -> None:
        place: Any = raw
        for part in path[:-1]:
            place = place[part]
        del place[path[-1]]

    return change


BREAKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "a path that is not the id": _set("$id", to="urn:sunledger:event:trading.contract-signed.v1"),
    "a keyword that is not of the vocabulary": _set("x-colour", to="red"),
    "a field without an English title": _drop("properties", "price", "x-title-en"),
    "a title without Chinese": _set("properties", "price", "title", to="Price"),
    "a fraction": _set("properties", "price", to={"type": "number", "title": "价", "x-title-en": "Price"}),
    "a field without a type": _drop("properties", "price", "$ref"),
    "a value type that does not exist": _set("properties", "price", "$ref", to="urn:sunledger:types.v1#/$defs/yuan"),
    "a code list that does not exist": _set("properties", "reason_if_not_first", "x-codes", to="no-such-list"),
    "a value the list lacks": _set("properties", "kind", to={
        "type": "string", "title": "种类", "x-title-en": "Kind", "enum": ["C", "Z"], "x-codes": "severities"}),
    "an enum that is not the whole closed list": _set("properties", "kind", to={
        "type": "string", "title": "种类", "x-title-en": "Kind", "enum": ["C", "H"], "x-codes": "severities"}),
    "an enum without titles": _set("properties", "kind", to={
        "type": "string", "title": "种类", "x-title-en": "Kind", "enum": ["a", "b"]}),
    "a required field that is not described": _set("required", 0, to="winer"),
    "a required field whose absence is the violation": _set("required", to=["winner", "reason_if_not_first"]),
    "a required field of a nested object that is not described": _set("properties", "kind", to={
        "type": "object", "title": "种类", "x-title-en": "Kind", "additionalProperties": False,
        "required": ["code"], "properties": {}}),
    "an open object": _set("properties", "kind", to={
        "type": "object", "title": "种类", "x-title-en": "Kind", "properties": {}}),
    "a list of nothing": _set("properties", "kind", to={"type": "array", "title": "种类", "x-title-en": "Kind"}),
    "a tag that would show a secret": _set("properties", "winner", "x-secrecy", to="personal"),
    "a class on the items of a list": _set("properties", "kind", to={
        "type": "array", "title": "种类", "x-title-en": "Kind", "maxItems": 2, "items": {
            "$ref": "urn:sunledger:types.v1#/$defs/code", "title": "种", "x-title-en": "K", "x-secrecy": "personal"}}),
    "a predecessor that does not exist": _set("x-after", 0, "type", to="trading.candidates-published"),
    "a rule that does not exist": _set("x-after", 0, "rule", to="TRD-99"),
    "a sealed field opened by nothing": _set("properties", "price", "x-secrecy", to={
        "sealed": ["trading.bids-opened"], "then": "public"}),
    "a poster's pointer to nothing": _set("x-posters", 0, to={"organ": "TEN", "self": "/tenderer"}),
    "an organ that does not exist": _set("x-posters", 0, "organ", to="XYZ"),
}  # fmt: skip


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the schemas, to be broken."""
    return shutil.copytree(schemas(), tmp_path / "schemas")


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_contract_stops_the_start_and_is_named(name: str, copied: Path) -> None:
    path = copied / "events" / "trading" / "result-confirmed.v1.json"
    raw = json.loads(path.read_text("utf-8"))
    BREAKS[name](raw)
    write(path, raw)
    with pytest.raises(ContractInvalid, match=r"result-confirmed\.v1\.json#") as found:
        Contracts.load(copied)
    assert found.value.problems


def test_a_deciding_type_that_the_operator_may_post_stops_the_start(copied: Path) -> None:
    raw = json.loads((copied / "events" / "trading" / "result-confirmed.v1.json").read_text("utf-8"))
    raw["$id"] = "urn:sunledger:event:trading.method-approved.v1"
    write(copied / "events" / "trading" / "method-approved.v1.json", raw)
    with pytest.raises(ContractInvalid, match=r"PTC may never post trading\.method-approved"):
        Contracts.load(copied)


def test_a_type_that_is_in_no_catalogue_stops_the_start(copied: Path) -> None:
    raw = json.loads((copied / "events" / "trading" / "result-confirmed.v1.json").read_text("utf-8"))
    raw["$id"] = "urn:sunledger:event:trading.nonsense.v1"
    write(copied / "events" / "trading" / "nonsense.v1.json", raw)
    with pytest.raises(ContractInvalid, match=r"trading\.nonsense is not in the code list event-types"):
        Contracts.load(copied)


def test_a_file_that_is_no_json_is_named(copied: Path) -> None:
    (copied / "events" / "trading" / "bid-opened.v1.json").write_text('{"a": 1, "a": 2}', "utf-8")
    with pytest.raises(ContractInvalid, match=r"bid-opened\.v1\.json"):
        Contracts.load(copied)


@pytest.mark.parametrize(
    "change", [{"closed": "yes"}, {"confidence": "rumour"}, {"codes": [{"code": "a"}]}, {"title": None}]
)
def test_a_broken_code_list_is_named(change: dict[str, object], copied: Path) -> None:
    path = copied / "codes" / "severities.json"
    value = {**json.loads(path.read_text("utf-8")), **change}
    if change == {"title": None}:
        value["codes"] = [*value["codes"], value["codes"][0]]
    write(path, value)
    with pytest.raises(ContractInvalid, match=r"severities\.json"):
        Contracts.load(copied)
