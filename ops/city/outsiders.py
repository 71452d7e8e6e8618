"""Firms and people that no lot and no case ever asks for: those who are punished, barred, or complained of with reason.

A party under a bar may not bid (CRD-02) and a complaint upheld twice is a pattern (CMP-06), so what befalls a party in
one life must not meet the choices of another. Outsiders have numbers beyond those the population counts: each belongs
to one life alone.
"""

from city.course import Course
from city.population import Firm, person

SLOTS = (
    "inquiry", "complaint", "standing", "evaluation", "demand", "liability", "alert", "status", "tie", "key",
    "qualification", "spot-check", "erasure", "off-platform",
)  # fmt: skip
"""Kinds of life that have outsiders of their own; planted lives share the last slot."""

BEYOND = 7_000
"""More than the firms of a kind that a city counts (`City.people`)."""


def outsider(course: Course, kind: str) -> Firm:
    """The firm of a kind that belongs to this life."""
    name = course.name.rpartition("-")[0]
    slot = SLOTS.index(name) if name in SLOTS else 15
    return course.city.people.firm(kind, BEYOND + course.number * 16 + slot)


def stranger(course: Course, number: int = 0) -> str:
    """A person who belongs to this life."""
    return person(course.city.seed, course.name, number)
