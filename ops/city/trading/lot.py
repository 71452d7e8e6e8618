"""A lot: what is traded, by whom, how, and under which terms; and its acts so far."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from city import moments, names
from city.act import Act, Seat
from city.course import Course
from city.lives.catalogue import REGULATOR_OF
from city.population import Firm, Organ
from ledger.canonical import encode
from ledger.identifiers.iso7064 import ALPHANUMERIC_AND_STAR, check_character

if TYPE_CHECKING:
    from city.trading.bidding import Bidder

ITEMS = {
    "C1": ("C1.1", "C1.2", "C1.3", "C1.4", "C1.5", "C1.6"),
    "C2": ("C2.1",),
    "C3": ("C3.1", "C3.2"),
    "C4": ("C4.1a", "C4.1b", "C4.1c", "C4.2a", "C4.2b", "C4.2c", "C4.2d", "C4.3"),
    "C5": ("C5.1", "C5.2", "C5.3", "C5.4", "C5.5", "C5.6"),
}
"""Items of the city's catalogue by category."""

METHODS = {
    "C1": ("open", "invited", "none"),
    "C2": ("open", "invited", "negotiation", "consultation", "inquiry", "single-source"),
    "C3": ("auction", "listing"),
    "C4": ("auction", "listing"),
    "C5": ("open", "auction", "listing"),
}
"""Methods that fit a category."""

CONTENTS = {
    "C1": (("construction", 6), ("design", 1), ("survey", 1), ("supervision", 2), ("equipment", 1), ("materials", 1)),
    "C2": (("goods", 3), ("services", 2)),
    "C3.1": (("land", 1),), "C3.2": (("mining-rights", 1),), "C4.1a": (("property-rights", 1),),
    "C4.1b": (("capital-increase", 1),), "C4.1c": (("assets", 1),), "C4.2": (("assets", 1),),
    "C4.3": (("confiscated", 1),), "C5": (("other", 1),),
}  # fmt: skip
"""What an item's lots are about, with weights; the longest beginning of the item's code counts."""

BIDDERS = {
    "construction": "builder", "design": "designer", "survey": "designer", "supervision": "supervisor",
    "equipment": "supplier", "materials": "supplier", "goods": "supplier", "services": "supplier",
}  # fmt: skip
"""Which kind of firm bids for a content; `buyer` for all others."""

SPECIALITY = {
    "C1.1": "building", "C1.2": "municipal", "C1.3": "mechanical-electrical", "C1.4": "transport", "C1.5": "water",
    "C1.6": "municipal", "C2.1": "goods", "C5": "land-valuation",
}  # fmt: skip

KIND = {"C1": "A01", "C2": "D01", "C3": "B01", "C4": "C01", "C5": "E01"}
"""Kind of deal in the deal code, by category."""

ALL_STEPS = (
    "registration", "notice", "document", "opening", "evaluation", "auction", "publicity", "confirmation", "complaint",
    "performance",
)  # fmt: skip
IN_ROOM = ("opening", "evaluation", "auction")
"""Steps that are held in a room of the trading centre when they are not electronic."""

CENTRE = "12140300MA0TT001XR"


NEEDED = {
    "trading.project-registered": ("reserve_price",), "trading.document-filed": ("doc",),
    "trading.bid-submitted": ("bid_id", "at", "envelope_sha256"), "fee.deposit-received": ("amount", "form"),
    "trading.bid-opened": ("doc", "av_doc"), "trading.evaluation-completed": ("report",),
    "trading.witness-recorded": ("av_doc",), "draw.expert-responded": ("call_record",),
    "trading.contract-signed": ("doc", "start_due", "finish_due"),
}  # fmt: skip
"""Members of payloads that later acts of the lot ask for."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What is left of an act that has happened: how it is referred to, when it was, and the members asked for later.

    A lot lives for months and a city has thousands open, so the acts themselves are not kept.
    """

    source: str
    id: str
    at: int
    data: dict[str, Any]

    @classmethod
    def of(cls, act: Act) -> "Trace":
        """The trace of an act."""
        data = {name: act.data[name] for name in NEEDED.get(act.type, ()) if name in act.data}
        return cls(act.event["source"], act.event["id"], act.at, data)

    @property
    def ref(self) -> dict[str, str]:
        """How another event refers to the act."""
        return {"source": self.source, "id": self.id}


@dataclass(frozen=True, slots=True)
class Staged:
    """What a plan of misconduct wants of a lot, else of chance.

    `outsiders`: firms and experts that no honest lot meets (`population.ERRING`). `same_experts`: exactly as many in
    the pool as are wanted, always the same. `bidders(lot, drawn)` settles prices, skills and firms, in place.
    `reserve`: there is a sealed reserve price. `aggregation`, `region`: see the document and the registration.
    """

    outsiders: bool = False
    same_experts: bool = False
    bidders: "Callable[[Lot, list[Bidder]], None] | None" = None
    reserve: bool = False
    aggregation: str = ""
    region: str = ""


