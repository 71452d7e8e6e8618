"""Where log and views stand, which sources count, and what is wrong. Exit code 1 when there is an alarm."""

from argparse import ArgumentParser, Namespace

from api.commands.printing import json_line, pairs
from api.settings import Place, opened
from api.status import status
from ledger.store.postgres import Log


def arguments(parser: ArgumentParser) -> None:
    """No arguments of its own."""


def run(given: Namespace, place: Place) -> int:
    """Print the status."""
    with opened(place) as dsn, Log(dsn) as log:
        found = status(log, [])
    if given.json:
        json_line(found)
    else:
        pairs(found)
    return 1 if found["alarms"] else 0
