"""Whether sealed events hold, by entries alone: nothing dropped, added, swapped, spare, or opened under another key.

    check = Check(sorted_bytes=32_000_000)
    for each entry in order:   check.take(document, position)
    for fault in check.faults(): fault.position, fault.zh, fault.en

1. A group's key is the one committed to, by every `ledger.seal-prepared` of it, and the first of these is older than
   every member. Later ones do not move `not_before` earlier.
2. Of an opened or closed group with `count` n, tokens 1 … n stand in n entries before the trigger (before the closing),
   and tokens n+1 … n+64 stand nowhere.
3. `ledger.seal-opened` is followed at once by one opening entry for each member that is not `unopened`, in the order of
   their numbers; E and P recomputed from it are those that were sealed.
4. Every sealed entry belongs to one group that was opened or closed within `FOR_EVER`, measured to the last entry.

Order of entries proves what is read on the way; the rest is a join of records by token and by group, sorted on disk
when they are many (`ledger.verification.spill`), so memory does not grow with the log.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby
from struct import Struct
from tempfile import TemporaryFile
from typing import IO, Any

from ledger import clock
from ledger.errors import SealWrong
from ledger.sealed_events import forms
from ledger.sealed_events.forms import CLOSED, OPENED, PREPARED
from ledger.secrecy import digest, disclosure, unb64
from ledger.verification.form import moment, sealed_parts
from ledger.verification.spill import Sorter

FOR_EVER = timedelta(days=365)
"""A seal that is older than this and neither opened nor closed is a fault."""

TELLING = frozenset({None, PREPARED, OPENED, CLOSED})
"""Types of the entries that `Check.take` looks at; None is a sealed one. Others matter where an opening is expected,
and opening entries always."""

MANY = 20_000
"""Tokens of unopened members looked for at once among the spare ones: about 3 MB."""

_SEALED, _OPEN, _COUNTED = 1, 2, 3
_TOKEN = Struct("!32sB16sQQQ32s32sq")  # token, kind, group, number, position, bound, E, P, moment
_GROUP = Struct("!16sBQ32sq")  # group, kind, position, commitment, not_before
_KEY = Struct("!32s16sQQ")  # key, group, count, position
_PREPARED, _ENDED, _MEMBER = 1, 2, 3
_NOTHING = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=clock.BEIJING)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class SealFault:
    """What is wrong with a seal, at which entry, in both languages."""

    position: int
    zh: str
    en: str


@dataclass(slots=True)
class _Opening:
    """A `ledger.seal-opened` whose opening entries are being read: the numbers still to come."""

    group: bytes
    key: bytes
    trigger: int
    position: int
    waiting: list[int] = field(default_factory=list)


class Check:
    """Takes every entry in order, then tells the faults; used once. Close it, or use it in a `with`."""

    def __init__(self, sorted_bytes: int = 32_000_000) -> None:
        self._tokens = Sorter(sorted_bytes)
        self._groups = Sorter(sorted_bytes)
        self._keys: IO[bytes] = TemporaryFile()  # noqa: SIM115  (lives until `close`)
        self._opening: _Opening | None = None
        self._found: list[SealFault] = []
        self._recorded = "1970-01-01T00:00:00.000000Z"

    def close(self) -> None:
        """Give memory and files back."""
        self._tokens.close()
        self._groups.close()
        self._keys.close()

    def __enter__(self) -> "Check":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def expecting(self) -> bool:
        """Whether the next entry must be an opening entry."""
        return self._opening is not None

    def reached(self, recorded: str) -> None:
        """The moment of the last entry, where that was not taken itself."""
        self._recorded = recorded

    def take(self, document: dict[str, Any], position: int) -> None:
        """The next entry, as its JSON was read. Entries without anything sealed cost next to nothing."""
        event = document["event"]
        if moment(document["recorded"]) is not None:
            self._recorded = document["recorded"]
        type_ = event.get("type")
        if self._opening is not None and not self._expected(document, position):
            self._opening = None
        elif "opens" in document and self._opening is None:
            self._fault(position, "开启条目之前没有封存开启。", "An opening entry without a seal-opened before it.")
        elif self._opening is not None and "opens" in document:
            self._opened_member(document, position)
            return
        if type_ is None and "_sd" in event:
            self._sealed(document, position)
        elif type_ == PREPARED:
            self._prepared(event.get("data"), position)
        elif type_ in (OPENED, CLOSED):
            self._ended(event.get("data"), position, opened=type_ == OPENED)

    def faults(self) -> list[SealFault]:
        """What is wrong, by position. To be asked once, at the end of the log."""
        if self._opening is not None and self._opening.waiting:
            self._missing_openings(self._opening, self._opening.position)
        unclaimed = list(self._by_token())
        self._spare(unclaimed)
        self._by_group()
        return sorted(self._found, key=lambda fault: fault.position)

    # -- while reading --

    def _fault(self, position: int, zh: str, en: str) -> None:
        self._found.append(SealFault(position, zh, en))

    def _sealed(self, document: dict[str, Any], position: int) -> None:
        parts = sealed_parts(document)
        if parts is None:
            self._fault(position, "封存条目不合格式。", "A sealed entry is malformed.")
            return
        token, event, poster = parts
        recorded = _micros(self._recorded)
        self._tokens.add(_TOKEN.pack(token, _SEALED, bytes(16), 0, position, 0, event, poster, recorded))

    def _prepared(self, data: object, position: int) -> None:
        said = data if isinstance(data, dict) else {}
        try:
            group, committed = _name(said["group"]), bytes.fromhex(said["commitment"])
            not_before = _micros(said["not_before"])
            self._groups.add(_GROUP.pack(group, _PREPARED, position, committed, not_before))
        except (KeyError, TypeError, ValueError):
            self._fault(position, "封存准备不合格式。", "A seal-prepared is malformed.")

    def _ended(self, data: object, position: int, *, opened: bool) -> None:
        said = data if isinstance(data, dict) else {}
        try:
            group, key, count = _name(said["group"]), forms.key_bytes(said["key"]), _number(said["count"])
            trigger = _number(said["trigger"]) if opened else position
            unopened = frozenset(map(_number, said["unopened"])) if opened else frozenset()
        except (KeyError, TypeError, ValueError, SealWrong):
            self._fault(position, "封存开启或关闭不合格式。", "A seal-opened or seal-closed is malformed.")
            return
        if (
            not 0 <= count < position
            or not 0 < trigger <= position - opened
            or any(not 0 < n <= count for n in unopened)
        ):
            self._fault(position, "所载数目或开启事件不可能。", "Its count or its trigger is impossible.")
            return
        if not opened:
            unopened = frozenset(range(1, count + 1))
        self._groups.add(_GROUP.pack(group, _ENDED, position, bytes.fromhex(forms.commitment(key)), 0))
        self._keys.write(_KEY.pack(key, group, count, position))
        for number in sorted(unopened):
            self._claim(_COUNTED, group, key, number, position, trigger)
        if opened:
            waiting = [number for number in range(1, count + 1) if number not in unopened]
            self._opening = _Opening(group, key, trigger, position, waiting) if waiting else None

    def _claim(self, kind: int, group: bytes, key: bytes, number: int, at: int, bound: int) -> None:
        token = bytes.fromhex(forms.token(key, number))
        self._tokens.add(_TOKEN.pack(token, kind, group, number, at, bound, _NOTHING, _NOTHING, 0))

    def _expected(self, document: dict[str, Any], position: int) -> bool:
        """Whether this entry is the next opening entry; where it is not, those still to come are missing."""
        opening = self._opening
        if opening is None or not opening.waiting:
            return False
        if "opens" in document:
            return True
        self._missing_openings(opening, position)
        return False

    def _missing_openings(self, opening: _Opening, position: int) -> None:
        numbers = "、".join(map(str, opening.waiting[:10]))
        self._fault(
            opening.position,
            f"第 {numbers} 号既未开启，也未列为未能开启。",
            f"Members {numbers.replace('、', ', ')} are neither opened (by #{position}) nor said to be unopened.",
        )

    def _opened_member(self, document: dict[str, Any], position: int) -> None:
        opening = self._opening
        if opening is None:
            return
        opens = document["opens"]
        try:
            number, sealed_at = _number(opens["n"]), _number(opens["position"])
            event, poster = recomputed(document)
        except (KeyError, TypeError, ValueError):
            self._fault(position, "开启条目不合格式。", "An opening entry is malformed.")
            opening.waiting.pop(0)
            number = 0
        else:
            due = opening.waiting.pop(0)
            if number != due:
                zh, en = f"应开启第 {due} 号，却为第 {number} 号。", f"It opens member {number} where {due} was due."
                self._fault(position, zh, en)
            token = bytes.fromhex(forms.token(opening.key, due))
            record = (token, _OPEN, opening.group, sealed_at, position, opening.trigger, event, poster, 0)
            self._tokens.add(_TOKEN.pack(*record))
        if not opening.waiting:
            self._opening = None

    # -- at the end --

    def _by_token(self) -> Iterator[bytes]:
        """Join members and claims; gives the tokens that no group claims."""
        oldest = _micros(self._recorded) - FOR_EVER // _MICROSECOND
        for token, records in groupby(map(_TOKEN.unpack, self._tokens.sorted()), key=lambda record: record[0]):
            members: list[tuple[Any, ...]] = []
            claims: list[tuple[Any, ...]] = []
            for record in records:
                (members if record[1] == _SEALED else claims).append(record)
            for extra in members[1:]:
                self._fault(extra[4], "同一令牌封存了两次。", "The same token is sealed twice.")
            for extra in claims[1:]:
                self._fault(extra[4], "同一封存条目开启了两次。", "The same member is opened twice.")
            if members and claims:
                self._compared(members[0], claims[0])
            elif claims:
                zh, en = "所称的成员不在台账中。", "A member that it counts does not stand in the log."
                self._fault(claims[0][4], zh, en)
            elif members:
                if members[0][8] < oldest:
                    zh = "封存已逾期限，既未开启也未关闭。"
                    self._fault(members[0][4], zh, "Sealed for ever: neither opened nor closed in time.")
                yield token

    def _compared(self, member: tuple[Any, ...], claim: tuple[Any, ...]) -> None:
        _, _, _, _, position, _, event, poster, _ = member
        _, kind, group, said, at, bound, shown_event, shown_poster, _ = claim
        if position >= bound:
            zh, en = f"成员第 {position} 条晚于开启事件。", f"Its member #{position} is not older than the trigger."
            self._fault(at, zh, en)
        if kind == _OPEN and (said, shown_event, shown_poster) != (position, event, poster):
            self._fault(
                at,
                f"开启的内容不是第 {position} 条所封存的。",
                f"What it opens is not what #{position} sealed.",
            )
        self._groups.add(_GROUP.pack(group, _MEMBER, position, _NOTHING, 0))

    def _spare(self, unclaimed: list[bytes]) -> None:
        """Tokens n+1 … n+64 of every group that was opened or closed are none of these."""
        for start in range(0, len(unclaimed), MANY):
            tokens = {token.hex() for token in unclaimed[start : start + MANY]}
            self._keys.seek(0)
            while record := self._keys.read(_KEY.size):
                key, _, count, position = _KEY.unpack(record)
                for number in range(count + 1, count + forms.SPARE + 1):
                    if forms.token(key, number) in tokens:
                        zh, en = f"还有第 {number} 号成员。", f"There is a member {number}, which it does not count."
                        self._fault(position, zh, en)

    def _by_group(self) -> None:
        for _, records in groupby(map(_GROUP.unpack, self._groups.sorted()), key=lambda record: record[0]):
            prepared: list[tuple[Any, ...]] = []
            ended: list[tuple[Any, ...]] = []
            for record in records:
                if record[1] == _PREPARED:
                    self._prepared_again(prepared, record)
                elif record[1] == _ENDED:
                    self._ended_once(prepared, ended, record)
                elif not prepared or record[2] < prepared[0][2]:
                    zh, en = "先封存而后准备。", "It was sealed before its group was prepared."
                    self._fault(record[2], zh, en)

    def _prepared_again(self, prepared: list[tuple[Any, ...]], record: tuple[Any, ...]) -> None:
        if prepared and record[3] != prepared[0][3]:
            self._fault(record[2], "同一封存组另有密钥承诺。", "The same group is committed to another key.")
        elif prepared and record[4] < prepared[-1][4]:
            self._fault(record[2], "最早开启时间被提前。", "The earliest opening was moved earlier.")
        if not prepared:
            prepared.append(record)
        else:
            prepared[1:] = [record]

    def _ended_once(
        self, prepared: list[tuple[Any, ...]], ended: list[tuple[Any, ...]], record: tuple[Any, ...]
    ) -> None:
        if ended:
            self._fault(record[2], "封存组开启或关闭了两次。", "The group is opened or closed twice.")
        ended.append(record)
        if not prepared or prepared[0][2] >= record[2]:
            self._fault(record[2], "封存组没有事先准备。", "The group was not prepared before.")
        elif record[3] != prepared[0][3]:
            self._fault(record[2], "密钥不是事先承诺的那一个。", "The key is not the one committed to.")


def recomputed(document: dict[str, Any]) -> tuple[bytes, bytes]:
    """E and P as an opening entry gives them. Raises KeyError, TypeError or ValueError where it is malformed."""
    opens = document["opens"]
    of_event, of_poster = opens["salts"]
    event = digest(disclosure(of_event, "event", document["event"]))
    poster = forms.poster_disclosure(of_poster, document["poster"], document.get("proof"), opens["received"])
    return unb64(event), unb64(digest(poster))


def _name(group: object) -> bytes:
    if not isinstance(group, str):
        raise TypeError("a group is named by a text")
    return sha256(group.encode()).digest()[:16]


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a number is wanted")
    return value


def _micros(text: str) -> int:
    return (clock.parse(text) - _EPOCH) // _MICROSECOND
