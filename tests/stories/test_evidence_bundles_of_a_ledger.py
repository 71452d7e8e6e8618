"""A dossier of 500 entries in a ledger that is signed: its bundle by command and over HTTP, now and as known then.

The mirror is played by a key that signs where the tag ends, after the entries were read one by one.
"""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, sleep

import psycopg
import pytest
from starlette.testclient import TestClient

from api import bundles, cli
from api.app import make_app
from api.commands.signer import serve
from api.settings import Settings
from ledger import genesis
from ledger.contracts import Contracts
from ledger.errors import Broken, CannotRun, NotFound
from ledger.post import Post
from ledger.proofs import taghead
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.keys import PrivateKey
from ledger.proofs.note import Note
from ledger.proofs.offline import verify
from ledger.proofs.taghead import TagHead
from ledger.signer import Signer
from ledger.signing import door
from ledger.store import checkpoints, embedded
from ledger.store.connect import connect
from ledger.store.migrate import migrate
from ledger.store.postgres import Log
from ledger.writer import Writer

TAG, OTHER = "lot:A-1", "lot:B-2"
DOSSIER = 500
READER = PrivateKey.of(bytes([3] * 32), "mirror.example/audit")
ORGAN = "11140300MA0TT020X7"


def entry(number: int, tag: str) -> Post:
    event = {
        "specversion": "1.0",
        "id": f"{tag}-{number}",
        "source": "urn:example:ptc",
        "type": "trading.bid-opened.v1",
        "subject": tag,
        "time": "2026-03-18T10:00:00+08:00",
        "data": {"text": "开标记录" * 150},
    }
    return Post.of(event, tags=("source:urn:example:ptc", tag), poster={"org": ORGAN, "via": "key:7c1f00d5e2aa"})


@pytest.fixture(scope="module")
def filled(server: embedded.Server, contracts: Contracts) -> Iterator[str]:
    """A ledger in which every fourth of 2,000 entries concerns the lot; checkpoints after 1,000 and at the end."""
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute("CREATE DATABASE bundles")
    dsn = server.database("bundles")
    migrate(dsn)
    with Writer(dsn) as writer:
        genesis.create(writer, contracts, origin="test.example/log", region="140300", organ=ORGAN)
    yield dsn
    with psycopg.connect(server.dsn, autocommit=True) as owner:
        owner.execute("DROP DATABASE bundles WITH (FORCE)")


