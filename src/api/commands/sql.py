"""Run one SQL statement as the database's owner and print its rows: how auditors, and attackers, reach the tables."""

from argparse import ArgumentParser, Namespace
from typing import Any

import psycopg

from api.commands.printing import console, json_line, table
from api.settings import Place, opened


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("statement", metavar="STATEMENT")


def run(given: Namespace, place: Place) -> int:
    """Run it; a changing statement is committed."""
    with opened(place) as dsn, psycopg.connect(dsn, autocommit=True) as owner:
        cursor = owner.execute(given.statement.encode())
        names = [column.name for column in cursor.description or ()]
        rows = [[_shown(value) for value in row] for row in cursor.fetchall()] if names else []
        message = cursor.statusmessage or ""
    if given.json:
        json_line({"columns": names, "rows": rows, "status": message})
    elif names:
        table(message, names, rows)
    else:
        console.print(message)
    return 0


def _shown(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value if isinstance(value, int | str | bool | None) else str(value)
