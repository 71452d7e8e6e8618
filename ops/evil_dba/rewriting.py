"""History rewritten, cut off or set back, with ever more of its traces.

The first attacker edits an entry and seals everything behind it again, to the last tile; each next one also removes or
forges what stood in his way. The last owns the signer too, key and memory: then only those who sit elsewhere are left.
"""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import psycopg

from evil_dba.stage import BACKUP, SIZE, Cell, Scene, Stage, post
from ledger import clock, secrecy
from ledger.canonical import encode
from ledger.entry import NO_LEAF
from ledger.proofs.checkpoint import Checkpoint, sign
from ledger.proofs.keys import PrivateKey
from ledger.proofs.tree import Edge, leaf_hash
from ledger.sealing import TICK_TYPE
from ledger.signer import Signer
from ledger.signing import keyfile, memory
from ledger.store.connect import connect
from ledger.writer import Writer

Document = dict[str, Any]
Change = Callable[[list[Document]], None]


def documents(scene: Scene) -> list[Document]:
    """The entries, parsed, in order."""
    with psycopg.connect(scene.dsn) as owner:
        rows = owner.execute("SELECT entry FROM ledger.entry ORDER BY position").fetchall()
    return [orjson.loads(row[0]) for row in rows]


def rebuild(scene: Scene, found: list[Document]) -> None:
    """Seal these entries as one log from the first to the last: all five tables, every link, tile and tick of it."""
    places: dict[str, int] = {}
    prev, edge, heads = NO_LEAF, Edge(), dict[str, tuple[int, str | None]]()
    rows: dict[str, list[tuple[object, ...]]] = {"entry": [], "event_key": [], "tag": [], "tile": []}
    for position, document in enumerate(found, 1):
        event = document["event"]
        if event["type"] == TICK_TYPE:
            event["data"] |= {"size": position - 1, "root": edge.root().hex()}
        links = {}
        for tag in document["links"]:
            ordinal, before = heads.get(tag, (0, None))
            links[tag] = [ordinal + 1, before]
            rows["tag"].append((tag, position, ordinal + 1))
        raw = encode(document | {"position": position, "prev": prev.hex(), "links": links})
        prev = leaf_hash(raw)
        heads |= {tag: (link[0], prev.hex()) for tag, link in links.items()}
        rows["entry"].append((position, event["type"], prev, raw))
        rows["event_key"].append((event["source"], event["id"], position))
        places |= dict.fromkeys(secrecy.digests(event), position)
        rows["tile"] += [(tile.level, tile.index, tile.hashes) for tile in edge.append(prev)]
    with psycopg.connect(scene.dsn) as owner:
        for table, values in rows.items():
            owner.execute(f"TRUNCATE ledger.{table}".encode())
            marks = ", ".join(["%s"] * len(values[0])) if values else ""
            with owner.cursor() as cursor:
                cursor.executemany(f"INSERT INTO ledger.{table} VALUES ({marks})".encode(), values)
        owner.execute("DELETE FROM ledger.disclosure WHERE digest <> ALL(%s)", (list(places),))
        for digest, position in places.items():
            owner.execute("UPDATE ledger.disclosure SET position = %s WHERE digest = %s", (position, digest))


def edited(at: int) -> Change:
    """Entry `at` says something else."""

    def change(found: list[Document]) -> None:
        found[at - 1]["event"]["data"] = {"number": -1, "text": "forged"}

    return change


def dropped(at: int) -> Change:
    """Entry `at` never was."""

    def change(found: list[Document]) -> None:
        del found[at - 1]

    return change


def inserted(at: int) -> Change:
    """An entry that never was stands at `at`."""

    def change(found: list[Document]) -> None:
        new = orjson.loads(orjson.dumps(found[at - 1]))
        new["event"] |= {"id": "never-was", "data": {"number": -1}}
        found.insert(at - 1, new)

    return change


def swapped(at: int) -> Change:
    """Entry `at` and the next one change places."""

    def change(found: list[Document]) -> None:
        one, other = found[at - 1], found[at]
        one["recorded"], other["recorded"] = other["recorded"], one["recorded"]
        found[at - 1], found[at] = other, one

    return change


CHANGES: dict[str, Callable[[int], Change]] = {
    "edited": edited, "dropped": dropped, "inserted": inserted, "swapped with the next": swapped,
}  # fmt: skip


