"""The envelope: what a CloudEvent 1.0 must look like here (`schemas/formats/submission.md`).

The payload is the contract's business (`ledger.contracts`); this file knows the attributes around it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from ledger import clock
from ledger.errors import Problem
from ledger.fields import step

_NAME = re.compile(r"[!-~]{1,128}")
_SOURCE = re.compile(r"[!-~]{1,121}")  # `source:` before it makes a tag of at most 128
_PROJECT = re.compile(r"[!-~]{1,100}")
_SEQUENCE = re.compile(r"[1-9][0-9]{0,17}")
_PERSON = re.compile(r"p[0-9a-z]{25}")
_SEED = re.compile(
    r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
)  # 32 bytes in base64url: the last digit has two bits to spare
_WORD = re.compile(r"[!-~]{1,64}")
_REFERENCE = re.compile(r"[1-9][0-9]{0,15}|[!-~]{1,128}#[!-~]{1,128}")
_ATTESTATIONS = ("direct", "transcribed", "imported")

REQUIRED = ("specversion", "id", "source", "type", "subject", "time", "data")

_Check = tuple[Callable[[Any], bool], str, str]


def _text(form: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


def _moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(clock.parse(value))
    except ValueError:
        return False


_NAME_ZH, _NAME_EN = "应为 1–128 个可见 ASCII 字符，不含空格。", "1 to 128 visible ASCII characters without blanks."
_CHECKS: dict[str, _Check] = {
    "specversion": (lambda value: value == "1.0", '应为 "1.0"。', 'Must be "1.0".'),
    "id": (_text(_NAME), _NAME_ZH, _NAME_EN),
    "source": (
        _text(_SOURCE),
        "应为 1–121 个可见 ASCII 字符，不含空格。",
        "1 to 121 visible ASCII characters without blanks.",
    ),
    "type": (_text(_NAME), _NAME_ZH, _NAME_EN),
    "subject": (_text(_NAME), _NAME_ZH, _NAME_EN),
    "time": (_moment, clock.problem("").zh, clock.problem("").en),
    "data": (lambda value: isinstance(value, dict), "应为对象。", "Must be an object."),
    "sequence": (_text(_SEQUENCE), "应为从 1 起的十进制计数，写成字符串。", "A decimal counter from 1, as a string."),
    "project": (_text(_PROJECT), "应为 1–100 个可见 ASCII 字符。", "1 to 100 visible ASCII characters."),
    "person": (_text(_PERSON), "应为化名编号：p 加 25 位小写字母或数字。", "A pseudonymous id: p and 25 of 0-9a-z."),
    "confirmer": (_text(_PERSON), "应为化名编号：p 加 25 位小写字母或数字。", "A pseudonymous id: p and 25 of 0-9a-z."),
    "role": (_text(_WORD), "应为职务代码。", "A code of the list `posts`."),
    "attestation": (
        lambda value: value in _ATTESTATIONS,
        "应为 direct、transcribed 或 imported。",
        "One of direct, transcribed, imported.",
    ),
    "edition": (_text(_WORD), "应为规则版本号。", "The name of a rulebook edition."),
    "correlation": (_text(_REFERENCE), "应为条目号或 来源#编号。", "A position, or source#id."),
    "causation": (_text(_REFERENCE), "应为条目号或 来源#编号。", "A position, or source#id."),
    "seed": (
        _text(_SEED),
        "应为 32 个随机字节的 base64url，无填充（43 个字符）。",
        "32 random bytes in base64url without padding (43 characters).",
    ),
    "datacontenttype": (lambda value: value == "application/json", "应为 application/json。", "application/json."),
}


def problems(event: object) -> list[Problem]:
    """Everything wrong with the envelope, each with its pointer; empty when it is sound."""
    if not isinstance(event, Mapping):
        return [Problem("", "type", "一个事件应为 JSON 对象。", "An event is a JSON object.")]
    found = [
        Problem(f"/{name}", "required", f"缺少「{name}」。", f"`{name}` is missing.")
        for name in REQUIRED
        if name not in event
    ]
    for name, value in event.items():
        check = _CHECKS.get(name)
        if check is None:
            zh, en = f"不认识属性「{name}」。", f"The attribute `{name}` is not one we know."
            found.append(Problem(step("", name), "attribute", zh, en))
        elif not check[0](value):
            found.append(Problem(f"/{name}", "attribute", f"「{name}」{check[1]}", f"`{name}`: {check[2]}"))
    return found
