"""Conduct of the operator (OPR)."""

from city.grounds.bodies import operating, quarters
from city.grounds.ties import suspected
from city.lives.complaints import Way, complaint
from city.lives.exchanges import incident
from city.lives.oversight import access
from city.lives.parties import certificate, demand
from city.lives.services import service
from city.planning import Alert, Plan, Tag, told
from city.tampering import Drop, Put

HANDLED = "platform.service-handled"
SERVICE = Tag(HANDLED, "service", "/service_no")
REGISTERED = Tag("party.entity-registered")


def demanded(code: str) -> tuple[Put, ...]:
    """One thing is asked for."""
    return (Put(HANDLED, "/demands", [code]),)


ALLOWED = demanded("source-document")

PLANS = (
    Plan(
        rule="OPR-01",
        name="branch-demanded",
        fact="要求设立分支机构 / 只要依据文件 · a branch office is demanded / only a source document",
        life=service,
        options={"stars": 4},
        bad=demanded("branch"),
        near=ALLOWED,
        alerts=(Alert("OPR-01", "H", SERVICE),),
    ),
    Plan(
        rule="OPR-02",
        name="in-person",
        fact="要求法定代表人到场 / 只要依据文件 · the legal representative in person / only a source document",
        life=service,
        options={"stars": 4},
        bad=demanded("legal-rep-presence"),
        near=ALLOWED,
        alerts=(Alert("OPR-02", "M", SERVICE), Alert("OPR-01", "H", SERVICE)),
    ),
    Plan(
        rule="OPR-03",
        name="licence-kept",
        fact="扣押证照原件 / 只要依据文件 · the licence is kept / only a source document asked for",
        life=service,
        options={"stars": 4},
        bad=demanded("retain-licence"),
        near=ALLOWED,
        alerts=(Alert("OPR-03", "H", SERVICE), Alert("OPR-01", "H", SERVICE)),
    ),
    told(
        "OPR-03",
        "complaint-upheld",
        "扣押证照的投诉成立 / 其他理由成立 · upheld: a licence was kept / upheld on another ground",
        complaint,
        {"way": Way("complaint", "visit", "REG", "accepted", "upheld", ground="licence-retained")},
        {"way": Way("complaint", "visit", "REG", "accepted", "upheld", ground="qualification")},
        Alert("OPR-03", "H", Tag("complaint.decided")),
    ),
    Plan(
        rule="OPR-04",
        name="asked-again",
        fact="已共享的主体被要求再登记 / 未共享的 · a firm that has shared its data is asked again / one that has not",
        life=demand,
        bad=(Put("party.entity-registered", "/shared", True),),
        near=(),
        alerts=(Alert("OPR-04", "M", REGISTERED),),
    ),
    told(
        "OPR-05",
        "valid-certificate",
        "互认名单内的有效证书被拒 / 名单外的 · a recognised certificate in force rejected / one of another issuer",
        certificate,
        {"issuer": "示范数字证书认证中心", "days": 300},
        {"issuer": "外埠数字证书认证中心", "days": 300},
        Alert("OPR-05", "M", Tag("party.certificate-presented")),
    ),
    told(
        "OPR-06",
        "guide-incomplete",
        "服务指南缺监督渠道 / 五项齐全 · a guide without its supervision channel / with all five contents",
        operating,
        {"contents": 4},
        {"contents": 5},
        Alert("OPR-06", "H", REGISTERED),
    ),
    told(
        "OPR-07",
        "seen-not-reported",
        "见证发现可疑未报告 / 当日报告 · a suspicion not reported / reported the same day",
        suspected,
        {"reported": False},
        {"reported": True},
        Alert("OPR-07", "H", Tag("trading.witness-recorded")),
    ),
    Plan(
        rule="OPR-08",
        name="files-not-given",
        fact="查阅要求到期未提供 · files asked for are not given when due",
        life=access,
        bad=(Drop("supervision.access-provided"),),
        near=(),
        alerts=(Alert("OPR-08", "H", Tag("supervision.access-requested")),),
        wait=15,
    ),
    Plan(
        rule="OPR-08",
        name="kept-back-unexplained",
        fact="提供不完整而未说明理由 · files given in part, and no reason why",
        life=access,
        bad=(Put("supervision.access-provided", "/complete", False),),
        near=(Put("supervision.access-provided", "/complete", True),),
        alerts=(Alert("OPR-08", "H", Tag("supervision.access-requested")),),
    ),
    told(
        "OPR-09",
        "online-share-falls",
        "网办率由十成降到八成 / 不变 · the share handled on-line falls from all to eight in ten / does not",
        quarters,
        {"offline": 2},
        {"offline": 0},
        Alert("OPR-09", "L", REGISTERED),
    ),
    Plan(
        rule="OPR-10",
        name="breach-open",
        fact="入侵事件未处置 · a breach is never mended",
        life=incident,
        options={"kind": "breach"},
        bad=(Drop("exchange.incident-recorded", 2),),
        near=(),
        alerts=(Alert("OPR-10", "H", Tag("exchange.incident-recorded")),),
        wait=15,
    ),
)
