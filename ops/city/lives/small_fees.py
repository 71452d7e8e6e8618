"""Small fees that hang on nothing else: copies from the archive. Paid whole or in parts, deferred, refunded."""

from city.approvals import fees
from city.course import Course, Life
from city.kinds import Kind


def small_fee(course: Course, *, way: str = "", item: str = "") -> Life:
    """A fee. `way`: plain, parts, deferred, found, again (assessed anew), refunded."""
    chance = course.chance
    way = way or chance.weighted(
        (("plain", 5), ("parts", 3), ("deferred", 2), ("found", 2), ("again", 2), ("refunded", 2))
    )
    item = item or chance.pick(("archive-copy", "certificate", "document-copy"))
    payer = course.city.people.some(chance.pick(("developer", "builder", "supplier")), chance, 1)[0]
    fee = fees.new_fee(course, item, payer)
    quantity = chance.between(20, 400) if item == "archive-copy" else 1
    act = fees.assess(course, fee, quantity)
    yield act
    if way == "again":
        course.workdays(1, 2)
        yield fees.assess(course, fee, quantity)
    if way in ("deferred", "found"):
        course.workdays(1, 2)
        yield fees.defer(course, fee, "found" if way == "found" else "declared")
    if way == "parts":
        for _ in range(chance.between(1, 2)):
            course.workdays(1, 1)
            yield fees.pay(course, fee, fee.amount // 4)
    course.workdays(1, 1 if way == "parts" else 3)
    yield from fees.settle(course, fee)
    if way == "refunded":
        course.workdays(5, 15)
        yield fees.refund(course, fee, "assessed-wrongly", act)


KINDS = (Kind("small-fee", small_fee, share=100, events=4),)
