"""执行 SQL · Run SQL as the database's owner and print its rows: how auditors, and attackers, reach the tables.

What changes something is committed. Bytes are printed in hex. The embedded server is started when it is not running,
and stopped again when nobody else uses it.
"""

from argparse import ArgumentParser, Namespace
from typing import Any

import psycopg

from api.commands.printing import console, json_line, table
from api.settings import Place, reached
from ledger.errors import CannotRun


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("statement", metavar="STATEMENT", help="one statement, or several with ; between")


def run(given: Namespace, place: Place) -> int:
    """Run it and print what the last statement gave. Raises CannotRun with the server's own words."""
    with reached(place) as dsn, psycopg.connect(dsn, autocommit=True) as owner:
        try:
            cursor = owner.execute(given.statement.encode())
            while cursor.nextset():
                continue
            names = [column.name for column in cursor.description or ()]
            rows = [[_shown(value) for value in row] for row in cursor.fetchall()] if names else []
        except psycopg.Error as fault:
            raise CannotRun(f"SQL: {fault}") from fault
        message = cursor.statusmessage or ""
    if given.json:
        json_line({"columns": names, "rows": rows, "status": message})
    elif names:
        table(message, names, rows)
    else:
        console.print(message, markup=False)
    return 0


def _shown(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return value
    return value if isinstance(value, int | str | bool | None) else str(value)
