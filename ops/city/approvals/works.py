"""Works of civil air-defence from the supervision notice to their use: procedures, equipment, acceptance (F8)."""

from dataclasses import dataclass, field
from typing import Any

from city import moments
from city.act import Act
from city.approvals.case import transcribed
from city.approvals.project import Project
from city.course import Course, Life
from city.population import Firm, Organ

PROCEDURES = (
    "excavation",
    "foundation",
    "waterproofing",
    "embedded-parts",
    "rebar",
    "concrete",
    "protective-doors",
    "ventilation",
    "water-power",
    "finishing",
)
EQUIPMENT = ("blast-door", "airtight-door", "blast-valve", "airtight-valve", "filter", "ventilator", "partition")


@dataclass(slots=True)
class Works:
    """Works on their way. `approver`: who approved the drawings and so holds the comprehensive acceptance (F8.5).

    `under_building`: a building stands on them, and is begun too.
    """

    subject: str
    project: Project
    approver: Organ
    area: int
    grade: str
    builder: Firm
    under_building: bool = True
    orders: int = 0
    acts: dict[str, Act] = field(default_factory=dict)


def new_works(course: Course, project: Project, approver: Organ, area: int, grade: str) -> Works:
    """Works with a builder."""
    builder = course.city.people.some("builder", course.chance, 1)[0]
    return Works(f"works:RF-{course.name}", project, approver, area, grade, builder)


def inspectors(course: Course, count: int = 2) -> list[str]:
    """People of the quality-supervision body."""
    body = course.city.organ("QSB")
    return [course.city.people.official(body, "inspector", number) for number in range(count)]


def start(course: Course, works: Works) -> Life:
    """The supervision notice, signed by the developer, and only then the start (F2.5, F8.1)."""
    course.subject = works.subject
    course.workdays(1, 5)
    data: dict[str, Any] = {
        "notice_no": f"ZJ-{works.subject[6:]}",
        "signed_by_developer": True,
        "plan_doc": course.doc("plan"),
        "supervisors": inspectors(course),
        "on": moments.date_text(course.now),
    }
    works.acts["supervision"] = act = course.post("quality.supervision-started", course.city.organ("QSB").seat, data)
    yield act
    for scope in ("shelter", "main-building") if works.under_building else ("shelter",):
        course.workdays(1, 4)
        data = {"on": moments.date_text(course.now), "scope": scope, "contractor": works.builder.org}
        seat = works.project.developer.seat if course.often(8_000) else course.city.organ("QSB").seat
        act = course.post("quality.construction-started", seat, data)
        works.acts.setdefault("start", act)
        yield act


def build(course: Course, works: Works, *, procedures: int = len(PROCEDURES), trouble: int = 2_500) -> Life:
    """Procedures one after another, inspected; what is ordered is mended before the next begins (F8.2).

    `trouble`: in how many of 10,000 procedures something is found.
    """
    for order, procedure in enumerate(PROCEDURES[len(PROCEDURES) - procedures :], 1):
        course.workdays(1, 2)
        seat = works.project.developer.seat if course.often(7_500) else course.city.organ("QSB").seat
        data = {"procedure": procedure, "order": order, "on": moments.date_text(course.now)}
        yield course.post("quality.procedure-started", seat, data)
        if course.often(trouble):
            course.workdays(1, 3)
            yield inspection(course, works, procedure, conforming=False)
            blocks = course.often(6_000)
            yield from mend(course, works, course.city.organ("QSB"), blocks=blocks)
        elif course.often(4_000):
            course.workdays(1, 3)
            yield inspection(course, works, procedure, conforming=True)


def inspection(course: Course, works: Works, procedure: str, *, conforming: bool) -> Act:
    """What the quality-supervision body finds on the site."""
    data: dict[str, Any] = {
        "procedure": procedure,
        "result": "conforming" if conforming else "non-conforming",
        "inspectors": inspectors(course),
    }
    if not conforming:
        data["findings"] = [{"no": "1", "text": "保护层厚度不足", "norm": "GB50134-2004 6.4"}]
    if course.often(5_000):
        data["photos"] = [course.doc("photo")]
    if course.often(1_500):
        del data["procedure"]
    return course.post("quality.inspection-recorded", course.city.organ("QSB").seat, data)


