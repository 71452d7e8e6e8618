"""Bidders and what they do before the deadline: take the document, pay the deposit, commit themselves, hand in bids.

Every firm has machines, accounts and people of its own; no two share any. All of it is sealed until the opening.
"""

import itertools
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

from city import moments
from city.act import Act, Seat
from city.chance import Chance
from city.course import Life
from city.lives.editions import edition_ref
from city.population import PORTAL, SHARES, Firm
from city.trading.lot import BIDDERS, Lot, Trace


@dataclass(slots=True)
class Bidder:
    """A firm that takes part in a lot, with what it has done so far. `price` in fen."""

    firm: Firm
    number: int
    price: int
    skill: int
    seat: Seat
    commitment: Trace | None = None
    deposit: Trace | None = None
    bid: Trace | None = None
    record: int = 0
    gone: bool = False
    turn: int = 1
    partners: list[str] = field(default_factory=list)
    pays_from: str = ""

    @property
    def account(self) -> str:
        """The account its deposit comes from and goes back to."""
        return self.pays_from or self.firm.account()

    @property
    def bid_id(self) -> str:
        """The number of its bid in the lot's system."""
        return f"{self.bid.data['bid_id']}" if self.bid is not None else ""


@lru_cache(maxsize=2048)
def device(people: str, kind: str, number: int) -> dict[str, str]:
    """The machine a firm bids with: nobody else has its numbers, network included."""
    digest = sha256(f"{people}/device".encode()).hexdigest()
    net = f"{60 + tuple(SHARES).index(kind)}.{number // 256}.{number % 256}"
    return {
        "mac": ":".join(digest[at : at + 2] for at in range(0, 12, 2)),
        "cpu": f"BFEBFBFF{digest[12:20].upper()}",
        "disk": f"S{digest[20:34].upper()}",
        "board": f"L{digest[34:44].upper()}",
        "ip": f"{net}.{int(digest[44:46], 16) % 200 + 20}",
        "net24": net,
    }


def machine(firm: Firm) -> dict[str, str]:
    """A fresh copy of a firm's machine."""
    return dict(device(firm.people, firm.kind, firm.number))


def phone(firm: Firm, role: str = "bids") -> str:
    """The telephone of a firm's contact."""
    return "13" + str(int(sha256(f"{firm.people}/{role}".encode()).hexdigest()[:12], 16) % 10**9).zfill(9)


def bidders(lot: Lot, count: int, turn: int = 1) -> list[Bidder]:
    """So many firms that may bid in a round of the lot, with prices under the limit that follow no rule."""
    chance = lot.course.chance
    people, kind = lot.course.city.people, BIDDERS.get(lot.content, "buyer")
    wanted = lot.staged
    firms = people.outside(kind, chance, count) if wanted and wanted.outsiders else people.some(kind, chance, count)
    prices = _prices(lot, chance, len(firms))
    drawn = [
        Bidder(
            firm=firm,
            number=number,
            price=price,
            skill=chance.between(70, 92),
            seat=Seat(firm.org, "BID", PORTAL),
            record=chance.between(0, 5) * 200,
            turn=turn,
        )
        for number, (firm, price) in enumerate(zip(firms, prices, strict=True), 1)
    ]
    if wanted is not None and wanted.bidders is not None:
        wanted.bidders(lot, drawn)
    return drawn


