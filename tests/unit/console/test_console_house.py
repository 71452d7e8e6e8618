"""The walls of the console: who may import what, no inline script or style, nothing marked safe, small files."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import console
from api.console import charts, frame

FOLDER = Path(console.__file__).parent
TEMPLATES = sorted(FOLDER.glob("templates/**/*.html"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def _roots(*paths: Path) -> set[str]:
    return {name.partition(".")[0] for path in paths for name in _imports(path)}


def test_pages_know_no_database_driver() -> None:
    assert not _roots(*FOLDER.glob("pages/*.py")) & {"psycopg", "psycopg_pool", "eventsourcing"}


def test_charts_need_only_the_standard_library_and_markupsafe() -> None:
    foreign = _roots(*FOLDER.glob("charts/*.py")) - set(sys.stdlib_module_names) - {"markupsafe", "api"}
    inside = {name for path in FOLDER.glob("charts/*.py") for name in _imports(path) if name.startswith("api")}
    assert (foreign, {name for name in inside if not name.startswith("api.console.charts")}) == (set(), set())


@pytest.mark.parametrize("name", ["moment", "urls", "labels", "language", "cells", "fields", "lines"])
def test_what_is_pure_knows_no_web_framework(name: str) -> None:
    assert not _roots(FOLDER / f"{name}.py") & {"starlette", "fastapi", "jinja2"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_template_has_no_inline_script_style_or_handler_and_marks_nothing_safe(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape|\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_template_joins_no_address(path: Path) -> None:
    found = re.findall(r'(?:href|action)="([^"]*)"', path.read_text(encoding="utf-8"))
    assert [one for one in found if not re.fullmatch(r"\{\{[^{}]*\}\}|#main", one)] == []


def test_the_script_stays_small_and_the_browser_loads_three_things() -> None:
    script = (FOLDER / "static" / "app.js").read_text(encoding="utf-8")
    assert len(script.splitlines()) <= 250
    assert set(frame.STATIC) == {path.name for path in (FOLDER / "static").iterdir()}
    assert not re.search(r"\beval\b|innerHTML|outerHTML|document\.write", script)


def test_a_subtree_chart_has_one_triangle_a_bit() -> None:
    texts = charts.TreeTexts("t", "d")
    assert [charts.subtrees(size, texts).count("<polygon") for size in (0, 1, 2, 75, 2**40 - 1)] == [0, 1, 1, 4, 40]
    assert "NaN" not in charts.subtrees(2**62 - 1, texts)


def test_bars_over_nothing_are_empty_and_escape_their_labels() -> None:
    drawn = charts.bars([charts.Bar("<i>", 0)], 0, charts.BarTexts("t", "d"))
    assert "&lt;i&gt;" in drawn
    assert "<i>" not in drawn
