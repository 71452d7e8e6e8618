"""Misconduct among honest lives: which lives are plans, and the labels that say what must come of them.

At a rate of r, about r ten-thousandths of the lives that begin are plans instead, each plan and each near-miss in its
turn, so that with lives enough every one occurs. A label is written when a planted life has ended:

    {"alerts":[{"rule":"TRD-11","severity":"H","tag":"lot:…"}],"ended":true,"kind":"misconduct",
     "plan":"TRD-11/two-days","fact":"…","tags":["lot:…","project:…"]}

`tags` are the streams that belong to the life alone, its project, and the tags of its alerts: nothing else may fire on
them. A life still open when the stream
ends has `"ended":false` and promises nothing.
"""

from collections.abc import Callable, Iterator
from typing import Any

from city.act import Act
from city.chance import Chance
from city.course import Course, Life
from city.kinds import Kind
from city.planning import Plan
from city.tampering import Seen

Label = dict[str, Any]


SHARED = (
    "catalogue", "credit", "exchange", "ledger", "organ", "party", "person", "report", "rulebook", "service", "source",
)  # fmt: skip
"""Streams that do not belong to one life: what others do there is not this label's business."""


class Misconduct:
    """Begins lives, some of them as plans. `write` gets each label."""

    def __init__(self, seed: int, plans: tuple[Plan, ...], basis_points: int, write: Callable[[Label], None]) -> None:
        self._plans, self._rate, self._write = plans, basis_points, write
        self._chance = Chance(seed, "misconduct")
        self._count = 0
        self._open: dict[str, tuple[Plan, bool, Seen]] = {}

    def start(self, kind: Kind, course: Course) -> Life:
        """The honest life of the kind, or the next plan in its place."""
        if kind.opening or not self._plans or not self._chance.often(self._rate):
            return kind.life(course)
        which, near = divmod(self._count, 2)
        self._count += 1
        return self._planted(self._plans[which % len(self._plans)], course, near=bool(near))

    def _planted(self, plan: Plan, course: Course, *, near: bool) -> Life:
        own = Course(course.city, f"{course.name}p", self._count, course.now)
        seen = Seen()
        self._open[own.name] = plan, near, seen
        yield from plan.run(own, seen, near=near)
        del self._open[own.name]
        self._write(label(plan, seen, near=near, ended=True))

    def close(self) -> None:
        """The stream has ended: label the lives that are still open."""
        for plan, near, seen in self._open.values():
            self._write(label(plan, seen, near=near, ended=False))
        self._open.clear()


def label(plan: Plan, seen: Seen, *, near: bool, ended: bool) -> Label:
    """What must come of a planted life: the alerts, and the tags on which nothing else may come."""
    kind = "near-miss" if near else "misconduct"
    silent = near or not ended
    alerts, findings = (
        [{"rule": one.rule, "severity": one.severity, "tag": one.tag.of(seen)} for one in wanted if not silent]
        for wanted in (plan.alerts, plan.findings)
    )
    tags = {*_tags(seen), *(one["tag"] for one in alerts)}
    return {
        "plan": plan.id,
        "kind": kind,
        "fact": plan.fact,
        "ended": ended,
        "alerts": alerts,
        "findings": findings,
        "tags": sorted(tags),
    }


def _tags(seen: Seen) -> Iterator[str]:
    for act in _acts(seen):
        subject = str(act.event["subject"])
        if subject.partition(":")[0] not in SHARED:
            yield subject
        if "project" in act.event:
            yield f"project:{act.event['project']}"


def _acts(seen: Seen) -> Iterator[Act]:
    for acts in seen.acts.values():
        yield from acts
