"""From method to deadline: TRD-01 to TRD-06, TRD-18 and TRD-22."""

from city.act import Seat
from city.lives.lots import direct, tender
from city.planning import Alert, Plan, Tag
from city.tampering import Again, Drop, From, Later, Put, Remove, Same, Shift
from city.trading.ways import SMOOTH, Way

REGISTERED = "trading.project-registered"
APPROVED = "trading.method-approved"
CHOSEN = "trading.service-chosen"
DOCUMENT = "trading.document-filed"
CLARIFIED = "trading.clarification-issued"
LOT = Tag(REGISTERED)
DAY = 86_400

CONSTRUCTION = Seat("11140300MA0TT0511J", "REG", "urn:city:construction")
"""The construction bureau, which supervises works and approves none."""

PLANS = (
    Plan(
        rule="TRD-01",
        name="approved-by-another",
        fact="邀请招标由监管部门而非项目审批部门批准 · approved by a supervisor, not by who approved the project",
        life=tender,
        options={"method": "invited", "way": SMOOTH},
        bad=(From(APPROVED, CONSTRUCTION), Put(APPROVED, "/organ", CONSTRUCTION.org)),
        near=(),
        alerts=(Alert("TRD-01", "C", LOT),),
    ),
    Plan(
        rule="TRD-02",
        name="no-lawful-ground",
        fact="不招标的理由是潜在投标人少，不在法定情形之内 · no tender, because few could bid: no ground the law knows",
        life=direct,
        options={"way": SMOOTH},
        bad=(Put(APPROVED, "/grounds", "few-bidders"),),
        near=(Put(APPROVED, "/grounds", "disaster-relief"),),
        alerts=(Alert("TRD-02", "C", LOT),),
    ),
    Plan(
        rule="TRD-03",
        name="nobody-to-run-it",
        fact="既未选代理也无自有管理机构 / 有自有管理机构 · no agent chosen and no body of its own / there is one",
        life=tender,
        options={"content": "construction", "way": SMOOTH},
        bad=(Drop(CHOSEN, nth=1),),
        near=(
            Put(CHOSEN, "/kind", "management-body", nth=1),
            Put(CHOSEN, "/chosen", Same(REGISTERED, "/tenderer"), nth=1),
            Put(CHOSEN, "/options", [Same(REGISTERED, "/tenderer")], nth=1),
        ),
        alerts=(Alert("TRD-03", "H", LOT),),
    ),
    Plan(
        rule="TRD-04",
        name="nineteen-days",
        fact="发出文件到投标截止十九日 / 二十日整 · nineteen days from the document to the deadline / exactly twenty",
        life=tender,
        options={"way": SMOOTH},
        bad=(
            Put(DOCUMENT, "/sale_from", Later("/bid_deadline", days=-19)),
            Put(DOCUMENT, "/sale_to", Later("/bid_deadline", days=-13)),
        ),
        near=(
            Put(DOCUMENT, "/sale_from", Later("/bid_deadline", days=-20)),
            Put(DOCUMENT, "/sale_to", Later("/bid_deadline", days=-14)),
        ),
        alerts=(Alert("TRD-04", "H", LOT),),
    ),
    Plan(
        rule="TRD-05",
        name="four-days-of-sale",
        fact="文件发售四日 / 五日整 · the document was on sale for four days / for exactly five",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(DOCUMENT, "/sale_to", Later("/sale_from", days=4)),),
        near=(Put(DOCUMENT, "/sale_to", Later("/sale_from", days=5)),),
        alerts=(Alert("TRD-05", "M", LOT),),
    ),
    Plan(
        rule="TRD-06",
        name="late-answer",
        fact="影响编制的澄清距截止不足十五日且未顺延 · an answer that changes bids, under fifteen days before",
        life=tender,
        options={"way": Way(clarify="early")},
        bad=(Shift(CLARIFIED, 8 * DAY), Put(CLARIFIED, "/affects_preparation", True)),
        near=(Put(CLARIFIED, "/affects_preparation", True),),
        alerts=(Alert("TRD-06", "H", LOT),),
    ),
    Plan(
        rule="TRD-18",
        name="document-after-the-deadline",
        fact="投标截止后又改文件 / 截止前改 · the document was revised after the deadline / before it",
        life=tender,
        options={"way": SMOOTH},
        bad=(Again(DOCUMENT, (("/revision", 2),), seconds=33 * DAY),),
        near=(Again(DOCUMENT, (("/revision", 2),), seconds=2 * DAY),),
        alerts=(Alert("TRD-18", "C", LOT),),
    ),
    Plan(
        rule="TRD-22",
        name="nobody-supervises",
        fact="人防标段未写监管部门 / 写明 · a civil air-defence lot names no supervising organ / names one",
        life=tender,
        options={"content": "construction", "way": SMOOTH},
        bad=(Put(REGISTERED, "/civil_air_defence", True), Remove(REGISTERED, "/regulator")),
        near=(Put(REGISTERED, "/civil_air_defence", True),),
        alerts=(Alert("TRD-22", "H", LOT),),
    ),
)
