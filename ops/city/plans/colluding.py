"""Bidders of one lot who belong together: COL-01 to COL-11 and COL-14 to COL-17.

What rests on one signal alone raises an alert only where its grade is 认定; then COL-17 speaks, too. All else is a
finding for the workbench (`decisions.md` 11).
"""

from collections.abc import Callable

from city.act import Seat
from city.lives.lots import tender
from city.planning import Alert, Plan, Tag
from city.tampering import Add, Later, Put, Same, Shift, Stream
from city.trading.bidding import Bidder
from city.trading.lot import Lot, Staged
from city.trading.ways import SMOOTH, Way

NOTICE = "trading.notice-published"
BID = "trading.bid-submitted"
DEPOSIT = "fee.deposit-received"
OPENED = "trading.bid-opened"
DECRYPTED = "trading.bid-decrypted"
LOT = Tag("trading.project-registered")
DAY = 86_400

SOMEBODY = "p0000000000000000000000077"
BUREAU = Seat("11140300MA0TT0511J", "REG", "urn:city:construction")
ONLINE = {"way": SMOOTH, "paper": False, "count": 4}
COMPOSITE = Alert("COL-17", "H", LOT)


def finds(rule: str, severity: str) -> tuple[Alert, ...]:
    """A finding on the lot."""
    return (Alert(rule, severity, LOT),)


def priced(*basis_points: int) -> Staged:
    """Bidders whose prices are such parts of the control price, in ten-thousandths."""

    def settle(lot: Lot, bidders: list[Bidder]) -> None:
        for one, part in zip(bidders, basis_points, strict=True):
            one.price = lot.control // 1_000_000 * 100 * part

    return Staged(bidders=settle)


def paying(together: bool) -> Callable[[Lot, list[Bidder]], None]:
    """The second bidder's deposit comes from the first one's account, or from one of its own."""

    def settle(_: Lot, bidders: list[Bidder]) -> None:
        bidders[1].pays_from = bidders[0].account if together else bidders[1].firm.account(3)

    return settle


def controlled(party: object) -> tuple[Add, ...]:
    """The register says since when the first bidder controls `party`."""
    first = Same(OPENED, "/bids/0/party")
    data = {
        "a": {"party": first},
        "b": {"party": party},
        "relation": "control",
        "action": "start",
        "on": "2024-03-01",
        "source": "company-register",
    }
    return (Add(OPENED, "party.affiliation-recorded", data, seat=BUREAU, subject=Stream("party", first)),)


