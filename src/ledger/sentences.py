"""What is said about data that do not fit their contract: the place, what is wrong, what is wanted, in two languages.

A sentence never repeats the value that was sent: it may be a secret, and the sentence ends up in logs and mails. What
it does repeat comes from the contract (titles, alternatives, limits), and of the data only the *name* of a member that
the contract does not know, shortened. The value stands apart, as `given`, for the one who sent it: shortened, and
masked where the contract calls it secret or does not know it.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson
from jsonschema_rs import ValidationError

from ledger.errors import MASK, Problem
from ledger.fields import MAX_TAG, Schema, field_at, is_secret, step

MAX_NAME = 64
"""Characters of an unknown member's name that a sentence shows, and of a value that is shown as given."""

_TYPES = {
    "string": ("文本", "text"),
    "integer": ("整数", "a whole number"),
    "boolean": ("true 或 false", "true or false"),
    "array": ("列表", "a list"),
    "object": ("对象", "an object"),
    "null": ("null", "null"),
}

_FORMS = {
    "uscc": ("1 至 36 位大写字母或数字", "1 to 36 capital letters or digits"),
    "pid": ("字母 p 加 25 位小写字母或数字", "the letter p and 25 small letters or digits"),
    "sha256": ("64 位小写十六进制数", "64 small hexadecimal digits"),
    "code": ("1 至 64 个字符，不含空白", "1 to 64 characters without blanks"),
    "text": ("不含空字符的文本", "text without the character NUL"),
    "name": ("不含空字符的文本", "text without the character NUL"),
}

_MOMENTS = {
    "ts": (
        "应为带时区的时间（RFC 3339），例：2026-02-13T09:30:00+08:00",
        "must be a moment with an offset (RFC 3339), e.g. 2026-02-13T09:30:00+08:00",
    ),
    "date": ("应为真实存在的日期，例：2026-02-13", "must be a date that exists, e.g. 2026-02-13"),
}

_REF = (
    "应为台账条目位置（从 1 起的整数），或 {source, id}",
    "must be a position in the log (a whole number from 1) or {source, id}",
)

_LIMITS: Mapping[str, tuple[str, str]] = {
    "minimum": ("不得小于 {}", "must be at least {}"),
    "maximum": ("不得大于 {}", "must be at most {}"),
    "minLength": ("至少 {} 个字符", "must have at least {} characters"),
    "maxLength": ("最多 {} 个字符", "must have at most {} characters"),
    "minItems": ("至少 {} 项", "must have at least {} items"),
    "maxItems": ("最多 {} 项；更长的清单请放入附件", "must have at most {} items; put a longer list in a document"),
}


def problems(error: ValidationError, contract: Schema, types: Schema) -> list[Problem]:
    """What to say about one error of the validator; one problem a member where several are unknown at once.

    `contract` is the contract's schema and `types` the value types; pointers begin with `/data`.
    """
    path = error.instance_path
    pointer = "/data"
    for part in path:
        pointer = step(pointer, part)
    field = field_at(contract, path, types)
    kind = error.kind.as_dict()
    match error.kind.name:
        case "required":
            return [_missing(pointer, kind["property"], field_at(contract, [*path, kind["property"]], types))]
        case "additionalProperties":
            return [_unknown(pointer, name, _names(field, types)) for name in kind["unexpected"]]
    given = MASK if is_secret(contract, path, types) else shown(error.instance)
    shared = str(error.schema_path[1]) if error.schema_path[:1] == ["$defs"] else ""
    if shared in _MOMENTS and error.kind.name in ("format", "pattern"):
        return [replace(_problem(pointer, "format", field, *_MOMENTS[shared]), given=given)]
    zh, en = _wanted(error, kind, field, shared)
    return [replace(_problem(pointer, error.kind.name, field, zh, en), given=given)]


