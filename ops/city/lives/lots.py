"""Lots of every category by every method that fits it, from registration to the dossier: a kind for each.

    tender(course, item="C1.2", method="open", way=SMOOTH)      # as a plan of misconduct asks for it

Without `way` the lot goes its own way (`city.trading.ways`). A lot that comes to nothing is disclosed and archived too.
"""

from collections.abc import Callable
from datetime import date

from city import moments
from city.course import Course, Life
from city.kinds import Kind
from city.trading import auctioning, awarding, bidding, entering, performing, stages
from city.trading.lot import ITEMS, METHODS, Lot, Staged, draw_lot
from city.trading.ways import Way, any_way


def tender(
    course: Course, *, item: str = "C1.1", method: str = "open", way: Way | None = None, content: str = "",
    count: int = 0, paper: bool | None = None, staged: Staged | None = None,
) -> Life:  # fmt: skip
    """A lot by open or invited tender. `count`: how many bid; `content`, `paper`, `staged`: see `draw_lot`."""
    way = way or any_way(course.chance, method)
    lot = draw_lot(course, item, method, content, paper=paper, staged=staged)
    count = count or course.chance.between(3 + bool(way.reject or way.withdraw) * 2, 7)
    yield from bid_for(lot, way, count, days=20)


def negotiation(
    course: Course, *, method: str = "negotiation", way: Way | None = None, content: str = "", count: int = 0
) -> Life:
    """A government procurement by negotiation, consultation, inquiry or from a single source."""
    way = way or any_way(course.chance, method)
    lot = draw_lot(course, "C2.1", method, content)
    few = 1 if method == "single-source" else course.chance.between(3, 5)
    yield from bid_for(lot, way, count or few, days=6)


def bid_for(lot: Lot, way: Way, count: int, *, days: int) -> Life:
    """A lot for which bids or offers are handed in, with at most one failed round before."""
    if (yield from stages.entry(lot, way)):
        return
    failing, bidders = way.fails, list[bidding.Bidder]()
    single = lot.method == "single-source"
    if failing == "too-few" and days < 20:
        failing = "nobody"
    for number in (1, 2):
        sale = stages.settled(lot, days, sale_days=5 if days < 20 else 6)
        kind = "single-source" if single else "prequalification" if way.prequalify and days > 6 else "tender"
        yield from stages.announced(lot, way, sale, kind if number == 1 else "retender")
        if number == 1 and (yield from stages.turn(lot, way, "announced")):
            return
        bidders = bidding.bidders(lot, {"too-few": 2, "nobody": 0}.get(failing, count), number)
        if (yield from stages.bids(lot, way, bidders, sale, failing=failing, turn_=number)):
            break
        yield from awarding.all_returned(lot, bidders)
        if not way.again:
            yield from stages.closing(lot)
            return
        failing = ""
    public = lot.category != "C2" or way.public
    if (yield from stages.award(lot, way, bidders, public=public)):
        return
    assert lot.winner is not None
    contract = lot.acts["trading.contract-signed"].data
    length = _length(contract) if "finish_due" in contract else 60
    yield from performing.work(lot, lot.winner, length, change=way.change, delay=way.delay, breach=way.breach)
    yield from stages.closing(lot)


def _length(contract: dict[str, str]) -> int:
    return (date.fromisoformat(contract["finish_due"]) - date.fromisoformat(contract["start_due"])).days


def direct(course: Course, *, item: str = "C1.1", way: Way | None = None) -> Life:
    """Works that need no tender by law: the method is approved, and the contract goes to a builder directly."""
    way = way or Way()
    lot = draw_lot(course, item, "none", "construction")
    if (yield from stages.entry(lot, way)):
        return
    bidder = bidding.bidders(lot, 1)[0]
    course.workdays(1, 4)
    yield from awarding.confirmed(lot, bidder)
    course.workdays(2, 10)
    lot.winner = bidder
    yield awarding.contracted(lot, bidder, 60)
    yield from awarding.taxed(lot)
    yield from performing.work(lot, bidder, 60)
    yield from stages.closing(lot)


WAIT = {"C3.1": (21, 0), "C3.2": (21, 0), "C4.1a": (0, 21), "C4.1b": (0, 41), "C4.1c": (0, 21), "C4.2": (0, 21)}
"""Days, or working days, between notice and the end of registration; 12 days for all else."""


