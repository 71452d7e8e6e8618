"""文件库 · Deposit a document, fetch one, or destroy what the log has released: `document put`, `get`, `dispose`.

    sunledger document put plan.pdf --kind plan --class internal --retention 15y --lot A-1
    sunledger document get SHA256 -o plan.pdf --purpose "核查投诉"

`put` prints the value of type `doc` for an event. Reading anything not public is recorded here as it is over HTTP.
"""

import mimetypes
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from api.auth import Keys
from api.commands.append import door_of
from api.commands.printing import console, json_line
from api.custody import Custody, NoStore, opened_store
from api.depositing import statement
from api.settings import DOCUMENT_LIMIT, Place, documents_folder, opened
from api.vaults import vault_of
from ledger import clock
from ledger.admission import Poster
from ledger.documents import Documents
from ledger.store.postgres import Log
from ledger.writer import Writer

PIECE_BYTES = 1_000_000


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--documents", type=Path, metavar="DIR", help="folder of the documents (DATA/documents)")
    parser.add_argument("--key", help="as the holder of this key (default: the ledger's own operator)")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    put = acts.add_parser("put", help="存放 · deposit a file")
    put.add_argument("file", type=Path, metavar="FILE", help="the document")
    put.add_argument("--kind", required=True, help="code of the list document-kinds")
    put.add_argument("--class", dest="cls", required=True, help="code of the list secrecy: public, internal …")
    put.add_argument("--retention", required=True, help="code of the list retention: permanent, 30y …")
    put.add_argument("--lot", help="the lot it belongs to")
    put.add_argument("--case", help="the case it belongs to")
    put.add_argument("--media-type", help="its media type (default: by the name of the file)")
    get = acts.add_parser("get", help="取出 · fetch one by its hash")
    get.add_argument("sha256", metavar="SHA256", help="hash of the content, 64 hex digits")
    get.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write it (standard output)")
    get.add_argument("--purpose", help="what it is read for; needed from class commercial on")
    acts.add_parser("dispose", help="销毁 · destroy what entries have released")


def run(given: Namespace, place: Place) -> int:
    """Put, get or dispose."""
    with _custody(given, place) as (custody, poster):
        if given.act == "put":
            _put(given, custody, poster)
        elif given.act == "get":
            _get(given, custody, poster)
        else:
            _dispose(custody, as_json=given.json)
    return 0


@contextmanager
def _custody(given: Namespace, place: Place) -> Iterator[tuple[Custody, Poster]]:
    with opened(place) as dsn, Log(dsn) as log:
        vault = vault_of(dsn, place.vault)
        store = opened_store(documents_folder(place, given.documents), vault)
        if store is None:
            raise NoStore("(--documents, --vault)")
        with Writer(dsn, vault=vault) as writer:
            yield _held(given, store, log, writer)


def _held(given: Namespace, store: Documents, log: Log, writer: Writer) -> tuple[Custody, Poster]:
    contracts, own, refusals = door_of(log, writer)
    poster = own if given.key is None else Keys(log).poster(f"Bearer {given.key}")
    return Custody(store, log, writer.post, refusals, contracts), poster


def _put(given: Namespace, custody: Custody, poster: Poster) -> None:
    media = given.media_type or mimetypes.guess_type(given.file.name)[0] or "application/octet-stream"
    said = statement(
        custody.contracts.codes,
        poster,
        kind=given.kind,
        cls=given.cls,
        retention=given.retention,
        media=media,
        lot=given.lot,
        case=given.case,
    )
    with given.file.open("rb") as file, custody.store.coming(said.cls, DOCUMENT_LIMIT) as coming:
        while piece := file.read(PIECE_BYTES):
            coming.write(piece)
        kept, new = coming.keep(said, clock.stamp(custody.present()))
    receipt = custody.admit(kept)
    json_line({"doc": kept.doc(), "position": receipt.position, "duplicate": not new})


def _get(given: Namespace, custody: Custody, poster: Poster) -> None:
    found = custody.find(given.sha256, poster)
    pieces = custody.store.read(found)
    custody.tell_read(found, poster, given.purpose)
    if given.output is None:
        sys.stdout.buffer.writelines(pieces)
        return
    with given.output.open("wb") as file:
        file.writelines(pieces)
    if given.json:
        json_line(found.doc())
    else:
        console.print(f"{given.output}: {found.size:,} 字节 bytes, {found.said.cls}", markup=False)


def _dispose(custody: Custody, *, as_json: bool) -> None:
    done = custody.carry_out()
    if as_json:
        json_line([asdict(one) for one in done])
        return
    for one in done:
        console.print(f"已销毁 destroyed: {one.document} (#{one.position})", markup=False)
    console.print(f"共 {len(done)} 份 · {len(done)} in all", markup=False)