def _wanted(error: ValidationError, kind: dict[str, Any], field: Schema | None, shared: str) -> tuple[str, str]:
    """The end of the sentence, after the field's name: what is wanted. `shared` is the value type that wants it."""
    name = error.kind.name
    if name == "type":
        wanted = [_TYPES.get(one, (one, one)) for one in kind["types"]]
        return f"应为{'或'.join(zh for zh, _ in wanted)}", f"must be {' or '.join(en for _, en in wanted)}"
    if name == "enum":
        alternatives = ", ".join(str(option) for option in kind["options"])
        return f"应为下列之一：{alternatives}", f"must be one of: {alternatives}"
    if name == "const":
        return f"应为 {kind['expected_value']}", f"must be {kind['expected_value']}"
    if name in _LIMITS:
        zh, en = _LIMITS[name]
        return zh.format(kind["limit"]), en.format(kind["limit"])
    if name == "uniqueItems":
        return "不得有重复项", "must not have the same item twice"
    if name == "oneOf":
        return _REF
    if name == "pattern":
        pattern = (f"符合 {kind['pattern']} 的文本", f"text of the form {kind['pattern']}")
        if field and not shared and "description" in field and "x-description-en" in field:
            pattern = (field["description"], field["x-description-en"])
        zh, en = _FORMS.get(shared, pattern)
        return f"应为：{zh}", f"must be {en}"
    return f"不符合合同的“{name}”要求", f"does not meet the contract's “{name}”"


def _missing(pointer: str, name: str, field: Schema | None) -> Problem:
    at = step(pointer, name)
    zh, en = _titles(field, name)
    return Problem(at, "required", f"缺少{zh}，此项必填。", f"{en} is missing; it is required.")


def _unknown(pointer: str, name: str, known: list[str]) -> Problem:
    shown = "".join(character if character.isprintable() else "?" for character in name[:MAX_NAME])
    zh, en = f"合同中没有名为“{shown}”的内容", f"The contract has no member “{shown}” here"
    near = difflib.get_close_matches(name[:MAX_NAME], known, 1)
    if near:
        return Problem(
            step(pointer, name[:MAX_NAME]),
            "additionalProperties",
            f"{zh}，是否应为“{near[0]}”？",
            f"{en}; was “{near[0]}” meant?",
            MASK,
        )
    at = step(pointer, name[:MAX_NAME])
    return Problem(at, "additionalProperties", f"{zh}，请删去。", f"{en}; leave it out.", MASK)


def shown(value: Any) -> str:
    """A value as JSON, shortened; of a list or an object, which may hold secrets, only how much it holds."""
    if isinstance(value, list):
        return f"[… {len(value)}]"
    if isinstance(value, Mapping):
        return f"{{… {len(value)}}}"
    whole = orjson.dumps(value).decode()
    return whole if len(whole) <= MAX_NAME else f"{whole[:MAX_NAME]}…"


def tag_too_long(pointer: str, field: Schema | None) -> Problem:
    """For a value whose tag would pass 128 bytes: 60 Chinese characters do, each counting nine."""
    zh, en = f"作标签过长（编码后超过 {MAX_TAG} 字节）", f"is too long for a tag (over {MAX_TAG} bytes when encoded)"
    return _problem(pointer, "maxLength", field, zh, en)


def no_keepers(pointer: str) -> Problem:
    """For an event that is sealed whole, where there is nobody to seal it to."""
    return Problem(
        pointer,
        "secret",
        "此类事件在开启之前须封存，而本台账没有封存保管人，暂不接受此类事件。",
        "Such an event is sealed until it is opened, and no keepers are known here, so none is taken.",
    )


def no_vault(pointer: str) -> Problem:
    """For a member that its contract declares secret, given or not, where no vault is open to keep it."""
    name = pointer.rsplit("/", 1)[1]
    return Problem(
        pointer,
        "secret",
        f"“{name}”须保密存放，而本台账没有打开密钥库，暂不接受此类事件；请用 --vault 指明密钥库。",
        f"“{name}” is kept secret, and no vault is open here, so no such event is taken; name a vault with --vault.",
    )


def _problem(pointer: str, code: str, field: Schema | None, zh: str, en: str) -> Problem:
    title_zh, title_en = _titles(field, pointer.rsplit("/", 1)[1])
    return Problem(pointer, code, f"{title_zh}{zh}。", f"{title_en} {en}.")


def _titles(field: Schema | None, name: str) -> tuple[str, str]:
    """A field's titles in quotation marks; its name where the contract gives no title (inside shared types)."""
    named: Callable[[str], str] = (lambda key: str(field.get(key, name))) if field else (lambda _: name)
    return f"“{named('title')}”", f"“{named('x-title-en')}”"


def _names(field: Schema | None, types: Schema) -> list[str]:
    if field is None:
        return []
    inner = types["$defs"][field["$ref"].rsplit("/", 1)[1]] if "$ref" in field else field
    return sorted(inner.get("properties", {}))
