"""入账一个文件中的事件 · Append CloudEvents from a file: one object, an array, or NDJSON; `-` for standard input.

They pass the same door as over HTTP, and a refusal is recorded as it is there. The poster is the ledger's own
organisation unless --key says otherwise. One result a line; exit code 1 when one was refused.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from api import door, problems
from api.auth import Keys
from api.commands.printing import json_line
from api.keepers import seals_of
from api.refusals import Refusals, recordable
from api.settings import NO_LEDGER, Place, opened
from api.vaults import vault_of
from ledger import clock
from ledger.admission import Poster
from ledger.canonical import decode
from ledger.contracts import Contracts
from ledger.errors import CannotRun, LedgerError, NotJson, Refused
from ledger.post import Post, Receipt
from ledger.store.postgres import Log
from ledger.writer import Writer

AT_ONCE = 1000
"""Documents on their way at the same time: they share commits, and answers come in the order of the file."""


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("file", metavar="FILE", help="events as JSON or NDJSON; - for standard input")
    parser.add_argument("--key", help="post as the holder of this key (default: the ledger's own operator)")


def run(given: Namespace, place: Place) -> int:
    """Append each document; exit code 1 when one was refused."""
    raw = sys.stdin.buffer.read() if given.file == "-" else Path(given.file).read_bytes()
    with opened(place) as dsn, Log(dsn) as log, _writer(dsn, place, log) as writer:
        appending = _appending(log, writer, given.key)
        waiting: deque[_Sent] = deque()
        for document in documents(raw):
            waiting.append(appending.send(document))
            if len(waiting) >= AT_ONCE:
                appending.answer(waiting.popleft())
        while waiting:
            appending.answer(waiting.popleft())
    return 1 if appending.refused else 0


def _writer(dsn: str, place: Place, log: Log) -> Writer:
    """A writer with the ledger's vault and keepers. A command waits for no slot: what it seals stands at once."""
    vault, created = vault_of(dsn, place.vault), log.entry(1)
    told = created is not None and created.data["clock"] == "told"
    seals = seals_of(place.keepers, vault, Contracts.load(), told=told, trusted=lambda: None, slot=timedelta())
    return Writer(dsn, vault=vault, seals=seals)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A document on its way, or refused at the door."""

    raw: bytes
    document: Any
    posts: list[Post]
    receipts: "Future[list[Receipt]]"


@dataclass(slots=True)
class _Appending:
    """Sends documents and answers them; counts what was refused."""

    writer: Writer
    contracts: Contracts
    poster: Poster
    refusals: Refusals
    refused: int = field(default=0)

    def send(self, raw: bytes) -> _Sent:
        """Queue a document; what the door refuses is an answer like any other."""
        document: Any = None
        try:
            document = decode(raw)
            posts, _ = door.posts(document, self.poster, self.contracts)
            return _Sent(raw, document, posts, self.writer.post(posts, careful=True))
        except LedgerError as refusal:
            answer: Future[list[Receipt]] = Future()
            answer.set_exception(refusal)
            return _Sent(raw, document, [], answer)

    def answer(self, sent: _Sent) -> None:
        """Wait for a document and print what became of it. Raises what stops the ledger, not only this document."""
        try:
            receipts = sent.receipts.result()
        except Refused as refusal:
            self.refused += 1
            if recordable(refusal):
                self.refusals.record(refusal, self.poster, body=sent.raw, document=sent.document).result()
            json_line(problems.document(refusal))
            return
        for post, receipt in zip(sent.posts, receipts, strict=True):
            json_line(door.answer(post, receipt))


def _appending(log: Log, writer: Writer, key: str | None) -> _Appending:
    contracts, own, refusals = door_of(log, writer)
    return _Appending(writer, contracts, own if key is None else Keys(log).poster(f"Bearer {key}"), refusals)


def door_of(log: Log, writer: Writer) -> tuple[Contracts, Poster, Refusals]:
    """What a command needs to act as the door does: contracts, the ledger's own operator, and who records refusals."""
    created = log.entry(1)
    if created is None:
        raise CannotRun(NO_LEDGER)
    organ, contracts = str(created.data["organ"]), Contracts.load()
    told = created.data["clock"] == "told"
    beginning = clock.parse((log.entry(log.head().size) or created).recorded)
    refusals = Refusals(writer.post, contracts, organ, lambda: beginning if told else clock.now())
    return contracts, Poster(org=organ, organ="PTC", via="system:append"), refusals


def documents(raw: bytes) -> Iterator[bytes]:
    """The lines of a file whose first line is a whole JSON value and that has others; else the file as one value."""
    lines = [line for line in raw.split(b"\n") if line.strip()]
    if len(lines) < 2 or not _is_json(lines[0]):
        yield raw
    else:
        yield from lines


def _is_json(line: bytes) -> bool:
    try:
        decode(line)
    except NotJson as wrong:
        return not any(one.code in ("syntax", "utf-8") for one in wrong.problems)
    return True
