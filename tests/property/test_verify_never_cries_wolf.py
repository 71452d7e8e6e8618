"""An honest log verifies clean, however it came about: many writers, refused and aborted commits, reused pages.

The verifier's memory is made so small that every way by the disk is taken too.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

import psycopg
import pytest

from ledger import clock
from ledger.errors import Refused
from ledger.post import AppendCondition, Post, Tick, Wanted
from ledger.verification.limits import Limits
from ledger.verify import Verdict, verify
from ledger.writer import Writer

TINY = Limits(early_bytes=2_000, waiting_rows=5, tags=3, sorted_bytes=3_000)
POSTER = {"org": "11140300MA0TT020X7", "via": "system:writer"}
TEXTS = ("阳光交易", "𠮷野家 \U0001f600", 'quotes " and \\ and \n', "1.5e3, [2.5]", "", "\x7f\x01")
BEGINNING = clock.parse("2026-01-01T00:00:00Z")


def post(random: Random, number: int, *, tags: tuple[str, ...] | None = None) -> Post:
    event = {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": f"urn:example:{random.randrange(3)}",
        "type": f"test.happened-{random.randrange(4)}.v1",
        "data": {
            "number": number,
            "text": random.choice(TEXTS),
            "list": [-1, 0, None, True, {"阳": "光", "ﬀ": 2**53 - 1}],
        },
    }
    drawn = {f"lot:{random.randrange(60)}" for _ in range(random.randrange(5))}
    return Post.of(event, tags=tuple(sorted(drawn)) if tags is None else tags, poster=POSTER)


def clean(dsn: str, random: Random) -> Verdict:
    verdict = verify(dsn, limits=random.choice([TINY, Limits()]), deep=random.random() < 0.3)
    assert verdict.ok, verdict.sentence_en
    return verdict


@pytest.mark.parametrize("seed", range(4))
def test_a_log_of_random_honest_operations_is_consistent(ledger: str, seed: int) -> None:
    random = Random(seed)
    with Writer(ledger) as one, Writer(ledger) as other:
        for round in range(25):
            writer = random.choice([one, other])
            first = round * 100
            posts: list[Post | Tick] = [post(random, first + n) for n in range(random.randrange(1, 60))]
            if random.random() < 0.2:
                posts.insert(random.randrange(len(posts)), Tick("on-demand"))
            condition = AppendCondition((Wanted(tags=("lot:1",)),), after=random.randrange(40))
            try:
                writer.append(posts, condition if random.random() < 0.2 else None)
                if random.random() < 0.3:
                    writer.append(posts[:1] if isinstance(posts[0], Post) else posts[1:2], careful=True)
            except Refused:
                pass  # an append condition that did not hold: nothing was written, which is what it is for
        clean(ledger, random)
    assert verify(ledger, limits=TINY, deep=True).root == verify(ledger).root


def test_writers_at_once_leave_a_heap_in_disorder_and_a_consistent_log(ledger: str) -> None:
    def work(worker: int) -> None:
        random = Random(worker)
        with Writer(ledger) as writer:
            for number in range(60):
                writer.append([post(random, worker * 1000 + number * 3 + n) for n in range(3)])

    with ThreadPoolExecutor(3) as workers:
        list(workers.map(work, range(3)))
    for limits in (TINY, Limits()):
        verdict = verify(ledger, limits=limits, deep=True)
        assert verdict.ok, verdict.sentence_en
        assert verdict.size == 541


def test_pages_that_an_aborted_commit_left_free_are_used_again(ledger: str) -> None:
    """After a vacuum, later rows may stand in earlier pages than older ones."""
    random = Random(1)
    with Writer(ledger) as writer:
        writer.append([post(random, number) for number in range(200)])
        with psycopg.connect(ledger) as owner:
            for table in ("entry", "tag", "event_key"):
                owner.execute(f"CREATE TABLE public.{table}_again AS TABLE ledger.{table}".encode())
            owner.execute("INSERT INTO ledger.entry SELECT position + 1000, type, leaf, entry FROM public.entry_again")
            owner.execute("INSERT INTO ledger.tag SELECT tag, position + 1000, ordinal FROM public.tag_again")
            owner.execute("INSERT INTO ledger.event_key SELECT source, id || '?', position FROM public.event_key_again")
            owner.rollback()
        writer.append([post(random, number) for number in range(300, 600)])
        with psycopg.connect(ledger, autocommit=True) as owner:
            owner.execute("VACUUM (FREEZE) ledger.entry, ledger.tag, ledger.event_key")
        writer.append([post(random, number) for number in range(600, 900)])
    for limits in (TINY, Limits()):
        assert verify(ledger, limits=limits).ok


def test_a_writer_that_appends_meanwhile_disturbs_nothing(ledger: str) -> None:
    random = Random(2)
    with Writer(ledger) as writer, ThreadPoolExecutor(1) as beside:
        done = beside.submit(lambda: [writer.append([post(random, number)]) for number in range(400)])
        while not done.done():
            assert verify(ledger).ok
        done.result()
    assert verify(ledger).size == 401


def test_a_told_clock_that_stands_still_and_leaps_is_consistent(told_ledger: str) -> None:
    random = Random(3)
    with Writer(told_ledger) as writer:
        moment = BEGINNING
        for number in range(30):
            moment += timedelta(hours=random.choice([0, 0, 30]))
            writer.append([post(random, number)])
            if random.random() < 0.2:
                moment += timedelta(hours=1)
                writer.append([Tick("hourly", moment)])
    assert verify(told_ledger).ok
