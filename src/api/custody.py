"""Documents as the outside meets them: taken in with an entry, given out by right with an entry, destroyed by an entry.

    custody.admit(deposit)          the log says that it is held; done when that is durable
    custody.find(sha256, reader)    the deposit that this reader may read; Disposed, NotFound or NoRight otherwise
    custody.tell_read(…)            the access event, durable before the first byte goes out
    custody.carry_out()             destroys what the log has released since

A record counts only if the log holds its hash: what somebody put into the folder behind our back is not there. That a
document of the classes `dic` and `vault` exists at all is told to nobody who may not read it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from api.disclosing import has_posted
from api.refusals import Append, Refusals
from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.documents import Disposed, Documents
from ledger.errors import Broken, LedgerError, Malformed, NoRight, NotFound, Problem, Unknown
from ledger.fields import tag
from ledger.genesis import system
from ledger.keeping.deposit import HIDDEN_CLASSES, Deposit, event_id, is_record_of
from ledger.keeping.disposal import DISPOSED_TYPE, TYPES, Release, Standing
from ledger.keeping.keys import VaultKeys
from ledger.post import SYSTEM_SOURCE, Receipt, Wanted
from ledger.readers import table
from ledger.store.postgres import Log
from ledger.vault import Vault
from projections.holds import open_about

PAGE = 1000
UNSAID = "read"
"""The purpose in the access event of a class that may be read without giving one."""

_log = logging.getLogger(__name__)


class NoStore(LedgerError):
    """本台账未设文件库或密钥库。 · This ledger has no document store, or no vault for its keys."""

    code = "no-document-store"


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What was destroyed: the deposit, and the entry it was disposed of by."""

    document: str
    position: int


