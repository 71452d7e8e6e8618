"""The event contracts under `schemas/events`: what may be said, by whom, and what it concerns.

    contracts = Contracts.load()
    contract = contracts.get("trading.candidates-publicised.v1")
    contract.problems(event["data"])          # [] or what is wrong, where, in two languages
    contract.tags(event)                      # ["lot:…", "notice:…", "party:…", "source:…"]
    contract.may_post("TEN", org, event)      # whether that organ may post it

One file is one type (`schemas/formats/contract.md`). Nothing here knows a type by name: an event type is added by
adding a file. Everything is compiled when the files are loaded, because these three questions are asked for each
event; nothing changes afterwards, so one `Contracts` serves all threads.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator, Registry

from ledger import codes, contract_checks, secrecy, sentences
from ledger.errors import ContractInvalid, Problem
from ledger.fields import MAX_TAG, Schema, every_field, field_at, secret_pointers, tag, tag_collector, values

MAX_PROBLEMS = 100
"""Problems named for one event; who has more mends these first."""


def schemas() -> Path:
    """The schemas folder: inside the installed package, or at the top of the repository."""
    packaged = Path(__file__).parent / "schemas"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "schemas"


@dataclass(frozen=True, slots=True)
class Poster:
    """One line of `x-posters`: an organ that may post, and what else must hold."""

    organ: str
    own: str | None
    typed_by: frozenset[str]
    only: Mapping[str, tuple[Any, ...]]

    def allows(self, organ: str, org: str, data: object, attestation: str) -> bool:
        """Whether this line lets `organ` (acting as the organisation `org`) post `data`."""
        if self.organ in (organ, "*"):
            if self.own is not None and all(value != org for _, value in values(data, self.own)):
                return False
        elif organ not in self.typed_by or attestation != "transcribed":
            return False
        for pointer, allowed in self.only.items():
            found = [value for _, value in values(data, pointer)]
            if not found or any(value not in allowed for value in found):
                return False
        return True


class Contract:
    """One event type. The attributes are the contract's annotations; `raw` is the whole file."""

    def __init__(self, raw: dict[str, Any], types: Schema, registry: Registry) -> None:
        self.raw = raw
        self.type: str = raw["$id"].removeprefix("urn:sunledger:event:")
        self.title: str = raw["title"]
        self.title_en: str = raw["x-title-en"]
        stream: str | list[str] = raw["x-stream"]
        self.stream: str = stream if isinstance(stream, str) else stream[0]
        self.streams: tuple[str, ...] = (stream,) if isinstance(stream, str) else tuple(stream)
        self.nature: str = raw["x-nature"]
        self.secrecy: str = raw["x-secrecy"]
        self.clauses: tuple[str, ...] = tuple(raw["x-clauses"])
        self.posters = tuple(_poster(one) for one in raw["x-posters"])
        self._types = types
        self._validator = Draft202012Validator(raw, validate_formats=True, registry=registry, offline=True)
        self._is_valid = self._validator.is_valid
        self._collect = tag_collector(raw)
        self._collect_loose = tag_collector(raw, loose_only=True)
        self._sealed: dict[str, Any] | None = raw.get("x-sealed")
        self._secret = tuple(secret_pointers(raw, self.secrecy))
        self.secrets: secrecy.Secrets | None = secrecy.declared(raw, self.secrecy)

    def __repr__(self) -> str:
        return f"Contract({self.type!r})"

    def problems(self, data: object) -> list[Problem]:
        """What is wrong with the opened `data`, by place; empty when it fits. Pointers begin with `/data`."""
        if self._is_valid(data):
            return self._tag_problems(data)
        errors = list(islice(self._validator.iter_errors(data), MAX_PROBLEMS))
        errors.sort(key=lambda error: error.schema_path[:1] == ["$defs"])  # what the field itself says goes first
        found: dict[tuple[str, str], Problem] = {}
        for error in errors:
            for one in sentences.problems(error, self.raw, self._types):
                found.setdefault((one.pointer, one.code), one)
        return [found[at] for at in sorted(found)[:MAX_PROBLEMS]]

    def tags(self, event: Mapping[str, Any]) -> list[str]:
        """The tags of a valid event, sorted: subject, `source:…`, `project:…` when present, and the `x-tag` fields."""
        found = {event["subject"], f"source:{event['source']}"}
        project = event.get("project")
        if project is not None:
            found.add(f"project:{project}")
        if self._collect is not None:
            self._collect(event["data"], found)
        return sorted(found)

    def may_post(self, organ: str, org: str, event: Mapping[str, Any]) -> bool:
        """Whether `organ` (a code of the list `organs`), acting as the organisation `org`, may post this event.

        A line with `transcribed_by` also lets those organs post, when the event says `attestation: transcribed`; that
        the proof is there is a matter for a rule. Works on data that do not fit, too: then a line that looks at a
        field allows nothing.
        """
        data, attestation = event.get("data"), str(event.get("attestation", "direct"))
        return any(poster.allows(organ, org, data, attestation) for poster in self.posters)

    def on_stream(self, subject: str) -> bool:
        """Whether `subject` begins with a stream this type may stand on; `*` in the contract stands for any."""
        prefix, colon, name = subject.partition(":")
        return bool(colon and name) and (self.stream == "*" or prefix in self.streams)

    def is_sealed(self, data: object) -> bool:
        """Whether an event with this payload is sealed whole (`x-sealed`)."""
        return self._sealed is not None and _holds(self._sealed.get("when", {}), data)

    def secret_members(self, data: object) -> list[str]:
        """Pointers (from `/data`) of the members present that may not stand in an entry in clear.

        `/data` itself for an event that is sealed whole.
        """
        if self.is_sealed(data):
            return ["/data"]
        return [f"/data{at}" for pointer in self._secret for at, _ in values(data, pointer)]

    def field(self, pointer: str) -> Schema | None:
        """The field at a pointer within `data` (`/candidates/0/party` or `/candidates/*/party`), with its titles."""
        path: list[str | int] = [0 if p == "*" else int(p) if p.isdecimal() else p for p in pointer.split("/")[1:]]
        return field_at(self.raw, path, self._types)

    def value_type(self, field: Schema) -> Schema:
        """The value type a field refers to by `$ref`; the field itself where it refers to none."""
        return self._types["$defs"][field["$ref"].rsplit("/", 1)[1]] if "$ref" in field else field

    @cached_property
    def fields(self) -> dict[str, Schema]:
        """Every field at any depth by contract pointer, in the order of the file."""
        return dict(every_field(self.raw))

    @cached_property
    def checked(self) -> tuple[tuple[str, str], ...]:
        """Pointers of the fields whose value type has an `x-check`, each with the name of the check."""
        types = {at: self.value_type(field) for at, field in self.fields.items()}
        return tuple((at, found["x-check"]) for at, found in types.items() if "x-check" in found)

    def _tag_problems(self, data: object) -> list[Problem]:
        if self._collect_loose is None:
            return []
        found: set[str] = set()
        self._collect_loose(data, found)
        if all(len(one) <= MAX_TAG for one in found):
            return []
        return [
            sentences.tag_too_long(f"/data{at}", field)
            for pointer, field in self.fields.items()
            if "x-tag" in field
            for at, value in values(data, pointer)
            if len(tag(field["x-tag"], value)) > MAX_TAG
        ]


