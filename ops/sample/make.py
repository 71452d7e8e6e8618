"""Writes notices.json: sixty made-up award-candidate notices of a city that does not exist.

The file has the form of a real feed (`api/importers/candidates.py`), with its traps: consortia, rates, words for
prices, 未提供, column heads, several sections in one notice, re-tenders, a second publication, damaged rows. Five
notices are publicised for less than 72 hours, and three firms meet, take turns and bid close together: patterns to
look at. City, projects, firms and addresses are invented. Numbers come from SHA-256 in counter mode, so that everyone
who runs

    python ops/sample/make.py

writes the same bytes.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

FORM = "%Y年%m月%d日 %H时%M分"
SITE = "https://ggzy.yanchuan.example"
INVENTED = json.loads((Path(__file__).parent / "invented.json").read_text(encoding="utf-8"))
BUILDERS, DESIGNERS = INVENTED["firms"]["builders"], INVENTED["firms"]["designers"]
SUPERVISORS, SUPPLIERS = INVENTED["firms"]["supervisors"], INVENTED["firms"]["suppliers"]
TRADES = {"施工": BUILDERS, "监理": SUPERVISORS, "设计": DESIGNERS, "采购": SUPPLIERS, "EPC": BUILDERS}
Row = dict[str, Any]
Line = tuple[str, str]


class Numbers:
    """Whole numbers from SHA-256 of a seed and a counter."""

    def __init__(self, seed: str) -> None:
        self._seed, self._count = seed, 0

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1."""
        self._count += 1
        return int.from_bytes(sha256(f"{self._seed}/{self._count}".encode()).digest()[:8]) % limit

    def pick(self, items: list[str], count: int) -> list[str]:
        """`count` different items, in an order of its own."""
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(count)]


@dataclass(frozen=True)
class Open:
    """When a notice is open: from `start`, for `hours` and `minutes`."""

    start: datetime
    hours: int
    minutes: int = 0

    def text(self) -> str:
        """The period as the feed writes it."""
        end = self.start + timedelta(hours=self.hours, minutes=self.minutes)
        return f"{self.start.strftime(FORM)}至{end.strftime(FORM)}"


def at(year: int, month: int, day: int, hour: int = 17, minute: int = 0) -> datetime:
    """A moment of Beijing time."""
    return datetime(year, month, day, hour, minute, tzinfo=timezone(timedelta(hours=8)))


def row(name: str, period: Open, lines: list[Line], *, suffix: str = "中标候选人公示", mark: str = "") -> Row:
    """One row of the feed; `mark` (第2次公示 and the like) follows name and title, as in the feed."""
    day = period.start.strftime("%Y-%m-%d")
    digest = sha256(f"{name}{mark}{day}".encode()).hexdigest()
    notice = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    path = f"/jyxx/003001/003001004/{period.start.strftime('%Y%m%d')}/{notice}.html"
    return {
        "infoid": notice,
        "infourl": path,
        "parsed_data": {
            "project_name": name + mark,
            "publicity_period": period.text(),
            "bidders_and_prices": [{"bidder": who, "price": offer} for who, offer in lines],
            "full_url": SITE + path,
        },
        "raw_data": {"title": name + suffix + mark, "infodate": day},
    }


def yuan(fen: int) -> str:
    """An amount as the feed writes it."""
    return f"{fen // 100}.{fen % 100:02d}"


