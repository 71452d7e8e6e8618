"""Seats: who stood among the candidates of one round of one lot, by its latest publicity.

A round publicised twice (第2次公示, 更正公示) is one meeting of firms, not two: what the latest publicity says replaces
what an earlier one said, and the counts follow by the difference. Each view that counts keeps its own table of seats,
so that each can be rebuilt alone.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from psycopg import Connection, sql

from ledger.entry import Entry
from projections.dossier import CANDIDATES, seats_of
from projections.views.batch import Batch, as_json, happened, put

_SEEN = (
    "SELECT scope, round, latest, latest_at, seats FROM {} JOIN json_to_recordset(%s::json)"
    " wanted (scope text, round int) USING (scope, round)"
)
_CONFLICT = (
    "ON CONFLICT (scope, round) DO UPDATE SET"
    " latest = excluded.latest, latest_at = excluded.latest_at, seats = excluded.seats"
)


class Seat(NamedTuple):
    """A firm among the candidates: its id, name, rank, and which candidate (a consortium seats several firms)."""

    party: str
    name: str
    rank: int
    candidate: int


class Change(NamedTuple):
    """A round whose seats an entry has set: those before (none the first time) and those now."""

    entry: Entry
    before: Sequence[Seat]
    now: Sequence[Seat]


def changes(conn: Connection[Any], table: str, batch: Batch) -> Iterator[Change]:
    """Set the seats of every round the batch publicises and yield what changed, in entry order.

    A publicity that happened before the one on file changes nothing.
    """
    notices = [(key(entry), entry) for entry in batch.entries if entry.type == CANDIDATES]
    if not notices:
        return
    wanted = sorted({place for place, _ in notices})
    query = sql.SQL(_SEEN).format(sql.Identifier(table))
    rows = conn.execute(query, [as_json([{"scope": s, "round": r} for s, r in wanted])]).fetchall()
    known: dict[tuple[str, int], tuple[tuple[str, int], list[Seat]]] = {
        (scope, number): ((latest, at), [Seat(*seat) for seat in seats]) for scope, number, latest, at, seats in rows
    }
    touched: set[tuple[str, int]] = set()
    for place, entry in notices:
        order, before = known.get(place, (("", 0), []))
        newest = (happened(entry), entry.position)
        if newest > order:
            now = batch.once(seats, entry)
            known[place] = (newest, now)
            touched.add(place)
            yield Change(entry, before, now)
    put(conn, table, (_row(place, *known[place]) for place in sorted(touched)), _CONFLICT)


def key(entry: Entry) -> tuple[str, int]:
    """Where firms meet: the lot, or the notice that holds several sections, and the round."""
    lots = [tag for tag in entry.tags if tag.startswith("lot:")]
    return (lots[0] if len(lots) == 1 else entry.subject), int(entry.data.get("round", 1))


def seats(entry: Entry) -> list[Seat]:
    """List the firms among a notice's candidates."""
    return [
        Seat(f"party:{party}", name, int(candidate["rank"]), number)
        for number, candidate in enumerate(entry.data["candidates"])
        for party, name in seats_of(candidate)
    ]


def _row(place: tuple[str, int], newest: tuple[str, int], now: Sequence[Seat]) -> dict[str, Any]:
    return {
        "scope": place[0],
        "round": place[1],
        "latest": newest[0],
        "latest_at": newest[1],
        "seats": [list(seat) for seat in now],
    }
