"""Values kept by the fold of a process: a bid deadline, a category, what is still open (`schemas/formats/process.md`).

Each is a pure function of the entries folded so far. `{"last": […]}` and `{"first": […]}` take one value of those met,
`{"distinct": […]}` all of them once, `{"sum": […]}` and `{"count": […]}` a number, `{"open": {…}}` what has been
opened and not closed, `{"starts": {…}}` a class told by the beginning of another value, `{"length": name}` how many a
list holds. A value
that nothing has given is absent, and what asks for it is *unknown* (`projections.predicates`); numbers begin with 0
and lists are empty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ledger.fields import values
from projections.patterns import Trigger, selects
from projections.predicates import Scene
from projections.processes import Process


class Happening(Trigger, Protocol):
    """What the fold of a process needs of an entry beside what a pattern does (`ledger.entry.Entry` has it)."""

    @property
    def source(self) -> str:
        """The posting system; with `id` unique."""

    @property
    def id(self) -> str:
        """The source's own number."""

    @property
    def time(self) -> str:
        """When it happened, as the poster says."""

    @property
    def poster(self) -> Mapping[str, Any]:
        """Who posted it: `org`, `via`."""


@dataclass(slots=True)
class References:
    """Where the entries met so far stand, so that a reference can be followed: a position, or source and id."""

    positions: set[int] = field(default_factory=set)
    named: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, entry: Happening) -> None:
        """One more entry."""
        self.positions.add(entry.position)
        self.named[entry.source, entry.id] = entry.position

    def resolve(self, reference: Any) -> int | None:
        """The position that a `ref` means; None where it leads to none of the entries met."""
        if isinstance(reference, Mapping):
            return self.named.get((str(reference.get("source")), str(reference.get("id"))))
        return reference if isinstance(reference, int) and reference in self.positions else None


class Derivation:
    """The derived values of one instance; `values` is what predicates see as `{"state": name}`."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.values: dict[str, Any] = {}
        for name, how in process.derive.items():
            if how.keys() & {"sum", "count", "length"}:
                self.values[name] = 0
            elif "distinct" in how or "open" in how:
                self.values[name] = []

    def take(self, entry: Happening, type_: str, scene: Scene, references: References) -> None:
        """Fold one entry of a type (without version), in the order of the file; `scene` sees `values`."""
        for name, how in self._process.derived_by.get(type_, ()):
            if "open" in how:
                self.values[name] = _open(how["open"], self.values[name], entry, scene, references)
            elif "starts" in how:
                _begin(name, how, self.values)
            elif "length" in how:
                self.values[name] = len(self.values[how["length"]])
            elif "count" in how:
                for one in how["count"]:
                    if selects(one, entry, scene) is True:
                        self.values[name] += -1 if one.get("less") else 1
            else:
                kind = next(kind for kind in _FOLDS if kind in how)
                for source, found in _found(how[kind], entry, scene):
                    _FOLDS[kind](self.values, name, found, source)


def _found(sources: list[Mapping[str, Any]], entry: Happening, scene: Scene) -> Iterator[tuple[Mapping[str, Any], Any]]:
    for source in sources:
        if selects(source, entry, scene) is True:
            yield from ((source, found) for _, found in values(entry.data, source["get"]))


def _last(kept: dict[str, Any], name: str, found: Any, _: Mapping[str, Any]) -> None:
    kept[name] = found


def _first(kept: dict[str, Any], name: str, found: Any, _: Mapping[str, Any]) -> None:
    kept.setdefault(name, found)


def _distinct(kept: dict[str, Any], name: str, found: Any, _: Mapping[str, Any]) -> None:
    if found not in kept[name]:
        kept[name] = [*kept[name], found]


def _sum(kept: dict[str, Any], name: str, found: Any, source: Mapping[str, Any]) -> None:
    kept[name] += -found if source.get("less") else found


_FOLDS = {"last": _last, "first": _first, "distinct": _distinct, "sum": _sum}


def _begin(name: str, how: Mapping[str, Any], kept: dict[str, Any]) -> None:
    """The class of the longest beginning that fits; absent where none does."""
    whole = str(kept.get(how["of"], ""))
    fitting = [start for start in how["starts"] if whole.startswith(start)]
    if fitting:
        kept[name] = how["starts"][max(fitting, key=len)]
    else:
        kept.pop(name, None)


def _open(how: Mapping[str, Any], still: list[Any], entry: Happening, scene: Scene, known: References) -> list[Any]:
    """What was opened and not closed: positions where a closing entry `refers` to the opened one, else subjects."""
    refers = how.get("refers")
    if selects(how["opened"], entry, scene) is True:
        key = entry.subject if refers is None else entry.position
        return still if key in still else [*still, key]
    if selects(how["closed"], entry, scene) is not True:
        return still
    closed = [entry.subject] if refers is None else [known.resolve(found) for _, found in values(entry.data, refers)]
    return [one for one in still if one not in closed]
