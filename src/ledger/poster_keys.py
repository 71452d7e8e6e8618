"""Which key of a poster was good where: a pure fold of `party.key-registered` and `party.key-revoked`.

    keys = PosterKeys(origin, operator, issuers)
    keys.demand(signature, event, committed, party=…, position=…, recorded=…)   # raises BadSignature
    keys.follow(event, committed, proof, position=…, recorded=…)                # behind each entry, in order

A key is its owner's (`party` and `kid`), good between two positions, for the sources it names, until the end of its
`valid_to` (Beijing time). **It is judged at position − 1**: an entry is signed with what was registered before it, and
a revocation counts from the next entry on. A post that was on its way when its key was revoked may therefore stand
behind the revocation; of it is said that its key was no longer good, and no link of the chain is broken by that.

A registration is signed by the new key itself, and vouched for by

- `issuer`: a chain in `x5c` that ends at a recognised issuer and names the key and the party's code in its subject
  (serialNumber or organizationIdentifier, as such or behind `-`, as in `NTRCN-…`). A random id of a person stands in no
  certificate: which person of the party it is, is the party's word;
- `old-key`: one signature in `by`, of a key of the same owner that is good here, and for all sources that the new one
  names: a stolen key must not be worth more than it was;
- `two-persons`: the signatures in `by` are those of `vouchers`, in this order, at least two persons with keys of their
  own, none of them the one vouched for, and not all of the operator's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cryptography import x509

from ledger import clock
from ledger.proofs.chain import introduced
from ledger.proofs.failures import BadSignature
from ledger.proofs.signature import PublicKey, Signature, check

REGISTERED = "party.key-registered.v1"
REVOKED = "party.key-revoked.v1"

TWO = 2


@dataclass(frozen=True, slots=True)
class Registered:
    """A key as it was registered at position `since`; `until` is the position of its revocation, if there is one."""

    party: str
    kid: str
    person: str | None
    key: PublicKey
    sources: frozenset[str]
    valid_to: str | None
    since: int
    until: int | None = None

    def demand_good(self, position: int, recorded: datetime) -> None:
        """Raises BadSignature unless the key is in force at `position` − 1 and has not run out at `recorded`."""
        if position <= self.since:
            raise BadSignature(f"({self.kid}: registered only at {self.since})")
        if self.until is not None and position > self.until:
            raise BadSignature(f"({self.kid}: revoked at {self.until})")
        if self.valid_to is not None and recorded.astimezone(clock.BEIJING).date().isoformat() > self.valid_to:
            raise BadSignature(f"({self.kid}: expired on {self.valid_to})")


class PosterKeys:
    """The keys as they stand behind the entries followed; `operator` is the code of who runs the log."""

    def __init__(self, origin: str, operator: str, issuers: Sequence[x509.Certificate] = ()) -> None:
        self._origin = origin
        self._operator = operator
        self._issuers = tuple(issuers)
        self._keys: dict[tuple[str, str], Registered] = {}

    def demand(
        self,
        signature: Signature,
        event: Mapping[str, Any],
        committed: bytes,
        *,
        party: str,
        position: int,
        recorded: datetime,
    ) -> Registered:
        """The key of `party` that signed this event. `committed` is the event's canonical bytes.

        A registration is signed by the key that it registers. Raises BadSignature, or another ProofError.
        """
        if event.get("type") == REGISTERED:
            return self._vouched(signature, event["data"], committed, position, recorded)
        found = self._of(party, signature.kid)
        found.demand_good(position, recorded)
        if event.get("source") not in found.sources:
            raise BadSignature(f"({found.kid}: not for the source {event.get('source')})")
        check(signature, found.key, self._origin, committed)
        return found

    def follow(
        self,
        event: Mapping[str, Any],
        committed: bytes,
        proof: Mapping[str, Any] | None,
        *,
        position: int,
        recorded: datetime,
    ) -> None:
        """Move behind an entry. Raises ProofError for a registration that is not signed or not vouched for."""
        if event.get("type") == REGISTERED:
            signature = Signature.read(proof)
            found = self._vouched(signature, event["data"], committed, position, recorded)
            self._keys[found.party, found.kid] = found
        elif event.get("type") == REVOKED:
            owner = event["data"]["party"], event["data"]["kid"]
            if owner in self._keys and self._keys[owner].until is None:
                self._keys[owner] = replace(self._keys[owner], until=position)

    def _of(self, party: str, kid: str) -> Registered:
        found = self._keys.get((party, kid))
        if found is None:
            raise BadSignature(f"({kid}: no key of {party})")
        return found

    def _vouched(
        self, signature: Signature, data: Mapping[str, Any], committed: bytes, position: int, recorded: datetime
    ) -> Registered:
        """The key that a registration introduces. Raises BadSignature, or another ProofError."""
        new = Registered(
            data["party"],
            data["kid"],
            data.get("person"),
            PublicKey.read(data["alg"], data["public_key"]),
            frozenset(data["sources"]),
            data.get("valid_to"),
            position,
        )
        if (new.party, new.kid) in self._keys:
            raise BadSignature(f"({new.kid}: this id was a key's before, and an id is used once)")
        if signature.kid != new.kid:
            raise BadSignature(f"({signature.kid}: a registration is signed by the key that it registers)")
        check(signature, new.key, self._origin, committed)
        how = data["vouched_by"]
        if how == "issuer":
            self._by_issuer(signature, new, recorded)
        elif how == "old-key":
            self._by_old_key(signature, new, data.get("old_kid"), committed, recorded)
        else:
            self._by_persons(signature, new, data.get("vouchers", ()), committed, recorded)
        return new

    def _by_issuer(self, signature: Signature, new: Registered, recorded: datetime) -> None:
        key, names = introduced(signature.x5c, self._issuers, at=clock.stamp(recorded))
        if key != new.key:
            raise BadSignature(f"({new.kid}: the certificate is another key's)")
        if not any(name.rpartition("-")[2] == new.party for name in names):
            raise BadSignature(f"({new.kid}: the certificate does not name its owner)")

    def _by_old_key(
        self, signature: Signature, new: Registered, old_kid: object, committed: bytes, recorded: datetime
    ) -> None:
        if len(signature.by) != 1 or signature.by[0].kid != old_kid:
            raise BadSignature(f"({new.kid}: the old key has not signed)")
        old = self._of(new.party, signature.by[0].kid)
        old.demand_good(new.since, recorded)
        if old.person != new.person or not new.sources <= old.sources:
            raise BadSignature(f"({old.kid}: of another owner, or not good for all these sources)")
        check(signature.by[0], old.key, self._origin, committed)

    def _by_persons(
        self, signature: Signature, new: Registered, vouchers: Sequence[str], committed: bytes, recorded: datetime
    ) -> None:
        if len(vouchers) < TWO or len(set(vouchers)) != len(signature.by) or new.person in vouchers:
            raise BadSignature(f"({new.kid}: two others vouch for a key, each with a signature)")
        found = [
            self._voucher(one, person, new, committed, recorded)
            for one, person in zip(signature.by, vouchers, strict=True)
        ]
        if len({one.key for one in found}) != len(found) or all(one.party == self._operator for one in found):
            raise BadSignature(f"({new.kid}: one of those who vouch must not be the operator's)")

    def _voucher(
        self, one: Signature, person: str, new: Registered, committed: bytes, recorded: datetime
    ) -> Registered:
        """The key of `person` that made this signature. A person may have keys of one id in several parties."""
        message = one.message(self._origin, committed)
        for key in self._keys.values():
            if (
                key.person == person
                and key.kid == one.kid
                and key.key.alg == one.alg
                and key.key.made(message, one.sig)
            ):
                key.demand_good(new.since, recorded)
                return key
        raise BadSignature(f"({one.kid}: no key of {person} made this signature)")
