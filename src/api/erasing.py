"""Erasing by order, and the end of a key epoch: what both do in the vault, and what the log says of it.

An erasure has a manifest (digests of entries), the keys of two persons of two organisations who approve it, and a legal
basis. First the manifest is kept and the event committed, then the data keys are deleted: a crash in between leaves an
order that is not carried out, which `verify` says and the same command completes. Until the epoch closes a copy of the
vault can still read what was erased; the answer says how long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from ledger import clock, secrecy
from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.entry import Entry
from ledger.erasure import TYPE, Manifest
from ledger.errors import Malformed, NoRight, Problem
from ledger.genesis import system
from ledger.post import LEDGER_TAG, SYSTEM_SOURCE, Post
from ledger.store.postgres import Log
from ledger.vault import Vault
from ledger.vaulting.epochs import EPOCH
from ledger.writer import Writer

ORGAN = "ASB"
"""The organ that posts an erasure; one of those who approve it is of this organ."""

APPROVALS = 2
SOURCE = "urn:sunledger:erasing"
EPOCH_CLOSED_TYPE = "ledger.key-epoch-closed.v1"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be erased, of which entry, why, and who approves it."""

    manifest: Manifest
    target: int
    basis: str
    approvals: tuple[Poster, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done: the event's position, how many keys there were still, until when copies of the vault can read."""

    position: int
    keys: int
    in_copies_until: str


def erase(
    order: Order, log: Log, owner: Connection[tuple[object, ...]], writer: Writer, contracts: Contracts, vault: Vault
) -> Erased:
    """Carry an order out; said again, it completes what was cut off. `owner`: a connection of the database's owner.

    Raises NoRight without two approvals by persons of two organisations, one of them of the organ that may post this;
    Malformed where the manifest names a digest that the target entry does not hide.
    """
    poster = _approved(order.approvals)
    target = log.entry(order.target)
    _demand_inside(order.manifest, target)
    receipt = writer.append([_event(order, poster, log, contracts, owner)], careful=True)[0]
    rows = log.disclosures(order.manifest.digests)
    keys = vault.erase([row.key_id for row in rows])
    ends = clock.parse(vault.epochs.open().began) + EPOCH
    return Erased(receipt.position, keys, clock.stamp(ends))


def _approved(approvals: Sequence[Poster]) -> Poster:
    persons = {one.pid for one in approvals}
    organs = {one.org for one in approvals}
    poster = next((one for one in approvals if one.organ == ORGAN), None)
    if len(persons) < APPROVALS or len(organs) < APPROVALS or poster is None:
        zh = f"销毁须由两个单位的两人批准，其一为 {ORGAN}；现有 {len(persons)} 人、{len(organs)} 个单位。"
        en = (
            f"An erasure wants the approval of two persons of two organisations, one of them {ORGAN}; here are "
            f"{len(persons)} persons of {len(organs)}."
        )
        raise NoRight(problems=(Problem("/approved_by", "approvals", zh, en),))
    return poster


def _demand_inside(manifest: Manifest, target: Entry | None) -> None:
    hidden = set() if target is None else set(secrecy.digests(target.event))
    outside = [one for one in manifest if one not in hidden]
    if outside:
        zh = f"清单中有 {len(outside)} 个摘要不属于所指条目，第一个是 {outside[0]}。"
        en = f"{len(outside)} digests of the manifest are none of that entry's; the first is {outside[0]}."
        raise Malformed(problems=(Problem("/manifest", "manifest", zh, en),))


def _event(order: Order, poster: Poster, log: Log, contracts: Contracts, owner: Connection[tuple[object, ...]]) -> Post:
    """The event, the same for the same order; its manifest is kept before."""
    manifest = order.manifest
    owner.execute(
        "INSERT INTO house.erasure (sha256, manifest) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (manifest.sha256, manifest.raw.decode()),
    )
    id = f"erasure-{manifest.sha256}"
    stood = log.position_of(SOURCE, id)
    before = log.entry(stood) if stood is not None else None
    head = log.entry(log.head().size)
    recorded = clock.parse(head.recorded) if head is not None and _is_told(log) else None
    moment = before.time if before is not None else clock.stamp(recorded or clock.now())
    event = {
        "specversion": "1.0",
        "id": id,
        "source": SOURCE,
        "type": TYPE,
        "subject": LEDGER_TAG,
        "time": moment,
        "data": {
            "target": order.target,
            "legal_basis": order.basis,
            "approved_by": sorted({str(one.pid) for one in order.approvals}),
            "approving_orgs": sorted({one.org for one in order.approvals}),
            "manifest_sha256": manifest.sha256,
            "manifest_count": len(manifest),
        },
    }
    return admit(event, poster, contracts, recorded=recorded)


def _is_told(log: Log) -> bool:
    first = log.entry(1)
    return first is not None and first.data["clock"] == "told"


def epoch_event(vault: Vault, log: Log, contracts: Contracts, present: datetime) -> Post | None:
    """The event of the epoch closed last; None where the log has it, or none was closed."""
    closed = vault.epochs.closed()
    id = "" if closed is None else f"key-epoch-{closed.epoch.number}"
    created = log.entry(1)
    if closed is None or created is None or log.position_of(SYSTEM_SOURCE, id) is not None:
        return None
    event = {
        "specversion": "1.0",
        "id": id,
        "source": SYSTEM_SOURCE,
        "type": EPOCH_CLOSED_TYPE,
        "subject": LEDGER_TAG,
        "time": closed.ended,
        "data": {
            "epoch": str(closed.epoch.number),
            "from": closed.epoch.began,
            "to": closed.ended,
            "wrapping_key": closed.epoch.key,
            "rewrapped": closed.living,
            "erased": closed.erased,
        },
    }
    recorded = present if _is_told(log) else None
    return admit(event, system(str(created.data["organ"]), "vault"), contracts, recorded=recorded)
