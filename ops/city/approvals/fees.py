"""Fees: assessed from the price list in force by two people, paid, waived, remitted, refunded (M21, N2.4.2)."""

from dataclasses import dataclass, field
from typing import Any

from city import moments
from city.act import Act
from city.approvals.prices import price_of, prices_in_force
from city.approvals.tables import PRICES
from city.course import Course, Life
from city.population import Firm, Organ


@dataclass(slots=True)
class Fee:
    """A fee on its way: what is owed of it, and from which account it is paid."""

    no: str
    item: str
    payer: Firm
    collector: Organ
    amount: int = 0
    due: int = 0
    paid: int = 0
    waived: int = 0
    acts: dict[str, Act] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The stream of the fee."""
        return f"fee:{self.no}"


def new_fee(course: Course, item: str, payer: Firm) -> Fee:
    """A fee that the organ of the price list collects."""
    return Fee(f"JF-{course.name}", item, payer, course.city.organ(PRICES["collectors"][item]))


def assess(course: Course, fee: Fee, quantity: int, basis: Act | None = None) -> Act:
    """Quantity times rate, as the price list in force has it, in whole fen; one person assesses, another reviews.

    `quantity` in the unit of the list (areas in 0.01 m²). Honest quantities leave no rest on division.
    """
    row, people = price_of(fee.item), course.city.people
    divisor = PRICES["divide"].get(row["unit"], 1)
    fee.amount, rest = divmod(quantity * row["rate"], divisor)
    assert rest == 0, "the rate of an area is a multiple of what areas are divided by"
    fee.due = course.city.office.workday(moments.day_of(course.now), PRICES["due_days"][fee.item])
    data: dict[str, Any] = {
        "fee_no": fee.no,
        "item": fee.item,
        "payer": fee.payer.org,
        "base_qty": quantity,
        "unit": row["unit"],
        "rate": row["rate"],
        "amount": fee.amount,
        "due": moments.day_text(fee.due),
        "list_edition": prices_in_force(course.city, course.now),
        "assessor": people.official(fee.collector, "handler"),
        "reviewer": people.official(fee.collector, "reviewer"),
        "served_to": [fee.payer.org],
    }
    if basis is not None:
        data["basis"] = basis.ref
    fee.acts.setdefault("assessed", act := course.post("fee.assessed", fee.collector.seat, data, subject=fee.subject))
    return act


def pay(course: Course, fee: Fee, amount: int) -> Act:
    """Money comes in, to the collector of the list."""
    seat = course.city.organ("FIN" if course.often(4_000) else "BNK").seat
    fee.paid += amount
    data: dict[str, Any] = {
        "amount": amount,
        "paid_on": moments.date_text(course.now),
        "receipt_no": f"PJ-{fee.no}-{course.posted}",
        "collector": fee.collector.org,
    }
    if course.often(5_000):
        data["account"] = fee.payer.account()
    if course.often(5_000):
        data["treasury_ref"] = f"GK-{fee.no}"
    act = course.post("fee.paid", seat, data, subject=fee.subject, prompt=True)
    fee.acts["paid"] = act
    return act


def remit(course: Course, fee: Fee) -> Act:
    """What was paid goes to the treasury or the special account within the week (FEE-07)."""
    seat = fee.collector.seat if course.often(6_000) else course.city.organ("FIN").seat
    course.workdays(1, 2)
    data = {
        "amount": fee.paid,
        "to": PRICES["remit_to"][fee.item],
        "on": moments.date_text(course.now),
        "ref": f"JK-{fee.no}",
    }
    return course.post("fee.remitted", seat, data, subject=fee.subject)


def book_waiver(course: Course, fee: Fee, decision: Act, waived: int) -> Act:
    """A waiver is booked as the province decided it, no more and not before (CAD-18)."""
    fee.waived += waived
    data = {
        "waived": waived,
        "decision": decision.ref,
        "ground": decision.data["ground"],
        "person": course.city.people.official(fee.collector, "handler"),
    }
    return course.post("fee.waiver-applied", fee.collector.seat, data, subject=fee.subject)


def refund(course: Course, fee: Fee, ground: str, decision: Act, amount: int | None = None) -> Act:
    """Money goes back to the account it came from, under a decision (FEE-08)."""
    data: dict[str, Any] = {
        "amount": fee.paid if amount is None else amount,
        "ground": ground,
        "decision": decision.ref,
    }
    if "account" in fee.acts["paid"].data:
        data["to_account"] = fee.acts["paid"].data["account"]
    return course.post("fee.refunded", fee.collector.seat, data, subject=fee.subject)


def defer(course: Course, fee: Fee, source: str) -> Act:
    """A later day of payment is granted, or found by an audit or discipline organ; never for off-site construction."""
    city = course.city
    data: dict[str, Any] = {"amount": fee.amount - fee.paid, "source": source, "until": moments.day_text(fee.due)}
    seat = fee.collector.seat
    if source == "found":
        seat = course.chance.pick((city.organ("AUD"), city.organ("DIC"))).seat
        data["doc"] = course.doc("report")
    else:
        data["person"] = city.people.official(fee.collector, "reviewer")
        data["doc"] = course.doc("decision")
    return course.post("fee.deferred", seat, data, subject=fee.subject)


def settle(course: Course, fee: Fee) -> Life:
    """Paid in full before the day, and remitted."""
    yield pay(course, fee, fee.amount - fee.waived - fee.paid)
    yield remit(course, fee)
