"""From the idea to the notice: registration, approval of the method, entry, services, rooms, document, notice."""

from typing import Any

from city import moments
from city.act import Act
from city.approvals.project import begin, draw
from city.approvals.tables import ITEMS
from city.approvals.ways import smooth
from city.course import Life
from city.lives.catalogue import VENUES
from city.lives.editions import edition_ref
from city.lives.investment import one
from city.trading.lot import ALL_STEPS, IN_ROOM, Lot, tendering

GROUNDS = {
    "invited": ("few-bidders", "disproportionate-cost"), "none": ("disaster-relief", "other-law"),
    "negotiation": ("urgent", "retender-failed"), "consultation": ("few-bidders", "other-law"),
    "inquiry": ("other-law",), "single-source": ("only-supplier", "proprietary-technology"),
}  # fmt: skip
"""Why another way than the open tender is allowed."""

OFFICIAL = ["city-platform", "provincial-platform"]
"""The channels a notice goes out on (M23)."""

SOURCE = {"C1": "approval", "C2": "plan", "C3": "approval", "C4": "decision", "C5": "decision"}
"""What a lot rests on when it is registered."""


def registered(lot: Lot, *, wish: bool = False) -> Act:
    """The tenderer registers the lot."""
    course, category = lot.course, lot.category
    rooms = () if lot.electronic else IN_ROOM
    data: dict[str, Any] = {
        "lot_id": lot.id,
        "name": lot.name,
        "region": lot.region,
        "catalogue_item": lot.item,
        "entry_basis": "voluntary" if wish else "catalogue",
        "tenderer": lot.tenderer.org,
        "content": lot.content,
        "method": lot.method,
        "estimate": lot.estimate,
        "electronic_steps": [step for step in ALL_STEPS if step not in rooms],
        "regulator": lot.regulator.org,
        "source_doc": course.doc(SOURCE[category]),
    }
    if category in ("C1", "C2"):
        data["control_price"] = lot.control
    elif lot.course.often(3000):
        data["reserve_price"] = lot.estimate - lot.estimate * 7 // 100 + 137
    if lot.reserve:
        data["reserve_price"] = lot.reserve
    if category == "C1":
        data["civil_air_defence"] = lot.civil_air_defence
    if wish:
        data["wish"] = course.doc("wish")
    if course.often(400):
        del data["name"]
    for_ten = course.city.organ("PTC").seat if course.often(2500) else lot.tenderer.seat
    return lot.post("trading.project-registered", for_ten, data, person=lot.tenderer.person("buyer"), role="handler")


def approved(lot: Lot, organ: str = "ASB", field: str = "") -> Act:
    """The organ that approved the project allows the method."""
    course = lot.course
    deciding = course.city.organ(organ, field)
    signatory = course.city.people.official(deciding, "principal")
    data = {
        "method": lot.method,
        "grounds": course.chance.pick(GROUNDS[lot.method]),
        "organ": deciding.org,
        "signatory": signatory,
        "decision_no": course.code("FS"),
        "doc": course.doc("approval"),
        "served_to": [lot.tenderer.org],
    }
    return lot.post("trading.method-approved", deciding.seat, data, person=signatory, role="principal")


def entry(lot: Lot, outcome: str = "accepted", reason: str = "incomplete-materials") -> Act:
    """The trading centre takes the lot in, or sends it back."""
    handler = lot.staff()
    data: dict[str, Any] = {"outcome": outcome, "demands": ["source-document"], "handler": handler}
    if outcome != "accepted":
        data["reasons"] = [reason]
    if lot.course.often(5000):
        data["served_to"] = [lot.tenderer.org]
    seat = lot.course.city.organ("PTC").seat
    return lot.post("trading.entry-decided", seat, data, person=handler, role="operator-staff")


def services(lot: Lot) -> Life:
    """The tenderer chooses agent (or a body of its own) and trading system, online and among several."""
    course, city = lot.course, lot.course.city
    buyer = lot.tenderer.person("buyer")

    def chosen(kind: str, who: str, options: list[str]) -> Act:
        data: dict[str, Any] = {
            "kind": kind,
            "chosen": who,
            "chosen_by": buyer,
            "chooser_org": lot.tenderer.org,
            "options": options,
            "channel": "online",
        }
        if kind == "agent":
            data["contract"] = course.doc("contract")
        return lot.post("trading.service-chosen", lot.tenderer.seat, data, person=buyer, role="handler")

    if lot.agent is not None:
        others = [firm.org for firm in city.people.some("agent", course.chance, 2)]
        course.minutes(20, 200)
        yield chosen("agent", lot.agent.org, sorted({lot.agent.org, *others}))
        course.minutes(10, 60)
        yield _engaged(lot)
    elif course.often(4000):
        course.minutes(20, 200)
        yield chosen("management-body", lot.tenderer.org, [lot.tenderer.org])
    course.minutes(5, 60)
    systems = [city.organ("TSY", "first").org, city.organ("TSY", "second").org]
    yield chosen("trading-system", lot.system.org, systems)


def _engaged(lot: Lot) -> Act:
    """The agent commits itself in writing for this lot (Z3)."""
    agent = lot.agent
    assert agent is not None
    data = {
        "party": agent.org,
        "form": "written",
        "template": edition_ref(lot.course.city, "workflow"),
        "scope": "service",
        "lot": lot.id,
        "signed_by": [
            {"pid": agent.person("legal-rep"), "role": "legal-representative"},
            {"pid": agent.person("manager"), "role": "responsible-person"},
        ],
        "published": True,
        "doc": lot.course.doc("commitment"),
    }
    return lot.course.post("credit.commitment-made", agent.seat, data, subject=f"credit:{agent.org}", prompt=True)


