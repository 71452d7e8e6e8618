"""Single-built civil air-defence works of every size: proposal, study, design, drawings, works, audit (F1, F8, F9).

Each document is approved by the organ of its size (F1.3), applied for only when the one before is approved (F1.1), made
by a qualified unit, with all its contents; proposals and studies are filed with the superior organs.
"""

from typing import Any

from city import moments
from city.act import Act
from city.approvals import case as steps
from city.approvals import costaudit, works
from city.approvals.case import Case
from city.approvals.credentials import certificate_no
from city.approvals.newcomer import enter, newcomer
from city.approvals.project import Project, begin, draw, size_of, sized
from city.approvals.shelter import Settled
from city.approvals.tables import AUTHORITY, FILED_TO, ITEMS, edition
from city.approvals.ways import REFUSED
from city.approvals.works import Works
from city.course import Course, Life
from city.kinds import Kind
from city.lives.lots import tender
from city.lives.shelters import erect
from city.population import Firm
from city.together import branch, together
from city.trading.ways import SMOOTH

CHECKLISTS = {
    "proposal": "proposal-",
    "feasibility": "feasibility-",
    "preliminary-design": "design-",
    "construction-drawing": "drawing-",
}
"""The contents each document must have, by the beginning of their codes (F1.4.1.c to F1.4.4.c)."""

OFTEN_REFUSED = {"proposal": 2, "feasibility": 7, "preliminary-design": 8, "construction-drawing": 4}
"""Which document is refused the first time, by weight."""


def single_built(
    course: Course,
    *,
    size: str = "",
    refused: str | None = None,
    built: bool | None = None,
    tendered: bool | None = None,
    preparer: str = "",
    backwards: bool = False,
    plain: bool = False,
) -> Life:
    """Works of a size. `refused`: the document refused the first time. `built`, `tendered`: whether they are.

    For plans: `preparer`: who makes the documents is a newcomer, `fit` or `unfit`; `backwards`: the last comes first.
    `plain`: tendered works are audited with nothing beside.
    """
    chance = course.chance
    size = size or chance.weighted((("large", 4), ("medium", 4), ("small", 3), ("minor", 4)))
    documents = tuple(AUTHORITY[size])
    if refused is None:
        refused = chance.weighted(tuple((one, OFTEN_REFUSED[one]) for one in documents)) if chance.often(8_500) else ""
    if backwards:
        documents = documents[::-1]
    project = draw(course, "approve", state=True, tall=False)
    project.floor_area, project.investment = sized(chance, size)
    project.name = project.name.replace("办公用房", "人防工程")
    yield from begin(course, project)
    yield classify(course, project)
    firm = None
    if preparer:
        firm = newcomer(course, "designer")
        yield from enter(course, firm, fit=preparer == "fit")
    before: Act | None = None
    for document in documents:
        if document == refused:
            yield from document_case(course, project, size, document, before, firm, outcome="refused")
        before = yield from document_case(course, project, size, document, None if backwards else before, firm)
    if chance.often(6_500) if built is None else built:
        approver = course.city.organ(AUTHORITY[size]["construction-drawing"])
        own = works.new_works(course, project, approver, project.floor_area, chance.pick(("n5", "n6", "n6b")))
        own.under_building = False
        tendered = size in ("large", "medium") and tendered is not False
        yield from (tender_and_erect(course, own, plain=plain) if tendered else erect(course, own))


def tender_and_erect(course: Course, own: Works, *, plain: bool = False) -> Life:
    """The works go out to tender; once the contract is signed, they and its performance go on side by side.

    The audits before the start and on the way come before half of the works is done (F9.3).
    """
    audit = costaudit.new_audit(course, own.project)
    yield from costaudit.phase(course, audit, "pre")
    lots = branch(course, "lot")
    lot = tender(lots, item="C1.6", way=SMOOTH, content="construction")
    for act in lot:
        yield act
        if isinstance(act, Act) and act.type == "trading.contract-signed":
            break
    site = branch(course, "site", lots.now)

    def on_site() -> Life:
        yield from costaudit.phase(site, audit, "during", plain=plain)
        yield from erect(site, own, audit=audit)

    yield from together(course, (lots, lot), (site, on_site()))


