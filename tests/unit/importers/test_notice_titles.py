"""Marks of round, publication, correction and section in titles."""

import pytest

from api.importers.titles import marks

NAME = "砚川市烟雨路改造工程"


def of(name: str) -> tuple[int, int, bool]:
    found = marks(f"{name}中标候选人公示", name)
    return found.round, found.publication, found.correction


@pytest.mark.parametrize(
    ("mark", "round_"),
    [
        ("", 1),
        ("(第2次招标)", 2),
        ("（第3次招标）", 3),
        ("（第二次招标）", 2),
        ("(二次)", 2),
        ("(2)", 2),
        ("第二次招标", 2),
        ("二次招标", 2),
        ("(第10次招标)", 10),
        ("(第2次...", 1),
        ("（1）", 1),
    ],
)
def test_the_round_of_tendering_is_read_from_its_marks(mark: str, round_: int) -> None:
    assert of(NAME + mark)[0] == round_


def test_the_words_second_supply_are_no_second_round() -> None:
    assert of("青砚区二次供水设施改造监理") == (1, 1, False)


def test_publications_and_corrections_are_told_from_rounds() -> None:
    found = marks(f"{NAME}(第2次招标)中标候选人公示更正公示第3次公示", f"{NAME}(第2次招标)更正公示第3次公示")
    assert (found.round, found.publication, found.correction, found.section) == (2, 3, True, NAME)


def test_a_second_publication_says_so_also_in_the_middle_of_the_title() -> None:
    assert marks(f"{NAME}第2次中标候选人公示第2次公示", f"{NAME}第2次第2次公示").section == NAME
    assert marks(f"{NAME}第2次中标候选人公示", f"{NAME}第2次").publication == 2


def test_rounds_and_publications_of_one_section_meet_on_one_lot() -> None:
    names = [f"{NAME}（二标段）监理{mark}" for mark in ("", "(第2次招标)", "（第3次招标）", "第2次公示", "更正公示")]
    assert {marks(name, name).section for name in names} == {f"{NAME}(二标段)监理"}


@pytest.mark.parametrize(
    "section", ["（一标段）", "二标段", "(标段三)", "10标段", "第四标段", "A标段", "三标", "2包", "Ⅱ标段"]
)
def test_sections_of_one_project_meet_on_one_project(section: str) -> None:
    found = marks("", f"{NAME}{section}施工")
    assert found.project == f"{NAME}施工"
    assert not found.several


@pytest.mark.parametrize(
    "section", ["一标段、二标段", "一、二标段", "1至3标段", "（一标段）（二标段）", "三个标段", "各标段"]
)
def test_several_sections_in_one_name_are_seen(section: str) -> None:
    assert marks("", NAME + section).several


def test_a_standard_is_no_section() -> None:
    assert marks("", "临溪县高一标准农田项目").project == "临溪县高一标准农田项目"
