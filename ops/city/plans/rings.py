"""Firms that meet again and again: COL-12 and COL-13, and the lots that such plans need.

ring(course, wins=(0, 1, 2, 0))      # four lots of the same three firms, won by the first, second, third, first
"""

from collections.abc import Callable

from city.course import Course, Life
from city.lives.lots import tender
from city.planning import Alert, Plan, Tag
from city.together import branch, together
from city.trading.bidding import Bidder
from city.trading.lot import Lot, Staged
from city.trading.ways import SMOOTH

LOT = Tag("trading.project-registered")
LAST = Tag("trading.project-registered", nth=-1)
APART = 14
"""Days between the beginnings of two lots."""


def ring(course: Course, *, wins: tuple[int, ...], firms: int = 3, same_experts: bool = False) -> Life:
    """Lots of one kind in one place for which the same firms bid; `wins` says which of them wins each.

    The winner is best and cheapest; the next firm is three in a hundred dearer, the others more than five.
    """
    members = course.city.people.outside("builder", course.chance, firms)
    parts = []
    for number, winner in enumerate(wins, 1):
        own = branch(course, f"lot{number}", course.now + (number - 1) * APART * 86_400)
        own.open()
        order = [members[winner], *(firm for firm in members if firm is not members[winner])]
        staged = Staged(
            outsiders=True, same_experts=same_experts, region="140303", bidders=_placed([one.number for one in order])
        )
        options = {"item": "C1.1", "content": "construction", "way": SMOOTH, "count": firms, "staged": staged}
        parts.append((own, tender(own, **options)))  # type: ignore[arg-type]
    yield from together(course, *parts)


def _placed(numbers: list[int]) -> Callable[[Lot, list[Bidder]], None]:
    def settle(lot: Lot, bidders: list[Bidder]) -> None:
        for place, (one, number) in enumerate(zip(bidders, numbers, strict=True)):
            one.firm = lot.course.city.people.firm("builder", number)
            one.seat = one.firm.seat
            one.skill, one.record = 92 - 10 * place, 400
            one.price = lot.control * (9_000, 9_270, 9_640, 9_810)[place] // 10_000 // 100 * 100 + 37

    return settle


PLANS = (
    Plan(
        rule="COL-12",
        name="in-turn",
        fact="三家在四个标段轮流中标 / 只有三个标段 · three firms win four lots in turn / three lots",
        life=ring,
        options={"wins": (0, 1, 2, 0)},
        near_options={"wins": (0, 1, 2)},
        bad=(),
        near=(),
        alerts=(),
        findings=(Alert("COL-12", "H", LAST),),
    ),
    Plan(
        rule="COL-13",
        name="always-a-little-dearer",
        fact="陪同投标五次、报价均高百分之三、从不中标 / 四次 · five bids three in a hundred above the winner / four",
        life=ring,
        options={"wins": (0, 0, 0, 0, 0)},
        near_options={"wins": (0, 0, 0, 0)},
        bad=(),
        near=(),
        alerts=(),
        findings=(Alert("COL-13", "H", LAST),),
    ),
)
