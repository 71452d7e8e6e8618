"""Ciphertexts swapped, pointed at erased keys, or gone: what the log promises to be able to show.

One disclosure is erased by order first, as it should be: its digest stands in a manifest, its data key is gone. Then
the owner of the database tries to pass other disclosures off as erased, or shows one in another's place.
"""

from collections.abc import Iterator

import psycopg

from api.erasing import Order, erase
from evil_dba.stage import VERIFY, Cell, Scene, Stage
from ledger import secrecy
from ledger.admission import Poster
from ledger.contracts import Contracts
from ledger.erasure import Manifest
from ledger.store.postgres import Log
from ledger.writer import Writer

ERASED, HURT, OTHER = 500, 200, 400
"""Entries that hide two values each: where one is erased by order, where the evil is done, and with what."""

Statements = tuple[str, ...]


def cells(stage: Stage) -> Iterator[Cell]:
    """Every attack on a copy of its own, behind an erasure that was ordered."""
    for attack, column, statements in ATTACKS:
        with stage.scene() as scene:
            erased = _ordered(scene, ERASED)
            names = {"hurt": _digests(scene, HURT)[0], "other": _digests(scene, OTHER)[0], "erased": erased}
            scene.owner(*(statement.format(**names) for statement in statements))
            yield scene.cell(attack, f"ledger.disclosure{column}", HURT)
    with stage.scene() as scene:
        _ordered(scene, ERASED)
        scene.owner("DELETE FROM house.erasure")
        cell = Cell("manifest of an erasure deleted", "house.erasure.manifest", ERASED)
        cell.noticed[VERIFY] = found = scene.verified(())
        cell.right = found is not None and found.position == ERASED
        yield cell


def _as(set_: str, from_: str) -> str:
    """The hurt row with something of another one's."""
    return (
        f"UPDATE ledger.disclosure AS d SET {set_} FROM ledger.disclosure AS o "
        f"WHERE d.digest = '{{hurt}}' AND o.digest = '{{{from_}}}'"
    )


ATTACKS: tuple[tuple[str, str, Statements], ...] = (
    ("ciphertext of another disclosure", ".ciphertext", (_as("ciphertext = o.ciphertext", "other"),)),
    (
        "whole disclosure of another digest",
        "",
        (_as("ciphertext = o.ciphertext, nonce = o.nonce, key_id = o.key_id", "other"),),
    ),
    ("row pointed at an erased key", ".key_id", (_as("key_id = o.key_id", "erased"),)),
    (
        "erasure pretended with a whole erased row",
        "",
        (_as("ciphertext = o.ciphertext, nonce = o.nonce, key_id = o.key_id", "erased"),),
    ),
    ("erasure pretended, the row is gone", "", ("DELETE FROM ledger.disclosure WHERE digest = '{hurt}'",)),
)


def _ordered(scene: Scene, at: int) -> str:
    """Erase the first value of an entry by order, as it should be done; gives its digest."""
    digest = _digests(scene, at)[0]
    people = (
        Poster(org="12140300MA0TT020X7", organ="ASB", via="key:000000000001", pid="p0000000000000000000000001"),
        Poster(org="11140300MA0TT021XF", organ="REG", via="key:000000000002", pid="p0000000000000000000000002"),
    )
    with (
        Log(scene.dsn, connections=1) as log,
        psycopg.connect(scene.dsn, autocommit=True) as owner,
        Writer(scene.dsn, ticks=False) as writer,
    ):
        order = Order(Manifest.of([digest]), at, "个人信息保护法 第四十七条", people)
        erase(order, log, owner, writer, Contracts.load(), scene.vault)
    if (found := scene.verified(())) is not None:
        raise LookupError(f"an ordered erasure is no fault: {found.words}")
    return digest


def _digests(scene: Scene, position: int) -> list[str]:
    with Log(scene.dsn, connections=1) as log:
        entry = log.entry(position)
    return [] if entry is None else sorted(secrecy.digests(entry.event))
