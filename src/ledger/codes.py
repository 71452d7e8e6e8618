"""The code lists under `schemas/codes/`: what a stored code is called, in Chinese and English.

    {"title": "报价形式", "x-title-en": "Kinds of price", "source": "…", "confidence": "own", "closed": true,
     "codes": [{"code": "fen", "title": "金额（分）", "x-title-en": "An amount of money, in fen"}, …]}

A *closed* list is all there is, and every contract field that uses it repeats it as `enum`. An *open* list may lack a
code that is met: the event is recorded all the same, and a quality finding says that the code is not known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ledger.canonical import decode
from ledger.errors import ContractInvalid, Malformed

OWN = "own"
"""The tier of types that the catalogue of the domain does not have."""

CONFIDENCES = ("confirmed", "unconfirmed", "own")
"""How far a list can be relied on: read in the law, still to be confirmed by legal staff, or made by this project."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code with its titles; `valid_from` and `valid_to` are ISO dates where the code has a term."""

    code: str
    title: str
    title_en: str
    note: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list by name; `codes` keeps the order of the file."""

    name: str
    title: str
    title_en: str
    source: str
    confidence: str
    closed: bool
    codes: Mapping[str, Code]


def read_json(path: Path) -> Any:
    """The value of a schema file, read as strictly as an event. Raises ContractInvalid naming the file."""
    try:
        return decode(path.read_bytes())
    except OSError as fault:
        raise ContractInvalid(f"{path.name}: {fault.strerror}") from fault
    except Malformed as fault:
        raise ContractInvalid(f"{path.name}: {fault}") from fault


def load(folder: Path) -> dict[str, CodeList]:
    """Every list of the folder, by name. Raises ContractInvalid naming the file that does not have the form above."""
    return {path.stem: _code_list(path) for path in sorted(folder.glob("*.json")) if path.stem != "glossary"}


def with_own_types(catalogue: CodeList, contracts: Iterable[Any]) -> CodeList:
    """The list of event types with those types of our own (`x-tier: own`) that only their contract files name.

    The types of the domain are a closed catalogue; a type that somebody adds is known by its file alone.
    """
    own = {}
    for raw in contracts:
        if not isinstance(raw, dict):
            continue  # no contract; `contract_checks` says so
        named = str(raw.get("$id", "")).removeprefix("urn:sunledger:event:").rpartition(".")[0]
        if raw.get("x-tier") == OWN and named and named not in catalogue.codes:
            own[named] = Code(named, str(raw.get("title")), str(raw.get("x-title-en")), OWN)
    return replace(catalogue, codes={**catalogue.codes, **own})


def _code_list(path: Path) -> CodeList:
    value = read_json(path)
    try:
        codes = [
            Code(one["code"], one["title"], one["x-title-en"], one.get("note"), one.get("from"), one.get("to"))
            for one in value["codes"]
        ]
        made = CodeList(
            path.stem,
            value["title"],
            value["x-title-en"],
            value["source"],
            value["confidence"],
            value["closed"],
            {code.code: code for code in codes},
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ContractInvalid(f"codes/{path.name}: not a code list ({fault!r})") from fault
    if len(made.codes) != len(codes):
        raise ContractInvalid(f"codes/{path.name}: a code stands twice")
    if made.confidence not in CONFIDENCES or not isinstance(made.closed, bool):
        raise ContractInvalid(f"codes/{path.name}: confidence is one of {', '.join(CONFIDENCES)}, closed true or false")
    return made
