"""What changes about parties and people: profiles, states, qualifications, ties, keys, certificates, demands.

Ties that would make a red-top intermediary are told when they are cut (INT-01); every other tie is among outsiders. A
firm that has shared its data is asked for no second registration (OPR-04): who is asked had not shared them.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from city import moments
from city.act import Act
from city.course import Course, Life
from city.kinds import Kind
from city.lives.inquiries import FIELDS
from city.lives.registration import registered
from city.outsiders import outsider, stranger
from city.population import Firm
from city.publicity import made_public

PROFILE = (
    ("address", "示范市甲区纸坊路 8 号"),
    ("capital", "注册资本变更为两千万元"),
    ("scope", "增加经营范围"),
    ("other", "增设分支"),
)
STATES = ("suspended", "active", "removed", "deregistered")
ACTIONS = ("granted", "changed", "revoked", "expired")
RELATIONS = (
    "control", "share", "legal-rep", "manager", "employer", "kin", "official-holds", "seconded", "organ-subordinate",
    "former-official",
)  # fmt: skip
CUT = ("official-holds", "seconded", "organ-subordinate", "former-official")
"""Told only when they end."""

REJECTED = (("expired", -30), ("unknown-issuer", 300), ("expired", -5), ("other-city", -60))
"""Why a certificate is rejected, and days until (since) it runs out: never a recognised one that is valid (OPR-05)."""


def profile(course: Course) -> Life:
    """A firm changes what it says of itself."""
    firm = course.city.people.some("supplier", course.chance, 1)[0]
    field, new = PROFILE[course.number % len(PROFILE)]
    data: dict[str, Any] = {
        "party": firm.org,
        "field": field,
        "old_hash": sha256(f"{firm.org}/{field}".encode()).hexdigest(),
        "new": new,
        "effective": moments.date_text(course.now),
    }
    yield course.post("party.profile-changed", firm.seat, data, subject=f"party:{firm.org}")


def state(course: Course) -> Life:
    """A person outside the library's draws is enrolled, suspended, taken back, removed."""
    city = course.city
    keeper, pid = city.organ("LIB"), stranger(course)
    course.subject = f"person:{pid}"
    employer = city.people.some("agent", course.chance, 1)[0]
    data: dict[str, Any] = {
        "pid": pid,
        "kind": "practitioner",
        "employer": employer.org,
        "valid_to": moments.day_text(moments.day_of(course.now) + 1095),
    }
    yield course.post("party.person-enrolled", employer.seat if course.number % 2 else keeper.seat, data)
    for step in STATES[: 2 + course.number % 3]:
        course.workdays(10, 30)
        data = {"status": step, "reason": "按管理规定办理。", "doc": course.doc("decision")}
        if step == "suspended":
            data["until"] = moments.day_text(moments.day_of(course.now) + 90)
        yield course.post("party.status-changed", keeper.seat, data)


def qualification(course: Course, *, actions: tuple[str, ...] = ()) -> Life:
    """A firm's qualification through its actions, each after a look at its credit, each made public."""
    city = course.city
    firm = outsider(course, "designer")
    issuer = city.organ("REG", "construction")
    handler = city.people.official(issuer, "handler")
    yield registered(course, firm)
    course.subject = f"party:{firm.org}"
    usual = ACTIONS[: 1 + course.number % 3] + (ACTIONS[3:] if course.number % 3 == 1 else ())
    for action in actions or usual:
        course.workdays(2, 20)
        check = {
            "purpose": "qualification",
            "party": firm.org,
            "grade_seen": "none",
            "measures_seen": [],
            "head_seq": 1,
            "person": handler,
        }
        late, subject = city.head_at("head_seq"), f"credit:{firm.org}"
        yield course.post("credit.checked", issuer.seat, check, subject=subject, person=handler, late=late)
        course.workdays(1, 3)
        today = moments.day_of(course.now)
        data: dict[str, Any] = {
            "qualification": "design",
            "action": action,
            "level": "b",
            "issuer": issuer.org,
            "cert_no": f"ZZ-{course.name}",
            "decided_on": moments.day_text(today),
            "valid_from": moments.day_text(today),
            "valid_to": moments.day_text(today + (1825 if action in ("granted", "changed") else 0)),
            "doc": course.doc("certificate"),
        }
        yield (act := course.post("party.qualification-decided", issuer.seat, data, person=handler))
        yield from made_public(course, act, issuer, party=firm.org)


def tie(course: Course) -> Life:
    """A tie among outsiders begins and ends, or a forbidden one is cut."""
    firm = outsider(course, "supplier")
    relation = RELATIONS[course.number % len(RELATIONS)]
    course.subject = f"party:{firm.org}"
    yield registered(course, firm)
    course.workdays(1, 5)
    for action in ("end",) if relation in CUT else ("start", "end"):
        yield _tied(course, firm, relation, action)
        course.workdays(20, 60)


