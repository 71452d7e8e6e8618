"""Which groups there are: a reading of `x-sealed` and `x-opens` in the contracts, and of nothing else.

    groups = Groups(contracts)
    place(contract, event, tags)            # Place("lot:A01-1", "lot:A01-1#trading.bid-opened"), or None: not sealed
    groups.on("lot:A01-1")                  # every group of that stream, to be prepared when the stream begins
    groups.opened_by(event, tags)           # the groups that this event opens

A kind of group is a set of opening types on one kind of stream; all types that declare the same set share the group.
An event opens a group when its type is one of the openers and its contract says, `where` included, that it opens the
types sealed there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.contracts import Contract, Contracts
from ledger.fields import values
from ledger.sealed_events import forms

BODY = "organ:"
"""How the stream begins of what is sealed to a body, never to be opened: groups `organ:DIC#2026-11`, one a month."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Groups of one kind: the prefix of their streams, what opens them, what is sealed in them (without version)."""

    prefix: str
    openers: tuple[str, ...]
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event is sealed: the stream (a tag), and the group on it."""

    stream: str
    group: str


class Groups:
    """All kinds of groups that the contracts know."""

    def __init__(self, contracts: Contracts) -> None:
        sealed: dict[tuple[str, tuple[str, ...]], set[str]] = {}
        self._opens: dict[str, _Opens] = {}
        for contract in contracts:
            said = contract.raw.get("x-sealed", {})
            if "until" in said:
                sealed.setdefault((said["on"], tuple(sorted(said["until"]))), set()).add(_name(contract.type))
            opens = contract.raw.get("x-opens")
            if opens is not None:
                types, closes = frozenset(opens["types"]), frozenset(opens.get("closes", ()))
                self._opens[contract.type] = _Opens(opens["on"], types, opens.get("where", {}), closes)
        self.kinds = tuple(Kind(*key, frozenset(members)) for key, members in sorted(sealed.items()))
        self.prefixes = frozenset(kind.prefix for kind in self.kinds)
        openers = {name for kind in self.kinds for name in kind.openers}
        self.triggers = frozenset(type_ for type_ in self._opens if _name(type_) in openers)
        """Types, with version, of which some event opens some group."""

    def on(self, stream: str) -> list[str]:
        """Every group that can be on a stream, sorted."""
        prefix = stream.partition(":")[0]
        return [forms.group_of(stream, kind.openers) for kind in self.kinds if kind.prefix == prefix]

    def opened_by(self, event: Mapping[str, Any], tags: Iterable[str]) -> list[str]:
        """The groups that an event opens, sorted; `event` as committed."""
        found, stream = self._ending(event, tags)
        if found is None or stream is None:
            return []
        name = _name(event["type"])
        return [
            forms.group_of(stream, kind.openers)
            for kind in self.kinds
            if kind.prefix == found.prefix and name in kind.openers and not kind.members.isdisjoint(found.types)
        ]

    def closed_by(self, event: Mapping[str, Any], tags: Iterable[str]) -> list[str]:
        """The groups that an event ends without opening them, sorted: they are accounted for, and stay hidden."""
        found, stream = self._ending(event, tags)
        if found is None or stream is None:
            return []
        return [
            forms.group_of(stream, kind.openers)
            for kind in self.kinds
            if kind.prefix == found.prefix and not kind.members.isdisjoint(found.closes)
        ]

    def _ending(self, event: Mapping[str, Any], tags: Iterable[str]) -> tuple["_Opens | None", str | None]:
        """What the event's contract says of opening, where it holds for this one, and the stream it is said of."""
        found = self._opens.get(event["type"])
        if found is None or not _holds(found.where, event.get("data")):
            return None, None
        return found, stream_of(found.prefix, event, tags)


@dataclass(frozen=True, slots=True)
class _Opens:
    """`x-opens` of a contract."""

    prefix: str
    types: frozenset[str]
    where: Mapping[str, Any]
    closes: frozenset[str]


def place(contract: Contract, event: Mapping[str, Any], tags: Iterable[str]) -> Place | None:
    """Where an event is sealed by its contract; None where it stands in clear.

    Raises LookupError where it is to be sealed and has no tag of the stream on which that is.
    """
    said = contract.raw.get("x-sealed")
    if said is None or not contract.is_sealed(event["data"]):
        return None
    if "to" in said:
        body = f"{BODY}{said['to']}"
        return Place(body, f"{body}#")  # its month is that in which it is sealed
    stream = stream_of(said["on"], event, tags)
    if stream is None:
        raise LookupError(said["on"])
    return Place(stream, forms.group_of(stream, said["until"]))


def stream_of(prefix: str, event: Mapping[str, Any], tags: Iterable[str]) -> str | None:
    """The stream of that kind that an event concerns: its subject, or else its first tag of that kind."""
    return next((tag for tag in (event["subject"], *tags) if tag.startswith(f"{prefix}:")), None)


def _name(type_: str) -> str:
    return type_.rsplit(".", 1)[0]


def _holds(where: Mapping[str, Any], data: object) -> bool:
    """Each pointer leads to one of its allowed values."""
    return all(any(value in allowed for _, value in values(data, pointer)) for pointer, allowed in where.items())
