"""The bureau's own paper: weekly reports, zero reports, party group, activities, assessments, social evaluation.

A section reports a week on the first working morning of the next (RPT-01), each organ says weekly that nobody
interfered. The party group meets twice a month (RPT-02); last year is assessed in March, and who is found poor loses
eligibility (RPT-04). No life counts what the others did, so weekly reports state only what is the same at any position:
that nothing is overdue (RPT-05).
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from city import moments
from city.act import Act
from city.course import Course, Life
from city.kinds import Kind
from city.outsiders import stranger

SECTIONS = (
    "office", "regulations", "approvals", "civil-air-defence", "trading-coordination", "supervision", "service-hall",
)  # fmt: skip
REPORTING = ("ASB", "PTC", "CAD-C", "FIN", "PRI", "LIB", "REG")
"""Organs that say weekly that nobody interfered."""

WEEK = 7


def _weeks(course: Course) -> Iterator[str]:
    """Week after week, at the first office hour after each; gives the ISO name of the week that is over."""
    day = moments.day_of(course.now)
    monday = day - date.fromordinal(day).weekday() + WEEK
    while course.now < moments.at(moments.LAST):
        course.until(moments.at(course.city.office.workday(monday), 8, 40))
        year, week, _ = date.fromordinal(monday - WEEK).isocalendar()
        yield f"{year}-W{week:02d}"
        monday += WEEK


def weekly(course: Course) -> Life:
    """Every section, every week."""
    city = course.city
    bureau = city.organ("ASB")
    for week in _weeks(course):
        course.subject = f"report:{week[:4]}"
        for number, section in enumerate(SECTIONS):
            data: dict[str, Any] = {
                "week": week,
                "section": section,
                "figures": [{"code": "cases-overdue", "value": 0}] if section == "regulations" else [],
                "text": "本周工作正常开展，无逾期事项。",
                "as_of_seq": 1,
                "author": city.people.official(bureau, "handler", number % 3),
                "approver": city.people.official(bureau, "leader"),
            }
            if course.often(1000):
                del data["text"]
            late = city.head_at("as_of_seq")
            course.minutes(2, 14)
            yield course.post("report.weekly-submitted", bureau.seat, data, prompt=True, late=late)


def zero(course: Course) -> Life:
    """Every organ that must, every week: nobody interfered."""
    city = course.city
    organs = [one for one in city.people.organs if one.organ in REPORTING and one.region in ("140300", "140000")]
    for week in _weeks(course):
        course.subject = f"report:{week[:4]}"
        for organ in organs:
            data: dict[str, Any] = {
                "about": "interference",
                "week": week,
                "organ": organ.org,
                "author": city.people.official(organ, "handler"),
                "approver": city.people.official(organ, "principal"),
            }
            if course.often(1000):
                del data["approver"]
            yield course.post("report.zero-reported", organ.seat, data, at=course.seconds(60, 900), prompt=True)


def party_group(course: Course) -> Life:
    """Twice a month the party group looks at how it goes."""
    bureau = course.city.organ("ASB")
    while course.now < moments.at(moments.LAST):
        today = moments.date_text(course.workdays(7, 10))
        course.subject = f"report:{today[:4]}"
        data: dict[str, Any] = {
            "held_on": today,
            "topics": ["公共资源交易监管", "审批提速"],
            "decisions": [
                {
                    "text": "逐件督办到期事项。",
                    "owner": "法规科",
                    "due": moments.date_text(course.now + 20 * moments.DAY),
                }
            ],
            "minutes": course.doc("minutes"),
        }
        if course.often(3000):
            data["decisions"] = []
        yield course.post("report.party-group-reviewed", bureau.seat, data)


def activities(course: Course) -> Life:
    """Study, publicity and leaders' visits, every week or two."""
    city = course.city
    bureau = city.organ("ASB")
    kinds = (
        ("training", "管理办法条文学习"),
        ("publicity", "公共资源交易规则宣传"),
        ("leader-inspection", "分管科室督查"),
    )
    number = 0
    while course.now < moments.at(moments.LAST):
        today = moments.date_text(course.workdays(2, 4))
        course.subject = f"report:{today[:4]}"
        kind, topic = kinds[number % len(kinds)]
        number += 1
        data: dict[str, Any] = {
            "kind": kind,
            "on": today,
            "section": SECTIONS[number % len(SECTIONS)],
            "who": [city.people.official(bureau, "leader" if kind == "leader-inspection" else "handler")],
            "topic": topic,
        }
        if course.often(6000):
            data["doc"] = course.doc("report")
        yield course.post("report.activity-recorded", bureau.seat, data)


