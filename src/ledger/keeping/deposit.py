"""A deposit: that somebody gave a document into the ledger's keeping, as a record beside it and an entry in the log.

    {"bytes":33235,"class":"internal","id":"d3k…","kept":"2026-06-01T02:00:00.000000Z","kind":"evaluation-report",
     "lot":"E1403000123001","media_type":"application/pdf","org":"12140300MA0TT001XR","organ":"PTC","retention":"15y",
     "salt":"…","sha256":"33b3…","v":1}

The entry `archive.document-held` carries the SHA-256 of these bytes: so the log says that the document is held and
fixes every word of the record, and yet nothing in the log can be computed from a secret document (the salt is random).
A deposit has a random id of its own, whoever else gave the same bytes: an id tells nobody that they were there before.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ledger.canonical import decode, encode
from ledger.errors import Broken, NotJson
from ledger.post import SYSTEM_SOURCE

HELD_TYPE = "archive.document-held.v1"
ID = re.compile(r"d[0-9a-z]{25}")
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SALT_BYTES = 32

OPEN_CLASSES = ("public", "internal")
"""Of these the entry says all that the record says; an entry may hold what is internal."""

HIDDEN_CLASSES = ("dic", "vault")
"""Of these the entry does not even say who deposited it, and with which case it has to do."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a depositor says of the document; `lot` and `case` where it belongs to one."""

    kind: str
    cls: str
    retention: str
    media_type: str
    org: str
    organ: str
    lot: str | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Deposit:
    """A record: the statement, the content's hash and size, when it was taken, the salt."""

    id: str
    sha256: str
    size: int
    said: Statement
    kept: str
    salt: str

    @classmethod
    def new(cls, digest: str, size: int, said: Statement, kept: str) -> "Deposit":
        """A new record with an id and a salt of its own; `kept` is the moment as `recorded` is written."""
        letters = "".join(secrets.choice(_LETTERS) for _ in range(25))
        return cls(f"d{letters}", digest, size, said, kept, secrets.token_hex(_SALT_BYTES))

    @classmethod
    def parse(cls, raw: bytes) -> "Deposit":
        """A record from its bytes. Raises Broken where they are none."""
        try:
            value = decode(raw)
            names = ("kind", "retention", "media_type", "org", "organ")
            said = Statement(
                cls=value["class"], lot=value.get("lot"), case=value.get("case"), **{one: value[one] for one in names}
            )
            found = cls(value["id"], value["sha256"], value["bytes"], said, value["kept"], value["salt"])
        except (NotJson, KeyError, TypeError, AttributeError) as fault:
            raise Broken("不是存放记录 · not a record of a deposit") from fault
        if found.raw() != raw:
            raise Broken("存放记录不合格式 · the record of a deposit is not of this format")
        return found

    def raw(self) -> bytes:
        """The record's bytes, whose SHA-256 the log holds."""
        value: dict[str, Any] = self.doc() | {"org": self.said.org, "organ": self.said.organ}
        value |= {"kept": self.kept, "salt": self.salt, "v": 1}
        return encode(value | _present({"lot": self.said.lot, "case": self.said.case}))

    def doc(self) -> dict[str, Any]:
        """The value of type `doc` that goes into an event."""
        return {
            "id": self.id,
            "kind": self.said.kind,
            "sha256": self.sha256,
            "bytes": self.size,
            "media_type": self.said.media_type,
            "class": self.said.cls,
            "retention": self.said.retention,
        }

    def event(self) -> dict[str, Any]:
        """The event that says in the log that the document is held; the same each time it is asked for."""
        data: dict[str, Any] = {
            "document": self.id,
            "class": self.said.cls,
            "retention": self.said.retention,
            "record_sha256": sha256(self.raw()).hexdigest(),
        }
        if self.said.cls not in HIDDEN_CLASSES:
            data |= {"org": self.said.org} | _present({"lot": self.said.lot, "case": self.said.case})
        if self.said.cls in OPEN_CLASSES:
            data["doc"] = self.doc()
        return {
            "specversion": "1.0",
            "id": event_id(self.id),
            "source": SYSTEM_SOURCE,
            "type": HELD_TYPE,
            "subject": f"archive:{self.id}",
            "time": self.kept,
            "data": data,
        }


def event_id(id: str) -> str:
    """The id of the event that says that a deposit is held."""
    return f"document-held:{id}"


def is_record_of(deposit: Deposit, data: Mapping[str, Any]) -> bool:
    """Whether `data` of an entry of HELD_TYPE is about this record, every word of it."""
    return bool(data.get("record_sha256") == sha256(deposit.raw()).hexdigest() and data.get("document") == deposit.id)


def _present(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