PLANS = (
    Plan(
        rule="COL-01",
        name="one-machine",
        fact="两份标书来自同一网卡 / 不同网卡 · two bids came from one network card / from two",
        life=tender,
        options=ONLINE,
        bad=(Put(BID, "/device/mac", Same(BID, "/device/mac", 1), nth=2),),
        near=(Put(BID, "/device/mac", "9c:b6:d0:00:00:77", nth=2),),
        alerts=(Alert("COL-01", "H", LOT), COMPOSITE),
    ),
    Plan(
        rule="COL-02",
        name="one-address",
        fact="两份标书来自同一网络地址 / 不同地址 · two bids came from one address / from two",
        life=tender,
        options=ONLINE,
        bad=(Put(BID, "/device/ip", Same(BID, "/device/ip", 1), nth=2),),
        near=(Put(BID, "/device/ip", "60.221.8.77", nth=2),),
        alerts=(),
        findings=finds("COL-02", "M"),
    ),
    Plan(
        rule="COL-03",
        name="one-hand",
        fact="同一人递交两家的标书 / 两人 · one person handed in two firms' bids / two persons",
        life=tender,
        options=ONLINE,
        bad=(Put(BID, "/submitter", Same(BID, "/submitter", 1), nth=2),),
        near=(Put(BID, "/submitter", SOMEBODY, nth=2),),
        alerts=(),
        findings=finds("COL-03", "H"),
    ),
    Plan(
        rule="COL-04",
        name="one-account",
        fact="两家的保证金出自同一账户 / 各自账户 · two deposits came from one account / from two",
        life=tender,
        options={"way": SMOOTH, "staged": Staged(bidders=paying(together=True))},
        near_options={"way": SMOOTH, "staged": Staged(bidders=paying(together=False))},
        bad=(),
        near=(),
        alerts=(Alert("COL-04", "C", LOT), COMPOSITE),
    ),
    Plan(
        rule="COL-05",
        name="not-its-basic-account",
        fact="保证金未从基本账户转出 / 以保函提交 · the deposit was not sent from the basic account / was a guarantee",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(DEPOSIT, "/is_basic_account", False, nth=1), Put(DEPOSIT, "/form", "transfer", nth=1)),
        near=(Put(DEPOSIT, "/is_basic_account", False, nth=1), Put(DEPOSIT, "/form", "guarantee", nth=1)),
        alerts=(Alert("COL-05", "M", LOT),),
    ),
    Plan(
        rule="COL-06",
        name="one-lock",
        fact="两份报价用同一加密锁 / 不同 · two prices were made with one lock / with two",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(DECRYPTED, "/pricing_lock", Same(DECRYPTED, "/pricing_lock", 1), nth=2),),
        near=(Put(DECRYPTED, "/pricing_lock", "6200000000000077", nth=2),),
        alerts=(Alert("COL-06", "H", LOT), COMPOSITE),
    ),
    Plan(
        rule="COL-07",
        name="one-manager",
        fact="同一人任两家的项目经理 / 两人 · one person is manager in two bids / two persons",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(DECRYPTED, "/staff/0/pid", Same(DECRYPTED, "/staff/0/pid", 1), nth=2),),
        near=(Put(DECRYPTED, "/staff/0/pid", SOMEBODY, nth=2),),
        alerts=(Alert("COL-07", "H", LOT), COMPOSITE),
    ),
    Plan(
        rule="COL-08",
        name="like-a-ladder",
        fact="三个报价等距 / 间距不一 · three prices at equal distances / at different ones",
        life=tender,
        options={"way": SMOOTH, "count": 3, "staged": priced(9_200, 9_400, 9_600)},
        near_options={"way": SMOOTH, "count": 3, "staged": priced(9_200, 9_400, 9_750)},
        bad=(),
        near=(),
        alerts=(),
        findings=finds("COL-08", "M"),
    ),
    Plan(
        rule="COL-09",
        name="a-hair-apart",
        fact="两个报价相差万分之三 / 万分之十二 · two prices three ten-thousandths apart / twelve",
        life=tender,
        options={"way": SMOOTH, "count": 3, "staged": priced(9_200, 9_203, 9_600)},
        near_options={"way": SMOOTH, "count": 3, "staged": priced(9_200, 9_212, 9_600)},
        bad=(),
        near=(),
        alerts=(),
        findings=finds("COL-09", "M"),
    ),
    Plan(
        rule="COL-10",
        name="the-same-paragraphs",
        fact="两份标书段落指纹相同 / 不同 · the paragraphs of two bids are the same / are not",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(DECRYPTED, "/fingerprints", Same(DECRYPTED, "/fingerprints", 1), nth=2),),
        near=(Put(DECRYPTED, "/fingerprints/id", "F-77", nth=2),),
        alerts=(),
        findings=finds("COL-10", "H"),
    ),
    Plan(
        rule="COL-11",
        name="parent-and-child",
        fact="一家投标人控股另一家 / 控股一家未投标的 · one bidder controls another / somebody who does not bid",
        life=tender,
        options={"content": "construction", "way": SMOOTH, "staged": Staged(outsiders=True)},
        bad=controlled(Same(OPENED, "/bids/1/party")),
        near=controlled("91140300MA0TT9999N"),
        alerts=(Alert("COL-11", "C", LOT), COMPOSITE),
    ),
    Plan(
        rule="COL-14",
        name="steps-back-for-a-friend",
        fact="第一名弃标，第二名中标，两家由同一人递交 / 各自递交 · the first stepped back; one hand for both",
        life=tender,
        options={"way": Way(second=True)},
        bad=(Put(BID, "/submitter", SOMEBODY),),
        near=(),
        alerts=(COMPOSITE,),
        findings=(*finds("COL-14", "H"), *finds("COL-03", "H")),
    ),
    Plan(
        rule="COL-15",
        name="a-minute-apart",
        fact="同一网段一分钟内接连递交 / 相隔六分钟 · two bids from one network within a minute / six minutes apart",
        life=tender,
        options=ONLINE,
        bad=(
            Put(BID, "/device/net24", Same(BID, "/device/net24", 1), nth=2),
            Put(BID, "/at", Same(BID, "/at", 1), nth=2),
            Put(BID, "/at", Later("/at", seconds=60), nth=2),
        ),
        near=(
            Put(BID, "/device/net24", Same(BID, "/device/net24", 1), nth=2),
            Put(BID, "/at", Same(BID, "/at", 1), nth=2),
            Put(BID, "/at", Later("/at", seconds=360), nth=2),
        ),
        alerts=(),
        findings=finds("COL-15", "M"),
    ),
    Plan(
        rule="COL-16",
        name="before-the-notice",
        fact="公告发布前已有投标人取得文件 / 公告后 · a bidder had the document before the notice / after it",
        life=tender,
        options={"way": SMOOTH, "count": 6},
        bad=(Shift(NOTICE, 5 * DAY, nth=1),),
        near=(),
        alerts=(Alert("COL-16", "C", LOT), Alert("LED-08", "M", LOT)),
    ),
    Plan(
        rule="COL-17",
        name="machine-and-account",
        fact="同两家既同机又同一账户 / 既不同机也不同户 · one machine and one account / two of each",
        life=tender,
        options={"way": SMOOTH, "paper": False, "count": 3, "staged": Staged(bidders=paying(together=True))},
        near_options={"way": SMOOTH, "paper": False, "count": 3, "staged": Staged(bidders=paying(together=False))},
        bad=(Put(BID, "/device/mac", "9c:b6:d0:00:00:77"),),
        near=(),
        alerts=(Alert("COL-01", "H", LOT), Alert("COL-04", "C", LOT), Alert("COL-17", "C", LOT)),
    ),
)
