"""In which order posts are sealed when some of them are hidden: together, at the end of a slot, in random order.

A sealed event says nothing but that it is there; its place among others would say when it came. So sealed posts wait
for the end of their slot, or for an event that opens something (they came before it), or for the end of what is sealed
now, and then stand in random order.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import SystemRandom

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class Turn:
    """When a post is sealed: its index among the posts, the moment it is recorded, and the moment it came."""

    index: int
    recorded: datetime
    received: datetime


def end_of(moment: datetime, slot: timedelta) -> datetime:
    """The end of the slot that a moment lies in; slots are counted from 1970 in UTC. No slot: the moment itself."""
    return moment + (slot - (moment - _BEGIN) % slot) if slot else moment


def in_turn(
    moments: Sequence[datetime],
    slot: timedelta,
    hides: Callable[[int], bool],
    opens: Callable[[int], bool],
) -> Iterator[Turn]:
    """Every post once. `moments` never decrease, and neither does `recorded` of what comes out."""
    held: list[int] = []
    for index, moment in enumerate(moments):
        if held and (end := end_of(moments[held[0]], slot)) <= moment:
            yield from _shuffled(held, end, moments)
            held = []
        if held and opens(index):
            yield from _shuffled(held, moment, moments)
            held = []
        if hides(index):
            held.append(index)
        else:
            yield Turn(index, moment, moment)
    if held:
        yield from _shuffled(held, moments[-1], moments)


def _shuffled(held: list[int], recorded: datetime, moments: Sequence[datetime]) -> Iterator[Turn]:
    for index in _random.sample(held, len(held)):
        yield Turn(index, recorded, moments[index])
