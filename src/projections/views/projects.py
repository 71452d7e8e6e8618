"""Projects 项目: one row a project, with all that is tagged with it."""

from typing import Any

from psycopg import Connection

from ledger.entry import Entry
from projections.dossier import CANDIDATES
from projections.views.batch import Batch, as_json, count_alerts, happened, put
from projections.views.page import Column, Table

NAME = "projects"
TITLE = ("项目", "Projects")
NOTE = None
COLUMNS = (
    Column("id", "项目", "Project", "tag"),
    Column("name", "名称", "Name", "text", link="id"),
    Column("entries", "条目数", "Entries", "count"),
    Column("notices", "公示数", "Notices", "count"),
    Column("lots", "标段数", "Lots", "count"),
    Column("rounds", "招标次数", "Rounds", "count"),
    Column("first_time", "最早发生", "First moment", "ts"),
    Column("last_time", "最近发生", "Last moment", "ts"),
    Column("alerts", "预警数", "Alerts", "count"),
    Column("severity", "最高级别", "Highest level", "severity"),
    Column("last", "最新条目", "Last entry", "position"),
)
TABLE = Table(NAME, COLUMNS)
page, one = TABLE.page, TABLE.one

_CONFLICT = """ON CONFLICT (id) DO UPDATE SET
    last = excluded.last, entries = old.entries + excluded.entries, notices = old.notices + excluded.notices,
    name = coalesce(excluded.name, old.name), rounds = greatest(old.rounds, excluded.rounds),
    first_time = least(old.first_time, excluded.first_time), last_time = greatest(old.last_time, excluded.last_time)"""

_LOTS = """WITH new AS (
    INSERT INTO projects__lot SELECT project, lot FROM json_to_recordset(%s::json) pair (project text, lot text)
    ON CONFLICT DO NOTHING RETURNING project
) UPDATE projects SET lots = lots + many FROM (SELECT project, count(*) AS many FROM new GROUP BY project) counted
  WHERE id = project"""


def apply(conn: Connection[Any], batch: Batch) -> None:
    """Add a batch: what is tagged with a project, the lots not counted yet, the alerts."""
    rows: dict[str, dict[str, Any]] = {}
    lots: dict[tuple[str, str], None] = {}
    for entry in batch.entries:
        for project in (tag for tag in entry.tags if tag.startswith("project:")):
            _add(rows, project, entry)
            lots |= {(project, tag): None for tag in entry.tags if tag.startswith("lot:")}
    put(conn, NAME, rows.values(), _CONFLICT)
    if lots:
        conn.execute(_LOTS.encode(), [as_json([{"project": p, "lot": lot} for p, lot in lots])])
    count_alerts(conn, NAME, batch)


def _add(rows: dict[str, dict[str, Any]], project: str, entry: Entry) -> None:
    """Join an entry to what the batch already holds of its project, as `_CONFLICT` joins it to the table."""
    time = happened(entry)
    row = rows.setdefault(
        project,
        {
            "id": project,
            "first": entry.position,
            "entries": 0,
            "name": None,
            "notices": 0,
            "lots": 0,
            "rounds": 0,
            "first_time": time,
            "last_time": time,
            "alerts": 0,
            "severity": None,
        },
    )
    row["last"] = entry.position
    row["entries"] += 1
    row["name"] = entry.data.get("project_name") or row["name"]
    row["notices"] += entry.type == CANDIDATES
    row["rounds"] = max(row["rounds"], entry.data.get("round", 1) if entry.type == CANDIDATES else 0)
    row["first_time"], row["last_time"] = min(row["first_time"], time), max(row["last_time"], time)
