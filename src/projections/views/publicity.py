"""Publicity periods 公示期: one row a notice, clock T12 in every reading and its state."""

from typing import Any

from psycopg import Connection

from ledger.entry import Entry
from projections.dossier import CANDIDATES
from projections.judge import shipped
from projections.views.batch import Batch, put, stamp
from projections.views.page import Column, Table

NAME = "publicity"
TITLE = ("公示期", "Publicity periods")
NOTE = (
    "只有不足 72 小时才是违反；其余读法属解释问题，列为背景。",
    "Only less than 72 hours is a breach; the other readings are interpretations, shown as background.",
)
COLUMNS = (
    Column("id", "公示", "Notice", "tag"),
    Column("title", "名称", "Title", "text", link="id"),
    Column("lot", "标段", "Lot", "tag"),
    Column("project", "项目", "Project", "tag"),
    Column("opens_at", "公示开始", "Opens", "ts"),
    Column("closes_at", "公示截止", "Closes", "ts"),
    Column("minutes", "时长（分钟）", "Length in minutes", "count"),
    Column("working_days", "其间工作日", "Working days inside", "count"),
    Column("state", "判断", "State", "code"),
    Column("reason", "无法判断的原因", "Why undeterminable", "code"),
    Column("readings", "读法不一", "Readings that differ", "count"),
    Column("last", "条目", "Entry", "position"),
)
TABLE = Table(NAME, COLUMNS)
page, one = TABLE.page, TABLE.one

CLOCK = "T12"
"""The clock whose readings the figures name, in the order of its file."""

_STATED = (
    *("last", "title", "lot", "project", "opens_at", "closes_at", "minutes", "working_days"),
    *("state", "reason", "readings", "held", "untold", "years"),
)
_CONFLICT = "ON CONFLICT (id) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in _STATED)

_STATES = "SELECT coalesce(state, 'not-judged'), count(*) FROM views.publicity GROUP BY 1 ORDER BY 1"
_DAYS = "SELECT working_days, count(*) FROM views.publicity WHERE working_days IS NOT NULL GROUP BY 1 ORDER BY 1"
_HELD = "SELECT reading, count(*) FROM views.publicity, unnest(held) reading GROUP BY 1"
_UNTOLD = "SELECT reading, count(*) FROM views.publicity, unnest(untold) reading GROUP BY 1"


def apply(conn: Connection[Any], batch: Batch) -> None:
    """Add a batch: a row for each notice; a notice stated again keeps its place and takes the last statement."""
    rows: dict[str, dict[str, Any]] = {}
    for entry in batch.entries:
        if entry.type == CANDIDATES:
            first = rows.get(entry.subject, {}).get("first", entry.position)
            rows[entry.subject] = {**_row(entry, batch), "first": first}
    put(conn, NAME, rows.values(), _CONFLICT)


def table(conn: Connection[Any]) -> dict[str, Any]:
    """Return the T12 figures over all notices of the view (the table of decisions 2).

    `{position, total, states {state: n}, readings {id: n}, untold {id: n}, working_days {days: n}}`, in one snapshot.
    """
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        at = conn.execute("SELECT position FROM views.progress WHERE view = %s", (NAME,)).fetchone()
        states = dict(conn.execute(_STATES).fetchall())
        days = dict(conn.execute(_DAYS).fetchall())
        held = dict(conn.execute(_HELD).fetchall())
        untold = dict(conn.execute(_UNTOLD).fetchall())
    names = [reading for reading, _, _ in shipped().edition.clocks[CLOCK].readings]
    return {
        "position": at[0] if at else 0,
        "total": sum(states.values()),
        "states": states,
        "readings": {name: held.get(name, 0) for name in names},
        "untold": {name: untold.get(name, 0) for name in names},
        "working_days": days,
    }


def _row(entry: Entry, batch: Batch) -> dict[str, Any]:
    data = entry.data
    verdict = next((ruling.verdict for ruling in batch.rulings.get(entry.position, ())), None)
    holding = verdict.holding() if verdict else ()
    lots = [tag for tag in entry.tags if tag.startswith("lot:")]
    return {
        "id": entry.subject,
        "last": entry.position,
        "title": data.get("title"),
        "lot": lots[0] if len(lots) == 1 else None,
        "project": f"project:{entry.project}" if entry.project else None,
        "opens_at": stamp(data["opens_at"]),
        "closes_at": stamp(data["closes_at"]),
        "minutes": verdict.seconds // 60 if verdict is not None and verdict.seconds is not None else None,
        "working_days": verdict.working_days if verdict else None,
        "state": verdict.state if verdict else None,
        "reason": verdict.reason if verdict else None,
        "readings": len(holding) if verdict else None,
        "held": list(holding),
        "untold": [reading.id for reading in verdict.readings if reading.holds is None] if verdict else [],
        "years": [year for year, _ in verdict.calendars] if verdict else [],
    }
