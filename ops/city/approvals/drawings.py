"""Drawing review: handed in, taken in, looked at round by round, certified under stamp (F7)."""

from dataclasses import dataclass
from typing import Any

from city.act import Act
from city.approvals.credentials import certificate_no
from city.approvals.project import Project
from city.course import Course, Life
from city.moments import date_text
from city.population import Firm

CLAUSES = ("GB50038-2005 3.2.6", "GB50038-2005 4.5.9", "GB50038-2005 5.2.1", "GB50134-2004 6.2.3")
"""Norms a defect is held against."""


@dataclass(slots=True)
class Review:
    """A review on its way: its stream, who designs, who reviews, and the hash of the set last handed in."""

    subject: str
    developer: Firm
    designer: Firm
    reviewer: Firm
    drawing_set: str = ""
    certificate: Act | None = None


def review_drawings(course: Course, conditions: Act, review: Review) -> Life:
    """Drawings under design conditions, reviewed until they are certified; some firsts are refused, some undone."""
    chance = course.chance
    if chance.often(2_000):
        yield from refused(course, conditions, review)
    yield from until_certified(course, conditions, review)
    if chance.often(2_000):
        yield from revoke(course, review)
        course.workdays(2, 4)
        review.subject += "-2"
        yield from until_certified(course, conditions, review)


def new_review(course: Course, project: Project) -> Review:
    """A review with a designer and a reviewing body that have no tie to each other (DRW-08)."""
    people, chance = course.city.people, course.chance
    designer, reviewer = people.some("designer", chance, 1)[0], people.some("reviewer", chance, 1)[0]
    return Review(f"drawing:ST-{course.name}", project.developer, designer, reviewer)


def hand_in(course: Course, conditions: Act, review: Review, number: int, *, qualified: bool = True) -> Act:
    """A set of drawings is handed in for a round."""
    review.drawing_set = course.chance.hex64()
    data: dict[str, Any] = {
        "round": number,
        "drawing_set_sha256": review.drawing_set,
        "designer": review.designer.org,
        "conditions": conditions.ref,
        "docs": [course.doc("drawings") for _ in range(course.chance.between(1, 3))],
    }
    if qualified:
        data["designer_qual"] = certificate_no(review.designer)
    return course.post("drawing.submitted", review.developer.seat, data, subject=review.subject)


def take_in(course: Course, review: Review, *, reasons: tuple[str, ...] = (), qualified: bool = True) -> Act:
    """The reviewing body takes the drawings in, or refuses them with reasons."""
    data: dict[str, Any] = {
        "outcome": "refused" if reasons else "accepted",
        "reviewer": review.reviewer.org,
        "reviewer_qual": certificate_no(review.reviewer),
        "designer_qual_ok": qualified,
        "conditions_ok": True,
    }
    if reasons:
        data["reasons"] = list(reasons)
    return course.post(
        "drawing.intake-decided", review.reviewer.seat, data, subject=review.subject, at=course.workdays(1, 2)
    )


def refused(course: Course, conditions: Act, review: Review) -> Life:
    """A first set by a designer who shows no qualification is refused (F7.3); another designer draws the next."""
    designer = review.designer
    review.designer = course.city.people.some("supervisor", course.chance, 1)[0]
    course.workdays(2, 5)
    yield hand_in(course, conditions, review, 1, qualified=False)
    yield take_in(course, review, reasons=("设计单位未出示人防工程设计资质，不予审查。",), qualified=False)
    review.designer = designer


def until_certified(course: Course, conditions: Act, review: Review, *, rounds: int = 0) -> Life:
    """Rounds until nothing mandatory is open, then the certificate. `rounds`: so many."""
    rounds = rounds or course.chance.weighted(((1, 5), (2, 4), (3, 1)))
    for number in range(1, rounds + 1):
        course.workdays(2, 4)
        yield hand_in(course, conditions, review, number)
        if number == 1:
            yield take_in(course, review)
        course.workdays(2, 4)
        yield opinion(course, conditions, review, number, conforming=number == rounds)
    course.workdays(1, 3)
    data = {
        "no": f"审合-{review.subject[8:]}",
        "drawing_set_sha256": review.drawing_set,
        "stamp": {"no": f"RFST-{review.reviewer.number:03d}", "applied": True},
        "reviewers": reviewers(review),
        "issued_on": date_text(course.now),
        "doc": course.doc("certificate"),
    }
    review.certificate = act = course.post(
        "drawing.certificate-issued", review.reviewer.seat, data, subject=review.subject
    )
    yield act


def opinion(course: Course, conditions: Act, review: Review, number: int, *, conforming: bool) -> Act:
    """The opinion of a round: a set that does not conform has open mandatory defects."""
    chance = course.chance
    defects = [
        {"no": f"{number}-{at}", "mandatory": at % 2 == 1, "clause": chance.pick(CLAUSES), "closed": conforming}
        for at in range(1, chance.between(1, 4) + (0 if conforming else 1))
    ]
    required, grade = conditions.data["required_area"], conditions.data["grade"]
    data = {
        "round": number,
        "defects": defects,
        "conforms_conditions": conforming,
        "conforms_norms": conforming,
        "reviewers": reviewers(review),
        "area_on_drawing": required + chance.below(required // 20 + 1) if conforming else required * 95 // 100,
        "grade_on_drawing": grade,
    }
    return course.post("drawing.opinion-issued", review.reviewer.seat, data, subject=review.subject)


def reviewers(review: Review) -> list[str]:
    """The two people who look at the drawings."""
    return [review.reviewer.person("staff", 0), review.reviewer.person("staff", 1)]


def revoke(course: Course, review: Review) -> Life:
    """A certificate is taken back before anything rests on it."""
    assert review.certificate is not None
    seat = review.reviewer.seat if course.often(5_000) else course.city.organ("CAD-C").seat
    data = {
        "certificate": review.certificate.ref,
        "reason": "复核发现口部设计与批准条件不一致",
        "doc": course.doc("decision"),
    }
    yield course.post("drawing.certificate-revoked", seat, data, subject=review.subject, at=course.workdays(2, 8))
    review.certificate = None
