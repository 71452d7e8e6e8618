"""What tests stand on: one embedded PostgreSQL a run, a fresh database a test, and the shipped contracts.

A test that cannot have its server is skipped and says so; it never passes for want of one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from ledger import genesis
from ledger.canonical import encode
from ledger.contracts import Contracts
from ledger.entry import NO_LEAF, seal
from ledger.errors import CannotRun
from ledger.proofs import bundle
from ledger.proofs.build import inclusion
from ledger.proofs.checkpoint import Checkpoint, cosign
from ledger.proofs.checkpoint import sign as sign_checkpoint
from ledger.proofs.keys import COSIGNATURE, PrivateKey
from ledger.proofs.taghead import TagHead
from ledger.proofs.taghead import sign as sign_head
from ledger.proofs.tree import Edge
from ledger.secrecy import digest, disclosure
from ledger.store import embedded
from ledger.store.migrate import migrate
from ledger.writer import Writer

TOLD_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
ORGAN = "11140300MA0TT020X7"
"""The invented organisation that runs the ledgers of the tests."""

_numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.Server]:
    """An embedded PostgreSQL of this run, in a folder of its own.

    Not one of pytest's: as root the server runs as another user, and a second pytest that starts closes the folder
    above all of pytest's own to other users, under the running server.
    """
    with TemporaryDirectory(prefix="sunledger-tests-") as folder:
        try:
            running = embedded.start(Path(folder))
        except CannotRun as missing:
            pytest.skip(f"no PostgreSQL: {missing}")
        yield running
        running.stop()


@pytest.fixture
def dsn(server: embedded.Server) -> Iterator[str]:
    """A fresh database with the log's tables and no entry."""
    name = f"t{next(_numbers)}"
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    fresh = server.database(name)
    migrate(fresh)
    yield fresh
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    """The shipped event contracts."""
    return Contracts.load()


@pytest.fixture
def ledger(dsn: str, contracts: Contracts) -> str:
    """A ledger with a real clock and its first entry; gives the dsn."""
    with Writer(dsn) as writer:
        genesis.create(writer, contracts, origin="test.example/log", region="140300", organ=ORGAN)
    return dsn


@pytest.fixture
def told_ledger(dsn: str, contracts: Contracts) -> str:
    """A ledger whose clock is told, beginning with 2026; gives the dsn."""
    with Writer(dsn) as writer:
        origin = "simulated.test.example/log"
        genesis.create(writer, contracts, origin=origin, region="140300", organ=ORGAN, told=TOLD_BEGINNING)
    return dsn


@pytest.fixture(scope="session")
def real_notices() -> Path:
    """The file of real notices beside the project; the test is skipped where it is not."""
    found = Path(__file__).parents[1].parent / "shared" / "data" / "yichang-notices.json"
    if not found.exists():
        pytest.skip("the real notices are not beside the project (shared/data/yichang-notices.json)")
    return found


@pytest.fixture(scope="session")
def case_file() -> "type[CaseFile]":
    """A small log in memory with its keys, and the evidence bundles of it; see `CaseFile`."""
    return CaseFile


