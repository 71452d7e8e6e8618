"""What lives yield: an `Act`, one event with its poster and moments, or a `Pause`, which lets time pass.

An act is made by `Course.post`; nobody else fills one in by hand, tamperings excepted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from city.moments import stamp


@dataclass(frozen=True, slots=True)
class Seat:
    """A place from which is posted: the organisation's code, its organ (ASB, PTC …), the system it posts through."""

    org: str
    organ: str
    source: str


@dataclass(slots=True)
class Act:
    """An event on its way into the log.

    `at` (seconds) is when it happened and the order in which a life yields; `recorded` (microseconds) is when it
    reaches the ledger: never before `at`, and never behind the next act of the same life unless `stray` says so.
    `gap` is how many numbers its source skips before it (an honest source skips none).
    `late` fills in what only that moment knows, such as the position the log has come to.
    """

    seat: Seat
    event: dict[str, Any]
    at: int
    recorded: int
    sealed: bool = False
    stray: bool = False
    gap: int = 0
    late: Callable[["Act"], None] | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The payload."""
        payload: dict[str, Any] = self.event["data"]
        return payload

    @property
    def type(self) -> str:
        """The event type without its version: `trading.bid-opened`."""
        name: str = self.event["type"]
        return name[: name.rindex(".")]

    @property
    def ref(self) -> dict[str, str]:
        """How another event refers to this one."""
        return {"source": self.event["source"], "id": self.event["id"]}

    def says(self) -> dict[str, Any]:
        """The line of the file: event, poster and moment."""
        poster = {"org": self.seat.org, "organ": self.seat.organ}
        return {"event": self.event, "poster": poster, "recorded": stamp(self.recorded)}


class Referable(Protocol):
    """An act, or what is left of one: it can be referred to."""

    @property
    def ref(self) -> dict[str, str]:
        """How another event refers to it."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing happens until `until` (seconds)."""

    until: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A `ledger.checkpoint-sealed` of the rules' clock; `recorded` in microseconds, on the hour."""

    kind: str
    recorded: int