def classify(course: Course, project: Project) -> Act:
    """The size of the works, by area and investment (F1.2)."""
    organ = course.city.organ("CAD-C")
    size, basis = size_of(project.floor_area, project.investment)
    person = course.city.people.official(organ, "engineering-section")
    data = {
        "size": size,
        "basis": basis,
        "area": project.floor_area,
        "investment": project.investment,
        "standard": edition("works-sizes"),
        "person": person,
    }
    course.workdays(1, 3)
    return course.post("cad.size-classified", organ.seat, data, subject=project.subject, person=person)


def document_case(
    course: Course,
    project: Project,
    size: str,
    document: str,
    before: Act | None,
    firm: Firm | None,
    *,
    outcome: str = "approved",
) -> Settled:
    """The case of one document; gives its decision."""
    own = branch(course, f"{document}-{outcome}")
    own.workdays(2, 6)
    item = ITEMS["single-built", document]
    case = steps.open_case(own, project, item, AUTHORITY[size][document])
    more: dict[str, Any] = {}
    if document != "proposal":
        designer = firm or course.city.people.some("designer", own.chance, 1)[0]
        more["preparer"] = {"uscc": designer.org, "qualification": certificate_no(designer)}
    told = own.often(2_000)
    yield from steps.apply(own, case, without=1 if told else 0, based_on=before, **more)
    if told:
        yield from steps.tell(own, case)
    yield from steps.accept(own, case)
    yield from steps.handle(own, case, pause=own.often(1_500), checklist=CHECKLISTS[document])
    reasons = (REFUSED,) if outcome == "refused" else ()
    if case.decider is case.desk:
        yield from steps.decide(own, case, outcome, reasons=reasons)
    else:
        yield from decide_above(own, case, outcome, reasons)
    yield from steps.serve(own, case)
    if outcome == "approved":
        yield from file_with_superiors(own, case, size, document)
    course.until(own.now)
    return case.acts["decision"]


def decide_above(course: Course, case: Case, outcome: str, reasons: tuple[str, ...]) -> Life:
    """A superior organ signs and decides; both are typed in here with their papers."""
    checked = steps.look_up(course, case)
    yield checked
    yield from steps.supervise(course, case, "decision")
    course.minutes(15, 60)
    data = {
        "step": "principal-sign",
        "person": steps.clerk(course, case.decider, "principal"),
        "role": "principal",
        "opinion": "agree" if outcome == "approved" else "disagree",
        "doc_hash": course.chance.hex64(),
        "doc": course.doc("opinion"),
    }
    yield course.post("approval.step-signed", case.desk.seat, data, **steps.transcribed(course, case.desk))
    course.minutes(10, 60)
    yield steps.decision(course, case, outcome, steps.leader(course, case), reasons=reasons, checked=checked)


def file_with_superiors(course: Course, case: Case, size: str, document: str) -> Life:
    """Filed with the organs the size asks for, within the month (F1.3.2, F1.3.3)."""
    to = FILED_TO.get(size, {}).get(document)
    if to is None:
        return
    course.workdays(1, 8)
    data: dict[str, Any] = {
        "decision": case.acts["decision"].ref,
        "to": list(to),
        "sent_on": moments.date_text(course.now),
    }
    if course.often(8_000):
        data["receipt"] = course.doc("official-notice")
    more: dict[str, Any] = {}
    if case.decider is not case.desk:
        more = steps.transcribed(course, case.desk)
        data["doc"] = course.doc("official-notice")
    yield course.post("approval.filed-to-superior", case.desk.seat, data, subject=case.subject, **more)


KINDS = (Kind("single-built", single_built, share=800, events=110),)
