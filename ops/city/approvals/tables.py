"""The tables that approvals in the city go by, as shipped: items, sizes of works, required shelter, prices.

Limits, authorities, materials and rates are data (`schemas/rulebook/tables`), never numbers here. An edition of each is
published on the first day (`city.lives.approval_editions`); its event has an id that is known beforehand, so that every
case can name the edition it was handled under.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.canonical import decode
from ledger.contracts import schemas


def table(name: str) -> dict[str, Any]:
    """A table of the rulebook by its file's name."""
    read: dict[str, Any] = decode((schemas() / "rulebook" / "tables" / f"{name}.json").read_bytes())
    return read


@dataclass(frozen=True, slots=True)
class Item:
    """An approval item: its track, who decides it, its limit, what must be handed in, and how it is signed."""

    track: str
    item: str
    decider: str
    limit: int
    unit: str
    materials: tuple[tuple[str, ...], ...]
    sign: str
    prior_opinion: bool
    online_only: bool

    @property
    def air_defence(self) -> bool:
        """Whether it belongs to civil air-defence: the resident discipline head watches it (F5.3)."""
        return self.decider in ("CAD-C", "CAD-P", "by-size")


def _items() -> dict[tuple[str, str], Item]:
    found = {}
    for row in APPROVALS["items"]:
        materials = tuple((one,) if isinstance(one, str) else tuple(one) for one in row["materials"])
        found[row["track"], row["item"]] = Item(
            row["track"],
            row["item"],
            row["decider"],
            row["limit"],
            row["unit"],
            materials,
            row["sign"],
            row.get("prior_opinion", False),
            row.get("online_only", False),
        )
    return found


APPROVALS = table("approval-items")
SIZES = table("works-sizes")
SHELTER = table("shelter-obligation")
PRICES = table("price-list")

ITEMS: Mapping[tuple[str, str], Item] = _items()
"""Items by track and code."""

OTHER: Mapping[str, Item] = {item.item: item for (track, _), item in ITEMS.items() if track != "single-built"}
"""Items by code, those of single-built works left out (their codes are also those of other investments)."""

AUTHORITY: Mapping[str, Mapping[str, str]] = APPROVALS["authority"]
"""Which organ decides which document of single-built works of a size (F1.3)."""

FILED_TO: Mapping[str, Mapping[str, list[str]]] = APPROVALS["filed_to"]
"""With whom such a decision is filed (F1.3.2, F1.3.3)."""

LEVELS = {"CAD-N": "national", "CAD-P": "provincial", "CAD-C": "city", "ASB": "city", "REG": "city"}
"""The level of a deciding organ."""

EDITIONS = (
    ("workflow", "workflow", "approval-items"),
    ("time-limits", "time-limits", "approval-items"),
    ("material-list", "material-list", "approval-items"),
    ("works-sizes", "reference-table", "works-sizes"),
    ("shelter-obligation", "reference-table", "shelter-obligation"),
)
"""What is published on the first morning, in this order: our name, kind of edition, table."""


def edition(name: str) -> dict[str, str]:
    """The reference to the edition of that name: `workflow`, `works-sizes`, `shelter-obligation` …"""
    number = next(number for number, one in enumerate(EDITIONS, 1) if one[0] == name)
    return {"source": "urn:city:asb", "id": f"approval-editions-1-{number}"}
