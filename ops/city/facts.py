"""What the city must know of each event type to post it: read once from the contracts, never written again here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.contracts import Contract, Contracts
from ledger.fields import secret_pointers, values


@dataclass(frozen=True, slots=True)
class Facts:
    """One event type. `keyed`: a person types it in. `secret`: it carries fields that are committed, not written.

    `body`: to which body it is sealed for ever, if to one. `prose`: top-level public text that a correction may mend
    without changing what happened.
    """

    type: str
    keyed: bool
    secret: bool
    sealed: bool
    body: str
    when: Mapping[str, Any]
    prose: tuple[str, ...]

    def hides(self, data: Mapping[str, Any]) -> bool:
        """Whether an event with this payload is sealed whole."""
        if not self.sealed:
            return False
        return all(any(value == wanted for _, value in values(data, at)) for at, wanted in self.when.items())


def facts(contracts: Contracts) -> dict[str, Facts]:
    """The facts of every type by its name without version; of several versions the newest."""
    return {one.type[: one.type.rindex(".")]: _facts(one) for one in contracts}


def _facts(contract: Contract) -> Facts:
    raw = contract.raw
    sealed = raw.get("x-sealed")
    prose = tuple(
        name
        for name, field in raw["properties"].items()
        if field.get("$ref", "").endswith("/text")
        and not {"x-codes", "x-tag", "pattern", "enum"} & set(field)
        and field.get("x-secrecy", contract.secrecy) in ("public", "internal")
    )
    return Facts(
        type=contract.type,
        keyed=contract.nature not in ("machine", "ledger"),
        secret=sealed is not None or any(True for _ in secret_pointers(raw, contract.secrecy)),
        sealed=sealed is not None,
        body=(sealed or {}).get("to", ""),
        when=(sealed or {}).get("when", {}),
        prose=prose if sealed is None else (),
    )
