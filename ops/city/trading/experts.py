"""The expert draw: asked for with sealed seeds, drawn by a checkpoint nobody could know, answered, unsealed, attended.

seed = SHA-256(reveal of the centre ‖ reveal of the regulator ‖ root of the first checkpoint after the request);
experts are ordered by HMAC-SHA256(seed, id), and each speciality takes its first ones (`decisions.md` 4).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import digest as hmac_digest
from typing import Any

from city import moments
from city.act import Act
from city.course import Life
from city.lives.enrolment import LIBRARY
from city.trading.lot import SPECIALITY, Lot, Staged, Trace

POOL = 8
"""Experts in the pool for one place, where there are so many."""


@dataclass(slots=True)
class Committee:
    """Who will evaluate. `present` are the experts who confirmed, with their speciality."""

    subject: str
    wanted: list[tuple[str, int]]
    present: list[tuple[str, str]] = field(default_factory=list)
    conducted: Trace | None = None

    @property
    def size(self) -> int:
        """How many experts were asked for."""
        return sum(count for _, count in self.wanted)


def committee(lot: Lot, size: int = 4) -> Committee:
    """A committee of so many experts: of the lot's field, and one for its cost."""
    main = SPECIALITY.get(lot.item) or SPECIALITY.get(lot.item[:2]) or "building"
    if lot.civil_air_defence:
        main = "civil-air-defence"
    other = "cost" if lot.category == "C1" else "services"
    return Committee(f"draw:D-{lot.id[21:35]}", [(main, size - 1), (other, 1)])


def requested(lot: Lot, group: Committee, evaluation_at: int, reveals: Sequence[tuple[str, bytes]]) -> Act:
    """The draw is asked for; centre and regulator have each sealed 32 bytes."""
    data: dict[str, Any] = {
        "lot": lot.id,
        "library": LIBRARY,
        "library_level": "provincial",
        "specialities": [{"code": code, "n": count} for code, count in group.wanted],
        "exclusions": [{"uscc": lot.tenderer.org, "reason": "works-for-tenderer"}],
        "evaluation_at": moments.text(evaluation_at),
        "seed_commitments": [{"org": org, "sha256": sha256(seed).hexdigest()} for org, seed in reveals],
    }
    if lot.agent is not None:
        data["exclusions"].append({"uscc": lot.agent.org, "reason": "works-for-agent"})
    return lot.post(
        "draw.requested", lot.host, data, subject=group.subject, person=lot.tenderer.person("handler"), prompt=True
    )


def pool(lot: Lot, code: str, count: int, barred: Callable[[int], bool]) -> list[str]:
    """Experts of a speciality from the library, none of them barred."""
    people, chance, wanted = lot.course.city.people, lot.course.chance, lot.staged or Staged()
    numbers = range(people.speciality_number(code), people.experts, people.specialities)
    start = 0 if wanted.same_experts else chance.below(1 << 20)
    some = _some(numbers, len(numbers) if wanted.outsiders else count * POOL, start)
    fit = [number for number in some if (number % 8 == 0) is wanted.outsiders and not barred(number)]
    return [people.expert(number) for number in (fit[: count - 1] if wanted.same_experts else fit)]


def _some(numbers: range, count: int, start: int) -> list[int]:
    """Up to so many of the numbers, beginning somewhere and going round."""
    most = min(count, len(numbers))
    return [numbers[(start + step) % len(numbers)] for step in range(most)]


def drawn(pool_: Sequence[tuple[str, str]], wanted: Sequence[tuple[str, int]], seed: bytes) -> list[str]:
    """The result of a draw: of each speciality the first ones in the order of HMAC-SHA256(seed, id)."""
    result = []
    for code, count in wanted:
        own = [pid for pid, speciality in pool_ if speciality == code]
        result += sorted(own, key=lambda pid: hmac_digest(seed, pid.encode(), "sha256"))[:count]
    return result