class Contracts:
    """All event types, and the value types and code lists they refer to."""

    def __init__(
        self, contracts: Mapping[str, Contract], types: Schema, code_lists: Mapping[str, codes.CodeList]
    ) -> None:
        self._contracts = dict(contracts)
        self.types: tuple[str, ...] = tuple(sorted(contracts))
        self.value_types = types
        self.codes = code_lists

    @classmethod
    def load(cls, root: Path | None = None) -> "Contracts":
        """Every contract of a schemas folder, checked.

        Raises ContractInvalid naming file and pointer where a file does not keep to the meta-schema, or to what the
        files promise each other (`contract_checks`).
        """
        root = root or schemas()
        types = codes.read_json(root / "types.v1.json")
        lists = codes.load(root / "codes")
        raws = {
            path.relative_to(root).as_posix(): codes.read_json(path) for path in sorted(root.glob("events/*/*.json"))
        }
        lists["event-types"] = codes.with_own_types(lists["event-types"], raws.values())
        wrong = contract_checks.problems(raws, types, lists, codes.read_json(root / "formats" / "contract.schema.json"))
        if wrong:
            told = "; ".join(f"{one.pointer}: {one.en}" for one in wrong[:10])
            raise ContractInvalid(told, problems=tuple(wrong))
        registry = Registry([(types["$id"], types)])
        made = [Contract(raw, types, registry) for raw in raws.values()]
        return cls({contract.type: contract for contract in made}, types, lists)

    def get(self, type_: str) -> Contract | None:
        """The contract of a type with version, e.g. `trading.bid-opened.v1`; None where there is none."""
        return self._contracts.get(type_)

    def __iter__(self) -> Iterator[Contract]:
        return (self._contracts[type_] for type_ in self.types)

    def __len__(self) -> int:
        return len(self.types)


def _poster(one: Mapping[str, Any]) -> Poster:
    only = {pointer: tuple(allowed) for pointer, allowed in one.get("only", {}).items()}
    return Poster(one["organ"], one.get("self"), frozenset(one.get("transcribed_by", ())), only)


def _holds(when: Mapping[str, Any], data: object) -> bool:
    return all(any(value == wanted for _, value in values(data, pointer)) for pointer, wanted in when.items())
