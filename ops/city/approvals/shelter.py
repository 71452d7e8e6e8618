"""Settling a shelter that is owed: built below the building, or built elsewhere against a fee."""

from collections.abc import Generator
from typing import Any

from city import moments
from city.act import Act, Pause
from city.approvals import case as steps
from city.approvals import fees
from city.approvals.case import Case
from city.approvals.drawings import Review, new_review, review_drawings
from city.approvals.fees import Fee
from city.approvals.project import Project
from city.approvals.tables import OTHER, SHELTER
from city.approvals.ways import Way, full_case
from city.course import Course
from city.together import branch

USES = ("personnel-first", "personnel-second", "special-team", "medical", "stores", "vehicles", "power", "other")
OFFSITE_GROUNDS = ("shallow-pile-cap", "partial-floor", "bad-ground", "dense-surroundings")

Settled = Generator[Act | Pause, None, Act]


def attach(course: Course, project: Project) -> Settled:
    """Built below: design conditions, reviewed drawings, review approval (F2). Gives the review approval."""
    chance = course.chance
    own = branch(course, "attached")
    own.workdays(1, 4)
    case = steps.open_case(own, project, OTHER["shelter-conditions"])
    intake = chance.weighted((("plain", 3), ("deficiency", 1)))
    yield from full_case(
        own, case, Way(intake=intake, channel="online" if chance.often(8_000) else "window"), before=issue_conditions
    )
    conditions = case.acts["granted"]
    review = new_review(own, project)
    yield from review_drawings(own, conditions, review)
    course.until(own.now)
    return (yield from approve_review(course, project, conditions, review))


def issue_conditions(course: Course, case: Case) -> Act:
    """The design conditions: the area owed or more, the wartime use, the grade; the deputy in charge signs (F5.1)."""
    chance, project, desk = course.chance, case.project, case.desk
    area = project.required + (chance.below(project.required // 50 + 1) if chance.often(3_000) else 0)
    data: dict[str, Any] = {
        "no": f"示人防设-{case.no}",
        "required_area": area,
        "wartime_use": chance.pick(USES),
        "grade": SHELTER["grade"],
        "handler_section": "engineering",
        "signatory": steps.clerk(course, desk, "deputy-in-charge"),
        "issued_on": moments.date_text(course.now),
        "served_to": [project.developer.org],
        "doc": course.doc("certificate"),
    }
    if chance.often(3_000):
        data["other"] = ["设一处固定电站。"]
    return course.post("cad.design-conditions-issued", desk.seat, data)


def approve_review(course: Course, project: Project, conditions: Act, review: Review) -> Settled:
    """The review approval, a case of its own: on the certified set under stamp, signed by the principal (F2.4)."""
    certificate = review.certificate
    assert certificate is not None

    def approve(own: Course, case: Case) -> Act:
        data: dict[str, Any] = {
            "no": f"示人防批-{case.no}",
            "certificate": certificate.ref,
            "drawing": review.subject.removeprefix("drawing:"),
            "drawing_set_sha256": certificate.data["drawing_set_sha256"],
            "stamp_seen": True,
            "approved_area": conditions.data["required_area"],
            "check": "pass",
            "handler_section": "engineering",
            "signatory": steps.clerk(own, case.desk, "principal"),
            "served_to": [project.developer.org],
            "doc": own.doc("certificate"),
        }
        return own.post("cad.review-approval-issued", case.desk.seat, data)

    own = branch(course, "review")
    own.workdays(2, 5)
    case = steps.open_case(own, project, OTHER["shelter-review"])
    yield from full_case(own, case, Way(), before=approve, based_on=conditions)
    course.until(own.now)
    return case.acts["granted"]


def apply_offsite(course: Course, project: Project, *, approved: bool) -> Settled:
    """Off site: approved on a ground of the list, or refused with reasons and pointed to the attached track (F3.2)."""
    ground = course.chance.pick(OFFSITE_GROUNDS) if approved else "not-met"

    def rule(own: Course, case: Case) -> Act:
        data: dict[str, Any] = {
            "outcome": "approved" if approved else "refused",
            "ground": ground,
            "offsite_area": project.required if approved else 0,
            "redirected_to_attached": not approved,
            "signatory": steps.clerk(own, case.desk, "principal"),
            "served_to": [project.developer.org],
            "doc": own.doc("decision"),
        }
        if not approved:
            data["reasons"] = ["地质条件可以修建防空地下室，请按结建程序报批。"]
        return own.post("cad.offsite-decided", case.desk.seat, data)

    own = branch(course, "offsite")
    own.workdays(1, 4)
    case = steps.open_case(own, project, OTHER["offsite-construction"])
    intake = course.chance.weighted((("plain", 3), ("deficiency", 1), ("tolerant", 1)))
    way = Way(intake=intake, ending="approved" if approved else "refused", pause=course.often(2_000))
    yield from full_case(own, case, way, before=rule, reason="地下管线密集，无法同步修建防空地下室。")
    course.until(own.now)
    project.acts["offsite-case"] = case.acts["decision"]
    return case.acts["granted"]


def assess_offsite(course: Course, project: Project, decided: Act) -> tuple[Fee, Act]:
    """The fee for building elsewhere: area times rate, collected centrally (N2.4.2)."""
    own = branch(course, "fee")
    own.workdays(0, 2)
    fee = fees.new_fee(own, "offsite-construction", project.developer)
    act = fees.assess(own, fee, decided.data["offsite_area"], decided)
    course.until(own.now)
    return fee, act
