"""One row of the feed, understood as an event or refused with a place and a reason."""

import copy
import json
from typing import Any

import pytest

from api.importers.candidates import MAX_CANDIDATES, as_written, understand
from api.importers.faults import REASONS, Unusable
from api.importers.names import name_id
from ledger import cloudevent
from ledger.contracts import Contracts, schemas

ROW: dict[str, Any] = {
    "infoid": "c5dbcd2d-0351-141b-a707-aec86c0fc54b",
    "infourl": "/jyxx/1.html",
    "parsed_data": {
        "project_name": "砚川市烟雨路改造工程（一标段）(第2次招标)",
        "publicity_period": "2026年02月02日 17时00分至2026年02月05日 17时00分",
        "bidders_and_prices": [
            {"bidder": "砚川榫卯建筑工程有限公司", "price": "3312590.00"},
            {"bidder": "砚川墨斗市政建设有限公司、砚川镇纸建筑设计有限公司联合体", "price": "98.5%"},
            {"bidder": "砚川石磨路桥工程有限公司", "price": "未提供"},
        ],
        "full_url": "https://ggzy.yanchuan.example/jyxx/1.html",
    },
    "raw_data": {"title": "砚川市烟雨路改造工程（一标段）(第2次招标)中标候选人公示", "infodate": "2026-02-02"},
}
LINES = "/parsed_data/bidders_and_prices"


def changed(path: str, value: Any) -> Any:
    """The row with another value at a JSON pointer; `...` takes the member away."""
    row = copy.deepcopy(ROW)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")[1:]]
    holder: Any = row
    for step in steps:
        holder = holder[step]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return row


def test_a_row_becomes_an_event_that_its_contract_accepts(contracts: Contracts) -> None:
    notice = understand(ROW)
    event = {**notice.event, "sequence": "1"}
    contract = contracts.get(event["type"])
    assert contract is not None
    assert cloudevent.problems(event) == []
    assert contract.problems(event["data"]) == []
    firms = [
        "砚川榫卯建筑工程有限公司",
        "砚川墨斗市政建设有限公司",
        "砚川镇纸建筑设计有限公司",
        "砚川石磨路桥工程有限公司",
    ]
    assert contract.tags(event) == sorted(
        [
            f"notice:{ROW['infoid']}",
            f"project:{name_id('砚川市烟雨路改造工程')}",
            f"lot:{name_id('砚川市烟雨路改造工程（一标段）')}",
            "source:urn:sunledger:import:notices",
            *(f"party:{name_id(firm)}" for firm in firms),
        ]
    )


def test_the_event_says_what_the_notice_says() -> None:
    data = understand(ROW).event["data"]
    assert [(one["rank"], one["price_kind"], one["price_text"]) for one in data["candidates"]] == [
        (1, "fen", "3312590.00"),
        (2, "rate", "98.5%"),
        (3, "none", "未提供"),
    ]
    assert (data["candidates"][0]["price_fen"], data["candidates"][1]["rate_bp"]) == (331259000, 9850)
    assert (data["round"], data["publication"], data["correction"]) == (2, 1, False)
    assert data["source_notice"] == {"id": ROW["infoid"], "url": ROW["parsed_data"]["full_url"]}


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("/infoid", ..., "missing"),
        ("/infoid", "", "missing"),
        ("/infoid", 7, "wrong-type"),
        ("/infoid", "编号 一", "bad-id"),
        ("/infoid", "a" * 65, "bad-id"),
        ("/parsed_data", None, "missing"),
        ("/parsed_data", [], "wrong-type"),
        ("/parsed_data/project_name", " ", "missing"),
        ("/parsed_data/project_name", "长" * 1001, "too-long"),
        ("/parsed_data/publicity_period", "即日起三天", "bad-period"),
        ("/parsed_data/publicity_period", None, "wrong-type"),
        ("/parsed_data/full_url", 1, "wrong-type"),
        ("/raw_data/title", ..., "missing"),
        (LINES, ..., "no-candidates"),
        (LINES, [], "no-candidates"),
        (LINES, "甲公司", "wrong-type"),
        (LINES, [{"bidder": "甲公司", "price": "1"}] * (MAX_CANDIDATES + 1), "too-long"),
        (f"{LINES}/1", None, "wrong-type"),
        (f"{LINES}/1/bidder", "", "missing"),
        (f"{LINES}/1/price", ..., "missing"),
        (f"{LINES}/1/price", 3312590, "wrong-type"),
        (f"{LINES}/1/price", "9" * 4001, "too-long"),
    ],
)
def test_a_damaged_field_is_named(path: str, value: Any, reason: str) -> None:
    with pytest.raises(Unusable) as found:
        understand(changed(path, value))
    assert (found.value.fault.path, found.value.fault.reason) == (path, reason)
    assert reason in REASONS


@pytest.mark.parametrize("row", [None, 17, "row", [1], True])
def test_a_row_that_is_no_object_is_named_as_such(row: Any) -> None:
    with pytest.raises(Unusable) as found:
        understand(row)
    assert (found.value.fault.path, found.value.fault.reason) == ("", "not-an-object")


def test_without_a_full_address_the_path_on_the_site_is_kept() -> None:
    assert understand(changed("/parsed_data/full_url", ...)).event["data"]["source_notice"]["url"] == "/jyxx/1.html"


FIRM = {"bidder": "砚川竹筏港航工程有限公司", "price": "1000.00"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (LINES, [*ROW["parsed_data"]["bidders_and_prices"], FIRM]),
        (LINES, [FIRM, FIRM]),
        (f"{LINES}/1/price", "投标报价(元/%)"),
        ("/parsed_data/project_name", "砚川市烟雨路改造工程一标段、二标段"),
    ],
)
def test_a_notice_that_may_hold_several_sections_gets_no_lot(path: str, value: Any) -> None:
    assert "lot" not in understand(changed(path, value)).event["data"]


def test_a_column_head_in_the_first_line_is_no_second_table() -> None:
    assert "lot" in understand(changed(f"{LINES}/0/price", "投标报价(元/%)")).event["data"]


def test_what_is_written_is_compared_and_not_what_was_understood() -> None:
    before = understand(ROW).event
    other = copy.deepcopy(before)
    other["data"]["candidates"][0].update(price_kind="text", party="name-0000000000000000")
    assert as_written(before) == as_written(other)
    assert as_written(before) != as_written(understand(changed(f"{LINES}/0/price", "3312590.01")).event)


def test_every_reason_stands_in_the_code_list() -> None:
    known = json.loads((schemas() / "codes" / "quarantine-reasons.json").read_text(encoding="utf-8"))
    assert set(REASONS) <= {line["code"] for line in known["codes"]}
