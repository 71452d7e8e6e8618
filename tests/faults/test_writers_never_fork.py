"""Two processes, one log: 2,000 appends each, in small and single batches, and one gapless order comes out."""

import subprocess
import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest

from ledger.store.postgres import Log

APPENDS = 2000
BOUND_SECONDS = 90

WRITER = """
import sys
from collections import deque
from ledger.post import Post
from ledger.writer import Writer

dsn, who, appends = sys.argv[1], sys.argv[2], int(sys.argv[3])

def post(name, n):
    tags = (f"lot:{who}-{name}", f"party:{n % 50}", f"project:{n % 7}", "source:urn:example:both")
    event = {"specversion": "1.0", "id": f"{who}-{name}", "source": "urn:example:both", "type": "test.happened.v1",
             "subject": tags[0], "time": "2026-02-13T09:30:00+08:00", "data": {"n": n}}
    return Post.of(event, tags=tags, poster={"org": "12140300MA0TT030XR", "via": "key:test"})

print("ready", flush=True)
sys.stdin.readline()
with Writer(dsn) as writer:
    clients = deque()
    for n in range(appends):
        size = 1 if n % 3 else 3
        clients.append(writer.post([post(f"{n}.{i}", n) for i in range(size)]))
        if len(clients) == 8:
            clients.popleft().result(60)
    while clients:
        clients.popleft().result(60)
print("done", flush=True)
"""


@pytest.mark.fault
@pytest.mark.slow
def test_two_processes_that_append_at_once_make_one_gapless_order(ledger: str, checked: Callable[[str], Any]) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, ledger, who, str(APPENDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for who in "ab"
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    begun = monotonic()
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    read, tail = [0], Log(ledger)
    while any(writer.poll() is None for writer in writers) and monotonic() - begun < BOUND_SECONDS:
        read += [entry.position for entry in tail.entries(after=read[-1], limit=500)]
    for writer in writers:
        out, err = writer.communicate(timeout=max(1, BOUND_SECONDS - (monotonic() - begun)))
        assert (out, writer.returncode) == ("done\n", 0), err
    while rest := tail.entries(after=read[-1]):
        read += [entry.position for entry in rest]
    tail.close()

    seen = checked(ledger)
    singles, threes = APPENDS - len(range(0, APPENDS, 3)), len(range(0, APPENDS, 3))
    assert seen.size == 1 + 2 * (singles + 3 * threes)
    assert read == list(range(seen.size + 1)), "who tails the log misses nothing and sees no other order"
