"""Lots 标段: one row a lot, or a notice where it holds several sections; its latest candidates and its state.

*Latest* is the notice with the greatest (`time`, position), as in `projections.dossier`. The publicity period's
verdict is that of the clock on the latest notice; an alert counts for every lot it names.
"""

from typing import Any

from psycopg import Connection

from ledger.entry import Entry
from projections.dossier import ALERT, CANDIDATES
from projections.views.batch import Batch, count_alerts, happened, put, stamp
from projections.views.page import Column, Table

NAME = "lots"
TITLE = ("标段", "Lots")
NOTE = None
COLUMNS = (
    Column("id", "标段", "Lot", "tag"),
    Column("title", "名称", "Title", "text", link="id"),
    Column("project", "项目", "Project", "tag"),
    Column("project_name", "项目名称", "Project name", "text", link="project"),
    Column("opens_at", "公示开始", "Publicity opens", "ts"),
    Column("closes_at", "公示截止", "Publicity closes", "ts"),
    Column("candidates", "候选人数", "Candidates", "count"),
    Column("first_name", "第一候选人", "First candidate", "text", link="first_party"),
    Column("first_party", "第一候选人标识", "First candidate's id", "tag"),
    Column("price_kind", "报价种类", "Kind of price", "code"),
    Column("price_fen", "报价（分）", "Price in fen", "fen"),
    Column("rate_bp", "费率（基点）", "Rate in basis points", "count"),
    Column("price_text", "报价原文", "Price as written", "text"),
    Column("rounds", "招标次数", "Rounds", "count"),
    Column("publications", "公示次数", "Publications", "count"),
    Column("verdict", "公示期判断", "Publicity period", "code"),
    Column("readings", "读法不一", "Readings that differ", "count"),
    Column("alerts", "预警数", "Alerts", "count"),
    Column("severity", "最高级别", "Highest level", "severity"),
    Column("entries", "条目数", "Entries", "count"),
    Column("last", "最新条目", "Last entry", "position"),
)
TABLE = Table(NAME, COLUMNS)
page, one = TABLE.page, TABLE.one

_LATEST = (
    *("notice_title", "project_name", "notice", "latest", "latest_at", "opens_at", "closes_at", "candidates"),
    *("first_name", "first_party", "price_kind", "price_fen", "rate_bp", "price_text", "verdict", "readings"),
)
"""What the latest notice decides, taken over as a whole."""

_NEWER = "(excluded.latest, excluded.latest_at) > (coalesce(old.latest, ''), coalesce(old.latest_at, 0))"
_CONFLICT = (
    "ON CONFLICT (id) DO UPDATE SET last = excluded.last, entries = old.entries + excluded.entries,"
    " named = coalesce(excluded.named, old.named), project = coalesce(excluded.project, old.project),"
    " rounds = greatest(old.rounds, excluded.rounds), publications = old.publications + excluded.publications, "
    + ", ".join(f"{name} = CASE WHEN {_NEWER} THEN excluded.{name} ELSE old.{name} END" for name in _LATEST)
)


def apply(conn: Connection[Any], batch: Batch) -> None:
    """Add a batch: rows of the lots it speaks of, in entry order, then the alerts that name them."""
    rows: dict[str, dict[str, Any]] = {}
    for entry in batch.entries:
        notice = _notice(entry, batch) if entry.type == CANDIDATES else {}
        for tag in _lots(entry):
            _merge(rows, _row(tag, entry, notice))
    put(conn, NAME, rows.values(), _CONFLICT)
    count_alerts(conn, NAME, batch)


def _lots(entry: Entry) -> list[str]:
    lots = [tag for tag in entry.tags if tag.startswith("lot:")]
    return lots or ([entry.subject] if entry.type == CANDIDATES else [])


def _row(tag: str, entry: Entry, notice: dict[str, Any]) -> dict[str, Any]:
    return {
        **dict.fromkeys(_LATEST),
        "named": (entry.data.get("title") or None) if entry.type not in (ALERT, CANDIDATES) else None,
        "project": f"project:{entry.project}" if entry.project else None,
        "id": tag,
        "first": entry.position,
        "last": entry.position,
        "entries": 1,
        "rounds": 0,
        "publications": 0,
        "alerts": 0,
        "severity": None,
        **notice,
    }


def _notice(entry: Entry, batch: Batch) -> dict[str, Any]:
    """What a notice of candidates tells about its lot."""
    data = entry.data
    candidates = sorted(data["candidates"], key=lambda candidate: int(candidate["rank"]))
    leader = candidates[0] if candidates else {}
    verdict = next((ruling.verdict for ruling in batch.rulings.get(entry.position, ())), None)
    return {
        "notice_title": data.get("title"),
        "project_name": data.get("project_name"),
        "notice": entry.subject,
        "latest": happened(entry),
        "latest_at": entry.position,
        "opens_at": stamp(data["opens_at"]),
        "closes_at": stamp(data["closes_at"]),
        "candidates": len(candidates),
        "first_name": leader.get("party_name"),
        "first_party": f"party:{leader['party']}" if leader else None,
        **{name: leader.get(name) for name in ("price_kind", "price_fen", "rate_bp", "price_text")},
        "rounds": data.get("round", 1),
        "publications": 1,
        "verdict": verdict.state if verdict else None,
        "readings": len(verdict.holding()) if verdict else None,
    }


def _merge(rows: dict[str, dict[str, Any]], new: dict[str, Any]) -> None:
    """Join a row to what the batch already holds of it, as `_CONFLICT` joins it to the table."""
    old = rows.setdefault(new["id"], new)
    if old is new:
        return
    if new["latest"] is not None and (new["latest"], new["latest_at"]) > (old["latest"] or "", old["latest_at"] or 0):
        old.update({name: new[name] for name in _LATEST})
    old["named"] = new["named"] or old["named"]
    old["project"] = new["project"] or old["project"]
    old["last"] = new["last"]
    old["entries"] += 1
    old["rounds"] = max(old["rounds"], new["rounds"])
    old["publications"] += new["publications"]
