"""Append CloudEvents from a file (one object, an array, or NDJSON; `-` for standard input) through the same door.

The poster is the ledger's own organisation unless --key says otherwise. One result a line.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api import problems
from api.auth import Keys
from api.commands.printing import json_line
from api.settings import Place, opened
from ledger.admission import Poster, admit, admit_all
from ledger.canonical import decode
from ledger.contracts import Contracts
from ledger.errors import CannotRun, LedgerError, NotJson
from ledger.post import Post
from ledger.store.postgres import Log
from ledger.writer import Writer


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("file", metavar="FILE", help="events as JSON or NDJSON; - for standard input")
    parser.add_argument("--key", help="post as the holder of this key (default: the ledger's own operator)")


def run(given: Namespace, place: Place) -> int:
    """Append each document; exit code 1 when one was refused."""
    raw = sys.stdin.buffer.read() if given.file == "-" else Path(given.file).read_bytes()
    refused = 0
    with opened(place) as dsn, Log(dsn) as log, Writer(dsn) as writer:
        contracts, poster = Contracts.load(), _poster(given.key, log)
        for document in _documents(raw):
            try:
                for receipt in writer.append(_posts(decode(document), poster, contracts), careful=True):
                    json_line(
                        {"position": receipt.position, "leaf": receipt.leaf.hex(), "duplicate": receipt.duplicate}
                    )
            except LedgerError as refusal:
                refused += 1
                json_line(problems.document(refusal))
    return 1 if refused else 0


def _poster(key: str | None, log: Log) -> Poster:
    if key is not None:
        return Keys(log).poster(f"Bearer {key}")
    created = log.entry(1)
    if created is None:
        raise CannotRun("no ledger stands here yet; `sunledger init` founds one")
    return Poster(org=str(created.data["organ"]), organ="PTC", via="system:append")


def _posts(value: Any, poster: Poster, contracts: Contracts) -> list[Post]:
    return admit_all(value, poster, contracts) if isinstance(value, list) else [admit(value, poster, contracts)]


def _documents(raw: bytes) -> Iterator[bytes]:
    """The whole input when it is one JSON value, else its lines."""
    try:
        decode(raw)
    except NotJson:
        yield from (line for line in raw.splitlines() if line.strip())
    else:
        yield raw
