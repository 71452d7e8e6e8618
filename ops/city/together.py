"""Lives within a life: what runs side by side, each part with a chance and a clock of its own."""

from collections.abc import Iterator
from heapq import merge

from city.act import Act, Pause
from city.course import Course, Life


def branch(course: Course, label: str, start: int | None = None) -> Course:
    """A course below another: its own chance, clock and ids, the same subject and project; from now, or from `start`.

    A label is used once in a life.
    """
    own = Course(course.city, f"{course.name}-{label}", course.number, course.now if start is None else start)
    own.subject, own.project = course.subject, course.project
    return own


def together(course: Course, *branches: tuple[Course, Life]) -> Life:
    """Branches side by side, their acts in the order of time; `course` goes on when the last has ended."""
    yield from merge(*(_life(life) for _, life in branches), key=_at)
    for own, _ in branches:
        course.until(own.now)


def _life(life: Life) -> Iterator[Act | Pause]:
    yield from life


def _at(one: Act | Pause) -> int:
    return one.at if isinstance(one, Act) else one.until
