"""Alerts 预警: one row a recorded alert. An alert is a question, not a conclusion."""

from typing import Any

from psycopg import Connection

from ledger.entry import Entry
from projections.dossier import ALERT
from projections.views.batch import Batch, put
from projections.views.page import Column, Table

NAME = "alerts"
TITLE = ("预警", "Alerts")
NOTE = ("预警是问题，不是结论；不影响信用评分。", "An alert is a question, not a conclusion; it does not touch credit.")
COLUMNS = (
    Column("id", "预警号", "Alert", "code", link="id"),
    Column("severity", "级别", "Level", "severity"),
    Column("rule", "规则", "Rule", "code"),
    Column("scope", "范围", "Scope", "tag"),
    Column("project", "项目", "Project", "tag"),
    Column("text_zh", "事由", "Reason (Chinese)", "text", link="id"),
    Column("text_en", "事由（英文）", "Reason", "text", link="id"),
    Column("status", "状态", "Status", "code"),
    Column("evidence_first", "首要证据", "First evidence", "position"),
    Column("evaluated_at", "成立于条目", "Completed by entry", "position"),
    Column("recorded", "入账", "Recorded", "ts"),
    Column("position", "条目", "Entry", "position"),
)
TABLE = Table(NAME, COLUMNS)
page, one = TABLE.page, TABLE.one


def apply(conn: Connection[Any], batch: Batch) -> None:
    """Add a batch: the alerts among its entries. The first entry of an alert counts; there is no second."""
    rows = [_row(entry) for entry in batch.entries if entry.type == ALERT]
    put(conn, NAME, rows, "ON CONFLICT (id) DO NOTHING")


def _row(entry: Entry) -> dict[str, Any]:
    data = entry.data
    positions = [place for place in data["evidence"] if isinstance(place, int)]
    return {
        "id": entry.subject.removeprefix("alert:"),
        "first": entry.position,
        "position": entry.position,
        "severity": data["severity"],
        "rule": data["rule"],
        "edition": data.get("edition_digest"),
        "scope": next(iter(data["subject_streams"]), None),
        "project": f"project:{entry.project}" if entry.project else None,
        "streams": data["subject_streams"],
        "text_zh": data.get("text_zh"),
        "text_en": data.get("text_en"),
        "evidence": data["evidence"],
        "evidence_first": min(positions, default=None),
        "facts": data["facts"],
        "implicated_orgs": data["implicated_orgs"],
        "retrospective": data["retrospective"],
        "evaluated_at": data["evaluated_at"],
        "dedupe_key": data["dedupe_key"],
        "status": "open",
        "recorded": entry.recorded,
    }
