"""Waivers of the fee for building elsewhere: asked for, looked at here, verified and decided by the province (F4).

The order is the law of it: local opinion under seal, engineering section, deputy director, director, decision; nothing
is booked before, and only what was decided (CAD-18, CAD-19).
"""

from typing import Any

from city import moments
from city.act import Act
from city.approvals import case as steps
from city.approvals.case import Case
from city.approvals.fees import Fee
from city.approvals.project import Project
from city.approvals.shelter import Settled
from city.approvals.tables import OTHER
from city.approvals.ways import withdraw
from city.course import Course, Life
from city.together import branch

GROUNDS = (
    ("subsidised-housing", 5_000),
    ("kindergarten", 5_000),
    ("school", 5_000),
    ("elderly-home", 5_000),
    ("disabled-facility", 5_000),
    ("temporary", 10_000),
    ("dilapidated-rebuilt", 10_000),
    ("disaster-rebuilt", 10_000),
    ("community-care", 10_000),
)
"""Grounds of the list and which share (in ten-thousandths) each forgives."""


def ask(course: Course, project: Project, fee: Fee, *, ending: str, full: bool | None = None) -> Life:
    """The waiver case. `ending`: approved or refused by the province, or not-met: then the applicant withdraws it.

    The province's decision stays in the project as `waiver`.
    """
    chance = course.chance
    grounds = [one for one in GROUNDS if full is None or (one[1] == 10_000) == full]
    ground, share = chance.weighted([(one, 3 if one[1] < 10_000 else 1) for one in grounds])
    own = branch(course, "waiver")
    own.workdays(1, 3)
    case = steps.open_case(own, project, OTHER["fee-waiver"])
    yield from steps.apply(own, case, channel="online", reason="符合减免条件，申请减免。")
    yield from steps.accept(own, case)
    role, number = steps.handler(case)
    own.minutes(30, 120)
    yield steps.sign(own, case, "handle", role, number=number)
    own.workdays(1, 2)
    meets = ending != "not-met"
    yield opinion(own, case, fee, ground if meets else "not-met", share, meets=meets)
    if not meets:
        yield from withdraw(own, case)
        course.until(own.now)
        return
    project.acts["waiver"] = yield from province(own, case, fee, ground, share, approved=ending == "approved")
    yield from steps.serve(own, case)
    course.until(own.now)


def opinion(course: Course, case: Case, fee: Fee, ground: str, share: int, *, meets: bool) -> Act:
    """The opinion of the local authority, sealed and sent on where the conditions are met (F4.2)."""
    data: dict[str, Any] = {
        "opinion": "meets" if meets else "does-not-meet",
        "ground": ground,
        "requested": fee.amount * share // 10_000,
        "sealed": True,
        "signatory": steps.clerk(course, case.desk, "principal"),
        "doc": course.doc("opinion"),
    }
    if meets:
        data["sent_on"] = moments.date_text(course.now)
    return course.post("cad.waiver-opinion-given", case.desk.seat, data)


def province(course: Course, case: Case, fee: Fee, ground: str, share: int, *, approved: bool) -> Settled:
    """Verified by the engineering section, signed by deputy and director, decided: each typed in with its paper."""
    province, desk = case.decider, case.desk

    def signed(step: str, role: str) -> Act:
        data = {
            "step": step,
            "person": steps.clerk(course, province, role),
            "role": role,
            "opinion": "agree" if approved else "disagree",
            "doc_hash": course.chance.hex64(),
            "doc": course.doc("opinion"),
        }
        return course.post("approval.step-signed", desk.seat, data, **steps.transcribed(course, desk))

    course.workdays(1, 1)
    verified = signed("verify", "engineering-section")
    yield verified
    course.minutes(20, 90)
    yield signed("review", "reviewer")
    yield from steps.supervise(course, case, "review")
    course.workdays(1, 1)
    yield signed("deputy-sign", "deputy-in-charge")
    course.minutes(20, 90)
    yield signed("principal-sign", "principal")
    yield from steps.supervise(course, case, "decision")
    course.minutes(20, 90)
    waived = fee.amount * share // 10_000 if approved else 0
    reasons = () if approved else ("经核实不属于减免范围。",)
    data: dict[str, Any] = {
        "outcome": "approved" if approved else "refused",
        "organ": province.org,
        "approved_fen": fee.amount - waived,
        "waived_fen": waived,
        "ground": ground if approved else "not-met",
        "engineering_check": verified.ref,
        "deputy": steps.clerk(course, province, "deputy-in-charge"),
        "director": steps.clerk(course, province, "principal"),
        "decided_on": moments.date_text(course.now),
        "served_to": [case.project.developer.org],
        "doc": course.doc("decision"),
    }
    if reasons:
        data["reasons"] = list(reasons)
    checked = steps.look_up(course, case)
    yield checked
    decided = course.post("cad.waiver-decided", desk.seat, data, **steps.transcribed(course, desk))
    yield decided
    course.minutes(6, 30)
    outcome = "approved" if approved else "refused"
    yield steps.decision(course, case, outcome, steps.leader(course, case), reasons=reasons, checked=checked)
    return decided
