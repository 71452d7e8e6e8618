"""How a matter went against how it should have gone: the fold of a process over the entries of one tag.

    for course in courses(edition.processes, dossier.tag, dossier.entries):
        course.process.id, course.state, course.values["bid_deadline"], course.walked["publicise"]
        [(step.id, step.status, step.org) for step in course.steps()]

The fold never refuses an entry. Where it finds the matter in another state than the step asks for, it looks whether
regular steps lead there: then these were passed over (`skipped`), and the state follows what happened. Where the
matter is already past, the step came too late: `late` if it had been passed over, else `out-of-order`, and the state
stays. A condition that ought to hold (`guard`) and does not is noted, never enforced.

Pure: the same entries in the same order give the same course. Checkpoints may stand among the entries; by them alone
a due date passes. What is still sealed has no data to judge and must be left out until it is opened.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from ledger.clock import BEIJING, parse
from ledger.fields import values as pointed_values
from projections.derivation import Derivation, Happening, References
from projections.patterns import selects
from projections.predicates import Scene, holds
from projections.processes import BACK, CLOCK, ENVELOPE, STAY, Must, Process, Transition, bare

Order = Literal["regular", "ahead", "behind"]
Status = Literal["present", "missing", "skipped", "late", "out-of-order"]


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: by which entry and whom, from which state to which, in what order.

    `guard` is what its condition said: True, False, or None where it has none or cannot be told.
    """

    step: str
    frm: str | None
    to: str | None
    position: int
    time: str
    org: str
    order: Order
    guard: bool | None


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a step that may not be left out. `position`, `time` and `org` where it came at all.

    `passed_at` is the entry that passed it over: of a skipped or late step.
    """

    id: str
    title: str
    title_en: str
    status: Status
    position: int | None = None
    time: str | None = None
    org: str | None = None
    passed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the coverage skeleton: is it demanded of this category (None: cannot be told), and was it proven?"""

    id: str
    title: str
    title_en: str
    demanded: bool | None
    proven: bool


@dataclass(slots=True)
class Course:
    """One instance of a process as far as it has come; `opened_at` names it where a tag holds several."""

    process: Process
    opened_at: int | None = None
    state: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)
    undecided: list[int] = field(default_factory=list)
    skeleton: tuple[Mapping[str, Any], ...] = ()
    proofs: dict[tuple[str, int], int] = field(default_factory=dict)
    before_aside: str | None = None

    @property
    def walked(self) -> Counter[str]:
        """How often each transition was taken in its regular order."""
        return Counter(one.step for one in self.taken if one.order == "regular")

    @property
    def irregular(self) -> list[Taken]:
        """Steps taken although their condition did not hold."""
        return [one for one in self.taken if one.guard is False]

    @property
    def ended(self) -> bool | None:
        """Whether the matter may end where it stands; None where that cannot be told."""
        return self.state is not None and self.demands(self.process.states[self.state].final)

    def demands(self, must: Must) -> bool | None:
        """Whether a `must` or `final` holds with the values derived so far."""
        return must if isinstance(must, bool) else holds(must, Scene({}, state=self.values))

    def steps(self) -> list[Step]:
        """The steps that may not be left out, in the order of the file.

        One that has not come is listed while it is demanded and still lies ahead, or once it was passed over.
        """
        ahead = self.process.ahead(self.state)
        return [step for one in self.process.transitions if (step := self._step(one, ahead)) is not None]

    def stages(self) -> list[Stage]:
        """The stages of the coverage skeleton; none where the process has none."""
        found = []
        for stage in self.skeleton:
            cell = stage["when"].get(self.values.get("category"))
            demanded = (
                None if cell is None else self.demands(cell["must"]) if isinstance(cell, dict) else cell == "must"
            )
            proven = all((stage["id"], number) in self.proofs for number in range(len(stage["proof"])))
            still_open = self.values.get(stage["closed"]) if "closed" in stage else ()
            found.append(Stage(stage["id"], stage["title"], stage["x-title-en"], demanded, proven and not still_open))
        return found

    def _step(self, one: Transition, ahead: frozenset[str | None]) -> Step | None:
        came = next((taken for taken in self.taken if taken.step == one.id), None)
        passed_at = self.passed.get(one.id)
        if one.must is False:
            return None
        if came is None:
            if passed_at is None and (ahead.isdisjoint(one.frm or (None,)) or self.demands(one.must) is not True):
                return None
            status: Status = "missing" if passed_at is None else "skipped"
            return Step(one.id, one.title, one.title_en, status, passed_at=passed_at)
        late = passed_at is not None and passed_at <= came.position
        status = "late" if late else "present" if came.order == "regular" else "out-of-order"
        return Step(one.id, one.title, one.title_en, status, came.position, came.time, came.org, passed_at)