def unpublished(scene: Scene, _: int) -> None:
    """The published checkpoints are deleted."""
    scene.owner("DELETE FROM house.checkpoint")


def forged(scene: Scene, size: int) -> None:
    """They are replaced by one that a stranger's key has signed."""
    scene.owner("DELETE FROM house.checkpoint")
    with psycopg.connect(scene.dsn) as owner:
        leaves = [row[0] for row in owner.execute("SELECT leaf FROM ledger.entry ORDER BY position").fetchall()]
        key = PrivateKey.generate(scene.stage.policy.logs[0].key.name)
        note = sign(Checkpoint(key.vkey.name, size, Edge.over(leaves).root()), key)
        owner.execute("INSERT INTO house.checkpoint VALUES (%s, %s, %s)", (size, note, clock.now()))


def signer_taken(scene: Scene, _: int) -> None:
    """The signer is his too: with its key and a new memory it signs what stands there."""
    scene.owner("DELETE FROM house.checkpoint")
    folder = scene.folder / "signer"
    for file in folder.glob(f"{memory.FILE}*"):
        file.unlink()
    memory.Memory.create(folder).close()
    with Signer(folder) as signer, connect(scene.dsn, "signer") as connection:
        signer.step(connection)
    if keyfile.public(folder) is None:
        raise LookupError("the signer has no key")


TRACES: dict[str, Callable[[Scene, int], None] | None] = {
    "all tables re-chained": None,
    "… and checkpoints deleted": unpublished,
    "… and checkpoints forged": forged,
    "… and the signer taken over": signer_taken,
}


def rewritten(stage: Stage, places: tuple[int, ...]) -> Iterator[Cell]:
    """Every change at every place, with ever more traces removed."""
    for name, change in CHANGES.items():
        for at in places:
            for trace, remove in TRACES.items():
                with stage.scene() as scene:
                    found = documents(scene)
                    change(at)(found)
                    rebuild(scene, found)
                    if remove is not None:
                        remove(scene, len(found))
                    yield scene.cell(f"entry {name}, {trace}", f"position {at}", at)


def tables_alone(stage: Stage, at: int = 42) -> Iterator[Cell]:
    """An entry rewritten and re-chained, and one of the four tables left as it was."""
    for kept in ("event_key", "tag", "tile", "entry"):
        with stage.scene() as scene:
            scene.owner(f"CREATE TABLE public.kept AS TABLE ledger.{kept}")
            found = documents(scene)
            dropped(at)(found)
            rebuild(scene, found)
            scene.owner(f"TRUNCATE ledger.{kept}", f"INSERT INTO ledger.{kept} SELECT * FROM public.kept")
            yield scene.cell(f"entry dropped, all re-chained but {kept}", f"ledger.{kept}", None)


def cut_off(stage: Stage, places: tuple[int, ...]) -> Iterator[Cell]:
    """The newest entries are gone with all their traces in the log's tables, then with their checkpoints."""
    for last in places:
        for trace, remove in TRACES.items():
            with stage.scene() as scene:
                rebuild(scene, documents(scene)[:last])
                if remove is not None:
                    remove(scene, last)
                yield scene.cell(f"end cut off, {trace}", f"position {last + 1}", last + 1)


def set_back(stage: Stage) -> Iterator[Cell]:
    """An older base backup is restored; then the log is written on; then the signer is taken over as well."""
    for written in (False, True):
        for trace, remove in TRACES.items():
            with stage.scene(backup=True) as scene:
                if written:
                    with Writer(scene.dsn, ticks=False, vault=scene.vault) as writer:
                        writer.append([post(number + 9000) for number in range(SIZE - BACKUP + 20)])
                if remove is not None:
                    remove(scene, BACKUP + (SIZE - BACKUP + 20 if written else 0))
                how = "and written on" if written else "as it was"
                yield scene.cell(f"older backup restored {how}, {trace}", f"position {BACKUP + 1}", BACKUP + 1)


def cells(stage: Stage, places: tuple[int, ...] = (2, 42, 299, SIZE - 1)) -> Iterator[Cell]:
    """All of it."""
    yield from rewritten(stage, places)
    yield from tables_alone(stage)
    yield from cut_off(stage, (42, 500, SIZE - 1))
    yield from set_back(stage)
