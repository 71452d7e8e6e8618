"""The price list and its editions: published every twelve days, so that any moment has one that was in force."""

from typing import Any

from city import moments
from city.approvals.tables import PRICES
from city.world import City

EVERY_DAYS = 12
"""Days between two editions."""


def price_of(item: str) -> dict[str, Any]:
    """The row of an item."""
    row: dict[str, Any] = next(one for one in PRICES["items"] if one["item"] == item)
    return row


def published_at(city: City, number: int) -> int:
    """The moment at which the n-th edition is published (0 the first): in the morning of a working day."""
    return moments.at(city.office.workday(city.size.first + number * EVERY_DAYS), 8, 34)


def prices_in_force(city: City, moment: int) -> dict[str, str]:
    """The reference to the edition in force at a moment."""
    number = (moments.day_of(moment) - city.size.first) // EVERY_DAYS
    while number and published_at(city, number) > moment:
        number -= 1
    return {"source": city.organ("PRI").seat.source, "id": f"price-lists-1-{number + 1}"}