def fold(process: Process, entries: Iterable[Happening], keeper: Process | None = None) -> tuple[Course, ...]:
    """The courses of a process over the entries of one tag, in the order given; one, unless the tag holds several.

    `keeper` is the process that keeps its skeleton, where it is another one (`Process.skeleton_of`).
    """
    folds = _Folds(process, keeper or process)
    for entry in entries:
        folds.take(entry)
    return tuple(one.course for one in folds.each)


def courses(processes: Mapping[str, Process], tag: str, entries: Sequence[Happening]) -> list[Course]:
    """The courses of all processes that a tag's entries belong to, in order of process and of opening.

    A process that says to what it `applies` is left out unless its own derived values make that true; one without
    any step taken is left out as well.
    """
    prefix = tag.partition(":")[0]
    return [
        course
        for name in sorted(processes)
        for process in (processes[name],)
        if process.prefix == prefix
        for course in fold(process, entries, processes.get(process.skeleton_of))
        if course.taken and (process.applies is None or course.demands(process.applies) is True)
    ]


class _Folds:
    """Deals the entries out to the instances they belong to."""

    def __init__(self, process: Process, keeper: Process) -> None:
        self._process, self._keeper = process, keeper
        self._known = References()
        self._of: dict[int, _Fold] = {}
        self.each: list[_Fold] = [] if process.each else [self._open(None)]

    def take(self, entry: Happening) -> None:
        self._known.add(entry)
        type_ = bare(entry.type)
        for one in self._concerned(entry, type_):
            one.take(entry, type_, self._known)

    def _open(self, at: int | None) -> "_Fold":
        return _Fold(self._process, self._keeper, at)

    def _concerned(self, entry: Happening, type_: str) -> list["_Fold"]:
        if self._process.each is None or type_ == CLOCK:
            return self.each
        if selects(self._process.each, entry) is True:
            self._of[entry.position] = self._open(entry.position)
            self.each.append(self._of[entry.position])
            return [self._of[entry.position]]
        for pointer in self._process.follows:
            for _, reference in pointed_values(entry.data, pointer):
                found = self._of.get(self._known.resolve(reference) or 0)
                if found is not None:
                    self._of[entry.position] = found
                    return [found]
        return []