def draw(
    lot: Lot, group: Committee, evaluation_at: int, employers: set[str], *, refuse: int = 1, recalls: bool = False,
    lost: bool = False,
) -> Life:  # fmt: skip
    """From the request to enough confirmed experts; `refuse` experts decline or cannot be reached in the first round.

    `employers` are firms whose people may not sit: the bidders. `recalls`: who could not be reached calls when all
    places are taken. `lost`: one who confirmed falls ill and is replaced, where nobody refused (two rounds at most).
    """
    course, city = lot.course, lot.course.city
    reveals = [(city.organ("PTC").org, course.chance.bytes(32)), (lot.regulator.org, course.chance.bytes(32))]
    if course.now % moments.HOUR > 3_200:
        course.seconds(400, 500)  # so that the next full hour is the first checkpoint, however the request is delayed
    request = requested(lot, group, evaluation_at, reveals)
    yield request
    checkpoint, root = yield from course.checkpoint_after(request)
    seed = sha256(reveals[0][1] + reveals[1][1] + root).digest()
    course.seconds(300, 1500)

    def barred(number: int) -> bool:
        return city.people.employer(number).org in employers

    left = [(pid, code) for code, count in group.wanted for pid in pool(lot, code, count + 1, barred)]
    speciality, missing, refusing = dict(left), list(group.wanted), refuse
    refused: list[str] = []
    for turn in (1, 2):
        result = drawn(left, missing, seed)
        act = conducted(lot, group, turn, left, reveals, checkpoint, result)
        group.conducted = Trace.of(act)
        yield act
        gone = result[:refusing]
        for pid in result:
            course.seconds(60, 400)
            yield _responded(lot, group, pid, refuses=pid in gone)
        group.present += [(pid, speciality[pid]) for pid in result if pid not in gone]
        left = [one for one in left if one[0] not in result]
        if turn == 1 and not gone and lost:
            ill, _ = group.present.pop()
            course.minutes(30, 200)
            yield _responded(lot, group, ill, refuses=True, reason="illness")
            gone = [ill]
        refused += gone
        if not gone:
            break
        missing = [(code, sum(speciality[pid] == code for pid in gone)) for code, _ in group.wanted]
        refusing = 0
        course.seconds(60, 300)
    if recalls and refused:
        course.seconds(600, 2400)
        yield _responded(lot, group, refused[0], refuses=True, reason="other-engagement")


def conducted(
    lot: Lot, group: Committee, turn: int, pool_: Sequence[tuple[str, str]], reveals: Sequence[tuple[str, bytes]],
    checkpoint: dict[str, str], result: list[str],
) -> Act:  # fmt: skip
    """One round of the draw, with everything anybody needs to draw again."""
    city = lot.course.city
    data = {
        "lot": lot.id,
        "round": turn,
        "mode": "random",
        "pool": [{"pid": pid, "speciality": code} for pid, code in pool_],
        "pool_size": len(pool_),
        "seed_reveals": [{"org": org, "reveal": reveal.hex()} for org, reveal in reveals],
        "checkpoint": checkpoint,
        "algorithm": "hmac-sha256-ascending",
        "result": result,
        "operator": city.people.official(city.organ("LIB"), "operator-staff"),
    }
    return lot.post("draw.conducted", city.organ("LIB").seat, data, subject=group.subject)


WHY = {"declined": "other-engagement", "no-answer": "not-reached", "recused": "conflict-of-interest"}


def _responded(lot: Lot, group: Committee, pid: str, *, refuses: bool, reason: str = "") -> Act:
    """An expert answers the call: comes, or does not; with a reason given, declines for that."""
    course = lot.course
    response = "confirmed"
    if refuses:
        some = course.chance.weighted((("declined", 5), ("no-answer", 3), ("recused", 2)))
        response = "declined" if reason else some
    data: dict[str, Any] = {"lot": lot.id, "pid": pid, "response": response, "at": moments.text(course.now)}
    if refuses:
        data["reason"] = reason or WHY[response]
    data["answered"] = response != "no-answer"
    data["call_record"] = course.doc("call-record", 20_000, 900_000)
    return lot.post("draw.expert-responded", course.city.organ("LIB").seat, data, subject=group.subject)


def unsealed(lot: Lot, group: Committee) -> Act:
    """The system opens the list, half an hour before the evaluation at the earliest."""
    city = lot.course.city
    data = {
        "lot": lot.id,
        "at": moments.text(lot.course.now),
        "by": city.people.official(city.organ("LIB"), "operator-staff"),
        "by_system": True,
    }
    return lot.post("draw.list-unsealed", city.organ("LIB").seat, data, subject=group.subject)


def attended(lot: Lot, group: Committee, pid: str) -> Act:
    """An expert signs in at the door of the evaluation rooms."""
    course = lot.course
    data: dict[str, Any] = {
        "lot": lot.id,
        "pid": pid,
        "at": moments.text(course.now),
        "identity_check": course.chance.weighted((("face", 8), ("id-card", 2))),
        "device_surrendered": True,
    }
    if course.often(7000):
        data["late_min"] = 0
    seat = course.city.organ("PTC").seat
    return lot.post("draw.expert-attended", seat, data, subject=group.subject, person=lot.staff(), prompt=True)


def departed(lot: Lot, group: Committee, pid: str) -> Act:
    """An expert leaves when the evaluation is over."""
    course = lot.course
    data: dict[str, Any] = {"lot": lot.id, "pid": pid, "at": moments.text(course.now), "reason": "finished"}
    if course.often(1000):
        del data["reason"]
    seat = course.city.organ("PTC").seat
    return lot.post("draw.expert-left", seat, data, subject=group.subject, person=lot.staff(), prompt=True)