def mend(course: Course, works: Works, organ: Organ, *, blocks: bool, again: bool | None = None) -> Life:
    """Ordered, mended, replied to, looked at again and cleared before the order's day (QUA-10).

    `again`: it is not cleared the first time.
    """
    course.minutes(20, 120)
    works.orders += 1
    office, today = course.city.office, moments.day_of(course.now)
    data: dict[str, Any] = {
        "order_no": f"ZG-{works.subject[6:]}-{works.orders}",
        "items": [{"no": "1", "text": "凿除并重新施工"}],
        "due": moments.day_text(office.workday(today, 20)),
        "blocks_next": blocks,
        "served_to": [works.project.developer.org],
        "doc": course.doc("official-notice"),
    }
    order = course.post("quality.rectification-ordered", organ.seat, data)
    yield order
    again = course.often(2_000) if again is None else again
    for last in (False, True) if again else (True,):
        course.workdays(1, 4)
        reply = {"order": order.ref, "items": [{"no": "1", "done": last}], "doc": course.doc("official-notice")}
        yield course.post("quality.rectification-replied", works.project.developer.seat, reply)
        found = {
            "order": order.ref,
            "result": "cleared" if last else "not-cleared",
            "inspectors": inspectors(course),
        }
        yield course.post("quality.rectification-rechecked", organ.seat, found, at=course.workdays(1, 3))


def install(course: Course, works: Works, *, kinds: int = 3) -> Life:
    """Protective equipment with the originals of its papers, documented before it is used (F8.3)."""
    laboratory, body = course.city.organ("LAB"), course.city.organ("QSB")
    for number, equipment in enumerate(course.chance.some(EQUIPMENT, kinds), 1):
        maker = course.city.people.some("maker", course.chance, 1)[0]
        batch = f"PC-{course.name}-{number}"
        course.workdays(1, 2)
        data: dict[str, Any] = {
            "equipment": equipment,
            "batch": batch,
            "maker": maker.org,
            "quality_papers_original": True,
            "lab_certificate_original": True,
            "lab": laboratory.org,
            "cert_no": f"JC-{course.chance.below(10**8):08d}",
            "docs": [course.doc("certificate"), course.doc("report")],
        }
        if course.often(1_000):
            del data["cert_no"]
        yield course.post("quality.equipment-documented", body.seat, data)
        course.workdays(0, 2)
        used = {
            "equipment": equipment,
            "batch": batch,
            "location": f"{number}号防护单元",
            "on": moments.date_text(course.now),
        }
        seat = works.project.developer.seat if course.often(8_000) else body.seat
        yield course.post("quality.equipment-used", seat, used)


def accept_main(course: Course, works: Works, *, fail: bool = False) -> Life:
    """Main-structure acceptance: held by the developer, watched by the quality-supervision body (F8.5, F8.6)."""
    for attempt in (1, 2) if fail else (1,):
        course.workdays(2, 6)
        applied = {
            "kind": "main",
            "attempt": attempt,
            "main_complete": True,
            "equipment_installed": True,
            "docs": [course.doc("application-material")],
        }
        yield course.post("quality.acceptance-applied", works.project.developer.seat, applied)
        passed = attempt == 2 or not fail
        course.workdays(2, 5)
        yield conclude(course, works, "main", attempt, works.project.developer.org, passed=passed)
        if not passed:
            yield from mend(course, works, course.city.organ("QSB"), blocks=False)


def report(course: Course, works: Works, kind: str, result: str) -> Act:
    """A report: of trial running by the developer, of supervision by its body, of equipment by the laboratory."""
    city = course.city
    seat = {"trial-run": works.project.developer.seat, "supervision": city.organ("QSB").seat}.get(
        kind, city.organ("LAB").seat
    )
    data = {
        "kind": kind,
        "issuer": seat.org,
        "result": result,
        "on": moments.date_text(course.now),
        "doc": course.doc("report"),
    }
    return course.post("quality.report-issued", seat, data, at=course.workdays(1, 2))


