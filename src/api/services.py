"""What a running server holds: log, writer, contracts, runner, keys, refusals. One object, made in one place.

Two threads belong to it: the projection runner, which follows the log, and the minder, which once a minute tells of
strangers and sees to it that the rules' clock ticks at least once a civil day even when no entry comes (decisions 7).
"""

import logging
from threading import Event, Thread
from typing import Any

from api.auth import Keys
from api.refusals import Refusals
from api.settings import Settings
from ledger import clock
from ledger.contracts import Contracts
from ledger.entry import Entry
from ledger.errors import CannotRun, LedgerError
from ledger.post import Tick
from ledger.sealing import TICK_TYPE
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
        self.contracts = Contracts.load()
        self.log = Log(dsn, connections=8)
        created = self.log.entry(1)
        if created is None:
            self.log.close()
            raise CannotRun("no ledger stands here yet; `sunledger init` founds one")
        self.created: Entry = created
        self.told = created.data["clock"] == "told"
        self.writer = Writer(dsn)
        self.runner = Runner(dsn, self.writer)
        self.keys = Keys(self.log)
        self.refusals = Refusals(self.writer, self.contracts, str(created.data["organ"]), told=self.told)
        self._stop = Event()
        self._threads = [
            Thread(target=self.runner.follow, args=(self._stop,), name="runner", daemon=True),
            Thread(target=self._mind, name="minder", daemon=True),
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop the threads, commit what waits, give the connections back."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=10)
        self.writer.close()
        self.log.close()

    @property
    def origin(self) -> str:
        """The log's name for ever."""
        return str(self.created.data["origin"])

    def alarms(self) -> list[str]:
        """What is wrong right now: a stopped writer, a stopped runner. Empty when all is well."""
        failures = (self.writer.failure, self.runner.failure)
        return [str(failure) for failure in failures if failure is not None]

    def last_verification(self) -> dict[str, Any] | None:
        """What the last verification said; see `api.verification`."""
        with self.log.connection() as connection:
            row = connection.execute("SELECT verdict FROM house.verification ORDER BY number DESC LIMIT 1").fetchone()
        return None if row is None else dict(row[0])

    def _mind(self) -> None:
        while not self._stop.wait(MIND_SECONDS):
            try:
                if not self.told:
                    self.refusals.tell_strangers()
                    self._tick_daily()
            except LedgerError as passing:
                _log.warning("minding failed, trying again in a minute: %s", passing)

    def _tick_daily(self) -> None:
        last = self.log.last(type=TICK_TYPE) or self.created
        day = clock.parse(last.recorded).astimezone(clock.BEIJING).date()
        if day < clock.now().astimezone(clock.BEIJING).date():
            self.writer.append([Tick("daily")])
