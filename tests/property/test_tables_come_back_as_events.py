"""A table made from events imports to the same events: every example of every contract, and events made at random.

The table is the one that the template command writes; the cells are written here as a county would write them, in yuan,
per cent and Chinese words, by a hand that shares no code with the reader.
"""

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from api.importers.tables import heads, sheets, template
from api.importers.tables.mapping import TableMap, parse
from api.importers.tables.understand import Reader
from ledger.contract_examples import event as example_event
from ledger.contracts import Contract, Contracts

SOURCE = "urn:example:county"


def mapped(contract: Contract, contracts: Contracts) -> tuple[list[template.Head], TableMap, dict[str, Any]]:
    columns, said = template.table(contract, contracts)
    said["source"] = SOURCE
    return columns, parse(said, contract.type, contracts), said


def values_at(data: Any, pointer: str) -> list[Any]:
    found = [data]
    for part in pointer.split("/")[1:]:
        if part == "*":
            found = [item for value in found for item in value]
        elif part.isdecimal():
            found = [value[int(part)] for value in found if isinstance(value, list) and int(part) < len(value)]
        else:
            found = [value[part] for value in found if isinstance(value, dict) and part in value]
    return found


def written(value: Any, kind: str, titles: dict[str, str]) -> str:
    """A value as a county writes it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        return f"{value['source']}#{value['id']}"
    if kind in ("fen", "area", "bp"):
        return f"{Decimal(value) / 100:f}"
    return titles.get(value, str(value)) if isinstance(value, str) else str(value)


def cells_of(
    contract: Contract, columns: list[template.Head], event: dict[str, Any], contracts: Contracts
) -> list[str]:
    row = []
    for head in columns:
        if not head.pointer:
            subject = event["subject"].partition(":")[2]
            row.append(
                {"编号": event["id"], "主题编号": subject, "发生时间": event["time"]}.get(
                    head.name, event.get("project", "")
                )
            )
            continue
        field = contract.field(re.sub(r"/\d+", "/*", head.pointer)) or {}
        listed = contracts.codes[field["x-codes"]].codes if "x-codes" in field else {}
        often = [one.title for one in listed.values()]
        titles = {code: one.title for code, one in listed.items() if often.count(one.title) == 1}
        kind = str(field.get("$ref", "")).rpartition("/")[2]
        row.append("；".join(written(one, kind, titles) for one in values_at(event["data"], head.pointer)))
    return row


def is_tabular(contract: Contract, data: Any, columns: list[template.Head]) -> bool:
    """Whether a table of three items a list, with no blanks at the ends of texts, can hold it."""
    pointers = {re.sub(r"/\d+", "/*", head.pointer) for head in columns}

    def fits(value: Any, pointer: str) -> bool:
        if isinstance(value, dict):
            if pointer and pointer in pointers:  # a reference
                return "#" not in value["id"] and not re.search(r"\s", f"{value['source']}{value['id']}")
            return bool(value) and all(fits(inner, f"{pointer}/{name}") for name, inner in value.items())
        if isinstance(value, list):
            simple = f"{pointer}/*" in pointers
            return 0 < len(value) <= (200 if simple else 3) and all(fits(inner, f"{pointer}/*") for inner in value)
        return not isinstance(value, str) or (bool(value) and value == value.strip() and "；" not in value)

    return fits(data, "")


def read_back(path: Path, wanted: TableMap, contracts: Contracts) -> list[dict[str, Any]]:
    table = heads.found(sheets.read(path), wanted)
    reader = Reader(table, wanted, contracts.codes)
    return [reader.event(reader.cells(line, {})) for line in table.rows if not line.blank]


def save(path: Path, columns: list[template.Head], rows: list[list[str]]) -> None:
    lines = [[one.name for one in columns], [one.hint for one in columns], *rows]
    if path.suffix == ".csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerows(lines)
        path.write_bytes(text.getvalue().encode("gb18030"))
        return
    book = openpyxl.Workbook()
    for line in lines:
        book.worksheets[0].append(line)
    book.save(path)


def posted(contract: Contract, data: dict[str, Any], id: str, subject: str, time: str, project: str | None) -> Any:
    more = {} if project is None else {"project": project}
    return {
        "specversion": "1.0", "id": id, "source": SOURCE, "type": contract.type, "subject": subject, "time": time,
        "attestation": "imported", "data": data, **more,
    }  # fmt: skip


def test_every_example_of_every_contract_comes_back(contracts: Contracts, tmp_path: Path) -> None:
    compared = left_out = 0
    for contract in contracts:
        columns, wanted, _ = mapped(contract, contracts)
        events = []
        for number, one in enumerate(contract.raw["x-examples"]):
            whole = example_event(one)
            if not is_tabular(contract, one["data"], columns):
                left_out += 1
                continue
            subject = f"{wanted.templates['subject'].partition(':')[0]}:{whole['subject'].partition(':')[2]}"
            event = posted(contract, one["data"], f"{number}", subject, one["time"], one.get("project"))
            if "主题编号" not in wanted.templates["subject"]:
                event["subject"] = f"{contract.stream}:{values_at(one['data'], subject_pointer(contract, columns))[0]}"
            events.append(event)
        path = tmp_path / f"{contract.type}.csv"
        save(path, columns, [cells_of(contract, columns, event, contracts) for event in events])
        assert read_back(path, wanted, contracts) == events, contract.type
        compared += len(events)
    assert compared > 250
    assert left_out < compared / 10


def subject_pointer(contract: Contract, columns: list[template.Head]) -> str:
    """The column that the subject is made of."""
    return next(
        one.pointer
        for one in columns
        if contract.fields.get(one.pointer, {}).get("x-tag") == contract.stream
        and one.pointer[1:] in contract.raw["required"]
    )


TEXT = st.text(st.sampled_from("甲乙丙 ab1（）,\"'\n·"), min_size=1, max_size=12).map(str.strip).filter(bool)
CODE = st.text(st.sampled_from("甲乙AB01-"), min_size=1, max_size=12)
LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "fen": st.integers(-(2**53) + 1, 2**53 - 1),
    "area": st.integers(0, 2**53 - 1),
    "bp": st.integers(-1_000_000, 1_000_000),
    "count": st.integers(0, 2**53 - 1),
    "text": TEXT,
    "name": TEXT,
    "code": CODE,
    "ts": st.datetimes().filter(lambda one: 1000 <= one.year < 8999).map(lambda one: f"{one:%Y-%m-%dT%H:%M:%S}+08:00"),
    "date": st.dates().filter(lambda one: 1000 <= one.year < 8999).map(lambda one: one.isoformat()),
    "uscc": st.text(st.sampled_from("0123456789ABCDEFGH"), min_size=18, max_size=18),
    "pid": st.text(st.sampled_from("0123456789abcdefghijklmnopqrstuvwxyz"), min_size=25, max_size=25).map("p{}".format),
    "sha256": st.text(st.sampled_from("0123456789abcdef"), min_size=64, max_size=64),
    "match": CODE,
    "ref": st.one_of(
        st.integers(1, 2**53 - 1),
        st.fixed_dictionaries({"source": st.just("urn:example:x"), "id": st.text(st.sampled_from("ab1-"), min_size=1)}),
    ),
    "boolean": st.booleans(),
}


def value_of(field: Any, contracts: Contracts) -> st.SearchStrategy[Any]:
    """Values of a field that its contract allows, as far as its keywords say."""
    kind = str(field.get("$ref", "")).rpartition("/")[2] or field.get("type", "")
    if "enum" in field:
        return st.sampled_from(field["enum"])
    if "x-codes" in field and contracts.codes[field["x-codes"]].codes:
        return st.sampled_from(sorted(contracts.codes[field["x-codes"]].codes))
    if kind == "array":
        inner = value_of(field["items"], contracts)
        return st.lists(inner, min_size=max(1, field.get("minItems", 1)), max_size=min(3, field.get("maxItems", 3)))
    shared = contracts.value_types["$defs"].get(kind, {})
    holder = field if "properties" in field else shared
    if kind in LEAVES:
        return LEAVES[kind]
    if "properties" in holder:
        return members_of(holder, contracts)
    if kind == "integer":
        return st.integers(field.get("minimum", 0), field.get("maximum", 1000))
    return CODE


def members_of(holder: Any, contracts: Contracts) -> st.SearchStrategy[Any]:
    needed = set(holder.get("required", ()))
    each = {name: value_of(field, contracts) for name, field in holder["properties"].items()}
    return st.fixed_dictionaries(
        {name: one for name, one in each.items() if name in needed},
        optional={name: one for name, one in each.items() if name not in needed},
    ).filter(bool)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_events_made_at_random_come_back(contracts: Contracts, tmp_path_factory: Any, suffix: str, data: Any) -> None:
    type_ = data.draw(st.sampled_from([one for one in contracts.types if not one.startswith("ledger.")]))
    contract = contracts.get(type_)
    assert contract is not None
    columns, wanted, _ = mapped(contract, contracts)
    made = []
    for number in range(data.draw(st.integers(1, 3))):
        payload = data.draw(members_of(contract.raw, contracts))
        assume(contract.problems(payload) == [] and is_tabular(contract, payload, columns))
        event = posted(contract, payload, f"{number}", "", "2026-02-13T09:30:00+08:00", None)
        own = "主题编号" in wanted.templates["subject"]
        name = "S-1" if own else values_at(payload, subject_pointer(contract, columns))[0]
        assume(str(name).isascii())
        event["subject"] = f"{wanted.templates['subject'].partition(':')[0]}:{name}"
        made.append(event)
    path = tmp_path_factory.mktemp("table") / f"t{suffix}"
    save(path, columns, [cells_of(contract, columns, event, contracts) for event in made])
    assert read_back(path, wanted, contracts) == made


def plain_rows(path: Path) -> Iterator[list[str]]:
    for line in sheets.read(path).rows:
        yield [cell.text for cell in line.cells]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_template_command_writes_what_the_map_reads(contracts: Contracts, tmp_path: Path, suffix: str) -> None:
    for type_ in contracts.types[::12]:
        contract = contracts.get(type_)
        assert contract is not None
        path = tmp_path / f"{type_}{suffix}"
        template.write(path, contract, contracts)
        columns, wanted, _ = mapped(contract, contracts)
        rows = list(plain_rows(path))
        assert rows == [[one.name for one in columns], [one.hint for one in columns]]
        assert read_back(path, wanted, contracts) == []
