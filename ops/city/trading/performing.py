"""After the contract: work, payments, changes, the end, what is disclosed of it all, and the dossier."""

from hashlib import sha256
from typing import Any

from city import moments
from city.act import Act
from city.course import Life
from city.lives.editions import edition_ref
from city.trading.bidding import Bidder
from city.trading.lot import Lot

NOTES = ("按计划进行", "进度正常", "经双方确认", "已核对工程量", "资料齐全")


def performed(lot: Lot, winner: Bidder, kind: str, **more: Any) -> Act:
    """One record of performance, countersigned by the supplier."""
    course = lot.course
    data: dict[str, Any] = {
        "kind": kind,
        "supplier": winner.firm.org,
        "actual": moments.date_text(course.now),
        "note": course.chance.pick(NOTES),
        "countersigned_by": winner.firm.person("manager"),
        **more,
    }
    if kind == "payment":
        data["paid_to_account"] = winner.firm.account()
        data["doc"] = course.doc("payment-record")
    else:
        data["doc"] = course.doc("performance-proof")
    for name, rate in (("note", 4000), ("countersigned_by", 800)):
        if course.often(rate):
            del data[name]
    return lot.post("trading.performance-recorded", lot.tenderer.seat, data, person=lot.tenderer.person("buyer"))


def work(
    lot: Lot, winner: Bidder, days: int, *, change: bool = False, delay: bool = False, breach: bool = False
) -> Life:
    """From the start to the end, with milestones and payments at most five weeks apart."""
    course = lot.course
    course.workdays(3, 8)
    yield performed(lot, winner, "start", progress_bp=0)
    begun, paid = course.now, 0
    parts = max(2, days // 32)
    for part in range(1, parts + 1):
        course.until(begun + days * moments.DAY * part // parts)
        course.workdays(0, 2)
        progress = 10_000 * part // parts
        if part < parts:
            yield performed(lot, winner, "milestone", progress_bp=progress)
        if delay and part == 1:
            course.workdays(1, 3)
            yield performed(lot, winner, "delay", due=moments.date_text(course.now), progress_bp=progress)
        if change and part == max(1, parts // 2):
            course.workdays(1, 4)
            yield changed(lot, winner)
        if breach and part == parts - 1:
            course.workdays(1, 3)
            yield performed(lot, winner, "breach")
        course.workdays(1, 6)
        amount = winner.price * progress // 10_000 - paid
        paid += amount
        yield performed(lot, winner, "payment", amount=amount)
    if lot.content in ("goods", "equipment", "materials"):
        course.workdays(1, 4)
        yield performed(lot, winner, "delivery")
    course.workdays(1, 8)
    yield performed(lot, winner, "final", progress_bp=10_000)


def changed(lot: Lot, winner: Bidder) -> Act:
    """A change of the contract by at most three in a hundred."""
    course = lot.course
    delta = winner.price * course.chance.between(-100, 300) // 10_000
    data = {
        "contract": lot.acts["trading.contract-signed"].ref,
        "delta": delta,
        "cumulative_delta": delta,
        "reason": course.chance.pick(("design-change", "quantity", "price-adjustment", "period")),
        "approved_by": lot.tenderer.person("principal"),
        "doc": course.doc("contract"),
        "served_to": [winner.firm.org],
    }
    person = lot.tenderer.person("buyer")
    return lot.post("trading.contract-changed", lot.tenderer.seat, data, person=person, prompt=True)


PHASES = (
    ("decision", ("trading.method-approved", "trading.entry-decided")),
    ("execution", ("trading.notice-published",)),
    ("management", ("trading.service-chosen", "trading.venue-assigned")),
    ("service", ("trading.witness-recorded", "trading.entry-decided")),
    ("result", ("trading.result-published", "trading.state-changed", "trading.entry-decided")),
)
"""What of a lot shows each of the five phases that must be open (M18)."""


def disclosed(lot: Lot) -> Life:
    """The five phases of the lot are published within days of its end."""
    course = lot.course
    centre = course.city.organ("PTC")
    course.workdays(1, 5)
    for phase, types in PHASES:
        shown = next((lot.acts[type_] for type_ in types if type_ in lot.acts), None)
        if shown is None:
            continue
        doc = course.doc("published-text")
        data: dict[str, Any] = {
            "subject": shown.ref,
            "lot": lot.id,
            "phase": phase,
            "channel": ["city-platform"],
            "content_sha256": doc["sha256"],
            "doc": doc,
            "at": moments.text(course.seconds(20, 120)),
        }
        if course.often(2000):
            data["url"] = f"https://platform.example/lot/{lot.id}/{phase}"
        subject = f"disclosure:{shown.id}-{phase}"
        yield course.post("disclosure.published", centre.seat, data, subject=subject, person=lot.staff(), prompt=True)


KEPT = (
    ("trading.document-filed", "doc", "electronic"), ("trading.bid-opened", "doc", "electronic"),
    ("trading.bid-opened", "av_doc", "video"), ("trading.evaluation-completed", "report", "electronic"),
    ("trading.witness-recorded", "av_doc", "video"), ("draw.expert-responded", "call_record", "audio"),
    ("trading.contract-signed", "doc", "paper"),
)  # fmt: skip
"""What goes into a lot's dossier: the very documents the log names, and how they are carried."""


def archived(lot: Lot) -> Life:
    """The dossier: its items, then its seal."""
    course = lot.course
    centre = course.city.organ("PTC")
    dossier = f"A-{lot.id[21:35]}"
    subject, keeper = f"archive:{dossier}", lot.staff("operator-staff", 2)
    filed: list[str] = []
    course.workdays(2, 12)
    for type_, name, carrier in KEPT:
        doc = lot.acts[type_].data.get(name) if type_ in lot.acts else None
        if doc is None:
            continue
        data: dict[str, Any] = {
            "dossier": dossier,
            "subject": lot.id,
            "lot": lot.id,
            "kind": carrier,
            "doc": dict(doc),
            "retention": "15y",
        }
        if carrier == "paper":
            data["box"] = f"{course.now % 40 + 1}柜"
        course.seconds(60, 400)
        yield course.post("archive.item-filed", centre.seat, data, subject=subject, person=keeper)
        filed.append(str(doc["sha256"]))
    course.minutes(10, 60)
    manifest = sha256("".join(f"{one}\n" for one in sorted(filed)).encode()).hexdigest()
    data = {
        "dossier": dossier,
        "lot": lot.id,
        "items": len(filed),
        "manifest_sha256": manifest,
        "checklist": edition_ref(course.city, "material-list"),
    }
    yield lot.post("archive.dossier-sealed", centre.seat, data, subject=subject, person=keeper)
