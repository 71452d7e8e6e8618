"""One approval case, step by step: application, acceptance, handling, decision, and what follows it.

    case = open_case(course, project, item)
    yield from apply(course, case)
    yield from accept(course, case)
    yield from handle(course, case)
    yield from decide(course, case, "approved")
    yield from serve(course, case)

Honest cases keep every rule that looks at them: told once what is missing (APV-05), decided within the limit (APV-02)
but not in a rush (APV-18), signed by different people in order over more than a day (APV-10, SEP-04), under an edition
(APV-11), after the applicant's credit was looked up (CRD-03), delivered and published in time (DIS-01, APV-16).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from city import moments
from city.act import Act, Seat
from city.approvals.filing import file_case
from city.approvals.project import Project
from city.approvals.tables import LEVELS, Item, edition
from city.course import Course, Life
from city.population import Organ
from city.publicity import made_public

FIELDS = {"environment-review": "environment", "water-soil-plan": "water", "fire-design-review": "construction"}
"""Which regulator decides an item that a regulator decides."""

GROUNDS = ("expert-review", "hearing", "survey", "publicity")
"""Why the clock of a case may stand still (`clock-grounds`); what the applicant owes is told before acceptance."""


@dataclass(slots=True)
class Case:
    """A case on its way. `desk`: who handles it; `decider`: who decides (another where a superior does)."""

    no: str
    item: Item
    project: Project
    desk: Organ
    decider: Organ
    accepted: int = 0
    paused_days: int = 0
    missing: tuple[str, ...] = ()
    acts: dict[str, Act] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The stream of the case."""
        return f"case:{self.no}"


def open_case(course: Course, project: Project, item: Item, decider: str = "") -> Case:
    """A case of an item in a project; `decider`: the organ where it depends on something else (F1.3)."""
    city = course.city
    code = decider or item.decider
    organ = city.organ(code, FIELDS.get(item.item, ""))
    desk = city.organ("CAD-C") if code in ("CAD-P", "CAD-N") else organ
    prefix = "RF" if item.air_defence else "BJ"
    return Case(f"{prefix}-{course.name}", item, project, desk, organ)


def clerk(course: Course, organ: Organ, role: str, number: int = 0) -> str:
    """The person who holds a post of an organ."""
    return course.city.people.official(organ, role, number)


def handler(case: Case) -> tuple[str, int]:
    """The post that handles a case: civil air-defence cases are handled by the engineering section (F5.1)."""
    return ("engineering-section", 0) if case.desk.organ == "CAD-C" else ("handler", 0)


def materials(course: Course, case: Case, *, without: int = 0) -> list[dict[str, Any]]:
    """What is handed in; the last `without` kinds are left out. Of kinds that stand for each other one is taken."""
    kinds = [course.chance.pick(one) for one in case.item.materials]
    case.missing = tuple(kinds[len(kinds) - without :]) if without else ()
    return [{"kind": kind, "doc": course.doc("application-material")} for kind in kinds[: len(kinds) - without]]


def apply(
    course: Course, case: Case, *, without: int = 0, channel: str = "", based_on: Act | None = None, **more: Any
) -> Life:
    """The application. On paper (`window`, `post`) the desk types it in, and another person confirms."""
    item, project, chance = case.item, case.project, course.chance
    course.subject = case.subject
    if item.unit == "cd":
        after_holidays(course)
    if not channel:
        kinds = [("online", 12), ("self-service", 2)] + ([] if item.online_only else [("window", 1), ("post", 1)])
        channel = chance.weighted(kinds)
    data: dict[str, Any] = {
        "case_no": case.no,
        "item": item.item,
        "track": item.track,
        "applicant": project.developer.org,
        "channel": channel,
        "materials": materials(course, case, without=without),
        "workflow": edition("workflow"),
    }
    if based_on is not None:
        data["based_on"] = based_on.ref
    data.update(more)
    attributes: dict[str, Any] = {}
    seat = project.developer.seat
    if channel in ("window", "post") and case.desk.organ in ("ASB", "CAD-C"):
        seat = case.desk.seat
        data["doc"] = course.doc("application-material")
        attributes = {
            "attestation": "transcribed",
            "person": clerk(course, case.desk, "handler"),
            "confirmer": clerk(course, case.desk, "reviewer"),
        }
    case.acts["application"] = act = course.post("approval.application-submitted", seat, data, **attributes)
    yield act


