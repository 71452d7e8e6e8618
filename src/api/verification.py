"""Both sides of verification in one run: the log byte by byte (`ledger.verify`), then views and recorded alerts
(`projections.compare`); and the record that pages show of the last run.

The record is for people. It is a stored flag like any other and proves nothing: a verdict is worth what the program
that recomputed it is worth, so whoever doubts runs it again, on a machine of their own.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from ledger import clock
from ledger.verify import Verdict, verify
from projections.compare import Comparison, compare


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found; `views` is None where only the log was asked for, or its break made views pointless."""

    started_at: str
    finished_at: str
    log: Verdict
    views: Comparison | None

    @property
    def ok(self) -> bool:
        """Whether everything that was looked at holds."""
        return self.log.ok and (self.views is None or self.views.ok)

    def as_json(self) -> dict[str, Any]:
        """The record as it is kept, shown and printed."""
        return {
            "ok": self.ok,
            "verdict": {"zh": self.log.zh, "en": self.log.en},
            "checked": self.log.size,
            "root": self.log.root.hex(),
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "problems": [asdict(fault) for fault in self.log.faults],
            "views": None if self.views is None else asdict(self.views) | {"ok": self.views.ok},
        }


def run(
    dsn: str, *, log_only: bool = False, deep: bool = False, progress: Callable[[int, int], None] | None = None
) -> Verification:
    """Verify the ledger at `dsn` (a connection of the database's owner) and keep the record.

    Raises CannotRun where the database is away or no ledger stands there.
    """
    started = clock.stamp(clock.now())
    verdict = verify(dsn, deep=deep, progress=progress)
    views = compare(dsn) if verdict.ok and not log_only else None
    done = Verification(started, clock.stamp(clock.now()), verdict, views)
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO house.verification (started_at, finished_at, verdict) VALUES (%s, %s, %s)",
            (done.started_at, done.finished_at, Jsonb(done.as_json())),
        )
    return done
