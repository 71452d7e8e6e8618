"""What is tried on the way in, on the way out, and with a stolen key.

Each attack is done, and then each of those whom it must get past is asked; what they answer is what stands in the cell.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import timedelta

import orjson
import psycopg

from api.bundles import gather, sources
from api.published import Checkpoints
from evil_dba.rewriting import documents, rebuild
from evil_dba.stage import MIRROR, NAMES, RECEIPT, SIGNER, SIZE, VERIFY, WITNESS, Cell, Finding, Scene, Stage, post
from ledger import clock, guard
from ledger.canonical import encode
from ledger.entry import seal
from ledger.errors import Broken, NotFound
from ledger.exporting import export
from ledger.folder import Folder
from ledger.mirror import Mirror
from ledger.mirroring.source import FolderSource
from ledger.post import Post
from ledger.proofs.checkpoint import Checkpoint, sign, verify
from ledger.proofs.failures import ProofError
from ledger.proofs.keys import PrivateKey
from ledger.proofs.offline import verify as offline
from ledger.proofs.policy import NONE, Policy
from ledger.proofs.receipt import Receipt, check
from ledger.signer import Signer
from ledger.signing import keyfile, memory
from ledger.store import checkpoints
from ledger.store.connect import connect
from ledger.store.postgres import Log
from ledger.store.tiles import consistency_proof
from ledger.witness import Witness, request
from ledger.writer import Writer

TAG = "lot:L8"
"""A lot of five entries, the first at 40."""


def cells(stage: Stage) -> Iterator[Cell]:
    """All of it."""
    yield from checkpoints_forged(stage)
    yield two_histories(stage)
    yield key_stolen(stage)
    yield from case_files(stage)
    yield tags_deleted_before_a_restart(stage)
    yield from on_the_way_in(stage)
    yield from dated_back(stage)
    yield key_planted(stage)


def checkpoints_forged(stage: Stage) -> Iterator[Cell]:
    """A note in `house.checkpoint` that the log's key has not signed, or over a root that never was."""
    stranger = PrivateKey.generate(stage.policy.logs[0].key.name)
    fantasy = Checkpoint(stranger.vkey.name, SIZE + 9, bytes(32))
    for what, note in (
        ("by a stranger's key", sign(fantasy, stranger)),
        ("without a signature", sign(fantasy, stranger).replace("— ", "— not.")),
    ):
        with stage.scene() as scene:
            with psycopg.connect(scene.dsn) as owner:
                owner.execute("INSERT INTO house.checkpoint VALUES (%s, %s, %s)", (SIZE + 9, note, clock.now()))
            cell = Cell(f"checkpoint forged {what}", "house.checkpoint.note", None)
            cell.noticed = {SIGNER: _published(scene), RECEIPT: _policy(stage, note)}
            yield cell
    for column, change in (("note", "note = replace(note, '600', '599')"), ("size", "size = size + 7")):
        with stage.scene() as scene:
            scene.owner(f"UPDATE house.checkpoint SET {change} WHERE size = {SIZE}")
            cell = Cell("published checkpoint changed", f"house.checkpoint.{column}", None)
            with Log(scene.dsn, connections=1) as log:
                note = checkpoints.newest(log) or ""
            cell.noticed = {SIGNER: _published(scene)}
            if column == "note":
                cell.noticed[RECEIPT] = _policy(stage, note)
            yield cell


def two_histories(stage: Stage) -> Cell:
    """The signer is his, twice: one 601st entry is signed for one reader, and another for the next."""
    cell = Cell("two histories shown", f"position {SIZE + 1}", SIZE + 1)
    bodies = []
    for number, old in ((1, SIZE), (2, SIZE + 1)):
        with stage.scene() as scene:
            with Writer(scene.dsn, ticks=False) as writer:
                writer.append([post(7000 + number)])
            with Signer(scene.folder / "signer") as signer, connect(scene.dsn, "signer") as connection:
                note = signer.step(connection) or ""
            with Log(scene.dsn, connections=1) as log:
                path = consistency_proof(log, old, SIZE + 1) if old <= SIZE else []
                export(log, Folder(stage.folder / f"shown{number}"))
        bodies.append(request(old, path, note).encode())
    with stage.scene() as scene:
        witness = _witness(scene)
        first, second = (witness.add_checkpoint(body) for body in bodies)
        witness.close()
        if first.status == 200 != second.status:
            cell.noticed[WITNESS] = Finding(SIZE + 1, f"{second.status} {second.body.strip()}")
        mirror = Mirror(scene.folder / "mirror", Policy(stage.policy.logs, (), (), NONE))
        mirror.step(FolderSource(stage.folder / "shown1"))
        try:
            mirror.step(FolderSource(stage.folder / "shown2"))
        except Broken as fault:
            cell.noticed[MIRROR] = Finding(fault.position, fault.detail)
            cell.right = fault.position == SIZE + 1
        mirror.close()
    return cell