def after_holidays(course: Course) -> None:
    """Wait for the end of a long holiday that begins soon: a limit in calendar days could not be kept over it."""
    office, today = course.city.office, moments.day_of(course.now)
    for day in range(today, today + 27):
        if office.is_working(day) and office.workday(day, 1) - day > 4:
            course.until(moments.at(office.workday(day, 1), 9))
            course.minutes(5, 120)
            return


def tell(course: Course, case: Case) -> Life:
    """What is missing, told once, and handed in."""
    desk, (role, number) = case.desk, handler(case)
    data = {
        "missing": list(case.missing),
        "notice_no": 1,
        "doc": course.doc("official-notice"),
        "handler": clerk(course, desk, role, number),
    }
    yield course.post("approval.deficiency-notified", desk_seat(course, case), data, at=course.workdays(1, 3))
    course.workdays(1, 6)
    yield from supply(course, case)


def supply(course: Course, case: Case) -> Life:
    """The applicant hands in what was missing; a paper is typed in by the desk."""
    data: dict[str, Any] = {
        "materials": [{"kind": kind, "doc": course.doc("application-material")} for kind in case.missing]
    }
    case.missing = ()
    yield course.post("approval.material-supplemented", case.project.developer.seat, data)


def desk_seat(course: Course, case: Case) -> Seat:
    """Whence notices and acceptances are posted: a regulator's cases go through the bureau's single window."""
    return case.desk.seat if case.desk.organ in ("ASB", "CAD-C") else course.city.organ("ASB").seat


def accept(course: Course, case: Case, *, outcome: str = "accepted") -> Life:
    """Acceptance within the five working days of 行政许可法 32; with tolerance, the missing kinds get a day."""
    desk, item = case.desk, case.item
    role, number = handler(case)
    data: dict[str, Any] = {
        "outcome": outcome,
        "limit_days": item.limit,
        "limit_unit": item.unit,
        "handler": clerk(course, desk, role, number),
    }
    course.workdays(0, 2)
    if outcome == "accepted-tolerant":
        data["missing"] = list(case.missing)
        data["missing_due"] = moments.day_text(course.city.office.workday(moments.day_of(course.now), 10))
    if outcome == "refused":
        data["reasons"] = ["申请事项不属于本机关职权范围，请向有权机关提出。"]
        data["limit_days"] = 0
    if course.often(8_000):
        data["served_to"] = [case.project.developer.org]
    case.acts["acceptance"] = act = course.post("approval.acceptance-decided", desk_seat(course, case), data)
    case.accepted = course.now
    yield act
    if outcome == "refused":
        yield from file_case(course, case.no, case.desk, [case.acts["application"]])
    elif case.item.air_defence:
        yield from supervise(course, case, "acceptance")


