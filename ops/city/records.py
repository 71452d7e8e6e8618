"""Credit records as every life enters them: cited, verbatim, published and exchanged in time, disclosed when bad.

    record = yield from entered(course, regulator, Subject.of(firm), penalty, "CM-02")

A penalty, an established finding and an upheld complaint each want a record that cites them within seven working days
(CRD-04); the record is itself a decision to be made public (DIS-01), and a bad one is disclosed (INT-07).
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from city import moments
from city.act import Act, Pause
from city.course import Course, Life
from city.population import Firm, Organ
from city.publicity import exchanged, published

Entered = Generator[Act | Pause, None, Act]

ITEMS = {
    "CM-01": ("law", "grave"), "CM-02": ("law", "general"), "CM-03": ("promise", "serious"),
    "CM-04": ("law", "general"),
    "CM-05": ("promise", "general"), "CM-06": ("promise", "serious"), "CM-07": ("standards", "serious"),
    "CI-01": ("law", "grave"), "CI-02": ("law", "grave"), "CI-03": ("law", "serious"),
    "CI-04": ("standards", "general"),
    "CI-05": ("standards", "grave"), "CI-06": ("promise", "general"), "CI-09": ("law", "general"),
    "CE-01": ("evaluation-conduct", "grave"), "CE-02": ("standards", "serious"), "CE-03": ("standards", "minor"),
    "CE-04": ("service", "minor"), "CE-05": ("standards", "none"), "CE-06": ("service", "none"),
    "CE-07": ("service", "none"), "CM-08": ("promise", "none"), "CM-09": ("standards", "none"),
    "CM-10": ("promise", "none"), "CI-07": ("promise", "none"), "CI-08": ("standards", "none"),
}  # fmt: skip
"""Dimension and usual severity of an item (domain 5.4)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a record is about: a firm (`party`) or a person, and what kind of credit subject that is."""

    code: str
    kind: str
    field: str

    @classmethod
    def of(cls, firm: Firm) -> "Subject":
        """A firm."""
        between = firm.kind in ("agent", "designer", "supervisor", "reviewer", "auditor")
        return cls(firm.org, "intermediary" if between else "market", "party")

    @property
    def tags(self) -> dict[str, str]:
        """The field that carries the tag."""
        return {self.field: self.code}

    @property
    def stream(self) -> str:
        """The stream of its credit."""
        return f"credit:{self.code}"


def record(
    course: Course, organ: Organ, who: Subject, source: Act, item: str, polarity: str = "bad", severity: str = ""
) -> Act:
    """The entry of one record, now, citing its source."""
    dimension, usual = ITEMS[item]
    today = moments.date_text(course.now)
    data: dict[str, Any] = {
        "subject": who.code,
        **who.tags,
        "subject_kind": who.kind,
        "dimension": dimension,
        "polarity": polarity,
        "item_code": item,
        "severity": (severity or usual) if polarity == "bad" else "none",
        "source_decision": source.ref,
        "original_text": course.doc("decision"),
        "decided_on": today,
    }
    if "decision_no" in source.data:
        data["decision_no"] = source.data["decision_no"]
    if who.field == "party" and polarity == "bad":
        data["served_to"] = [who.code]
    return course.post("credit.record-entered", organ.seat, data, subject=who.stream)


def entered(
    course: Course,
    organ: Organ,
    who: Subject,
    source: Act,
    item: str,
    polarity: str = "bad",
    severity: str = "",
    until: int = 0,
) -> Entered:
    """A record one to three working days from now, made public, and disclosed when it is bad.

    `until`: days after which its publicity ends; 0 states none.
    """
    course.workdays(1, 3)
    act = record(course, organ, who, source, item, polarity, severity)
    if until:
        act.data["publicity_until"] = moments.day_text(moments.day_of(course.now) + until)
    yield act
    yield from _open(course, act, organ, who)
    if polarity == "bad":
        course.workdays(0, 2)
        yield disclosed(course, act, organ, who)
    return act


def disclosed(course: Course, act: Act, organ: Organ, who: Subject, form: str = "public") -> Act:
    """The disclosure of a record, now."""
    data: dict[str, Any] = {
        "record": act.ref,
        **who.tags,
        "channel": "credit-site",
        "from": moments.date_text(course.now),
        "form": form,
    }
    if "publicity_until" in act.data:
        data["to"] = act.data["publicity_until"]
    return course.post("credit.record-disclosed", organ.seat, data, subject=who.stream)


def _open(course: Course, act: Act, organ: Organ, who: Subject) -> Life:
    course.workdays(0, 2)
    yield published(course, act, organ, **(who.tags if who.field == "party" else {}))
    yield from exchanged(course, [act])
    course.open()
