"""The attached track without a turn, as far as is wanted: what plans of misconduct tamper with.

    straight(course, until="drawings")     conditions, drawings, review, permit, site, main, use

An honest life like the others, only short and always in the same steps. It has no part of the city of its own; the
options let single steps be done by another, in another order, or not at all.
"""

from typing import Any

from city import moments
from city.act import Act
from city.approvals import case as steps
from city.approvals import costaudit, works
from city.approvals.drawings import Review, new_review, until_certified
from city.approvals.newcomer import enter, newcomer
from city.approvals.obligation import determine
from city.approvals.project import Project, begin, draw
from city.approvals.shelter import approve_review, issue_conditions
from city.approvals.tables import OTHER
from city.approvals.ways import PLAIN, Way, full_case
from city.approvals.works import Works
from city.course import Course, Life
from city.lives.investment import building_permit
from city.together import branch


def straight(
    course: Course,
    *,
    until: str = "use",
    way: Way = PLAIN,
    state: bool = False,
    conditioned: bool = True,
    unfit: str = "",
    tie: str = "",
    audit_late: bool = False,
    bare: bool = False,
) -> Life:
    """A building with its shelter below it, up to a stage.

    `way`: of the case of the design conditions. `conditioned`: whether there are design conditions. `unfit`: a designer
    or reviewer without qualification. `tie`: designer and reviewer are tied when the review begins (`before`: no more).
    `audit_late`: the audit before the start comes behind it. `bare`: the permit comes without any track.
    """
    project = draw(course, "ratify", state=state)
    yield from begin(course, project)
    yield from determine(course, project)
    if bare:
        yield from building_permit(course, project, PLAIN)
        return
    conditions = project.acts["obligation"]
    assert conditions is not None
    if conditioned:
        own = branch(course, "attached")
        own.workdays(1, 4)
        case = steps.open_case(own, project, OTHER["shelter-conditions"])
        yield from full_case(own, case, way, before=issue_conditions)
        conditions = case.acts["granted"]
        course.until(own.now)
    if until == "conditions":
        return
    review = new_review(course, project)
    yield from firms(course, review, unfit, tie)
    yield from until_certified(course, conditions, review, rounds=1)
    if until == "drawings":
        return
    approval = yield from approve_review(course, project, conditions, review)
    if until == "review":
        return
    yield from building_permit(course, project, PLAIN)
    if until != "permit":
        area = approval.data["approved_area"]
        yield from put_up(course, project, area, until=until, audit_late=audit_late)


def firms(course: Course, review: Review, unfit: str, tie: str) -> Life:
    """Firms of the life's own, where one must be unfit or two tied."""
    if not unfit and not tie:
        return
    review.designer, review.reviewer = newcomer(course, "designer"), newcomer(course, "reviewer")
    for firm in (review.designer, review.reviewer):
        yield from enter(course, firm, fit=unfit != firm.kind)
    if tie:
        yield from bound(course, review, "start")
    if tie == "before":
        yield from bound(course, review, "end")


def bound(course: Course, review: Review, action: str) -> Life:
    """The designer holds the reviewing body, or no longer."""
    course.minutes(30, 90)
    data: dict[str, Any] = {
        "a": {"party": review.designer.org},
        "b": {"party": review.reviewer.org},
        "relation": "control",
        "action": action,
        "on": moments.date_text(course.now),
        "source": "company-register",
    }
    subject = f"party:{review.designer.org}"
    yield course.post("party.affiliation-recorded", review.designer.seat, data, subject=subject)


def put_up(course: Course, project: Project, area: int, *, until: str = "use", audit_late: bool = False) -> Life:
    """The works: one order that is cleared, three procedures, equipment, both acceptances, filing and use."""
    own = works.new_works(course, project, course.city.organ("CAD-C"), area, "n6")
    audit = costaudit.new_audit(course, project) if project.state_bp else None
    if audit is not None and not audit_late:
        yield from costaudit.phase(course, audit, "pre", plain=True)
    yield from works.start(course, own)
    if audit is not None and audit_late:
        yield from costaudit.phase(course, audit, "pre", plain=True)
    course.subject = own.subject
    yield from mended(course, own)
    yield from works.build(course, own, procedures=3, trouble=0)
    if audit is not None:
        yield from costaudit.phase(course, audit, "during", plain=True)
    yield from works.install(course, own)
    if until == "site":
        return
    yield from works.accept_main(course, own)
    if until == "main":
        return
    yield from works.reports(course, own, plain=True)
    yield from works.accept_all(course, own)
    yield works.file_papers(course, own)
    yield works.use(course, own)
    if audit is not None:
        yield from costaudit.finish(course, audit)


def mended(course: Course, own: Works) -> Life:
    """One inspection that finds something, and one order that is cleared."""
    course.workdays(1, 2)
    found: Act = works.inspection(course, own, "concrete", conforming=False)
    yield found
    yield from works.mend(course, own, course.city.organ("QSB"), blocks=True, again=False)
