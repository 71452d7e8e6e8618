"""A refusal is itself evidence: what was refused to whom becomes a `ledger.access-logged` event (decisions 6).

Authenticated posters are recorded one by one. Strangers (no key, or one we do not know) are counted, and one event a
minute and network tells the count: a flood of strangers must not become a flood of entries.
"""

import secrets
from collections import Counter
from ipaddress import ip_address, ip_network
from threading import Lock
from typing import Any

from ledger import clock
from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.errors import LedgerError, Refused
from ledger.genesis import system
from ledger.post import LEDGER_TAG, SYSTEM_SOURCE, Post
from ledger.writer import Writer

TYPE = "ledger.access-logged.v1"
REASONS = {
    "malformed": "malformed",
    "not-json": "malformed",
    "too-large": "malformed",
    "no-right": "no-right",
    "conflict": "conflict",
}
"""Which refusals are recorded, by the code of the error; a failed append condition is not (decisions 6)."""


class Refusals:
    """Records refusals through the writer; safe to share between threads."""

    def __init__(self, writer: Writer, contracts: Contracts, organ: str, *, told: bool) -> None:
        self._writer = writer
        self._contracts = contracts
        self._system = system(organ, "door")
        self._told = told
        self._strangers: Counter[str] = Counter()
        self._lock = Lock()

    def record(self, refused: Refused, poster: Poster, *, request_hash: str, event: object = None) -> None:
        """Write the refusal of an authenticated post. Nothing of its content is kept but its hash, type and name."""
        reason = REASONS.get(refused.code)
        if reason is None:
            return
        self._writer.append([self._post(self._data(reason, poster, request_hash, event))])

    def stranger(self, network: str) -> None:
        """Count a request without a key that we know."""
        with self._lock:
            self._strangers[network_of(network)] += 1

    def tell_strangers(self) -> None:
        """Write one event for each network that strangers came from since the last call."""
        with self._lock:
            counted, self._strangers = self._strangers, Counter()
        posts = [
            self._post(
                {
                    "action": "post",
                    "object": "/v1/events",
                    "class": "internal",
                    "purpose": "post",
                    "result": "refused",
                    "reason": "unknown-key",
                    "count": count,
                    "network": network,
                }
            )
            for network, count in sorted(counted.items())
        ]
        self._writer.append(posts)

    def _data(self, reason: str, poster: Poster, request_hash: str, event: object) -> dict[str, Any]:
        data: dict[str, Any] = {
            "actor_org": poster.org,
            "organ": poster.organ,
            "action": "post",
            "object": f"request:{request_hash[:16]}",
            "class": "internal",
            "purpose": "post",
            "request_hash": request_hash,
            "result": "refused",
            "reason": reason,
        }
        if poster.pid is not None:
            data["actor"] = poster.pid
        if isinstance(event, dict) and self._contracts.get(str(event.get("type"))) is not None:
            data["type"] = event["type"]
        return data

    def _post(self, data: dict[str, Any]) -> Post:
        event = {
            "specversion": "1.0",
            "id": f"access-{secrets.token_hex(16)}",
            "source": SYSTEM_SOURCE,
            "type": TYPE,
            "subject": LEDGER_TAG,
            "time": clock.stamp(clock.now()),
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
