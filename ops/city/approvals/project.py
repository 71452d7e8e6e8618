"""A project as approvals see it: its code, who builds what, where and with whose money, and the shelter it owes."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from city import moments, names
from city.act import Act
from city.approvals.tables import SHELTER, SIZES
from city.chance import Chance
from city.course import Course, Life
from city.population import Firm

LEAST_AREA, MOST_AREA = 60_000, 6_000_000
"""Floor areas of buildings, in 0.01 m²."""


@dataclass(slots=True)
class Project:
    """What every step of a project asks for. `coded` is the act that gave it its code."""

    code: str
    developer: Firm
    name: str
    region: str
    kind: str
    funding: tuple[str, ...]
    state_bp: int
    floor_area: int
    investment: int
    storeys: int
    zone: str
    required: int = 0
    acts: dict[str, Act | None] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The stream of the project itself."""
        return f"project:{self.code}"


def code_of(course: Course, region: str) -> str:
    """A project code in the form of 2021: month, region, guiding department, kind, six figures of chance."""
    mixed = int.from_bytes(sha256(f"{course.city.seed}/{course.name}".encode()).digest()[:8])
    month = moments.day_text(moments.day_of(course.now))
    return f"{month[2:4]}{month[5:7]}-{region}-{mixed % 90 + 10}-0{mixed // 90 % 5 + 1}-{mixed // 450 % 1_000_000:06d}"


def draw(course: Course, kind: str, *, state: bool = False, tall: bool | None = None, small: bool = False) -> Project:
    """A project of a class (`approve`, `ratify`, `file`, `general-industrial`). `tall`: ten storeys or more.

    `small`: so little floor area that no shelter is owed. `state`: paid for by the state.
    """
    chance = course.chance
    firm = course.city.people.some("developer", chance, 1)[0]
    zone = chance.pick(SHELTER["zones"])
    if tall is None:
        tall = chance.often(6_000)
    storeys = chance.between(10, 20) if tall else chance.between(1, 2) if small else chance.between(3, 9)
    least = SHELTER["low"]["floor_area_from"]
    area = chance.between(20_000, least - 1) if small and not tall else chance.between(2 * least, MOST_AREA)
    funding: tuple[str, ...]
    if state:
        funding, share = chance.pick((("fiscal",), ("fiscal", "special"), ("gov-financed", "fiscal"))), 10_000
    else:
        funding, share = chance.pick(
            ((("private",), 0), (("soe-own", "private"), 2000), (("soe-loan", "soe-financing", "private"), 3000))
        )
    word = names.STREETS[chance.below(len(names.STREETS))]
    what = "住宅楼" if tall else "办公用房" if not small else "附属用房"
    if kind == "general-industrial":
        what = "厂房"
    return Project(
        code=code_of(course, zone["region"]),
        developer=firm,
        name=f"{word}片区{chance.between(1, 60)}号{what}",
        region=zone["region"],
        kind=kind,
        funding=funding,
        state_bp=share,
        floor_area=area,
        investment=area // 100 * chance.between(250_000, 420_000),
        storeys=storeys,
        zone=zone["zone"],
    )


def begin(course: Course, project: Project, *, tender: bool = False) -> Life:
    """The project gets its code: from bureau, regulator or province. `tender`: what it needs must be tendered."""
    course.project, course.subject = project.code, project.subject
    city, chance = course.city, course.chance
    seat = chance.weighted(((city.organ("ASB"), 6), (city.organ("REG", "development"), 3), (city.organ("PRV"), 1))).seat
    data: dict[str, Any] = {
        "name": project.name,
        "developer": project.developer.org,
        "region": project.region,
        "class": project.kind,
        "funding": list(project.funding),
        "state_funded_bp": project.state_bp,
        "investment": project.investment,
        "tender_mandatory": tender,
        "secret_level": "none",
    }
    if chance.often(9_500):
        data["floor_area"] = project.floor_area
    if chance.often(9_000):
        data["parcels"] = [f"{project.region}-{course.name}-GB{chance.below(100_000):05d}"]
    project.acts["coded"] = act = course.post("project.coded", seat, data)
    yield act


def changed(course: Course, project: Project) -> Life:
    """Something about it changes that no limit depends on: its name, its schedule, its contents."""
    chance = course.chance
    what, old, new = chance.pick(
        (
            ("name", project.name, project.name + "（一期）"),
            ("schedule", "十八个月", "二十四个月"),
            ("content", "地上建筑与配套", "地上建筑、配套与绿化"),
        )
    )
    data = {"field": what, "old": old, "new": new, "reason": "设计深化"}
    if chance.often(7_000):
        seat = project.developer.seat
        data["developer"] = project.developer.org
    else:
        seat = course.city.organ("ASB").seat
    yield course.post("project.changed", seat, data, subject=project.subject)


def required_area(project: Project) -> tuple[int, str]:
    """The shelter a civil building owes, in 0.01 m², and the ground (`obligation-grounds`): rounded up, never down.

    Source: 山西省人民防空工程建设条例 art. 11, as in `tables/shelter-obligation.json`.
    """
    tall, low = SHELTER["tall"], SHELTER["low"]
    if project.kind == "general-industrial":
        return 0, "not-civil"
    if project.storeys >= tall["storeys_from"]:
        return -(-project.floor_area // project.storeys), "ten-storeys"
    if project.floor_area < low["floor_area_from"]:
        return 0, "below-threshold"
    share = low["share_of_floor_area_bp"][zone_class(project.zone)]
    return -(-project.floor_area * share // 10_000), "under-ten-storeys"


def zone_class(zone: str) -> str:
    """The class of a zone, on which its share depends."""
    found: str = next(one["class"] for one in SHELTER["zones"] if one["zone"] == zone)
    return found


def size_of(area: int, investment: int) -> tuple[str, str]:
    """The size of single-built works and on what it rests (`size-bases`): the highest class reached counts."""
    by_area = next(one["size"] for one in SIZES["sizes"] if area >= one["area_from"])
    by_money = next(one["size"] for one in SIZES["sizes"] if investment >= one["investment_from"])
    order = [one["size"] for one in SIZES["sizes"]]
    if by_area == by_money:
        return by_area, "area-and-investment"
    return (by_area, "area") if order.index(by_area) < order.index(by_money) else (by_money, "investment")


def sized(chance: Chance, size: str) -> tuple[int, int]:
    """An area (0.01 m²) and an investment (fen) that make works of a size, well inside it."""
    order = [one["size"] for one in SIZES["sizes"]]
    at = order.index(size)
    row = SIZES["sizes"][at]
    above = (
        SIZES["sizes"][at - 1]
        if at
        else {"area_from": row["area_from"] * 2, "investment_from": row["investment_from"] * 2}
    )
    area = chance.between(max(row["area_from"], 30_000), above["area_from"] * 9 // 10)
    least, most = max(row["investment_from"] * 14 // 10, 100_000_000), above["investment_from"] * 9 // 10
    return area, chance.between(least, most)
