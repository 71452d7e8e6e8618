"""The stage: one honest log, everybody who remembers something of it, and copies on which to do evil.

600 entries on a real clock, a signer that has published four checkpoints, two witnesses that have cosigned them, a
mirror, receipts in the hands of posters, and the database as it was at 450 entries, as a backup would hold it.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

from ledger import genesis, guard
from ledger.contracts import Contracts
from ledger.errors import CannotRun, WillNotSign
from ledger.exporting import export
from ledger.folder import Folder
from ledger.mirror import Mirror
from ledger.mirroring.differing import first_difference
from ledger.mirroring.source import FolderSource
from ledger.post import Post, Tick
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.keys import COSIGNATURE, PrivateKey
from ledger.proofs.note import Note, Signature, parse_lines
from ledger.proofs.policy import Group, Log, Policy
from ledger.proofs.policy import Witness as Trusted
from ledger.proofs.receipt import Receipt, make
from ledger.proofs.tiles import TileRead
from ledger.secrecy import Secret, Secrets, commit
from ledger.signer import Signer
from ledger.signing import keyfile
from ledger.store import checkpoints, embedded, resources
from ledger.store.connect import connect
from ledger.store.migrate import migrate
from ledger.store.postgres import Log as Stored
from ledger.store.tiles import consistency_proof, inclusion_proof
from ledger.vault import Vault
from ledger.verification.outside import Record
from ledger.verify import verify
from ledger.witness import Witness, request
from ledger.writer import Writer

ORIGIN, ORGAN = "evil.test.example/log", "11140300MA0TT020X7"
STEPS = (150, 300, 450, 600)
SIZE = STEPS[-1]
BACKUP = 450
VERIFY, SIGNER, WITNESS, MIRROR, RECEIPT = LAYERS = ("verify", "signer", "witness", "mirror", "receipt")
NAMES = ("audit", "discipline")
LOG_ID = "ab" * 32
"""Of which log the vault is."""

HIDES = Secrets((Secret("phone", "personal"), Secret("account", "personal")))
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Finding:
    """That somebody notices: the position named, where one is, and in what words."""

    position: int | None
    words: str


@dataclass(slots=True)
class Cell:
    """One attack at one place, and who noticed it: by layer, None for one that noticed nothing.

    `first`: the first position that is not as it was. A layer that says nothing of this kind of attack is left out.
    """

    attack: str
    place: str
    first: int | None
    noticed: dict[str, Finding | None] = field(default_factory=dict)
    right: bool = True
    """Whether `verify`, or where it is blind the mirror, names the first bad position; others bound it."""

    def caught(self, *absent: str) -> str | None:
        """The first layer that notices, without those absent."""
        return next((name for name in LAYERS if name not in absent and self.noticed.get(name)), None)


def post(number: int) -> Post:
    """An invented event with four tags; some tags are rare, some are on every entry. A hundredth hides two values."""
    lot, project = f"lot:L{number // 5}", f"P{number // 50}"
    event = {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "urn:example:ptc",
        "type": "test.bid-opened.v1" if number % 3 else "test.notice-published.v1",
        "subject": lot,
        "time": "2026-01-01T08:00:00+08:00",
        "project": project,
        "data": {"number": number, "text": "开标记录"},
    }
    tags = (lot, f"party:{number % 97}", f"project:{project}", "source:urn:example:ptc")
    taken = commit(event, HIDES if number % 100 == 0 else None)
    poster = {"org": ORGAN, "via": "key:7c1f00d5e2aa"}
    return Post.of(taken.event, tags=tags, poster=poster, disclosures=taken.disclosures)


class Stage:
    """The honest log and its keepers; `scene` gives a copy of all of it."""

    def __init__(self, server: embedded.Server, contracts: Contracts, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.name = f"evil{next(_numbers)}"
        self.keys = {name: PrivateKey.generate(f"witness.example/{name}", COSIGNATURE) for name in NAMES}
        self.receipts: dict[int, Receipt] = {}
        self._make(self.name)
        self._fill(contracts)

    def close(self) -> None:
        """Drop the databases."""
        for name in (self.name, f"{self.name}_backup"):
            self._drop(name)

    @contextmanager
    def scene(self, backup: bool = False) -> "Iterator[Scene]":
        """A copy of the database (`backup`: as it was at 450 entries) and of everybody's memory."""
        name = f"{self.name}_{next(_numbers)}"
        self._make(name, f"{self.name}_backup" if backup else self.name)
        folder = self.folder / name
        shutil.copytree(self.folder / "kept", folder)
        scene = Scene(self, name, folder)
        try:
            yield scene
        finally:
            self._drop(name)
            shutil.rmtree(folder)

    @property
    def policy(self) -> Policy:
        """The log's key, and both witnesses."""
        public = keyfile.public(self.folder / "kept" / "signer")
        if public is None:
            raise CannotRun("no key")
        trusted = tuple(Trusted(name, key.vkey) for name, key in self.keys.items())
        return Policy(tuple(Log(key) for key in public.logs), trusted, (Group("both", 2, NAMES),), "both")

    def _fill(self, contracts: Contracts) -> None:
        dsn, kept = self.server.database(self.name), self.folder / "kept"
        migrate(dsn)
        vault = Vault.make(kept / "vault", LOG_ID)
        with Writer(dsn) as writer:
            genesis.create(writer, contracts, origin=ORIGIN, region="140300", organ=ORGAN)
        with Signer(kept / "signer", lambda _: None) as first, connect(dsn, "signer") as connection:
            first.step(connection)
        witnesses = {name: Witness(kept / name, key, [self.policy.logs[0].key]) for name, key in self.keys.items()}
        number = 2
        for upto in STEPS:
            with Writer(dsn, vault=vault) as writer:
                writer.append([post(one) for one in range(number, upto)])
                writer.append([Tick("on-demand")])
            number = upto + 1
            with (
                Stored(dsn, "signer", connections=1) as log,
                Signer(kept / "signer", lambda note: cosigned(log, note, witnesses)) as signer,
                connect(dsn, "signer") as connection,
            ):
                signer.step(connection)
            if upto == BACKUP:
                self._make(f"{self.name}_backup", self.name)
        with Stored(dsn, connections=1) as log:
            note = checkpoints.newest(log) or ""
            for position in (2, 42, 299, SIZE - 1):
                entry = log.entry(position)
                self.receipts[position] = make(
                    position, inclusion_proof(log, position, SIZE), note, entry.raw if entry else None
                )
            export(log, Folder(self.folder / "tiles"))
        mirror = Mirror(kept / "mirror", self.policy)
        mirror.step(FolderSource(self.folder / "tiles"))
        mirror.close()
        for one in witnesses.values():
            one.close()

    def _make(self, name: str, template: str = "template1") -> None:
        with psycopg.connect(self.server.dsn, autocommit=True) as owner:
            owner.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())

    def _drop(self, name: str) -> None:
        with psycopg.connect(self.server.dsn, autocommit=True) as owner:
            owner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def cosigned(log: Stored, note: str, witnesses: dict[str, Witness]) -> str | None:
    """The note with both cosignatures, asked for as over HTTP; None where one refuses."""
    parsed = Note.parse(note)
    wanted = Checkpoint.parse(parsed.text)
    lines: list[Signature] = []
    for one in witnesses.values():
        old = one.seen()[0].size
        path = consistency_proof(log, old, wanted.size) if 0 < old < wanted.size else ()
        answer = one.add_checkpoint(request(old, path, note).encode())
        if answer.status != 200:
            return None
        lines += parse_lines(answer.body)
    return Note(parsed.text, (*parsed.signatures, *lines)).full


