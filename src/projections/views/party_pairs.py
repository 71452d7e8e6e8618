"""Pairs of parties 同场: which firms meet as candidates, how often, and who was first. A pattern, not a finding.

Counted are rounds of lots, each by its latest publicity (`projections.views.seats`). Firms of one consortium stand
together: they do not meet.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from psycopg import Connection

from projections.views.batch import Batch, happened, put
from projections.views.page import Column, Table
from projections.views.seats import Change, Seat, changes

NAME = "party_pairs"
TITLE = ("同场主体", "Parties that meet")
NOTE = ("模式，不是结论。", "A pattern, not a finding.")
COLUMNS = (
    Column("a", "主体甲", "Party A", "tag"),
    Column("a_name", "甲名称", "Name of A", "text", link="a"),
    Column("b", "主体乙", "Party B", "tag"),
    Column("b_name", "乙名称", "Name of B", "text", link="b"),
    Column("meetings", "同场次数", "Meetings", "count"),
    Column("a_first", "甲第一次数", "A was first", "count"),
    Column("b_first", "乙第一次数", "B was first", "count"),
    Column("last_seen", "最近一次", "Last seen", "ts"),
    Column("last", "最新条目", "Last entry", "position"),
)
TABLE = Table(NAME, COLUMNS)
page, one = TABLE.page, TABLE.one

_CONFLICT = """ON CONFLICT (id) DO UPDATE SET
    last = excluded.last,
    a_name = coalesce(excluded.a_name, old.a_name), b_name = coalesce(excluded.b_name, old.b_name),
    meetings = old.meetings + excluded.meetings, a_first = old.a_first + excluded.a_first,
    b_first = old.b_first + excluded.b_first, last_seen = greatest(old.last_seen, excluded.last_seen)"""


def apply(conn: Connection[Any], batch: Batch) -> None:
    """Add a batch: the difference that each publicity makes."""
    rows: dict[str, dict[str, Any]] = {}
    for change in changes(conn, f"{NAME}__seat", batch):
        for sign, seats in ((-1, change.before), (1, change.now)):
            names = {seat.party: seat.name for seat in seats}
            first = {seat.party for seat in seats if seat.rank == 1}
            for a, b in meetings(seats):
                row = _row(rows, change, a, b)
                if sign > 0:
                    row["a_name"], row["b_name"] = names[a] or row["a_name"], names[b] or row["b_name"]
                row["meetings"] += sign
                row["a_first"] += sign * (a in first)
                row["b_first"] += sign * (b in first)
    put(conn, NAME, rows.values(), _CONFLICT)


def meetings(seats: Sequence[Seat]) -> list[tuple[str, str]]:
    """List the pairs of firms that stand in different candidates, each once, the smaller id first."""
    pairs = {
        (min(one.party, two.party), max(one.party, two.party))
        for one, two in combinations(seats, 2)
        if one.candidate != two.candidate and one.party != two.party
    }
    return sorted(pairs)


def _row(rows: dict[str, dict[str, Any]], change: Change, a: str, b: str) -> dict[str, Any]:
    time, position = happened(change.entry), change.entry.position
    empty = {"first": position, "a": a, "b": b, "a_name": None, "b_name": None, "last_seen": time}
    row = rows.setdefault(f"{a}|{b}", {"id": f"{a}|{b}", **empty, "meetings": 0, "a_first": 0, "b_first": 0})
    row["last"], row["last_seen"] = position, max(row["last_seen"], time)
    return row
