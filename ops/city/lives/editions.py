"""The editions everybody works under: rules, workflows, duty lists, limits, materials, models, parameters, tables.

All stand on the first morning, each with its legal review; every quarter each is published anew, superseding the last.
The calendars, rules and organs that the ledger itself ships are published by the ledger; these are the city's own.
"""

from typing import Any

from city import moments
from city.course import Course, Life
from city.kinds import Kind
from city.world import City

EDITIONS = (
    ("rules", "", "ASB", "normative"), ("workflow", "", "ASB", "normative"), ("duty-list", "", "GOV", "normative"),
    ("credit-model", "", "ASB", "normative"), ("material-list", "", "ASB", "provincial"),
    ("time-limits", "", "GOV", "government-regulation"), ("parameters", "", "ASB", "notice"),
    ("organs", "", "ASB", "notice"), ("calendar", "", "GOV", "national"), ("witness-policy", "", "ASB", "notice"),
    ("reference-table", "procurement-limits", "ASB", "provincial"),
    ("reference-table", "recognised-ca", "ASB", "notice"),
    ("reference-table", "prices", "PRI", "provincial"),
)  # fmt: skip
"""Kind, table, publishing organ, force."""

QUARTER = 62
"""Working days between two editions of one kind."""


def edition_ref(city: City, kind: str) -> dict[str, str]:
    """The first edition of a kind, as an event refers to it."""
    number = next(number for number, one in enumerate(EDITIONS, 1) if one[0] == kind)
    seat = city.organ(EDITIONS[number - 1][2]).seat
    return {"source": seat.source, "id": f"editions-1-{number}"}


def editions(course: Course) -> Life:
    """All editions, again and again."""
    city = course.city
    course.until(moments.at(moments.day_of(course.now), 8, 30))
    before: dict[int, dict[str, str]] = {}
    for turn in range(1, 100):
        for number, (kind, table, code, force) in enumerate(EDITIONS):
            organ = city.organ(code)
            source = course.doc("regulation")
            data: dict[str, Any] = {
                "kind": kind,
                "edition": f"{table or kind}-{turn}",
                "effective_from": moments.date_text(course.seconds(20, 40)),
                "source_doc": source,
                "force_level": force,
                "legal_review": {
                    "reviewer": city.people.official(city.organ("ASB"), "analyst"),
                    "opinion": "conditional" if (turn + number) % 5 == 3 else "pass",
                    "doc": course.doc("legal-review"),
                },
                "content": course.doc("edition"),
            }
            if table:
                data["table"] = table
            if number in before:
                data["supersedes"] = before[number]
            act = course.post(
                "rulebook.edition-published", organ.seat, data, subject=f"rulebook:{table or kind}", prompt=True
            )
            before[number] = act.ref
            yield act
        if moments.day_of(course.now) > moments.LAST - 2 * QUARTER:
            return
        course.workdays(QUARTER, QUARTER)


KINDS = (Kind("editions", editions, share=0, events=1, opening=True),)