def spend(course: Course, case: Case) -> int:
    """How many working days the case will take: a third to two thirds of its limit, counted from acceptance.

    Where the limit is in calendar days, holidays within it leave fewer.
    """
    limit, chance = case.item.limit, course.chance
    days = chance.between(max(1, limit * 3 // 10), max(1, limit * 6 // 10))
    if case.item.unit == "cd":
        office, start = course.city.office, moments.day_of(case.accepted)
        days = chance.between(2, 4)
        while days > 1 and office.workday(start, days) > start + limit - 1:
            days -= 1
    return days


def handle(course: Course, case: Case, *, pause: bool = False, checklist: str = "", rush: bool = False) -> Life:
    """Handling, verification and review on the way to the day of decision .

    `checklist`: prefix of the contents that a document must have (`content-items`). `rush`: all within minutes, on the
    day of decision.
    """
    days = spend(course, case)
    role, number = handler(case)
    course.minutes(20, 180)
    if rush:
        course.workdays(1, days)
    yield sign(course, case, "handle", role, number=number, checklist=checklist)
    if pause and case.item.limit >= 6 and case.item.unit == "wd":
        yield from stand_still(course, case)
    checked_on = course.city.office.workday(moments.day_of(case.accepted), max(1, days - 1))
    if rush:
        course.seconds(20, 40)
        yield from check(course, case, rush=True)
        return
    if days > 1 and moments.day_of(course.now) < checked_on:
        course.until(course.city.office.within(checked_on, course.chance))
    else:
        course.minutes(20, 90)
    yield from check(course, case)
    if case.item.air_defence:
        yield from supervise(course, case, "review")
    decided_on = course.city.office.workday(moments.day_of(case.accepted), days)
    if moments.day_of(course.now) < decided_on:
        course.until(moments.at(decided_on, 9) + course.chance.below(2 * moments.HOUR))
    else:
        course.minutes(30, 120)


def check(course: Course, case: Case, *, rush: bool = False) -> Life:
    """Verified and reviewed by two people other than the handler."""
    role, number = ("reviewer", 1) if case.desk.organ == "CAD-C" else ("handler", 1)
    yield sign(course, case, "verify", role, number=number)
    course.seconds(20, 40) if rush else course.minutes(15, 120)
    yield sign(course, case, "review", "reviewer")


def sign(course: Course, case: Case, step: str, role: str, *, number: int = 0, checklist: str = "") -> Act:
    """A step of the case, signed by the holder of a post of the desk."""
    person = clerk(course, case.desk, role, number)
    data: dict[str, Any] = {
        "step": step,
        "person": person,
        "role": role,
        "opinion": "agree",
        "doc_hash": course.chance.hex64(),
    }
    if course.often(6_000):
        data["text"] = "材料齐全，符合条件，拟同意。"
    if checklist:
        data["content_checklist"] = [{"code": code, "present": True} for code in contents(course, checklist)]
    return course.post("approval.step-signed", case.desk.seat, data, person=person, role=role)


def contents(course: Course, prefix: str) -> list[str]:
    """The contents a document must have, by the beginning of their codes."""
    listed = course.city.contracts.codes["content-items"].codes
    return [code for code in listed if code.startswith(prefix)]


def stand_still(course: Course, case: Case) -> Life:
    """The clock stands still and runs again, for a reason on the list and within the days announced (APV-09)."""
    most = max(1, case.item.limit * 3 // 10)
    ground = course.chance.pick(GROUNDS)
    seat = desk_seat(course, case)
    data = {"action": "pause", "ground": ground, "max_days": most, "doc": course.doc("official-notice")}
    yield course.post("approval.clock-changed", seat, data, at=course.minutes(10, 60))
    start = course.now
    course.until(start + course.chance.between(moments.HOUR * 20, most * moments.DAY - moments.HOUR))
    yield course.post(
        "approval.clock-changed", seat, {"action": "resume", "ground": ground, "doc": course.doc("official-notice")}
    )
    case.paused_days += most


def look_up(course: Course, case: Case) -> Act:
    """The applicant's credit is looked up before the decision."""
    purpose = "licence" if case.item.item.endswith("permit") else "approval"
    person = clerk(course, case.desk, "reviewer")
    data = {
        "purpose": purpose,
        "party": case.project.developer.org,
        "case": case.no,
        "grade_seen": course.chance.weighted((("A", 2), ("B", 5), ("C", 1), ("none", 4))),
        "measures_seen": [],
        "head_seq": 1,
        "person": person,
    }
    subject = f"credit:{case.project.developer.org}"
    late = course.city.head_at("head_seq")
    return course.post("credit.checked", case.desk.seat, data, subject=subject, person=person, late=late)


Before = Callable[[Course, Case], Act]
"""Makes the act that a case is about, just before its decision: design conditions, a review approval."""


def decide(
    course: Course,
    case: Case,
    outcome: str,
    *,
    reasons: tuple[str, ...] = (),
    countersign: bool = False,
    before: Before | None = None,
    rush: bool = False,
    night: bool = False,
) -> Life:
    """Credit looked up, signed by the leader whose power it is, and decided. `rush`: at once; `night`: at eleven."""
    item = case.item
    checked = look_up(course, case)
    yield checked
    if countersign:
        course.minutes(10, 40)
        yield sign(course, case, "countersign", "handler", number=1)
    role = "deputy-in-charge" if item.sign == "deputy-sign" else "principal"
    if item.air_defence:
        yield from supervise(course, case, "decision")
    course.seconds(20, 40) if rush else course.minutes(15, 60)
    yield sign(course, case, item.sign, role)
    if not rush and course.often(4_000):
        course.minutes(6, 30)
        yield sign(course, case, "seal", "handler")
    course.minutes(6, 30)
    if night:
        course.until(moments.at(moments.day_of(course.now), 23))
    if before is not None:
        case.acts["granted"] = act = before(course, case)
        yield act
        course.minutes(6, 20)
    yield decision(course, case, outcome, leader(course, case), reasons=reasons, checked=checked)


def leader(course: Course, case: Case) -> str:
    """Who signs the decision: the deputy in charge or the principal of the deciding organ."""
    role = "deputy-in-charge" if case.item.sign == "deputy-sign" else "principal"
    return clerk(course, case.decider, role)


def decision(
    course: Course,
    case: Case,
    outcome: str,
    signatory: str,
    *,
    reasons: tuple[str, ...] = (),
    checked: Act | None = None,
) -> Act:
    """The decision itself; a superior's is typed in by the desk with the document, and confirmed by another person."""
    data: dict[str, Any] = {
        "outcome": outcome,
        "organ": case.decider.org,
        "organ_level": LEVELS[case.decider.organ],
        "signatory": signatory,
        "decision_no": f"示批-{case.no}",
        "decided_on": moments.date_text(course.now),
        "legal_basis": basis(case.item),
        "workflow": edition("workflow"),
        "secret": False,
        "served_to": [case.project.developer.org],
    }
    if reasons:
        data["reasons"] = list(reasons)
    if checked is not None:
        data["credit_check"] = checked.ref
    above = case.decider.organ in ("CAD-P", "CAD-N")
    if above or course.often(9_000):
        data["doc"] = course.doc("decision")
    attributes: dict[str, Any] = {"edition": "workflow-1"}
    if above:
        attributes |= transcribed(course, case.desk)
    act = course.post("approval.decided", case.desk.seat, data, **attributes)
    case.acts["decision"] = act
    return act


def transcribed(course: Course, desk: Organ) -> dict[str, Any]:
    """The attributes of an act of a superior organ that the desk types in: one person keys, another confirms."""
    return {
        "attestation": "transcribed",
        "person": clerk(course, desk, "handler"),
        "confirmer": clerk(course, desk, "reviewer"),
    }


def basis(item: Item) -> str:
    """The law an item rests on (`approval-bases`)."""
    if item.air_defence:
        return "cad-works-rules" if item.track == "single-built" else "shanxi-cad-regulation"
    if item.track in ("investment-ratify", "investment-file"):
        return "ratification-regulation"
    if item.track == "investment-approve":
        return "government-investment-regulation"
    named = {
        "construction-permit": "construction-law",
        "planning-permit": "planning-law",
        "land-use-permit": "planning-law",
    }
    return named.get(item.item, "licensing-law")


def serve(course: Course, case: Case) -> Life:
    """The decision is delivered, and published on the platforms within seven working days."""
    decided = case.acts["decision"]
    ways = [("online", 8)] if case.item.online_only else [("online", 8), ("in-person", 2), ("post", 1), ("left", 1)]
    course.workdays(0, 1)
    course.minutes(5, 60)
    data = {"to": case.project.developer.org, "how": course.chance.weighted(ways), "at": moments.text(course.now)}
    yield course.post("approval.document-delivered", desk_seat(course, case), data)
    yield from made_public(course, decided, case.desk, case=case.no)
    yield from file_case(course, case.no, case.desk, [decided])


def supervise(course: Course, case: Case, stage: str) -> Life:
    """The resident discipline head looks at a stage of a civil air-defence case (F5.3)."""
    rdh = course.city.organ("RDH")
    person = clerk(course, rdh, "resident-discipline-head")
    seen = course.chance.weighted((("none", 15), ("concern", 1)))
    data = {"case_no": case.no, "stage": stage, "observation": seen, "person": person}
    if seen != "none":
        data["text"] = "请说明依据。"
    course.minutes(6, 25)
    yield course.post("supervision.process-supervised", rdh.seat, data, subject=case.subject, person=person)
