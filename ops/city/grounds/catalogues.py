"""One edition of a catalogue of a district that has none: drafted, approved, published."""

from hashlib import sha256
from typing import Any

from city import moments
from city.act import Act
from city.course import Course, Life
from city.lives.catalogue import REGULATOR_OF
from ledger.canonical import encode

REGION = "140311"


def edition(course: Course, *, approved: bool = True, department: bool = True) -> Life:
    """The edition. `approved`: by the government, before it is published; `department`: its first item names one."""
    city = course.city
    bureau, government = city.organ("ASB"), city.organ("GOV")
    course.subject = f"catalogue:{REGION}-{course.name}"
    titles = city.contracts.codes["catalogue-items"].codes
    items: list[dict[str, Any]] = [
        {
            "item_code": code,
            "category": code[:2],
            "name": titles[code].title,
            "department": city.organ("REG", field).org,
            "platform_level": "city",
        }
        for code, field in REGULATOR_OF.items()
    ]
    if not department:
        del items[0]["department"]
    draft = {"kind": "trading", "region": REGION, "based_on": course.doc("regulation"), "items": items}
    yield (drafted := course.post("catalogue.edition-drafted", bureau.seat, draft))
    approval: Act | None = None
    if approved:
        course.workdays(2, 6)
        approval = course.post(
            "catalogue.edition-approved",
            government.seat,
            {
                "draft": drafted.ref,
                "decision_no": course.code("ZF"),
                "doc": course.doc("approval"),
                "decided_on": moments.date_text(course.now),
            },
        )
        yield approval
    course.workdays(1, 2)
    data: dict[str, Any] = {
        "kind": "trading",
        "region": REGION,
        "effective_from": moments.date_text(course.now),
        "items_hash": sha256(encode(items)).hexdigest(),
        "items": items,
        "channel": "city-platform",
    }
    if approval is not None:
        data["approved"] = approval.ref
    yield course.post("catalogue.edition-published", bureau.seat, data)
