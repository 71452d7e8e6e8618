"""Misconduct in fees (FEE, and CAD-17): items, rates, collectors, sums, remittance, refunds, deposits."""

from city.lives.lots import tender
from city.lives.shelters import offsite
from city.lives.small_fees import small_fee
from city.planning import Alert, Plan, Tag
from city.tampering import Add, Drop, More, Put, Remove, Same
from city.trading.ways import SMOOTH

ASSESSED, PAID, REMITTED = "fee.assessed", "fee.paid", "fee.remitted"
RECEIVED, RETURNED = "fee.deposit-received", "fee.deposit-returned"
FEE, LOT = Tag(ASSESSED), Tag("trading.project-registered")

CERTIFICATE = {"way": "plain", "item": "certificate"}
"""One certificate for a year: 200 yuan, in one payment."""

OFFICE = "11140300MA0TT0634K"
"""The civil air-defence office, which no longer collects (N2.4.2)."""


def sums(amount: int, paid: int) -> tuple[Put, ...]:
    """What is assessed, and what comes in and goes on."""
    return (Put(ASSESSED, "/amount", amount), Put(PAID, "/amount", paid), Put(REMITTED, "/amount", paid))


PLANS = (
    Plan(
        rule="FEE-01",
        name="own-item",
        fact="收取目录以外的费用 · a fee for what is on no list",
        life=small_fee,
        options={"way": "plain", "item": "archive-copy"},
        bad=(Put(ASSESSED, "/item", "parking"),),
        near=(),
        alerts=(Alert("FEE-01", "C", FEE),),
    ),
    Plan(
        rule="FEE-02",
        name="above-the-rate",
        fact="每年收二百一十元，标准为二百元 · 210 yuan a year where the list says 200",
        life=small_fee,
        options=CERTIFICATE,
        bad=(Put(ASSESSED, "/rate", 21_000), *sums(21_000, 21_000)),
        near=(Put(ASSESSED, "/rate", 19_000), *sums(19_000, 19_000)),
        alerts=(Alert("FEE-02", "C", FEE),),
    ),
    Plan(
        rule="FEE-03",
        name="public-information",
        fact="对应当公开的信息收费 · a fee for information that must be public",
        life=small_fee,
        options={"way": "plain", "item": "archive-copy"},
        bad=(Put(ASSESSED, "/item", "other"),),
        near=(Put(ASSESSED, "/item", "archive-copy"),),
        alerts=(Alert("FEE-03", "H", FEE),),
    ),
    Plan(
        rule="FEE-04",
        name="office-collects",
        fact="易地建设费由人防办自收，应统一收取 · the civil air-defence office collects the fee itself",
        life=offsite,
        options={"approved": True, "undone": False},
        bad=(Put(PAID, "/collector", OFFICE),),
        near=(),
        alerts=(Alert("FEE-04", "H", FEE),),
    ),
    Plan(
        rule="FEE-05",
        name="does-not-add-up",
        fact="数量乘标准为二百元，核定一百九十九元 · quantity times rate is 200 yuan, assessed are 199",
        life=small_fee,
        options=CERTIFICATE,
        bad=sums(19_900, 19_900),
        near=sums(20_000, 20_000),
        alerts=(Alert("FEE-05", "M", FEE),),
    ),
    Plan(
        rule="FEE-06",
        name="paid-short",
        fact="到期少缴一元 · one yuan short on the due day",
        life=small_fee,
        options=CERTIFICATE,
        bad=sums(20_000, 19_900),
        near=sums(20_000, 20_000),
        wait=28,
        alerts=(Alert("FEE-06", "H", FEE),),
    ),
    Plan(
        rule="FEE-07",
        name="never-remitted",
        fact="收款后未缴库 · what was paid is never remitted",
        life=small_fee,
        options=CERTIFICATE,
        bad=(Drop(REMITTED),),
        near=(),
        wait=12,
        alerts=(Alert("FEE-07", "M", FEE),),
    ),
    Plan(
        rule="FEE-08",
        name="refund-without-decision",
        fact="没有决定就退费 · a refund without any decision",
        life=small_fee,
        options={"way": "refunded", "item": "certificate"},
        bad=(Remove("fee.refunded", "/decision"),),
        near=(),
        alerts=(Alert("FEE-08", "H", FEE),),
    ),
    Plan(
        rule="FEE-09",
        name="deposit-too-high",
        fact="保证金为估算价的百分之二点五，上限百分之二 · a deposit of 2.5 in a hundred; 2 are allowed",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(RECEIVED, "/amount", More(basis_points=15_000)), Put(RETURNED, "/amount", More(basis_points=15_000))),
        near=(Put(RECEIVED, "/amount", More(basis_points=5_000)), Put(RETURNED, "/amount", More(basis_points=5_000))),
        alerts=(Alert("FEE-09", "M", LOT),),
    ),
    Plan(
        rule="CAD-17",
        name="deferred",
        fact="易地建设费予以缓缴 · the fee for building off site is deferred",
        life=offsite,
        options={"approved": True, "undone": False},
        bad=(
            Add(
                ASSESSED,
                "fee.deferred",
                {"amount": Same(ASSESSED, "/amount"), "source": "declared", "person": Same(ASSESSED, "/reviewer")},
                seconds=1200,
            ),
        ),
        near=(),
        alerts=(Alert("CAD-17", "C", FEE),),
    ),
)
