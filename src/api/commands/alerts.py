"""列出已入账的预警 · List the recorded alerts, newest first."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

import psycopg

from api.commands.printing import json_line, table
from api.settings import Place, opened
from ledger.errors import CannotRun
from ledger.store.postgres import Log
from projections import views


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--limit", type=int, default=50, help="how many (50)")


def run(given: Namespace, place: Place) -> int:
    """List them."""
    view = views.all_views()[views.names().index("alerts")]
    with opened(place) as dsn, Log(dsn) as log, log.connection() as connection:
        try:
            page = view.page(connection, limit=given.limit, newest=True)
        except psycopg.errors.UndefinedTable as missing:
            raise CannotRun(
                "视图尚未生成，请先 sunledger project · no views yet; `sunledger project` fills them"
            ) from missing
    if given.json:
        json_line(asdict(page))
        return 0
    columns = [column for column in view.COLUMNS if column.kind in ("severity", "code", "text", "position")]
    rows = [[row[column.name] for column in columns] for row in page.rows]
    table(f"预警 {page.total} · 截至第 {page.position} 号条目", [column.title_zh for column in columns], rows)
    return 0
