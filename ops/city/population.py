"""Who lives in the city: organs, firms, experts and officials, in no growing table.

Organs are those of the directory that is shipped (`schemas/rulebook/tables/organs.json`). A firm, an expert or an
official is a number: everything about it is computed from the seed when it is asked for, and may be forgotten again
(`lru_cache` of a fixed size). Natural persons are random ids and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from city import names
from city.act import Seat
from city.chance import Chance
from ledger.canonical import decode
from ledger.contracts import schemas
from ledger.identifiers import uscc

ORGANS = "rulebook/tables/organs.json"

SHARES = {
    "builder": 260, "supplier": 260, "buyer": 120, "agent": 60, "designer": 60, "supervisor": 60,
    "developer": 60, "reviewer": 12, "auditor": 20, "maker": 20, "tenderer": 68,
}  # fmt: skip
"""Of 1,000 firms, how many are of a kind. Of each kind there are at least `LEAST`."""

LEAST = 8

ERRING = 8
"""One firm in so many gets into trouble; honest lots, cases and works are left to the others."""

ORGAN_OF = {
    "builder": "BID", "supplier": "BID", "buyer": "BID", "maker": "BID", "agent": "AGT", "designer": "AGT",
    "supervisor": "AGT", "developer": "DEV", "reviewer": "DRC", "auditor": "CAI", "tenderer": "TEN",
}  # fmt: skip
"""As which organ a firm of a kind posts."""

SPECIALITIES = (
    "building", "municipal", "mechanical-electrical", "transport", "water", "civil-air-defence", "survey-design",
    "supervision", "cost", "equipment", "goods", "information", "services", "law", "land-valuation",
)  # fmt: skip

PORTAL = "urn:city:portal"
"""The system through which firms and people post."""


@dataclass(frozen=True, slots=True)
class Organ:
    """An organ of the directory. `field`: what a regulator regulates, or which of several it is."""

    org: str
    organ: str
    name: str
    region: str
    field: str
    seat: Seat


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm or public body: `kind` is a key of `SHARES`, `number` counts within the kind from 0."""

    org: str
    name: str
    kind: str
    number: int
    region: str
    seat: Seat
    people: str

    def person(self, role: str, number: int = 0) -> str:
        """The random id of one of its people: `legal-rep`, `manager`, `contact`, `signatory`, `staff` …"""
        return person(self.people, role, number)

    def account(self, number: int = 0) -> str:
        """The number of a bank account of its own; 0 is the basic account."""
        return "62" + str(int(sha256(f"{self.people}/account/{number}".encode()).hexdigest()[:14], 16)).rjust(17, "0")


@lru_cache(maxsize=16_384)
def person(*label: object) -> str:
    """The random id of a natural person: `p` and 25 characters that mean nothing."""
    return "p" + sha256("/".join(map(str, ("person", *label))).encode()).hexdigest()[:25]


class Population:
    """The people and bodies of one city. `firms`: how many firms it has altogether at the end of its years."""

    def __init__(self, seed: int, firms: int, experts: int) -> None:
        self.seed = seed
        self.organs: tuple[Organ, ...] = tuple(_organs())
        self._organs = {(one.organ, one.field): one for one in reversed(self.organs)}
        self._organs |= {(one.organ, ""): one for one in reversed(self.organs)}
        self.counts = {kind: max(LEAST, firms * share // 1000) for kind, share in SHARES.items()}
        self.experts = max(LEAST * len(SPECIALITIES), experts)
        self.firm: Callable[[str, int], Firm] = lru_cache(maxsize=4096)(self._firm)

    def organ(self, code: str, field: str = "") -> Organ:
        """An organ of the directory: the first of its code, or the one with that field or region."""
        found = self._organs.get((code, field))
        if found is None:
            found = next(one for one in self.organs if one.organ == code and one.region == field)
        return found

    def official(self, organ: Organ, role: str, number: int = 0) -> str:
        """The person who holds a post of an organ (`posts`); there are several of each."""
        return person(self.seed, "official", organ.org, role, number)

    def expert(self, number: int) -> str:
        """The expert with that number, 0 to `experts` - 1."""
        return person(self.seed, "expert", number)

    def speciality(self, number: int) -> str:
        """What the expert with that number is an expert of."""
        return SPECIALITIES[number % len(SPECIALITIES)]

    specialities = len(SPECIALITIES)

    def speciality_number(self, code: str) -> int:
        """The first expert of a speciality; the others follow at distances of `specialities`."""
        return SPECIALITIES.index(code)

    def employer(self, number: int) -> Firm:
        """Who employs the expert: a cost consultant, who never bids and has nothing traded."""
        return self.firm("auditor", number // len(SPECIALITIES) % self.counts["auditor"])

    def some(self, kind: str, chance: Chance, count: int) -> list[Firm]:
        """So many different honest firms of a kind, or all there are."""
        total = self.counts[kind]
        most = total - (total + ERRING - 1) // ERRING
        drawn: dict[int, None] = {}
        while len(drawn) < min(count, most):
            number = chance.below(total)
            if number % ERRING:
                drawn.setdefault(number)
        return [self.firm(kind, number) for number in drawn]

    def outside(self, kind: str, chance: Chance, count: int) -> list[Firm]:
        """So many different firms of those that `some` never gives, or all there are."""
        numbers = range(0, self.counts[kind], ERRING)
        return [self.firm(kind, numbers[at]) for at in chance.some(range(len(numbers)), min(count, len(numbers)))]

    def erring(self, kind: str, chance: Chance) -> Firm:
        """One of the firms that get bad records and measures: each `ERRING`-th of a kind, which `some` never gives."""
        return self.firm(kind, chance.below((self.counts[kind] + ERRING - 1) // ERRING) * ERRING)

    def _firm(self, kind: str, number: int) -> Firm:
        people = f"{self.seed}/firm/{kind}/{number}"
        mixed = int.from_bytes(sha256(people.encode()).digest()[:8])
        region, place = names.DISTRICTS[mixed % len(names.DISTRICTS)]
        office = "12" if kind == "tenderer" else "91"
        kinds = tuple(SHARES)
        body = f"M{kinds.index(kind):X}" + _base31(number * 37 + self.seed % 31, 6)
        start = f"{office}{region}{body}{uscc.organisation_check(body)}"
        code = start + uscc.check_character(start)
        source = PORTAL if kind != "tenderer" else "urn:city:tenderers"
        name = names.firm(kind, f"示范市{place}", number)
        return Firm(code, name, kind, number, region, Seat(code, ORGAN_OF[kind], source), people)


def _organs() -> list[Organ]:
    stated = decode((schemas() / ORGANS).read_bytes())["organs"]
    made, numbers = [], dict[str, int]()
    for one in stated:
        code = one["organ"]
        numbers[code] = numbers.get(code, 0) + 1
        source = f"urn:city:{code.lower()}" + ("" if numbers[code] == 1 else f"-{numbers[code]}")
        field = str(one.get("field", ""))
        made.append(Organ(one["org"], code, one["name"], one["region"], field, Seat(one["org"], code, source)))
    return made


def _base31(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 31)
        digits = uscc.ALPHABET[digit] + digits
    return digits
