"""Who read what, and what the gates answered: written by the ledger's own door for the people who asked (M29).

Reading of sealed matters and of the reporters' vault is not in here: an honest city has none outside the case team.
"""

from typing import Any

from city.act import Act, Seat
from city.course import Course, Life
from city.kinds import Kind
from city.population import Firm, Organ

READERS = (
    ("AUD", "auditor"),
    ("DIC", "inspector"),
    ("REG", "regulator"),
    ("ASB", "analyst"),
    ("PTC", "operator-staff"),
)
GATES = (
    "market-access", "approval", "qualification", "bidding", "prequalification", "opening", "award", "contract",
    "payment", "licence", "acceptance", "archiving",
)  # fmt: skip


LOOKED_AT = ("market-access", "bidding", "licence")
"""Gates at which the credit is looked at first, and written down (M34)."""


def door(course: Course) -> Seat:
    """The ledger's own door."""
    return Seat(course.city.organ("PTC").org, "SYS", "urn:city:door")


def reading(course: Course) -> Life:
    """Somebody reads or exports something."""
    code, role = READERS[course.number % len(READERS)]
    organ = course.city.organ(code)
    data: dict[str, Any] = {
        "actor": course.city.people.official(organ, role, course.number % 3 if role == "operator-staff" else 0),
        "actor_org": organ.org,
        "organ": code,
        "action": "export" if code == "AUD" and course.number % 2 else "read",
        "object": f"party:{course.city.people.some('supplier', course.chance, 1)[0].org}",
        "class": "internal" if course.often(6000) else "public",
        "purpose": "日常监督检查",
        "result": "done",
    }
    yield course.post("ledger.access-logged", door(course), data, subject="ledger:log")


def gate(course: Course) -> Life:
    """A gate asks whether anything is open about a party."""
    city = course.city
    gate_of = GATES[course.number % len(GATES)]
    firm = city.people.some("supplier", course.chance, 1)[0]
    asker = city.organ("PTC") if gate_of in ("bidding", "opening", "award") else city.organ("ASB")
    data: dict[str, Any] = {
        "gate": gate_of,
        "asked_by": asker.org,
        "party": firm.org,
        "answer": "not-known" if course.number % 9 == 4 else "nothing-open",
        "open": [],
        "as_of_position": 1,
    }
    if course.often(4000):
        data["person"] = city.people.official(asker, "handler")
    if gate_of in LOOKED_AT:
        yield looked(course, asker, firm, gate_of)
        course.seconds(20, 200)
    late = city.head_at("as_of_position")
    yield course.post("ledger.gate-asked", door(course), data, subject=f"party:{firm.org}", late=late)


def looked(course: Course, organ: Organ, firm: Firm, purpose: str) -> Act:
    """An organ looks at the credit of a firm for a purpose."""
    person = course.city.people.official(organ, "handler")
    data = {
        "purpose": purpose,
        "party": firm.org,
        "grade_seen": "none",
        "measures_seen": [],
        "head_seq": 1,
        "person": person,
    }
    late, subject = course.city.head_at("head_seq"), f"credit:{firm.org}"
    return course.post("credit.checked", organ.seat, data, subject=subject, person=person, late=late)


KINDS = (Kind("reading", reading, share=50, events=1), Kind("gate", gate, share=30, events=1))
