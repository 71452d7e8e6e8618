"""Alerts and what becomes of them: assigned, explained, returned, supervised, escalated, referred, closed.

These alerts were raised under an edition that no program carries any more (the supervision system before this ledger),
so nobody compares them with what today's rules would say. Whoever closes one belongs to no implicated organisation; a
violation rests on a finding, an explanation on reasons of some length.
"""

from base64 import b32encode
from hashlib import sha256
from typing import Any

from city.act import Act, Seat
from city.course import Course, Life
from city.kinds import Kind
from city.lives.editions import edition_ref
from city.lives.inquiries import FIELDS, found, opened
from city.lives.registration import registered
from city.outsiders import outsider
from city.population import Organ
from city.records import Subject, entered

FORMER = sha256("示范市公共资源交易电子监管系统规则 2024 年版".encode()).hexdigest()
"""The edition that those alerts rest on."""

RULES = (("TRD-16", "H"), ("OPR-01", "H"), ("TRD-19", "M"), ("INT-06", "L"), ("COL-07", "C"), ("DIS-02", "M"))

PATHS = (
    ("assigned", "explained", "closed:explained"),
    ("assigned", "supervised", "explained", "closed:irregular-corrected"),
    ("assigned", "explained", "returned", "explained", "closed:false-positive"),
    ("escalated", "reported-back", "closed:not-checkable"),
    ("assigned", "finding", "closed:violation"), ("assigned", "assigned", "closed:duplicate"),
    ("assigned", "explained", "escalated", "supervised", "closed:rule-defect"),
    ("assigned", "crime", "reported-back", "closed:violation"),
    ("assigned", "explained", "closed:explained", "closed:irregular-corrected"),
    ("escalated", "crime", "closed:violation"), ("assigned", "explained", "explained", "closed:explained"),
)  # fmt: skip
"""What is done, in order; `closed:` with its outcome."""

REASONS = "经调阅全过程资料并听取当事人说明，所提示情形有合理依据，未发现违反规定的事实。"


def alert(course: Course, *, path: tuple[str, ...] = (), severity: str = "") -> Life:
    """One alert, from its raising to its closing; by a path, or the next in turn."""
    city = course.city
    path = path or PATHS[course.number % len(PATHS)]
    rule, usual = RULES[course.number % len(RULES)]
    severity = severity or usual
    regulator = city.organ("REG", FIELDS[course.number % len(FIELDS)])
    firm = outsider(course, "supplier")
    no = b32encode(sha256(f"{city.seed}/{course.name}".encode()).digest()).decode()[:26]
    course.subject = f"alert:{no}"
    yield registered(course, firm)
    course.seconds(3600, 7200)
    raised = _raised(course, no, rule, severity, firm.org)
    yield raised
    course.open()
    finding: Act | None = None
    for step in path:
        action, _, outcome = step.partition(":")
        course.minutes(8, 40)
        if action == "closed":
            yield closed(course, city.organ("DIC") if "escalated" in path else regulator, outcome, finding)
        elif action in ("finding", "crime"):
            organ = city.organ("DIC") if "escalated" in path else regulator
            course.workdays(1, 3)
            inquiry = f"inquiry:{course.name}"
            yield _on(inquiry, opened(course, organ, raised, [firm.org], alert=no))
            course.workdays(5, 15)
            crime = action == "crime"
            finding = _on(inquiry, found(course, organ, [firm.org], "established", crime=crime, alert=no))
            yield finding
            if crime:
                course.workdays(1, 5)
                yield referred(course, organ, firm.org, finding)
            enters = regulator if organ.organ == "DIC" else organ
            yield from entered(course, enters, Subject.of(firm), finding, "CM-02")
        else:
            yield _handled(course, action, regulator, firm.seat)
            course.workdays(1, 4)


def _on(subject: str, act: Act) -> Act:
    act.event["subject"] = subject
    return act


def _raised(course: Course, no: str, rule: str, severity: str, org: str) -> Act:
    data: dict[str, Any] = {
        "alert_no": no,
        "rule": rule,
        "rule_edition": edition_ref(course.city, "rules"),
        "edition_digest": FORMER,
        "severity": severity,
        "subject_streams": [f"party:{org}"],
        "evidence": [{"source": "urn:city:portal", "id": f"{course.name}-1"}],
        "facts": [{"name": "count", "value": str(course.chance.between(2, 9))}],
        "text_zh": "原监管系统提示，请核查。",
        "text_en": "Raised by the former supervision system; please look into it.",
        "evaluated_at": 1,
        "implicated_orgs": [org],
        "retrospective": False,
        "dedupe_key": f"{rule}/{no}",
    }
    seat = Seat(course.city.organ("PTC").org, "SYS", "urn:city:supervision")
    return course.post("supervision.alert-raised", seat, data, late=course.city.head_at("evaluated_at"))


def _handled(course: Course, action: str, regulator: Organ, firm: Seat) -> Act:
    city = course.city
    bureau, discipline = city.organ("ASB"), city.organ("DIC")
    seats = {
        "assigned": bureau.seat, "explained": firm, "returned": regulator.seat, "escalated": bureau.seat,
        "supervised": discipline.seat, "reported-back": regulator.seat,
    }  # fmt: skip
    seat = seats[action]
    person = (
        city.people.official(bureau, "handler") if seat is bureau.seat else city.people.official(regulator, "handler")
    )
    if seat is firm:
        person = city.people.firm("supplier", 0).person(course.name)
    data: dict[str, Any] = {"action": action, "person": person, "text": "请按规定核查处理。"}
    if action == "assigned":
        data["to"] = regulator.org
    elif action == "escalated":
        data["to"] = discipline.org
    elif action == "explained":
        data["text"], data["docs"] = "已说明情况并附材料。", [course.doc("evidence")]
    return course.post("supervision.alert-handled", seat, data, prompt=True)


def closed(course: Course, organ: Organ, outcome: str, finding: Act | None) -> Act:
    """The closing of an alert by a supervising organ."""
    data: dict[str, Any] = {
        "outcome": outcome,
        "reasons": REASONS,
        "person": course.city.people.official(organ, "reviewer"),
    }
    if outcome == "violation" and finding is not None:
        data["finding"] = finding.ref
    if outcome == "duplicate":
        number = max(1, course.number - 1)
        data["duplicate_of"] = b32encode(sha256(f"{course.city.seed}/alert-{number}".encode()).digest()).decode()[:26]
    return course.post("supervision.alert-closed", organ.seat, data)


def referred(course: Course, organ: Organ, against: str, finding: Act) -> Act:
    """A suspected crime goes to the judiciary (M43-M45)."""
    data = {
        "kind": "justice-referral",
        "against": against,
        "party": against,
        "article": "M45",
        "seriousness": "crime",
        "order" if finding.type == "accountability.correction-ordered" else "finding": finding.ref,
        "doc": course.doc("decision"),
        "signatory": course.city.people.official(organ, "principal"),
    }
    return course.post("accountability.sanction-decided", organ.seat, data, subject=f"accountability:{course.name}")


KINDS = (Kind("alert", alert, share=110, events=8),)
