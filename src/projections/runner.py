"""The runner: reads the log in batches, checks the chain of what it reads, and fills the views.

    runner = Runner(dsn)
    runner.run_once()             # up to the head (or `until`); returns the position reached
    runner.follow(stop)           # until the threading.Event is set: on NOTIFY, else every second
    runner.rebuild()              # every view anew, beside the live ones, then moved in one transaction

Exactly once: a view's rows and its position change in one transaction, under a lock that a dying process gives back.
A `kill -9` at any moment leaves the last committed position, and the next run goes on from there. Views at the same
position are filled together; a view that was dropped in catches up alone first. A view whose own files, or whose
rulebook, are not those it was made by is rebuilt before it is shown.

The order within a batch: read, check (`chain`), judge (`judge`), apply to each view, move the position, commit. A break
of the chain raises `ledger.errors.Broken` before anything of that batch is applied, and stays: nothing later is shown.

With a `Writer`, alerts that the findings demand are posted after each run (`projections.alerts`), and read back.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

import psycopg
from psycopg import Connection

from ledger.errors import Broken, CannotRun
from ledger.store.connect import connect
from ledger.store.postgres import Log
from ledger.writer import Writer
from projections import tables, views
from projections.alerts import raise_alerts
from projections.chain import Chain
from projections.judge import Judge, shipped
from projections.views.batch import Batch

BATCH = 1000
"""Entries a transaction: rows of a batch fit in memory, and a reader lags by less than a second."""

POLL_SECONDS = 1.0
Progress = Callable[[int, int], None]
"""Told (position, goal) after each batch."""

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Group:
    """Views that stand at the same entry, the chain up to it, and the judge who has seen it."""

    names: list[str]
    chain: Chain
    judge: Judge


class Runner:
    """Fills the views of one database; to be used by one thread at a time. Two runners take turns, by lock."""

    def __init__(self, dsn: str, writer: Writer | None = None) -> None:
        self._dsn = dsn
        self._writer = writer
        self._groups: list[Group] = []
        self.failure: Exception | None = None
        """Why `follow` ended before it was told to; None while it works."""

    def run_once(self, until: int | None = None, *, progress: Progress | None = None) -> int:
        """Bring every view to position `until` (default: the head) and return the position reached.

        `progress` is told (position, goal) after each batch. Without `until`, alerts are posted where there is a
        writer. Raises Broken where the log does not hang together, Conflict where an alert's id has other bytes.
        """
        with self._session() as (log, conn):
            return self._run(log, conn, until, progress)

    def follow(self, stop: Event) -> None:
        """Keep the views at the head until `stop` is set. A lost server is waited for; a break ends it, loudly."""
        while not stop.is_set():
            try:
                with self._session() as (log, conn), connect(self._dsn, tables.ROLE) as ear:
                    ear.execute("LISTEN ledger")
                    while not stop.is_set():
                        self._run(log, conn, None, None)
                        for _ in ear.notifies(timeout=POLL_SECONDS, stop_after=1):
                            pass
            except (psycopg.OperationalError, CannotRun) as fault:
                _logger.warning("views wait for the database: %s", fault)
                stop.wait(POLL_SECONDS)
            except Exception as failure:
                self.failure = failure
                _logger.critical("views stand still: %s", failure)
                raise

    def rebuild(self, names: Iterable[str] | None = None, *, progress: Progress | None = None) -> int:
        """Build views (default: every one) anew beside the live ones, then move them in one transaction.

        Live views stay readable and go on being filled; only the last stretch and the move hold them up. Returns the
        position of the rebuilt views.
        """
        wanted = list(names) if names is not None else list(views.names())
        with self._session() as (log, conn), tables.locked(conn, tables.BESIDE):
            return self._replace(conn, log, wanted, progress)

    @contextmanager
    def _session(self) -> Iterator[tuple[Log, Connection[Any]]]:
        with Log(self._dsn, tables.ROLE, connections=1) as log, tables.open_tables(self._dsn) as conn:
            yield log, conn

    def _run(self, log: Log, conn: Connection[Any], until: int | None, progress: Progress | None) -> int:
        """Read, then post the alerts that are due, until nothing is left to read or to post."""
        while True:
            if _outdated(conn):
                with tables.locked(conn, tables.BESIDE):
                    if outdated := _outdated(conn):  # asked again: somebody else may have made them anew meanwhile
                        self._replace(conn, log, outdated, progress)
            with tables.locked(conn, tables.LIVE):
                try:
                    reached = self._catch_up(conn, log, until, progress)
                except BaseException:
                    self._groups = []  # chain and judge may be ahead of what was committed: the next run reads anew
                    raise
                if self._writer is None or until is not None or not raise_alerts(log, conn, self._writer):
                    return reached

    def _catch_up(self, conn: Connection[Any], log: Log, until: int | None, progress: Progress | None) -> int:
        self._prepare(conn, log)
        head = log.head().size
        goal = head if until is None else min(until, head)
        while self._groups and self._groups[0].chain.position < goal:
            group = self._groups[0]
            following = self._groups[1].chain.position if len(self._groups) > 1 else goal
            fill(conn, log, tables.LIVE, group, min(goal, following), progress)
            self._groups = _merged(self._groups)
        compare_root(log, self._groups)
        return self._groups[0].chain.position if self._groups else goal

    def _prepare(self, conn: Connection[Any], log: Log) -> None:
        """Make what is missing, drop what has no files any more, and find out where each view stands."""
        standing = _progress(conn)
        new = [name for name in views.names() if name not in standing]
        gone = [name for name in standing if name not in views.names()]
        tables.discard(conn, gone)
        tables.furnish(conn, tables.LIVE, new, shipped().digest)
        if new or gone or not self._stands_as_remembered(standing):
            self._groups = _groups(_progress(conn), log)

    def _replace(self, conn: Connection[Any], log: Log, names: list[str], progress: Progress | None) -> int:
        """Build views beside, then move them. Locks in this order everywhere: beside, then live."""
        group = self._build(conn, log, names, progress)
        with tables.locked(conn, tables.LIVE):
            return self._move(conn, log, group, progress)

    def _stands_as_remembered(self, standing: dict[str, tuple[int, bytes, bytes, str]]) -> bool:
        remembered = {name: (g.chain.position, g.chain.leaf) for g in self._groups for name in g.names}
        return remembered == {name: row[:2] for name, row in standing.items()}

    def _build(self, conn: Connection[Any], log: Log, names: list[str], progress: Progress | None) -> Group:
        """Build views from nothing in the schema beside, up to the head as it is now."""
        tables.clear(conn, tables.BESIDE)
        tables.furnish(conn, tables.BESIDE, names, shipped().digest)
        group = Group(names, Chain(), Judge.resume(log, 0))
        fill(conn, log, tables.BESIDE, group, log.head().size, progress)
        return group

    def _move(self, conn: Connection[Any], log: Log, group: Group, progress: Progress | None) -> int:
        """Add what came meanwhile and put the views in their place; the live lock is held."""
        fill(conn, log, tables.BESIDE, group, log.head().size, progress)
        compare_root(log, [group])
        tables.move(conn, group.names)
        self._groups = []
        return group.chain.position


def fill(
    conn: Connection[Any],
    log: Log,
    schema: str,
    group: Group,
    goal: int,
    progress: Progress | None = None,
) -> None:
    """Bring the views of a group, whose tables stand in `schema`, to position `goal`.

    Raises Broken at the first entry that does not hang together with the one before.
    """
    modules = [view for name in group.names if (view := views.get(name)) is not None]
    batch = _read(log, group, group.chain.position, goal)
    while batch is not None:
        before = group.chain.position
        group.chain.take(batch.entries)
        with conn.pipeline(), conn.transaction():  # the server works on one view while the next is prepared here
            tables.enter(conn, schema)
            for view in modules:
                view.apply(conn, batch)
            moved = conn.execute(
                "UPDATE progress SET position = %s, leaf = %s, frontier = %s WHERE view = ANY(%s) AND position = %s"
                " RETURNING view",
                (group.chain.position, group.chain.leaf, group.chain.saved(), group.names, before),
            )
            batch = _read(log, group, group.chain.position, goal)
            if len(moved.fetchall()) != len(group.names):
                raise CannotRun("somebody else moved the views")
        if progress is not None:
            progress(group.chain.position, goal)


def _read(log: Log, group: Group, after: int, goal: int) -> Batch | None:
    """Read and judge the next batch; None at the goal. It may be read before the last one is committed."""
    if after >= goal:
        return None
    entries = log.entries(after, min(BATCH, goal - after))
    if not entries:
        raise Broken(f"the log ends before #{after + 1}", position=after + 1)
    judged = group.judge.take(entries)
    return Batch(entries, judged.findings, judged.rulings)


def compare_root(log: Log, groups: Iterable[Group]) -> None:
    """Compare the root of what was read with the log's own, wherever both stand at the same size. Raises Broken."""
    edge = log.edge()
    for group in groups:
        if group.chain.position == edge.size and group.chain.root() != edge.root():
            raise Broken(f"the tiles' root at {edge.size} is not the root of what was read", position=edge.size)


