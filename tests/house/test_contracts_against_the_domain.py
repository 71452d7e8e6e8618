"""The contracts against the catalogue of events they were written from (`../shared/spec/domain.md`, section 2).

Per type: the stream, the tier, the clauses, the organs that may post, every payload field with its value type and the
values of its enum, and every field marked `!` required. Where a contract says otherwise on purpose, a table here says
so with the reason; a line in a table that is no longer needed is a failure too. Skipped where the specification is not
beside the project.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ledger.contracts import Contract, Contracts

DOMAIN = Path(__file__).parents[2].parent / "shared" / "spec" / "domain.md"
ALL = 165

POSTERS: dict[str, tuple[str, str]] = json.loads(
    Path(__file__).with_name("posters_of_the_domain.json").read_text("utf-8")
)
"""What the column "Posted by" says, where it is a phrase and no organ code → the organs meant, and why. A bare CAD is
the city's own, CAD-C; *same* is the row before."""

OPTIONAL: dict[str, str] = {
    "ledger.correction-posted": "approved_by doc",
    "ledger.access-logged": "actor actor_org",
    "catalogue.edition-published": "approved",
    "party.qualification-decided": "doc",
    "trading.notice-published": "document",
    "trading.bid-submitted": "receipt_no device certificate",
    "trading.candidates-publicised": "channel contents",
    "draw.requested": "seed_commitments",
    "draw.conducted": "pool_doc seed_reveals checkpoint algorithm",
    "approval.decided": "doc",
    "approval.revoked": "doc",
    "cad.review-approval-issued": "certificate",
    "cad.waiver-decided": "engineering_check deputy director doc",
    "quality.acceptance-concluded": "doc",
    "fee.assessed": "list_edition basis reviewer",
    "fee.paid": "account",
    "fee.waiver-applied": "decision ground",
    "fee.refunded": "to_account",
    "fee.deposit-returned": "to_account",
    "credit.record-entered": "source_decision original_text",
    "credit.repair-decided": "application",
    "disclosure.withheld": "legal_basis approved_by",
    "archive.item-disposed": "basis approved_by",
}
"""Marked `!` and yet optional: the absence is the violation (decided), what is typed in may lack its proof, an unknown
key has no owner, what is read back from the web does not say, and an account is a secret that waits for the vault."""

RENAMED: dict[tuple[str, str], tuple[str, str]] = {
    ("ledger.checkpoint-sealed", "head_seq"): ("size", "decided: a checkpoint carries size and root"),
    ("ledger.checkpoint-sealed", "merkle_root"): ("root", "the same"),
    ("ledger.checkpoint-sealed", "head_hash"): ("root", "the root covers every leaf"),
    ("ledger.checkpoint-sealed", "signatures"): ("note", "signatures stand in the note, absent before a signer"),
    ("ledger.checkpoint-sealed", "anchored_to"): ("note", "cosignatures stand in the note"),
    ("trading.candidates-publicised", "from"): ("opens_at", "the rule needs the moment, not the date"),
    ("trading.candidates-publicised", "to"): ("closes_at", "the same"),
    ("trading.candidates-publicised", "price"): ("price_kind", "a price is an amount, a rate, a text or none"),
    ("supervision.alert-raised", "evaluated_at_seq"): ("evaluated_at", "a position is not called seq here"),
    ("approval.step-signed", "attestation"): ("", "an attribute of the envelope"),
    ("approval.step-signed", "bool"): ("present", "a member needs a name"),
    ("trading.bid-invalidated", "bool"): ("in_favour", "a member needs a name"),
    ("report.weekly-submitted", "int"): ("value", "a member needs a name"),
    ("trading.quote-placed", "hmac"): ("mac", "as the device of a bid"),
}
"""Fields that carry another name; `""` where the envelope holds them. `…_hmac` is always the bare name."""


KINDS: dict[str, set[str]] = {
    "ts": {"ts"}, "date": {"date"}, "fen": {"fen"}, "area": {"area"}, "uscc": {"uscc"}, "pid": {"pid"}, "doc": {"doc"},
    "ref": {"ref"}, "sha256": {"sha256"}, "bool": {"boolean"}, "id": {"code"}, "code": {"code"},
    "int": {"count", "bp", "integer"}, "str": {"text", "name", "code"},
}  # fmt: skip
"""The value type a contract uses for a word of the catalogue: a share is `bp`, a bounded number an integer of its own,
and text is prose, a name or a code, as it is meant."""

