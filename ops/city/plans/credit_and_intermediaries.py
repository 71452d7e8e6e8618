"""Credit (CRD) and intermediaries (INT)."""

from city.grounds.lots import concentrated, served
from city.grounds.parties import intermediary
from city.grounds.ties import barred, both_sides, successor
from city.lives.complaints import Way, complaint
from city.lives.evaluations import evaluation
from city.lives.inquiries import Path, inquiry
from city.lives.lots import tender
from city.lives.parties import qualification
from city.lives.standings import standing
from city.planning import Alert, Plan, Tag, told
from city.tampering import Drop, More, Put, Remove, Shift
from city.trading.ways import SMOOTH

DAY = 86_400
COMMITMENT = "credit.commitment-made"
RECORD = "credit.record-entered"
LOT = Tag("trading.project-registered")
UPHELD = Way("complaint", "visit", "REG", "accepted", "upheld", ground="qualification")
UNKNOWN = "91140300MA0TT99999"
"""A code whose check digits are wrong."""

PUBLISHED = (Drop("disclosure.published"), Drop("exchange.batch-sent"), Drop("exchange.batch-acknowledged"))

PLANS = (
    Plan(
        rule="CRD-01",
        name="bid-without-promise",
        fact="未作信用承诺即投标 · a bid without a commitment",
        life=tender,
        options={"way": SMOOTH},
        bad=(Drop(COMMITMENT, 1), Remove("trading.bid-submitted", "/commitment", 1)),
        near=(),
        alerts=(Alert("CRD-01", "H", LOT),),
    ),
    told(
        "CRD-02",
        "barred-bidder",
        "被禁止投标者投标 / 仅列入重点抽查 · a party barred from bidding bids / one only watched more closely",
        barred,
        {"kind": "bar", "scope": "bidding"},
        {"kind": "focus", "scope": "spot-check"},
        Alert("CRD-02", "C", LOT),
    ),
    Plan(
        rule="CRD-03",
        name="credit-not-asked",
        fact="资质许可前未核查信用 · a qualification granted without a look at the credit",
        life=qualification,
        options={"actions": ("granted",)},
        bad=(Drop("credit.checked"),),
        near=(),
        alerts=(Alert("CRD-03", "M", Tag("party.qualification-decided")),),
    ),
    Plan(
        rule="CRD-04",
        name="never-entered",
        fact="成立的投诉未记入信用 · an upheld complaint never enters the credit record",
        life=complaint,
        options={"way": UPHELD},
        bad=(Drop(RECORD), Drop("credit.record-disclosed"), *PUBLISHED),
        near=(),
        alerts=(Alert("CRD-04", "M", Tag("complaint.decided")),),
        wait=15,
    ),
    told(
        "CRD-05",
        "never-evaluated",
        "在业中介逾一年未评价 / 已评价 · an intermediary of more than a year never evaluated / evaluated",
        intermediary,
        {"scored": False},
        {"scored": True},
        Alert("CRD-05", "L", Tag("party.entity-registered")),
    ),
    Plan(
        rule="CRD-06",
        name="score-does-not-add-up",
        fact="评分与明细之和不符 · a score that its lines do not give",
        life=evaluation,
        bad=(Put("credit.evaluated", "/score", More(by=7)),),
        near=(),
        alerts=(Alert("CRD-06", "H", Tag("credit.evaluated")),),
    ),
    Plan(
        rule="CRD-07",
        name="repaired-unasked",
        fact="未经申请即修复 · a record repaired without an application",
        life=inquiry,
        options={"path": Path("supplier", "warning", "CM-02", "minor", "repair")},
        bad=(Drop("credit.repair-applied"), Remove("credit.repair-decided", "/application")),
        near=(),
        alerts=(Alert("CRD-07", "H", Tag("credit.repair-decided")),),
    ),
    Plan(
        rule="CRD-07",
        name="repaired-too-soon",
        fact="未满最短期限即修复 · a record repaired before its shortest term is over",
        life=inquiry,
        options={"path": Path("supplier", "warning", "CM-02", "minor", "repair")},
        bad=(Shift("credit.repair-applied", -20 * DAY, rest=True),),
        near=(Shift("credit.repair-applied", DAY, rest=True),),
        alerts=(Alert("CRD-07", "H", Tag("credit.repair-decided")),),
    ),
    Plan(
        rule="CRD-08",
        name="lifted-before-its-end",
        fact="未到期即以期满解除 · a measure lifted as expired before its date",
        life=standing,
        options={"ladder": ("limit", "-0:expired")},
        bad=(Shift("credit.measure-lifted", -20 * DAY),),
        near=(Shift("credit.measure-lifted", DAY),),
        alerts=(Alert("CRD-08", "H", Tag("credit.measure-lifted")),),
    ),
    Plan(
        rule="CRD-08",
        name="lifted-unrepaired",
        fact="以修复为由解除而未修复 · a measure lifted as repaired where nothing was",
        life=standing,
        options={"ladder": ("limit", "-0:repaired")},
        bad=(
            Drop("credit.repair-applied"),
            Drop("credit.repair-decided"),
            Remove("credit.measure-lifted", "/decision"),
        ),
        near=(),
        alerts=(Alert("CRD-08", "H", Tag("credit.measure-lifted")),),
    ),
    told(
        "CRD-09",
        "no-written-promise",
        "中介未书面承诺即服务 · an agent serves a lot without a written commitment",
        served,
        {"commitment": False},
        {"commitment": True},
        Alert("CRD-09", "M", LOT),
    ),
    Plan(
        rule="CRD-10",
        name="unknown-code",
        fact="记录对象代码校验位不符 · a record about a code whose check digits are wrong",
        life=complaint,
        options={"way": UPHELD},
        bad=(Put(RECORD, "/subject", UNKNOWN), Put(RECORD, "/party", UNKNOWN)),
        near=(),
        alerts=(Alert("CRD-10", "L", Tag(RECORD)),),
    ),
    told(
        "CRD-11",
        "same-legal-rep",
        "被禁止者的法定代表人另设企业 / 他人 · the barred firm's legal representative founds another / a stranger does",
        successor,
        {"same": True},
        {"same": False},
        Alert("CRD-11", "H", Tag("party.entity-registered", nth=2)),
    ),
    told(
        "INT-01",
        "official-holds",
        "公职人员持股未清理 / 已清理 · an official's share in an agent stands / was given up",
        intermediary,
        {"tie": "start", "scored": True},
        {"tie": "end", "scored": True},
        Alert("INT-01", "H", Tag("party.entity-registered")),
    ),
    told(
        "INT-02",
        "unqualified-agent",
        "无资质代理 · an agent without qualification serves a lot",
        served,
        {"qualification": False},
        {"qualification": True},
        Alert("INT-02", "H", LOT),
    ),
    told(
        "INT-03",
        "both-sides",
        "代理机构控制投标人 / 已转让 · the agent controls a bidder / has given it up",
        both_sides,
        {"action": "start"},
        {"action": "end"},
        Alert("INT-03", "C", LOT),
    ),
    told(
        "INT-04",
        "five-of-eight",
        "八标段中一家代理占五 / 占四 · one agent has five of eight lots / four",
        concentrated,
        {"of_one": 5},
        {"of_one": 4},
        Alert("INT-04", "M", Tag("party.entity-registered")),
    ),
    told(
        "INT-05",
        "complaint-rate",
        "对中介的投诉成立 / 不成立 · a complaint about an agent upheld / rejected",
        complaint,
        {"way": Way("complaint", "visit", "REG", "accepted", "upheld", ground="performance", firm="agent")},
        {"way": Way("complaint", "visit", "REG", "accepted", "rejected", ground="performance", firm="agent")},
        Alert("INT-05", "M", Tag("party.entity-registered")),
    ),
    told(
        "INT-06",
        "chosen-off-line",
        "中介线下选取 / 网上选取 · an agent chosen off-line / on-line",
        served,
        {"channel": "offline"},
        {"channel": "online"},
        Alert("INT-06", "L", LOT),
    ),
    Plan(
        rule="INT-07",
        name="not-disclosed",
        fact="中介失信未披露 · an agent's bad record is not disclosed",
        life=inquiry,
        options={"path": Path("agent", "warning", "CI-04", "minor", "void-repaired")},
        bad=(Drop("credit.record-disclosed"),),
        near=(),
        alerts=(Alert("INT-07", "M", Tag(RECORD)),),
    ),
)