def _prices(lot: Lot, chance: Chance, count: int) -> list[int]:
    while True:
        steps = chance.some(range(90), count)
        prices = [lot.control * (8_760 + 13 * step + chance.below(4)) // 10_000 // 100 * 100 + 37 for step in steps]
        if not _regular(sorted(prices)):
            return prices


def _regular(prices: list[int]) -> bool:
    """Whether the distances between prices look made: then they are drawn again, twice as far as a rule asks."""
    gaps = [after - before for before, after in itertools.pairwise(prices)]
    return len(gaps) > 1 and (max(gaps) - min(gaps)) * 100 * len(gaps) <= 4 * sum(gaps)


def obtained(lot: Lot, firm: Firm) -> Act:
    """A firm takes the document from the system."""
    own = machine(firm)
    data: dict[str, Any] = {
        "party": firm.org,
        "ip": own["ip"],
        "mac": own["mac"],
        "at": moments.text(lot.course.now),
        "contact": {"phone": phone(firm), "email": f"bid{firm.account()[2:9]}@{firm.kind}.example"},
    }
    if lot.course.often(600):
        del data["contact"]
    return lot.post("trading.document-obtained", lot.system.seat, data)


def deposited(lot: Lot, bidder: Bidder) -> Act:
    """The deposit comes from the firm's basic account, or as a guarantee."""
    course = lot.course
    form = course.chance.weighted((("transfer", 6), ("guarantee", 3), ("insurance", 1)))
    data = {
        "party": bidder.firm.org,
        "amount": lot.deposit,
        "account": bidder.account,
        "account_holder": bidder.firm.name,
        "is_basic_account": True,
        "at": moments.text(course.now),
        "form": form,
    }
    organ = "BNK" if form == "transfer" else "PTC"
    act = lot.post("fee.deposit-received", course.city.organ(organ).seat, data, prompt=True)
    bidder.deposit = Trace.of(act)
    return act


def committed(lot: Lot, bidder: Bidder) -> Act:
    """The bidder's commitment for this lot, in the standard form (M33)."""
    course, firm = lot.course, bidder.firm
    data: dict[str, Any] = {
        "party": firm.org,
        "form": "standard",
        "template": edition_ref(course.city, "workflow"),
        "scope": "lot",
        "lot": lot.id,
        "signed_by": [
            {"pid": firm.person("legal-rep"), "role": "legal-representative"},
            {"pid": firm.person("manager"), "role": "responsible-person"},
        ],
        "published": True,
        "doc": course.doc("commitment"),
    }
    act = course.post("credit.commitment-made", bidder.seat, data, subject=f"credit:{firm.org}", prompt=True)
    bidder.commitment = Trace.of(act)
    return act


def submitted(lot: Lot, bidder: Bidder) -> Act:
    """A bid is handed in: an encrypted envelope, or a sealed one on paper."""
    course, firm = lot.course, bidder.firm
    assert bidder.commitment is not None
    word = course.chance.word()
    now = moments.text(course.now)
    data: dict[str, Any] = {
        "bid_id": f"{lot.id[21:35]}-{bidder.number:02d}" + ("" if bidder.turn == 1 else f"r{bidder.turn}"),
        "party": firm.org,
        "envelope_sha256": course.chance.hex64(),
        "envelope_bytes": 2_000_000 + word % 60_000_000 if lot.electronic else 0,
        "at": now,
        "commitment": bidder.commitment.ref,
        "submitter": firm.person("clerk"),
    }
    if bidder.partners:
        data["consortium"] = list(bidder.partners)
    if lot.electronic:
        data["receipt_no"] = f"R{word:08x}"
        data["certificate"] = f"{sha256(firm.people.encode()).hexdigest()[:12]}"
        data["device"] = machine(firm)
        if course.often(1000):
            del data["receipt_no"]
    seat = bidder.seat if course.often(1500) else lot.system.seat
    act = lot.post("trading.bid-submitted", seat, data, prompt=True)
    bidder.bid = Trace.of(act)
    return act


def rejected_late(lot: Lot, bidder: Bidder) -> Act:
    """A bid that comes after the deadline is turned away, and that is written down."""
    act = submitted(lot, bidder)
    act.data["rejected_reason"] = "late"
    return act


def withdrawn(lot: Lot, bidder: Bidder) -> Act:
    """A bidder takes its bid back before the deadline."""
    assert bidder.bid is not None
    bidder.gone = True
    data = {
        "bid": bidder.bid.ref,
        "bid_id": bidder.bid_id,
        "party": bidder.firm.org,
        "reason": lot.course.chance.pick(("项目安排冲突", "报价有误", "人员不足")),
    }
    return lot.post("trading.bid-withdrawn", bidder.seat, data, prompt=True)


def prequalified(lot: Lot, bidder: Bidder, outcome: str = "pass") -> Life:
    """Credit is looked at, then the qualification decided (M34)."""
    course, firm = lot.course, bidder.firm
    check = checked(lot, bidder, "prequalification")
    yield check
    course.seconds(240, 900)
    data: dict[str, Any] = {"party": firm.org, "outcome": outcome, "credit_check": check.ref}
    if outcome == "fail":
        data["reasons"] = [course.chance.pick(("qualification-missing", "documents-incomplete", "record-short"))]
    yield lot.post(
        "trading.prequalification-decided", lot.tenderer.seat, data, person=lot.tenderer.person("buyer"), prompt=True
    )


def checked(lot: Lot, bidder: Bidder, purpose: str) -> Act:
    """The tenderer looks at a bidder's credit."""
    course, firm = lot.course, bidder.firm
    person = lot.tenderer.person("buyer")
    data: dict[str, Any] = {
        "purpose": purpose,
        "party": firm.org,
        "grade_seen": "none",
        "measures_seen": [],
        "head_seq": 1,
        "person": person,
    }
    if purpose == "award":
        data["lot"] = lot.id
    late = course.city.head_at("head_seq")
    subject = f"credit:{firm.org}"
    return course.post(
        "credit.checked", lot.tenderer.seat, data, subject=subject, person=person, prompt=True, late=late
    )
