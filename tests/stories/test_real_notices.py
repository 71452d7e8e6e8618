"""The 1,300 real notices, where they are: every figure that is known of the file comes out."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from api.importers.candidates import SOURCE, Notice, understand
from api.importers.notices import import_notices
from api.importers.rows import rows
from ledger.admission import Poster
from ledger.contracts import Contracts
from ledger.store.postgres import Log
from ledger.writer import Writer


@pytest.fixture(scope="module")
def found(request: pytest.FixtureRequest) -> list[tuple[Any, Notice]]:
    path = Path(__file__).parents[2].parent / "shared" / "data" / "yichang-notices.json"
    if not path.exists():
        pytest.skip("the real notices are not beside the project (shared/data/yichang-notices.json)")
    return [(row.value, understand(row.value)) for row in rows(path)]


def candidates(found: list[tuple[Any, Notice]]) -> list[dict[str, Any]]:
    return [one for _, notice in found for one in notice.event["data"]["candidates"]]


def test_every_row_is_understood_and_no_candidate_is_lost(found: list[tuple[Any, Notice]]) -> None:
    assert len(found) == 1300
    assert len(candidates(found)) == 4111
    counts = Counter(len(notice.event["data"]["candidates"]) for _, notice in found)
    assert (counts[3], sum(count for size, count in counts.items() if size > 3)) == (1190, 110)
    assert len({line["bidder"] for row, _ in found for line in row["parsed_data"]["bidders_and_prices"]}) == 1836


def test_price_kinds_sum_to_the_candidates_and_none_is_121(found: list[tuple[Any, Notice]]) -> None:
    kinds = sum((notice.kinds for _, notice in found), Counter[str]())
    assert sum(kinds.values()) == 4111
    assert kinds == {"fen": 3403, "rate": 171, "text": 416, "none": 121}
    texts = Counter(one["price_text"] for one in candidates(found) if one["price_kind"] == "none")
    assert texts == {"未提供": 73, "投标报价(元/%)": 48}


def test_the_price_texts_are_kept_so_that_the_known_figures_can_be_counted(found: list[tuple[Any, Notice]]) -> None:
    numeric = re.compile(r"[0-9]+(?:\.[0-9]+)?元?")
    lines = [[one["price_text"] for one in notice.event["data"]["candidates"]] for _, notice in found]
    amounts = [[text for text in texts if numeric.fullmatch(text)] for texts in lines]
    assert sum(map(len, amounts)) == 3429
    whole = [texts for texts, given in zip(amounts, lines, strict=True) if len(texts) == len(given)]
    assert sum(len(texts) == 3 for texts in whole) == 976
    three = [texts for texts in amounts if len(texts) >= 3]
    assert (len(three), sum(any(float(text.rstrip("元")) <= 100 for text in texts) for texts in three)) == (1064, 10)
    given = [text for texts in lines for text in texts if text not in ("未提供", "投标报价(元/%)")]
    words = [text for text in given if not numeric.fullmatch(text)]
    percent = [text for text in words if "%" in text and not re.search("[0-9]万元", text)]
    assert (len(percent), len(words) - len(percent)) == (435, 126)


def test_amounts_are_exact(found: list[tuple[Any, Notice]]) -> None:
    for one in candidates(found):
        if one["price_kind"] == "fen" and re.fullmatch(r"[0-9]+\.[0-9]{2}元?", one["price_text"]):
            assert one["price_fen"] == int(re.sub(r"[.元]", "", one["price_text"]))


def test_marks_of_tendering_publication_and_correction_are_counted(found: list[tuple[Any, Notice]]) -> None:
    assert sum(notice.marks.round > 1 for _, notice in found) == 83
    assert sum(notice.marks.publication == 2 for _, notice in found) == 23
    assert sum(notice.marks.correction for _, notice in found) == 1


def test_consortia_are_split_and_paragraphs_are_not(found: list[tuple[Any, Notice]]) -> None:
    lines = [line["bidder"] for row, _ in found for line in row["parsed_data"]["bidders_and_prices"]]
    assert sum("联合体" in line for line in lines) == 599
    split = [one for one in candidates(found) if "members" in one]
    assert len(split) == 595  # three of the 599 are paragraphs, one names a single firm
    assert all("联合体" in one["party_name"] and one["party"] == one["members"][0]["party"] for one in split)


def test_the_file_goes_into_a_ledger_once(ledger: str, contracts: Contracts, real_notices: Path) -> None:
    poster = Poster(org="11140300MA0TT020X7", organ="PTC", via="import:notices")
    with Log(ledger) as log, Writer(ledger) as writer:
        report = import_notices(real_notices, log, writer, contracts, poster)
        assert report.rows == report.events + len(report.quarantined) == 1300
        assert (report.events, report.candidates, report.retenders) == (1300, 4111, 83)
        assert log.count(tag=f"source:{SOURCE}") == 1300
        before = log.head(), log.root()
        again = import_notices(real_notices, log, writer, contracts, poster)
        assert (log.head(), log.root(), again.known) == (*before, 1300)
