"""Verification: how many entries a CPU second, in parts, beside what PostgreSQL needs to hand the bytes over.

A log of 1 KB entries is written (or found in `--data`), then read several times in one run:

    copy      COPY ledger.entry TO STDOUT, every row taken, nothing looked at
    chain     the same, with leaf hash, position, prev and tree
    verify    all of `ledger.verify` but the API's view: canonical form, links, tags, keys, tiles, disclosures too

    .venv/bin/python ops/bench/verify.py [--entries 200000] [--data DIR] [--flips 5]

Rates are of this process's CPU time: PostgreSQL's backends work on the other core. The peak of resident memory is
printed with them. Then single bytes are flipped at random places, one at a time, and each must be named.
"""

import argparse
import resource
import secrets
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from itertools import islice
from pathlib import Path
from time import process_time

import psycopg
from append import POSTER, events

from ledger import genesis
from ledger.clock import ticks
from ledger.contracts import Contracts
from ledger.entry import NO_LEAF
from ledger.proofs.tree import Edge
from ledger.store import embedded
from ledger.store.migrate import migrate
from ledger.store.suspect import Suspect
from ledger.verification.stored import Ordered
from ledger.verify import verify
from ledger.writer import Writer

PIECE = 1000
_TAIL = len('","recorded":"2026-11-22T01:00:00.123456Z","v":1}')
"""What stands behind the hash of the entry before, where no signature does."""


def main() -> int:
    """Measure and print; 0 when the honest log was consistent and every flipped byte was named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--data", type=Path, help="folder of the embedded server, kept (default: a temporary one)")
    parser.add_argument("--flips", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sunledger-bench-") as folder:
        server = embedded.start(given.data or Path(folder))
        try:
            fill(server.dsn, given.entries)
            return bench(server.dsn, given.flips)
        finally:
            server.stop()


def fill(dsn: str, entries: int) -> None:
    """Bring the log to `entries` entries."""
    migrate(dsn)
    with psycopg.connect(dsn) as owner:
        found = owner.execute("SELECT coalesce(max(position), 0) FROM ledger.entry").fetchone()
    size = int(found[0]) if found else 0
    if size >= entries:
        return
    with Writer(dsn) as writer:
        if size == 0:
            genesis.create(writer, Contracts.load(), origin="bench.example/log", region="140300", organ=POSTER["org"])
            size = 1
        posts = events(f"v{size}")
        while size < entries:
            size += len(writer.append(list(islice(posts, min(PIECE, entries - size)))))


def bench(dsn: str, flips: int) -> int:
    """Time the three readings, then flip bytes."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("CLUSTER ledger.entry USING entry_pkey")  # rows that were flipped before lie elsewhere
        owner.execute("VACUUM ANALYZE ledger.entry")
        found = owner.execute("SELECT count(*), avg(length(entry)) FROM ledger.entry").fetchone()
    size, mean = (int(found[0]), int(found[1])) if found else (0, 0)
    print(f"{size:,} entries of {mean} bytes")
    timed("copy", size, lambda: copied(dsn))
    good = timed("chain", size, lambda: chained(dsn) == size)
    good &= timed("verify", size, lambda: verify(dsn, as_api=False).ok)
    named = sum(flip(dsn, size) for _ in range(flips))
    print(f"flipped bytes named at their position: {named} of {flips}")
    return 0 if good and named == flips else 1


def timed(what: str, size: int, run: Callable[[], bool]) -> bool:
    """Run once; print entries a CPU second and the peak of memory so far."""
    started, wall = process_time(), ticks()
    good = run()
    spent, waited = process_time() - started, ticks() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{what:8} {size / spent:>10,.0f} entries a CPU second  {size / waited:>10,.0f} a second  peak {peak} MB")
    return good


def copied(dsn: str) -> bool:
    """Take every row of the entry table."""
    with Suspect(dsn) as suspect:
        copy = suspect.copy("entry")
        while copy.take(PIECE):
            pass
    return True


def chained(dsn: str) -> int:
    """Leaf, position, prev and tree of every entry; how many fit."""
    edge, due = Edge(), NO_LEAF.hex().encode()
    with Suspect(dsn) as suspect, closing(Ordered(suspect.copy("entry").take, PIECE * 2_000)) as rows:
        while (piece := rows.piece()) is not None:
            leaves = [sha256(b"\0" + raw).digest() for raw in piece.raws]
            hexes = [due, *[leaf.hex().encode() for leaf in leaves]]
            stated = [raw[-_TAIL - 64 : -_TAIL] for raw in piece.raws]
            positions = [
                b'"position":%d,"poster":' % number in raw for number, raw in enumerate(piece.raws, edge.size + 1)
            ]
            if leaves != piece.leaves or stated != hexes[:-1] or not all(positions):
                return edge.size
            edge.extend(leaves)
            due = hexes[-1]
    return edge.size


def flip(dsn: str, size: int) -> bool:
    """Flip one bit of one entry; verify must name that position; put it back."""
    position = 1 + secrets.randbelow(size)
    sql = "UPDATE ledger.entry SET entry = set_bit(entry, %s, 1 - get_bit(entry, %s)) WHERE position = %s"
    with psycopg.connect(dsn, autocommit=True) as owner:
        found = owner.execute("SELECT length(entry) FROM ledger.entry WHERE position = %s", (position,)).fetchone()
        bit = secrets.randbelow(8 * int(found[0] if found else 1))
        owner.execute(sql, (bit, bit, position))
        verdict = verify(dsn, as_api=False)
        owner.execute(sql, (bit, bit, position))
    named = not verdict.ok and verdict.faults[0].position == position
    print(f"  bit {bit} of position {position}: {'named' if named else 'NOT named'}")
    return named


if __name__ == "__main__":
    sys.exit(main())
