"""The stages of a lot, each a part of its life: entry, a round of bids, award and work, and how it is closed.

A stage that may end a lot gives True when it has: then the lot is closed already, and nothing follows.
"""

from collections.abc import Generator

from city import moments
from city.act import Act, Pause
from city.course import Life
from city.lives import inquiries
from city.lives.complaints import about_lot
from city.together import branch, together
from city.trading import awarding, calling, entering, evaluating, experts, performing
from city.trading.bidding import Bidder
from city.trading.lot import Lot
from city.trading.ways import Way

Stage = Generator[Act | Pause, None, bool]

DAY, HOUR = moments.DAY, moments.HOUR
DEADLINES = ((9, 30), (14, 30), (15, 0), (16, 0))


def entry(lot: Lot, way: Way) -> Stage:
    """Registration, approval of the method, entry, services. A lot of works codes its project, unless it has one."""
    course = lot.course
    if lot.category == "C1" and course.project is None:
        yield from entering.project_begun(lot)
        course.workdays(1, 4)
    course.open()
    yield entering.registered(lot, wish=lot.item == "none")
    if (yield from turn(lot, way, "registered")):
        return True
    if lot.method not in ("open", "auction", "listing"):
        course.workdays(1, 4)
        works = lot.category == "C1"
        yield entering.approved(lot, "ASB" if works else "REG", "" if works else "procurement")
    course.minutes(30, 400)
    if way.refused:
        yield entering.entry(lot, "refused", course.chance.pick(("approval-missing", "another-platform")))
        course.workdays(1, 5)
        yield entering.state(lot, "terminated", "project-cancelled")
        yield from closing(lot)
        return True
    if way.returned:
        yield entering.entry(lot, "returned")
        course.workdays(1, 3)
    yield entering.entry(lot)
    yield from entering.services(lot)
    over = yield from turn(lot, way, "admitted")
    return over


def turn(lot: Lot, way: Way, stage: str) -> Stage:
    """What may happen after a stage: a rest, or the end."""
    course = lot.course
    ordered = course.often(3000)
    if way.rests == stage:
        course.minutes(20, 300)
        yield entering.state(lot, "suspended", "ordered-by-regulator" if ordered else "system-failure", "REG" * ordered)
        course.minutes(60, 400) if stage == "announced" else course.workdays(1, 5)
        yield entering.state(lot, "resumed", "system-restored", "REG" * ordered)
        course.minutes(10, 100)
    if way.ends != stage:
        return False
    course.workdays(1, 3)
    announced = "trading.notice-published" in lot.acts
    yield entering.state(lot, "terminated", "force-majeure" if announced else "project-cancelled")
    if announced:
        course.minutes(20, 90)
        yield entering.notice(lot, "termination", course.now, course.now + 5 * DAY)
    yield from closing(lot)
    return True


def settled(lot: Lot, days: int, *, sale_days: int = 6, workdays: int = 0) -> tuple[int, int]:
    """The deadline is set, so many days (or working days) from here and a little more; gives the sale period."""
    course, office = lot.course, lot.course.city.office
    course.workdays(1, 3)
    day = moments.day_of(course.now)
    last = office.workday(day, workdays + 1) if workdays else office.workday(day + days + course.chance.between(1, 4))
    lot.deadline = moments.at(last, *course.chance.pick(DEADLINES))
    return course.now + 1800, moments.at(day + sale_days, 17, 30)


def announced(lot: Lot, way: Way, sale: tuple[int, int], kind: str) -> Life:
    """The document is filed and the notice published."""
    course = lot.course
    lot.kind = kind
    yield entering.document(lot, lot.deadline, *sale)
    if way.revised_document and kind != "retender":
        course.seconds(60, 200)
        yield entering.document(lot, lot.deadline, *sale)
    course.until(sale[0])
    yield entering.notice(lot, kind, course.now, lot.deadline)


