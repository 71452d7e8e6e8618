"""Joint spot checks (M37): a draw that anybody can compute again, and what was found at the drawn.

The seed is SHA-256(reveal of the bureau, reveal of the regulator, root of the first checkpoint after the call for it).
Each party of the pool has as many tickets as its weight, HMAC-SHA256(seed, "<code>/<ticket>"); its smallest counts, and
the smallest of all are drawn.
"""

import hmac
from hashlib import sha256
from typing import Any

from city.course import Course, Life
from city.kinds import Kind
from city.lives.inquiries import FIELDS
from city.lives.registration import registered
from city.outsiders import outsider

ALGORITHM = "HMAC-SHA256 tickets by weight, ascending"
POOL, DRAWN = 9, 4


def order(seed: bytes, weights: list[tuple[str, int]]) -> list[str]:
    """The pool in the order of the draw."""
    smallest = [
        (min(hmac.digest(seed, f"{code}/{ticket}".encode(), "sha256") for ticket in range(weight)), code)
        for code, weight in weights
    ]
    return [code for _, code in sorted(smallest)]


def spot_check(course: Course) -> Life:
    """A draw and its results."""
    city = course.city
    bureau, regulator = city.organ("ASB"), city.organ("REG", FIELDS[course.number % len(FIELDS)])
    course.subject = f"spotcheck:{course.name}"
    bad = outsider(course, "builder")
    yield registered(course, bad)
    course.minutes(5, 30)
    call = {
        "kind": "note",
        "known": 1,
        "text": "联合抽查对象库已确定，双方种子已封存，待下一检查点开启。",
        "person": city.people.official(bureau, "inspector"),
    }
    called = course.post(
        "supervision.mark-made", bureau.seat, call, subject=f"inquiry:{course.name}", late=city.head_at("known")
    )
    yield called
    checkpoint, root = yield from course.checkpoint_after(called)
    pool = [firm.org for firm in city.people.some("builder", course.chance, POOL)]
    weights = [(org, 1 + course.chance.below(2)) for org in pool] + [(bad.org, 16)]
    reveals = [course.chance.hex64(), course.chance.hex64()]
    result = order(sha256(bytes.fromhex(reveals[0] + reveals[1]) + root).digest(), weights)[:DRAWN]
    course.open()
    data: dict[str, Any] = {
        "pool": course.doc("spot-check-pool"),
        "weights": [{"uscc": org, "weight": weight} for org, weight in weights],
        "seed_reveals": [
            {"org": bureau.org, "reveal": reveals[0]},
            {"org": regulator.org, "reveal": reveals[1]},
        ],
        "checkpoint": checkpoint,
        "algorithm": ALGORITHM,
        "result": result,
        "organs": [bureau.org, regulator.org],
    }
    yield course.post("supervision.spot-check-drawn", bureau.seat, data)
    for org in result:
        course.workdays(2, 6)
        outcome = "violation" if org == bad.org else "minor" if course.often(1500) else "clean"
        done: dict[str, Any] = {
            "party": org,
            "result": outcome,
            "inspectors": [city.people.official(bureau, "inspector"), city.people.official(regulator, "regulator")],
        }
        if course.often(6000):
            done["docs"] = [course.doc("report")]
        yield course.post("supervision.spot-check-completed", (bureau, regulator)[course.number % 2].seat, done)


KINDS = (Kind("spot-check", spot_check, share=30, events=7),)