def room(lot: Lot, step: str, begin: int, end: int) -> Act:
    """A room of the trading centre for a step, with cameras."""
    course = lot.course
    data = {
        "venue": course.chance.pick(VENUES),
        "step": step,
        "from": moments.text(begin),
        "to": moments.text(end),
        "av_devices": ["摄像机一", "摄像机二"],
    }
    return lot.post("trading.venue-assigned", course.city.organ("PTC").seat, data, person=lot.staff())


def document(lot: Lot, deadline: int, sale_from: int, sale_to: int) -> Act:
    """The trading document, with criteria, grounds for rejection and the deadline, is filed."""
    course, chance = lot.course, lot.course.chance
    lot.deadline = deadline
    lot.revision += 1
    author = lot.agent or lot.tenderer
    data: dict[str, Any] = {
        "revision": lot.revision,
        "doc": course.doc("tender-document"),
        "author_meta": {"author": author.person("author"), "machine": author.person("machine")},
        "conditions": ["qualification", "manager", "credit"] if lot.category == "C1" else ["qualification", "credit"],
        "criteria_hash": lot.criteria_hash,
        "criteria": lot.criteria,
        "aggregation": lot.aggregation,
        "rejection_grounds": [
            {"code": "not-signed", "text": "投标函未经单位盖章和单位负责人签字"},
            {"code": "price-above-limit", "text": "报价高于最高投标限价"},
            {"code": "not-responsive", "text": "未响应实质性要求和条件"},
        ],
        "key_terms_hash": lot.key_terms,
        "deposit": lot.deposit,
        "sale_from": moments.text(sale_from),
        "sale_to": moments.text(sale_to),
        "bid_deadline": moments.text(deadline),
        "price_fixed": chance.often(7000),
    }
    if course.often(1500):
        del data["author_meta"]
    return lot.post("trading.document-filed", lot.host, data, person=author.person("handler"), prompt=True)


def notice(lot: Lot, kind: str, opens: int, closes: int) -> Act:
    """A notice on the two official platforms."""
    course = lot.course
    doc = course.doc("notice")
    data: dict[str, Any] = {
        "kind": kind,
        "title": f"{lot.name}{TITLES[kind]}",
        "channel": OFFICIAL,
        "document": lot.acts["trading.document-filed"].ref,
        "opens_at": moments.text(opens),
        "closes_at": moments.text(closes),
        "doc": doc,
    }
    if course.often(3000):
        data["source_notice"] = {"id": f"N{doc['sha256'][:16]}"}
    if course.often(700):
        del data["title"]
    seat = lot.host if not course.often(1500) else course.city.organ("PTC").seat
    person = (lot.agent or lot.tenderer).person("handler")
    return lot.post("trading.notice-published", seat, data, at=opens, person=person, prompt=True)


TITLES = {
    "tender": "采购（招标）公告", "prequalification": "资格预审公告", "transfer": "转让公告", "land": "出让公告",
    "single-source": "单一来源采购公示", "retender": "重新招标公告", "termination": "终止公告",
}  # fmt: skip


def state(lot: Lot, to: str, ground: str, by: str = "") -> Act:
    """Suspended, resumed, failed or terminated, by the tenderer or by order of the regulator."""
    ordered = by == "REG"
    seat = lot.regulator.seat if ordered else lot.tenderer.seat
    official = lot.course.city.people.official(lot.regulator, "regulator")
    data = {
        "to": to,
        "ground": ground,
        "by": seat.org,
        "doc": lot.course.doc("decision"),
    }
    person = official if ordered else lot.tenderer.person("buyer")
    return lot.post("trading.state-changed", seat, data, person=person, prompt=True)


SEEN = ("秩序正常", "按程序进行，未见异常", "人员到齐，设备正常", "过程完整")


def witness(lot: Lot, step: str, *, flag: str = "normal") -> Act:
    """The trading centre's witness record of a step."""
    course = lot.course
    who = lot.staff("operator-staff", 1)
    data: dict[str, Any] = {
        "step": step,
        "at": moments.text(course.now),
        "observations": course.chance.pick(SEEN) if flag == "normal" else "有人在评审区外逗留打听，已固定证据",
        "flag": flag,
        "av_doc": course.doc("recording", 40_000_000, 900_000_000),
        "witness": who,
    }
    if course.often(2000):
        del data["av_doc"]
    return lot.post("trading.witness-recorded", course.city.organ("PTC").seat, data, person=who)


def project_begun(lot: Lot) -> Life:
    """The investment project behind works gets its code; where the method needs approval, so does the project first.

    The project's developer is the tenderer; the project stands on every act of the lot from here on.
    """
    course, chance = lot.course, lot.course.chance
    approve = lot.method != "open" or chance.often(6000)
    project = draw(course, "approve" if approve else "ratify", small=True, tall=False, state=approve)
    lot.tenderer = tendering(project.developer)
    yield from begin(course, project, tender=True)
    if lot.method != "open":
        yield from one(course, project, ITEMS["investment-approve", "proposal"], smooth(chance), start=(1, 3))
    course.subject = f"lot:{lot.id}"
