"""Entering the platform (ENT)."""

from city.grounds.catalogues import edition
from city.grounds.lots import after_termination, bought_outside, served
from city.lives.lots import tender
from city.planning import Alert, Plan, Tag, told
from city.tampering import Drop, Remove
from city.trading.ways import SMOOTH

FOUND = "trading.off-platform-found"
LOT = Tag("trading.project-registered")
CATALOGUE = Tag("catalogue.edition-published")

PLANS = (
    told(
        "ENT-01",
        "bought-outside",
        "目录内采购未进场 / 目录外采购 · a purchase in the catalogue outside the platform / one that is not in it",
        bought_outside,
        {"item": "C2.1"},
        {"item": "none"},
        Alert("ENT-01", "C", Tag(FOUND)),
    ),
    Plan(
        rule="ENT-02",
        name="no-room",
        fact="线下环节未安排场地 · a step off-line for which no room was assigned",
        life=tender,
        options={"way": SMOOTH, "paper": True},
        bad=(Drop("trading.venue-assigned"),),
        near=(),
        alerts=(Alert("ENT-02", "H", LOT),),
    ),
    told(
        "ENT-03",
        "unapproved",
        "目录未经批准即公布 · a catalogue published without approval",
        edition,
        {"approved": False},
        {"approved": True},
        Alert("ENT-03", "H", CATALOGUE),
    ),
    told(
        "ENT-04",
        "no-department",
        "目录事项未列主管部门 · an item of the catalogue names no department",
        edition,
        {"department": False},
        {"department": True},
        Alert("ENT-04", "M", CATALOGUE),
    ),
    Plan(
        rule="ENT-05",
        name="forced-in",
        fact="目录外项目进场而无自愿申请 · a project outside the catalogue admitted without its tenderer's wish",
        life=tender,
        options={"item": "none", "way": SMOOTH},
        bad=(Remove("trading.project-registered", "/wish"),),
        near=(),
        alerts=(Alert("ENT-05", "H", LOT),),
    ),
    told(
        "ENT-06",
        "split-in-three",
        "拆成三份，合计超限额 / 两小份 · a purchase in three parts, above the limit together / in two small ones",
        bought_outside,
        {"item": "none", "amounts": (90_000_000, 90_000_000, 90_000_000)},
        {"item": "none", "amounts": (2_000_000, 2_000_000)},
        Alert("ENT-06", "H", Tag(FOUND)),
    ),
    told(
        "ENT-07",
        "centre-chose",
        "交易系统由中心代选 / 由招标人选 · the trading system chosen by the centre / by the tenderer",
        served,
        {"kind": "trading-system", "chooser": "centre"},
        {"kind": "trading-system"},
        Alert("ENT-07", "H", LOT),
    ),
    told(
        "ENT-08",
        "unlisted-room",
        "场地不在场所目录 · a room that is not in the catalogue of venues",
        served,
        {"venue": "V-909"},
        {"venue": "V-101"},
        Alert("ENT-08", "L", LOT),
    ),
    told(
        "ENT-09",
        "stopped-then-bought",
        "终止进场后场外签约 · stopped on the platform, then bought without it",
        after_termination,
        {"contract": True},
        {"contract": False},
        Alert("ENT-09", "C", Tag(FOUND)),
        Alert("ENT-01", "C", Tag(FOUND)),
    ),
)
