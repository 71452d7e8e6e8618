"""The verdict: consistent, broken, or beyond this verifier; and each fault by table, column and position.

A verdict says "intact" only as far as a root held outside the database was compared (`Verdict.compared`): without one
a database cut off together with its head looks whole. What it says is exactly what was done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What happened to a row, in Chinese and English."""

    CHANGED = ("被改动", "was changed")
    SWAPPED = ("被对调", "was swapped")
    DELETED = ("被删除", "was deleted")
    INSERTED = ("系另行插入", "was inserted")
    SEALED_WRONG = ("封存时即不合格式", "was sealed against the format")
    HIDDEN = ("在接口所用角色看来不同", "looks different to the role of the API")
    CONTRADICTED = ("与数据库之外的记录不符", "contradicts a record outside the database")
    MISSING = ("缺失，且没有销毁记录", "is missing, and no erasure says so")
    UNERASED = ("应已销毁而仍可打开", "was to be erased and still opens")
    UNREADABLE = ("读不出", "could not be read")
    STRUCTURE = ("结构与发布的不符", "has another structure than was shipped")


class State(Enum):
    """How a verification ended."""

    CONSISTENT = "consistent"
    INTACT = "intact"
    BROKEN = "broken"
    NEWER = "newer"


_CONSISTENT = ("一致；未与数据库之外的任何记录比对", "consistent; nothing outside the database was compared")
_INTACT = ("完整，至第 {0} 条（已与{1}比对）", "intact up to {0} (compared with {1})")
_NEWER = ("第 {0} 条的格式较新，需要更新的校验程序", "entry {0} is of a newer format and needs a newer verifier")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where, what happened, and in words what stands there against what should.

    `column` is None where the whole row is concerned, `position` None where no entry is (structure).
    `zh`, `en` add what is known beyond the three coordinates.
    """

    table: str
    column: str | None
    position: int | None
    kind: Kind
    zh: str
    en: str

    @property
    def place(self) -> str:
        """The place as `ledger.<table>.<column>`."""
        return f"ledger.{self.table}" + (f".{self.column}" if self.column else "")

    @property
    def sentence_zh(self) -> str:
        """The fault in one Chinese sentence."""
        where = f"第 {self.position} 条：" if self.position is not None else ""
        return f"{where}{self.place} {self.kind.value[0]}。{self.zh}"

    @property
    def sentence_en(self) -> str:
        """The fault in one English sentence."""
        where = f"position {self.position}: " if self.position is not None else ""
        return f"{where}{self.place} {self.kind.value[1]}. {self.en}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk through the whole log found.

    `size` and `root` (32 bytes) are recomputed from the entries' bytes; of a broken log they prove nothing. `faults`
    has the first bad position first, structure before all; `more` says that the list was cut off. `checked` counts what
    was read.
    """

    state: State
    size: int
    root: bytes
    faults: tuple[Fault, ...] = ()
    more: bool = False
    newer: int | None = None
    checked: Mapping[str, int] = field(default_factory=dict)
    upto: int = 0
    """The greatest size whose root somebody outside holds and that agrees; with `compared`, in Chinese and English."""
    compared: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    disclosed: Mapping[str, int] = field(default_factory=dict)
    """Stored disclosures: `open` (opened and compared with their digests), `not-checked`, `erased`."""

    @property
    def ok(self) -> bool:
        """Everything read fits together."""
        return self.state in (State.CONSISTENT, State.INTACT)

    @property
    def sentence_zh(self) -> str:
        """The verdict in Chinese."""
        if self.state is State.BROKEN:
            return f"不一致；{self.faults[0].sentence_zh}{self._count('（共 {0} 处{1}）', '以上')}"
        if self.state is State.INTACT:
            return _INTACT[0].format(self.upto, "、".join(self.compared[0]))
        return _CONSISTENT[0] if self.ok else _NEWER[0].format(self.newer)

    @property
    def sentence_en(self) -> str:
        """The verdict in English."""
        if self.state is State.BROKEN:
            return f"broken; {self.faults[0].sentence_en}{self._count(' ({0}{1} faults)', ' or more')}"
        if self.state is State.INTACT:
            return _INTACT[1].format(self.upto, ", ".join(self.compared[1]))
        return _CONSISTENT[1] if self.ok else _NEWER[1].format(self.newer)

    def _count(self, form: str, more: str) -> str:
        return form.format(len(self.faults), more if self.more else "") if len(self.faults) > 1 or self.more else ""
