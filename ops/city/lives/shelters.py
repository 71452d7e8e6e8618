"""Buildings that owe a shelter: it is determined, settled by one of three tracks, and only then may they be built.

attached   built below the building, accepted with at least the area owed (F2, F8)
offsite    approved elsewhere against a fee, paid before the permit; or refused and built below after all (F3)
waiver     approved elsewhere, the fee waived by the province in part or whole, or the waiver refused (F4)
"""

from city import moments
from city.act import Act
from city.approvals import costaudit, fees, waiver, works
from city.approvals.costaudit import Audit
from city.approvals.fees import Fee
from city.approvals.obligation import determine
from city.approvals.project import Project, begin, draw
from city.approvals.shelter import apply_offsite, assess_offsite, attach
from city.approvals.ways import PLAIN
from city.approvals.works import Works
from city.course import Course, Life
from city.kinds import Kind
from city.lives.investment import building_permit
from city.together import branch


def owing(course: Course, *, state: bool = False) -> Project:
    """A building that will owe a shelter."""
    return draw(course, course.chance.pick(("ratify", "file", "approve")), state=state)


def attached(course: Course, *, state: bool | None = None, fail: str | None = None) -> Life:
    """Built below. `state`: paid for by the state, and so audited. `fail`: the acceptance that fails at first."""
    state = course.often(4_000) if state is None else state
    project = owing(course, state=state)
    yield from begin(course, project)
    yield from determine(course, project)
    yield from build_below(course, project, fail=fail)


