"""Credit evaluations: what a score is made of stands in records, and the sum of its lines is the score.

A party of its own is committed, checked on the spot and found clean, its record entered, then evaluated: 700 and its
lines (domain 5.3), no complaint, fewer than ten services. Once a year every intermediary is evaluated (Z5).
"""

from typing import Any

from city import moments
from city.act import Act
from city.course import Course, Life
from city.kinds import Kind
from city.lives.editions import edition_ref
from city.lives.registration import committed, registered
from city.outsiders import outsider
from city.records import Subject, entered

BASE = 700
POINTS = {"CI-08": 15, "CI-07": 5, "CM-09": 10, "CM-08": 10}
A_YEAR = 365


def evaluated(course: Course, who: Subject, records: list[Act]) -> Act:
    """The evaluation of a party from its good records of the last year."""
    bureau = course.city.organ("ASB")
    lines = [
        {
            "record": act.ref,
            "item_code": act.data["item_code"],
            "base": POINTS[act.data["item_code"]],
            "repeat_bp": 10_000,
            "decay_bp": 10_000,
            "repair_bp": 10_000,
            "points": POINTS[act.data["item_code"]],
        }
        for act in records
    ]
    data: dict[str, Any] = {
        **who.tags,
        "as_of": moments.date_text(course.now),
        "model": edition_ref(course.city, "credit-model"),
        "score": BASE + sum(POINTS[act.data["item_code"]] for act in records),
        "grade": "B",
        "complaint_rate_bp": 0,
        "upheld": 0,
        "services": 0,
        "lines": lines,
        "confirmed_by": course.city.people.official(bureau, "analyst"),
    }
    return course.post("credit.evaluated", bureau.seat, data, subject=who.stream)


def evaluation(course: Course) -> Life:
    """A party that is found clean, and its score."""
    city = course.city
    bureau = city.organ("ASB")
    firm = outsider(course, ("agent", "designer", "builder")[course.number % 3])
    who = Subject.of(firm)
    yield registered(course, firm)
    course.minutes(5, 30)
    yield committed(course, firm)
    course.workdays(5, 20)
    check = {
        "party": firm.org,
        "result": "clean",
        "inspectors": [city.people.official(bureau, "inspector")],
        "docs": [course.doc("report")],
    }
    if course.often(2000):
        del check["docs"]
    yield (
        clean := course.post("supervision.spot-check-completed", bureau.seat, check, subject=f"spotcheck:{course.name}")
    )
    item = "CI-08" if who.kind == "intermediary" else "CM-09"
    good = yield from entered(course, bureau, who, clean, item, "good")
    course.workdays(5, 15)
    yield evaluated(course, who, [good])


def yearly(course: Course) -> Life:
    """Every intermediary of the city, at the end of each year."""
    people = course.city.people
    start = moments.day_of(course.now)
    for year in range(1, 7):
        if start + A_YEAR * year > moments.LAST:
            return
        course.until(moments.at(start + A_YEAR * year - 9, 9))
        course.workdays(0, 0)
        for kind in ("agent", "designer", "supervisor", "reviewer", "auditor"):
            for number in range(people.counts[kind]):
                course.minutes(1, 2)
                yield evaluated(course, Subject.of(people.firm(kind, number)), [])


KINDS = (
    Kind("evaluation", evaluation, share=40, events=8),
    Kind("evaluations-yearly", yearly, share=0, events=1, opening=True),
)
