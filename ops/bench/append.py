"""Appending: the chained log against the unprotected `eventsourcing` PostgreSQL application recorder, in one run.

Both write the same event documents to the same embedded server, alternating, so that the ratio means something on any
machine. The log seals each into an entry of about 1 KB with chain, links, key, tiles and four tags (subject, project,
source, one party); the library stores the document as a bare row. Batches of 1, 100 and 1,000; the library takes 250
instead of 1,000, because a pipelined insert of more can hang. One caller that waits for each batch (`one caller`); and
for the log alone also a caller that keeps posting while commits are on their way (`streaming`): the next group is
sealed meanwhile.

    .venv/bin/python ops/bench/append.py [--rounds 5] [--seconds 2] [--data DIR]

Durability is read from the server on the very connections that write, and printed; a run with different settings on
the two sides says so and fails. Every measurement is bounded in time.
"""

import argparse
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.rows import tuple_row

from ledger import genesis
from ledger.clock import ticks
from ledger.contracts import Contracts
from ledger.post import Post
from ledger.store import embedded
from ledger.store.migrate import migrate
from ledger.writer import Writer

BATCHES = (1, 100, 1000)
LIBRARY_BATCHES = {1: 1, 100: 100, 1000: 250}
IN_FLIGHT = 4
IN_FLIGHT_EVENTS = 400
"""A streaming caller has this many events, or this many batches, on their way."""

MOST_A_SECOND = 40_000
DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")
POSTER = {"org": "12140300MA0TT001XR", "via": "key:000000000000"}
SOURCE = "urn:bench:ptc"


def events(run: str) -> Iterator[Post]:
    """Endless posts: 2,000 lots of 200 projects, 5,000 parties, one source; documents of about 600 bytes."""
    number = 0
    while True:
        number += 1
        lot, project, party = number % 2000, number % 200, number * 7 % 5000
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": f"{run}-{number}",
            "source": SOURCE,
            "sequence": str(number),
            "type": "bench.appended.v1",
            "subject": f"lot:E1403{lot:08d}",
            "project": f"2101-140300-04-01-{project:06d}",
            "time": "2026-02-10T15:41:07+08:00",
            "data": {"party": f"91140302MA{party:08d}", "price_fen": number, "text": "公示内容" * 24},
        }
        tags = (event["subject"], f"party:{event['data']['party']}", f"project:{event['project']}", f"source:{SOURCE}")
        yield Post.of(event, tags=tags, poster=POSTER)


def log_once(writer: Writer, posts: Iterator[Post], batch: int, seconds: float) -> float:
    """Events a second of one caller that waits for each batch."""
    return rate(writer.append, posts, batch, seconds)


def log_streaming(writer: Writer, posts: Iterator[Post], batch: int, seconds: float) -> float:
    """Events a second of one caller with a few batches on their way; the posts are made beforehand."""
    batches = [list(islice(posts, batch)) for _ in range(int(seconds * MOST_A_SECOND / batch))]
    window = max(IN_FLIGHT, IN_FLIGHT_EVENTS // batch)
    waiting: deque[Any] = deque()
    started, done = ticks(), 0
    for one in batches:
        waiting.append(writer.post(one))
        if len(waiting) >= window:
            done += len(waiting.popleft().result())
        if ticks() - started > seconds:
            break
    done += sum(len(answer.result()) for answer in waiting)
    return done / (ticks() - started)


def library_once(recorder: PostgresApplicationRecorder, posts: Iterator[Post], batch: int, seconds: float) -> float:
    """Events a second of the library's recorder, one caller that waits for each batch."""
    stored = (StoredEvent(uuid4(), 1, post.type, post.event) for post in posts)
    return rate(recorder.insert_events, stored, batch, seconds)


def rate(append: Callable[[list[Any]], object], events: Iterator[Any], batch: int, seconds: float) -> float:
    """Call `append` with batches until it has worked for `seconds`; events a second. Making them is not counted."""
    spent, done = 0.0, 0
    while spent < seconds:
        batched = list(islice(events, batch))
        started = ticks()
        append(batched)
        spent += ticks() - started
        done += batch
    return done / spent


def durability(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """The settings that say what a commit means, as this connection has them."""
    found = {}
    for name in DURABILITY:
        with connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute("SELECT pg_catalog.current_setting(%s)", (name,)).fetchone()
        found[name] = str(row[0]) if row else "?"
    return found


def main() -> int:
    """Measure and print; 0 when both sides were equally durable."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of each measurement")
    parser.add_argument("--data", type=Path, help="folder of the embedded server (default: a temporary one)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sunledger-bench-") as folder:
        server = embedded.start(given.data or Path(folder))
        try:
            return bench(server, given.rounds, given.seconds)
        finally:
            server.stop()


def bench(server: embedded.Server, rounds: int, seconds: float) -> int:
    """Alternate the sides for some rounds on a running server."""
    run = uuid4().hex[:8]
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        for name in (f"log_{run}", f"library_{run}"):
            owner.execute(f"CREATE DATABASE {name}".encode())
        version = owner.info.server_version
    migrate(server.database(f"log_{run}"))
    parts = psycopg.conninfo.conninfo_to_dict(server.dsn)
    datastore = PostgresDatastore(f"library_{run}", str(parts["host"]), "", str(parts["user"]), "")
    recorder = PostgresApplicationRecorder(datastore, events_table_name="events")
    recorder.create_table()
    results: dict[tuple[str, int], list[float]] = {}
    with Writer(server.database(f"log_{run}")) as writer:
        genesis.create(writer, Contracts.load(), origin="bench.example/log", region="140300", organ=POSTER["org"])
        posts = events(run)
        settings = {"log": durability(writer._appender.connection)}
        with datastore.get_connection() as connection:
            settings["library"] = durability(connection)
        log_once(writer, posts, 1000, seconds)  # tags become known, files grow: not counted
        for _ in range(rounds):
            for batch in BATCHES:
                keep = results.setdefault
                keep(("one caller", batch), []).append(log_once(writer, posts, batch, seconds))
                keep(("library", batch), []).append(library_once(recorder, posts, LIBRARY_BATCHES[batch], seconds))
                keep(("streaming", batch), []).append(log_streaming(writer, posts, batch, seconds))
    datastore.close()
    return tell(results, settings, version, rounds, seconds)


def tell(
    results: dict[tuple[str, int], list[float]],
    settings: dict[str, dict[str, str]],
    version: int,
    rounds: int,
    seconds: float,
) -> int:
    """Print settings, medians, spread and ratios."""
    print(f"PostgreSQL {version}, {rounds} rounds of {seconds} s, alternating")
    for side, durable in settings.items():
        print(f"  {side:8}", ", ".join(f"{name} = {value}" for name, value in durable.items()))
    print(f"\n{'batch':>6} {'':12} {'events/s':>10} {'min … max':>19} {'against the library':>22}")
    for batch in BATCHES:
        base = median(results["library", batch])
        for side in ("one caller", "streaming", "library"):
            found = results[side, batch]
            ratio = "" if side == "library" else f"{median(found) / base:.2f} ×"
            name = f"library ({LIBRARY_BATCHES[batch]})" if side == "library" else side
            print(f"{batch:>6} {name:14} {median(found):>8,.0f} {min(found):>9,.0f} … {max(found):>7,.0f} {ratio:>22}")
    equal = settings["log"] == settings["library"] and set(settings["log"].values()) == {"on"}
    print("\nequally durable" if equal else "\nNOT equally durable: the ratios mean nothing")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
