"""Adding an event type touches one file: a city writes a contract and a code list into a copy of the schemas, and at
once the type can be posted over HTTP, keeps to its organs, is found by its tags, and keeps its secrets out of the log.
"""

import json
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.auth import make_key
from api.commands import contracts as command
from api.founding import Founding, found
from api.settings import Settings
from ledger.contracts import Contracts, schemas
from ledger.store import embedded

ORG = "12140300MA0TT001XR"
TYPE = "service.lift-inspected.v1"
TYPES = "urn:sunledger:types.v1#/$defs/"
CONTRACT: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": f"urn:sunledger:event:{TYPE}",
    "title": "电梯检查",
    "x-title-en": "Lift inspected",
    "description": "交易场所电梯的一次检查及所检部位。",
    "x-description-en": "A lift of the trading venue was inspected, and which parts of it.",
    "x-tier": "own",
    "x-stream": "service",
    "x-nature": "step",
    "x-clauses": ["M15.p1"],
    "x-posters": [{"organ": "PTC"}],
    "x-after": [],
    "x-secrecy": "public",
    "type": "object",
    "additionalProperties": False,
    "required": ["lift", "parts"],
    "properties": {
        "lift": {"$ref": f"{TYPES}code", "title": "电梯编号", "x-title-en": "Lift", "x-tag": "service"},
        "parts": {
            "type": "array",
            "title": "所检部位",
            "x-title-en": "Parts inspected",
            "minItems": 1,
            "maxItems": 20,
            "items": {
                "type": "object",
                "title": "部位",
                "x-title-en": "Part",
                "additionalProperties": False,
                "required": ["part", "by"],
                "properties": {
                    "part": {
                        "$ref": f"{TYPES}code",
                        "title": "部位名称",
                        "x-title-en": "Part",
                        "x-codes": "lift-parts",
                    },
                    "by": {"$ref": f"{TYPES}uscc", "title": "检查单位", "x-title-en": "Inspected by", "x-tag": "party"},
                },
            },
        },
        "price": {
            "$ref": f"{TYPES}fen",
            "title": "报价（分）",
            "x-title-en": "Offer, in fen",
            "x-secrecy": "commercial",
        },
        "reserve": {
            "$ref": f"{TYPES}fen",
            "title": "底价（分）",
            "x-title-en": "Reserve, in fen",
            "x-secrecy": {"sealed": ["trading.bid-opened"], "then": "public"},
        },
    },
    "x-examples": [
        {
            "title": "例行检查",
            "x-title-en": "A routine inspection",
            "organ": "PTC",
            "subject": "service:L-1",
            "time": "2026-02-10T15:41:07+08:00",
            "tags": ["party:91140302MA0TT001XH", "party:91140311MA0TT002XK", "service:L-1"],
            "data": {
                "lift": "L-1",
                "parts": [
                    {"part": "door", "by": "91140302MA0TT001XH"},
                    {"part": "brake", "by": "91140311MA0TT002XK"},
                ],
                "price": 7654321,
            },
        }
    ],
}
PARTS = {
    "title": "电梯部位",
    "x-title-en": "Parts of a lift",
    "source": "本市自定",
    "confidence": "own",
    "closed": False,
    "codes": [
        {"code": "door", "title": "门", "x-title-en": "Door"},
        {"code": "brake", "title": "制动", "x-title-en": "Brake"},
    ],
}
_numbers = count(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schemas with one contract more, and its code list."""
    made: Path = shutil.copytree(schemas(), tmp_path_factory.mktemp("own") / "schemas")
    contract = made / "events" / "service" / "lift-inspected.v1.json"
    contract.parent.mkdir(exist_ok=True)
    for path, value in ((contract, CONTRACT), (made / "codes" / "lift-parts.json", PARTS)):
        path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")  # noqa: TID251  (a file, nothing hashed)
    return made


@pytest.fixture(scope="module")
def served(
    server: embedded.Server, contracts: Contracts, serving: Any, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """A ledger served with these schemas."""
    name = f"newtype{next(_numbers)}"
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    dsn = server.database(name)
    found(dsn, contracts, Founding(origin="test.example/log", region="140300", organ=ORG))
    chosen = Settings(console=False, schemas=folder, vault=tmp_path_factory.mktemp("vault") / "vault")
    with serving(dsn, chosen) as running:
        yield running


def event(id: str, **change: Any) -> dict[str, Any]:
    example = CONTRACT["x-examples"][0]
    return {
        "specversion": "1.0",
        "id": id,
        "source": "urn:example:ptc",
        "type": TYPE,
        "subject": example["subject"],
        "time": example["time"],
        "data": example["data"] | change,
    }


def test_the_new_contract_holds_and_nothing_else_had_to_be_named(folder: Path) -> None:
    report = command.check(folder)
    assert [(one.pointer, one.en) for one in report.wrong] == []
    assert report.own == command.check().own + 1


def test_it_is_posted_over_http_and_found_by_every_tag(served: Any) -> None:
    answer = served.post(event("l-1"))
    assert answer.status_code == 201, answer.text
    entry = served.log.entry(answer.json()["position"])
    for tag in CONTRACT["x-examples"][0]["tags"]:
        assert tag in entry.tags
        got = served.client.get("/v1/events", params={"tag": tag, "type": TYPE}).json()["entries"]
        assert [one["position"] for one in got] == [entry.position]
    assert served.client.get(f"/v1/contracts/{TYPE}").json()["contract"] == CONTRACT


def test_its_secrets_are_not_in_the_entry(served: Any) -> None:
    answer = served.post(event("l-2", reserve=8765432))
    assert answer.status_code == 201, answer.text
    entry = served.log.entry(answer.json()["position"])
    for secret in (b"7654321", b"8765432", b'"price"', b'"reserve"'):
        assert secret not in entry.raw
    assert len(entry.data["_sd"]) == 2, "one for each secret member, given or not"
    assert entry.data["parts"] == CONTRACT["x-examples"][0]["data"]["parts"]


def test_a_wrong_organ_is_refused(served: Any) -> None:
    with psycopg.connect(served.dsn, autocommit=True) as owner:
        tenderer = make_key(owner, org="12140300MA0TT010XE", organ="TEN", name="t").text
    size = served.size()
    answer = served.client.post("/v1/events", json=event("l-3"), headers={"Authorization": f"Bearer {tenderer}"})
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:sunledger:problem:no-right"
    assert [one.type for one in served.since(size)] == ["ledger.access-logged.v1"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"lift": 3}, "/data/lift"), ({"parts": []}, "/data/parts"), ({"colour": "red"}, "/data/colour")],
)
def test_what_does_not_fit_it_is_refused_by_place(served: Any, change: dict[str, Any], pointer: str) -> None:
    answer = served.post(event("l-4", **change))
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["problems"]] == [pointer]


def test_a_type_of_the_domain_must_be_in_its_catalogue(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "schemas")
    path = copy / "events" / "service" / "lift-inspected.v1.json"
    path.write_text(path.read_text("utf-8").replace('"x-tier": "own"', '"x-tier": "A"'), "utf-8")
    assert "is not in the code list event-types" in str(command.check(copy).wrong)
