"""A runner killed at any moment: the next one goes on, nothing is lost, nothing is counted twice, no alert doubled."""

import random
import subprocess
import sys
from collections import Counter
from typing import Any

import psycopg
import pytest

from api.founding import Founding, found
from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.store.postgres import Log
from ledger.writer import Writer
from projections.compare import compare
from projections.dossier import ALERT
from projections.runner import Runner

ORGAN = "11140300MA0TT020X7"
NOTICES = 400
KILLS = 10

RUN = """
import sys, projections.runner as runner
from ledger.writer import Writer
runner.BATCH = 2
say = lambda at, goal: print(at, flush=True)
with Writer(sys.argv[1]) as writer:
    while True:
        if sys.argv[2] == "rebuild":
            runner.Runner(sys.argv[1], writer).rebuild(progress=say)
        else:
            runner.Runner(sys.argv[1], writer).run_once(progress=say)
            break
"""

DIE = """
import os, signal, sys
import psycopg
import projections.runner as runner
from projections import views

runner.BATCH = 7
views.all_views()
run = psycopg.Connection.execute
left = 0

def execute(self, *asked, **more):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return run(self, *asked, **more)

psycopg.Connection.execute = execute
killed = 0
for left in range(1, int(sys.argv[2])):
    child = os.fork()
    if child == 0:
        runner.Runner(sys.argv[1]).run_once()
        os._exit(0)
    killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
print(killed)
"""
"""Children that kill themselves before their first, second, third … statement."""


def notice(number: int) -> dict[str, Any]:
    firms = [f"name-{(number * step) % 23:016x}" for step in (1, 3, 5)]
    return {
        "specversion": "1.0",
        "id": f"n{number}",
        "source": "urn:example:centre",
        "type": "trading.candidates-publicised.v1",
        "subject": f"notice:n{number}",
        "time": "2025-06-12T09:00:00+08:00",
        "project": f"P{number % 11}",
        "data": {
            "lot": f"L{number % 150}",
            "round": 1 + number // 150,
            "candidates": [{"rank": n, "party": firm, "price_kind": "none"} for n, firm in enumerate(firms, 1)],
            "opens_at": "2025-06-12T09:00:00+08:00",
            "closes_at": f"2025-06-{16 if number % 20 else 14}T09:00:00+08:00",
        },
    }


@pytest.fixture
def filled(dsn: str, contracts: Contracts) -> str:
    found(dsn, contracts, Founding(origin="test.example/log", region="140300", organ=ORGAN))
    centre = Poster(ORGAN, "PTC", "key:test")
    with Writer(dsn) as writer:
        writer.append([admit(notice(number), centre, contracts) for number in range(NOTICES)])
    return dsn


def run_and_kill(dsn: str, how: str, chance: random.Random) -> bool:
    """Start a runner, let it come some way, kill it; whether it was killed before its end."""
    process = subprocess.Popen([sys.executable, "-c", RUN, dsn, how], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(chance.randrange(1, 6)):
        if not process.stdout.readline():
            break
    try:
        process.wait(chance.random() / 50)
    except subprocess.TimeoutExpired:
        process.kill()
    with process.stdout:
        return process.wait() != 0


@pytest.mark.fault
def test_a_runner_killed_at_random_moments_loses_and_doubles_nothing(filled: str) -> None:
    chance = random.Random(20201218)
    killed = sum(run_and_kill(filled, "run", chance) for _ in range(KILLS))
    assert killed > KILLS // 2, "the kills came too late to prove anything"
    with Writer(filled) as writer:
        Runner(filled, writer).run_once()
    told = compare(filled)
    assert told.ok, told
    assert told.position == told.head
    with Log(filled) as log:
        named = Counter(entry.data["evidence"][0] for entry in log.find(type=ALERT))
    assert set(named.values()) == {1}
    assert len(named) == NOTICES // 20


@pytest.mark.fault
def test_a_runner_killed_before_each_of_its_statements_goes_on_where_it_committed(filled: str) -> None:
    said = subprocess.run([sys.executable, "-c", DIE, filled, "70"], check=True, capture_output=True, text=True)
    assert int(said.stdout) > 50, "too few were killed to prove anything"
    Runner(filled).run_once()
    assert not compare(filled).differences


@pytest.mark.fault
def test_a_rebuild_killed_at_random_moments_leaves_the_live_views_as_they_were(filled: str) -> None:
    with Writer(filled) as writer:
        Runner(filled, writer).run_once()
    chance = random.Random(48)
    for _ in range(4):
        run_and_kill(filled, "rebuild", chance)
        with psycopg.connect(filled) as conn:
            lots = conn.execute("SELECT count(*), sum(publications) FROM views.lots").fetchone()
        assert lots == (150, NOTICES)
    assert compare(filled).ok
    Runner(filled).rebuild()
    assert compare(filled).ok


@pytest.mark.fault
def test_a_reader_never_sees_half_of_a_rebuild(filled: str) -> None:
    """Pages asked while views are moved again and again: always whole, always true for one position."""
    Runner(filled).run_once()
    asker = (
        "import sys, psycopg\n"
        "from projections import views\n"
        "from ledger.store.connect import connect\n"
        "lots = views.get('lots')\n"
        "print('ready', flush=True)\n"
        "seen = set()\n"
        "with connect(sys.argv[1], 'reader') as conn:\n"
        "    for _ in range(600):\n"
        "        page = lots.page(conn, limit=200)\n"
        "        seen.add((page.total, len(page.rows), page.position))\n"
        "print(len(seen), *seen)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", asker, filled], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    moves = 0
    while process.poll() is None:
        Runner(filled).rebuild()
        moves += 1
    with process.stdout as said:
        assert said.read().startswith("1 (150, 150, ")
    assert process.returncode == 0
    assert moves > 1
