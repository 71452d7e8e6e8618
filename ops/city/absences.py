"""What a whole city leaves out: rules that speak because nobody, anywhere, did something.

No single life can break them, so a city is told with one absence, or with its near-miss, which differs in one stated
fact:

    ops/simulate --events 20000 --absence RPT-02/no-party-group --labels labels.ndjson --out city.ndjson
    ops/simulate --events 20000 --absence RPT-02/no-party-group --near …

The label names the alerts that must come when the city has lasted until `until`; earlier it promises nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from city import moments
from city.act import Act, Pause, Tick
from city.course import MICRO, Life
from city.world import City

Named = tuple[str, str, Callable[[City], str]]
"""An alert: rule, severity, and its tag in a city."""


@dataclass(frozen=True, slots=True)
class Absence:
    """`gone`: which acts never come; `near`: which of them the near-miss lacks; `ticks` says both of ticks."""

    rule: str
    name: str
    fact: str
    until: date
    alerts: tuple[Named, ...]
    gone: Callable[[Act], bool] = lambda _: False
    near: Callable[[Act], bool] = lambda _: False
    ticks: Callable[[Tick, bool], bool] = lambda _tick, _near: False

    @property
    def id(self) -> str:
        """What the command and labels call it."""
        return f"{self.rule}/{self.name}"

    def left_out(self, life: Life, *, near: bool) -> Life:
        """The life without what is absent."""
        gone = self.near if near else self.gone
        return (act for act in life if isinstance(act, Pause) or not gone(act))

    def label(self, city: City, last: int, *, near: bool) -> dict[str, Any]:
        """What must come of a city whose last act was recorded at `last` (microseconds)."""
        ended = last >= moments.at(self.until.toordinal()) * MICRO
        alerts = [
            {"rule": rule, "severity": severity, "tag": tag(city)}
            for rule, severity, tag in self.alerts
            if ended and not near
        ]
        return {
            "plan": self.id,
            "kind": "near-miss" if near else "misconduct",
            "fact": self.fact,
            "ended": ended,
            "alerts": alerts,
            "findings": [],
            "tags": sorted({one["tag"] for one in alerts}),
        }


def _stated(type_: str, **members: object) -> Callable[[Act], bool]:
    """Acts of a type whose payload says so."""
    return lambda act: act.type == type_ and all(act.data.get(name) == value for name, value in members.items())


def _organ(code: str) -> Callable[[City], str]:
    return lambda city: f"organ:{city.organ(code).org}"


def _stream(tag: str) -> Callable[[City], str]:
    return lambda _: tag


def _no_tick(tick: Tick, near: bool) -> bool:
    """Two days of the autumn holiday, on which nothing is drawn; the near-miss keeps midnight."""
    day = moments.day_of(tick.recorded // MICRO)
    return day in _HOLIDAY and not (near and tick.kind == "daily")


_HOLIDAY = (date(2025, 10, 4).toordinal(), date(2025, 10, 5).toordinal())
_GUIDE, _OVERSIGHT, _WEEKLY = "disclosure.guide-published", "supervision.oversight-recorded", "report.weekly-submitted"

ABSENCES = (
    Absence(
        "LED-07", "two-days-without-a-tick", "两日没有检查点 / 只缺整点的 · no tick for two days / hourly ones",
        date(2025, 10, 7), (("LED-07", "H", _stream("ledger:log")),), ticks=_no_tick,
    ),
    Absence(
        "RPT-01", "one-section-one-week", "一个科室缺一周周报 / 各科室都报 · a weekly report is missing / none",
        date(2025, 10, 14), (("RPT-01", "L", _stream("report:2025")),),
        _stated(_WEEKLY, section="office", week="2025-W39"),
    ),
    Absence(
        "RPT-02", "no-party-group", "整季没有党组研究 / 每季至少一次 · the party group never met / each quarter",
        date(2026, 1, 5), (("RPT-02", "L", _stream("report:2025")),),
        lambda act: act.type == "report.party-group-reviewed",
        lambda act: act.type == "report.party-group-reviewed" and not act.data["held_on"].endswith(tuple("13579")),
    ),
    Absence(
        "RPT-03", "no-assessment", "上年度未考核 / 只考核科室 · last year was not assessed / only the sections were",
        date(2026, 4, 2), (("RPT-03", "L", _stream("report:2026")),),
        lambda act: act.type == "report.assessment-decided",
        lambda act: act.type == "report.assessment-decided" and "section" not in act.data,
    ),
    Absence(
        "SUP-04", "never-evaluated", "从未评估分析监管 / 评估过 · the analysis is never evaluated / is",
        date(2026, 1, 5), (("SUP-04", "L", _organ("ASB")),), _stated(_OVERSIGHT, kind="analysis-evaluation"),
    ),
    Absence(
        "SUP-09", "never-together", "一年没有联合执法 / 有 · no joint enforcement for a year / some",
        date(2026, 6, 30), (("SUP-09", "L", _organ("ASB")),), _stated(_OVERSIGHT, kind="joint-enforcement"),
    ),
    Absence(
        "CAD-22", "no-flow-chart", "人防流程图从未公布 / 公布 · the flow chart was never published / was",
        date(2025, 9, 1), (("CAD-22", "L", _organ("CAD-C")),),
        lambda act: act.type == _GUIDE and act.data["kind"] == "flowchart" and act.seat.organ == "CAD-C",
    ),
    Absence(
        "CAD-23", "no-hotline", "人防监督电话从未公布 / 公布 · the hotline of air-defence was never published / was",
        date(2025, 9, 1), (("CAD-23", "M", _organ("CAD-C")),),
        lambda act: act.type == _GUIDE and act.data["kind"] == "hotline" and act.seat.organ == "CAD-C",
    ),
)  # fmt: skip


def absence(name: str) -> Absence:
    """The one of that name. Raises KeyError."""
    return {one.id: one for one in ABSENCES}[name]
