"""Names of bidders: one identity for one name, consortia split into firms."""

from hashlib import sha256

import pytest

from api.importers.names import NAME_LIMIT, bidder, name_id, normal

A, B, C = "砚川榫卯建筑工程有限公司", "砚川镇纸建筑设计有限公司", "临溪沙漏工程监理有限公司"


def members(text: str) -> list[str]:
    return [firm.name for firm in bidder(text).members]


def test_the_identity_is_a_hash_of_the_normal_form() -> None:
    assert normal("砚川（甲） 有限公司") == "砚川(甲)有限公司"
    assert name_id("砚川（甲） 有限公司") == "name-" + sha256("砚川(甲)有限公司".encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    "text",
    [
        "砚川(甲)有限公司",
        "砚川（甲）有限公司 ",
        "砚川\u3000（甲）有限公司",
        "砚川【甲】有限公司",
        "砚川(甲)有限\u200b公司",
    ],
)
def test_brackets_blanks_and_invisible_characters_make_no_second_firm(text: str) -> None:
    assert name_id(text) == name_id("砚川（甲）有限公司")


def test_a_single_firm_has_no_members_and_keeps_its_name_as_written() -> None:
    found = bidder(" 砚川（甲）有限公司 ")
    assert (found.name, found.members, found.party) == ("砚川（甲）有限公司", (), name_id("砚川(甲)有限公司"))


@pytest.mark.parametrize(
    "text",
    [
        f"{A}、{B}联合体",
        f"{A}，{B}（联合体）",
        f"{A};{B}组成的联合体",
        f"{A}/{B}",
        f"{A}与{B}",
        f"{A}和{B}联合体",
        f"{A} {B}",
        f"(主){A},(成){B}",
        f"牵头人：{A}；成员：{B}",
        f"联合体成员：{B}，联合体牵头人：{A}",
        f"{B}（成员）、{A}（联合体牵头人）",
        f"（联合体：{A}、{B}）",
        f"{A}、{B}、{A}、{B}联合体",
    ],
)
def test_a_consortium_is_its_firms_with_the_lead_first(text: str) -> None:
    assert members(text) == [A, B]
    assert bidder(text).party == name_id(A)
    assert bidder(text).name == text


def test_members_keep_their_full_width_brackets() -> None:
    assert members(f"砚川（甲）有限公司、{C}联合体") == ["砚川（甲）有限公司", C]


@pytest.mark.parametrize(
    "text",
    [
        "砚川中仁正和工程设计有限公司",  # 和 inside a name
        "砚川市20万吨/年、65万吨/年装置设计",  # separators between no organisations
        "评标工作于2026年1月1日进行。推荐：甲公司、乙公司联合体。",  # a sentence
        "砚川甲、乙丙设计有限公司",
        "某公司(一、二分公司)",  # a separator inside brackets
    ],
)
def test_what_only_looks_like_a_consortium_is_one_name(text: str) -> None:
    assert members(text) == []
    assert bidder(text).party == name_id(text)


def test_a_consortium_of_one_is_that_firm() -> None:
    assert (bidder(f"（联合体：{A}）").party, members(f"（联合体：{A}）")) == (name_id(A), [])


def test_a_paragraph_in_place_of_a_name_is_shortened_and_still_told_apart() -> None:
    one, two = bidder("评" * 400 + "甲"), bidder("评" * 400 + "乙")
    assert len(one.name) == NAME_LIMIT
    assert one.name == two.name
    assert one.party != two.party
