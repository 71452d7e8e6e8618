"""What may be posted: the event types with their titles, and each contract as its file stands.

A poster finds here the fields, who may post, and an example that can be sent as it is once source and id are its own.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request

from ledger.contracts import Contract
from ledger.errors import NotFound

router = APIRouter(tags=["contracts"])


@router.get("/v1/contracts", summary="事件类型 · Event types")
def all_contracts(request: Request) -> list[dict[str, Any]]:
    """Every event type: titles, the prefix of its subject, who may post it."""
    return [
        {
            "type": one.type,
            "zh": one.title,
            "en": one.title_en,
            "subject": f"{one.stream}:…",
            "posters": sorted({line.organ for line in one.posters}),
        }
        for one in request.app.state.services.contracts
    ]


@router.get("/v1/contracts/{type}", summary="一份合同 · One contract")
def one_contract(request: Request, type: str) -> dict[str, Any]:
    """The contract as its file stands (JSON Schema 2020-12), and a complete event made from its first example."""
    contract = request.app.state.services.contracts.get(type)
    if contract is None:
        raise NotFound(f"({type[:100]})")
    return {"contract": contract.raw, "example": example(contract)}


def example(contract: Contract) -> dict[str, Any] | None:
    """The first example of a contract as a complete CloudEvent; None where it has none."""
    given: Mapping[str, Any] | None = next(iter(contract.raw.get("x-examples", ())), None)
    if given is None:
        return None
    attributes = {name: given[name] for name in ("subject", "time", "project", "attestation") if name in given}
    source = f"urn:example:{str(given['organ']).lower()}"
    return {
        "specversion": "1.0",
        "id": "1",
        "source": source,
        "type": contract.type,
        **attributes,
        "data": given["data"],
    }