class Scene:
    """A copy on which evil is done, and the question who notices."""

    def __init__(self, stage: Stage, name: str, folder: Path) -> None:
        self.stage, self.name, self.folder = stage, name, folder
        self.dsn = stage.server.database(name)
        self.vault = Vault.open(folder / "vault", LOG_ID)

    def owner(self, *statements: str) -> None:
        """As the owner of the database pleases."""
        with psycopg.connect(self.dsn, autocommit=True) as owner:
            for statement in statements:
                owner.execute(statement.encode())

    def cell(self, attack: str, place: str, first: int | None) -> Cell:
        """Ask everybody. Whom the database alone gives away needs nobody else."""
        cell = Cell(attack, place, first)
        cell.noticed[VERIFY] = self.verified(())
        if cell.noticed[VERIFY] is None:
            cell.noticed[SIGNER] = self.verified(self.signer_records()) or self.signer_looks()
            cell.noticed[WITNESS] = self.verified(self.witness_records())
            cell.noticed[MIRROR] = self.mirror_looks()
            cell.noticed[RECEIPT] = self.receipts_hold()
        exact = cell.noticed[VERIFY] or cell.noticed.get(MIRROR)
        cell.right = first is None or (exact is not None and exact.position == first)
        return cell

    def verified(self, records: Sequence[Record]) -> Finding | None:
        """What `verify` says beside these records."""
        try:
            verdict = verify(self.dsn, outside=records, vault=self.vault)
        except CannotRun as refused:
            return Finding(None, str(refused))
        if verdict.ok:
            return None
        first = next((fault for fault in verdict.faults if fault.position is not None), verdict.faults[0])
        return Finding(first.position, first.sentence_en)

    def signer_looks(self) -> Finding | None:
        """The signer follows the log from where it was; it refuses, or it signs."""
        with Signer(self.folder / "signer") as signer, connect(self.dsn, "signer") as connection:
            try:
                signer.step(connection)
            except WillNotSign as refused:
                return Finding(refused.position, refused.detail)
            except (CannotRun, psycopg.Error) as away:
                return Finding(None, str(away))
        return None

    def signer_records(self) -> list[Record]:
        """What the signer in this scene remembers, and the published checkpoints that its key signed."""
        with Stored(self.dsn, connections=1) as log:
            records, _ = guard.outside_records(log, self.folder / "signer")
        return records

    def witness_records(self) -> list[Record]:
        """What the witnesses remember."""
        found: list[Record] = []
        for name in NAMES:
            witness = Witness(self.folder / name, self.stage.keys[name], [self.stage.policy.logs[0].key])
            found += [(f"witness {name}", one.size, one.root) for one in witness.seen() if one.size]
            witness.close()
        return found

    def mirror_looks(self) -> Finding | None:
        """A mirror's copy against the log of now: the first leaf that differs."""
        mirror = Mirror(self.folder / "mirror", self.stage.policy)
        memory = mirror.memory
        known = memory.known()
        mirror.close()
        found = self.verified([("mirror", known.size, known.root)])
        if found is None:
            return None
        kept = Folder(self.folder / "mirror")
        with Stored(self.dsn, connections=1) as log:
            size = log.head().size
            first = first_difference(
                lambda tile: kept.hashes(TileRead.at(tile.level, tile.index, known.size)) or b"",
                lambda tile: resources.hashes(log, tile),
                known.size,
                size,
            )
        return Finding(first or size + 1, found.words)

    def receipts_hold(self) -> Finding | None:
        """Whether each receipt that a poster holds is still one of the log: its checkpoint leads to the log of now."""
        with Stored(self.dsn, connections=1) as log:
            size = log.head().size
            for position, receipt in self.stage.receipts.items():
                head = Checkpoint.parse(Note.parse(receipt.note).text)
                if head.size > size:
                    return Finding(size + 1, f"the receipt of entry {position} is of {head.size} entries")
                entry = log.entry(position)
                if entry is None or entry.raw != receipt.extra:
                    return Finding(position, f"entry {position} is not the one of its receipt")
        return None
