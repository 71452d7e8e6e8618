"""What lots refer to: templates and checklists that stand in the rulebook."""

from city.world import City


def template(city: City) -> dict[str, str]:
    """The standard form of a commitment."""
    return edition(city, "workflow")


def edition(city: City, kind: str) -> dict[str, str]:
    """A reference to the edition of a kind that is in force."""
    return {"source": "urn:city:asb", "id": f"editions-1-{kind}"}