def reports(course: Course, works: Works, *, plain: bool = False) -> Life:
    """The three reports without which nobody may hold the comprehensive acceptance (F8.7).

    `plain`: each is good at once.
    """
    if not plain and course.often(1_500):
        yield report(course, works, "trial-run", "abnormal")
    yield report(course, works, "trial-run", "normal")
    if not plain and course.often(1_500):
        yield report(course, works, "equipment-test", "fail")
    yield report(course, works, "equipment-test", "pass")
    yield report(course, works, "supervision", "pass")


def accept_all(course: Course, works: Works, *, fail: bool = False) -> Life:
    """Comprehensive acceptance by the organ that approved the drawings; after a failure only behind the reply."""
    for attempt in (1, 2) if fail else (1,):
        course.workdays(1, 4)
        applied: dict[str, Any] = {
            "kind": "comprehensive",
            "attempt": attempt,
            "docs": [course.doc("application-material")],
        }
        yield course.post("quality.acceptance-applied", works.project.developer.seat, applied)
        passed = attempt == 2 or not fail
        course.workdays(3, 6)
        act = conclude(course, works, "comprehensive", attempt, works.approver.org, passed=passed)
        yield act
        if passed:
            works.acts["acceptance"] = act
        else:
            yield from mend(course, works, course.city.organ("CAD-C"), blocks=False)


def conclude(course: Course, works: Works, kind: str, attempt: int, organiser: str, *, passed: bool) -> Act:
    """The conclusion of an acceptance. That of a superior is typed in by the city's civil air-defence authority."""
    city = course.city
    data: dict[str, Any] = {
        "kind": kind,
        "attempt": attempt,
        "organiser": organiser,
        "outcome": "pass" if passed else "fail",
        "conclusion": "符合设计与规范，同意通过。" if passed else "通风系统不合格，限期整改。",
        "built_area": works.area,
        "grade": works.grade,
        "participants": [*inspectors(course), works.project.developer.person("manager")],
    }
    if kind == "main":
        data["watcher"] = city.organ("QSB").org
    above = kind == "comprehensive" and works.approver.organ != "CAD-C"
    if above or course.often(9_000):
        data["doc"] = course.doc("report")
    desk = city.organ("CAD-C")
    if kind == "main":
        return course.post("quality.acceptance-concluded", works.project.developer.seat, data)
    more = transcribed(course, desk) if above else {"person": city.people.official(desk, "engineering-section")}
    return course.post("quality.acceptance-concluded", desk.seat, data, **more)


PAPERS = ("as-built-drawings", "construction-record", "supervision-report", "equipment-test-report", "trial-run-report")


def file_and_use(course: Course, works: Works) -> Life:
    """The papers are filed, and the works are put to use: only after the comprehensive pass, in either order."""
    if course.often(4_000):
        yield use(course, works)
        yield file_papers(course, works)
        return
    yield file_papers(course, works)
    if course.often(9_000):
        yield use(course, works)


def file_papers(course: Course, works: Works) -> Act:
    """Construction and acceptance papers are filed within the fortnight (F8.9)."""
    desk = course.city.organ("CAD-C")
    course.workdays(1, 6)
    data = {
        "docs": [{"kind": kind, "doc": course.doc("report")} for kind in (*PAPERS, "acceptance-conclusion")],
        "accepted_by": course.city.people.official(desk, "handler"),
        "on": moments.date_text(course.now),
        "no": f"BA-{works.subject[6:]}",
    }
    seat = desk.seat if course.often(7_000) else works.project.developer.seat
    return course.post("quality.acceptance-filed", seat, data)


def use(course: Course, works: Works) -> Act:
    """Put into use: declared by the developer, or found by an organ."""
    city, chance = course.city, course.chance
    found = chance.often(2_500)
    course.workdays(1, 6)
    data: dict[str, Any] = {
        "on": moments.date_text(course.now),
        "use": chance.weighted((("peace", 5), ("lease", 3), ("sale", 2), ("war", 2))),
        "source": "found" if found else "declared",
    }
    if chance.often(6_000):
        data["user"] = works.project.developer.org
    seat = (
        chance.pick((city.organ("QSB"), city.organ("REG", "construction"))).seat
        if found
        else works.project.developer.seat
    )
    return course.post("quality.put-into-use", seat, data)
