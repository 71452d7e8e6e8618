"""Cost audit of works paid for by the state: before the start, on the way, after completion, then written off (F9)."""

from dataclasses import dataclass, field
from typing import Any

from city import moments
from city.act import Act
from city.approvals.case import transcribed
from city.approvals.credentials import certificate_no, person_certificate
from city.approvals.project import Project
from city.course import Course, Life
from city.population import Firm

MATERIALS = (
    "design-and-as-built",
    "design-changes",
    "prices",
    "approvals",
    "site-orders",
    "contract",
    "quantities",
    "claims",
)
PHASES = {
    "pre": ("design-estimate", "drawing-budget", "control-price"),
    "during": ("contract-price",),
    "post": ("final-account",),
}
"""Which subjects are audited in which phase (F9.3, F9.5)."""


@dataclass(slots=True)
class Audit:
    """An audit on its way: its stream, the institution, and the sums as audited."""

    subject: str
    project: Project
    institution: Firm
    audited: int = 0
    acts: dict[str, Act] = field(default_factory=dict)


def new_audit(course: Course, project: Project) -> Audit:
    """An audit with a qualified institution."""
    institution = course.city.people.some("auditor", course.chance, 1)[0]
    return Audit(f"costaudit:SJ-{course.name}", project, institution)


def task(course: Course, audit: Audit, phase: str) -> Act:
    """The province issues the task under its plan; it is typed in here (F9.4)."""
    desk = course.city.organ("CAD-C") if course.often(7_000) else course.city.organ("ASB")
    firm = audit.institution
    data = {
        "issuer": course.city.organ("CAD-P").org,
        "plan_no": f"SJJH-{audit.subject[13:]}",
        "phase": phase,
        "institution": firm.org,
        "institution_qual": certificate_no(firm),
        "persons": [{"pid": firm.person("cost-engineer"), "cert": person_certificate(firm)}],
        "subjects": list(PHASES[phase]),
        "doc": course.doc("official-notice"),
    }
    return course.post(
        "costaudit.task-issued",
        desk.seat,
        data,
        subject=audit.subject,
        at=course.workdays(1, 2),
        **transcribed(course, desk),
    )


def supply(course: Course, audit: Audit) -> Act:
    """The developer supplies all eight kinds of materials (F9.6)."""
    data: dict[str, Any] = {
        "materials": [{"kind": kind, "doc": course.doc("application-material")} for kind in MATERIALS]
    }
    if course.often(3_000):
        data["missing"] = []
    return course.post(
        "costaudit.materials-supplied",
        audit.project.developer.seat,
        data,
        subject=audit.subject,
        at=course.workdays(1, 2),
    )


def report(course: Course, audit: Audit, phase: str, subject: str, submitted: int) -> Act:
    """A report on one subject: what was submitted, what it was audited to, and the findings between."""
    chance = course.chance
    cut = submitted * chance.between(0, 140) // 10_000
    findings: list[dict[str, Any]] = [{"no": "1", "amount": cut, "text": "工程量核减"}] if cut else []
    data: dict[str, Any] = {
        "phase": phase,
        "subject": subject,
        "submitted": submitted,
        "audited": submitted - cut,
        "auditors": [audit.institution.person("cost-engineer")],
        "doc": course.doc("report"),
    }
    if findings and chance.often(8_000):
        data["findings"] = findings
    seat = audit.institution.seat if chance.often(9_000) else course.city.organ("CAD-C").seat
    audit.audited = submitted - cut
    return course.post("costaudit.report-issued", seat, data, subject=audit.subject, at=course.workdays(1, 3))


def phase(course: Course, audit: Audit, name: str, *, plain: bool = False) -> Life:
    """One phase: task, materials, a report on each subject. `plain`: nothing beside."""
    yield task(course, audit, name)
    if name != "during" or (not plain and course.often(5_000)):
        yield supply(course, audit)
    submitted = audit.audited or audit.project.investment
    for subject in PHASES[name]:
        if name == "post":
            yield guidance(course, audit)
        yield report(course, audit, name, subject, submitted)
        submitted = audit.audited
    if name == "during" and not plain and course.often(6_000):
        yield report(course, audit, name, "contract-price", submitted)


def guidance(course: Course, audit: Audit) -> Act:
    """The state audit office guides the internal audit before its end (F9.2)."""
    office = course.city.organ("AUD")
    data = {
        "kind": "audit-guidance",
        "target": audit.project.code,
        "period": moments.date_text(course.now)[:7],
        "organs": [office.org, course.city.organ("CAD-C").org],
        "report": course.doc("report"),
    }
    subject = f"inquiry:YD-{course.name}"
    return course.post("supervision.oversight-recorded", office.seat, data, subject=subject, at=course.workdays(1, 3))


def write_off(course: Course, audit: Audit) -> Life:
    """The accounts are written off, not above the audited final account (F9.3)."""
    desk = course.city.organ("CAD-C")
    seat = desk.seat if course.often(6_000) else audit.project.developer.seat
    course.workdays(1, 3)
    data = {
        "amount": audit.audited,
        "audit_report": audit.acts["final"].ref,
        "on": moments.date_text(course.now),
        "approved_by": course.city.people.official(desk, "principal"),
        "doc": course.doc("decision"),
    }
    yield course.post("costaudit.write-off-performed", seat, data, subject=audit.subject)


def finish(course: Course, audit: Audit, *, written_off: bool = True) -> Life:
    """The phase after completion, and the write-off."""
    for act in phase(course, audit, "post"):
        if isinstance(act, Act) and act.type == "costaudit.report-issued":
            audit.acts["final"] = act
        yield act
    if written_off:
        yield from write_off(course, audit)
