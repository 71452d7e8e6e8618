"""The signer beside a server: started as a child process, stopped with it, and what is wrong with it.

A child, so that one command is enough on one machine; it shares nothing with its parent but the database's address and
a pipe that tells it when the parent is gone. In production it is a service of its own, under another user or on
another machine, and the server runs with `--no-signer`.
"""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from ledger import clock
from ledger.errors import LedgerError
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.failures import ProofError
from ledger.proofs.note import Note
from ledger.signing import memory
from ledger.store import checkpoints, witnesses
from ledger.store.postgres import Log
from ledger.store.witnesses import Told

STOP_SECONDS = 15
AGAIN_SECONDS = 5.0
"""How long after its end a signer is started again; one that refuses (exit code 1) is not."""

LATE = timedelta(seconds=10)
"""How long an entry may stand without a checkpoint before that is said."""

UNTOLD = timedelta(minutes=5)
"""How long the signer may tell nothing of its witnesses before that is said; it looks after them every minute."""

_log = logging.getLogger(__name__)


@contextmanager
def beside(dsn: str, folder: Path | None, policy: Path | None = None) -> Iterator[None]:
    """A signer with its memory in `folder` follows the log at `dsn` meanwhile; none for no folder.

    policy: the file that names the witnesses it asks.
    """
    if folder is None:
        yield
        return
    stop = Event()
    keeping = Thread(target=_keep, args=(dsn, folder, policy, stop), name="signer", daemon=True)
    keeping.start()
    try:
        yield
    finally:
        stop.set()
        keeping.join(2 * STOP_SECONDS)


def signer_alarms(log: Log, folder: Path | None, forged: LedgerError | None, *, told: bool) -> list[str]:
    """What is wrong with the signatures: a refusal, a forged checkpoint, entries that wait too long for one, witnesses.

    On a told clock nobody can say how long an entry has waited. Where nothing was ever signed and no signer is known,
    nothing is wrong.
    """
    found = [] if forged is None else [str(forged)]
    if folder is not None and (folder / memory.FILE).exists():
        refusal = memory.look(folder)[1]
        if refusal is not None:
            found.append(f"签名程序拒绝签名 · the signer refuses to sign: {refusal}")
    if forged is None and not told and (late := _late(log)) is not None:
        found.append(late)
    return found + witness_alarms(witnesses.told(log))


def witness_alarms(told: Sequence[Told]) -> list[str]:
    """Which witness is not fine, in what way and since when; and that the signer has stopped saying."""
    found = [alarm for one in told if (alarm := one.state.alarm) is not None]
    last = max((one.at for one in told), default=None)
    if last is not None and clock.now() - last > UNTOLD:
        moment = clock.stamp(last)
        found.append(f"签名程序自 {moment} 起未报告见证情况 · the signer has told nothing of witnesses since {moment}")
    return found


def witnesses_shown(told: Sequence[Told]) -> list[dict[str, Any]]:
    """The witnesses for JSON: name, state, since when, the size it cosigned last, what it said, when that was told."""
    return [asdict(one.state) | {"told": clock.stamp(one.at)} for one in told]


def _late(log: Log) -> str | None:
    note = checkpoints.newest(log)
    if note is None:
        return None
    try:
        size = Checkpoint.parse(Note.parse(note).text).size
    except ProofError as unreadable:
        return str(unreadable)
    waiting = log.entry(size + 1)
    if waiting is None or clock.now() - clock.parse(waiting.recorded) < LATE:
        return None
    return f"第 {size + 1} 条起尚无检查点 · no checkpoint since entry {size + 1}, recorded {waiting.recorded}"


def _keep(dsn: str, folder: Path, policy: Path | None, stop: Event) -> None:
    """Run the signer, and again when it ended by mistake, until told to stop."""
    while not stop.is_set():
        child = _start(dsn, folder, policy)
        while child.poll() is None and not stop.wait(0.2):
            continue
        if child.poll() is None:
            child.terminate()
        if child.stdin is not None:
            child.stdin.close()
        try:
            code = child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()  # its memory is durable at every moment
            code = child.wait()
        if stop.is_set() or code == 1:
            return
        _log.warning("the signer ended with code %d and is started again", code)
        stop.wait(AGAIN_SECONDS)


def _start(dsn: str, folder: Path, policy: Path | None) -> "subprocess.Popen[bytes]":
    """The program, in a process group of its own: Ctrl-C is for the parent, who then stops it in order."""
    environment = {name: value for name, value in os.environ.items() if name != "SUNLEDGER_DATA"}
    command = [sys.executable, "-m", "api.cli", "signer", "--memory", str(folder), "--with-parent"]
    command += [] if policy is None else ["--policy", str(policy)]
    return subprocess.Popen(  # noqa: S603  (our own program)
        command,
        env=environment | {"SUNLEDGER_DSN": dsn},  # an address may hold a password, which no list of processes shows
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        process_group=0,
    )
