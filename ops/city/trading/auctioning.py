"""By price: bidders qualify, an auction is opened, quotes climb, the hammer falls."""

from collections.abc import Sequence
from typing import Any

from city import moments
from city.act import Act
from city.course import Life
from city.trading import bidding
from city.trading.bidding import Bidder
from city.trading.calling import Agenda, Clarified, clarification
from city.trading.lot import Lot


def qualifying(
    lot: Lot, bidders: Sequence[Bidder], begin: int, end: int, *, unfit: int = 0, clarify: bool = False
) -> Life:
    """Documents taken, deposits paid, commitments made, qualifications decided; the last `unfit` bidders fail."""
    course, chance, office = lot.course, lot.course.chance, lot.course.city.office
    agenda = Agenda(course)
    if clarify:
        early = Clarified(office.within(office.workday(moments.day_of(begin) + 2), chance), 0)
        sent = sorted(one.firm.org for one in bidders)
        agenda.put(early.moment, lambda: clarification(lot, early, sent))
    for order, one in enumerate(bidders):
        first = begin + 3600 + chance.below(max(1, (end - begin) * 2 // 3))
        agenda.put(office.open(first), lambda one=one: bidding.obtained(lot, one.firm))  # type: ignore[misc]
        rush = end - 10_800 - chance.below(2 * moments.DAY)
        paid = office.open(max(first + 7200, rush))
        agenda.put(min(paid, end - 4000), lambda one=one: bidding.deposited(lot, one))  # type: ignore[misc]
        agenda.put(min(paid + 900, end - 3000), lambda one=one: bidding.committed(lot, one))  # type: ignore[misc]
        fit = "fail" if order >= len(bidders) - unfit else "pass"
        at = end + 600 + 1500 * order
        agenda.put(at, lambda one=one, fit=fit: bidding.prequalified(lot, one, fit))  # type: ignore[misc]
    yield from agenda.run()


def opened(lot: Lot, bidders: Sequence[Bidder], start_price: int, step: int, ends: str) -> Act:
    """The auction begins; who takes part stands under a number."""
    data = {
        "reserve_met_rule": "must-be-met" if "reserve_price" in _registered(lot) else "no-reserve",
        "start_price": start_price,
        "step": step,
        "bidders": [{"bidder_no": _number(one), "party": one.firm.org} for one in bidders],
        "ends_rule": ends,
    }
    course = lot.course
    return lot.post("trading.auction-opened", course.city.organ("PTC").seat, data, person=lot.staff(), prompt=True)


def _registered(lot: Lot) -> dict[str, Any]:
    return lot.acts["trading.project-registered"].data


def _number(one: Bidder) -> str:
    return f"J{one.number:03d}"


def quoted(lot: Lot, one: Bidder, price: int) -> Act:
    """A quote through the system."""
    course = lot.course
    data: dict[str, Any] = {
        "bidder_no": _number(one),
        "party": one.firm.org,
        "price": price,
        "at": moments.text(course.now),
        "device": bidding.machine(one.firm),
    }
    if course.often(400):
        del data["device"]
    seat = one.seat if course.often(1000) else lot.system.seat
    return lot.post("trading.quote-placed", seat, data, prompt=True)


def auction(lot: Lot, bidders: Sequence[Bidder], *, outcome: str = "sold") -> Life:
    """Quotes until nobody goes further; leaves `lot.ranking` with the winner first and the price it pays."""
    course, chance = lot.course, lot.course.chance
    start = lot.estimate - lot.estimate // 10
    step = max(10_000, lot.estimate // 200 // 10_000 * 10_000)
    ends = chance.pick(("extended-five-minutes", "fixed-time", "three-calls"))
    yield opened(lot, bidders, start, step, ends)
    last: Act | None = None
    price, leader = start, bidders[0]
    turns = 0 if outcome == "unsold" else chance.between(2, 5) + 2 * len(bidders)
    for turn in range(turns):
        course.seconds(15, 170)
        others = [one for one in bidders if one is not leader] or [leader]
        leader = chance.pick(others) if turn else leader
        price = start + step * (turn if turn else 0) + (step if turn and chance.often(1500) else 0)
        price = max(price, start if last is None else int(last.data["price"]) + step)
        last = quoted(lot, leader, price)
        yield last
    course.seconds(300, 320)
    data: dict[str, Any] = {"outcome": outcome}
    if outcome == "sold" and last is not None:
        data |= {"winner_no": _number(leader), "price": price, "last_quote": last.ref}
        leader.price = price
        lot.ranking = [leader]
    elif last is not None:
        data["last_quote"] = last.ref
    yield lot.post("trading.auction-closed", lot.system.seat, data)
