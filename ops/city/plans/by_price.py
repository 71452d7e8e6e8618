"""Auctions and listings: TRD-20 and TRD-21."""

from city.lives.lots import by_price
from city.planning import Alert, Plan, Tag
from city.tampering import Drop, Later, Put
from city.trading.ways import SMOOTH

NOTICE = "trading.notice-published"
QUALIFIED = "trading.prequalification-decided"
LOT = Tag("trading.project-registered")

PLANS = (
    Plan(
        rule="TRD-20",
        name="land-nineteen-days",
        fact="出让公告十九日 / 二十日整 · land was announced for nineteen days / for exactly twenty",
        life=by_price,
        options={"item": "C3.1", "method": "auction", "way": SMOOTH},
        bad=(Put(NOTICE, "/opens_at", Later("/closes_at", days=-19)),),
        near=(Put(NOTICE, "/opens_at", Later("/closes_at", days=-20)),),
        alerts=(Alert("TRD-20", "M", LOT),),
    ),
    Plan(
        rule="TRD-21",
        name="quoted-unqualified",
        fact="未作资格决定的竞买人报价 / 合格 · a bidder quoted whose qualification nobody had decided / had passed",
        life=by_price,
        options={"item": "C4.3", "method": "auction", "way": SMOOTH, "count": 2},
        bad=(Drop(QUALIFIED, nth=2),),
        near=(),
        alerts=(Alert("TRD-21", "H", LOT),),
    ),
)