def _progress(conn: Connection[Any]) -> dict[str, tuple[int, bytes, bytes, str]]:
    rows = conn.execute("SELECT view, position, leaf, frontier, edition FROM views.progress ORDER BY view").fetchall()
    return {view: (position, bytes(leaf), bytes(frontier), edition) for view, position, leaf, frontier, edition in rows}


def _outdated(conn: Connection[Any]) -> list[str]:
    """Views that stand there and were made by other files, or under another rulebook."""
    edition = shipped().digest
    return [n for n, row in _progress(conn).items() if n in views.names() and row[3] != tables.digest(n, edition)]


def _groups(standing: dict[str, tuple[int, bytes, bytes, str]], log: Log) -> list[Group]:
    """Views that stand together, the hindmost first."""
    together: dict[tuple[int, bytes, bytes], list[str]] = {}
    for name, (position, leaf, frontier, _) in standing.items():
        together.setdefault((position, leaf, frontier), []).append(name)
    return [Group(together[at], Chain.resume(*at), Judge.resume(log, at[0])) for at in sorted(together)]


def _merged(groups: list[Group]) -> list[Group]:
    """Join the hindmost group to the next once it has caught up. Raises Broken where both read another entry there."""
    first, *others = groups
    if not others or first.chain.position < others[0].chain.position:
        return groups
    if first.chain.leaf != others[0].chain.leaf:
        position = first.chain.position
        raise Broken(f"#{position} is not the entry that other views were made of", position=position)
    return [Group([*others[0].names, *first.names], others[0].chain, others[0].judge), *others[1:]]