@pytest.fixture(scope="module")
def memory(filled: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The signer's folder; it looks at the half and at the end."""
    folder = tmp_path_factory.mktemp("m") / "signer"
    with Signer(folder) as signer, Writer(filled, ticks=False) as writer:
        for half in range(2):
            for start in range(0, 1000, 250):
                numbers = range(1000 * half + start, 1000 * half + start + 250)
                writer.append([entry(number, TAG if number % 4 == 0 else OTHER) for number in numbers])
            with connect(filled, "signer") as connection:
                signer.step(connection)
    return folder


@pytest.fixture(scope="module")
def log(filled: str, memory: Path) -> Iterator[Log]:
    with Log(filled) as opened:
        yield opened


@contextmanager
def signing(dsn: str, memory: Path) -> Iterator[None]:
    """A signer that answers at its door meanwhile."""
    stop = Event()
    with Signer(memory) as signer:
        thread = Thread(target=serve, args=(signer, dsn, stop))
        thread.start()
        while not (memory / door.FILE).exists():
            sleep(0.01)
        try:
            yield
        finally:
            stop.set()
            thread.join(20)


def told(files: dict[str, bytes]) -> tuple[str, str, int, int]:
    found = verify.check(files)
    return found.verdict, found.end, len(found.entries), found.size


def mirrored(log: Log, tag: str, size: int) -> str:
    """The mirror's statement at a size, from the entries themselves."""
    entries = [one for one in log.entries(0, size) if tag in one.links]
    root = Checkpoint.parse(Note.parse(checkpoints.covering(log, size) or "").text).root
    return taghead.sign(TagHead("test.example/log", size, root, tag, len(entries), entries[-1].leaf), READER)


def test_the_bundle_of_500_entries_holds(
    filled: str, log: Log, memory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with signing(filled, memory):
        bundles.gather(log, OTHER, bundles.sources(memory), known=10)
        start = perf_counter()
        files = bundles.gather(log, TAG, bundles.sources(memory))
        seconds = perf_counter() - start
    assert told(files) == ("holds", "word", DOSSIER, log.head().size)
    with capsys.disabled():
        sys.stdout.write(f" ({DOSSIER} entries gathered in {seconds:.2f} s) ")


def test_the_command_writes_a_folder_whose_verifiers_accept_it(
    filled: str, memory: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["bundle", TAG, "--dsn", filled, "--memory", str(memory), "-o"]
    with signing(filled, memory):
        assert cli.main([*arguments, str(tmp_path / "case")]) == 0
        assert "经营者自称 · the operator's word" in capfd.readouterr().out
        assert cli.main([*arguments, str(tmp_path / "case")]) == 2
        assert "not overwritten" in capfd.readouterr().err
        assert cli.main([*arguments, str(tmp_path / "case.zip"), "--json"]) == 0
    said = json.loads(capfd.readouterr().out)
    assert (said["entries"], said["end"], said["tag"]) == (DOSSIER, "word", TAG)
    for what in ("case", "case.zip"):
        ran = subprocess.run(
            [sys.executable, "-I", tmp_path / "case" / "verify.py", tmp_path / what], capture_output=True, timeout=60
        )
        assert ran.returncode == 0, ran.stdout.decode()
    assert os.access(tmp_path / "case" / "recipe.sh", os.X_OK)


def test_the_mirrors_statement_decides_whose_word_it_is(
    filled: str, log: Log, memory: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With it the bundle stands at the mirror's size, which may be an older one."""
    size = log.head().size - 1000
    (tmp_path / "1.note").write_text(mirrored(log, TAG, size), "utf-8")
    (tmp_path / "readers").write_text(f"reader {READER.vkey.text}\n", "utf-8")
    given = ["--statement", str(tmp_path / "1.note"), "--readers", str(tmp_path / "readers")]
    out = tmp_path / "case.zip"
    with signing(filled, memory):
        assert cli.main(["bundle", TAG, "--dsn", filled, "--memory", str(memory), "-o", str(out), *given]) == 0
    assert "由其通读 · read by: mirror.example/audit" in capfd.readouterr().out
    assert told(verify.load(out)) == ("holds", "read", DOSSIER // 2, size)


def test_what_was_known_then_is_marked_and_provably_all(log: Log, memory: Path) -> None:
    """The checkpoint that covers the moment comes later; what came between is in the bundle, and marked."""
    files = bundles.gather(log, TAG, bundles.sources(memory), known=log.head().size - 1500)
    found = verify.check(files)
    assert (found.verdict, found.size, found.known) == ("holds", log.head().size - 1000, log.head().size - 1500)
    known = sum(position <= found.known for _, position, _, _, _ in found.entries)
    assert known == log_count(log, TAG, found.known) < len(found.entries) == DOSSIER // 2
    assert f"known at #{found.known}: {known}" in verify.tell(found, [])
    assert b" *</td>" in files["report.html"]


def log_count(log: Log, tag: str, until: int) -> int:
    return sum(one.position <= until for one in log.find(tag=tag, limit=1000))


def test_the_route_gives_the_same_zip_each_time(filled: str, log: Log, memory: Path) -> None:
    settings = Settings(console=False, signer=memory)
    with TestClient(make_app(filled, settings)) as client:
        size = log.head().size - 1000
        first, second = (client.get(f"/v1/bundles/{TAG}", params={"known": size}) for _ in range(2))
        nothing = client.get("/v1/bundles/lot:none", params={"known": size})
        odd = client.get(f"/v1/bundles/{TAG}", params={"known": "soon"})
    assert first.content == second.content
    assert first.headers["content-type"] == "application/zip"
    assert first.headers["content-disposition"] == 'attachment; filename="lot-A-1.zip"'
    with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert told(files) == ("holds", "nobody", DOSSIER // 2, size)
    assert (nothing.status_code, odd.status_code) == (404, 422)


def test_without_a_checkpoint_it_is_said_how_to_get_one(
    ledger: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["bundle", "ledger:log", "--dsn", ledger, "-o", str(tmp_path / "x.zip")]) == 2
    told = capfd.readouterr().err
    assert "sunledger signer" in told
    assert "尚无可用者" in told
    assert not (tmp_path / "x.zip").exists()


def test_what_does_not_hold_is_not_handed_out(filled: str, log: Log, memory: Path) -> None:
    sources = bundles.sources(memory)
    size = log.head().size
    wrong = mirrored(log, OTHER, size)
    with pytest.raises(Broken, match="statement"):
        bundles.gather(log, TAG, bundles.Sources(sources.policy, sources.readers, (wrong,)))
    other = f"{sources.policy.splitlines()[0]}\nwitness w {WITNESS}\nquorum w\n"
    with pytest.raises(CannotRun, match="quorum"):
        bundles.gather(log, TAG, bundles.Sources(other, sources.readers))
    with pytest.raises(NotFound):
        bundles.gather(log, "lot:none", bundles.Sources(sources.policy, sources.readers))
    with pytest.raises(CannotRun, match="signer"):
        bundles.gather(log, TAG, bundles.Sources(sources.policy, sources.readers), known=size + 1)


WITNESS = PrivateKey.of(bytes([4] * 32), "witness.example/audit", 4).vkey.text


def test_an_entry_taken_out_of_the_tag_table_is_missed_by_the_bundle(log: Log, filled: str, memory: Path) -> None:
    """The owner of the database hides one entry of the lot from whoever asks for it: no bundle is made."""
    hidden = log.find(tag=TAG, limit=300)[249].position
    sources = bundles.sources(memory)
    with psycopg.connect(filled, autocommit=True) as owner:
        kept = owner.execute("DELETE FROM ledger.tag WHERE position = %s RETURNING *", (hidden,)).fetchall()
        with pytest.raises(Broken, match="history"):
            bundles.gather(log, TAG, bundles.Sources(sources.policy, sources.readers))
        owner.cursor().executemany("INSERT INTO ledger.tag VALUES (%s, %s, %s)", kept)
