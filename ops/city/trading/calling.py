"""The time between notice and deadline: documents are taken, questions answered, money and bids come in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from city import moments
from city.act import Act
from city.course import Course, Life
from city.trading import bidding, entering
from city.trading.bidding import Bidder
from city.trading.lot import Lot

Due = tuple[int, int, Callable[[], Act | Life]]


class Agenda:
    """What will happen when: things are put down in any order and done in the order of time."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._due: list[Due] = []

    def put(self, moment: int, make: Callable[[], Act | Life]) -> None:
        """`make` is called when its moment has come, and gives the act or a short life."""
        self._due.append((max(moment, self._course.now), len(self._due), make))

    def run(self) -> Life:
        """Everything that was put down."""
        for moment, _, make in sorted(self._due, key=lambda one: one[:2]):
            self._course.until(moment)
            made = make()
            if isinstance(made, Act):
                yield made
            else:
                yield from made
        self._due.clear()


@dataclass(frozen=True, slots=True)
class Clarified:
    """Answers to questions at a moment; with a new deadline, or 0."""

    moment: int
    deadline: int


def clarified(lot: Lot, begin: int, how: str) -> Clarified | None:
    """Decide on answers: none, early ones, or extending ones, which move the lot's deadline."""
    chance, office = lot.course.chance, lot.course.city.office
    if not how:
        return None
    if how == "early":
        return Clarified(office.within(office.workday(moments.day_of(begin) + 2), chance), 0)
    moment = office.within(office.workday(moments.day_of(lot.deadline) - 9), chance)
    hour = (lot.deadline + moments.ZONE) % moments.DAY
    lot.deadline = moments.at(office.workday(moments.day_of(moment) + 17)) + hour
    return Clarified(moment, lot.deadline)


def calling(
    lot: Lot, bidders: Sequence[Bidder], sale: tuple[int, int], *, onlookers: int = 1,
    clarified: Clarified | None = None, withdraw: bool = False, prequalify: bool = False, further: bool = False,
) -> Life:  # fmt: skip
    """All acts from the notice to the deadline in force. `further`: a tender notice follows the prequalification's."""
    course, chance = lot.course, lot.course.chance
    agenda = Agenda(course)
    begin, end = sale
    lookers = course.city.people.some(bidders[0].firm.kind if bidders else "supplier", chance, onlookers)
    known = {one.firm.org for one in bidders}
    for firm in [one.firm for one in bidders] + [one for one in lookers if one.org not in known]:
        moment = begin + 600 + chance.below(max(1, end - begin - 1200))
        agenda.put(course.city.office.open(moment), lambda firm=firm: bidding.obtained(lot, firm))  # type: ignore[misc]
    if clarified is not None:
        agenda.put(clarified.moment, lambda: clarification(lot, clarified, sorted(known)))
    for one in bidders:
        _bidder(lot, agenda, one, end, prequalify=prequalify)
    if further:
        moment = course.city.office.open(end + chance.between(1, 4) * moments.HOUR)
        agenda.put(moment, lambda: entering.notice(lot, "tender", course.now, lot.deadline))
    if withdraw and len(bidders) > 3:
        agenda.put(lot.deadline - 240, lambda: bidding.withdrawn(lot, bidders[-1]))
    yield from agenda.run()


def late(lot: Lot, bidders: Sequence[Bidder]) -> Life:
    """One more bid comes minutes too late and is turned away."""
    course = lot.course
    extra = bidding.bidders(lot, 1, bidders[0].turn if bidders else 1)[0]
    if all(extra.firm.org != one.firm.org for one in bidders):
        extra.number = len(bidders) + 1
        yield bidding.committed(lot, extra)
        course.seconds(20, 60)
        yield bidding.rejected_late(lot, extra)
        course.seconds(20, 60)


def clarification(lot: Lot, one: Clarified, sent: list[str]) -> Act:
    """The answers go to all who took the document."""
    course = lot.course
    data: dict[str, Any] = {
        "document_revision": lot.revision,
        "affects_preparation": one.deadline > 0,
        "doc": course.doc("answer"),
        "sent_to": sent,
    }
    if one.deadline:
        data["new_deadline"] = moments.text(one.deadline)
    return lot.post("trading.clarification-issued", lot.host, data, person=lot.tenderer.person("buyer"), prompt=True)


def _bidder(lot: Lot, agenda: Agenda, one: Bidder, sale_end: int, *, prequalify: bool) -> None:
    """One bidder: deposit and commitment days before, the bid in the rush before the deadline."""
    chance, office = lot.course.chance, lot.course.city.office
    last = lot.deadline - 400
    day = moments.day_of(lot.deadline)
    early = chance.often(3500)
    bid_day = office.workday(day - chance.between(1, 3)) if early else day
    moment = office.within(min(bid_day, day), chance) if early else last - chance.below(5400)
    moment = min(moment, last)
    paid = max(sale_end - 3600, moment - chance.between(1, 3) * moments.DAY)
    agenda.put(office.open(min(paid, moment - 3000)), lambda: bidding.deposited(lot, one))
    if prequalify:
        agenda.put(office.open(sale_end + chance.below(7200)), lambda: bidding.prequalified(lot, one))
    agenda.put(moment - chance.between(300, 900), lambda: bidding.committed(lot, one))
    agenda.put(moment, lambda: bidding.submitted(lot, one))
