"""What a plan of misconduct is, and how plans are mixed into the honest city.

A plan is an honest life, run with `options`, and its tamperings; beside it stands the near-miss: the same life with
other tamperings, which differs in the one stated fact and must raise nothing. Both say which alerts must come.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from city import plans
from city.act import Pause
from city.course import Course, Life
from city.moments import DAY
from city.tampering import Seen, Tampering, get, tampered


@dataclass(frozen=True, slots=True)
class Tag:
    """The scope tag of an alert: the subject of the `nth` act of a type, or `prefix:` and the value at a pointer.

    The prefix `source` is that of the act's source.
    """

    type: str
    prefix: str = ""
    pointer: str = ""
    nth: int = 1

    def of(self, seen: Seen) -> str:
        """The tag, in a life that has run."""
        act = seen.nth(self.type, self.nth)
        if self.prefix == "source":
            return f"source:{act.event['source']}"
        return f"{self.prefix}:{get(act.data, self.pointer)}" if self.pointer else str(act.event["subject"])


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that must come: rule (with its clause letter, if any), severity C, H, M or L, and where."""

    rule: str
    severity: str
    tag: Tag


@dataclass(frozen=True, slots=True)
class Plan:
    """Misconduct against one rule. `fact` says in a sentence what differs from the near-miss.

    `life(course, **options)` is the honest life; `bad` and `near` are the tamperings of plan and near-miss; `alerts`
    must come from the plan and no other, on none of the tags of either; `findings` are what a rule finds and tells only
    to the collusion workbench and to COL-17 (`decisions.md` 11). `wait`: days the life stays open behind its
    last act, so that what is due by an absence has come when the label says that it has ended.
    """

    rule: str
    name: str
    fact: str
    life: Callable[..., Life]
    bad: tuple[Tampering, ...]
    near: tuple[Tampering, ...]
    alerts: tuple[Alert, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    near_options: Mapping[str, Any] | None = None
    wait: int = 0
    findings: tuple[Alert, ...] = ()

    @property
    def id(self) -> str:
        """What labels call it: `TRD-11/two-days`."""
        return f"{self.rule}/{self.name}"

    def run(self, course: Course, seen: Seen, *, near: bool) -> Life:
        """The life of the plan or of its near-miss; `seen` is filled as it goes."""
        options = self.near_options if near and self.near_options is not None else self.options
        types = {name: facts.type for name, facts in course.city.facts.items()}
        yield from tampered(self.life(course, **options), self.near if near else self.bad, types, seen)
        if self.wait:
            yield Pause(course.now + self.wait * DAY)


def told(
    rule: str,
    name: str,
    fact: str,
    life: Callable[..., Life],
    wrong: Mapping[str, Any],
    right: Mapping[str, Any],
    *alerts: Alert,
    wait: int = 0,
) -> Plan:
    """A plan whose one fact is an option of its life: `wrong` for the plan, `right` for the near-miss."""
    return Plan(rule, name, fact, life, (), (), alerts, wrong, right, wait)


def all_plans() -> tuple[Plan, ...]:
    """Every plan, by rule and name. Raises ValueError where two have one id."""
    found: dict[str, Plan] = {}
    for module in sorted(one.name for one in iter_modules(plans.__path__)):
        for plan in getattr(import_module(f"city.plans.{module}"), "PLANS", ()):
            if plan.id in found:
                raise ValueError(f"two plans are called {plan.id}")
            found[plan.id] = plan
    return tuple(found[name] for name in sorted(found))
