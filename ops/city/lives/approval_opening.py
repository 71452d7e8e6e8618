"""What approvals rest on, from the first morning: editions of their tables, price lists, special plans, further posts.

The tables are those of the rulebook (`schemas/rulebook/tables`); an event names each by its edition. Price lists come
every twelve days, special plans are amended every two months (F5.2). Cost engineers are qualified here (F9.4).
"""

from collections.abc import Iterator
from typing import Any

from city import moments
from city.act import Act
from city.approvals.credentials import person_certificate
from city.approvals.prices import EVERY_DAYS, published_at
from city.approvals.tables import APPROVALS, EDITIONS, PRICES, SHELTER, SIZES
from city.course import Course, Life
from city.kinds import Kind
from city.population import Firm
from city.publicity import exchanged, published

TABLES = {"approval-items": APPROVALS, "works-sizes": SIZES, "shelter-obligation": SHELTER, "price-list": PRICES}

POSTS = (
    ("CAD-P", "engineering-section", "approve", 1),
    ("CAD-P", "deputy-in-charge", "approve", 1),
    ("CAD-N", "engineering-section", "approve", 1),
    ("QSB", "inspector", "supervise", 2),
)
"""Posts that approvals need beside the usual ones: organ, post, family, holders."""

AMENDED = 60
"""Days between two amendments of the special plans."""

TOGETHER = 40
"""Decisions in one batch of the exchange."""


def approval_editions(course: Course) -> Life:
    """The editions of workflow, limits, materials and reference tables that cases name."""
    city = course.city
    seat = city.organ("ASB").seat
    course.until(moments.at(moments.day_of(course.now), 8, 32))
    for name, kind, table in EDITIONS:
        course.seconds(20, 40)
        data: dict[str, Any] = {
            "kind": kind,
            "edition": TABLES[table]["edition"] if kind == "reference-table" else f"{name}-1",
            "effective_from": moments.date_text(course.now),
            "source_doc": course.doc("regulation"),
            "force_level": "provincial" if kind == "reference-table" else "normative",
            "legal_review": {
                "reviewer": city.people.official(city.organ("ASB"), "analyst"),
                "opinion": "pass",
                "doc": course.doc("legal-review"),
            },
            "content": course.doc("edition"),
        }
        if kind == "reference-table":
            data["table"] = table
        yield course.post("rulebook.edition-published", seat, data, subject=f"rulebook:approval-{name}", prompt=True)


def approval_posts(course: Course) -> Life:
    """Posts of civil air-defence and quality supervision that nobody else fills."""
    city = course.city
    day = moments.day_of(course.now)
    course.until(moments.at(day, 8, 31))
    for code, role, family, holders in POSTS:
        organ = city.organ(code)
        for number in range(holders):
            person = city.people.official(organ, role, number)
            data = {
                "person": person,
                "org": organ.org,
                "role": role,
                "family": family,
                "from": moments.day_text(day),
                "doc": course.doc("appointment"),
            }
            yield course.post(
                "rulebook.appointment-recorded",
                organ.seat,
                data,
                at=course.seconds(2, 5),
                subject=f"person:{person}",
                prompt=True,
            )


def price_lists(course: Course) -> Life:
    """An edition of the price list every twelve days; rates stay, so no fee under way changes."""
    city = course.city
    seat = city.organ("PRI").seat
    collectors = {item: city.organ(code).org for item, code in PRICES["collectors"].items()}
    number = 0
    while city.size.first + number * EVERY_DAYS < city.size.end:
        course.until(published_at(city, number))
        items = [
            {**row, "collector": collectors[row["item"]], "basis_doc": course.doc("regulation")}
            for row in PRICES["items"]
        ]
        data = {"edition": f"price-{number + 1}", "effective_from": moments.date_text(course.now), "items": items}
        yield course.post("fee.price-list-published", seat, data, subject="rulebook:price", prompt=True)
        number += 1


def special_plans(course: Course) -> Life:
    """The government approves the special plan of each district, and amends it every two months."""
    city = course.city
    year = moments.date_text(course.now)[:4]
    regions = sorted({zone["region"] for zone in SHELTER["zones"]})
    course.until(moments.at(moments.day_of(course.now), 8, 35))
    while moments.day_of(course.now) < city.size.end:
        for region in regions:
            index = [
                {
                    "zone": zone["zone"],
                    "ratio_bp": SHELTER["low"]["share_of_floor_area_bp"][zone["class"]],
                    "grade": SHELTER["grade"],
                }
                for zone in SHELTER["zones"]
                if zone["region"] == region
            ]
            data = {
                "region": region,
                "period": f"{year}—{int(year) + 10}",
                "control_index": index,
                "doc": course.doc("plan"),
            }
            course.seconds(10, 60)
            yield course.post(
                "cad.special-plan-approved", city.organ("GOV").seat, data, subject="rulebook:special-plan", prompt=True
            )
        course.until(moments.at(city.office.workday(moments.day_of(course.now) + AMENDED), 9))


def cost_engineers(course: Course) -> Life:
    """The cost engineer of each auditor is enrolled, looked up, and qualified; the decisions are published together."""
    city, people = course.city, course.city.people
    firms = [people.firm("auditor", number) for number in range(people.counts["auditor"])]
    course.until(moments.at(moments.day_of(course.now), 9, 5))
    decided: list[Act] = []
    for firm in firms:
        for act in _engineer(course, firm):
            decided.append(act)
            yield act
    decided = [act for act in decided if act.type == "party.qualification-decided"]
    course.workdays(1, 2)
    for at in range(0, len(decided), TOGETHER):
        batch = decided[at : at + TOGETHER]
        for act in batch:
            course.seconds(10, 30)
            yield published(course, act, city.organ("REG", "construction"))
        yield from exchanged(course, batch)


def _engineer(course: Course, firm: Firm) -> Iterator[Act]:
    city = course.city
    person, library, organ = firm.person("cost-engineer"), city.organ("LIB"), city.organ("REG", "construction")
    subject = f"person:{person}"
    enrolled = {"pid": person, "kind": "practitioner", "employer": firm.org, "specialities": ["cost"]}
    course.seconds(20, 60)
    yield course.post("party.person-enrolled", library.seat, enrolled, subject=subject, prompt=True)
    clerk = city.people.official(organ, "handler")
    check = {
        "purpose": "qualification",
        "subject_person": person,
        "grade_seen": "none",
        "measures_seen": [],
        "head_seq": 1,
        "person": clerk,
    }
    course.seconds(20, 60)
    yield course.post("credit.checked", organ.seat, check, subject=f"credit:{person}", prompt=True)
    today = moments.date_text(course.seconds(20, 60))
    data = {
        "qualification": "cost-engineer",
        "action": "granted",
        "level": "1",
        "issuer": organ.org,
        "cert_no": person_certificate(firm),
        "decided_on": today,
        "valid_from": today,
        "valid_to": moments.day_text(moments.day_of(course.now) + 1825),
        "doc": course.doc("certificate"),
    }
    yield course.post("party.qualification-decided", organ.seat, data, subject=subject, prompt=True)


KINDS = (
    Kind("approval-editions", approval_editions, share=0, events=1, opening=True),
    Kind("approval-posts", approval_posts, share=0, events=1, opening=True),
    Kind("price-lists", price_lists, share=0, events=1, opening=True),
    Kind("special-plans", special_plans, share=0, events=1, opening=True),
    Kind("cost-engineers", cost_engineers, share=0, events=1, opening=True),
)
