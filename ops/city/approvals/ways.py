"""The ways an ordinary case can go: what may be missing, paused, promised, refused, withdrawn or undone."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from city import moments
from city.act import Act
from city.approvals import case as steps
from city.approvals.case import Before, Case
from city.approvals.filing import file_case
from city.approvals.tables import Item
from city.chance import Chance
from city.course import Course, Life

REFUSED = "申请事项不符合规划条件，不予批准。"


@dataclass(frozen=True, slots=True)
class Way:
    """How a case goes.

    `intake`: plain, deficiency, tolerant, refused. `ending`: approved, refused, withdrawn, revoked, cancelled.
    `promise`: how a commitment turns out (kept, partly, broken), or none. `opinions`: organs that give a joint opinion
    (`CAD-C` as a prior condition). `early`: withdrawn before acceptance. `checklist`: see `case.handle`.

    For plans of misconduct: intake `incomplete` (accepted although a kind is missing), `rush` and `night`.
    """

    intake: str = "plain"
    ending: str = "approved"
    pause: bool = False
    promise: str = ""
    opinions: tuple[str, ...] = ()
    countersign: bool = False
    early: bool = False
    channel: str = ""
    checklist: str = ""
    rush: bool = False
    night: bool = False


PLAIN = Way()


def smooth(chance: Chance) -> Way:
    """A way on which the case is approved: what a project needs in order to go on."""
    return Way(
        intake=chance.weighted((("plain", 8), ("deficiency", 3), ("tolerant", 1))),
        pause=chance.often(1_500),
        countersign=chance.often(1_000),
    )


def any_way(chance: Chance, item: Item) -> Way:
    """Whatever may become of a case that nothing else hangs on."""
    promise = chance.weighted((("", 10), ("kept", 3), ("partly", 2), ("broken", 2)))
    ending = chance.weighted((("approved", 9), ("refused", 3), ("withdrawn", 2), ("revoked", 2), ("cancelled", 2)))
    intakes = (("plain", 8), ("deficiency", 4), ("tolerant", 4)) + (() if promise else (("refused", 3),))
    return Way(
        intake=chance.weighted(intakes),
        ending="approved" if promise else ending,
        pause=chance.often(3_000),
        promise=promise,
        opinions=("CAD-C", "REG") if item.prior_opinion else (),
        countersign=chance.often(2_000),
        early=chance.often(4_000),
    )


def full_case(course: Course, case: Case, way: Way, *, before: Before | None = None, **application: Any) -> Life:
    """A case from application to its end. `application`: members of the application beside the usual ones."""
    without = 1 if way.intake in ("deficiency", "tolerant", "incomplete") else 0
    yield from steps.apply(course, case, without=without, channel=way.channel, **application)
    if way.promise:
        yield from promise(course, case)
    if way.intake == "deficiency":
        yield from steps.tell(course, case)
    if way.ending == "withdrawn" and way.early:
        yield from withdraw(course, case)
        return
    outcome = {"tolerant": "accepted-tolerant", "refused": "refused"}.get(way.intake, "accepted")
    yield from steps.accept(course, case, outcome=outcome)
    if way.intake == "refused":
        return
    if way.intake == "tolerant":
        course.minutes(30, 240)
        yield from steps.supply(course, case)
    for organ in way.opinions:
        yield joint_opinion(course, case, organ, agree=way.ending != "refused" or organ == "CAD-C")
    yield from steps.handle(course, case, pause=way.pause, checklist=way.checklist, rush=way.rush)
    if way.ending == "withdrawn":
        yield from withdraw(course, case)
        return
    outcome = "filed" if case.item.track == "investment-file" else "approved"
    if way.ending == "refused":
        yield from steps.decide(course, case, "refused", reasons=(REFUSED,), before=before)
    else:
        yield from steps.decide(
            course, case, outcome, countersign=way.countersign, before=before, rush=way.rush, night=way.night
        )
    yield from steps.serve(course, case)
    if way.promise:
        yield from look_after(course, case, way.promise)
    if way.ending in ("revoked", "cancelled"):
        yield from undo(course, case, way.ending)


def joint_opinion(course: Course, case: Case, organ: str, *, agree: bool = True) -> Act:
    """A joint opinion; the civil air-defence authority's is the prior condition (F5.4)."""
    giver = course.city.organ(organ, "" if organ == "CAD-C" else "land")
    opinion = "agree" if agree and course.often(8_000) else "conditional" if agree else "disagree"
    data = {"organ": giver.org, "opinion": opinion, "prior_condition": organ == "CAD-C"}
    if opinion == "conditional":
        data["conditions"] = ["按审定的总平面布置施工。"]
    course.minutes(20, 120)
    return course.post("approval.joint-opinion-given", giver.seat, data)


def promise(course: Course, case: Case) -> Life:
    """The applicant signs a commitment; what it promises is due after the decision."""
    due = moments.day_of(course.minutes(10, 60)) + 45
    data = {
        "commitment_doc": course.doc("commitment"),
        "conditions": course.chance.some(
            ("materials-supplied", "standards-met", "true-materials", "site-as-planned"), 2
        ),
        "fulfil_by": moments.day_text(due),
    }
    case.acts["promise"] = act = course.post("approval.commitment-signed", case.project.developer.seat, data)
    yield act


def look_after(course: Course, case: Case, result: str) -> Life:
    """Whether a commitment was kept is looked at within the month; a broken one undoes the decision."""
    promised = date.fromisoformat(case.acts["promise"].data["fulfil_by"]).toordinal()
    if promised >= course.city.size.end:
        return
    course.until(moments.at(promised))
    organ = case.desk if case.desk.organ in ("ASB", "REG") else course.city.organ("ASB")
    course.workdays(1, 12)
    checker = steps.clerk(course, organ, "handler" if organ.organ == "ASB" else "regulator")
    data = {"result": result, "evidence": [course.doc("photo")], "checker": checker}
    yield course.post("approval.commitment-checked", organ.seat, data, subject=case.subject)
    if result == "broken":
        yield from undo(course, case, "revoked", ground="not-qualified")


def withdraw(course: Course, case: Case) -> Life:
    """The applicant takes the application back."""
    data = {"kind": "withdrawn", "ground": "applicant-request", "doc": course.doc("application-material")}
    course.workdays(0, 2)
    act = course.post("approval.revoked", case.project.developer.seat, data, subject=case.subject)
    yield act
    yield from file_case(course, case.no, case.desk, [act])


def undo(course: Course, case: Case, kind: str, *, ground: str = "") -> Life:
    """The organ takes its decision back, or strikes it off."""
    if not ground:
        grounds = (
            ("procedure", "fraud", "beyond-authority") if kind == "revoked" else ("expired", "dissolved", "law-changed")
        )
        ground = course.chance.pick(grounds)
    data = {"kind": kind, "ground": ground, "served_to": [case.project.developer.org], "doc": course.doc("decision")}
    yield course.post("approval.revoked", case.desk.seat, data, at=course.workdays(3, 15), subject=case.subject)
