"""Data that strangers rely on is read by our own strict reader, and says each thing by one word in each language."""

import json
import re
import string
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from ledger.canonical import decode
from ledger.contracts import Contracts, schemas
from ledger.fields import every_field

FILES = sorted(schemas().rglob("*.json"))
SENTENCES = sorted((Path(__file__).parents[2] / "src").rglob("i18n/*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(schemas())))
def test_a_schema_file_is_json_as_the_ledger_reads_it(path: Path) -> None:
    """No fraction, no member twice, no byte-order mark: what a posting system may not send stands nowhere here."""
    assert decode(path.read_bytes()) == json.loads(path.read_text("utf-8"))


def test_a_field_that_is_a_term_of_the_glossary_has_its_english_word(contracts: Contracts) -> None:
    glossary = json.loads((schemas() / "codes" / "glossary.json").read_text("utf-8"))["terms"]
    words = {term["zh"]: term["en"].partition(" (")[0].lower() for term in glossary if "type" not in term}
    wrong = [
        f"{contract.type}{at}: {field['title']} is {field['x-title-en']!r}, the glossary says {words[field['title']]!r}"
        for contract in contracts
        for at, field in every_field(contract.raw)
        if field.get("title") in words and field["x-title-en"].lower() not in _numbers_of(words[field["title"]])
    ]
    assert wrong == []


def test_the_sentences_of_the_console_have_the_same_keys_and_places_in_each_language() -> None:
    spoken: dict[Path, dict[str, dict[str, set[str]]]] = defaultdict(dict)
    for path in SENTENCES:
        spoken[path.parent][path.stem] = {
            key: _places(text) for key, text in _flat(tomllib.loads(path.read_text("utf-8")))
        }
    assert spoken, "the console has no sentences"
    for languages in spoken.values():
        assert set(languages) == {"zh", "en"}
        assert languages["zh"] == languages["en"]


def test_chinese_sentences_are_chinese_and_english_ones_are_not() -> None:
    han = re.compile("[\u4e00-\u9fff]")
    for path in SENTENCES:
        for key, text in _flat(tomllib.loads(path.read_text("utf-8"))):
            if path.stem == "en":
                assert not han.search(text) or "lang" in key, f"{key}: {text}"


def _numbers_of(word: str) -> tuple[str, str]:
    """The word and its plural: a list has the title of what it lists."""
    return word, f"{word.removesuffix('y')}ies" if word.endswith("y") else f"{word}s"


def _flat(table: dict[str, object], before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        key = f"{before}{name}"
        if isinstance(value, dict):
            found += _flat(value, f"{key}.")
        else:
            found.append((key, str(value)))
    return found


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
