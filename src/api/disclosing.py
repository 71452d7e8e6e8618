"""The one place that decides what a reader may see of what an entry hides, and says of the rest why it is not shown.

    look = disclosing.look(entry)                           # for anybody: states, no content
    look = disclosing.open(entry, reader, purpose)          # for a known reader: what his right and purpose open

Each hidden member is in one of these states: `shown` (in this answer), `not-shown` (kept, and this reader may not see
it, or has not said what for), `erased` (by entry n), `not-checked` (no vault is open here) or `missing` (it is not
there and nobody erased it: a fault). Who may read which class is said by `ledger.readers`. What is opened is recorded
as `ledger.access-logged`, and that record is durable before the answer leaves.
"""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from ledger import secrecy
from ledger.admission import Poster
from ledger.contracts import Contracts
from ledger.entry import Entry
from ledger.erasure import TYPE as ERASURE_TYPE
from ledger.erasure import read as manifest_of
from ledger.errors import LedgerError, Malformed, NoRight, Problem
from ledger.post import SYSTEM_SOURCE, Receipt
from ledger.readers import table
from ledger.secrecy import CLASSES, Secret
from ledger.store.postgres import Log
from ledger.vault import Vault

SHOWN, NOT_SHOWN, ERASED, MISSING, NOT_CHECKED = "shown", "not-shown", "erased", "missing", "not-checked"

WORDS: Mapping[str, tuple[str, str]] = {
    SHOWN: ("已显示", "shown"),
    NOT_SHOWN: ("未显示", "not shown"),
    ERASED: ("已由第 {0} 条销毁", "erased by #{0}"),
    MISSING: ("缺失，且没有销毁记录", "missing, and no erasure says so"),
    NOT_CHECKED: ("未核对：此处没有密钥", "not checked: no key here"),
}
"""What people are told of each state."""

PAGE = 1000


class Telling(Protocol):
    """What records an access; `api.refusals.Refusals` does."""

    def tell(self, data: dict[str, Any]) -> "Future[list[Receipt]]":
        """Write the payload of a `ledger.access-logged`."""
        ...


@dataclass(frozen=True, slots=True)
class Hidden:
    """A hidden member: the object it belongs to, its digest, its state, and the entry that erased it."""

    object: str
    digest: str
    state: str
    by: int | None = None

    @property
    def zh(self) -> str:
        """Its state in Chinese."""
        return WORDS[self.state][0].format(self.by)

    @property
    def en(self) -> str:
        """Its state in English."""
        return WORDS[self.state][1].format(self.by)

    def as_json(self) -> dict[str, Any]:
        """As answers show it."""
        said = {"object": self.object, "digest": self.digest, "state": self.state, "zh": self.zh, "en": self.en}
        return said if self.by is None else {**said, "by": self.by}


