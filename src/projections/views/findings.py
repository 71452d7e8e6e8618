"""Findings 判断: every line of the rules' verdicts, also readings and what nobody can judge, which are no alerts."""

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from ledger.entry import Entry
from projections.alerts import event
from projections.clocks import Reading
from projections.judge import Found, Ruling, shipped
from projections.views.batch import Batch, put
from projections.views.page import Column, Table

NAME = "findings"
TITLE = ("判断", "Findings")
NOTE = ("读法一栏属解释问题，背景级，不是预警。", "Readings are interpretations: background, not alerts.")
COLUMNS = (
    Column("id", "编号", "Id", "code"),
    Column("rule", "规则", "Rule", "code"),
    Column("kind", "种类", "Kind", "code"),
    Column("severity", "级别", "Level", "severity"),
    Column("code", "读法或原因", "Reading or reason", "code"),
    Column("scope", "范围", "Scope", "tag"),
    Column("text_zh", "说明", "Text (Chinese)", "text", link="scope"),
    Column("text_en", "说明（英文）", "Text", "text", link="scope"),
    Column("alert", "应报预警", "Alert due", "count"),
    Column("position", "成立于条目", "Completed by entry", "position"),
)
TABLE = Table(NAME, COLUMNS)
page, one = TABLE.page, TABLE.one

_REASONS = {
    "calendar-missing": (
        "所涉年份的工作日历尚未公布，不作结论。",
        "No calendar is published for that year: no verdict.",
    ),
    "start-missing": ("未写明开始时间，不作结论。", "No start is stated: no verdict."),
    "end-before-start": ("截止早于开始，不作结论。", "The end is before the start: no verdict."),
    "not-in-force": ("当时该规定尚未施行，不作结论。", "The law was not yet in force: no verdict."),
}


def apply(conn: Connection[Any], batch: Batch) -> None:
    """Add a batch: its findings, then by entry the readings that hold and what could not be judged."""
    rows = [_finding(found) for found in batch.findings]
    for entry in batch.entries:
        rows += (line for ruling in batch.rulings.get(entry.position, ()) for line in _lines(entry, ruling))
    put(conn, NAME, rows, "ON CONFLICT (id) DO NOTHING")


def _finding(found: Found) -> dict[str, Any]:
    finding = found.finding
    return {
        "id": finding.id,
        "first": finding.evaluated_at,
        "position": finding.evaluated_at,
        "rule": finding.rule,
        "edition": finding.edition,
        "kind": "finding",
        "severity": finding.severity,
        "grade": None,
        "code": None,
        "scope": finding.scope,
        "text_zh": finding.text_zh,
        "text_en": finding.text_en,
        "alert": 1,
        "event": event(found),
    }


def _lines(entry: Entry, ruling: Ruling) -> Iterator[dict[str, Any]]:
    verdict = ruling.verdict
    if verdict.state == "undeterminable" and verdict.reason is not None:
        zh, en = _REASONS[verdict.reason]
        line = Reading(verdict.reason, None, zh, en)
        yield _line(entry, ruling, "undeterminable", line)
    for reading in verdict.readings:
        if reading.holds:
            yield _line(entry, ruling, "reading", reading)


def _line(entry: Entry, ruling: Ruling, kind: str, line: Reading) -> dict[str, Any]:
    return {
        "id": f"{ruling.rule}|{ruling.clause}|{ruling.scope}|{entry.position}|{line.id}",
        "first": entry.position,
        "position": entry.position,
        "rule": ruling.rule,
        "edition": shipped().edition.digest,
        "kind": kind,
        "severity": line.severity,
        "grade": line.grade if kind == "reading" else None,
        "code": line.id,
        "scope": ruling.scope,
        "text_zh": line.zh,
        "text_en": line.en,
        "alert": 0,
        "event": None,
    }
