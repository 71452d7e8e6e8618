"""What the files under `schemas/` promise each other, checked whenever they are loaded.

The meta-schema (`schemas/formats/contract.schema.json`) says what one contract looks like; here stands what no schema
can say: that a path equals its `$id`, that what is named exists, that nothing secret becomes a tag, that a fact whose
absence is the violation is not demanded, that the platform operator decides nothing. A file that breaks one of these
stops the program at the start, not at the first event.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema_rs import Draft202012Validator

from ledger.codes import CodeList
from ledger.errors import Problem
from ledger.fields import SECRET, Schema, every_field, field_at

FORBIDDEN_TO_OPERATOR = frozenset(
    {
        "approval.decided",
        "trading.method-approved",
        "supervision.finding-made",
        "supervision.penalty-decided",
        "complaint.decided",
        "credit.measure-imposed",
        "accountability.correction-ordered",
        "accountability.correction-confirmed",
        "accountability.sanction-decided",
    }
)
"""What the trading centre (PTC) may never post: it may not approve, supervise, punish (管理办法 第十五条、第二十条)."""


def problems(
    raws: Mapping[str, Any], types: Schema, code_lists: Mapping[str, CodeList], meta: dict[str, Any]
) -> list[Problem]:
    """All that is wrong with the contract files (path → content); pointers are `<path>#<pointer>`."""
    validator = Draft202012Validator(meta, validate_formats=True)
    found: list[Problem] = []
    for path, raw in raws.items():
        shape = [_shape(path, list(error.instance_path), error.message) for error in validator.iter_errors(raw)]
        found += shape or list(_contract(path, raw, types, code_lists))
    return found


def _shape(path: str, at: list[str | int], message: str) -> Problem:
    return _problem(path, "".join(f"/{part}" for part in at), message[:300])


def _problem(path: str, pointer: str, en: str) -> Problem:
    return Problem(f"{path}#{pointer}", "contract", "合同文件有误。", en)


def _contract(path: str, raw: Schema, types: Schema, code_lists: Mapping[str, CodeList]) -> Iterator[Problem]:
    type_ = raw["$id"].removeprefix("urn:sunledger:event:")
    name = type_.rsplit(".", 1)[0]
    if path != f"events/{type_.replace('.', '/', 1)}.json":
        yield _problem(path, "/$id", f"the path of {type_} is events/{type_.replace('.', '/', 1)}.json")
    if name not in code_lists["event-types"].codes:
        yield _problem(path, "/$id", f"{name} is not in the code list event-types")
    yield from _names(path, raw, code_lists)
    yield from _posters(path, name, raw)
    yield from _pointers(path, raw, types)
    yield from _required(path, "", raw)
    for pointer, field in every_field(raw):
        yield from _field(path, pointer, field, types, code_lists)
        yield from _required(path, pointer, field)
    yield from _tags(path, raw)


def _names(path: str, raw: Schema, code_lists: Mapping[str, CodeList]) -> Iterator[Problem]:
    """Types and rules that the contract names must be in the catalogues."""
    named = [("/x-after", one["type"]) for one in raw["x-after"]]
    named += [("/x-sealed", one) for one in raw.get("x-sealed", {}).get("until", [])]
    opens = raw.get("x-opens", {})
    named += [("/x-opens", one) for one in (*opens.get("types", []), *opens.get("closes", []))]
    for pointer, field in every_field(raw):
        secrecy = field.get("x-secrecy")
        named += [(f"{pointer}/x-secrecy", one) for one in secrecy["sealed"]] if isinstance(secrecy, dict) else []
    for pointer, one in named:
        if one not in code_lists["event-types"].codes:
            yield _problem(path, pointer, f"no event type {one} in the code list event-types")
    rules = [("/x-after", one["rule"]) for one in raw["x-after"]]
    rules += [(pointer, field["x-absence"]) for pointer, field in every_field(raw) if "x-absence" in field]
    for pointer, one in rules:
        if one not in code_lists["rules"].codes:
            yield _problem(path, pointer, f"no rule {one} in the code list rules")


def _posters(path: str, name: str, raw: Schema) -> Iterator[Problem]:
    if name not in FORBIDDEN_TO_OPERATOR:
        return
    for n, one in enumerate(raw["x-posters"]):
        if one["organ"] in ("PTC", "*") or "PTC" in one.get("transcribed_by", ()):
            yield _problem(path, f"/x-posters/{n}", f"PTC may never post {name}")


def _pointers(path: str, raw: Schema, types: Schema) -> Iterator[Problem]:
    """Pointers into `data` must lead to a field."""
    named = [raw["x-variants"]] if "x-variants" in raw else []
    for one in raw["x-posters"]:
        named += [one[key] for key in ("self", "proof") if key in one] + list(one.get("only", {}))
    second = raw.get("x-second-person", {})
    named += [pointer for pointer in second.values() if pointer.startswith("/")]
    named += list(raw.get("x-sealed", {}).get("when", {})) + list(raw.get("x-opens", {}).get("where", {}))
    for pointer in named:
        parts: list[str | int] = [0 if part == "*" else part for part in pointer.split("/")[1:]]
        if field_at(raw, parts, types) is None:
            yield _problem(path, pointer, "the contract has no such field")


def _field(
    path: str, pointer: str, field: Schema, types: Schema, code_lists: Mapping[str, CodeList]
) -> Iterator[Problem]:
    kind = field.get("type", "$ref" if "$ref" in field else None)
    if kind is None:
        yield _problem(path, pointer, "a field needs a type or a $ref")
    if "$ref" in field:
        prefix, _, name = field["$ref"].rpartition("/")
        if prefix != f"{types['$id']}#/$defs" or name not in types["$defs"]:
            yield _problem(path, pointer, f"no value type {field['$ref']}")
    if kind == "array" and "items" not in field:
        yield _problem(path, pointer, "a list needs items")
    if "properties" in field and field.get("additionalProperties") is not False:
        yield _problem(path, pointer, "an object needs additionalProperties: false")
    if "enum" in field and "x-codes" not in field:
        yield _problem(path, pointer, "an enum needs a code list (x-codes) with its titles")
    if "x-codes" in field:
        yield from _codes(path, pointer, field, code_lists.get(field["x-codes"]))


def _codes(path: str, pointer: str, field: Schema, codes: CodeList | None) -> Iterator[Problem]:
    if codes is None:
        yield _problem(path, pointer, f"no code list {field['x-codes']}")
    elif "enum" in field and not set(field["enum"]) <= set(codes.codes):
        yield _problem(path, pointer, f"the list {codes.name} lacks a value of the enum")
    elif codes.closed and "enum" in field and set(field["enum"]) != set(codes.codes):
        yield _problem(path, pointer, f"the list {codes.name} is closed: the enum must be equal to it")


def _required(path: str, pointer: str, schema: Schema) -> Iterator[Problem]:
    properties = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in properties:
            yield _problem(path, f"{pointer}/{name}", "is required and not described")
        elif "x-absence" in properties[name]:
            yield _problem(path, f"{pointer}/{name}", "its absence is a violation, so it may not be required")


def _tags(path: str, raw: Schema) -> Iterator[Problem]:
    """Nothing secret becomes a tag, except a random pid; a sealed event's tags wait for its opening."""
    if "x-sealed" not in raw:
        yield from _secret_tags(path, "", raw, raw["x-secrecy"])


def _secret_tags(path: str, pointer: str, schema: Schema, inherited: Any) -> Iterator[Problem]:
    inner = [(f"{pointer}/{name}", field) for name, field in schema.get("properties", {}).items()]
    if "items" in schema:
        inner.append((f"{pointer}/*", schema["items"]))
        if "x-secrecy" in schema["items"] and "properties" not in schema["items"]:
            yield _problem(path, f"{pointer}/*", "a list is one value: its class stands on the list")
    for at, field in inner:
        secrecy = field.get("x-secrecy", inherited)
        is_pid = str(field.get("$ref", "")).endswith("#/$defs/pid")
        if "x-tag" in field and not isinstance(secrecy, dict) and secrecy in SECRET and not is_pid:
            yield _problem(path, at, f"a {secrecy} field may not become a tag")
        yield from _secret_tags(path, at, field, secrecy)