OTHER_KINDS: dict[tuple[str, str], tuple[str, str]] = {
    ("party.affiliation-recorded", "a"): ("object", "a party or a person, each with its own tag"),
    ("party.affiliation-recorded", "b"): ("object", "the same"),
    ("trading.bid-decrypted", "staff"): ("object", "decided: staff as pid and duty"),
    ("trading.candidates-publicised", "from"): ("ts", "the rule needs the moment, not the date"),
    ("trading.candidates-publicised", "to"): ("ts", "the same"),
    ("draw.conducted", "pool_doc"): ("doc", "decided: a held document, whose hash is in it"),
    ("credit.commitment-made", "signed_by"): ("object", "who signs says as what (CRD-09)"),
    ("fee.deposit-received", "account_holder"): ("match", "a value to be matched is sent raw"),
    ("supervision.alert-raised", "implicated_orgs"): ("code", "may be known by name only"),
}
"""Fields of another value type than the catalogue's word says."""

STREAMS: dict[str, set[str]] = {
    "same stream as target": {"*"}, "party / person": {"party", "person"}, "link": {"exchange"}, "operator": {"organ"},
    "dossier": {"archive"}, "liability": {"accountability"}, "workreport": {"report"}, "workreport:year": {"report"},
}  # fmt: skip
"""Streams under the prefix that was decided for them."""