@dataclass(slots=True)
class Lot:
    """One lot. Amounts in fen, moments in seconds. `acts` keeps a trace of the last act of each type."""

    course: Course
    id: str
    item: str
    method: str
    content: str
    tenderer: Firm
    agent: Firm | None
    system: Organ
    regulator: Organ
    region: str
    name: str
    estimate: int
    control: int
    electronic: bool
    civil_air_defence: bool
    deposit: int
    criteria: list[dict[str, Any]]
    aggregation: str
    key_terms: str
    deadline: int = 0
    revision: int = 0
    kind: str = ""
    publicity_until: int = 0
    ranking: list["Bidder"] = field(default_factory=list)
    winner: "Bidder | None" = None
    reserve: int = 0
    acts: dict[str, Trace] = field(default_factory=dict)
    staged: "Staged | None" = None

    @property
    def category(self) -> str:
        """C1 to C5."""
        return self.item[:2] if self.item != "none" else "C1"

    @property
    def host(self) -> Seat:
        """Who acts for the tenderer: the agent where there is one."""
        return self.agent.seat if self.agent is not None else self.tenderer.seat

    @property
    def criteria_hash(self) -> str:
        """SHA-256 of the canonical bytes of the criteria and how they are put together."""
        return sha256(encode({"aggregation": self.aggregation, "criteria": self.criteria})).hexdigest()

    def beside(self, course: Course) -> "Lot":
        """The same lot with the same acts on another course, for what runs beside."""
        return replace(self, course=course)

    def post(self, type_: str, seat: Seat, data: dict[str, Any], **more: Any) -> Act:
        """Post an act on the lot and remember it."""
        act = self.course.post(type_, seat, data, **more)
        self.acts[type_] = Trace.of(act)
        return act

    def staff(self, role: str = "operator-staff", number: int = 0) -> str:
        """Somebody of the trading centre."""
        return self.course.city.people.official(self.course.city.organ("PTC"), role, number)


def draw_lot(
    course: Course, item: str, method: str, content: str = "", *, paper: bool | None = None,
    staged: Staged | None = None,
) -> Lot:  # fmt: skip
    """A lot of an item by a method, everything else of chance. Its subject and project become the course's."""
    city, chance = course.city, course.chance
    category = item[:2] if item != "none" else "C1"
    content = content or chance.weighted(next(CONTENTS[key] for key in _beginnings(item) if key in CONTENTS))
    tenderer = city.people.some("tenderer", chance, 1)[0]
    field_ = REGULATOR_OF.get(item, "construction")
    defence = category == "C1" and content in ("construction", "equipment") and chance.often(700)
    priced = category not in ("C3", "C4") and method in ("open", "invited", "consultation")
    estimate = chance.between(80, 6_000) * 1_000_000
    region, place = names.DISTRICTS[chance.below(len(names.DISTRICTS))]
    works = names.WORKS.get(item) or names.WORKS["C1.2"]
    lot = Lot(
        course=course,
        id=_deal_code(course, KIND[category]),
        item=item,
        method=method,
        content=content,
        tenderer=tendering(tenderer),
        agent=city.people.some("agent", chance, 1)[0] if category in ("C1", "C2") else None,
        system=city.organ("TSY", "first" if chance.often(6500) else "second"),
        regulator=city.organ("REG", field_),
        region=region,
        name=f"示范市{place}{chance.pick(names.STREETS)}{chance.pick(works)}项目",
        estimate=estimate,
        control=estimate - estimate * chance.between(50, 300) // 10_000,
        electronic=not chance.often(1200) if paper is None else not paper,
        civil_air_defence=defence,
        deposit=estimate // 100 // 10_000 * 10_000,
        criteria=_criteria(chance.between(0, 4)) if priced else _price_alone(),
        aggregation=chance.pick(("mean", "trimmed-mean")) if priced else "lowest-price",
        key_terms=chance.hex64(),
    )  # fmt: skip
    if staged is not None:
        lot.staged = staged
        lot.aggregation = staged.aggregation or lot.aggregation
        lot.region = staged.region or lot.region
        lot.reserve = lot.control * 95 // 10_000 * 100 if staged.reserve else 0
    course.subject = f"lot:{lot.id}"
    return lot


def tendering(firm: Firm) -> Firm:
    """The firm as it posts when it has something traded."""
    return replace(firm, seat=Seat(firm.org, "TEN", "urn:city:tenderers"))


def _beginnings(item: str) -> list[str]:
    return [item[:length] for length in range(len(item), 1, -1)] + ["C1"]


def _criteria(shift: int) -> list[dict[str, Any]]:
    price = 3000 + 500 * shift
    rest = 10_000 - price - 1000
    plan, staff = rest // 2, rest // 4
    return [
        {"code": "price", "max": price, "subjective": False, "formula": "max * lowest / price"},
        {"code": "record", "max": 1000, "subjective": False, "formula": "200 * works, at most max"},
        {"code": "plan", "max": plan, "subjective": True},
        {"code": "staff", "max": staff, "subjective": True},
        {"code": "service", "max": rest - plan - staff, "subjective": True},
    ]


def _price_alone() -> list[dict[str, Any]]:
    return [{"code": "price", "max": 10_000, "subjective": False, "formula": "max * lowest / price"}]


def _deal_code(course: Course, kind: str) -> str:
    """统一交易标识码 with its check; the serial is computed from the name of the life."""
    left, serial = int.from_bytes(sha256(course.name.encode()).digest()[:8]), ""
    for _ in range(6):
        left, digit = divmod(left, 36)
        serial += ALPHANUMERIC_AND_STAR[digit]
    body = f"{kind}{CENTRE}{moments.date_text(course.now).replace('-', '')}{serial}"
    return body + check_character(body, ALPHANUMERIC_AND_STAR)
