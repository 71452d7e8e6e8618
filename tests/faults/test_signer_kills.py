"""kill -9 of the signer at random moments, while entries come: never two roots for one size, never a lost beginning.

Every note that any of its lives put out is checked at the end: signed by the one key, one root for each size, and that
root is the root of the log. The signer is the program itself, started again after each kill.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import monotonic, sleep

import psycopg
import pytest

from ledger.post import Post
from ledger.proofs.checkpoint import verify
from ledger.proofs.tree import Edge
from ledger.signing import keyfile, memory
from ledger.store import checkpoints
from ledger.store.postgres import Log
from ledger.writer import Writer

KILLS = 12
PATIENCE = 60


def start(dsn: str, folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "api.cli", "signer", "--memory", str(folder)]
    return subprocess.Popen(command, env=os.environ | {"SUNLEDGER_DSN": dsn})


def caught_up(log: Log, size: int) -> None:
    """Wait until the signer that runs has published so much."""
    until = monotonic() + PATIENCE
    while checkpoints.covering(log, size) is None:
        assert monotonic() < until, f"no checkpoint over {size} entries comes"
        sleep(0.02)


@pytest.mark.fault
@pytest.mark.slow
def test_a_signer_killed_at_random_moments_never_signs_two_roots_for_one_size(
    ledger: str, post: Callable[..., Post], tmp_path: Path
) -> None:
    folder, moments = tmp_path / "signer", Random(20261122)
    with Writer(ledger) as writer, Log(ledger) as log:
        for life in range(KILLS):
            child = start(ledger, folder)
            if life % 3:  # else it is killed while it starts and catches up
                caught_up(log, log.head().size)
            until = monotonic() + moments.uniform(0.05, 0.6)
            count = 0
            while monotonic() < until:
                count += 1
                writer.append([post(f"{life}-{count}", f"lot:{count % 7}")])
                sleep(0.01)
            child.kill()
            child.wait()
            assert child.returncode == -9, "it was at work when it was killed"
        head = log.head().size
        child = start(ledger, folder)
        try:
            caught_up(log, head)
        finally:
            child.terminate()
            assert child.wait(PATIENCE) == 0, "told to stop it ends in order"
        leaves = [entry.leaf for after in range(0, head, 1000) for entry in log.entries(after)]
    roots: dict[int, bytes] = {}
    edge = Edge()
    for leaf in leaves:
        edge.append(leaf)
        roots[edge.size] = edge.root()
    keys = keyfile.public(folder)
    assert keys is not None
    with psycopg.connect(ledger) as owner:
        notes = checkpoints.published(owner)
    assert len(notes) > KILLS // 2
    for note in notes:
        signed = verify(note, keys.logs).checkpoint
        assert signed.root == roots[signed.size]
    known, refused = memory.look(folder)
    assert (known.size, known.root, refused) == (head, roots[head], None)