NOTICE = "trading.candidates-publicised"
"""Hangs on the notice, which may be of several lots, and on the lot where it is of one."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a payload as the catalogue writes it: `name[]! kind`, `name enum(a/b)`, `name {inner, inner}`."""

    name: str
    must: bool
    enum: tuple[str, ...]
    inner: str
    many: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the catalogue."""

    type: str
    tier: str
    posters: frozenset[str]
    payload: str
    clauses: tuple[str, ...]
    stream: str


@pytest.fixture(scope="module")
def catalogue() -> dict[str, Row]:
    """Every row of section 2 by type."""
    if not DOMAIN.is_file():
        pytest.skip("the specification is not beside the project (shared/spec/domain.md)")
    text = DOMAIN.read_text("utf-8")
    section = text[text.index("## 2. Event catalogue") : text.index("## 3. Process state machines")]
    rows: dict[str, Row] = {}
    posters: frozenset[str] = frozenset()
    for line in section.splitlines():
        if re.match(r"\| `[a-z]+\.[a-z-]+` \|", line):
            type_, _, tier, by, stream, payload, clauses, _ = (cell.strip() for cell in line.strip("|").split("|"))
            posters = organs(by, posters)
            spans = re.findall(r"`([^`]*)`", payload)
            rows[type_.strip("`")] = Row(type_.strip("`"), tier, posters, spans[-1], tuple(clauses.split(", ")), stream)
    return rows


@pytest.fixture(scope="module")
def both(catalogue: dict[str, Row], contracts: Contracts) -> list[tuple[Row, Contract]]:
    """The rows that have a contract, with it."""
    there = {one.type.rsplit(".", 1)[0]: one for one in contracts}
    return [(row, there[type_]) for type_, row in catalogue.items() if type_ in there]


def organs(column: str, before: frozenset[str]) -> frozenset[str]:
    """The organs a cell "Posted by" means; `before` are those of the row above, for *same*."""
    if column.startswith("same"):
        return before
    if column in POSTERS:
        return frozenset(POSTERS[column][0].split())
    codes = re.findall(r"\b(?:CAD-[NPC]|[A-Z]{3})\b", column)
    return frozenset("CAD-C" if code == "CAD" else code for code in codes)


def fields(text: str, separator: str) -> Iterator[Field]:
    """The fields of a payload (separated by `;`) or of an object in it (by `,`). Of `a or b!` neither alone must be."""
    for part in parts(text, separator):
        either = re.fullmatch(r"([a-z_]+) or ([a-z_]+)\b.*", part)
        if either:
            yield from (Field(name, False, (), "") for name in either.groups())
            continue
        found = re.match(r"([a-z_0-9]+)(\[\])?(!)?(.*)", part, re.DOTALL)
        if found is None:
            raise AssertionError(f"{part!r} is not how the catalogue writes a field")
        inner = re.search(r"\{(.*)\}", found[4])
        enum = re.search(r"enum\(([^)]*)\)", re.sub(r"\{.*\}", "", found[4]))
        kind = re.match(r" ([a-z0-9]+)", found[4])
        listed = tuple(one for value in enum[1].split("/") for one in spread(value)) if enum else ()
        many, must, name = bool(found[2]), bool(found[3]), found[1].removesuffix("_hmac")
        yield Field(name, must, listed, inner[1] if inner else "", many, kind[1] if kind else "")


def parts(text: str, separator: str) -> list[str]:
    """`text` cut at the separators that stand in no bracket."""
    found, depth = [""], 0
    for character in text:
        depth += (character in "({") - (character in ")}")
        if character == separator and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return [part.strip() for part in found if part.strip()]


def spread(value: str) -> list[str]:
    """`C1..C5` is five values; `refused 拒不整改` is `refused`; `trading:n` is `trading`; `inspector…` goes on."""
    ends = re.fullmatch(r"([A-Z])([0-9])\.\.\1([0-9]+)", value)
    if ends:
        return [f"{ends[1]}{n}" for n in range(int(ends[2]), int(ends[3]) + 1)]
    code = re.match(r"[A-Za-z0-9-]+", value)
    return [code[0] if code else value]


def clause_patterns(cell: tuple[str, ...]) -> list[str]:
    """`F7.2–F7.4` and `F8.7.2–4` are each of them, `C*` any of the kind, a remark in brackets is none."""
    found: list[str] = []
    for clause in (re.sub(r" \(.*\)", "", one) for one in cell):
        ends = re.fullmatch(r"(.*?)([0-9]+)–(?:\1)?([0-9]+)", clause)
        if ends:
            found += [re.escape(f"{ends[1]}{n}") for n in range(int(ends[2]), int(ends[3]) + 1)]
        else:
            found.append(re.escape(clause).replace(r"\*", "[0-9a-z.]+"))
    return found


def test_how_many_of_the_types_of_the_domain_have_a_contract(
    catalogue: dict[str, Row], both: list[tuple[Row, Contract]], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{len(both)} of {len(catalogue)} types of the domain have a contract\n")
    assert len(catalogue) == ALL


def test_the_catalogue_of_the_project_names_exactly_these_types(
    catalogue: dict[str, Row], contracts: Contracts
) -> None:
    noted = {name: code.note for name, code in contracts.codes["event-types"].codes.items()}
    assert {name: note for name, note in noted.items() if note != "own"} == {
        row.type: f"tier {row.tier}" for row in catalogue.values()
    }


def test_the_tier_and_the_clauses_are_those_of_the_domain(both: list[tuple[Row, Contract]]) -> None:
    wrong = []
    for row, contract in both:
        patterns = clause_patterns(row.clauses)
        unserved = [one for one in patterns if not any(re.fullmatch(one, clause) for clause in contract.clauses)]
        added = [clause for clause in contract.clauses if not any(re.fullmatch(one, clause) for one in patterns)]
        if unserved or added or contract.raw["x-tier"] != row.tier:
            wrong.append(f"{row.type}: lacks {unserved}, adds {added}, tier {contract.raw['x-tier']} for {row.tier}")
    assert wrong == []


def test_the_organs_that_may_post_are_those_of_the_domain(both: list[tuple[Row, Contract]]) -> None:
    wrong = []
    for row, contract in both:
        offered = {line.organ for line in contract.posters}
        if offered != row.posters:
            wrong.append(f"{row.type}: lacks {sorted(row.posters - offered)}, adds {sorted(offered - row.posters)}")
    assert wrong == []


def test_every_field_of_the_domain_is_there_with_the_values_of_its_enum(
    both: list[tuple[Row, Contract]], contracts: Contracts
) -> None:
    wrong = [
        f"{row.type}{fault}"
        for row, contract in both
        for fault in unmet(row.type, contract.raw, fields(row.payload, ";"), contracts)
    ]
    assert wrong == []


def unmet(type_: str, schema: dict[str, Any], wanted: Iterator[Field], contracts: Contracts) -> Iterator[str]:
    """What of the wanted fields an object of a contract does not have; the envelope's `project` is left out."""
    for field in wanted:
        name = RENAMED.get((type_, field.name), (field.name, ""))[0]
        if name == "" or field.name == "project_code":
            continue
        found = schema["properties"].get(name)
        if found is None:
            yield f"/{name}: is not there"
            continue
        one = found.get("items", found)
        if field.enum:
            yield from (f"/{name}: {fault}" for fault in unlisted(field.enum, one, contracts))
        if field.many and "items" not in found and name == field.name:
            yield f"/{name}: is no list"
        if field.kind == "enum" and "x-codes" not in one:
            yield f"/{name}: has no code list"
        if field.inner and "properties" not in one:
            yield f"/{name}: is no object"
        elif field.inner:
            names = fields(field.inner.partition(":")[0], ",")
            yield from (f"/{name}{fault}" for fault in unmet(type_, one, names, contracts))


