"""How a log's key is followed by the next one: an entry says so, and the old key vouches for that entry.

    {"event":{"data":{"both_until":"2027-04-01T00:00:00+08:00","new_key":"…+AeHT…","old_key":"…+ARpc…", …},
              "type":"ledger.key-changed.v1", …}, "position":20000, …}

A new key is believed for one reason only: a checkpoint that the *old* key has signed covers an entry that names it.
From that entry on both keys sign, either is enough for a reader; after `both_until` the old one counts no more. Whoever
has only the old key and a receipt of that entry can follow (`accept`); who reads the log follows by reading.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ledger.proofs.failures import ProofError, Unreadable, Unsigned
from ledger.proofs.keys import NOTE, VerifierKey
from ledger.proofs.policy import Log, Policy
from ledger.proofs.receipt import Receipt, check

TYPE = "ledger.key-changed.v1"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """The entry at `position` names the successor of a key; both sign until `both_until` (RFC 3339, as it stands)."""

    position: int
    old: VerifierKey
    new: VerifierKey
    both_until: str


Over = Callable[[KeyChange], bool]
"""Whether the time in which both sign has passed: nothing here knows what time it is."""


def not_over(_: KeyChange) -> bool:
    """For whoever takes old signatures as well: no key ever ceases to count."""
    return False


def read(document: object) -> KeyChange | None:
    """The change of an entry that was parsed; None for every other entry. Raises Unreadable for one that is none."""
    event = document.get("event") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(event, dict) or event.get("type") != TYPE:
        return None
    try:
        data, position = event["data"], document["position"]
        old, new = VerifierKey.parse(data["old_key"]), VerifierKey.parse(data["new_key"])
        until = data["both_until"]
    except (KeyError, TypeError, AttributeError, ProofError) as fault:
        raise Unreadable("(key change: old_key, new_key and both_until are wanted)") from fault
    if type(until) is not str or type(position) is not int or {old.kind, new.kind} != {NOTE} or old.name != new.name:
        raise Unreadable("(key change: two keys of one log, and until when both sign)")
    return KeyChange(position, old, new, until)


def accept(receipt: Receipt, policy: Policy) -> KeyChange:
    """The change that a receipt proves, whose `extra` is the entry. Raises ProofError.

    1. The receipt holds under the policy. 2. Its entry is a key change. 3. The old key is a log's of the policy, and it
    is that key which has signed the receipt's checkpoint.
    """
    if receipt.extra is None:
        raise Unreadable("(key change: the receipt carries no entry)")
    checked = check(receipt, policy)
    try:
        change = read(json.loads(checked.entry))
    except ValueError as fault:
        raise Unreadable("(key change: the entry is no JSON)") from fault
    if change is None or change.position != checked.position:
        raise Unreadable(f"(key change: entry {checked.position} is none)")
    if change.old not in [good.key for good in checked.signed.log]:
        raise Unsigned(f"({change.old.name}: the key that is followed has not signed)")
    return change


def in_force(keys: Sequence[VerifierKey], changes: Iterable[KeyChange], over: Over) -> list[VerifierKey]:
    """The keys that count, of `keys` and their successors by `changes`, in order; the newest last.

    A change whose old key does not count adds nothing.
    """
    found = list(keys)
    for change in changes:
        if change.old in found or change.new in found:
            found = [key for key in found if key != change.new] + [change.new]
            if over(change):
                found = [key for key in found if key != change.old]
    return found


def extended(policy: Policy, changes: Iterable[KeyChange], over: Over = not_over) -> Policy:
    """The policy with the successors of its logs' keys, and without those that count no more."""
    changes = list(changes)
    urls = {log.key: log.url for log in policy.logs}
    for change in changes:
        urls.setdefault(change.new, urls.get(change.old))
    keys = in_force([log.key for log in policy.logs], changes, over)
    return replace(policy, logs=tuple(Log(key, urls[key]) for key in keys))
