"""The catalogues of what must be traded on the platform and of its venues: drafted, approved, published; each quarter.

The first editions stand on the first day, before any lot; later ones repeat them. City and counties alike.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from city import moments
from city.course import Course, Life
from city.kinds import Kind
from ledger.canonical import encode

REGULATOR_OF = {
    "C1.1": "construction", "C1.2": "construction", "C1.3": "construction", "C1.4": "transport", "C1.5": "water",
    "C1.6": "development", "C2.1": "procurement", "C3.1": "land", "C3.2": "land", "C4.1a": "state-assets",
    "C4.1b": "state-assets", "C4.1c": "state-assets", "C4.2a": "state-assets", "C4.2b": "state-assets",
    "C4.2c": "state-assets", "C4.2d": "state-assets", "C4.3": "state-assets", "C5.1": "rural", "C5.2": "rural",
    "C5.3": "state-assets", "C5.4": "environment", "C5.5": "environment", "C5.6": "development",
}  # fmt: skip
"""Which regulator (`field` of the directory) supervises the trading of an item."""

VENUES = ("V-101", "V-102", "V-201", "V-202", "V-301", "V-302")
"""Rooms of the trading centre."""

QUARTER = 91


def catalogue(region: str, kind: str) -> Callable[[Course], Life]:
    """The life of one catalogue (`trading` or `venue`) of one region."""

    def life(course: Course) -> Life:
        city, level = course.city, "city" if region == "140300" else "county"
        bureau, government = city.organ("ASB", region), city.organ("GOV", region)
        course.subject = f"catalogue:{region}-{kind}"
        items = _items(course, level) if kind == "trading" else _venues(level, bureau.org)
        while True:
            drafter = city.people.official(bureau, "handler")
            data: dict[str, Any] = {
                "kind": kind,
                "region": region,
                "based_on": course.doc("regulation"),
                "items": items,
            }
            course.minutes(1, 9)
            drafted = course.post("catalogue.edition-drafted", bureau.seat, data, person=drafter)
            yield drafted
            approved = course.post(
                "catalogue.edition-approved",
                government.seat,
                {
                    "draft": drafted.ref,
                    "decision_no": course.code("ZF"),
                    "doc": course.doc("approval"),
                    "decided_on": moments.date_text(course.minutes(10, 20)),
                },
                person=city.people.official(government, "leader"),
            )
            yield approved
            data = {
                "kind": kind,
                "region": region,
                "approved": approved.ref,
                "effective_from": moments.date_text(course.minutes(5, 10)),
                "items_hash": sha256(encode(items)).hexdigest(),
                "items": items,
                "channel": "city-platform",
                "doc": course.doc("published-text"),
            }
            if course.often(1500):
                del data["doc"]
            yield course.post("catalogue.edition-published", bureau.seat, data, person=drafter, prompt=True)
            if moments.day_of(course.now) > moments.LAST - QUARTER:
                return
            course.workdays(QUARTER * 5 // 7, QUARTER * 5 // 7 + 3)

    return life


def _items(course: Course, level: str) -> list[dict[str, Any]]:
    codes = course.city.contracts.codes["catalogue-items"].codes
    return [
        {
            "item_code": code,
            "category": code[:2],
            "name": codes[code].title,
            "department": course.city.organ("REG", field).org,
            "platform_level": level,
        }
        for code, field in REGULATOR_OF.items()
    ]


def _venues(level: str, bureau: str) -> list[dict[str, Any]]:
    return [
        {"item_code": code, "category": "C1", "name": f"{code[2:]}室", "department": bureau, "platform_level": level}
        for code in VENUES
    ]


KINDS = tuple(
    Kind(f"catalogue-{region}-{kind}", catalogue(region, kind), share=0, events=1, opening=True)
    for region in ("140300", "140302", "140321")
    for kind in ("trading", "venue")
)
