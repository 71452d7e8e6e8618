"""Tamperings: how an honest life becomes misconduct, stated as data.

    (Put("trading.candidates-publicised", "/to", Later("/from", days=2)),)     # publicised for two days
    (Drop("trading.contract-signed"),)                                        # and the contract never came
    (Put("trading.bid-submitted", "/device/mac", Same("trading.bid-submitted", "/device/mac"), nth=2),)

Each names the act it touches by type and `nth` (1 is the first of that type in the life, 0 is every one). A life is run
with a list of them (`tampered`); a plan is an honest life and its tamperings, a near-miss the same life with others.
Nothing else of the life moves: its chance, ids and moments are those of the honest life.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from city import moments
from city.act import Act, Pause, Seat
from city.course import MICRO, Life
from ledger import clock


@dataclass(frozen=True, slots=True)
class Same:
    """The value another act of the life has: of the `nth` of a type that came before, at a pointer below `data`."""

    type: str
    pointer: str
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Later:
    """The moment or date at a pointer of the same act (`time`: of the act itself), so much later (or earlier)."""

    pointer: str
    days: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class More:
    """The number that stands there, so much more, or so many ten-thousandths of it more."""

    by: int = 0
    basis_points: int = 0


@dataclass(frozen=True, slots=True)
class Stream:
    """A subject made of a prefix and a value of another act: `Stream("person", Same(…))`."""

    prefix: str
    of: Same


@dataclass(frozen=True, slots=True)
class Drop:
    """The act never comes."""

    type: str
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Put:
    """A field has another value: a JSON value, or `Same`, `Later`, `More`. `/a/-` adds to a list."""

    type: str
    pointer: str
    value: Any
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Remove:
    """A field is missing."""

    type: str
    pointer: str
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the envelope has another value (`person`, `role`, `edition`, `attestation` …), or none (None)."""

    type: str
    name: str
    value: Any
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Shift:
    """The act happens so much later. `claims`: `time` moves too. `rest`: so does all that follows in the life.

    Fields of the payload stay as they are; where a field repeats the moment, `Put` says what it holds then.
    """

    type: str
    seconds: int
    nth: int = 1
    claims: bool = True
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Lag:
    """The act reaches the ledger so many seconds after it happened, whatever has followed meanwhile."""

    type: str
    seconds: int
    nth: int = 1


@dataclass(frozen=True, slots=True)
class From:
    """Another poster: the seat given, or that of the `nth` act of a type that came before."""

    type: str
    seat: Seat | Same
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Add:
    """One more act, `seconds` after the act named: of a type, by a seat (None: the same), on a subject (None: same).

    `data` may hold `Same` and `Later` (pointers of the act named) at any depth.
    """

    type: str
    new: str
    data: Any
    seconds: int = 60
    nth: int = 1
    seat: Seat | None = None
    subject: str | Stream | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """The act comes a second time, `seconds` later, with changes by pointer and an id of its own."""

    type: str
    changes: tuple[tuple[str, Any], ...] = ()
    seconds: int = 60
    nth: int = 1


Tampering = Drop | Put | Remove | Attribute | Shift | Lag | From | Add | Again


class Seen:
    """The acts of a life that have come, by type: what `Same` and labels refer to. One small dict a life."""

    def __init__(self) -> None:
        self.acts: dict[str, list[Act]] = {}

    def take(self, act: Act) -> int:
        """Remember an act; gives which of its type it is."""
        same = self.acts.setdefault(act.type, [])
        same.append(act)
        return len(same)

    def nth(self, type_: str, nth: int) -> Act:
        """The nth act of a type (1 the first, -1 the last). Raises KeyError or IndexError where it has not come."""
        return self.acts[type_][nth - 1 if nth > 0 else nth]


def tampered(life: Life, tamperings: Sequence[Tampering], types: dict[str, str], seen: Seen) -> Life:
    """A life with its tamperings. `types`: the versioned type of each event name. `seen` is filled as acts come.

    Raises ValueError at the end where a tampering found nothing to touch: the plan and the life do not fit.
    """
    untouched = set(range(len(tamperings)))
    moved = 0
    waiting: list[Act] = []
    for act in life:
        if isinstance(act, Pause):
            yield from _due(waiting, act.until + moved)
            yield replace(act, until=act.until + moved)
            continue
        if moved:
            _move(act, moved, claims=True)
        nth = seen.take(act)
        dropped, later, stood = False, False, act.at
        if any(one.type == act.type for one in tamperings):
            act.event["data"] = _copy(act.data)  # lives may share parts of their payloads
        for index, one in enumerate(tamperings):
            if one.type != act.type or one.nth not in (0, nth):
                continue
            untouched.discard(index)
            if isinstance(one, Drop):
                dropped = True
            elif isinstance(one, Shift):
                _move(act, one.seconds, claims=one.claims)
                moved += one.seconds if one.rest else 0
                later = later or (one.seconds > 0 and not one.rest)
                stood = stood if later else act.at
            elif isinstance(one, (Add, Again)):
                waiting.append(_another(act, one, index, types, seen))
            else:
                _change(act, one, seen)
        yield from _due(waiting, stood)
        if later and not dropped:
            waiting.append(act)  # others of the life come before it now
        elif not dropped:
            yield act
    yield from _due(waiting, None)
    if untouched:
        raise ValueError(f"the life holds nothing for {[tamperings[index] for index in sorted(untouched)]}")


