"""The other side of the table: random honest operations, and nobody may ever cry wolf.

    PYTHONPATH=ops .venv/bin/python -m evil_dba.honest [--operations 100000] [--seed 1]

Two writers post, repeat themselves, contradict themselves, post under conditions, tick, end and begin anew; their
connections are cut; the database is vacuumed and its indexes are built again. Signer, witnesses and mirror follow, the
signer changes its key once, receipts are fetched and checked. Now and then everything is verified against everybody. An
alarm of any of them ends the run with exit code 1.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psycopg

from api.key_change import change_key
from evil_dba.stage import NAMES, ORGAN, ORIGIN, cosigned
from ledger import genesis, guard
from ledger.clock import ticks
from ledger.contracts import Contracts
from ledger.errors import ConditionFailed, Conflict, ReadOnly
from ledger.exporting import export
from ledger.folder import Folder
from ledger.mirror import Mirror
from ledger.mirroring.source import FolderSource
from ledger.post import AppendCondition, Post, Tick, Wanted
from ledger.proofs.keys import COSIGNATURE, PrivateKey
from ledger.proofs.policy import NONE, Group, Log, Policy
from ledger.proofs.policy import Witness as Trusted
from ledger.proofs.receipt import check, make
from ledger.signer import Signer
from ledger.store import checkpoints, embedded
from ledger.store.connect import connect
from ledger.store.migrate import migrate
from ledger.store.postgres import Log as Stored
from ledger.store.tiles import inclusion_proof
from ledger.verify import verify
from ledger.witness import Witness
from ledger.writer import Writer

TEXTS = ("阳光交易", "𠮷野家 \U0001f600", 'quotes " and \\ and \n', "1.5e3, [2.5]", "", "\x7f\x01")
KEPT = 2000
"""Posts remembered, to be repeated."""


class FalseAlarm(Exception):
    """Somebody cried wolf."""


class House:
    """A ledger with its signer, two witnesses and a mirror, and the operations that are drawn."""

    def __init__(self, dsn: str, folder: Path, seed: int) -> None:
        self.dsn, self.folder, self.dice = dsn, folder, Random(seed)
        self.contracts = Contracts.load()
        migrate(dsn)
        self.writers = [Writer(dsn), Writer(dsn)]
        genesis.create(self.writers[0], self.contracts, origin=ORIGIN, region="140300", organ=ORGAN)
        self.log = Stored(dsn, "signer", connections=2)
        self.connection = connect(dsn, "signer")
        self.signer = Signer(folder / "signer", self._cosign)
        self.witnesses: dict[str, Witness] = {}
        self.sign()
        self.signing_key = self.signer.keys.log.vkey
        keys = {name: PrivateKey.generate(f"witness.example/{name}", COSIGNATURE) for name in NAMES}
        self.witnesses = {name: Witness(folder / name, key, [self.signing_key]) for name, key in keys.items()}
        trusted = tuple(Trusted(name, key.vkey) for name, key in keys.items())
        self.policy = Policy((Log(self.signing_key),), trusted, (Group("both", 2, NAMES),), "both")
        self.mirror = Mirror(folder / "mirror", Policy(self.policy.logs, (), (), NONE))
        self.posted: list[Post] = []
        self.number = 0
        self.done: Counter[str] = Counter()
        self.ways: list[tuple[float, Callable[[], None]]] = [
            (60, self.post), (8, self.array), (10, self.repeat), (5, self.contradict), (5, self.conditional),
            (2, self.tick), (0.3, self.begin_anew), (0.1, self.cut), (6, self.sign), (2, self.fetch_receipt),
            (0.2, self.follow), (0.02, self.tidy),
        ]  # fmt: skip

    def close(self) -> None:
        """End everything in order."""
        for writer in self.writers:
            writer.close()
        for witness in self.witnesses.values():
            witness.close()
        self.mirror.close()
        self.signer.close()
        self.connection.close()
        self.log.close()

    def act(self) -> None:
        """One operation, drawn."""
        ways = [way for _, way in self.ways]
        (way,) = self.dice.choices(ways, [weight for weight, _ in self.ways])
        way()
        self.done[way.__name__] += 1

    def post(self) -> None:
        """One event."""
        self._append([self._new()])

    def array(self) -> None:
        """Several events, all or none."""
        self._append([self._new() for _ in range(self.dice.randrange(2, 40))])

    def repeat(self) -> None:
        """An event that stands there already, sent again as it was."""
        if self.posted:
            self._append([self.dice.choice(self.posted)], careful=self.dice.random() < 0.5, new=False)

    def contradict(self) -> None:
        """Other content under an id that is taken."""
        if self.posted:
            old = self.dice.choice(self.posted)
            with suppress(Conflict):
                self._append([self._event(old.source, old.id, -1)], new=False)
                raise FalseAlarm(f"{old.id} was taken twice")

    def conditional(self) -> None:
        """An event that wants something not to have happened."""
        condition = AppendCondition((Wanted(tags=(f"lot:{self.dice.randrange(60)}",)),), after=self.dice.randrange(400))
        with suppress(ConditionFailed):
            self._append([self._new()], condition)

    def tick(self) -> None:
        """A checkpoint is sealed on demand."""
        self._append([Tick("on-demand")], new=False)

    def begin_anew(self) -> None:
        """A writer ends, and another begins in its place."""
        at = self.dice.randrange(2)
        self.writers[at].close()
        self.writers[at] = Writer(self.dsn)

    def cut(self) -> None:
        """All connections of the writers are ended by the server."""
        with psycopg.connect(self.dsn, autocommit=True) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND query LIKE '%ledger.entry%' AND application_name = 'sunledger'"
            )
        self.connection.close()
        self.connection = connect(self.dsn, "signer")

    def sign(self) -> None:
        """The signer looks, the witnesses cosign."""
        if self.signer.step(self.connection) is None and self.witnesses:
            raise FalseAlarm("a witness has refused")

    def fetch_receipt(self) -> None:
        """A receipt under the newest checkpoint, checked with files alone."""
        note = checkpoints.newest(self.log)
        if note is None or not self.witnesses or self.done["sign"] < 2:
            return
        size = int(note.split("\n")[1])
        position = self.dice.randrange(1, size + 1)
        entry = self.log.entry(position)
        if entry is None:
            raise FalseAlarm(f"entry {position} is gone")
        check(make(position, inclusion_proof(self.log, position, size), note, entry.raw), self.policy)

    def follow(self) -> None:
        """What is published is exported, and the mirror reads it."""
        with Stored(self.dsn, connections=1) as log:
            export(log, Folder(self.folder / "tiles"))
        self.mirror.step(FolderSource(self.folder / "tiles"))
        if alarms := self.mirror.alarms():
            raise FalseAlarm(f"mirror: {alarms}")

    def tidy(self) -> None:
        """What a good administrator does at night."""
        statement = self.dice.choice(
            ("VACUUM ledger.entry, ledger.tag", "VACUUM (FREEZE) ledger.event_key", "ANALYZE", "REINDEX SCHEMA ledger")
        )
        with psycopg.connect(self.dsn, autocommit=True) as owner:
            owner.execute(statement.encode())

    def change_key(self) -> None:
        """The log changes its signing key; for the time of this run both sign."""
        change_key(self.dsn, self.contracts, self.folder / "signer", None, "planned")
        self.sign()
        self.done["change_key"] += 1

    def verify(self) -> int:
        """Everything, against everybody. Returns the size. Raises FalseAlarm."""
        self.sign()
        self.follow()
        with Stored(self.dsn, connections=1) as log:
            guard.demand_signed_log(log, self.folder / "signer")
            records, forged = guard.outside_records(log, self.folder / "signer")
        records += [(name, one.size, one.root) for name, each in self.witnesses.items() for one in each.seen()]
        memory = self.mirror.memory
        known = memory.known()
        verdict = verify(
            self.dsn, deep=self.dice.random() < 0.2, outside=[*records, ("mirror", known.size, known.root)]
        )
        contradictions = [one.contradiction for each in self.witnesses.values() for one in each.seen()]
        if not verdict.ok or forged or any(contradictions):
            raise FalseAlarm(f"{verdict.sentence_en} {forged} {contradictions}")
        self.done["verify"] += 1
        return verdict.size

    def _cosign(self, note: str) -> str | None:
        return note if not self.witnesses else cosigned(self.log, note, self.witnesses)

    def _append(
        self,
        posts: list[Post | Tick],
        condition: AppendCondition | None = None,
        *,
        careful: bool = False,
        new: bool = True,
    ) -> None:
        with suppress(ReadOnly):  # no answer from a connection that was cut: the poster sends again, or not
            self.dice.choice(self.writers).append(posts, condition, careful=careful)
            if new:
                self.posted = [*self.posted[-KEPT:], *(one for one in posts if isinstance(one, Post))]

    def _new(self) -> Post:
        self.number += 1
        return self._event(f"urn:example:{self.dice.randrange(3)}", f"e-{self.number}", self.number)

    def _event(self, source: str, id: str, number: int) -> Post:
        data = {"number": number, "text": self.dice.choice(TEXTS), "list": [-1, 0, None, True, {"阳": "光"}]}
        event = {"data": data, "id": id, "source": source, "specversion": "1.0", "type": "test.happened.v1"}
        tags = {f"lot:{self.dice.randrange(60)}" for _ in range(self.dice.randrange(5))}
        return Post.of(event, tags=tuple(sorted(tags)), poster={"org": ORGAN, "via": "key:7c1f00d5e2aa"})


Told = Callable[[int, int], None]
"""Told after each verification how many operations were done, and how many entries there are."""


def run(
    dsn: str, folder: Path, operations: int, seed: int, every: int, told: Told = lambda _, __: None
) -> tuple[int, Counter[str]]:
    """So many operations, verified after each `every` of them. Returns size and counts. Raises FalseAlarm."""
    house = House(dsn, folder, seed)
    try:
        size = 0
        for number in range(1, operations + 1):
            house.act()
            if number == operations // 2:
                house.change_key()
            if number % every == 0 or number == operations:
                size = house.verify()
                told(number, size)
        return size, house.done
    finally:
        house.close()


def main() -> int:
    """Run it and print what was done."""
    parser = argparse.ArgumentParser(prog="evil_dba.honest", description=__doc__)
    parser.add_argument("--operations", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--seed", type=int, default=1, help="of the drawing (1)")
    given = parser.parse_args()
    begin, every = ticks(), max(given.operations // 20, 1)

    def told(done: int, size: int) -> None:
        print(f"{done} operations, {size} entries, no alarm, {ticks() - begin:.0f} s", flush=True)

    with TemporaryDirectory(prefix="honest-") as folder:
        server = embedded.start(Path(folder) / "db")
        try:
            size, done = run(server.dsn, Path(folder), given.operations, given.seed, every, told)
        except FalseAlarm as alarm:
            print(f"FALSE ALARM: {alarm}")
            return 1
        finally:
            server.stop()
    print(f"seed {given.seed}: {given.operations} operations, {size} entries, no alarm: {dict(done)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
