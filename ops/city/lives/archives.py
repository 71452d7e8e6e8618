"""Dossiers of the centre's and the bureau's own business: filed, sealed whole, and what need not be kept disposed of.

Only what has no retention is destroyed or handed over, on a stated basis and with two approvals, none of them by the
person who disposes (ARC-03). The manifest is the hash of the filed documents' hashes, in order.
"""

from hashlib import sha256
from typing import Any

from city.act import Act
from city.course import Course, Life
from city.kinds import Kind
from city.lives.editions import edition_ref
from city.population import Organ

CARRIERS = (("electronic", "report", "15y"), ("paper", "decision", "30y"), ("audio", "call-record", "10y"),
            ("video", "recording", "15y"), ("electronic", "opinion", "permanent"))  # fmt: skip


def archive(course: Course, *, retention: str = "") -> Life:
    """A dossier, and now and then a copy that goes; `retention` of that copy when it must go, "none" honestly."""
    city = course.city
    organ = city.organ(("PTC", "ASB", "CAD-C")[course.number % 3])
    dossier = f"DA-{course.name}"
    course.subject = f"archive:{dossier}"
    items: list[Act] = []
    for number in range(2 + course.number % 4):
        carrier, kind, years = CARRIERS[number % len(CARRIERS)]
        course.minutes(2, 15)
        items.append(filed(course, organ, dossier, carrier, kind, years))
        yield items[-1]
    copy = bool(retention) or course.number % 3 != 1
    if copy:
        course.minutes(2, 15)
        items.append(filed(course, organ, dossier, "paper", "other", retention or "none"))
        yield items[-1]
    course.minutes(10, 60)
    yield sealed(course, organ, dossier, items)
    if copy:
        course.workdays(20, 60)
        yield disposed(course, organ, dossier, items[-1])


def filed(course: Course, organ: Organ, dossier: str, carrier: str, kind: str, retention: str, **tags: str) -> Act:
    """One document is filed."""
    data: dict[str, Any] = {
        "dossier": dossier,
        "subject": f"matter:{course.name}",
        **tags,
        "kind": carrier,
        "doc": course.doc(kind),
        "retention": retention,
    }
    if carrier == "paper" and course.often(8000):
        data["box"] = f"{course.number % 90 + 1} 柜"
    return course.post("archive.item-filed", organ.seat, data)


def sealed(course: Course, organ: Organ, dossier: str, items: list[Act], **tags: str) -> Act:
    """The dossier is closed with a manifest of what it holds."""
    manifest = "\n".join(str(item.data["doc"]["sha256"]) for item in items)
    data: dict[str, Any] = {
        "dossier": dossier,
        **tags,
        "items": len(items),
        "manifest_sha256": sha256(manifest.encode()).hexdigest(),
        "checklist": edition_ref(course.city, "material-list"),
        "missing": [],
    }
    if course.often(3000):
        del data["missing"]
    return course.post("archive.dossier-sealed", organ.seat, data)


def disposed(course: Course, organ: Organ, dossier: str, item: Act) -> Act:
    """A copy without retention is destroyed or handed over."""
    official = course.city.people.official
    data: dict[str, Any] = {
        "item": item.ref,
        "dossier": dossier,
        "action": ("destroyed", "transferred")[course.number % 2],
        "basis": "重复副本，经鉴定无保存价值。",
        "approved_by": [official(organ, "reviewer"), official(organ, "principal")],
    }
    if data["action"] == "transferred":
        data["to"] = course.city.organ("GOV").org
    return course.post("archive.item-disposed", organ.seat, data, person=official(organ, "handler"))


KINDS = (Kind("archive", archive, share=60, events=6),)