def test_every_field_has_the_value_type_the_domain_says(both: list[tuple[Row, Contract]]) -> None:
    wrong = {}
    for row, contract in both:
        for field in fields(row.payload, ";"):
            found = contract.raw["properties"].get(RENAMED.get((row.type, field.name), (field.name, ""))[0])
            if found is None or field.kind not in KINDS:
                continue
            one = found.get("items", found)
            kind = one["$ref"].rsplit("/", 1)[1] if "$ref" in one else one["type"]
            if kind not in KINDS[field.kind]:
                wrong[row.type, field.name] = kind
    assert wrong == {where: kind for where, (kind, _) in OTHER_KINDS.items()}


def test_a_type_stands_on_the_stream_the_domain_says(both: list[tuple[Row, Contract]]) -> None:
    wrong = [
        f"{row.type}: {row.stream} is {contract.streams}"
        for row, contract in both
        if set(contract.streams) != STREAMS.get(row.stream, {row.stream.partition(":")[0]})
    ]
    assert wrong == [f"{NOTICE}: lot is ('notice',)"]


def unlisted(values: tuple[str, ...], field: dict[str, Any], contracts: Contracts) -> Iterator[str]:
    """Values of an enum that a field does not know. One written in Chinese stands in the titles of its code list."""
    if "x-codes" not in field:
        yield "has no code list"
        return
    codes = contracts.codes[field["x-codes"]].codes
    titles = " ".join(code.title for code in codes.values()).replace("人民防空主管部门", "人防")
    for value in values:
        if not (value in field.get("enum", codes) if value.isascii() else value in titles):
            yield f"does not know {value}"


def test_every_field_the_domain_demands_is_required_unless_decided_otherwise(both: list[tuple[Row, Contract]]) -> None:
    excused = {f"{type_}/{name}" for type_, names in OPTIONAL.items() for name in names.split()}
    loose = {
        f"{row.type}/{name}"
        for row, contract in both
        for field in fields(row.payload, ";")
        if field.must and field.name != "project_code"
        if (name := RENAMED.get((row.type, field.name), (field.name, ""))[0])
        if name not in contract.raw["required"] and name != "note"
    }
    compared = {row.type for row, _ in both}
    assert loose == {one for one in excused if one.split("/")[0] in compared}


def test_no_reading_is_left_that_nothing_needs(catalogue: dict[str, Row]) -> None:
    text = DOMAIN.read_text("utf-8")
    assert [phrase for phrase in [*POSTERS, *STREAMS] if f"| {phrase} |" not in text] == []
    named = {*OPTIONAL, *(type_ for type_, _ in RENAMED)}
    assert named <= set(catalogue)
    for type_, name in RENAMED:
        assert re.search(rf"\b{name}\b", catalogue[type_].payload), f"{type_} has no {name}"


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("ASB/CAD", {"ASB", "CAD-C"}),
        ("CAD-P (transcribed)", {"CAD-P"}),
        ("DEV (QSB confirms)", {"DEV", "QSB"}),
        ("same + second person", {"X"}),
    ],
)
def test_a_cell_of_posters_is_read_so(column: str, meant: set[str]) -> None:
    assert organs(column, frozenset({"X"})) == meant


def test_a_payload_is_read_so() -> None:
    read = list(fields("a! enum(x/y 乙/C1..C3); b[]! {c_hmac, d enum(p/q)}; case or lot! id; e! ref or id", ";"))
    assert read == [
        Field("a", True, ("x", "y", "C1", "C2", "C3"), "", kind="enum"),
        Field("b", True, (), "c_hmac, d enum(p/q)", many=True),
        Field("case", False, (), ""),
        Field("lot", False, (), ""),
        Field("e", True, (), "", kind="ref"),
    ]
    assert [one.name for one in fields(read[1].inner, ",")] == ["c", "d"]


def test_clauses_are_read_so() -> None:
    assert clause_patterns(("F8.7.2–4", "M43–M45", "M32.p1 (交易履约)")) == [
        *(re.escape(one) for one in ("F8.7.2", "F8.7.3", "F8.7.4", "M43", "M44", "M45", "M32.p1"))
    ]
    assert re.fullmatch(clause_patterns(("F1.4.*",))[0], "F1.4.2")