def _tied(course: Course, firm: Firm, relation: str, action: str) -> Act:
    other = {"party": course.city.people.firm("supplier", firm.number + 8).org}
    data: dict[str, Any] = {
        "a": {"person": stranger(course, 1)} if relation == "kin" else {"party": firm.org},
        "b": other if relation in ("control", "share") else {"person": stranger(course)},
        "relation": relation,
        "action": action,
        "on": moments.date_text(course.now),
        "source": ("declared", "company-register", "personnel-record", "found")[course.number % 4],
    }
    if relation == "share":
        data["share_bp"] = 2500
    if relation == "kin":
        expert = course.city.organ("REG", FIELDS[0])
        return course.post("party.affiliation-recorded", expert.seat, data, subject=f"person:{stranger(course)}")
    return course.post("party.affiliation-recorded", firm.seat, data)


def certificate(course: Course, *, issuer: str = "外埠数字证书认证中心", days: int = 0) -> Life:
    """A certificate is shown and rejected with reason; `days` it is still valid, when that is said."""
    firm = course.city.people.some("supplier", course.chance, 1)[0]
    reason, usual = REJECTED[course.number % len(REJECTED)]
    days = days or usual
    data = {
        "issuer": issuer,
        "serial": course.code("CA"),
        "valid_to": moments.day_text(moments.day_of(course.now) + days),
        "outcome": "rejected",
        "reason": reason,
    }
    seat = course.city.organ("TSY", "second").seat
    yield course.post("party.certificate-presented", seat, data, subject=f"party:{firm.org}")


def demand(course: Course) -> Life:
    """A firm that has shared nothing is asked to register, file or show something."""
    centre = course.city.organ("PTC")
    firm = outsider(course, "supplier")
    yield registered(course, firm, shared=False)
    course.minutes(30, 200)
    data = {
        "demander": centre.org,
        "demander_person": course.city.people.official(centre, "operator-staff"),
        "kind": ("registration", "filing", "verification")[course.number % 3],
        "legal_basis": "公共资源交易平台管理暂行办法",
        "entity_already_shared": False,
    }
    if course.often(2500):
        del data["demander_person"]
    yield course.post("party.registration-demanded", centre.seat, data, subject=f"party:{firm.org}")


def key(course: Course) -> Life:
    """An outsider registers a key, replaces it by the old one, and revokes the first."""
    firm = outsider(course, "supplier")
    course.subject = f"party:{firm.org}"
    yield registered(course, firm)
    course.minutes(30, 200)
    yield (first := _keyed(course, firm, "k1", "issuer"))
    course.workdays(10, 40)
    yield _keyed(course, firm, "k2", "old-key")
    course.minutes(5, 30)
    data: dict[str, Any] = {
        "party": firm.org,
        "kid": "k1",
        "reason": ("planned", "suspected", "lost", "staff")[course.number % 4],
        "registered": first.ref,
    }
    if data["reason"] in ("suspected", "lost"):
        data["suspected_since"] = moments.text(course.now - 3 * moments.HOUR)
    yield course.post("party.key-revoked", firm.seat, data)


def _keyed(course: Course, firm: Firm, kid: str, voucher: str) -> Act:
    data: dict[str, Any] = {
        "party": firm.org,
        "kid": kid,
        "alg": "Ed25519",
        "public_key": urlsafe_b64encode(course.chance.bytes(32)).decode().rstrip("="),
        "sources": [f"urn:city:firm:{firm.org}"],
        "vouched_by": voucher,
        "valid_to": moments.day_text(moments.day_of(course.now) + 365),
    }
    if voucher == "issuer":
        data["certificate"] = course.doc("certificate")
    else:
        data["old_kid"] = "k1"
    return course.post("party.key-registered", firm.seat, data)


def erasure(course: Course) -> Life:
    """A contact is told, is needed no more, and is erased when its holder asks; two persons of two organs approve."""
    city = course.city
    firm, bureau, audit = outsider(course, "supplier"), city.organ("ASB"), city.organ("AUD")
    yield registered(course, firm)
    course.workdays(1, 5)
    contact = stranger(course)
    told: dict[str, Any] = {
        "party": firm.org,
        "field": "contacts",
        "old_hash": sha256(f"{firm.org}/contacts".encode()).hexdigest(),
        "new": "联系人变更",
        "contacts": [{"pid": contact, "phone": f"138{course.chance.below(10**8):08d}"}],
        "effective": moments.date_text(course.now),
    }
    yield (changed := course.post("party.profile-changed", firm.seat, told, subject=f"party:{firm.org}"))
    course.workdays(60, 90)
    data = {
        "target": changed.ref,
        "legal_basis": "个人信息保护法 第四十七条",
        "approved_by": [city.people.official(bureau, "principal"), city.people.official(audit, "principal")],
        "approving_orgs": [bureau.org, audit.org],
        "kept_fields": ["/party", "/field"],
        "manifest_sha256": course.chance.hex64(),
        "manifest_count": 1,
    }
    yield course.post("ledger.payload-shredded", bureau.seat, data, subject="ledger:log")


KINDS = (
    Kind("erasure", erasure, share=6, events=3),
    Kind("profile", profile, share=8, events=1),
    Kind("status", state, share=12, events=4),
    Kind("qualification", qualification, share=35, events=12),
    Kind("tie", tie, share=12, events=3),
    Kind("certificate", certificate, share=5, events=1),
    Kind("demand", demand, share=6, events=2),
    Kind("key", key, share=12, events=4),
)
