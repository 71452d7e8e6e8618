"""The ladder of accountability (M40-M45): ordered, corrected or refused, criticised, held liable, referred.

Guides and exchanges are ordered corrected by the coordinating bureau, charging by the price authority (ACC-04). Breach
of the operator's prohibitions and leaks are criticised with the order. What is refused past its date is overdue by
nature: those paths (`refused`, `lapse`) raise ACC-01 in an honest city too, a leak found raises DIS-05 (`inherent`).
"""

from typing import Any

from city import moments
from city.act import Act
from city.course import Course, Life
from city.kinds import Kind
from city.lives.alerts import referred
from city.lives.inquiries import found, opened
from city.lives.registration import registered
from city.outsiders import outsider, stranger
from city.population import Organ
from city.records import Entered, Subject, entered

PATHS = (
    ("M40", ("order", "corrected")), ("M42", ("order", "partly", "corrected")),
    ("M43", ("order", "criticism", "corrected")), ("M41", ("order", "corrected")),
    ("M40", ("order", "refused", "criticism", "corrected")), ("M44", ("order", "criticism", "corrected", "justice")),
    ("M45", ("discipline",)), ("M44", ("order", "criticism", "corrected")), ("M45", ("justice",)),
    ("M41", ("order", "refused", "penalty")),
    ("M43", ("order", "criticism", "refused", "liability")), ("M42", ("order", "refused", "criticism", "liability")),
    ("M40", ("order", "lapse", "criticism", "corrected")), ("M43", ("order", "criticism", "liability", "justice")),
)  # fmt: skip
"""Article, and the steps taken."""


def liability(course: Course, article: str = "", steps: tuple[str, ...] = (), by: str = "") -> Life:
    """From the finding to the last step. `by`: the organ that orders, where it is not the one of the article."""
    city = course.city
    if not steps:
        article, steps = PATHS[course.number % len(PATHS)]
    bureau = city.organ("ASB")
    orderer = city.organ(by or ("PRI" if article == "M41" else "ASB"))
    body = outsider(course, "tenderer")
    crime = "justice" in steps
    inquiry = f"inquiry:{course.name}"
    course.subject = f"accountability:{course.name}"
    yield registered(course, body)
    course.minutes(20, 60)
    yield (seen := _seen(course, bureau, body.org))
    course.workdays(1, 5)
    yield _on(inquiry, opened(course, bureau, seen, [body.org]))
    course.workdays(5, 15)
    finding = _on(inquiry, found(course, bureau, [body.org], "established", crime=crime))
    yield finding
    if article == "M43":
        yield conduct(course, bureau, body.org, finding)
    elif article == "M44":
        yield leak(course, bureau, finding)
    who, order = Subject(body.org, "market", "party"), finding
    if crime:  # to the judiciary within ten working days of the finding: the record waits for the first steps
        for step in steps[:2]:
            order = yield from _taken(course, orderer, body.org, article, step, order, steps)
        yield from entered(course, bureau, who, finding, "CM-06", "neutral")
        steps = steps[2:]
    else:
        yield from entered(course, bureau, who, finding, "CM-06", "neutral")
    for step in steps:
        order = yield from _taken(course, orderer, body.org, article, step, order, steps)


def _taken(
    course: Course, organ: Organ, against: str, article: str, step: str, order: Act, steps: tuple[str, ...]
) -> Entered:
    """One step of the ladder; gives the order that later steps cite (the finding before there is one)."""
    if step == "order":
        order = ordered(course, organ, against, article, order)
        yield order
    elif step in ("corrected", "partly", "refused"):
        course.workdays(1, 2) if "justice" in steps else course.workdays(4, 9)
        yield confirmed(course, organ, step, order)
    elif step == "lapse":
        course.until(moments.at(moments.day_of(order.at) + 46, 9))
    elif step == "justice":
        course.workdays(0, 1)
        yield referred(course, course.city.organ("ASB"), against, order)
    else:
        course.minutes(30, 200) if step == "criticism" else course.workdays(0, 1)
        seriousness = "refused" if "refused" in steps else "serious" if step == "liability" else "direct"
        yield sanctioned(course, organ, against, article, step, seriousness, order)
    return order


def _on(subject: str, act: Act) -> Act:
    act.event["subject"] = subject
    return act


def _seen(course: Course, bureau: Organ, target: str) -> Act:
    """A duty check that saw something."""
    data = {
        "kind": "duty-check",
        "target": target,
        "party": target,
        "findings": ["发现应予纠正的问题。"],
        "organs": [bureau.org],
        "report": course.doc("report"),
    }
    return course.post("supervision.oversight-recorded", bureau.seat, data, subject=f"inquiry:{course.name}")


def conduct(course: Course, organ: Organ, operator: str, finding: Act) -> Act:
    """A prohibited conduct of an operator is found (M20)."""
    data: dict[str, Any] = {
        "item": 1 + course.number % 8,
        "operator": operator,
        "facts": "经查，存在管理办法第二十条所列情形。",
        "persons": [stranger(course)],
        "finding": finding.ref,
        "inquiry": course.name,
    }
    return course.post(
        "platform.conduct-found", organ.seat, data, at=course.minutes(10, 60), subject=f"organ:{operator}"
    )


def leak(course: Course, organ: Organ, finding: Act) -> Act:
    """A leak is found (M44)."""
    data: dict[str, Any] = {
        "object": finding.ref,
        "class": "commercial",
        "leaked_by": stranger(course),
        "at": moments.text(finding.at - 20 * moments.DAY),
        "commercial_use": False,
        "finding": finding.ref,
    }
    if course.often(3000):
        del data["leaked_by"]
    return course.post(
        "disclosure.leak-found", organ.seat, data, at=course.minutes(10, 60), subject=f"inquiry:{course.name}"
    )


def ordered(course: Course, organ: Organ, against: str, article: str, finding: Act) -> Act:
    """An order to correct within 45 days."""
    data = {
        "against": against,
        "party": against,
        "inquiry": course.name,
        "article": article,
        "finding": finding.ref,
        "due": moments.day_text(moments.day_of(course.now) + 45),
        "doc": course.doc("decision"),
        "signatory": course.city.people.official(organ, "principal"),
        "served_to": [against],
    }
    return course.post("accountability.correction-ordered", organ.seat, data)


def confirmed(course: Course, organ: Organ, outcome: str, order: Act) -> Act:
    """What the organ that ordered found on looking again."""
    data = {
        "order": order.ref,
        "outcome": outcome,
        "evidence": [course.doc("evidence")],
        "person": course.city.people.official(organ, "handler"),
    }
    return course.post("accountability.correction-confirmed", organ.seat, data)


def sanctioned(
    course: Course, organ: Organ, against: str, article: str, kind: str, seriousness: str, order: Act
) -> Act:
    """A step of the ladder."""
    data: dict[str, Any] = {
        "kind": kind,
        "against": against,
        "party": against,
        "article": article,
        "seriousness": seriousness,
        "doc": course.doc("decision"),
        "signatory": course.city.people.official(organ, "principal"),
    }
    data["finding" if order.type == "supervision.finding-made" else "order"] = order.ref
    return course.post("accountability.sanction-decided", organ.seat, data)


KINDS = (Kind("liability", liability, share=130, events=13),)
