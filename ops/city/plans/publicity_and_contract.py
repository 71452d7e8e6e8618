"""Publicity, award and contract: TRD-11 to TRD-15. Small plans, and how plans are written."""

from city.lives.lots import tender
from city.planning import Alert, Plan, Tag
from city.tampering import Later, More, Put, Remove, Shift
from city.trading.ways import SMOOTH, Way

CANDIDATES = "trading.candidates-publicised"
CONFIRMED = "trading.result-confirmed"
CONTRACT = "trading.contract-signed"
LOT = Tag("trading.project-registered")
DAY = 86_400

PLANS = (
    Plan(
        rule="TRD-11",
        name="two-days",
        fact="公示两日即止，应不少于三日 · publicised for two days instead of three",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(CANDIDATES, "/closes_at", Later("/opens_at", days=2)),),
        near=(Put(CANDIDATES, "/closes_at", Later("/opens_at", days=3)),),
        alerts=(Alert("TRD-11", "H", Tag(CANDIDATES)),),
    ),
    Plan(
        rule="TRD-11",
        name="publicised-late",
        fact="评标报告后四日以上才公示 / 三日内 · publicised more than four days after the report / within three",
        life=tender,
        options={"way": SMOOTH},
        bad=(
            Shift(CANDIDATES, 4 * DAY, rest=True),
            Put(CANDIDATES, "/opens_at", Later("/opens_at", days=4)),
            Put(CANDIDATES, "/closes_at", Later("/closes_at", days=4)),
        ),
        near=(),
        alerts=(Alert("TRD-11", "H", Tag(CANDIDATES)),),
    ),
    Plan(
        rule="TRD-12",
        name="before-the-end",
        fact="公示未满即定标 / 期满后 · confirmed before publicity had ended / after it",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(CANDIDATES, "/closes_at", Later("/closes_at", days=12)),),
        near=(),
        alerts=(Alert("TRD-12", "C", LOT),),
    ),
    Plan(
        rule="TRD-13",
        name="second-without-reason",
        fact="定第二名而不写理由 / 写明法定理由 · the second was chosen and no reason given / a lawful one",
        life=tender,
        options={"way": Way(second=True)},
        bad=(Remove(CONFIRMED, "/reason_if_not_first"),),
        near=(),
        alerts=(Alert("TRD-13", "H", LOT),),
    ),
    Plan(
        rule="TRD-14",
        name="no-contract",
        fact="中标通知书发出四十日后才签合同，应在三十日内 · the contract forty days after the award notice",
        life=tender,
        options={"way": SMOOTH},
        bad=(Shift(CONTRACT, 40 * DAY, rest=True), Put(CONTRACT, "/signed_on", Later("time"))),
        near=(Shift(CONTRACT, 5 * DAY, rest=True), Put(CONTRACT, "/signed_on", Later("time"))),
        alerts=(Alert("TRD-14", "M", LOT),),
    ),
    Plan(
        rule="TRD-15",
        name="dearer-contract",
        fact="合同价高于中标价百分之三 · the contract price is three in a hundred above the award",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(CONTRACT, "/price", More(basis_points=300)),),
        near=(Put(CONTRACT, "/price", More(by=0)),),
        alerts=(Alert("TRD-15", "H", LOT),),
    ),
)