def key_stolen(stage: Stage) -> Cell:
    """The log's key alone is stolen: a checkpoint over a root that never was."""
    cell = Cell("key stolen, a root that never was signed", f"position {SIZE + 1}", None)
    with stage.scene() as scene:
        key = keyfile.read(scene.folder / "signer" / keyfile.LOG)
        note = sign(Checkpoint(key.vkey.name, SIZE + 1, bytes(32)), key)
        witness = _witness(scene)
        answer = witness.add_checkpoint(request(SIZE, [bytes(32)], note).encode())
        witness.close()
        cell.noticed = {
            WITNESS: None if answer.status == 200 else Finding(None, f"{answer.status} {answer.body.strip()}"),
            RECEIPT: _policy(stage, note),
        }
    return cell


def case_files(stage: Stage) -> Iterator[Cell]:
    """An entry is left out of an evidence bundle, in the middle, or the newest with a statement to match."""
    with stage.scene() as scene:
        mirror = Mirror(scene.folder / "mirror", stage.policy)
        reader = PrivateKey.generate("mirror.example/audit")
        statement = mirror.head(TAG, reader)
        mirror.close()
        file = scene.folder / "statement"
        file.write_text(statement, "utf-8")
        (scene.folder / "policy").write_text(stage.policy.text, "utf-8")
        (scene.folder / "readers").write_text(f"reader {reader.vkey.text}\n", "utf-8")
        with Log(scene.dsn, connections=2) as log:
            given = sources(scene.folder / "signer", scene.folder / "policy", scene.folder / "readers", [file])
            files = gather(log, TAG, given)
    if offline.check(files).verdict != "holds":
        raise LookupError("the honest bundle does not hold")
    count = files["entries"].count(b"\n")
    for what, index in (("in the middle", count // 2), ("the newest", count - 1)):
        found = offline.check(_without(files, index))
        said = None if found.verdict == "holds" else Finding(None, found.refused.code if found.refused else "refused")
        cell = Cell(f"entry left out of a case file, {what}", TAG, None)
        cell.noticed = {RECEIPT: said} if what == "in the middle" else {MIRROR: said}
        yield cell


def tags_deleted_before_a_restart(stage: Stage) -> Cell:
    """Tag rows are deleted, then a writer that remembers nothing seals a wrong ordinal."""
    with stage.scene() as scene:
        scene.owner(f"DELETE FROM ledger.tag WHERE tag = '{TAG}'")
        with Writer(scene.dsn, ticks=False) as writer:
            event = orjson.loads(post(44).event) | {"id": "the sixth"}
            writer.append([Post.of(event, tags=post(44).tags, poster=post(44).poster)])
        with psycopg.connect(scene.dsn) as owner:  # and he puts back the rows, numbered as the wrong one wants it
            owner.execute("DELETE FROM ledger.tag WHERE tag = %s", (TAG,))
            owner.execute("INSERT INTO ledger.tag VALUES (%s, %s, 1)", (TAG, SIZE + 1))
        cell = Cell("tag rows deleted before a writer's restart", "ledger.tag", None)
        cell.noticed = {VERIFY: scene.verified(()), SIGNER: scene.signer_looks()}
        return cell


def on_the_way_in(stage: Stage) -> Iterator[Cell]:
    """An event is dropped between accept and commit, or altered on the way."""
    with stage.scene() as scene, Log(scene.dsn, connections=1) as log:
        published = Checkpoints(log, scene.folder / "signer")
        published.look()
        cell = Cell("event dropped between accept and commit", f"position {SIZE + 1}", SIZE + 1)
        try:
            published.receipt(SIZE + 1)
            cell.noticed[RECEIPT] = None
        except NotFound:
            cell.noticed[RECEIPT] = Finding(SIZE + 1, "the poster holds no receipt, and can be given none")
        yield cell
        position = 42
        sent = stage.receipts[position].extra or b""
        found = documents(scene)
        found[position - 1]["event"]["data"] = {"number": -1}
        rebuild(scene, found)
        altered = log.entry(position)
        cell = Cell("event altered on the way", f"position {position}", position)
        if altered is not None:
            given = Receipt(position - 1, stage.receipts[position].path, stage.receipts[position].note, altered.raw)
            cell.noticed[RECEIPT] = _receipt(stage, given, sent, position)
        yield cell


def dated_back(stage: Stage) -> Iterator[Cell]:
    """An entry recorded before the last one; and one that says it was before the last checkpoint was signed."""
    with stage.scene() as scene:
        _append(scene, "2020-01-01T00:00:00.000000Z")
        cell = scene.cell("entry dated back before the last one", f"position {SIZE + 1}", SIZE + 1)
        cell.noticed[SIGNER] = scene.signer_looks()
        yield cell
    with stage.scene() as scene, Log(scene.dsn, connections=1) as log:
        last = log.entry(SIZE)
        if last is None:
            raise LookupError("no last entry")
        later = clock.parse(last.recorded) + timedelta(minutes=5)
        with sqlite3.connect(scene.folder / "signer" / memory.FILE) as db:
            db.execute("UPDATE state SET signed_at = ?", (clock.stamp(later),))
        db.close()
        _append(scene, last.recorded)
        cell = Cell("entry dated back behind a checkpoint", f"position {SIZE + 1}", SIZE + 1)
        cell.noticed = {VERIFY: scene.verified(()), SIGNER: scene.signer_looks()}
        note = checkpoints.newest(log) or ""
        good = verify(note, [stage.policy.logs[0].key], [one.key for one in stage.policy.witnesses]).cosigned
        at = max(one.at or 0 for one in good)
        if at + 300 > clock.parse(last.recorded).timestamp():
            cell.noticed[WITNESS] = Finding(SIZE + 1, f"the log had {SIZE} entries when it was cosigned, POSIX {at}")
        yield cell


def key_planted(stage: Stage) -> Cell:
    """An entry names the attacker's key as the log's next one."""
    mine = PrivateKey.generate(stage.policy.logs[0].key.name).vkey
    data = {"old_key": stage.policy.logs[0].key.text, "new_key": mine.text, "reason": "planned"}
    with stage.scene() as scene:
        event = {"data": data | {"both_until": "2099-01-01T00:00:00Z"}, "type": "ledger.key-changed.v1"}
        _append(scene, clock.stamp(clock.now()), **event)
        cell = Cell("own key planted as the log's next", f"position {SIZE + 1}", SIZE + 1)
        cell.noticed = {SIGNER: scene.signer_looks()}
        note = sign(Checkpoint(mine.name, SIZE + 1, bytes(32)), PrivateKey.generate(mine.name))
        cell.noticed[RECEIPT] = _policy(stage, note)
        return cell


def _append(scene: Scene, recorded: str, **members: object) -> None:
    """One more entry, sound but for when it was recorded, with these members of its event."""
    event = {"id": "evil", "source": "urn:evil", "specversion": "1.0", "type": "test.happened.v1"} | members
    with Log(scene.dsn, connections=1) as log:
        head = log.head()
    raw, leaf = seal(
        encode(event),
        position=head.size + 1,
        links={"lot:evil": (1, None)},
        poster={},
        prev=head.leaf,
        recorded=recorded,
    )
    with psycopg.connect(scene.dsn) as owner:
        owner.execute("INSERT INTO ledger.entry VALUES (%s, %s, %s, %s)", (head.size + 1, event["type"], leaf, raw))
        owner.execute("INSERT INTO ledger.event_key VALUES ('urn:evil', 'evil', %s)", (head.size + 1,))
        owner.execute("INSERT INTO ledger.tag VALUES ('lot:evil', %s, 1)", (head.size + 1,))


def _witness(scene: Scene) -> Witness:
    """The first witness, with its memory of this scene."""
    return Witness(scene.folder / NAMES[0], scene.stage.keys[NAMES[0]], [scene.stage.policy.logs[0].key])


def _published(scene: Scene) -> Finding | None:
    """What a server and the guard say of the published checkpoints, knowing the signer's key."""
    with Log(scene.dsn, connections=1) as log:
        records, forged = guard.outside_records(log, scene.folder / "signer")
    if forged:
        return Finding(None, forged[0])
    return scene.verified(records)


def _policy(stage: Stage, note: str) -> Finding | None:
    """What anybody says who judges a checkpoint by his own policy."""
    try:
        stage.policy.verify(note)
    except ProofError as fault:
        return Finding(None, str(fault))
    return None


def _receipt(stage: Stage, given: Receipt, sent: bytes, position: int) -> Finding | None:
    """What a poster says who compares the receipt with what he has sent."""
    try:
        check(given, stage.policy, sent)
    except ProofError as fault:
        return Finding(position, str(fault))
    return None


def _without(files: Mapping[str, bytes], index: int) -> dict[str, bytes]:
    """The bundle without one of its entries, and without its proof."""
    kept = dict(files)
    for name in ("entries", "proofs"):
        lines = files[name].splitlines(keepends=True)
        kept[name] = b"".join(lines[:index] + lines[index + 1 :])
    return kept
