"""After the contract: TRD-16, TRD-17 and TRD-19."""

from city.lives.lots import tender
from city.planning import Alert, Plan, Tag
from city.tampering import Again, Drop, More, Put, Same, Shift
from city.trading.ways import SMOOTH, Way

CONTRACT = "trading.contract-signed"
CHANGED = "trading.contract-changed"
PERFORMED = "trading.performance-recorded"
PUBLISHED = "trading.result-published"
LOT = Tag("trading.project-registered")
DAY = 86_400


def grown_by(basis_points: int) -> tuple[Put, ...]:
    """The one change of the contract is so many ten-thousandths of its price."""
    return (
        Put(CHANGED, "/delta", Same(CONTRACT, "/price")),
        Put(CHANGED, "/delta", More(basis_points=basis_points - 10_000)),
        Put(CHANGED, "/cumulative_delta", Same(CHANGED, "/delta")),
    )


PLANS = (
    Plan(
        rule="TRD-16",
        name="eleven-in-a-hundred",
        fact="变更累计为合同价的百分之十一 / 百分之十 · changes of eleven in a hundred of the price / of ten",
        life=tender,
        options={"content": "construction", "way": Way(change=True)},
        bad=grown_by(1_100),
        near=grown_by(1_000),
        alerts=(Alert("TRD-16", "H", LOT),),
    ),
    Plan(
        rule="TRD-16",
        name="twice-within-sixty-days",
        fact="签约六十日内变更两次 / 第二次在六十日后 · two changes within sixty days of signing / one later",
        life=tender,
        options={"content": "construction", "way": Way(change=True)},
        bad=(Again(CHANGED, seconds=2 * DAY),),
        near=(Again(CHANGED, seconds=61 * DAY),),
        alerts=(Alert("TRD-16", "H", LOT),),
    ),
    Plan(
        rule="TRD-17",
        name="result-not-published",
        fact="标段归档而成交结果从未公布 / 公布 · the lot is archived and its result was never published / was",
        life=tender,
        options={"way": SMOOTH},
        bad=(Drop(PUBLISHED),),
        near=(),
        alerts=(Alert("TRD-17", "H", LOT),),
    ),
    Plan(
        rule="TRD-19",
        name="nothing-for-months",
        fact="应开工之日起七十余日才有首次履约记录 · no record of work until seventy days after it was due",
        life=tender,
        options={"content": "construction", "way": SMOOTH},
        bad=(Shift(PERFORMED, 70 * DAY, nth=1, rest=True),),
        near=(Shift(PERFORMED, 14 * DAY, nth=1, rest=True),),
        alerts=(Alert("TRD-19", "M", LOT),),
    ),
)