def assessments(course: Course) -> Life:
    """In March: every section and some of the staff, for the year before."""
    city = course.city
    bureau = city.organ("ASB")
    first = date.fromordinal(moments.day_of(course.now)).year
    for year in range(first, first + 8):
        day = date(year, 3, 9).toordinal()
        if moments.at(day) < course.now:
            continue
        if day > moments.LAST:
            return
        course.until(moments.at(city.office.workday(day), 9))
        course.subject = f"report:{year}"
        for number in range(len(SECTIONS) + 18):
            result = "excellent" if number % 5 == 0 else "poor" if number % 11 == 9 else "pass"
            about = {"section": SECTIONS[number]} if number < len(SECTIONS) else {"person": stranger(course, number)}
            data: dict[str, Any] = {
                "year": str(year - 1),
                **about,
                "result": result,
                "eligibility": "cancelled" if result == "poor" else "kept",
                "doc": course.doc("decision"),
            }
            if result == "poor":
                data["reasons"] = "多次逾期办理。"
            yield course.post("report.assessment-decided", bureau.seat, data, at=course.minutes(5, 30))


def social(course: Course) -> Life:
    """A third party asks the public about the trading centre, twice a month."""
    city = course.city
    bureau, centre = city.organ("ASB"), city.organ("PTC")
    number = 0
    while course.now < moments.at(moments.LAST):
        course.workdays(7, 10)
        number += 1
        third = city.people.firm("agent", number % city.people.counts["agent"])
        data = {
            "organ": centre.org,
            "period": moments.date_text(course.now)[:7],
            "method": "问卷与座谈" if number % 2 else "电话回访",
            "third_party": third.org,
            "score_bp": course.chance.between(8200, 9600),
            "sample": course.chance.between(150, 900),
            "report": course.doc("report"),
        }
        seat = third.seat if number % 3 == 0 else bureau.seat
        yield course.post("rating.social-evaluation-completed", seat, data, subject=f"organ:{centre.org}")


def attestation(course: Course) -> Life:
    """Every fortnight audit and discipline attest that the log is whole, after a checkpoint whose root they state."""
    city = course.city
    number = 0
    last: Act | None = None
    while course.now < moments.at(moments.LAST):
        course.workdays(5, 7)
        number += 1
        organ = city.organ("AUD" if number % 2 else "DIC")
        if last is not None:
            asked = course.post(
                "supervision.mark-made",
                organ.seat,
                {
                    "kind": "note",
                    "target": last.ref,
                    "text": "开始本期完整性核验。",
                    "person": city.people.official(organ, "auditor" if number % 2 else "inspector"),
                },
                subject=f"inquiry:{course.name}",
            )
            yield asked
            _, root = yield from course.checkpoint_after(asked)
            course.open()
            head = root.hex()
        else:
            head = course.chance.hex64()
        data: dict[str, Any] = {
            "from_seq": 1,
            "to_seq": 1,
            "head_hash": head,
            "result": "intact",
            "tool_version": "sunledger 0.1.0",
        }
        late = city.head_at("to_seq")
        last = course.post("ledger.integrity-attested", organ.seat, data, subject="ledger:log", late=late)
        yield last


KINDS = tuple(
    Kind(name, life, share=0, events=1, opening=True)
    for name, life in (
        ("weekly", weekly),
        ("zero", zero),
        ("party-group", party_group),
        ("activities", activities),
        ("assessments", assessments),
        ("social", social),
        ("attestation", attestation),
    )
)
