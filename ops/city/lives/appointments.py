"""Who holds which post of which organ: recorded by each organ for its own people before anybody acts.

One person belongs to one family only (管审采办监). The posts are those the other lives ask for.
"""

from collections.abc import Iterator
from typing import Any

from city import moments
from city.course import Course, Life
from city.kinds import Kind
from city.population import Organ
from city.world import City

FAMILY = {
    "handler": "", "reviewer": "", "engineering-section": "approve", "deputy-in-charge": "", "principal": "",
    "resident-discipline-head": "supervise", "regulator": "regulate", "operator-staff": "operate",
    "auditor": "supervise", "inspector": "supervise", "analyst": "regulate", "leader": "regulate",
    "administrator": "operate",
}  # fmt: skip
"""The family of a post; empty: that of the organ."""

OF_ORGAN = {
    "ASB": "approve", "CAD-C": "approve", "CAD-P": "approve", "CAD-N": "approve", "PTC": "operate", "LIB": "operate",
    "TSY": "operate", "PRV": "operate", "BNK": "operate", "AUD": "supervise", "DIC": "supervise", "RDH": "supervise",
    "JUD": "supervise", "QSB": "supervise",
}  # fmt: skip
"""The family of an organ's own posts; the others regulate."""

POSTS = {
    "ASB": tuple(FAMILY), "CAD-C": ("handler", "reviewer", "engineering-section", "deputy-in-charge", "principal"),
    "PTC": ("handler", "reviewer", "operator-staff", "principal", "administrator"),
    "REG": ("handler", "reviewer", "regulator", "principal", "leader"), "AUD": ("auditor", "reviewer", "principal"),
    "DIC": ("inspector", "reviewer", "principal"), "RDH": ("resident-discipline-head",),
    "GOV": ("leader", "handler"),
}  # fmt: skip
USUAL = ("handler", "reviewer", "principal")

HOLDERS = 3
"""Holders of a post of the organs that do most of the work; elsewhere one."""


def posts(city: City) -> Iterator[tuple[Organ, str, int]]:
    """Organ, post and which holder of it."""
    for organ in city.people.organs:
        several = organ.organ in ("ASB", "PTC", "REG", "CAD-C") and organ.region == "140300"
        for role in POSTS.get(organ.organ, USUAL):
            for number in range(HOLDERS if several and role in ("handler", "reviewer", "operator-staff") else 1):
                yield organ, role, number


def appointments(course: Course) -> Life:
    """Every post filled on the first morning."""
    city = course.city
    day = moments.day_of(course.now)
    course.until(moments.at(day, 8, 30))
    for organ, role, number in posts(city):
        person = city.people.official(organ, role, number)
        data: dict[str, Any] = {
            "person": person,
            "org": organ.org,
            "role": role,
            "family": FAMILY[role] or OF_ORGAN.get(organ.organ, "regulate"),
            "from": moments.day_text(day),
            "doc": course.doc("appointment"),
        }
        if number:
            data["to"] = moments.day_text(day + 1095)
        yield course.post(
            "rulebook.appointment-recorded", organ.seat, data, at=course.seconds(2, 5), subject=f"person:{person}",
            prompt=True,
        )  # fmt: skip


KINDS = (Kind("appointments", appointments, share=0, events=1, opening=True),)