class CaseFile:
    """A log of `size` entries, every third of which concerns `TAG`, signed, cosigned by two of three, and read.

    `bundle()` are the files of the honest evidence bundle; keys, leaves and statements are here to make dishonest ones.
    """

    ORIGIN, TAG = "example.com/log/case", "lot:A-1"
    SHOWN = disclosure("0123456789abcdefghijkl", "phone", "13800138000 座机")
    """What shows the one member that every entry hides."""

    LOG, HEADS, READER = (
        PrivateKey.of(bytes([seed] * 32), name)
        for seed, name in ((1, ORIGIN), (2, f"{ORIGIN}/heads"), (3, "mirror.example/audit"))
    )
    WITNESSES = tuple(
        PrivateKey.of(bytes([seed] * 32), f"witness.example/{name}", COSIGNATURE)
        for seed, name in ((4, "audit"), (5, "discipline"), (6, "finance"))
    )

    def __init__(self, size: int, tag: str = TAG) -> None:
        self.size, self.tag = size, tag
        self.entries: list[bytes] = []
        self.leaves: list[bytes] = []
        self.mine: list[int] = []
        heads: dict[str, tuple[int, str | None]] = {}
        for index in range(size):
            if index % 3 == 2:
                self.mine.append(index)
            tags = ["source:urn:example:case", *([tag] if index % 3 == 2 else [])]
            links = {one: (heads.get(one, (0, None))[0] + 1, heads.get(one, (0, None))[1]) for one in sorted(tags)}
            event = {
                "id": str(index),
                "type": "trading.bid-opened.v1",
                "data": {"_sd": [digest(self.SHOWN)], "links": {tag: [1, None]}, "x": "开标\n"},
            }
            self.add(encode(event | {"source": "urn:example:case", "specversion": "1.0", "subject": tag}), links)
            heads |= {one: (ordinal, self.leaves[-1].hex()) for one, (ordinal, _) in links.items()}

    def add(self, event: bytes, links: dict[str, tuple[int, str | None]]) -> None:
        """One more entry."""
        raw, leaf = seal(
            event,
            position=len(self.entries) + 1,
            links=links,
            poster={"org": "91140302MA0TT001XH", "via": "key:7c1f00d5e2aa"},
            prev=self.leaves[-1] if self.leaves else NO_LEAF,
            recorded=f"2026-01-01T00:00:{len(self.entries) % 60:02}.000000Z",
        )
        self.put(raw, leaf)

    def put(self, raw: bytes, leaf: bytes) -> None:
        """One more entry, of these bytes."""
        self.entries.append(raw)
        self.leaves.append(leaf)

    def checkpoint(self, *witnesses: PrivateKey) -> str:
        """The signed checkpoint, cosigned by these, or by the first two."""
        head = Checkpoint(self.ORIGIN, self.size, self.root(self.size))
        signers = witnesses or self.WITNESSES[:2]
        lines = [cosign(head, one, 1771000000 + number).line for number, one in enumerate(signers)]
        return sign_checkpoint(head, self.LOG) + "".join(lines)

    def root(self, size: int) -> bytes:
        """The root over the first `size` entries."""
        return Edge.over(self.leaves[:size]).root()

    def statement(self, signer: PrivateKey, ordinal: int | None = None, size: int | None = None) -> str:
        """That the tag ends with its entry `ordinal` (the last) in the log of `size` entries (all)."""
        ended, at = len(self.mine) if ordinal is None else ordinal, self.size if size is None else size
        head = TagHead(self.ORIGIN, at, self.root(at), self.tag, ended, self.leaves[self.mine[ended - 1]])
        return sign_head(head, signer)

    def policy(self) -> str:
        """Two of three witnesses."""
        rows = [f"witness {one.vkey.name.split('/')[1]} {one.vkey.text}" for one in self.WITNESSES]
        rows = [f"log {self.LOG.vkey.text} https://log.example", *rows, "group two 2 audit discipline finance"]
        return "# 两家即可 · two are enough\n" + "".join(f"{row}\n" for row in [*rows, "quorum two"])

    def proofs(self) -> list[bundle.Proof]:
        """The inclusion proofs of the tag's entries."""
        edge, tiles = Edge(), dict[tuple[int, int], bytes]()
        for leaf in self.leaves:
            tiles |= {(tile.level, tile.index): tile.hashes for tile in edge.append(leaf)}
        tiles |= {(level, self.size >> 8 * (level + 1)): b"".join(row) for level, row in enumerate(edge.levels)}
        paths = [inclusion(index, self.size).compute(tiles) for index in self.mine]
        return [bundle.Proof(index, tuple(path)) for index, path in zip(self.mine, paths, strict=True)]

    def bundle(self, *statements: str, known: int | None = None) -> dict[str, bytes]:
        """The honest bundle, with these statements, or the operator's and the mirror's."""
        return bundle.build(
            self.tag,
            [self.entries[index] for index in self.mine],
            self.proofs(),
            self.checkpoint(),
            self.policy(),
            statements=statements or [self.statement(self.HEADS), self.statement(self.READER)],
            readers=f"reader {self.HEADS.vkey.text}\nreader {self.READER.vkey.text} https://mirror.example\n",
            known=known,
        )
