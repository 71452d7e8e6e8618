"""A firm of its own for one life: it enters the city when the life begins, with or without its qualification.

What is recorded of it touches no other life. Its number lies behind all numbers that lives of chance draw.
"""

from hashlib import sha256

from city.course import Course, Life
from city.lives.registration import committed, qualified, registered
from city.population import Firm
from city.publicity import made_public

BEHIND = 1_000_000


def newcomer(course: Course, kind: str, label: str = "") -> Firm:
    """The firm of a kind that belongs to a life; another one for each label."""
    people = course.city.people
    mixed = int.from_bytes(sha256(f"{course.name}/{label}".encode()).digest()[:4])
    return people.firm(kind, BEHIND + mixed % BEHIND)


def enter(course: Course, firm: Firm, *, fit: bool = True) -> Life:
    """It registers, makes its commitment, and is qualified, if it is `fit`; the decision is published."""
    course.minutes(5, 20)
    yield registered(course, firm)
    course.minutes(5, 20)
    yield committed(course, firm)
    course.minutes(5, 20)
    if not fit:
        return
    for act in qualified(course, firm):
        yield act
        if act.type == "party.qualification-decided":
            organ = course.city.organ("REG", "construction") if act.seat.organ == "REG" else course.city.organ("CAD-C")
            yield from made_public(course, act, organ, party=firm.org)
