"""The console's sentences: the same in both languages, none missing, none unused."""

import re
import string
from pathlib import Path

from api import console
from api.console.language import words

FOLDER = Path(console.__file__).parent
SOURCES = [*FOLDER.glob("**/*.py"), *FOLDER.glob("templates/**/*.html")]
USED = re.compile(r"""\b(?:w|words|said|get)\(\s*f?["']([a-z_]+(?:\.[a-z_0-9]+)+)["']""")
MADE = ("alert.step.", "begin.", "board.cell.", "code.", "envelope.", "fact.", "kind.", "nav.", "weekday.")
"""Families whose last part is made of a value."""


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_both_languages_have_the_same_sentences_with_the_same_placeholders() -> None:
    zh, en = words("zh").sentences, words("en").sentences
    assert set(zh) == set(en)
    assert {key for key in zh if _placeholders(zh[key]) != _placeholders(en[key])} == set()
    assert {key for key in zh if not zh[key].strip() or not en[key].strip()} == set()


def test_every_sentence_asked_for_is_there() -> None:
    asked = {key for path in SOURCES for key in USED.findall(path.read_text(encoding="utf-8"))}
    assert len(asked) > 150
    assert asked - set(words("zh").sentences) == set()


def test_no_sentence_is_left_over() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    keys = [key for key in words("zh").sentences if not key.startswith(MADE)]
    assert [key for key in keys if f'"{key}"' not in text and f"'{key}'" not in text] == []
