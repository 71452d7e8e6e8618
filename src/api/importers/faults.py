"""What can be wrong with a row of a foreign file, and how it is said.

A row that cannot be understood is never dropped: it is recorded as `exchange.record-quarantined` with the place inside
the row (a JSON pointer), a reason from the open list `quarantine-reasons`, and a short piece of what stood there.
"""

from dataclasses import dataclass
from typing import Any

from ledger.canonical import encode
from ledger.errors import NotJson, Problem

SHOWN = 120
"""Characters of a foreign value that are repeated in a quarantine; enough to find it, too few to spread it."""

REASONS: dict[str, tuple[str, str]] = {
    "malformed-json": ("不是规范的 JSON", "not well-formed JSON"),
    "duplicate-name": ("同一成员名出现两次", "a member name stands twice"),
    "unrepresentable": ("含台账无法表示的内容", "holds what the ledger cannot represent"),
    "not-an-object": ("此行不是对象", "the row is not an object"),
    "missing": ("缺少必需的内容", "something required is missing"),
    "wrong-type": ("类型不对", "of the wrong type"),
    "bad-id": ("公告编号不合规格", "the notice id is not usable"),
    "bad-period": ("公示期不是真实的起止时间", "the period is not two real moments"),
    "period-reversed": ("公示期结束不晚于开始", "the period ends no later than it starts"),
    "no-candidates": ("没有候选人", "there is no candidate"),
    "too-long": ("超过长度或数量上限", "longer or more than the limit"),
    "duplicate-in-file": ("同一公告编号在文件中已有一行", "an earlier row of the file has the same notice id"),
    "changed-after-import": ("已入账的公告内容改变", "the notice stands in the ledger with other content"),
}
"""Reason code → Chinese and English title; `schemas/codes/quarantine-reasons.json` lists the same codes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that keeps a row from becoming an event.

    `path` is a JSON pointer inside the row ("" for the row itself), `reason` a key of REASONS, `value` a short
    printable text of at most SHOWN characters, `detail` a sentence in Chinese and English.
    """

    path: str
    reason: str
    value: str
    detail: str


class Unusable(Exception):
    """此行无法理解。 · The row cannot be understood."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.detail)


def unusable(path: str, reason: str, value: Any, detail: str = "") -> Unusable:
    """An Unusable to raise; `detail` defaults to the title of the reason."""
    zh, en = REASONS[reason]
    return Unusable(Fault(path, reason, shown(value), detail or f"{zh}。 · {en.capitalize()}."))


def shown(value: Any) -> str:
    """A value as one short printable line: text as it is, anything else as JSON; control characters escaped."""
    if isinstance(value, str):
        text = value[: 2 * SHOWN]
    else:
        try:
            text = encode(value).decode()[: 2 * SHOWN]
        except (TypeError, ValueError, RecursionError) as fault:  # orjson: a lone surrogate, or nested too deep
            text = f"({type(value).__name__}: {fault})"[: 2 * SHOWN]
    return printable(text, SHOWN)


def printable(text: str, limit: int) -> str:
    """A text in one line of at most `limit` characters, what cannot be printed as an escape."""
    line = "".join(char if char.isprintable() else _escaped(char) for char in text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\U{ord(char):08x}"


def from_strict(fault: NotJson, raw: bytes) -> Fault:
    """What the strict decoder said about a row, as a fault; `raw` is shown where no better value is known."""
    found: Problem = fault.problems[0]
    reason = {"syntax": "malformed-json", "utf-8": "malformed-json", "duplicate-name": "duplicate-name"}.get(
        found.code, "unrepresentable"
    )
    detail = printable(f"{found.zh} · {found.en}", 4 * SHOWN)
    return Fault(shown(found.pointer), reason, shown(raw.decode("utf-8", "replace")), detail)
