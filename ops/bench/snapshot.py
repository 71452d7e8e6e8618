"""Does an open snapshot (a dump, a verification, a replica's query) slow single appends?

A row that is updated again and again does: its dead versions cannot be cleared away while anybody may still look at
them. The log updates no row, so it should not. This measures single appends, each waited for, without and with a
REPEATABLE READ snapshot open on the log, and prints the median of each and their ratio (wanted: at most 1.25).

    .venv/bin/python ops/bench/snapshot.py [--seconds 30] [--rounds 2] [--data DIR]
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import psycopg

from ledger import genesis
from ledger.clock import ticks
from ledger.contracts import Contracts
from ledger.post import Post
from ledger.store import embedded
from ledger.store.migrate import migrate
from ledger.writer import Writer

SLOWER_AT_MOST = 1.25
POSTER = {"org": "12140300MA0TT001XR", "via": "key:000000000000"}
SOURCE = "urn:bench:ptc"


def posts() -> Iterator[Post]:
    """Endless posts of about 1 KB with four tags."""
    for number in count():
        lot, party, project = f"lot:B{number % 2000}", f"party:B{number % 5000}", f"project:B{number % 200}"
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": SOURCE,
            "type": "bench.appended.v1",
            "subject": lot,
            "time": "2026-02-10T15:41:07+08:00",
            "data": {"text": "公示内容" * 24},
        }
        yield Post.of(event, tags=(lot, party, project, f"source:{SOURCE}"), poster=POSTER)


def appended(writer: Writer, post: Post) -> float:
    """Milliseconds until one append is durable."""
    begun = ticks()
    writer.append([post])
    return (ticks() - begun) * 1000


def measure(dsns: tuple[str, str], seconds: float, rounds: int) -> float:
    """Prints a line a round; returns the ratio of the medians, with a snapshot over without.

    Two ledgers on one server take turns, append by append, so that whatever else the machine does falls on both; the
    snapshot is open on one of them for the whole round, on the other in the next. (It holds back its database only.)
    """
    source = posts()
    found: tuple[list[float], list[float]] = ([], [])
    with Writer(dsns[0]) as first, Writer(dsns[1]) as second:
        for turn in range(rounds):
            looked_at, alone = (first, second) if turn % 2 == 0 else (second, first)
            with psycopg.connect(dsns[turn % 2]) as looker:
                looker.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                looker.execute("SELECT count(*) FROM ledger.entry")
                begun, until = (len(found[0]), len(found[1])), ticks() + seconds
                while ticks() < until:
                    found[0].append(appended(alone, next(source)))
                    found[1].append(appended(looked_at, next(source)))
            without, held = found[0][begun[0] :], found[1][begun[1] :]
            late = len(held) // 3
            print(
                f"{len(held):,} appends each: median {median(without):.3f} ms without, {median(held):.3f} ms with; "
                f"in the last third {median(without[-late:]):.3f} and {median(held[-late:]):.3f} ms",
                flush=True,
            )
    return median(found[1]) / median(found[0])


def founded(server: embedded.Server) -> str:
    """A new ledger in a database of its own."""
    name = f"bench_{uuid4().hex[:8]}"
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    dsn = server.database(name)
    migrate(dsn)
    with Writer(dsn) as writer:
        genesis.create(writer, Contracts.load(), origin="bench.example/log", region="140300", organ=POSTER["org"])
    return dsn


def main() -> int:
    """0 when appends are not slowed by more than a quarter, else 1."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30, help="how long the snapshot is open (30)")
    parser.add_argument("--rounds", type=int, default=2, help="how many rounds (2)")
    parser.add_argument("--data", type=Path, help="folder of the cluster (default: a temporary one)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = embedded.start(given.data or Path(folder))
        try:
            ratio = measure((founded(server), founded(server)), given.seconds, given.rounds)
        finally:
            server.stop()
    print(f"with / without: {ratio:.2f} (wanted: at most {SLOWER_AT_MOST})")
    return 0 if ratio <= SLOWER_AT_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
