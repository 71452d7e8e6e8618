"""Supervision (SUP) and accountability (ACC).

That nobody evaluates the analysis (SUP-04) or enforces jointly (SUP-09) is a matter of the whole city, of no one life.
"""

from city.grounds.bodies import overseen_operator, regulating
from city.lives.alerts import alert
from city.lives.inquiries import Path, inquiry
from city.lives.liabilities import liability
from city.lives.oversight import oversight
from city.lives.spotchecks import spot_check
from city.planning import Alert, Plan, Tag, told
from city.tampering import Drop, Remove

ORDERED = Tag("accountability.correction-ordered")
REGISTERED = Tag("party.entity-registered")
SANCTION = "accountability.sanction-decided"
CONFIRMED = "accountability.correction-confirmed"

PLANS = (
    Plan(
        rule="SUP-01",
        name="reported-not-opened",
        fact="报告后十个工作日未立案核查 · reported and no inquiry opened within ten working days",
        life=inquiry,
        options={"path": Path("builder", "", "", "", "")},
        bad=(Drop("supervision.investigation-opened"), Drop("supervision.finding-made")),
        near=(),
        alerts=(Alert("SUP-01", "H", Tag("supervision.incident-reported")),),
        wait=25,
    ),
    Plan(
        rule="SUP-02",
        name="draw-not-repeatable",
        fact="抽取未公布算法，不可复算 · the draw names no algorithm and cannot be repeated",
        life=spot_check,
        bad=(Remove("supervision.spot-check-drawn", "/algorithm"),),
        near=(),
        alerts=(Alert("SUP-02", "M", Tag("supervision.spot-check-drawn")),),
    ),
    told(
        "SUP-03",
        "never-checked",
        "监管部门逾一年未受履职检查 / 已检查 · a regulator not checked for more than a year / checked",
        regulating,
        {"ago": 400, "checked": False},
        {"ago": 400, "checked": True},
        Alert("SUP-03", "M", REGISTERED),
    ),
    told(
        "SUP-05",
        "never-evaluated",
        "运行机构逾一年未受社会评价 / 已评价 · an operator not evaluated by the public for a year / evaluated",
        overseen_operator,
        {"evaluated": False},
        {"evaluated": True},
        Alert("SUP-05", "L", REGISTERED),
    ),
    Plan(
        rule="SUP-06",
        name="alert-lies",
        fact="高等级预警三个工作日无人处置 · an alert of grade H handled by nobody for three working days",
        life=alert,
        options={"path": ("assigned", "explained", "closed:explained"), "severity": "H"},
        bad=(Drop("supervision.alert-handled"), Drop("supervision.alert-closed")),
        near=(),
        alerts=(Alert("SUP-06", "H", Tag("supervision.alert-raised")),),
        wait=12,
    ),
    Plan(
        rule="SUP-07",
        name="lead-unanswered",
        fact="移送线索三十个工作日未反馈 · a lead passed on and not answered within thirty working days",
        life=oversight,
        options={"kind": "audit"},
        bad=(Drop("supervision.referral-answered"),),
        near=(),
        alerts=(Alert("SUP-07", "M", Tag("supervision.referral-sent")),),
        wait=60,
    ),
    told(
        "SUP-08",
        "never-audited",
        "平台逾两年未审计 / 已审计 · a platform not audited for more than two years / audited",
        overseen_operator,
        {"audited": False, "ago": 800},
        {"audited": True, "ago": 800},
        Alert("SUP-08", "L", REGISTERED),
    ),
    Plan(
        rule="ACC-01",
        name="correction-overdue",
        fact="责令期满未改正 · the date of an order passes without correction",
        life=liability,
        options={"article": "M40", "steps": ("order", "corrected")},
        bad=(Drop(CONFIRMED),),
        near=(),
        alerts=(Alert("ACC-01", "H", ORDERED),),
        wait=60,
    ),
    Plan(
        rule="ACC-02",
        name="no-criticism",
        fact="违反第二十条责令改正而未通报批评 · an order under article 43 without the criticism that goes with it",
        life=liability,
        options={"article": "M43", "steps": ("order", "criticism", "corrected")},
        bad=(Drop(SANCTION),),
        near=(),
        alerts=(Alert("ACC-02", "H", ORDERED),),
        wait=40,
    ),
    Plan(
        rule="ACC-02",
        name="refused-and-nothing",
        fact="拒不改正而未通报批评 · correction refused, and no criticism follows",
        life=liability,
        options={"article": "M40", "steps": ("order", "refused", "criticism", "corrected")},
        bad=(Drop(SANCTION),),
        near=(),
        alerts=(Alert("ACC-02", "H", ORDERED),),
        wait=40,
    ),
    Plan(
        rule="ACC-03",
        name="crime-not-referred",
        fact="涉嫌犯罪未移送司法 · a suspected crime is not referred to the judiciary",
        life=liability,
        options={"article": "M45", "steps": ("justice",)},
        bad=(Drop(SANCTION),),
        near=(),
        alerts=(Alert("ACC-03", "C", Tag("supervision.finding-made")),),
        wait=25,
    ),
    told(
        "ACC-04",
        "wrong-organ",
        "收费问题由审批局责令 / 由价格主管部门责令 · a charging order by the bureau / by the price authority",
        liability,
        {"article": "M41", "steps": ("order", "corrected"), "by": "ASB"},
        {"article": "M41", "steps": ("order", "corrected"), "by": "PRI"},
        Alert("ACC-04", "M", ORDERED),
    ),
)
