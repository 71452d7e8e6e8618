"""Quality findings about a payload: identifiers whose own check is wrong.

    checks(contract, event["data"])     # [] or [Problem(pointer="/data/winner", code="check-digit", …)]

A wrong number is no reason to refuse a fact: the entry stands, and this is said about it. Only a form that is filled
in by hand asks for the same things to be mended before it posts. Which fields are looked at is said by `x-check` of
their value type in `schemas/types.v1.json`; what the checks are, by `ledger.identifiers`.
"""

from ledger.contracts import Contract
from ledger.errors import Problem
from ledger.fields import values
from ledger.identifiers import CHECKS


def checks(contract: Contract, data: object) -> list[Problem]:
    """What is odd about the identifiers in `data`, in the order of the contract; empty when all are sound.

    Pointers begin with `/data`. The sentences name the field and never the value.
    """
    found = []
    for pointer, name in contract.checked:
        field = contract.fields[pointer]
        zh, en = f"“{field['title']}”", f"“{field['x-title-en']}”"
        for at, value in values(data, pointer):
            for fault in CHECKS[name](value) if isinstance(value, str) else ():
                found.append(Problem(f"/data{at}", fault.code, f"{zh}{fault.zh}，请核对。", f"{en} {fault.en}."))
    return found
