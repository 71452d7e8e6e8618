"""Compare: views and alerts recomputed from the log, beside, against the live views and the recorded alerts.

    found = compare(dsn)
    found.ok, found.position, found.differences, found.missing, found.not_reproducible

The twin is built in temporary tables of this connection, by the same code from the same entries, and is gone when the
connection closes. While the last stretch is read and the tables are compared the runner waits; nothing live changes.
It cannot see an error of the code itself: that is what cases and tests are for. It does see a row somebody touched, a
view that a crash or a mistake of the runner left wrong, and an alert that the log does not bear out.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from ledger.entry import Entry
from ledger.store.postgres import Log
from projections import tables, views
from projections.chain import Chain
from projections.dossier import ALERT
from projections.judge import Judge, shipped
from projections.runner import Group, Progress, compare_root, fill

SHOWN = 100
"""Differences shown of each table; the first is enough to know, a hundred to understand."""

_READ_AT_ONCE = 500
_ROWS = "SELECT to_jsonb(t) FROM {}.{} t"
_PROGRESS = "SELECT to_jsonb(t) FROM {}.{} t WHERE view <> ALL(%(out)s)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement: the table (or `alerts`), the row's key, what is live or recorded, and what the log gives.

    None on either side: the row is not there.
    """

    view: str
    key: str
    live: Any
    recomputed: Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `compare` found, true for `position`; `ok` when views and alerts are what the log demands.

    `head` is the size of the log: where it is larger, the views lag. `missing` are ids of alerts that must be there
    and are not; `not_reproducible` alerts that no rule gives any more, with both sides; `other_editions` counts the
    alerts raised under an edition that this program does not carry, which it cannot judge. `outdated` names views made
    by other files or another rulebook, or not yet: the next run makes them anew, so they are not compared.
    """

    position: int
    head: int
    differences: tuple[Difference, ...]
    missing: tuple[str, ...]
    not_reproducible: tuple[Difference, ...]
    other_editions: int
    outdated: tuple[str, ...]
    rows: int

    @property
    def ok(self) -> bool:
        """Say whether everything agrees."""
        return not (self.differences or self.missing or self.not_reproducible)


def compare(dsn: str, *, progress: Progress | None = None) -> Comparison:
    """Recompute all views and alerts of the log at `dsn` and compare them with what stands there.

    `progress` is told (position, goal) after each batch. Raises Broken where the log does not hang together.
    """
    with Log(dsn, tables.ROLE, connections=1) as log, tables.open_tables(dsn) as conn:
        outdated = _outdated(conn)
        group = Group(list(views.names()), Chain(), Judge.resume(log, 0))
        tables.prepare_twin(conn)
        tables.furnish(conn, tables.TWIN, group.names, shipped().digest)
        fill(conn, log, tables.TWIN, group, _live_position(conn), progress)
        with tables.locked(conn, tables.LIVE):
            fill(conn, log, tables.TWIN, group, _live_position(conn), progress)
            compare_root(log, [group])
            differences, rows = _tables(conn, outdated)
            missing, wrong, others = _alerts(conn, log, group.chain.position)
        return Comparison(group.chain.position, log.head().size, differences, missing, wrong, others, outdated, rows)


def _live_position(conn: Connection[Any]) -> int:
    """Where the live views stand; 0 before the first run. Views that lag behind others differ, and are shown so."""
    row = conn.execute("SELECT coalesce(max(position), 0) FROM views.progress").fetchone()
    return int(row[0]) if row else 0


def _outdated(conn: Connection[Any]) -> tuple[str, ...]:
    live = dict(conn.execute("SELECT view, edition FROM views.progress").fetchall())
    return tuple(name for name in views.names() if live.get(name) != tables.digest(name, shipped().digest))


def _tables(conn: Connection[Any], outdated: tuple[str, ...]) -> tuple[tuple[Difference, ...], int]:
    """Compare every table of the twin with the live one; what differs, and how many rows were compared."""
    found: list[Difference] = []
    rows = 0
    live, twin = (
        [table for table in standing if table.partition("__")[0] not in outdated]
        for standing in (tables.standing(conn, tables.LIVE), tables.standing_twin(conn))
    )
    for table in twin:
        row = conn.execute(sql.SQL("SELECT count(*) FROM pg_temp.{}").format(sql.Identifier(table))).fetchone()
        rows += row[0] if row else 0
        found += (
            _table(conn, table, outdated) if table in live else [Difference(table, "*", None, f"{row and row[0]} rows")]
        )
    found += (Difference(table, "*", "a table of no view", None) for table in live if table not in twin)
    return tuple(found), rows


def _table(conn: Connection[Any], table: str, outdated: tuple[str, ...]) -> list[Difference]:
    """Rows that stand on one side only, paired by the table's primary key."""
    name, keys = sql.Identifier(table), _primary_key(conn, table)
    sides: list[dict[str, Any]] = []
    select = _PROGRESS if table == "progress" else _ROWS
    for one, other in ((tables.LIVE, tables.TWIN), (tables.TWIN, tables.LIVE)):
        query = sql.SQL(" EXCEPT ").join(
            sql.SQL(select).format(sql.Identifier(schema), name) for schema in (one, other)
        ) + sql.SQL(" LIMIT %(shown)s")
        rows = [row for (row,) in conn.execute(query, {"out": list(outdated), "shown": SHOWN}).fetchall()]
        sides.append({"|".join(str(row.get(key)) for key in keys): row for row in rows})
    live, recomputed = sides
    return [Difference(table, key, live.get(key), recomputed.get(key)) for key in sorted({*live, *recomputed})[:SHOWN]]


def _primary_key(conn: Connection[Any], table: str) -> list[str]:
    rows = conn.execute(
        "SELECT a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a"
        " ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)"
        " WHERE i.indisprimary AND i.indrelid = pg_catalog.to_regclass(%s) ORDER BY a.attnum",
        [f"pg_temp.{table}"],
    )
    return [str(row[0]) for row in rows.fetchall()]


def _alerts(conn: Connection[Any], log: Log, position: int) -> tuple[tuple[str, ...], tuple[Difference, ...], int]:
    """Compare the alerts in the log with those the findings up to a position demand.

    An alert behind that position may answer a finding before it; if it answers a later one, it is not judged here.
    """
    due = dict(conn.execute("SELECT id, event FROM pg_temp.findings WHERE alert = 1 ORDER BY first, id").fetchall())
    wrong: list[Difference] = []
    others, after = 0, 0
    while entries := log.find(type=ALERT, after=after, limit=_READ_AT_ONCE):
        after = entries[-1].position
        for entry in entries:
            demanded = due.pop(entry.subject.removeprefix("alert:"), None)
            if demanded is None and entry.position > position:
                continue
            if demanded is None and _rests_on_another_edition(entry):
                others += 1
            elif demanded != entry.event:
                wrong.append(Difference("alerts", entry.subject, entry.event, demanded))
    return tuple(due), tuple(wrong), others


def _rests_on_another_edition(entry: Entry) -> bool:
    digest = entry.data.get("edition_digest")
    return digest is not None and digest != shipped().edition.digest
