"""Separation of duties (SEP)."""

from city.grounds.bodies import regulating
from city.grounds.lots import served, two_families
from city.grounds.recording import entry, interfered
from city.grounds.ties import revolving
from city.lives.alerts import alert
from city.lives.complaints import Way, complaint
from city.lives.small_fees import small_fee
from city.planning import Alert, Plan, Tag, told
from city.tampering import Put, Same

LOT = Tag("trading.project-registered")
PROJECT = Tag("project.coded")
REFUSED = {
    "action": "post", "object": "urn:city:ptc#x-17", "class": "internal", "purpose": "post", "result": "refused",
    "request_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "organ": "PTC",
    "type": "complaint.decided.v1",
}  # fmt: skip
DOOR = {"type_": "ledger.access-logged", "code": "SYS", "subject": "ledger:log"}

PLANS = (
    told(
        "SEP-01",
        "centre-decides",
        "中心处理投诉被拒：无权 / 格式 · the centre's decision on a complaint refused for right / for form",
        entry,
        {**DOOR, "data": {**REFUSED, "reason": "no-right"}},
        {**DOOR, "data": {**REFUSED, "reason": "malformed"}},
        Alert("SEP-01", "C", Tag("ledger.access-logged")),
        Alert("LED-05", "H", Tag("ledger.access-logged")),
    ),
    told(
        "SEP-02",
        "two-hats",
        "同一项目监管与运行同一人 / 两人 · one person regulates and operates in one project / two persons",
        two_families,
        {"same": True},
        {"same": False},
        Alert("SEP-02", "C", PROJECT),
    ),
    told(
        "SEP-03",
        "centre-tenders",
        "交易中心自为招标人 / 另有招标人 · the trading centre tenders itself / somebody else does",
        served,
        {"own": True},
        {},
        Alert("SEP-03", "H", PROJECT),
    ),
    Plan(
        rule="SEP-04",
        name="assessor-reviews",
        fact="核定与复核同一人 · who assessed the fee reviewed it",
        life=small_fee,
        options={"way": "plain"},
        bad=(Put("fee.assessed", "/reviewer", Same("fee.assessed", "/assessor")),),
        near=(),
        alerts=(Alert("SEP-04", "H", Tag("fee.assessed")),),
    ),
    told(
        "SEP-05",
        "designated-agent",
        "强制指定中介的投诉成立 / 其他理由成立 · upheld: an agent was designated / upheld on another ground",
        complaint,
        {"way": Way("complaint", "visit", "REG", "accepted", "upheld", ground="designated-agent")},
        {"way": Way("complaint", "visit", "REG", "accepted", "upheld", ground="qualification")},
        Alert("SEP-05", "H", Tag("complaint.decided")),
    ),
    told(
        "SEP-06",
        "no-duty-list",
        "新设监管部门未公布权责清单 · a new regulator publishes no duty list",
        regulating,
        {"duties": False},
        {"duties": True},
        Alert("SEP-06", "M", Tag("party.entity-registered")),
    ),
    told(
        "SEP-07",
        "a-call",
        "登记领导干部过问 / 零报告 · an interference is recorded / a zero report is made",
        interfered,
        {"zero": False},
        {"zero": True},
        Alert("SEP-07", "H", Tag("supervision.interference-recorded")),
    ),
    told(
        "SEP-08",
        "revolving-door",
        "定标签字人入职中标人 / 他人入职 · who signed the result is employed by the winner / somebody else is",
        revolving,
        {"signer": True},
        {"signer": False},
        Alert("SEP-08", "H", LOT),
    ),
    Plan(
        rule="SEP-09",
        name="handed-to-the-implicated",
        fact="预警交由涉及单位自己处理 · an alert is assigned to the organisation it implicates",
        life=alert,
        options={"path": ("assigned", "explained", "closed:explained")},
        bad=(Put("supervision.alert-handled", "/to", Same("supervision.alert-raised", "/implicated_orgs/0"), nth=1),),
        near=(),
        alerts=(Alert("SEP-09", "H", Tag("supervision.alert-raised")),),
    ),
)
