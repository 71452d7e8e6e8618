"""经 HTTP 提交事件 · Post CloudEvents from a file to a ledger over HTTP, and keep the receipts.

    sunledger post FILE --url https://ledger.example --key slk_… [--receipts FILE]

FILE holds one object, an array (all or none), or NDJSON (a post a line); `-` is standard input. When an answer is lost
the same bytes are sent again: run the command again, too, as often as you like. One result a line; exit code 1 when one
was refused, 2 when no receipt came.
"""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from api.client import Client, Rejected
from api.commands.append import documents
from api.commands.printing import json_line
from ledger.canonical import decode

NEEDS_NO_LEDGER = True


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("file", metavar="FILE", help="events as JSON or NDJSON; - for standard input")
    parser.add_argument("--url", required=True, help="address of the ledger, https://…")
    parser.add_argument("--key", required=True, help="the poster's key, slk_…")
    parser.add_argument("--receipts", type=Path, metavar="FILE", help="receipts are added to this file, one a line")


def run(given: Namespace, _: None) -> int:
    """Post each document; exit code 1 when one was refused."""
    raw = sys.stdin.buffer.read() if given.file == "-" else Path(given.file).read_bytes()
    client, refused = Client(given.url, given.key, receipts=given.receipts), 0
    for document in documents(raw):
        event = decode(document)
        try:
            for receipt in client.post_all(event) if isinstance(event, list) else [client.post(event)]:
                json_line(receipt)
        except Rejected as refusal:
            refused += 1
            json_line(refusal.problem)
    return 1 if refused else 0
