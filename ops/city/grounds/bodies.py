"""New operators and regulators and what they owe: guides, hotlines, duty lists, checks, evaluations, audits.

What happened before the ledger is brought in as `imported`, so that a year can have passed when the life begins.
"""

from typing import Any

from city import moments
from city.act import Act, Seat
from city.course import Course, Life
from city.grounds.recording import one_entry
from city.lives.registration import registered
from city.outsiders import outsider, stranger
from city.population import Firm

LONG_AGO = 400
"""Days before the life begins, for what happened before the ledger and is brought in."""


def long_ago(course: Course, act: Act, days: int = LONG_AGO) -> Act:
    """The act happened so long ago and is imported now."""
    act.event["time"], act.event["attestation"] = moments.text(course.now - days * moments.DAY), "imported"
    return act


def body(course: Course, kind: str, number: int = 0) -> tuple[Firm, Act]:
    """A new operator or regulator: a public body that nobody else meets, and its registration."""
    firm = course.city.people.firm("tenderer", outsider(course, "tenderer").number + number)
    act = registered(course, firm)
    act.data["kind"] = [kind]
    return firm, act


def operating(course: Course, *, contents: int = 5) -> Life:
    """A new operator publishes its service guide at once, with so many of the five contents."""
    firm, act = body(course, "operator")
    yield act
    course.seconds(20, 60)
    yield guide(course, Seat(firm.org, "PTC", f"urn:city:body-{course.name}"), "service-guide", contents)


def guide(course: Course, seat: Seat, kind: str, contents: int = 5) -> Act:
    """A guide of a body."""
    data: dict[str, Any] = {
        "kind": kind,
        "organ": seat.org,
        "contents": ["content", "flow", "norm", "charge", "channel"][:contents],
        "doc": course.doc("guide"),
        "effective_from": moments.date_text(course.now),
    }
    if kind == "hotline":
        data["hotline"] = "12345"
    if kind == "service-guide":
        data["requirements_whitelist"] = ["project-code", "source-document"]
    return course.post(
        "disclosure.guide-published", seat, data, subject=f"disclosure:guide-{seat.org}-{kind}", prompt=True
    )


def regulating(
    course: Course, *, hotline: bool = True, duties: bool = True, checked: bool = True, ago: int = 0
) -> Life:
    """A new regulator, its hotline, its duty list, the yearly check of it. `ago`: registered so many days before."""
    firm, act = body(course, "regulator")
    yield long_ago(course, act, ago) if ago else act
    seat = Seat(firm.org, "REG", f"urn:city:body-{course.name}")
    bureau = course.city.organ("ASB")
    for wanted, kind in ((hotline, "hotline"), (duties, "duty-list")):
        course.seconds(20, 60)
        if wanted:
            yield guide(course, seat, kind)
    if checked:
        course.minutes(5, 30)
        yield overseen(course, bureau.seat, "duty-check", firm.org)
    course.workdays(50, 55)
    yield overseen(course, bureau.seat, "analysis-evaluation", bureau.org)


def overseen_operator(course: Course, *, evaluated: bool = True, audited: bool = True, ago: int = LONG_AGO) -> Life:
    """An operator of some years: its guide, a social evaluation of it, an audit."""
    firm, act = body(course, "operator")
    yield long_ago(course, act, ago)
    course.seconds(20, 60)
    yield guide(course, Seat(firm.org, "PTC", f"urn:city:body-{course.name}"), "service-guide")
    course.minutes(2, 10)
    if evaluated:
        yield one_entry(
            course,
            "rating.social-evaluation-completed",
            "ASB",
            "",
            {
                "organ": firm.org,
                "period": "上年度",
                "method": "问卷",
                "third_party": course.city.people.firm("agent", 0).org,
                "score_bp": 8800,
                "sample": 300,
                "report": course.doc("report"),
            },
            f"organ:{firm.org}",
        )
    if audited:
        course.minutes(2, 10)
        yield overseen(course, course.city.organ("AUD").seat, "audit", firm.org)
    course.workdays(3, 5)
    yield overseen(course, course.city.organ("ASB").seat, "analysis-evaluation", firm.org)


def overseen(course: Course, seat: Seat, kind: str, target: str) -> Act:
    """An activity of oversight, on the life's own inquiry."""
    data = {"kind": kind, "target": target, "party": target, "organs": [seat.org], "report": course.doc("report")}
    return course.post("supervision.oversight-recorded", seat, data, subject=f"inquiry:{course.name}")


def quarters(course: Course, *, offline: int = 0) -> Life:
    """An operator's services in two quarters, ten in each; of the second's so many are handled off-line."""
    firm, act = body(course, "operator")
    yield act
    seat = Seat(firm.org, "PTC", f"urn:city:body-{course.name}")
    course.seconds(20, 60)
    yield guide(course, seat, "service-guide")
    for number in range(20):
        if number == 10:
            course.until(course.now + 92 * moments.DAY)
        course.workdays(1, 1)
        data: dict[str, Any] = {
            "service_no": f"FW-{course.name}-{number}",
            "item": "consultation",
            "channel": "offline" if 10 <= number < 10 + offline else "online",
            "one_form": True,
            "demands": [],
            "handler": stranger(course),
            "from": moments.text(course.now - 1200),
            "to": moments.text(course.now),
        }
        yield course.post("platform.service-handled", seat, data, subject="service:consultation")
    course.until(course.now + 92 * moments.DAY)
    course.workdays(0, 1)
    yield overseen(course, course.city.organ("ASB").seat, "analysis-evaluation", firm.org)
