"""The command: a city to a file, into a ledger, or to a server.

ops/simulate --events 200000 --seed 1 --misconduct 200 --labels labels.ndjson --out city.ndjson
"""

import argparse
import gc
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import process_time
from typing import IO

from api.settings import Place, opened
from city import vectors
from city.absences import ABSENCES, absence
from city.act import Act
from city.into import into
from city.misconduct import Label
from city.paper import Paper
from city.posting import Posting, keys_in, sender
from city.tally import Tally
from city.telling import Sink, Wish, city_of, tell
from ledger import clock
from ledger.canonical import encode
from ledger.errors import CannotRun

GARBAGE = 50_000
"""Objects made between two looks for garbage: hardly any of a city's objects refer to each other in a circle."""

EVERY = 20_000
"""Events between two lines of progress."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; exit code 2 when it cannot."""
    given = _parser().parse_args(arguments)
    try:
        return _run(given)
    except CannotRun as cannot:
        print(cannot, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ops/simulate", description="模拟城市 · a simulated city")
    parser.add_argument("--events", type=int, default=20_000, help="how many events (20000)")
    parser.add_argument("--seed", type=int, default=1, help="the seed: same seed, same bytes (1)")
    parser.add_argument("--years", type=int, help="years they are spread over (as many as they need, from one)")
    parser.add_argument(
        "--absence",
        metavar="ID",
        choices=[one.id for one in ABSENCES],
        help="what the whole city leaves out, e.g. RPT-02/no-party-group",
    )
    parser.add_argument("--near", action="store_true", help="the near-miss of that absence")
    parser.add_argument("--misconduct", type=int, default=0, metavar="RATE", help="plans among 10,000 lives (0)")
    parser.add_argument("--labels", type=Path, help="write the alerts that must come to this file (NDJSON)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--out", help="write NDJSON to this file; - for standard output")
    where.add_argument(
        "--tally", action="store_true", help="count events, variants and process steps; name what is rare"
    )
    where.add_argument("--into", type=Path, metavar="DATA", help="found a ledger in this folder and write into it")
    where.add_argument("--post", metavar="URL", help="post to the server at this address")
    parser.add_argument("--keys", type=Path, metavar="DATA", help="with --post: make each poster's key in this ledger")
    parser.add_argument("--vectors", choices=("check", "write"), help="the committed digests of seed 1, all of them")
    return parser


def _run(given: argparse.Namespace) -> int:
    gc.set_threshold(GARBAGE)
    if given.vectors:
        return _vectors(write=given.vectors == "write")
    missing = absence(given.absence) if given.absence else None
    wish = Wish(given.events, given.seed, given.years, given.misconduct, missing, given.near)
    city = city_of(wish)
    with ExitStack() as open_:
        write = open_.enter_context(_labels(given.labels))
        sink: Sink
        if given.into is not None:
            sink = open_.enter_context(into(given.into, city))
        elif given.post is not None:
            if given.keys is None:
                raise CannotRun("请用 --keys DATA 指明台账文件夹 · say with --keys DATA where the server's ledger is")
            dsn = open_.enter_context(opened(Place(given.keys, None)))
            sink = Posting(city, sender(given.post), keys_in(dsn))
        elif given.tally:
            sink = Tally(city)
        else:
            sink = Paper(open_.enter_context(_out(given.out)))
        begun, cpu = clock.ticks(), process_time()
        told = tell(city, wish, _Progress(sink) if sys.stderr.isatty() else sink, write)
        wall, cpu = clock.ticks() - begun, process_time() - cpu
    if isinstance(sink, Tally):
        print("\n".join(sink.lines()))
    if isinstance(sink, Paper):
        print(f"sha256 {sink.digest()}", file=sys.stderr)
    if isinstance(sink, Posting) and sink.left_out:
        print(f"{sink.left_out:,} left out: the ledger's own", file=sys.stderr)
    if told < given.events:
        print(f"the years are over after {told:,} of {given.events:,} events", file=sys.stderr)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rate = int(told / wall) if wall else 0
    print(f"{told:,} events in {wall:.1f} s ({rate:,}/s; CPU {cpu:.1f} s), peak memory {peak:,} MB", file=sys.stderr)
    return 0


def _vectors(*, write: bool) -> int:
    """Compute the committed digests anew; exit code 1 where one differs and is not to be written."""
    found = {events: vectors.digest(events) for events in vectors.committed()}
    differing = {events: digest for events, digest in found.items() if digest != vectors.committed()[events]}
    for events, digest in found.items():
        print(f"{events:>8,}  {digest}{'  differs' if events in differing else ''}")
    if write:
        vectors.commit(found)
        return 0
    return 1 if differing else 0


class _Progress:
    """A sink before the sink, that says how far it has come."""

    def __init__(self, sink: Sink) -> None:
        self.tick, self.root, self.head, self.close = sink.tick, sink.root, sink.head, sink.close
        self._act, self._told = sink.act, 0

    def act(self, act: Act) -> None:
        """Pass it on."""
        self._act(act)
        self._told += 1
        if self._told % EVERY == 0:
            print(f"\r{self._told:,}  {act.event['time'][:10]} ", end="", file=sys.stderr, flush=True)


@contextmanager
def _out(name: str | None) -> Iterator[IO[bytes] | None]:
    if name is None:
        yield None
    elif name == "-":
        yield sys.stdout.buffer
    else:
        with open(name, "wb") as file:
            yield file


@contextmanager
def _labels(path: Path | None) -> Iterator[Callable[[Label], None]]:
    if path is None:
        yield lambda _: None
        return
    with path.open("wb") as file:
        yield lambda label: (file.write(encode(label) + b"\n"), None)[1]