def near(numbers: Numbers, base: int, spread_bp: int) -> str:
    """A price within `spread_bp` basis points around `base` fen."""
    return yuan(base + base * (numbers.below(2 * spread_bp + 1) - spread_bp) // 10_000 + numbers.below(100))


def consortium(numbers: Numbers, lead: str) -> str:
    """A builder with a designer, as the feed writes consortia."""
    return f"{lead}、{numbers.pick(DESIGNERS, 1)[0]}联合体"


def ordinary(numbers: Numbers) -> list[Row]:
    """The everyday notices: three candidates, a period of three days or more."""
    made = []
    day = at(2025, 9, 1)
    for index, project in enumerate(INVENTED["projects"]):
        name, trade, base = project["name"], project["trade"], project["yuan"]
        day += timedelta(days=4 + numbers.below(5))
        while day.weekday() > 4 and index % 9:
            day += timedelta(days=1)
        bidders = numbers.pick(TRADES[trade], 3)
        if trade == "EPC":
            bidders = [consortium(numbers, lead) for lead in bidders]
        lines = [(who, near(numbers, base * 100, 250)) for who in bidders]
        made.append(row(name, Open(day, (72, 73, 78, 72, 96, 120)[index % 6], (0, 0, 59, 30, 0, 0)[index % 6]), lines))
    return made


def ring(numbers: Numbers) -> list[Row]:
    """Three firms that meet again and again, take turns at the top and bid within five ten-thousandths."""
    made = []
    day = at(2025, 10, 13, 16, 30)
    for index, project in enumerate(INVENTED["ring_projects"]):
        name, base, firms = project["name"], project["yuan"], INVENTED["firms"]["ring"]
        day += timedelta(days=21)
        bidders = [firms[(index + place) % 3] for place in range(3)]
        lines = [(who, near(numbers, base * 100, 4 if index % 2 else 30)) for who in bidders]
        made.append(row(name, Open(day, 74), lines))
    return made


def short(numbers: Numbers) -> list[Row]:
    """Five notices open for less than 72 hours."""
    periods = [(24, 0), (48, 0), (60, 30), (71, 0), (71, 59)]
    names = ["青砚区烛台巷排水管网改造工程", "临溪县石磨村道路硬化工程", "砚川市风铃公园改造工程监理"]
    names += ["墨池镇中心小学操场改造工程", "砚川市笔架山路灯更换采购"]
    made = []
    for index, (name, (hours, minutes)) in enumerate(zip(names, periods, strict=True)):
        start = at(2025, 11, 4 + 5 * index)
        bidders = numbers.pick(SUPERVISORS if "监理" in name else BUILDERS, 3)
        lines = [(who, near(numbers, (1_800_000 + 900_000 * index) * 100, 200)) for who in bidders]
        made.append(row(name, Open(start, hours, minutes), lines))
    return made


def traps(numbers: Numbers) -> list[Row]:
    """What makes the feed hard to read."""
    a, b, c = numbers.pick(BUILDERS, 3)
    d, e, f = numbers.pick(DESIGNERS, 3)
    s, t, u = numbers.pick(SUPERVISORS, 3)
    five = [(who, near(numbers, 4_600_000_000, 120)) for who in numbers.pick(BUILDERS, 5)]
    bank, pump = "青砚区砚溪河堤整治工程", "临溪县老泵站更新工程（二标段）"
    lines = [(who, near(numbers, 1_250_000_000, 200)) for who in (a, b, c)]
    head = [(f"{a}、{d}联合体", "投标报价(元/%)"), (f"{b}、{e}联合体", "设计费下浮率18%；建安工程费下浮率2.5%")]
    head += [(f"{c}、{f}联合体", "设计费下浮率16%；建安工程费下浮率3%")]
    both = [(a, "8120000.00"), (b, "8195500.00"), (c, "8230010.50"), (b, "6104000.00"), (a, "6188000.00")]
    return [
        row(bank, Open(at(2025, 12, 2), 72), lines),
        row(bank, Open(at(2025, 12, 10), 72), lines, mark="第2次公示"),
        row(pump, Open(at(2025, 12, 15), 73), [(a, "2310000.00"), (c, "2298800.00"), (b, "2340000.00")]),
        row(
            pump + "(第2次招标)",
            Open(at(2026, 2, 3), 72),
            [(c, "2286000.00"), (b, "2291500.00"), (a, "230万元")],
        ),
        row(
            "砚川市图书馆分馆监理(第2次招标)",
            Open(at(2026, 1, 6, 9), 80),
            [(s, "98.5%"), (t, "97.25%"), (u, "未提供")],
        ),
        row(
            "砚川市古桥测绘设计（第3次招标）",
            Open(at(2026, 1, 12), 72),
            [(d, "下浮率20.50%"), (e, "下浮率18%")],
        ),
        row("青砚区学校屋顶光伏EPC总承包", Open(at(2026, 1, 20), 72), head),
        row(
            "临溪县河砂清运服务",
            Open(at(2026, 3, 3), 72),
            [(a, "5.10元/吨"), (b, "5.02元/吨"), (c, "5.05元/吨")],
        ),
        row("砚川市体育馆幕墙工程施工", Open(at(2026, 3, 9), 78, 59), five),
        row("墨池镇道路养护一标段、二标段施工", Open(at(2026, 3, 16), 72), both),
        row("砚川市规划展馆设计", Open(at(2026, 3, 23), 72), [(d, "1.938%"), (e, "1.929%"), (f, "1.95%")]),
        row(
            "青砚区二次供水设施改造监理",
            Open(at(2026, 4, 1), 96),
            [(f"牵头人：{s}；成员：{t}", "412000元"), (u, "¥408,000.00")],
        ),
        row(
            "砚川市档案馆书架采购",
            Open(at(2026, 4, 8), 72),
            [("砚川纸镇家具厂", "96.8"), ("青砚木匣家具厂", "95.0")],
        ),
        row(
            "临溪县茶园道路工程",
            Open(at(2026, 4, 14), 72),
            [(a, "3320000.00"), (b, "3358000.00")],
            mark="更正公示",
        ),
    ]


def damaged(numbers: Numbers) -> list[Row]:
    """Two rows that cannot be understood: a day that does not exist, and a price that is a number."""
    lines = [(who, near(numbers, 300_000_000, 200)) for who in numbers.pick(BUILDERS, 3)]
    no_day = row("墨池镇文化站修缮工程", Open(at(2026, 2, 24), 72), lines)
    period = no_day["parsed_data"]["publicity_period"]
    no_day["parsed_data"]["publicity_period"] = period.replace("02月27日", "02月30日")
    number = row("临溪县渡口码头维修工程", Open(at(2026, 5, 11), 72), lines)
    number["parsed_data"]["bidders_and_prices"][1]["price"] = 3012000.5
    return [no_day, number]


def feed() -> list[Row]:
    """All rows in the order of their days."""
    numbers = Numbers("sunledger sample 1")
    made = ordinary(numbers) + ring(numbers) + short(numbers) + traps(numbers) + damaged(numbers)
    return sorted(made, key=lambda made_row: (made_row["raw_data"]["infodate"], made_row["infoid"]))


if __name__ == "__main__":
    text = json.dumps(feed(), ensure_ascii=False, indent=0)  # noqa: TID251  (a file for people, in the feed's own form)
    (Path(__file__).parent / "notices.json").write_text(text + "\n", encoding="utf-8")
