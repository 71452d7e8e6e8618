"""Oversight and what follows: activities of every kind, leads passed on and answered, files asked for and given.

Every regulator is looked at each year (M31), audits, joint enforcement and the evaluation of analysis recur (M35); a
lead is answered within thirty working days, files are given whole before they are due (M37).
"""

from typing import Any

from city import moments
from city.act import Act
from city.course import Course, Life
from city.kinds import Kind
from city.lives.inquiries import FIELDS
from city.population import Organ

KINDS_OF = ("duty-check", "joint-enforcement", "analysis-evaluation", "audit", "audit-guidance")
ANSWERS = ("filed", "declined", "transferred", "decided")


def oversight(course: Course, kind: str = "") -> Life:
    """One activity; an audit passes a lead on, some activities leave a mark."""
    city = course.city
    kind = kind or KINDS_OF[course.number % len(KINDS_OF)]
    by = city.organ("AUD") if kind.startswith("audit") else city.organ("ASB")
    regulator = city.organ("REG", FIELDS[course.number // len(KINDS_OF) % len(FIELDS)])
    course.subject = f"inquiry:{course.name}"
    target = regulator if kind == "duty-check" else city.organ("PTC") if kind == "audit" else by
    done = overseen(course, kind, by, target)
    yield done
    if kind in ("audit", "joint-enforcement"):
        course.workdays(2, 8)
        sent = passed_on(course, by, regulator, done)
        yield sent
        course.workdays(5, 18)
        yield answered(course, regulator, sent)
    else:
        course.minutes(60, 300)
        yield from marks(course, by, done)


def overseen(course: Course, kind: str, by: Organ, target: Organ) -> Act:
    """The record of an activity."""
    data: dict[str, Any] = {
        "kind": kind,
        "target": target.org,
        "party": target.org,
        "period": f"{moments.date_text(course.now)[:7]}",
        "findings": ["个别事项办理不够及时。"],
        "organs": [by.org],
        "report": course.doc("report"),
    }
    if course.often(3000):
        del data["period"]
    if course.often(3000):
        del data["findings"]
    return course.post("supervision.oversight-recorded", by.seat, data)


def passed_on(course: Course, by: Organ, to: Organ, matter: Act) -> Act:
    """A lead is passed on; every third one is for discipline's eyes only."""
    data: dict[str, Any] = {
        "from": by.org,
        "to": to.org,
        "matters": [matter.ref],
        "reason": "属贵单位职责，请依法处理。",
        "doc": course.doc("opinion"),
    }
    if course.number % 3 == 0:
        data["dic_only"] = True
    return course.post("supervision.referral-sent", by.seat, data)


def answered(course: Course, by: Organ, sent: Act) -> Act:
    """The receiver answers."""
    outcome = ANSWERS[course.number // len(KINDS_OF) % len(ANSWERS)]
    data: dict[str, Any] = {"referral": sent.ref, "outcome": outcome}
    if outcome == "transferred":
        data["to"] = course.city.organ("FIN").org
    if course.often(6000):
        data["doc"] = course.doc("answer")
    if sent.data.get("dic_only"):
        data["dic_only"] = True
    return course.post("supervision.referral-answered", by.seat, data)


def marks(course: Course, by: Organ, target: Act) -> Life:
    """A supervisor marks what it saw, and takes one mark back."""
    person = course.city.people.official(by, "auditor" if by.organ == "AUD" else "inspector")
    first: Act | None = None
    kind = ("note", "question", "lead", "evidence")[course.number % 4]
    for step in (kind, "withdrawn") if course.number % 3 == 0 else (kind,):
        data: dict[str, Any] = {
            "kind": step,
            "target": target.ref,
            "known": 1,
            "text": "撤回此标记。" if step == "withdrawn" else "需进一步核实。",
            "person": person,
        }
        if first is not None:
            data["withdraws"] = first.ref
        first = course.post("supervision.mark-made", by.seat, data, late=course.city.head_at("known"))
        yield first
        course.workdays(1, 4)


def access(course: Course) -> Life:
    """Files of the trading centre are asked for and given."""
    city = course.city
    code = ("REG", "AUD", "DIC")[course.number % 3]
    asker = city.organ(code, FIELDS[course.number % len(FIELDS)] if code == "REG" else "")
    course.subject = f"inquiry:{course.name}"
    asked = requested(course, asker)
    yield asked
    course.workdays(0, 2)
    yield provided(course, asked)


def requested(course: Course, asker: Organ) -> Act:
    """A request, due in a week."""
    data = {
        "objects": ["场地使用登记", "服务办理台账"],
        "basis": "管理办法第三十七条",
        "due": moments.day_text(course.city.office.workday(moments.day_of(course.now), 5)),
        "to": course.city.organ("PTC").org,
        "person": course.city.people.official(asker, "handler"),
    }
    return course.post("supervision.access-requested", asker.seat, data)


def provided(course: Course, asked: Act) -> Act:
    """What is given: everything, or everything but what the law keeps back."""
    data: dict[str, Any] = {
        "request": asked.ref,
        "docs": [course.doc("report"), course.doc("report")],
        "complete": course.number % 5 != 4,
    }
    if not data["complete"]:
        data["refused"] = [{"object": "服务办理台账", "reason": "含个人信息，依法遮盖后另行提供。"}]
    return course.post("supervision.access-provided", course.city.organ("PTC").seat, data)


KINDS = (Kind("oversight", oversight, share=45, events=3), Kind("access", access, share=16, events=2))
