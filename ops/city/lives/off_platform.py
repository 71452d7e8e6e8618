"""What should have come to the platform and did not: found in payments, taxes, approvals, audits and reports.

The contract was made elsewhere and is no life of this city; that it was found is. The rule on it speaks (`inherent`).
"""

from typing import Any

from city import moments
from city.course import Course, Life
from city.kinds import Kind
from city.lives.catalogue import REGULATOR_OF
from city.outsiders import outsider

SOURCES = ("payment", "tax", "approval", "audit", "report")
FOUND_BY = {"payment": "AUD", "tax": "REG", "approval": "REG", "audit": "AUD", "report": "DIC"}
CONTENT = {"C1": "construction", "C2": "goods", "C3": "mining-rights", "C4": "assets", "C5": "other"}


def off_platform(course: Course) -> Life:
    """One such contract."""
    city, chance = course.city, course.chance
    item = chance.pick(tuple(REGULATOR_OF))
    source = SOURCES[course.number % len(SOURCES)]
    organ = city.organ(FOUND_BY[source], REGULATOR_OF[item] if FOUND_BY[source] == "REG" else "")
    tenderer, supplier = outsider(course, "tenderer"), outsider(course, "supplier")
    day = moments.day_of(course.now) - chance.between(30, 160)
    course.subject = f"project:X-{course.name}"
    data: dict[str, Any] = {
        "catalogue_item": item,
        "region": "140300",
        "contract_source": source,
        "tenderer": tenderer.org,
        "content": CONTENT[item[:2]],
        "signed_on": moments.day_text(day),
        "parties": [tenderer.org, supplier.org],
        "amount": chance.between(60, 900) * 1_000_000,
        "evidence": [course.doc("evidence")],
        "reason": "合同金额在限额以上，未见进场登记",
    }
    for name, rate in (("signed_on", 1500), ("reason", 1000)):
        if course.often(rate):
            del data[name]
    role = {"AUD": "auditor", "DIC": "inspector", "REG": "regulator"}[organ.organ]
    yield course.post("trading.off-platform-found", organ.seat, data, person=city.people.official(organ, role))


KINDS = (Kind("off-platform", off_platform, share=2, events=1),)
