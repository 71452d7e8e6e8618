"""The city of the demonstration: a simulated year in a ledger of its own, beside the one with the notices.

The first run makes it (`ops/simulate --into`), projects and verifies it; a later one finds it whole. It is made in a
folder of another name and renamed when it is complete, so that one that was interrupted is made anew.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.commands import verify
from api.commands.printing import console
from api.commands.project import projecting
from api.settings import Place, reached
from city.command import main as simulate
from ledger.errors import CannotRun
from ledger.store.postgres import Log

STOP_SECONDS = 15


def city(data: Path, events: int) -> tuple[Path, str]:
    """The folder of the city's ledger under `data`, and a line about it. Raises CannotRun where it does not verify."""
    folder, making = data / "city", data / "city.making"
    if not folder.is_dir():
        shutil.rmtree(making, ignore_errors=True)
        console.print(f"模拟城市 {events:,} 条事件 · simulating a city of {events:,} events")
        if simulate(["--events", str(events), "--into", str(making)]) != 0:
            raise CannotRun("模拟城市未能写入 · the city could not be written")
        making.rename(folder)
    with reached(Place(folder, None)) as dsn:
        projecting(dsn)
        done = verify.verifying(dsn, log_only=False, deep=False, quiet=False)
        if not done.ok:
            verify.tell(done)
            raise CannotRun("城市台账核验不符 · the city's ledger does not verify")
        with Log(dsn) as log:
            size = log.head().size
    return folder, f"城市 city      {size:,} 条 entries · {done.log.sentence_zh} · {done.log.sentence_en}"


@contextmanager
def served(folder: Path, port: int) -> Iterator[None]:
    """The city's API and console on another port meanwhile: a process of its own, stopped by its id."""
    command = [sys.executable, "-m", "api.cli", "serve", "--data", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, process_group=0) as child:
        try:
            yield
        finally:
            child.terminate()
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
