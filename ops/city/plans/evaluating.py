"""Scores and ranking: EVA-01 to EVA-08."""

from city.lives.lots import tender
from city.planning import Alert, Plan, Tag
from city.tampering import Again, Later, More, Put
from city.trading.bidding import Bidder
from city.trading.lot import Lot, Staged
from city.trading.ways import SMOOTH, Way

INVALIDATED = "trading.bid-invalidated"
SCORED = "trading.score-submitted"
COMPLETED = "trading.evaluation-completed"
LOT = Tag("trading.project-registered")


def apart(lot: Lot, bidders: list[Bidder]) -> None:
    """One bidder is far better than the others and cheapest, one far worse and dearest."""
    for place, one in enumerate(bidders):
        one.skill, one.record = 92 - 9 * place, 400
        one.price = lot.control * (9_000 + 190 * place + 31 * place * place) // 10_000 // 100 * 100 + 37


def close(lot: Lot, bidders: list[Bidder]) -> None:
    """The first two differ by two points of quality and next to nothing in price."""
    for place, one in enumerate(bidders):
        one.skill, one.record = (88, 86, 70)[min(place, 2)], 400
        one.price = lot.control * (9_200, 9_209, 9_700)[min(place, 2)] // 10_000 // 100 * 100 + 37


PLANS = (
    Plan(
        rule="EVA-01",
        name="far-from-the-others",
        fact="一名专家对一项主观分偏离中位数三成以上 / 一成以内 · one sheet is over three tenths away / within one",
        life=tender,
        options={"way": Way(calm=True, outlier=-1, far=3_200), "count": 3, "staged": Staged(bidders=apart)},
        near_options={"way": Way(calm=True, outlier=-1, far=900), "count": 3, "staged": Staged(bidders=apart)},
        bad=(),
        near=(),
        alerts=(Alert("EVA-01", "M", LOT),),
    ),
    Plan(
        rule="EVA-02",
        name="one-sheet-decides",
        fact="一张畸低评分改变第一名 / 不改变 · one outlying sheet decides who is first / does not",
        life=tender,
        options={
            "way": Way(calm=True, outlier=1, far=5_000),
            "count": 3,
            "staged": Staged(bidders=close, aggregation="mean"),
        },
        near_options={"way": Way(calm=True), "count": 3, "staged": Staged(bidders=close, aggregation="mean")},
        bad=(),
        near=(),
        alerts=(Alert("EVA-01", "M", LOT), Alert("EVA-02", "H", LOT)),
    ),
    Plan(
        rule="EVA-03",
        name="the-same-sheets",
        fact="两名专家全部主观分完全相同 / 有一项差一分 · two experts gave the same subjective scores / all but one",
        life=tender,
        options={"way": Way(copied=1), "count": 3, "staged": Staged(bidders=apart)},
        near_options={"way": Way(copied=2), "count": 3, "staged": Staged(bidders=apart)},
        bad=(),
        near=(),
        alerts=(Alert("EVA-03", "H", LOT),),
    ),
    Plan(
        rule="EVA-04",
        name="after-the-prices",
        fact="价格部分开启后又改分 / 他人提交前更正 · revised after the prices were shown / before the others",
        life=tender,
        options={"way": SMOOTH, "count": 3},
        near_options={"way": Way(revise=True), "count": 3},
        bad=(Again(SCORED, (("/revision", 2), ("/reason", "复核后再次提交")), seconds=250, nth=15),),
        near=(),
        alerts=(Alert("EVA-04", "H", LOT),),
    ),
    Plan(
        rule="EVA-05",
        name="twenty-nine-minutes",
        fact="三份标书评审二十九分钟 / 三十分钟 · three bids were evaluated in twenty-nine minutes / in thirty",
        life=tender,
        options={"way": SMOOTH, "count": 3},
        bad=(Put(COMPLETED, "/ended_at", Later("/started_at", seconds=29 * 60)),),
        near=(Put(COMPLETED, "/ended_at", Later("/started_at", seconds=30 * 60)),),
        alerts=(Alert("EVA-05", "M", LOT),),
    ),
    Plan(
        rule="EVA-06",
        name="no-such-ground",
        fact="否决理由不在招标文件之内 / 在 · rejected on a ground the document does not have / has",
        life=tender,
        options={"way": Way(reject=1), "count": 5},
        bad=(Put(INVALIDATED, "/ground", "two-bids"),),
        near=(Put(INVALIDATED, "/ground", "price-above-limit"),),
        alerts=(Alert("EVA-06", "H", LOT),),
    ),
    Plan(
        rule="EVA-07",
        name="other-criteria",
        fact="评标所用标准与公布的不同 / 相同 · evaluated by other criteria than announced / by the same",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(COMPLETED, "/criteria_hash", "ab" * 32),),
        near=(),
        alerts=(Alert("EVA-07", "C", LOT),),
    ),
    Plan(
        rule="EVA-08",
        name="a-point-too-many",
        fact="报告总分比各评分表合计多一 / 一致 · the report's total is one more than the sheets give / the same",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(COMPLETED, "/ranking/0/total", More(by=1)),),
        near=(),
        alerts=(Alert("EVA-08", "H", LOT),),
    ),
)
