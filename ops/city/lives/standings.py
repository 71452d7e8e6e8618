"""Standing: measures one upon another, and lifted again: watched, limited, barred, rewarded.

Each measure rests on a penalty; it is published and exchanged in time. One that ends by its date is lifted after that
date; one that is revoked or repaired states no end. Only outsiders are put under measures: a bar must not meet a bid.
"""

from city import moments
from city.act import Act
from city.course import Course, Life
from city.kinds import Kind
from city.lives.inquiries import (
    FIELDS,
    applied,
    found,
    imposed,
    lifted,
    opened,
    penalised,
    repair_decided,
    reported,
)
from city.lives.registration import registered
from city.outsiders import outsider
from city.publicity import made_public
from city.records import Subject, entered

LADDERS = (
    ("focus", "limit", "bar", "-2:revoked", "-1:expired", "-0:expired"),
    ("limit", "focus", "reward", "-0:repaired", "-1:expired"),
    ("bar", "bar", "-0:expired", "-1:revoked", "reward"),
    ("reward", "focus", "-1:repaired", "-0:expired", "limit", "-2:revoked"),
    ("focus", "focus", "reward", "-0:expired", "-1:repaired", "bar", "-3:expired"),
    ("limit", "limit", "-1:expired", "bar", "-2:revoked", "-0:expired"),
    ("bar", "limit", "-0:expired", "-1:revoked", "focus"),
    ("bar", "focus", "-0:revoked", "-1:expired", "limit"),
)  # fmt: skip
"""Measures imposed by kind, and lifted (`-n`: the n-th imposed, from 0) with the ground."""

LASTS = 40
"""Days a measure lasts that ends by its date."""


def standing(course: Course, ladder: tuple[str, ...] = ()) -> Life:
    """One party and its measures, by a ladder or the next in turn."""
    city = course.city
    ladder = ladder or LADDERS[course.number % len(LADDERS)]
    regulator = city.organ("REG", FIELDS[course.number % len(FIELDS)])
    firm = outsider(course, ("builder", "supplier", "agent")[course.number % 3])
    who = Subject.of(firm)
    course.subject = f"inquiry:{course.name}"
    yield registered(course, firm)
    yield (report := reported(course, regulator))
    course.workdays(1, 4)
    yield opened(course, regulator, report, [firm.org])
    course.workdays(5, 10)
    yield (finding := found(course, regulator, [firm.org], "established"))
    yield from entered(course, regulator, who, finding, "CM-02" if who.kind == "market" else "CI-04", "neutral")
    course.workdays(0, 2)
    yield (penalty := penalised(course, regulator, firm.org, "fine", finding))
    yield from made_public(course, penalty, regulator, party=firm.org)
    severity = "minor" if any(step.endswith("repaired") for step in ladder) else "general"
    item = "CM-02" if who.kind == "market" else "CI-04"
    record = yield from entered(course, regulator, who, penalty, item, severity=severity, until=365)
    endings = {int(step[1]): step[3:] for step in ladder if step[0] == "-"}
    measures: list[Act] = []
    for step in ladder:
        if step[0] != "-":
            days = LASTS if endings.get(len(measures)) == "expired" else 0
            course.workdays(1, 3)
            measures.append(imposed(course, regulator, who, step, penalty, days))
            yield measures[-1]
            yield from made_public(course, measures[-1], regulator, **who.tags)
            continue
        measure, ground = measures[int(step[1])], step[3:]
        if ground == "expired":
            course.until(moments.at(moments.day_of(measure.at) + LASTS + 1, 9))
            course.workdays(0, 2)
            yield lifted(course, regulator, who, measure, ground)
        elif ground == "repaired":
            course.until(record.at + 33 * moments.DAY)
            course.open()
            yield (asked := applied(course, who, firm.seat, record))
            course.workdays(5, 12)
            yield (granted := repair_decided(course, regulator, who, record, asked, "granted"))
            course.workdays(1, 3)
            yield lifted(course, regulator, who, measure, ground, granted)
        else:
            course.workdays(4, 12)
            yield lifted(course, regulator, who, measure, ground)


KINDS = (Kind("standing", standing, share=60, events=40),)
