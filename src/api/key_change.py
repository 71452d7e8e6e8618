"""Changing the log's signing key: a new key beside the old one, and the entry that names it.

In this order, each step harmless if the next never comes: the new key is made in the signer's folder; one commit
appends `ledger.key-changed`, with the edition of the witness policy that names both keys where there is a policy file;
the file is rewritten. The signer, when it reads the entry, signs with both until the moment the entry names. How long
that is, is data (`schemas/rulebook/parameters/log-key-change.json`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from api.founding import edition_event
from api.settings import read_policy
from ledger import clock, genesis
from ledger.admission import admit
from ledger.canonical import decode
from ledger.contracts import Contracts, schemas
from ledger.errors import CannotRun
from ledger.keychanges import over_at
from ledger.post import LEDGER_TAG, SYSTEM_SOURCE
from ledger.proofs.succession import TYPE, KeyChange, extended
from ledger.signing import keyfile
from ledger.signing.memory import Memory
from ledger.store.postgres import Log
from ledger.writer import Writer

PARAMETER = Path("rulebook/parameters/log-key-change.json")


@dataclass(frozen=True, slots=True)
class Changed:
    """The entry that names the new key, and the policy file that was rewritten, if there is one."""

    change: KeyChange
    policy: Path | None


def change_key(dsn: str, contracts: Contracts, folder: Path, policy: Path | None, reason: str) -> Changed:
    """Begin the change for the log at `dsn` and the signer in `folder`. reason: of the list `key-change-reasons`.

    Raises CannotRun where no signer has read the log yet, or both keys of an earlier change still sign.
    """
    public = keyfile.public(folder)
    if public is None:
        raise CannotRun(f"{folder}: 还没有密钥 · no key yet")
    with Log(dsn, "ledger_writer", connections=1) as log, Writer(dsn) as writer:
        created = log.entry(1)
        last = log.entry(log.head().size)
        if created is None or last is None:
            raise CannotRun("no entry stands here yet")
        told = clock.parse(last.recorded) if created.data["clock"] == "told" else None
        present = told or clock.now()
        _demand_no_overlap(folder, present)
        new = keyfile.make_next(folder, str(created.data["origin"]))
        both_until = clock.stamp(present + timedelta(days=_days()))
        change = KeyChange(0, public.logs[0], new, both_until)
        poster = genesis.system(str(created.data["organ"]), "signer")
        text = _edition(policy, change)
        edition = None if text is None else _policy_event(text, present)
        events = [*([] if edition is None else [edition]), _event(change, reason, present, edition)]
        receipts = writer.append([admit(event, poster, contracts, recorded=told) for event in events])
    if policy is not None and text is not None:
        fresh = policy.with_name(f".{policy.name}.new")
        fresh.write_text(text, "utf-8")
        fresh.replace(policy)
    return Changed(KeyChange(receipts[-1].position, change.old, new, both_until), policy)


def _demand_no_overlap(folder: Path, present: datetime) -> None:
    memory = Memory(folder)
    try:
        last = next(iter(memory.changes[::-1]), None)
    finally:
        memory.close()
    if last is not None and not over_at(present)(last):
        raise CannotRun(f"两把密钥并行至 {last.both_until}，此前不再更换 · both keys sign until {last.both_until}")


def _days() -> int:
    """For how many days both keys sign."""
    parameter = decode((schemas() / PARAMETER).read_bytes())
    if not isinstance(parameter, dict) or type(parameter.get("both_sign_days")) is not int:
        raise CannotRun(f"{PARAMETER}: both_sign_days")
    return int(parameter["both_sign_days"])


def _edition(file: Path | None, change: KeyChange) -> str | None:
    """The policy with a line for the new key; None where there is no policy."""
    policy = read_policy(file)
    return None if policy is None else extended(policy, [change]).text


def _policy_event(text: str, present: datetime) -> dict[str, Any]:
    raw = text.encode()
    digest = sha256(raw).hexdigest()
    day = present.astimezone(clock.BEIJING).date().isoformat()
    return edition_event("witness-policy", digest[:16], digest, len(raw), day, clock.stamp(present), "text/plain")


def _event(change: KeyChange, reason: str, present: datetime, edition: dict[str, Any] | None) -> dict[str, Any]:
    policy = {} if edition is None else {"policy": {"source": SYSTEM_SOURCE, "id": edition["id"]}}
    keys = {"old_key": change.old.text, "new_key": change.new.text}
    return {
        "specversion": "1.0",
        "id": f"key-{change.new.id.hex()}",
        "source": SYSTEM_SOURCE,
        "type": TYPE,
        "subject": LEDGER_TAG,
        "time": clock.stamp(present),
        "data": keys | policy | {"both_until": change.both_until, "reason": reason},
    }
