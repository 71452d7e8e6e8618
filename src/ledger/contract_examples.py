"""Whether the examples in the contracts are what they say: they are what a newcomer copies, so they must be right.

    problems(contract)      # [] or what is wrong with which example

An example fits its contract, hangs on a stream of it, has exactly the tags it names, may be posted by the organ it
names, and each value of the variant field (`x-variants`) has one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.contracts import Contract
from ledger.errors import Problem
from ledger.fields import values

SOURCE = "urn:example:source"
SOME_ORGANISATION = "12140300MA0TT001XR"
"""Who posts an example in which nobody posts about itself."""

ENVELOPE = frozenset({"subject", "project", "time", "attestation", "data"})


def problems(contract: Contract) -> list[Problem]:
    """All that is wrong with the examples of one contract; pointers begin with `/x-examples`."""
    found: list[Problem] = []
    for n, example in enumerate(contract.raw["x-examples"]):
        found += [Problem(f"/x-examples/{n}{at}", code, zh, en) for at, code, zh, en in _one(contract, example)]
    missing = sorted(set(_variants(contract)) - set(_shown(contract)))
    if missing:
        zh, en = f"缺少 {', '.join(missing)} 的示例。", f"No example shows {', '.join(missing)}."
        found.append(Problem("/x-examples", "variant", zh, en))
    return found


def event(example: Mapping[str, Any]) -> dict[str, Any]:
    """The example as an event: the attributes that are of the envelope, and a source."""
    return {"source": SOURCE, **{name: value for name, value in example.items() if name in ENVELOPE}}


def _one(contract: Contract, example: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    posted = event(example)
    for one in contract.problems(example["data"]):
        yield one.pointer, one.code, one.zh, one.en
    if not contract.on_stream(example["subject"]):
        yield "/subject", "stream", "主题不在该类型的流上。", "The subject is on no stream of the type."
    tags = set(contract.tags(posted)) - {f"source:{SOURCE}"}
    if tags != set(example["tags"]):
        differing = ", ".join(sorted(tags ^ set(example["tags"])))
        yield "/tags", "tags", f"所列标签与实际不符：{differing}", f"The tags are not those found: {differing}"
    if not _allowed(contract, example["organ"], posted):
        yield "/organ", "no-right", "该机构无权入账此示例。", "That organ may not post the example."


def _allowed(contract: Contract, organ: str, posted: Mapping[str, Any]) -> bool:
    own = [line.own for line in contract.posters if line.organ in (organ, "*") and line.own]
    orgs = [org for pointer in own for _, org in values(posted["data"], pointer)]
    return any(contract.may_post(organ, str(org), posted) for org in [*orgs, SOME_ORGANISATION])


def _variants(contract: Contract) -> list[str]:
    pointer = contract.raw.get("x-variants")
    return [str(value) for value in contract.fields[pointer].get("enum", [])] if pointer else []


def _shown(contract: Contract) -> Iterator[str]:
    pointer = contract.raw.get("x-variants")
    if pointer is not None:
        for example in contract.raw["x-examples"]:
            yield from (str(value) for _, value in values(example["data"], pointer))
