"""How a view is asked: columns, filters, one page of rows, one row.

Every view has one table in schema `views` with a text `id` (primary key) and a bigint `first`, the position of the
entry that made the row. Rows are listed by (`first`, `id`), an order that never changes, so that a page can be left
and continued with the cursor `next` however much the log has grown. Rows, count and position come from ONE statement:
they cannot disagree, and because that statement touches `views.progress` before the view's table, a rebuild that
swaps the tables (it locks `views.progress` first) is seen whole or not at all.

    page = lots.page(connection, filters={"project": "project:P1"}, after=None, limit=200)
    page.rows[0]["title"], page.total, page.position, page.next

Values are ready for JSON: int, str, None, and list or dict where a column holds evidence. Timestamps are RFC 3339
text in the zone of the region (+08:00). Nothing here writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection, sql
from psycopg.rows import dict_row

from ledger.clock import BEIJING
from ledger.errors import Malformed, Problem

Kind = Literal["text", "count", "fen", "ts", "tag", "position", "severity", "code"]
Row = dict[str, Any]

LIMIT_MAX = 5000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a view, for tables, exports and the API alike.

    `link` names the column of the same row that holds the address: a tag (/d/…), a position (/e/…) or an alert id
    (/a/…). A column of kind tag or position links to itself when `link` is None.
    """

    name: str
    title_zh: str
    title_en: str
    kind: Kind
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a view: `total` under the filter, true for `position`, to be continued after cursor `next`."""

    rows: list[Row]
    total: int
    position: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """The table behind a view and the two questions that can be put to it."""

    name: str
    columns: tuple[Column, ...]

    def page(
        self,
        conn: Connection[Any],
        *,
        filters: Mapping[str, str] | None = None,
        after: str | None = None,
        limit: int = 200,
        newest: bool = False,
    ) -> Page:
        """List rows under `filters`, at most `limit`, continuing after cursor `after`; `newest` turns the order round.

        A filter names a column. Text must contain the value; tags, codes and severities must equal it (several
        with commas between); numbers and moments equal it or lie in `low..high`, either end open. `q` searches
        all text and tag columns. Raises `ledger.errors.Malformed` for an unknown filter, a wrong value or cursor.
        """
        if not 1 <= limit <= LIMIT_MAX:
            raise _wrong("limit", f"每页行数应在 1 至 {LIMIT_MAX} 之间", f"limit must lie in 1…{LIMIT_MAX}")
        where, values = self._where(filters or {})
        direction, beyond = (sql.SQL("DESC"), sql.SQL("<")) if newest else (sql.SQL("ASC"), sql.SQL(">"))
        start: sql.Composable = sql.SQL("true")
        if after is not None:
            start = sql.SQL("(first, id) {} (%s, %s)").format(beyond)
            values = [*values, *_cursor(after)]
        names = list(dict.fromkeys([*(c.name for c in self.columns), "first", "id"]))
        query = sql.SQL(
            "WITH at AS (SELECT position FROM views.progress WHERE view = %s),"
            " hits AS (SELECT * FROM views.{table} WHERE {where}),"
            " shown AS (SELECT {names} FROM hits WHERE {start} ORDER BY first {way}, id {way} LIMIT %s)"
            " SELECT (SELECT position FROM at) AS _position, (SELECT count(*) FROM hits) AS _total, shown.*"
            " FROM (VALUES (1)) one LEFT JOIN shown ON true ORDER BY shown.first {way}, shown.id {way}"
        ).format(
            table=sql.Identifier(self.name),
            where=where,
            start=start,
            way=direction,
            names=sql.SQL(", ").join(map(sql.Identifier, names)),
        )
        with conn.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(query, [self.name, *values, limit + 1]).fetchall()
        position, total = found[0]["_position"] or 0, found[0]["_total"]
        rows = [_ready(row) for row in found if row["id"] is not None]
        more = f"{rows[limit - 1]['first']}.{rows[limit - 1]['id']}" if len(rows) > limit else None
        return Page(rows[:limit], total, position, more)

    def one(self, conn: Connection[Any], id: str) -> Row | None:
        """Return the whole row `id`, also what lists leave out (evidence, facts), or None where there is none."""
        query = sql.SQL(
            "WITH at AS (SELECT position FROM views.progress WHERE view = %s)"
            " SELECT (SELECT position FROM at) AS _position, t.* FROM views.{} t WHERE t.id = %s"
        ).format(sql.Identifier(self.name))
        with conn.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(query, [self.name, id]).fetchone()
        return None if row is None else _ready(row)

    def _where(self, filters: Mapping[str, str]) -> tuple[sql.Composable, list[Any]]:
        known = {column.name: column for column in self.columns}
        parts: list[sql.Composable] = [sql.SQL("true")]
        values: list[Any] = []
        for name, value in sorted(filters.items()):
            if name == "q":
                searched = [c.name for c in self.columns if c.kind in ("text", "tag")]
                one = sql.SQL(" OR ").join(sql.SQL("{} ILIKE %s").format(sql.Identifier(n)) for n in searched)
                parts.append(sql.SQL("({})").format(one))
                values += [_contains(value)] * len(searched)
            elif name in known:
                part, given = _condition(known[name], value)
                parts.append(part)
                values += given
            else:
                raise _wrong(name, f"没有名为 {name} 的筛选项", f"there is no filter named {name}")
        return sql.SQL(" AND ").join(parts), values


def _condition(column: Column, value: str) -> tuple[sql.Composable, list[Any]]:
    name = sql.Identifier(column.name)
    if column.kind == "text":
        return sql.SQL("{} ILIKE %s").format(name), [_contains(value)]
    if column.kind in ("tag", "severity", "code"):
        return sql.SQL("{} = ANY(%s)").format(name), [value.split(",")]
    low, dots, high = value.partition("..")
    parts: list[sql.Composable] = [sql.SQL("true")]
    values: list[Any] = []
    ends: Sequence[tuple[str, str]] = [(">=", low), ("<=", high)] if dots else [("=", low)]
    for sign, end in ends:
        if end or not dots:
            parts.append(sql.SQL("{} " + sign + " %s").format(name))
            values.append(_moment(column, end) if column.kind == "ts" else _number(column, end))
    return sql.SQL("(") + sql.SQL(" AND ").join(parts) + sql.SQL(")"), values


def _number(column: Column, text: str) -> int:
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit() or len(text) > 18:
        raise _wrong(column.name, f"“{text}”不是整数", f"“{text}” is not a whole number")
    return int(text)


def _moment(column: Column, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise _wrong(column.name, f"“{text}”不是日期或时间", f"“{text}” is not a date or a moment") from error
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def _contains(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("\0", "")
    return f"%{escaped}%"


def _cursor(after: str) -> tuple[int, str]:
    first, dot, id_ = after.partition(".")
    if not dot or not first.isascii() or not first.isdigit() or len(first) > 18 or "\0" in id_:
        raise _wrong("after", "翻页标记无效", "this page cursor is not one of ours")
    return int(first), id_


def _ready(row: Row) -> Row:
    return {name: _value(value) for name, value in row.items() if not name.startswith("_")}


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def _wrong(name: str, zh: str, en: str) -> Malformed:
    return Malformed(problems=(Problem(f"/{name}", "filter", zh, en),))
