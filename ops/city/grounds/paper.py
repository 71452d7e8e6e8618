"""Paper of bureau and centre: an assessment, a week, an edition, a report that is archived."""

from city import moments
from city.course import Course, Life
from city.grounds.bodies import overseen
from city.outsiders import stranger


def assessed(course: Course, *, kept: bool = False) -> Life:
    """Somebody of the staff is found poor; eligibility is lost, or kept."""
    today = moments.date_text(course.now)
    data = {
        "year": str(int(today[:4]) - 1),
        "person": stranger(course),
        "result": "poor",
        "eligibility": "kept" if kept else "cancelled",
        "doc": course.doc("decision"),
    }
    bureau = course.city.organ("ASB")
    yield course.post("report.assessment-decided", bureau.seat, data, subject=f"report:{today[:4]}")


def week(course: Course, *, accepted: int | None = None) -> Life:
    """A section's further report of a week, with one figure or none."""
    city = course.city
    bureau = city.organ("ASB")
    data = {
        "week": "2025-W40",
        "section": "supervision",
        "figures": [] if accepted is None else [{"code": "complaints-accepted", "value": accepted}],
        "as_of_seq": 1,
        "author": city.people.official(bureau, "handler"),
        "approver": city.people.official(bureau, "leader"),
    }
    late = city.head_at("as_of_seq")
    yield course.post("report.weekly-submitted", bureau.seat, data, subject="report:2025", late=late)


def reviewed_edition(course: Course, *, opinion: str = "pass") -> Life:
    """An edition of a table that nobody else uses, with a legal review or none."""
    bureau = course.city.organ("ASB")
    data = {
        "kind": "reference-table",
        "edition": f"{course.name}-1",
        "table": f"local-{course.name}",
        "effective_from": moments.date_text(course.now),
        "source_doc": course.doc("regulation"),
        "force_level": "notice",
        "legal_review": {"reviewer": stranger(course), "opinion": opinion},
        "content": course.doc("edition"),
    }
    yield course.post("rulebook.edition-published", bureau.seat, data, subject=f"rulebook:local-{course.name}")


def filed_with_report(course: Course, *, same: bool = True) -> Life:
    """An audit's report is archived: the very document, or another under its number."""
    city = course.city
    centre, audit = city.organ("PTC"), city.organ("AUD")
    done = overseen(course, audit.seat, "audit", centre.org)
    yield done
    course.workdays(1, 4)
    report = dict(done.data["report"])
    if not same:
        report["sha256"] = course.chance.hex64()
    dossier = f"DA-{course.name}"
    data = {
        "dossier": dossier,
        "subject": f"inquiry:{course.name}",
        "kind": "electronic",
        "doc": report,
        "retention": "15y",
    }
    yield course.post("archive.item-filed", centre.seat, data, subject=f"archive:{dossier}")
