"""What a running server holds: log, writer, contracts, runner, keys, refusals. One object, made in one place.

Two threads belong to it: the projection runner, which follows the log, and the minder, which once a minute tells of
strangers. The writer has its own, and sees to it that the rules' clock ticks once a day even when nobody posts.

Before anything else the log is compared with what was signed of it (`ledger.guard`): a log that was rewritten is not
served at all. Where it is shorter, where the writer cannot start, or stops for good, because the log is not what it
should be, the server is *read-only*: posts get 503, everything that is there can still be read, and the alarm stands
on every page.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from api.auth import Keys
from api.custody import Custody, opened_store
from api.disclosing import Disclosing
from api.erasing import epoch_event
from api.keepers import seals_of, trusted
from api.published import Checkpoints
from api.refusals import Refusals
from api.settings import Settings, read_policy
from api.signing import signer_alarms
from api.status import silence
from api.vaults import vault_of
from ledger import clock, guard
from ledger.contracts import Contracts
from ledger.entry import Entry
from ledger.errors import Broken, CannotRun, LedgerError, ReadOnly, UnsafeServer
from ledger.opener import Opener
from ledger.post import Post, Receipt, Tick
from ledger.sealed_events.states import Seals
from ledger.store.connect import connect
from ledger.store.postgres import Log
from ledger.writer import Writer
from projections.runner import Runner

MIND_SECONDS = 60.0

_log = logging.getLogger(__name__)


class Services:
    """Opened by the app's lifespan, closed by it. Raises CannotRun when no ledger stands at `dsn`."""

    def __init__(self, dsn: str, settings: Settings | None = None) -> None:
        self.dsn = dsn
        self.settings = settings or Settings()
        self.contracts = Contracts.load(self.settings.schemas)
        connect(dsn).close()
        self.vault = vault_of(dsn, self.settings.vault)
        self.log = Log(dsn, connections=8)
        created = self.log.entry(1)
        if created is None:
            self.log.close()
            raise CannotRun("no ledger stands here yet; `sunledger init` founds one")
        self.created: Entry = created
        self.told = created.data["clock"] == "told"
        self._writer: Writer | None = None
        self.seals: Seals | None = None
        self.checkpoints = Checkpoints(self.log, self.settings.signer, read_policy(self.settings.policy))
        self._cannot_write: LedgerError | None = self._not_as_signed()
        try:
            if self._cannot_write is None:
                self.seals = self._seals()
                self._writer = Writer(dsn, vault=self.vault, seals=self.seals)
        except (Broken, UnsafeServer) as failure:
            self._cannot_write = failure
        self.runner = Runner(dsn, self._writer)
        self.opener = self._opener()
        self.keys = Keys(self.log)
        self.refusals = Refusals(self.post, self.contracts, str(created.data["organ"]), self.present)
        self.custody = self._open_documents()
        self.disclosing = Disclosing(self.log, self.contracts, self.vault, self.refusals)
        self._stop = Event()
        opening = [] if self.opener is None else [Thread(target=self._open, name="opener", daemon=True)]
        self._threads = [
            *opening,
            Thread(target=self._follow, name="runner", daemon=True),
            Thread(target=self._mind, name="minder", daemon=True),
            Thread(target=self.checkpoints.follow, args=(self._stop,), name="checkpoints", daemon=True),
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop the threads, tell of the last strangers, commit what waits, give the connections back."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=10)
        if self._writer is not None:
            if not self.told:
                self._tell_strangers()
            self._writer.close()
        self.log.close()

    def post(self, posts: Sequence[Post | Tick]) -> "Future[list[Receipt]]":
        """Queue events that are committed together or not at all. Raises ReadOnly while nothing can be written."""
        failure = self._write_failure()
        if failure is not None or self._writer is None:
            raise ReadOnly(f"({failure})")
        return self._writer.post(posts)

    @property
    def origin(self) -> str:
        """The log's name for ever."""
        return str(self.created.data["origin"])

    def failures(self) -> list[str]:
        """Why the server cannot do all its work: a stopped writer, a stopped runner. Empty when it can."""
        failures = (self._write_failure(), self.runner.failure)
        return [str(failure) for failure in failures if failure is not None]

    def alarms(self) -> list[str]:
        """What is wrong right now: here, with the signer and its witnesses, or a log that stands still."""
        signatures = signer_alarms(self.log, self.settings.signer, self.checkpoints.failure, told=self.told)
        sealed = [] if self.opener is None else self.opener.alarms()
        return self.failures() + signatures + sealed + self.checkpoints.alarms() + silence(self.log, self.created)

    def last_verification(self) -> dict[str, Any] | None:
        """What the last verification said; see `api.verification`."""
        with self.log.connection() as connection:
            row = connection.execute("SELECT verdict FROM house.verification ORDER BY number DESC LIMIT 1").fetchone()
        return None if row is None else dict(row[0])

    def _open_documents(self) -> Custody | None:
        """The document store, where the settings name one."""
        store = opened_store(self.settings.documents, self.vault)
        return None if store is None else Custody(store, self.log, self.post, self.refusals, self.contracts)

    def _seals(self) -> Seals | None:
        settings = self.settings
        slot = None if settings.slot is None else timedelta(seconds=settings.slot)
        return seals_of(
            settings.keepers,
            self.vault,
            self.contracts,
            told=self.told,
            trusted=lambda: trusted(settings.signer, lambda: read_policy(settings.policy)),
            slot=slot,
        )

    def _opener(self) -> Opener | None:
        if self._writer is None or self.seals is None or self.told:
            return None
        return Opener(self.log, self._writer, self.seals, str(self.created.data["organ"]))

    def _open(self) -> None:
        """Open sealed groups as they may be."""
        if self.opener is not None:
            self.opener.follow(self._stop)

    def _not_as_signed(self) -> LedgerError | None:
        """Why the log must not be written: it is shorter than what was signed, or damaged. Raises AnotherLog."""
        try:
            guard.demand_signed_log(self.log, self.settings.signer)
        except guard.AnotherLog:
            self.log.close()
            raise
        except (guard.Behind, Broken) as failure:
            return failure
        return None

    def _write_failure(self) -> LedgerError | None:
        return self._cannot_write if self._writer is None else self._writer.failure

    def present(self) -> datetime:
        """The moment of an entry that nobody dated: now, or on a told clock that of the last entry."""
        if not self.told:
            return clock.now()
        last = self.log.entry(self.log.head().size) or self.created
        return clock.parse(last.recorded)

    def _follow(self) -> None:
        """Keep the views at the head. What ends that before its time is an alarm from then on, and in the log."""
        try:
            self.runner.follow(self._stop)
        except Exception:
            if self.runner.failure is None:
                raise

    def _mind(self) -> None:
        while not self._stop.wait(MIND_SECONDS):
            if not self.told:
                self._tell_strangers()
                self._mind_epoch()
            self._destroy_released()

    def _destroy_released(self) -> None:
        try:
            for one in self.custody.carry_out() if self.custody is not None else ():
                _log.warning("document %s destroyed, as disposed of by #%d", one.document, one.position)
        except LedgerError as passing:
            _log.warning("documents disposed of were not destroyed, trying again in a minute: %s", passing)

    def _mind_epoch(self) -> None:
        """End the vault's epoch when it has had its time, and say so in the log."""
        if self.vault is None or self._writer is None:
            return
        try:
            if self.vault.epochs.is_due(clock.now()):
                self.vault.turn(clock.now())
            post = epoch_event(self.vault, self.log, self.contracts, clock.now())
            if post is not None:
                self.post([post]).result()
        except LedgerError as passing:
            _log.warning("the vault's epoch was not closed or not told of, trying again in a minute: %s", passing)

    def _tell_strangers(self) -> None:
        try:
            self.refusals.tell_strangers()
        except LedgerError as passing:
            _log.warning("strangers were not told of, trying again in a minute: %s", passing)