def build_below(course: Course, project: Project, *, fail: str | None = None) -> Life:
    """The attached track to its end."""
    approval = yield from attach(course, project)
    yield from building_permit(course, project)
    area = approval.data["approved_area"]
    own = works.new_works(course, project, course.city.organ("CAD-C"), area, "n6")
    own.area += course.chance.below(area // 100 + 1)
    yield from erect(course, own, fail=fail)


def erect(course: Course, own: Works, *, fail: str | None = None, audit: Audit | None = None) -> Life:
    """Works from the supervision notice to their use, and the audit of what the state has paid.

    `audit`: one whose first two phases are over.
    """
    fail = course.chance.weighted((("", 4), ("main", 3), ("all", 4))) if fail is None else fail
    audited = audit is not None
    if audit is None and own.project.state_bp >= 5_000:
        audit = costaudit.new_audit(course, own.project)
        yield from costaudit.phase(course, audit, "pre")
    yield from works.start(course, own)
    yield from works.build(course, own, procedures=course.chance.between(5, 10))
    if audit is not None and not audited:
        yield from costaudit.phase(course, audit, "during")
    yield from works.install(course, own)
    yield from works.accept_main(course, own, fail=fail == "main")
    if course.often(2_000):
        course.workdays(1, 4)
        yield works.inspection(course, own, "finishing", conforming=True)
    yield from works.reports(course, own)
    yield from works.accept_all(course, own, fail=fail == "all")
    yield from works.file_and_use(course, own)
    if audit is not None:
        yield from costaudit.finish(course, audit)


def offsite(
    course: Course, *, approved: bool | None = None, undone: bool | None = None, owed: str = "", built: bool = True
) -> Life:
    """Elsewhere against a fee; or refused, and then built below. `undone`: given up after payment, and refunded.

    For plans: `owed`: the permit comes `behind` the fee or `before` it; `built`: what was refused is built below.
    """
    project = owing(course)
    yield from begin(course, project)
    yield from determine(course, project)
    approved = course.often(7_000) if approved is None else approved
    decided = yield from apply_offsite(course, project, approved=approved)
    if not approved:
        yield from (build_below(course, project) if built else attach(course, project))
        return
    fee, act = assess_offsite(course, project, decided)
    yield act
    if owed:
        yield from permitted(course, project, fee, first=owed == "before")
        return
    course.workdays(2, 12)
    yield from fees.settle(course, fee)
    undone = course.often(2_000) if undone is None else undone
    if undone:
        yield from give_up(course, project, fee)
        return
    yield from building_permit(course, project)
    yield from start_building(course, project)


def permitted(course: Course, project: Project, fee: Fee, *, first: bool) -> Life:
    """The fee and the building permit, in this order or the other."""
    if first:
        yield from building_permit(course, project, PLAIN)
    course.workdays(1, 2)
    yield from fees.settle(course, fee)
    if not first:
        yield from building_permit(course, project, PLAIN)


def give_up(course: Course, project: Project, fee: Fee) -> Life:
    """The project is given up: the approval is struck off, and the fee goes back."""
    case = project.acts["offsite-case"]
    assert case is not None
    own = branch(course, "given-up")
    data = {
        "kind": "cancelled",
        "ground": "dissolved",
        "served_to": [project.developer.org],
        "doc": own.doc("decision"),
    }
    act = own.post(
        "approval.revoked", own.city.organ("CAD-C").seat, data, subject=case.event["subject"], at=own.workdays(3, 15)
    )
    yield act
    own.workdays(2, 8)
    yield fees.refund(own, fee, "project-cancelled", act)


def start_building(course: Course, project: Project) -> Life:
    """The main building is begun, under supervision like any other works."""
    own = works.new_works(course, project, course.city.organ("CAD-C"), 0, "n6")
    data = {
        "on": moments.date_text(course.workdays(3, 10)),
        "scope": "main-building",
        "contractor": own.builder.org,
    }
    body = course.city.organ("QSB")
    notice = {
        "notice_no": f"ZJ-{own.subject[6:]}",
        "signed_by_developer": True,
        "plan_doc": course.doc("plan"),
        "supervisors": works.inspectors(course),
        "on": data["on"],
    }
    yield course.post("quality.supervision-started", body.seat, notice, subject=own.subject)
    course.workdays(1, 5)
    data["on"] = moments.date_text(course.now)
    yield course.post("quality.construction-started", project.developer.seat, data, subject=own.subject)


def waived(
    course: Course, *, ending: str | None = None, full: bool | None = None, pay_first: bool | None = None
) -> Life:
    """Elsewhere, and the fee is asked to be waived. `ending`: approved, refused, not-met. `full`: all of it.

    `pay_first`: the rest is paid before the waiver is booked.
    """
    chance = course.chance
    project = owing(course)
    yield from begin(course, project)
    yield from determine(course, project)
    decided = yield from apply_offsite(course, project, approved=True)
    fee, act = assess_offsite(course, project, decided)
    yield act
    ending = chance.weighted((("approved", 6), ("refused", 3), ("not-met", 2))) if ending is None else ending
    yield from waiver.ask(course, project, fee, ending=ending, full=full)
    course.workdays(1, 3)
    granted = project.acts.get("waiver")
    if granted is not None and ending == "approved":
        yield from book_and_pay(course, fee, granted, pay_first=chance.often(5_500) if pay_first is None else pay_first)
    else:
        yield from fees.settle(course, fee)
    yield from building_permit(course, project)
    yield from start_building(course, project)


def book_and_pay(course: Course, fee: Fee, granted: Act, *, pay_first: bool) -> Life:
    """The waiver is booked and the rest paid, in either order; then the rest goes to the treasury."""
    forgiven, rest = granted.data["waived_fen"], granted.data["approved_fen"]
    if rest and pay_first:
        yield fees.pay(course, fee, rest)
        course.minutes(30, 200)
    yield fees.book_waiver(course, fee, granted, forgiven)
    if rest and not pay_first:
        course.workdays(1, 4)
        yield fees.pay(course, fee, rest)
    if rest:
        yield fees.remit(course, fee)


KINDS = (
    Kind("attached", attached, share=550, events=120),
    Kind("offsite", offsite, share=300, events=65),
    Kind("waiver", waived, share=450, events=68),
)
