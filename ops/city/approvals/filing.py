"""The dossier of a case that has ended: its documents filed, the dossier sealed within the quarter (M19)."""

from hashlib import sha256
from typing import Any

from city.act import Act
from city.approvals.tables import edition
from city.course import Course, Life
from city.population import Organ


def file_case(course: Course, no: str, organ: Organ, papers: list[Act]) -> Life:
    """The documents of these acts go into the dossier as the log names them (ARC-04), and it is sealed the same day.

    An act without a document adds none; a case without any gets its index.
    """
    keeper = organ if organ.organ in ("ASB", "CAD-C") else course.city.organ("ASB")
    dossier, subject = f"DA-{no}", f"archive:DA-{no}"
    documents = [act.data["doc"] for act in papers if "doc" in act.data] or [course.doc("other")]
    person = course.city.people.official(keeper, "handler", 2)
    course.minutes(20, 90)
    for document in documents:
        data: dict[str, Any] = {
            "dossier": dossier,
            "subject": f"case:{no}",
            "case": no,
            "kind": "electronic",
            "doc": document,
            "retention": "30y",
        }
        at = course.minutes(2, 10)
        yield course.post("archive.item-filed", keeper.seat, data, subject=subject, at=at, person=person)
    manifest = "\n".join(str(document["sha256"]) for document in documents)
    sealed = {
        "dossier": dossier,
        "case": no,
        "items": len(documents),
        "manifest_sha256": sha256(manifest.encode()).hexdigest(),
        "checklist": edition("material-list"),
        "missing": [],
    }
    at = course.minutes(2, 10)
    yield course.post("archive.dossier-sealed", keeper.seat, sealed, subject=subject, at=at, person=person)