def _due(waiting: list[Act], before: int | None) -> Iterator[Act]:
    """The acts that wait for a moment before this one (None: all of them), in the order of time."""
    waiting.sort(key=lambda other: other.at)
    while waiting and (before is None or waiting[0].at < before):
        yield waiting.pop(0)


def _change(act: Act, one: Put | Remove | Attribute | Lag | From, seen: Seen) -> None:
    if isinstance(one, Put):
        put(act.data, one.pointer, _value(one.value, act, seen, one.pointer))
    elif isinstance(one, Remove):
        *path, last = one.pointer.split("/")[1:]
        for place in _places(act.data, path):
            place.pop(last, None)
    elif isinstance(one, Attribute):
        if one.value is None:
            act.event.pop(one.name, None)
        else:
            act.event[one.name] = _value(one.value, act, seen, "")
    elif isinstance(one, Lag):
        act.recorded, act.stray = (act.at + one.seconds) * MICRO, True
    else:
        act.seat = one.seat if isinstance(one.seat, Seat) else seen.nth(one.seat.type, one.seat.nth).seat
        act.event["source"] = act.seat.source


def _another(act: Act, one: Add | Again, index: int, types: dict[str, str], seen: Seen) -> Act:
    at = act.at + one.seconds
    event = dict(act.event)
    event["id"], event["time"] = f"{act.event['id']}+{index}", moments.text(at)
    if isinstance(one, Add):
        event["data"] = _value(one.data, act, seen, "")
        subject = one.subject or event["subject"]
        if isinstance(subject, Stream):
            subject = f"{subject.prefix}:{_value(subject.of, act, seen, '')}"
        event["type"], event["subject"] = types[one.new], subject
        for name in ("person", "role", "seed"):
            event.pop(name, None)
        seat = one.seat or act.seat
    else:
        event["data"] = _copy(act.data)
        for pointer, value in one.changes:
            put(event["data"], pointer, _value(value, act, seen, pointer))
        seat = act.seat
    event["source"] = seat.source
    return Act(seat, event, at, at * MICRO + 5 * MICRO, act.sealed and isinstance(one, Again))


def _move(act: Act, seconds: int, *, claims: bool) -> None:
    act.at += seconds
    act.recorded += seconds * MICRO
    if claims:
        act.event["time"] = moments.text(act.at)


def _value(value: Any, act: Act, seen: Seen, pointer: str) -> Any:
    if isinstance(value, Same):
        return get(seen.nth(value.type, value.nth).data, value.pointer)
    if isinstance(value, More):
        stands = int(get(act.data, pointer))
        return stands + value.by + stands * value.basis_points // 10_000
    if isinstance(value, Later):
        moved = _later(act.event["time"] if value.pointer == "time" else get(act.data, value.pointer), value)
        return moved[:10] if _is_day(act.data, pointer) else moved
    if isinstance(value, dict):
        return {name: _value(item, act, seen, pointer) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value(item, act, seen, pointer) for item in value]
    return value


def _is_day(data: Any, pointer: str) -> bool:
    """Whether a date stands at the pointer: what is put there is a date, too."""
    try:
        stands = get(data, pointer)
    except (KeyError, IndexError, ValueError):
        return False
    return isinstance(stands, str) and len(stands) == len("2026-02-10")


def _later(stated: str, by: Later) -> str:
    if "T" in stated:
        return moments.text(int(clock.parse(stated).timestamp()) + by.days * moments.DAY + by.seconds)
    return moments.day_text(clock.parse(f"{stated}T00:00:00+08:00").astimezone(clock.BEIJING).toordinal() + by.days)


def get(data: Any, pointer: str) -> Any:
    """The value at a pointer below `data`. Raises KeyError or IndexError where there is none."""
    for step in pointer.split("/")[1:]:
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


def put(data: Any, pointer: str, value: Any) -> None:
    """Set the value at a pointer; `*` is each item of a list, `-` one more item."""
    *path, last = pointer.split("/")[1:]
    for place in _places(data, path):
        if isinstance(place, list):
            if last == "-":
                place.append(value)
            else:
                place[int(last)] = value
        else:
            place[last] = value


def _places(data: Any, path: Iterable[str]) -> list[Any]:
    found = [data]
    for step in path:
        if step == "*":
            found = [item for place in found for item in place]
        else:
            found = [place[int(step)] if isinstance(place, list) else place[step] for place in found]
    return found


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value
