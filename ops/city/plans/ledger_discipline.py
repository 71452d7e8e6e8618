"""Ledger discipline (LED). LED-03 stands with the lots; a missing tick (LED-07) is no life's doing."""

from city.grounds.recording import corrected, entry, numbered
from city.lives.alerts import alert
from city.lives.complaints import Way, complaint
from city.lives.findings import refusal
from city.lives.liabilities import liability
from city.lives.lots import tender
from city.planning import Alert, Plan, Tag, told
from city.tampering import Attribute, Drop, Lag, Later, Put, Remove
from city.trading.ways import SMOOTH

DAY = 86_400
ATTESTED = {
    "from_seq": 1, "to_seq": 900, "head_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "tool_version": "sunledger 0.1.0",
}  # fmt: skip
ATTESTING = {"type_": "ledger.integrity-attested", "code": "AUD", "subject": "ledger:log"}
SANCTION = "accountability.sanction-decided"

PLANS = (
    told(
        "LED-01",
        "attested-broken",
        "审计核验结论为断裂 / 完整 · audit attests the chain broken / intact",
        entry,
        {**ATTESTING, "data": {**ATTESTED, "result": "broken", "broken_at": 512}},
        {**ATTESTING, "data": {**ATTESTED, "result": "intact"}},
        Alert("LED-01", "C", Tag("ledger.integrity-attested")),
    ),
    told(
        "LED-02",
        "number-never-came",
        "来源缺一个编号 / 编号连续 · a source skips a number / does not",
        numbered,
        {"gap": 1},
        {"gap": 0},
        Alert("LED-02", "H", Tag("party.profile-changed", "source")),
        wait=1,
    ),
    Plan(
        rule="LED-03",
        name="three-days-late",
        fact="场地安排三日后才入账 / 三分钟内入账 · a room told three days late / within three minutes",
        life=tender,
        options={"way": SMOOTH},
        bad=(Lag("trading.venue-assigned", 3 * DAY),),
        near=(Lag("trading.venue-assigned", 180),),
        alerts=(Alert("LED-03", "M", Tag("trading.venue-assigned")),),
    ),
    Plan(
        rule="LED-04",
        name="decision-entered-late",
        fact="处分决定六日后才入账 / 当日入账 · a sanction entered six days after it was decided / the same day",
        life=liability,
        options={"article": "M45", "steps": ("discipline",)},
        bad=(Lag(SANCTION, 6 * DAY),),
        near=(Lag(SANCTION, 3600),),
        alerts=(Alert("LED-04", "H", Tag(SANCTION)),),
    ),
    Plan(
        rule="LED-04",
        name="back-dated",
        fact="处理决定所称时间早于投诉入账 · a decision claims a time before the complaint was on file",
        life=complaint,
        options={"way": Way("complaint", "letter", "REG", "accepted", "rejected", ground="evaluation")},
        bad=(Attribute("complaint.decided", "time", Later("time", days=-40)),),
        near=(),
        alerts=(Alert("LED-04", "H", Tag("complaint.decided")),),
    ),
    told(
        "LED-05",
        "no-right",
        "入账因无权被拒 / 因格式被拒 · a post refused for want of right / of form",
        refusal,
        {"reason": "no-right"},
        {"reason": "malformed"},
        Alert("LED-05", "H", Tag("ledger.access-logged")),
    ),
    told(
        "LED-06",
        "fine-corrected",
        "处罚决定后更正金额 / 仅更正文字 · the amount of a decided fine is corrected / only wording",
        corrected,
        {"amount": True},
        {"amount": False},
        Alert("LED-06", "H", Tag("supervision.penalty-decided")),
    ),
    Plan(
        rule="LED-08",
        name="handled-unraised",
        fact="预警未产生即处置 · an alert is handled that was never raised",
        life=alert,
        options={"path": ("assigned", "explained", "closed:explained")},
        bad=(Drop("supervision.alert-raised"),),
        near=(),
        alerts=(Alert("LED-08", "M", Tag("supervision.alert-handled")),),
    ),
    Plan(
        rule="LED-09",
        name="keyed-without-paper",
        fact="来信投诉录入而无原件 · a complaint by letter keyed in without the letter",
        life=complaint,
        options={"way": Way("complaint", "letter", "ASB", "accepted", "rejected")},
        bad=(Remove("complaint.lodged", "/doc"),),
        near=(Put("complaint.lodged", "/doc/bytes", 51_200),),
        alerts=(Alert("LED-09", "M", Tag("complaint.lodged")),),
    ),
)
