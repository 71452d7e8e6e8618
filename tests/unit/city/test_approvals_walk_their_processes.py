"""The lives of approval walk every step of their processes, in the order in which it should be walked."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

import pytest

from city.act import Act
from city.approvals.tables import AUTHORITY
from city.lives import investment, shelters, single_built, small_fees
from city.matters import matters
from city.rehearsal import rehearse
from city.telling import Wish, city_of
from city.world import City
from projections.conformance import Course
from projections.judge import shipped

PROCESSES = (
    "case", "cad-single", "cad-attached", "cad-offsite", "cad-waiver", "drawing", "works", "costaudit", "fee",
)  # fmt: skip

ELSEWHERE = {
    ("cad-attached", "refuse-review"): "a review approval that fails its check is misconduct (CAD-11)",
    ("drawing", "send-back"): "the same",
    ("fee", "lapse"): "a fee that is not paid in time is misconduct (FEE-06)",
}
"""Steps that no honest life of approval takes, and why."""


def lives(city: City) -> Iterator[list[Act]]:
    """Lives enough for each step: those a wish names, and some of chance."""
    for number, (size, refused) in enumerate(product(AUTHORITY, (False, True)), 1):
        for document in AUTHORITY[size] if refused else ("",):
            yield rehearse(city, single_built.single_built, number, size=size, refused=document, built=not refused)
    for number, (ending, full, first) in enumerate(
        product(("approved", "refused", "not-met"), (True, False), (True, False)), 1
    ):
        yield rehearse(city, shelters.waived, number, ending=ending, full=full, pay_first=first)
    for number in range(1, 13):
        yield rehearse(city, shelters.attached, number, state=number % 3 == 0, fail=("", "main", "all")[number % 3])
    for number in range(1, 5):
        yield rehearse(city, shelters.offsite, number, approved=number > 1, undone=number == 2)
    for number in range(1, 121):
        yield rehearse(city, investment.single_case, number)
    for number in range(1, 4):
        yield rehearse(city, investment.investment, number)
    for way in ("plain", "parts", "deferred", "found", "again", "refunded"):
        yield rehearse(city, small_fees.small_fee, 1, way=way)


@pytest.fixture(scope="module")
def went() -> list[Course]:
    city = city_of(Wish(events=20_000, seed=1))
    return [course for acts in lives(city) for _, course in matters(city, acts) if course.process.id in PROCESSES]


def test_every_step_of_the_processes_is_taken_by_an_honest_life(went: list[Course]) -> None:
    taken: Counter[tuple[str, str]] = Counter()
    for course in went:
        taken.update((course.process.id, step) for step in course.walked)
    steps = {(name, one.id) for name in PROCESSES for one in shipped().edition.processes[name].transitions}
    assert sorted(steps - set(taken)) == sorted(ELSEWHERE)


def test_no_step_is_skipped_late_or_irregular(went: list[Course]) -> None:
    """Only a building that was sent from one track to the other goes on under the other's name."""
    wrong = [
        (course.process.id, step.step, step.frm, step.order)
        for course in went
        for step in course.taken
        if step.frm != "redirected" and (step.order != "regular" or step.guard is False)
    ]
    assert wrong == []
    assert [step for course in went for step in course.steps() if step.status not in ("present", "missing")] == []
