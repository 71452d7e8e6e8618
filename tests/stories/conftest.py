"""What the stories about views share: a founded ledger, and notices of candidates in one line each."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from api.founding import Founding, found
from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.entry import Entry
from ledger.store.postgres import Log
from ledger.writer import Writer

ORGAN = "11140300MA0TT020X7"
CENTRE = Poster(org=ORGAN, organ="PTC", via="key:test", pid="p0000000000000000000000001")

Notice = Callable[..., dict[str, Any]]
Posting = Callable[..., list[Entry]]


@pytest.fixture
def founded(dsn: str, contracts: Contracts) -> str:
    """A ledger with rules and calendars in force; gives the dsn."""
    found(dsn, contracts, Founding(origin="test.example/log", region="140300", organ=ORGAN))
    return dsn


@pytest.fixture
def notice() -> Notice:
    """Make a notice: number, firms in order of rank (a tuple is a consortium), and what differs from the usual."""

    def make(
        number: int | str, firms: Sequence[str | tuple[str, ...]] = ("a", "b", "c"), **other: Any
    ) -> dict[str, Any]:
        lot = other.pop("lot", f"L{number}")
        project = other.pop("project", "P1")
        opens = other.pop("opens_at", "2025-06-12T09:00:00+08:00")
        data = {
            "title": f"标段 {lot} 公示",
            "project_name": f"项目 {project}",
            "candidates": [_candidate(rank, firm) for rank, firm in enumerate(firms, 1)],
            "opens_at": opens,
            "closes_at": "2025-06-16T09:00:00+08:00",
            "source_notice": {"id": f"n{number}"},
            **({"lot": lot} if lot else {}),
            **other,
        }
        return {
            "specversion": "1.0",
            "id": f"n{number}",
            "source": "urn:example:centre",
            "type": "trading.candidates-publicised.v1",
            "subject": f"notice:n{number}",
            "time": opens,
            "attestation": "imported",
            "project": project,
            "data": data,
        }

    return make


def _candidate(rank: int, firm: str | tuple[str, ...]) -> dict[str, Any]:
    firms = (firm,) if isinstance(firm, str) else firm
    price = {"price_kind": "fen", "price_fen": 1_000_000 * rank, "price_text": f"{rank}0000.00"}
    members = [{"name": f"示例{name}公司", "party": _party(name)} for name in firms]
    together = {"members": members} if len(firms) > 1 else {}
    return {"rank": rank, "party_name": members[0]["name"], "party": members[0]["party"], **together, **price}


def _party(name: str) -> str:
    return f"name-{name.encode().hex():0>16}"


@pytest.fixture
def posting(contracts: Contracts) -> Posting:
    """Post events to a ledger and give the entries they became."""

    def post(dsn: str, *events: dict[str, Any]) -> list[Entry]:
        with Writer(dsn) as writer, Log(dsn) as log:
            receipts = writer.append([admit(event, CENTRE, contracts) for event in events])
            entries = [log.entry(receipt.position) for receipt in receipts]
        return [entry for entry in entries if entry is not None]

    return post