@dataclass(frozen=True, slots=True)
class Look:
    """What a reader sees of an entry: the event as far as it is open to him, its hidden members, what shows them."""

    event: dict[str, Any]
    hidden: tuple[Hidden, ...]
    disclosures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A hidden member before it is decided who sees it: what the vault holds of it."""

    hidden: Hidden
    text: str | None
    secret: Secret | None


class Disclosing:
    """Opens entries; safe to share between threads."""

    def __init__(self, log: Log, contracts: Contracts, vault: Vault | None, telling: Telling) -> None:
        self._log, self._contracts, self._vault, self._telling = log, contracts, vault, telling
        self._erased: tuple[int, dict[str, int]] = (-1, {})
        self._lock = Lock()

    def look(self, entry: Entry) -> Look:
        """What anybody may know of an entry: that members are hidden, and in which state. Opens nothing."""
        return Look(entry.event, tuple(one.hidden for one in self._kept(entry)))

    def open(self, entry: Entry, reader: Poster, purpose: str) -> Look:
        """What a known reader sees, recorded before this returns.

        Raises Malformed without a purpose, NoRight (recorded) where he may see nothing of what is kept.
        """
        if not purpose.strip():
            zh, en = "请说明查阅目的。", "Say what it is read for."
            raise Malformed(problems=(Problem("/purpose", "purpose", zh, en),))
        kept = self._kept(entry)
        opened = [one for one in kept if one.text is not None and self._may_see(one.secret, entry, reader)]
        living = [one for one in kept if one.text is not None]
        if living:
            self._telling.tell(_access(entry, opened or living, reader, purpose, refused=not opened)).result()
        if living and not opened:
            raise NoRight(f"({reader.organ}: #{entry.position})")
        texts = tuple(one.text for one in opened if one.text is not None)
        seen = {one.hidden.digest for one in opened}
        states = tuple(
            Hidden(one.hidden.object, one.hidden.digest, SHOWN) if one.hidden.digest in seen else one.hidden
            for one in kept
        )
        return Look(secrecy.restore(entry.event, texts), states, texts)

    def erased(self) -> Mapping[str, int]:
        """Each erased digest with the position of the entry that erased it, as of now."""
        newest = self._log.last(type=ERASURE_TYPE)
        upto = newest.position if newest is not None else 0
        with self._lock:
            if self._erased[0] != upto:
                self._erased = (upto, self._read_erased())
            return self._erased[1]

    def _read_erased(self) -> dict[str, int]:
        found: dict[str, int] = {}
        after = 0
        while entries := self._log.find(type=ERASURE_TYPE, after=after, limit=PAGE):
            for entry in entries:
                raw = self._log.manifest(str(entry.data.get("manifest_sha256")))
                manifest = None if raw is None else manifest_of(raw)
                if manifest is not None and manifest.sha256 == entry.data["manifest_sha256"]:
                    found |= {digest: entry.position for digest in manifest if digest not in found}
            after = entries[-1].position
        return found

    def _kept(self, entry: Entry) -> list[_Kept]:
        hidden = list(secrecy.hidden(entry.event))
        if not hidden:
            return []
        erased = self.erased()
        rows = {row.digest: row for row in self._log.disclosures([one for _, held in hidden for one in held])}
        contract = self._contracts.get(entry.type)
        found = []
        for pointer, held in hidden:
            secrets = {one.name: one for one in secrecy.at(contract.secrets if contract else None, pointer)}
            for digest in held:
                row, by, text = rows.get(digest), erased.get(digest), None
                if by is not None:
                    state = ERASED
                elif row is None:
                    state = MISSING
                elif self._vault is None or not Vault.holds(row):
                    state = NOT_CHECKED
                else:
                    shown = self._shown(row)
                    text, state = (shown, NOT_SHOWN) if shown is not None else (None, MISSING)
                secret = secrets.get(secrecy.read(text)[1]) if text is not None else None
                found.append(_Kept(Hidden(pointer, digest, state, by), text, secret))
        return found

    def _shown(self, row: Any) -> str | None:
        if self._vault is None:
            return None
        try:
            shown = self._vault.show(row)
        except LedgerError:
            return None
        return shown if isinstance(shown, str) else None

    def _may_see(self, secret: Secret | None, entry: Entry, reader: Poster) -> bool:
        """By class; what is sealed until an event opens it, and what no contract explains, nobody sees here."""
        if secret is None or secret.sealed:
            return False
        owner = str(entry.poster.get("org", ""))
        return table()[secret.secrecy].admit(reader, owner, lambda: self._of_case(entry, reader.org))

    def _of_case(self, entry: Entry, org: str) -> bool:
        """Whether an organisation has posted on the lot or case that an entry is about."""
        matters = [tag for tag in entry.tags if tag.startswith(("lot:", "case:", "works:", "complaint:"))]
        return any(has_posted(self._log, matter, org) for matter in matters)


def has_posted(log: Log, matter: str, org: str) -> bool:
    """Whether an organisation has posted anything on a tag; what the ledger says of itself does not count."""
    after = 0
    while found := log.find(tag=matter, after=after, limit=PAGE):
        if any(entry.poster.get("org") == org and entry.source != SYSTEM_SOURCE for entry in found):
            return True
        after = found[-1].position
    return False


def _access(entry: Entry, what: list[_Kept], reader: Poster, purpose: str, *, refused: bool) -> dict[str, Any]:
    classes = [one.secret.secrecy for one in what if one.secret is not None]
    data = {
        "actor_org": reader.org,
        "organ": reader.organ,
        "action": "read",
        "object": f"#{entry.position}",
        "class": max(classes, key=CLASSES.index, default="internal"),
        "purpose": purpose.strip(),
        "result": "refused" if refused else "done",
    }
    if refused:
        data["reason"] = "no-right"
    return data if reader.pid is None else {**data, "actor": reader.pid}
