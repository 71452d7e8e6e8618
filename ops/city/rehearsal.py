"""Rehearsing a life: run it alone, and say what the door would say of each act.

For tests and for whoever writes a life: `refusals` is empty when every act fits its contract and its poster may post.
What the vault and the seals do with secrets is not asked here.
"""

from collections.abc import Callable
from typing import Any

from city import moments
from city.act import Act, Pause
from city.course import Course, Life
from city.world import City
from ledger import cloudevent

UNASKED = ("seed", "sequence")
"""Attributes that do not depend on the life."""


def rehearse(city: City, life: Callable[..., Life], number: int = 1, most: int = 2000, **options: Any) -> list[Act]:
    """The acts of one life that begins on the city's fifth working day; at most `most` of an endless one."""

    office = city.office
    course = Course(city, "rehearsal", number, moments.at(office.workday(city.size.first, 5), 9))
    acts: list[Act] = []
    for act in life(course, **options):
        if isinstance(act, Pause):
            continue
        acts.append(act)
        if len(acts) == most:
            break
    return acts


def refusals(city: City, act: Act) -> list[str]:
    """What is wrong with an act: envelope, stream, payload, right to post; empty when nothing is."""
    contract = city.contracts.get(act.event["type"])
    if contract is None:
        return [f"{act.event['type']}: no contract"]
    envelope = {name: value for name, value in act.event.items() if name not in UNASKED}
    found = [f"{one.pointer}: {one.en}" for one in cloudevent.problems(envelope)]
    found += [f"{one.pointer}: {one.en}" for one in contract.problems(act.data)]
    if not contract.on_stream(act.event["subject"]):
        found.append(f"/subject: {act.event['subject']} is no stream of this type")
    if not contract.may_post(act.seat.organ, act.seat.org, act.event):
        found.append(f"{act.seat.organ} may not post it")
    return [f"{act.type} {act.event['id']} {one}" for one in found]
