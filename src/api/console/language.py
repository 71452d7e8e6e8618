"""The console's own sentences in Chinese and English; which of the two is the reader's choice.

Sentences stand in `i18n/zh.toml` and `i18n/en.toml` under equal keys with equal placeholders. Titles of event types,
fields, codes, rules and columns are not here: they come from `schemas/` and from the views.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("zh", "en")
DEFAULT = "zh"


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language: `words("home.title")`, `words("board.count", n=3)`."""

    lang: str
    sentences: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of a key with its placeholders filled. Raises KeyError for a key or value that is not there."""
        sentence = self.sentences[key]
        return sentence.format_map(values) if values else sentence

    def get(self, key: str) -> str | None:
        """The sentence of a key, or None where there is none."""
        return self.sentences.get(key)

    def pick(self, zh: str | None, en: str | None) -> str:
        """Of a text that comes in both languages, the reader's; the other where it is missing."""
        first, second = (zh, en) if self.lang == "zh" else (en, zh)
        return first or second or ""


@cache
def words(lang: str) -> Words:
    """The sentences of `zh` or `en`. Raises ValueError for another language."""
    if lang not in LANGUAGES:
        raise ValueError(lang)
    text = (files(__package__) / "i18n" / f"{lang}.toml").read_text(encoding="utf-8")
    return Words(lang, dict(_flat(tomllib.loads(text), "")))


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
