"""Disclosure (DIS) and exchange (EXC)."""

from city.grounds.bodies import regulating
from city.grounds.parties import cut_off, leaked
from city.grounds.ties import two_sources
from city.lives.exchanges import incident, push
from city.lives.lots import by_price, tender
from city.lives.openness import openness, withholding
from city.lives.parties import qualification
from city.planning import Alert, Plan, Tag, told
from city.tampering import Drop, Put, Remove, Same
from city.trading.ways import SMOOTH, Way

PUBLISHED = "disclosure.published"
BATCH = Tag("exchange.batch-sent")
LOT = Tag("trading.project-registered")

PLANS = (
    Plan(
        rule="DIS-01",
        name="never-public",
        fact="资质决定七个工作日内未公开 · a qualification is not public after seven working days",
        life=qualification,
        options={"actions": ("granted",)},
        bad=(Drop(PUBLISHED), Drop("exchange.batch-sent"), Drop("exchange.batch-acknowledged")),
        near=(),
        alerts=(Alert("DIS-01", "H", Tag("party.qualification-decided")),),
        wait=15,
    ),
    Plan(
        rule="DIS-01",
        name="never-exchanged",
        fact="资质决定已公开而推送无回执 · a qualification is public and its exchange never acknowledged",
        life=qualification,
        options={"actions": ("granted",)},
        bad=(Drop("exchange.batch-acknowledged"),),
        near=(),
        alerts=(Alert("DIS-01", "H", Tag("party.qualification-decided")), Alert("EXC-02", "M", BATCH)),
        wait=15,
    ),
    Plan(
        rule="DIS-02",
        name="phase-missing",
        fact="五公开缺一 · one of the five phases of a lot is never published",
        life=tender,
        options={"way": Way(ends="announced")},
        bad=(Drop(PUBLISHED, 2),),
        near=(),
        alerts=(Alert("DIS-02", "M", LOT),),
        wait=40,
    ),
    Plan(
        rule="DIS-03",
        name="other-channel",
        fact="在非法定平台发布 / 在市平台 · published on another site / on the city's platform",
        life=openness,
        bad=(Put(PUBLISHED, "/channel", ["other"]),),
        near=(Put(PUBLISHED, "/channel", ["city-platform"]),),
        alerts=(Alert("DIS-03", "M", Tag(PUBLISHED)),),
    ),
    Plan(
        rule="DIS-04",
        name="commercial-published",
        fact="公开了商业秘密文件 / 公开件 · a commercial document is published / a public one",
        life=openness,
        bad=(Put(PUBLISHED, "/doc/class", "commercial"),),
        near=(Put(PUBLISHED, "/doc/class", "public"),),
        alerts=(Alert("DIS-04", "C", Tag(PUBLISHED)),),
    ),
    told(
        "DIS-05",
        "leak",
        "认定泄密 / 未发现泄密 · a leak is found / none is",
        leaked,
        {"leak": True},
        {"leak": False},
        Alert("DIS-05", "C", Tag("supervision.finding-made")),
    ),
    Plan(
        rule="DIS-06",
        name="withheld-without-basis",
        fact="不予公开而无法律依据 · withheld without a legal basis",
        life=withholding,
        bad=(Remove("disclosure.withheld", "/legal_basis"),),
        near=(),
        alerts=(Alert("DIS-06", "M", Tag("disclosure.withheld")),),
    ),
    Plan(
        rule="DIS-07",
        name="silently-replaced",
        fact="未撤下即以新文替换 · a text replaced without being withdrawn",
        life=openness,
        options={"replaced": True},
        bad=(Drop("disclosure.withdrawn"),),
        near=(),
        alerts=(Alert("DIS-07", "M", Tag(PUBLISHED)),),
    ),
    told(
        "DIS-08",
        "no-hotline",
        "新设监管部门未公布举报电话 · a new regulator publishes no hotline",
        regulating,
        {"hotline": False},
        {"hotline": True},
        Alert("DIS-08", "M", Tag("party.entity-registered")),
    ),
    told(
        "EXC-01",
        "cut-off",
        "必联系统断开三日 / 二十分钟 · a required system is cut off for three days / for twenty minutes",
        cut_off,
        {"days": 3},
        {"days": 0},
        Alert("EXC-01", "M", Tag("exchange.system-connected")),
    ),
    Plan(
        rule="EXC-02",
        name="no-receipt",
        fact="推送批次无回执 · a batch is never acknowledged",
        life=push,
        bad=(Drop("exchange.batch-acknowledged"),),
        near=(),
        alerts=(Alert("EXC-02", "M", Tag("exchange.batch-sent")),),
        wait=5,
    ),
    Plan(
        rule="EXC-02",
        name="receipt-differs",
        fact="回执摘要与推送不符 · the receipt names another digest than the batch",
        life=push,
        bad=(Put("exchange.batch-acknowledged", "/digest", "0" * 64),),
        near=(Put("exchange.batch-acknowledged", "/digest", Same("exchange.batch-sent", "/digest")),),
        alerts=(Alert("EXC-02", "M", BATCH),),
    ),
    Plan(
        rule="EXC-03",
        name="tax-not-told",
        fact="合同未推送税务 · a contract is not shared with the tax office",
        life=by_price,
        options={"way": SMOOTH},
        bad=(Drop("exchange.batch-sent"), Drop("exchange.batch-acknowledged")),
        near=(),
        alerts=(Alert("EXC-03", "L", LOT),),
        wait=40,
    ),
    told(
        "EXC-04",
        "channel-down",
        "监督渠道中断六小时 / 三小时 · a supervision channel is down for six hours / for three",
        incident,
        {"kind": "outage", "lasts": 21_600},
        {"kind": "outage", "lasts": 10_800},
        Alert("EXC-04", "H", Tag("exchange.incident-recorded")),
    ),
    told(
        "EXC-05",
        "two-dates",
        "两系统所报合同日期不同 / 相同 · two systems tell different dates of one contract / the same",
        two_sources,
        {"days": 1},
        {"days": 0},
        Alert("EXC-05", "H", LOT),
    ),
)