def by_price(
    course: Course, *, item: str = "C4.2b", method: str = "auction", way: Way | None = None, count: int = 0
) -> Life:
    """A lot by auction or listing: land, mining rights, state property, confiscated goods, rights of every kind."""
    way = way or any_way(course.chance, method)
    lot = draw_lot(course, item, method)
    if (yield from stages.entry(lot, way)):
        return
    failing, bidders = way.fails, list[bidding.Bidder]()
    single = lot.item.startswith(("C4.1", "C4.2")) and not failing and course.often(1500)
    for number in (1, 2):
        days, workdays = next((WAIT[key] for key in (item, item[:4]) if key in WAIT), (12, 0))
        sale = stages.settled(lot, days, sale_days=10, workdays=workdays)
        kind = "land" if lot.category == "C3" else "transfer"
        yield from stages.announced(lot, way, sale, kind if number == 1 else "retender")
        if number == 1 and (yield from stages.turn(lot, way, "announced")):
            return
        wanted = count or course.chance.between(2, 6)
        bidders = bidding.bidders(lot, 0 if failing == "nobody" else 1 if single else wanted)
        unfit = int(len(bidders) > 3 and course.often(3000))
        clarify = bool(way.clarify) and number == 1
        yield from auctioning.qualifying(lot, bidders, sale[0], lot.deadline, unfit=unfit, clarify=clarify)
        course.until(lot.deadline)
        if not bidders:
            course.minutes(20, 100)
            yield entering.state(lot, "failed", "no-bidder")
        else:
            fit = bidders[: len(bidders) - unfit]
            yield from _compete(lot, fit, single=single, outcome=failing or "sold")
        if lot.ranking:
            break
        yield from awarding.all_returned(lot, bidders)
        if not way.again:
            yield from stages.closing(lot)
            return
        failing = ""
    if (yield from stages.award(lot, way, bidders)):
        return
    winner = lot.winner
    assert winner is not None
    course.workdays(1, 5)
    yield performing.performed(lot, winner, "payment", amount=winner.price)
    if way.delay:
        course.workdays(1, 3)
        yield performing.performed(lot, winner, "delay")
    course.workdays(2, 10)
    yield performing.performed(lot, winner, "delivery")
    if course.often(4000):
        course.workdays(1, 5)
        yield performing.performed(lot, winner, "final")
    yield from stages.closing(lot)


def _compete(lot: Lot, fit: list[bidding.Bidder], *, single: bool, outcome: str) -> Life:
    """The auction, in a room where it is not electronic; one alone pays what was asked for."""
    course = lot.course
    if single:
        fit[0].price = lot.estimate
        lot.ranking = fit
        return
    course.workdays(1, 3)
    begin = moments.at(moments.day_of(course.now), 15)
    course.minutes(1, 5)
    yield entering.room(lot, "auction", min(begin, course.now) - moments.HOUR, begin + 6 * moments.HOUR)
    course.until(begin + 60)
    yield from auctioning.auction(lot, fit, outcome=outcome)
    if course.often(4000):
        course.minutes(2, 20)
        yield entering.witness(lot, "auction")


def life_of(category: str, method: str) -> Callable[[Course], Life]:
    """The life of a lot of a category by a method, with an item of the category."""

    def life(course: Course) -> Life:
        item = course.chance.pick(ITEMS[category])
        if method == "none":
            return direct(course, item=item)
        if method in ("auction", "listing"):
            return by_price(course, item=item, method=method)
        if method in ("open", "invited"):
            wish = category == "C1" and method == "open" and course.often(500)
            return tender(course, item="none" if wish else item, method=method)
        return negotiation(course, method=method)

    return life


SHARES = {
    ("C1", "open"): (1500, 100), ("C1", "invited"): (300, 115), ("C1", "none"): (60, 23),
    ("C2", "open"): (650, 115), ("C2", "invited"): (200, 115), ("C2", "negotiation"): (250, 105),
    ("C2", "consultation"): (300, 105), ("C2", "inquiry"): (250, 105), ("C2", "single-source"): (150, 65),
    ("C3", "auction"): (150, 62), ("C3", "listing"): (250, 62), ("C4", "auction"): (300, 58),
    ("C4", "listing"): (350, 58), ("C5", "open"): (150, 108), ("C5", "auction"): (130, 62),
    ("C5", "listing"): (150, 62),
}  # fmt: skip
"""Of each category and method: the share of all events, and the events of one lot."""

KINDS = tuple(
    Kind(f"lot-{category.lower()}-{method}", life_of(category, method), *SHARES[category, method])
    for category, methods in METHODS.items()
    for method in methods
)
