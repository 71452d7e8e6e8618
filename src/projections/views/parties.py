"""Parties 主体: how often a firm stands among the candidates and how often first. A pattern, not a finding.

Counted are rounds of lots, each by its latest publicity (`projections.views.seats`). Members of a consortium each have
the seat of the whole.
"""

from typing import Any

from psycopg import Connection

from projections.views.batch import Batch, happened, put
from projections.views.page import Column, Table
from projections.views.seats import Change, Seat, changes

NAME = "parties"
TITLE = ("主体", "Parties")
NOTE = ("模式，不是结论。", "A pattern, not a finding.")
COLUMNS = (
    Column("id", "主体", "Party", "tag"),
    Column("name", "名称", "Name", "text", link="id"),
    Column("candidacies", "入围次数", "Times a candidate", "count"),
    Column("firsts", "第一候选次数", "Times first", "count"),
    Column("last_seen", "最近一次", "Last seen", "ts"),
    Column("last", "最新条目", "Last entry", "position"),
)
TABLE = Table(NAME, COLUMNS)
page, one = TABLE.page, TABLE.one

_CONFLICT = """ON CONFLICT (id) DO UPDATE SET
    last = excluded.last, name = coalesce(excluded.name, old.name),
    candidacies = old.candidacies + excluded.candidacies, firsts = old.firsts + excluded.firsts,
    last_seen = greatest(old.last_seen, excluded.last_seen)"""


def apply(conn: Connection[Any], batch: Batch) -> None:
    """Add a batch: the difference that each publicity makes."""
    rows: dict[str, dict[str, Any]] = {}
    for change in changes(conn, f"{NAME}__seat", batch):
        for sign, seats in ((-1, change.before), (1, change.now)):
            for party in {seat.party: None for seat in seats}:
                _count(rows, change, party, [seat for seat in seats if seat.party == party], sign)
    put(conn, NAME, rows.values(), _CONFLICT)


def _count(rows: dict[str, dict[str, Any]], change: Change, party: str, own: list[Seat], sign: int) -> None:
    time = happened(change.entry)
    empty = {"first": change.entry.position, "name": None, "candidacies": 0, "firsts": 0, "last_seen": time}
    row = rows.setdefault(party, {"id": party, **empty})
    row["last"] = change.entry.position
    if sign > 0:
        row["name"] = own[-1].name or row["name"]
    row["candidacies"] += sign
    row["firsts"] += sign * any(seat.rank == 1 for seat in own)
    row["last_seen"] = max(row["last_seen"], time)