class _Fold:
    """Folds one instance."""

    def __init__(self, process: Process, keeper: Process, opened_at: int | None) -> None:
        self._process, self._keeper = process, keeper
        self._derivation = Derivation(process)
        self._names: dict[str, dict[str, Mapping[str, Any]]] = {name: {} for name in process.names}
        self.course = Course(process, opened_at, values=self._derivation.values, skeleton=keeper.skeleton)

    def take(self, entry: Happening, type_: str, known: References) -> None:
        for name, selector in self._process.names.items():
            if selects(selector, entry) is True:
                self._names[name][entry.subject] = entry.data
        named = {name: seen[entry.subject] for name, seen in self._names.items() if entry.subject in seen}
        named[ENVELOPE] = {"time": entry.time, "recorded": entry.recorded, "org": entry.poster.get("org")}
        scene = Scene(entry.data, named, self.course.values)
        self._derivation.take(entry, type_, scene, known)
        for stage, number, selector in self._keeper.proofs_by.get(type_, ()):
            if selects(selector, entry, scene) is True:
                self.course.proofs.setdefault((stage, number), entry.position)
        answers = [(one, self._wants(one, entry, scene)) for one in self._process.by_type.get(type_, ())]
        wanted = [one for one, answer in answers if answer is True]
        if wanted:
            self._step(wanted, entry, scene)
        elif any(answer is None for _, answer in answers):
            self.course.undecided.append(entry.position)

    def _wants(self, one: Transition, entry: Happening, scene: Scene) -> bool | None:
        if one.due is None:
            return selects(one.on, entry, scene)
        passed = is_over(self.course.values.get(one.due), entry.data.get("as_of"))
        return self.course.state in one.frm and passed is True

    def _step(self, wanted: list[Transition], entry: Happening, scene: Scene) -> None:
        state = self.course.state
        here = next((one for one in wanted if (state in one.frm if one.frm else state is None)), None)
        if here is not None:
            self._go(here, entry, scene, "regular")
            return
        ways = [(way, one) for one in wanted for start in one.frm if (way := self._way(start)) is not None]
        if ways:
            way, one = min(ways, key=lambda each: (self._weight(each[0]), self._process.transitions.index(each[1])))
            for passed in way:
                self._pass_before(passed, entry)
                if self.course.demands(passed.must) is True:
                    self.course.passed.setdefault(passed.id, entry.position)
            self._go(one, entry, scene, "ahead")
        else:
            self._go(wanted[0], entry, scene, "behind")

    def _way(self, goal: str) -> tuple[Transition, ...] | None:
        """The regular steps from where the matter stands to a later state, with the fewest that may not be left out."""
        best: dict[str | None, tuple[Transition, ...]] = {self.course.state: ()}
        for state in sorted(self._process.rank, key=self._process.rank.__getitem__):
            if state in best:
                for one, to in self._process.forward(state):
                    way = (*best[state], one)
                    if to not in best or self._weight(way) < self._weight(best[to]):
                        best[to] = way
        return best.get(goal) if goal != self.course.state else None

    def _weight(self, way: tuple[Transition, ...]) -> tuple[int, int]:
        return sum(self.course.demands(one.must) is True for one in way), len(way)

    def _go(self, one: Transition, entry: Happening, scene: Scene, order: Order) -> None:
        self._pass_before(one, entry)
        course = self.course
        before = course.state
        if order != "behind" and one.to != STAY:
            if one.aside and one.to != BACK:
                course.before_aside = before
            course.state = course.before_aside if one.to == BACK else one.to
        guard = None if one.guard is None else holds(one.guard, scene)
        org = str(entry.poster.get("org", ""))
        course.taken.append(Taken(one.id, before, course.state, entry.position, entry.time, org, order, guard))

    def _pass_before(self, one: Transition, entry: Happening) -> None:
        """Note what should have come before a step and has not, where no state tells it."""
        for other in self._process.orderly:
            if one.id in other.before and not self._came(other.id) and self.course.demands(other.must) is True:
                self.course.passed.setdefault(other.id, entry.position)

    def _came(self, step: str) -> bool:
        return any(taken.step == step for taken in self.course.taken)


def is_over(due: Any, as_of: Any) -> bool | None:
    """Whether a date (24:00 of it, civil time) or a moment lies behind `as_of`; None where either is not known."""
    if not isinstance(due, str) or not isinstance(as_of, str):
        return None
    try:
        if len(due) == len("2026-02-13"):
            end = datetime.combine(date.fromisoformat(due) + timedelta(days=1), time(), BEIJING)
        else:
            end = parse(due)
        return parse(as_of) >= end
    except (ValueError, OverflowError):
        return None
