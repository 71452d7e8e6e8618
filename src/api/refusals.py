"""A refusal is itself evidence: what was refused to whom becomes a `ledger.access-logged` event (decisions 6).

Authenticated posters are recorded one by one. Strangers (no key, or one we do not know) are counted, and one event a
minute and network tells the count: a flood of strangers must not become a flood of entries.

Of what was refused its type, source, id and the SHA-256 of the request are kept, never its content. Where the request
could hold a secret (its type declares secret members, or nobody could tell its type) there is no hash either: a hash
of few possibilities is no secret. Of a type that is sealed whole, type and name are left out too.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_address, ip_network
from threading import Lock
from typing import Any

from ledger import clock, cloudevent
from ledger.admission import Poster, admit
from ledger.contracts import Contract, Contracts
from ledger.errors import LedgerError
from ledger.genesis import system
from ledger.post import LEDGER_TAG, SYSTEM_SOURCE, Post, Receipt

TYPE = "ledger.access-logged.v1"
REASONS = {
    "malformed": "malformed",
    "not-json": "malformed",
    "unknown-media": "malformed",
    "too-large": "malformed",
    "no-right": "no-right",
    "conflict": "conflict",
}
"""Which refusals are recorded, by the code of the error; a failed append condition is not (decisions 6)."""

WHERE = "/v1/events"
MANY_NETWORKS = 256
"""Networks counted one by one in a minute; strangers from further ones are counted together."""

Append = Callable[[Sequence[Post]], "Future[list[Receipt]]"]


class Refusals:
    """Records refusals through `append`; safe to share between threads.

    `present` gives the moment of an entry that nobody dated: now, or on a told clock the last entry's.
    """

    def __init__(self, append: Append, contracts: Contracts, organ: str, present: Callable[[], datetime]) -> None:
        self._append = append
        self._contracts = contracts
        self._system = system(organ, "door")
        self.present = present
        self._strangers: Counter[str] = Counter()
        self._lock = Lock()

    def record(
        self,
        refused: LedgerError,
        poster: Poster,
        *,
        body: bytes | None = None,
        document: object = None,
    ) -> "Future[list[Receipt]]":
        """Write the refusal of an authenticated post, one of REASONS; `document` is the body as far as it was read."""
        data = {
            "actor_org": poster.org,
            "organ": poster.organ,
            "action": "post",
            "object": WHERE,
            "class": "internal",
            "purpose": "post",
            "result": "refused",
            "reason": REASONS[refused.code],
        }
        if poster.pid is not None:
            data["actor"] = poster.pid
        data |= self._named(_blamed(document, refused))
        if body is not None and self._holds_no_secret(document):
            data["request_hash"] = sha256(body).hexdigest()
        return self.tell(data)

    def tell(self, data: dict[str, Any]) -> "Future[list[Receipt]]":
        """Write an access of another kind: the payload of a `ledger.access-logged`."""
        return self._append([self._post(data)])

    def stranger(self, address: str) -> None:
        """Count a request without a key that we know."""
        network = network_of(address)
        with self._lock:
            known = network in self._strangers or len(self._strangers) < MANY_NETWORKS
            self._strangers[network if known else "others"] += 1

    def tell_strangers(self) -> None:
        """Write one event for each network that strangers came from since the last call; what fails is kept."""
        with self._lock:
            counted, self._strangers = self._strangers, Counter()
        try:
            self._append([self._post(_strangers(*one)) for one in sorted(counted.items())]).result()
        except LedgerError:
            with self._lock:
                self._strangers += counted
            raise

    def _contract(self, event: object) -> Contract | None:
        type_ = event.get("type") if isinstance(event, dict) else None
        return self._contracts.get(type_) if isinstance(type_, str) else None

    def _named(self, event: object) -> dict[str, str]:
        """Type and name of the event, where they may be told."""
        contract = self._contract(event)
        if not isinstance(event, dict) or (contract is not None and "x-sealed" in contract.raw):
            return {}
        said = {} if contract is None else {"type": contract.type}
        wrong = {one.pointer for one in cloudevent.problems(event)}
        if wrong.isdisjoint({"/source", "/id"}):
            said["object"] = f"{event['source']}#{event['id']}"
        return said

    def _holds_no_secret(self, document: object) -> bool:
        events = document if isinstance(document, list) else [document]
        contracts = [self._contract(event) for event in events]
        return all(contract is not None and not _declares_secrets(contract) for contract in contracts)

    def _post(self, data: dict[str, Any]) -> Post:
        event = {
            "specversion": "1.0",
            "id": f"access-{secrets.token_hex(16)}",
            "source": SYSTEM_SOURCE,
            "type": TYPE,
            "subject": LEDGER_TAG,
            "time": clock.stamp(self.present()),
            "data": data,
        }
        return admit(event, self._system, self._contracts)


def network_of(address: str) -> str:
    """The network of an address: /24, or /48 in IPv6. What is no address (a test client) is called `local`."""
    try:
        version = ip_address(address).version
    except ValueError:
        return "local"
    return str(ip_network(f"{address}/{24 if version == 4 else 48}", strict=False))


def recordable(error: LedgerError) -> bool:
    """Whether an error is one of those that become an event."""
    return error.code in REASONS


def _strangers(network: str, count: int) -> dict[str, Any]:
    return {
        "action": "post",
        "object": WHERE,
        "class": "internal",
        "purpose": "post",
        "result": "refused",
        "reason": "unknown-key",
        "count": count,
        "network": network,
    }


def _blamed(document: object, refused: LedgerError) -> object:
    """The event a refusal is about: of an array the one that its first problem points into, else the first."""
    if not isinstance(document, list):
        return document
    first = refused.problems[0].pointer.split("/")[1:2] if refused.problems else []
    index = int(first[0]) if first and first[0].isdecimal() else 0
    return document[index] if index < len(document) else None


def _declares_secrets(contract: Contract) -> bool:
    return "x-sealed" in contract.raw or contract.secrets is not None