def bids(
    lot: Lot, way: Way, bidders: list[Bidder], sale: tuple[int, int], *, failing: str = "", turn_: int = 1
) -> Stage:
    """From the notice to the report, or to a failed lot; True when there is a ranking."""
    course = lot.course
    smooth = failing == ""
    clarified = calling.clarified(lot, sale[0], way.clarify) if smooth else None
    group = experts.committee(lot, 4)
    group.subject += f"-{turn_}" * (turn_ > 1)
    own, side = branch(course, f"call{turn_}"), branch(course, f"draw{turn_}")
    main = calling.calling(
        lot.beside(own), bidders, sale, onlookers=course.chance.between(0, 3), clarified=clarified,
        withdraw=way.withdraw and smooth, prequalify=way.prequalify,
        further=lot.kind == "prequalification" and turn_ == 1,
    )  # fmt: skip
    parts = [(own, main)]
    if failing in ("", "invalid"):
        parts.append((side, drawing(lot.beside(side), way, group, bidders)))
    yield from together(course, *parts)
    course.until(lot.deadline + course.chance.between(20, 400))
    handed = [one for one in bidders if one.bid is not None and not one.gone]
    if way.late and smooth:
        yield from calling.late(lot, bidders)
    if not handed:
        yield entering.state(lot, "failed", "no-bidder")
        return False
    yield evaluating.opened(lot, handed)
    course.seconds(60, 300)
    for one in handed:
        course.seconds(30, 120)
        yield evaluating.decrypted(lot, one)
    if not lot.electronic or course.often(2500):
        course.seconds(60, 300)
        yield entering.witness(lot, "opening")
    if len(handed) < 3 and lot.method in ("open", "invited"):
        course.minutes(10, 60)
        yield entering.state(lot, "failed", "too-few-bids")
        return False
    nobody = failing == "invalid"
    yield from evaluating.evaluation(
        lot,
        group,
        handed,
        reject=way.reject if len(handed) > 3 else 0,
        revise=way.revise,
        dissent=way.dissent,
        nobody=nobody,
        way=way,
    )
    if nobody:
        course.minutes(10, 60)
        yield entering.state(lot, "failed", "all-invalidated")
        return False
    course.seconds(120, 900)
    yield entering.witness(lot, "evaluation")
    return True


def drawing(lot: Lot, way: Way, group: experts.Committee, bidders: list[Bidder]) -> Life:
    """Rooms and experts, on the last days before the deadline."""
    course, office = lot.course, lot.course.city.office
    last = moments.day_of(lot.deadline)
    days = [day for day in range(last - 14, last - 1) if office.is_working(day)]
    course.until(moments.at(course.chance.pick(days[-2:]), 9) + course.chance.below(2 * HOUR))
    for step in ("opening", "evaluation"):
        yield entering.room(lot, step, lot.deadline - HOUR, lot.deadline + 12 * HOUR)
        course.minutes(2, 20)
    employers = {one.firm.org for one in bidders}
    yield from experts.draw(
        lot, group, lot.deadline + 600, employers, refuse=way.refuse, recalls=way.recalls, lost=way.lost
    )


def award(lot: Lot, way: Way, bidders: list[Bidder], *, public: bool = True) -> Stage:
    """From the ranking to the contract; True when the lot ended on the way."""
    course, ranking = lot.course, lot.ranking
    winner, rank, reason = ranking[0], 1, ""
    today = moments.day_of(course.now)
    if course.city.office.workday(today, 1) - today > 2:  # publicity begins within three days, holidays or not
        course.until(moments.at(today + 1, 9) + course.chance.below(6 * HOUR))
    else:
        course.workdays(1, 1)
    if public:
        yield from awarding.publicity(lot, ranking, objections=way.objections, again=way.publicised_again)
    if (yield from turn(lot, way, "publicised")):
        yield from awarding.all_returned(lot, bidders)
        return True
    course.open()
    if way.second and len(ranking) > 1:
        winner, rank, reason = ranking[1], 2, course.chance.pick(("declined", "no-performance-bond"))
    yield from awarding.confirmed(lot, winner, rank, reason)
    course.workdays(3, 15)
    lot.winner = winner
    yield awarding.contracted(lot, winner, course.chance.between(*DURATION.get(lot.content, (20, 60))))
    yield from awarding.taxed(lot)
    if rank > 1 and ranking[0].deposit is not None:
        course.minutes(10, 60)
        yield awarding.returned(lot, ranking[0], forfeited=True)
        ranking[0].deposit = None
    yield from awarding.all_returned(lot, bidders)
    if way.suspected:
        yield from suspicion(lot)
    return False


def suspicion(lot: Lot) -> Life:
    """The witness suspects something; it is reported with evidence, looked into, and comes to nothing."""
    course = lot.course
    yield entering.witness(lot, "confirmation", flag="suspected")
    course.minutes(20, 120)
    own = branch(course, "inquiry")
    own.subject = f"inquiry:{own.name}"
    report = inquiries.reported(own, lot.regulator)
    yield report
    own.workdays(1, 4)
    subjects = [lot.tenderer.org]
    yield inquiries.opened(own, lot.regulator, report, subjects)
    own.workdays(2, 6)
    yield inquiries.found(own, lot.regulator, subjects, "not-established")
    course.until(own.now)


DURATION = {"construction": (60, 150), "supervision": (60, 150), "design": (30, 80), "survey": (20, 50)}
"""Days of work by content."""


COMPLAINED_BP = 700
"""Of 10,000 lots with a winner, about how many somebody complains when all is over."""


def closing(lot: Lot) -> Life:
    """The five phases are disclosed, the dossier filed and sealed; now and then somebody complains of it all."""
    yield from performing.disclosed(lot)
    yield from performing.archived(lot)
    if lot.winner is not None and lot.course.often(COMPLAINED_BP):
        own = branch(lot.course, "complaint")
        yield from about_lot(own, lot.id, lot.regulator, [lot.winner.firm.org])
