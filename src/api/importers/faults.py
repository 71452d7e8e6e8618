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
    "duplicate-in-file": ("同一编号在文件中已有一行", "an earlier row of the file has the same id"),
    "changed-after-import": ("已入账的内容改变", "it stands in the ledger with other content"),
    "undecodable": ("有不属于此编码的字节", "bytes that are no character of the encoding"),
    "bad-number": ("不是数", "not a number"),
    "bad-unit": ("单位不明", "the unit is not known"),
    "too-fine": (
        "小于台账的最小单位（分、0.01 平方米、万分之一）",
        "finer than the ledger's unit (fen, 0.01 m², basis point)",
    ),
    "lost-digits": (
        "超过 15 位的数已失末位，请把该列设为文本重新填写",
        "a number over 15 digits lost its end; make the column text and fill it in again",
    ),
    "bad-formula": ("公式出错", "a formula that failed"),
    "formula-without-value": (
        "公式没有存下的结果，请用 Excel 打开并保存",
        "a formula without a stored result; open and save it in Excel",
    ),
    "bad-date": ("不是真实的日期", "not a real date"),
    "bad-time": ("不是真实的时间", "not a real time"),
    "no-hour": ("只有日期没有时刻，请在映射中写明 hour", "a day without an hour; give `hour` in the map"),
    "bad-truth": ("应为是或否", "should be yes or no"),
    "bad-reference": ("应为条目号，或 来源#编号", "should be a position, or source#id"),
    "unknown-code": ("代码表中没有此项", "not in the code list"),
    "extra-cell": ("没有表头的列中有内容", "something stands where there is no column"),
    "unequal-lists": ("各列拆出的项数不同", "the columns split into different numbers of items"),
    "not-allowed": ("不合合同要求", "does not fit the contract"),
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