class Custody:
    """The store and the log together; safe to share between threads."""

    def __init__(self, store: Documents, log: Log, append: Append, refusals: Refusals, contracts: Contracts) -> None:
        self.store, self._log, self._append = store, log, append
        self._refusals, self.contracts = refusals, contracts
        created = log.entry(1)
        self._system = system(str(created.data["organ"]) if created is not None else "", "documents")
        self._looked = 0

    def present(self) -> datetime:
        """The moment of what happens now: of the machine's clock, or the last entry's where the clock is told."""
        return self._refusals.present()

    def admit(self, deposit: Deposit) -> Receipt:
        """Make the log say that a deposit is held; the first receipt again where it says so already."""
        return self._append([admit(deposit.event(), self._system, self.contracts)]).result()[0]

    def find(self, digest: str, reader: Poster | None, cls: str | None = None) -> Deposit:
        """The most open living deposit of a content that the reader may read, of class `cls` where that is given.

        Raises Disposed when all he may read was disposed of; Unknown without a key where nothing is public; NoRight,
        recorded, or NotFound.
        """
        held = [one for one in self._held(digest) if cls in (None, one.said.cls)]
        readable = [one for one in held if self._may_read(one, reader)]
        gone = [self.store.disposed_by(one) for one in readable]
        for deposit, position in zip(readable, gone, strict=True):
            if position is None:
                return deposit
        if readable:
            raise Disposed(max(position for position in gone if position is not None))
        if reader is None:
            raise Unknown("(Authorization: Bearer slk_…)")
        told = [one for one in held if one.said.cls not in HIDDEN_CLASSES]
        if not told:
            raise NotFound(f"({digest})")
        self._refusals.tell(_access(told[0], reader, UNSAID) | {"result": "refused", "reason": "no-right"}).result()
        raise NoDocumentRight(f"({reader.organ}: {told[0].said.cls})")

    def public(self, digest: str) -> bool:
        """Whether anybody may read this content."""
        return any(
            table()[one.said.cls].everyone and self.store.disposed_by(one) is None and self.store.is_there(one)
            for one in self._held(digest)
        )

    def disposed_by(self, digest: str) -> int | None:
        """The entry that a public content was disposed of by; None where it is held, or was never here."""
        gone = [self.store.disposed_by(one) for one in self._held(digest) if table()[one.said.cls].everyone]
        return None if None in gone else max((one for one in gone if one is not None), default=None)

    def tell_read(self, deposit: Deposit, reader: Poster | None, purpose: str | None) -> None:
        """Record a read of anything not public, before it happens. Raises Malformed where a purpose is wanted."""
        line = table()[deposit.said.cls]
        if line.everyone or reader is None:
            return
        if line.purpose and not (purpose or "").strip():
            zh, en = "请说明查阅目的。", "Say what it is read for."
            raise Malformed(problems=(Problem("/purpose", "purpose", zh, en),))
        said = (purpose or "").strip() or UNSAID
        self._refusals.tell(_access(deposit, reader, said) | {"result": "done"}).result()

    def carry_out(self) -> list[Destroyed]:
        """Destroy every document that the log has released; what is still open about it keeps it for now."""
        newest = self._log.last(type=DISPOSED_TYPE)
        if newest is None or newest.position <= self._looked:
            return []
        done, waiting = [], False
        for id, release in standing(self._log).released.items():
            deposit = self._living(id, release)
            if deposit is None:
                continue
            item = self._log.entry(release.item)
            still_open = open_about(self._log, item.tags if item is not None else ())
            if still_open is not None:
                waiting = True
                _log.info("document %s is kept: #%d is still open", id, still_open)
            elif self.store.dispose(deposit, release.position):
                done.append(Destroyed(id, release.position))
        self._looked = 0 if waiting else newest.position
        return done

    def _living(self, id: str, release: Release) -> Deposit | None:
        """The deposit, while anything of it is left to destroy."""
        for deposit in self._held(release.digest):
            if deposit.id == id and (self.store.disposed_by(deposit) is None or self.store.is_there(deposit)):
                return deposit
        return None

    def _held(self, digest: str) -> list[Deposit]:
        """The deposits of a content that the log knows. Raises Broken where a record is not what the log fixed."""
        return [one for one in self.store.deposits(digest) if self._is_logged(one)]

    def _is_logged(self, deposit: Deposit) -> bool:
        position = self._log.position_of(SYSTEM_SOURCE, event_id(deposit.id))
        entry = None if position is None else self._log.entry(position)
        if entry is None:
            return False
        if not is_record_of(deposit, entry.data):
            raise Broken("存放记录与账载哈希不符 · a record of a deposit was changed", position=position)
        return True

    def _may_read(self, deposit: Deposit, reader: Poster | None) -> bool:
        line = table()[deposit.said.cls]
        if reader is None:
            return line.everyone
        matter = _matter(deposit)

        def of_case() -> bool:
            return any(has_posted(self._log, one, reader.org) for one in matter)

        return line.admit(reader, deposit.said.org, of_case)


class NoDocumentRight(NoRight):
    """无权查阅此文件；本次尝试已记录。 · No right to read this document; the attempt itself is recorded."""


def opened_store(folder: Path | None, vault: Vault | None) -> Documents | None:
    """The store in a folder, made where it is not there; None where no folder or no vault is known."""
    if folder is None or vault is None:
        return None
    return Documents(folder, VaultKeys(vault), classes=tuple(table()))


def standing(log: Log) -> Standing:
    """Where the documents of a log stand."""
    found, after = Standing(), 0
    while entries := log.matching([Wanted(types=TYPES)], after, PAGE):
        for entry in entries:
            found.take(entry)
        after = entries[-1].position
    return found


def _matter(deposit: Deposit) -> Sequence[str]:
    return [tag(prefix, value) for prefix, value in (("lot", deposit.said.lot), ("case", deposit.said.case)) if value]


def _access(deposit: Deposit, reader: Poster, purpose: str) -> dict[str, Any]:
    data = {
        "actor_org": reader.org,
        "organ": reader.organ,
        "action": "read",
        "object": f"archive:{deposit.id}",
        "class": deposit.said.cls,
        "purpose": purpose,
    }
    return data if reader.pid is None else data | {"actor": reader.pid}
