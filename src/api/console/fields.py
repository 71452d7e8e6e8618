"""An event's payload as labelled fields: titles, kinds and codes from its contract, in the contract's order.

Nothing is left out: a member the contract does not name is shown under its own name.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from api.console.labels import Labels
from ledger.contracts import Contract
from ledger.fields import Schema, tag
from ledger.secrecy import DIGESTS

_UNIT = re.compile(r"（[^（）]*）$|, in [a-z ]+$")
"""The unit a title names; money and rates are shown in another one."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: title, the text or link shown, or the fields within it; `rows` for a list of objects."""

    title: str
    shown: Markup | str = ""
    inside: tuple["Field", ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[Markup | str, ...], ...] = ()


Hides = Mapping[str, str]
"""Of each digest that a payload hides a member behind, why that is not shown."""


def of_data(
    data: Mapping[str, Any], contract: Contract | None, label: Labels, hides: Hides | None = None
) -> tuple[Field, ...]:
    """The fields of a payload; of what it hides, how many members are in which state (`hides`)."""
    return _members(_worded(data, hides or {}, label), contract.raw if contract is not None else {}, label)


def _worded(value: Any, hides: Hides, label: Labels) -> Any:
    """The payload with words where digests stand."""
    if isinstance(value, list):
        return [_worded(item, hides, label) for item in value]
    if not isinstance(value, Mapping):
        return value
    shown = {name: _worded(inner, hides, label) for name, inner in value.items() if name != DIGESTS}
    if DIGESTS in value:
        states = Counter(hides.get(one, label.words("entry.not_shown")) for one in value[DIGESTS])
        said = [label.words("entry.hidden_members", n=label.number(n), state=state) for state, n in states.items()]
        shown[label.words("entry.hidden")] = "；".join(said)
    return shown


def _members(data: Mapping[str, Any], schema: Schema, label: Labels) -> tuple[Field, ...]:
    schema = _resolved(schema, label)
    known = schema.get("properties", {})
    names = [name for name in known if name in data] + [name for name in sorted(data) if name not in known]
    return tuple(_field(name, data[name], known.get(name, {}), label) for name in names)


def _field(name: str, value: Any, schema: Schema, label: Labels) -> Field:
    title = _title(name, schema, label)
    if isinstance(value, Mapping):
        return Field(title, inside=_members(value, schema, label))
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        return _table(title, value, schema.get("items", {}), label)
    if isinstance(value, list):
        items = [show(item, schema.get("items", {}), label) for item in value]
        return Field(title, Markup("、").join(items) if items else label.words("entry.none"))
    return Field(title, show(value, schema, label))


def _table(title: str, items: list[Mapping[str, Any]], schema: Schema, label: Labels) -> Field:
    """A list of objects: one column for each member that occurs."""
    known = schema.get("properties", {})
    names = [name for name in known if any(name in item for item in items)]
    names += sorted({name for item in items for name in item} - set(names))
    heads = tuple(_title(name, known.get(name, {}), label) for name in names)
    rows = tuple(
        tuple(_inside(item[name], known.get(name, {}), label) if name in item else "" for name in names)
        for item in items
    )
    return Field(title, heads=heads, rows=rows)


def _inside(value: Any, schema: Schema, label: Labels) -> Markup | str:
    """A member of a row: objects within it are written one after another."""
    if isinstance(value, list):
        parts = [_inside(item, schema.get("items", {}), label) for item in value]
        return Markup("<br>").join(parts)
    if isinstance(value, Mapping):
        known = _resolved(schema, label).get("properties", {})
        return Markup(" ").join(show(value[name], known.get(name, {}), label) for name in value)
    return show(value, schema, label)


def show(value: Any, schema: Schema, label: Labels) -> Markup | str:
    """A single value as its contract means it."""
    kind = str(schema.get("$ref", "")).rpartition("/")[2]
    if value is None:
        return label.words("entry.none")
    if isinstance(value, bool):
        return label.words("entry.yes" if value else "entry.no")
    if kind == "fen" and isinstance(value, int):
        return Markup('<span class="nowrap">{}</span>').format(label.yuan(value))
    if kind == "bp" and isinstance(value, int):
        return label.rate(value)
    if kind == "ts":
        return Markup("{} <small>+08:00</small>").format(label.moment(str(value), seconds=True))
    if kind == "sha256":
        of_a_document = schema["$ref"] == "#/$defs/sha256"  # within a value of type `doc`; elsewhere it is any hash
        return label.document(str(value)) if of_a_document else label.hash(str(value), full=True)
    if kind == "ref" and isinstance(value, int):
        return label.position(value)
    if "x-codes" in schema:
        return label.code(str(schema["x-codes"]), str(value))
    if "x-tag" in schema:
        return label.tag(tag(schema["x-tag"], value))
    text = str(value)
    return Markup("<code>{}</code>").format(text) if kind in ("code", "uscc", "pid") else text


def _resolved(schema: Schema, label: Labels) -> Schema:
    """The value type that a field refers to, where it is an object with fields of its own (`doc`); else the field."""
    shared: Schema = label.contracts.value_types["$defs"].get(str(schema.get("$ref", "")).rpartition("/")[2], {})
    return shared if "properties" in shared else schema


def _title(name: str, schema: Schema, label: Labels) -> str:
    title = label.of(schema.get("title"), schema.get("x-title-en")) or name
    return _UNIT.sub("", title) if str(schema.get("$ref", "")).endswith(("/fen", "/bp")) else title
