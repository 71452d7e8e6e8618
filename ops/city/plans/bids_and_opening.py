"""Bids and their opening: TRD-07 to TRD-10 and TRD-23."""

from collections.abc import Callable

from city.lives.lots import tender
from city.planning import Alert, Plan, Tag
from city.tampering import Later, Put, Same, Shift
from city.trading.bidding import Bidder
from city.trading.lot import Lot, Staged
from city.trading.ways import SMOOTH, Way

DOCUMENT = "trading.document-filed"
BID = "trading.bid-submitted"
OPENED = "trading.bid-opened"
DECRYPTED = "trading.bid-decrypted"
LOT = Tag("trading.project-registered")


def beside_the_reserve(fen: int) -> Callable[[Lot, list[Bidder]], None]:
    """The first bid is so many fen above the sealed reserve price."""

    def settle(lot: Lot, bidders: list[Bidder]) -> None:
        bidders[0].price = lot.reserve + fen

    return settle


PLANS = (
    Plan(
        rule="TRD-07",
        name="a-minute-late",
        fact="截止后一分钟收到仍接收 / 恰在截止时收到 · taken a minute after the deadline / at the deadline",
        life=tender,
        options={"way": SMOOTH, "count": 4},
        bad=(Put(BID, "/at", Same(DOCUMENT, "/bid_deadline"), nth=2), Put(BID, "/at", Later("/at", seconds=60), nth=2)),
        near=(Put(BID, "/at", Same(DOCUMENT, "/bid_deadline"), nth=2),),
        alerts=(Alert("TRD-07", "C", LOT),),
    ),
    Plan(
        rule="TRD-08",
        name="opened-late",
        fact="截止后三十一分钟才开标 / 三十分钟整 · opened thirty-one minutes after the deadline / exactly thirty",
        life=tender,
        options={"way": SMOOTH},
        bad=(
            Shift(OPENED, 31 * 60, rest=True),
            Put(OPENED, "/at", Same(DOCUMENT, "/bid_deadline")),
            Put(OPENED, "/at", Later("/at", seconds=31 * 60)),
        ),
        near=(
            Shift(OPENED, 30 * 60, rest=True),
            Put(OPENED, "/at", Same(DOCUMENT, "/bid_deadline")),
            Put(OPENED, "/at", Later("/at", seconds=30 * 60)),
        ),
        alerts=(Alert("TRD-08", "C", LOT),),
    ),
    Plan(
        rule="TRD-09",
        name="two-valid-bids",
        fact="四份中否决两份仍评标 / 只否决一份 · two of four bids rejected, two evaluated / only one rejected",
        life=tender,
        options={"way": Way(reject=2), "count": 4},
        near_options={"way": Way(reject=1), "count": 4},
        bad=(),
        near=(),
        alerts=(Alert("TRD-09", "H", LOT),),
    ),
    Plan(
        rule="TRD-10",
        name="another-envelope",
        fact="解密的文件与递交的不是同一份 · what was decrypted is not what was handed in",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(DECRYPTED, "/envelope_sha256", "ab" * 32, nth=1),),
        near=(Put(DECRYPTED, "/plaintext_sha256", "ab" * 32, nth=1),),
        alerts=(Alert("TRD-10", "C", LOT),),
    ),
    Plan(
        rule="TRD-23",
        name="the-reserve-to-the-fen",
        fact="报价与封存的标底分毫不差 / 相差一元 · a bid is the sealed reserve price to the fen / a yuan beside it",
        life=tender,
        options={"way": SMOOTH, "staged": Staged(reserve=True, bidders=beside_the_reserve(0))},
        near_options={"way": SMOOTH, "staged": Staged(reserve=True, bidders=beside_the_reserve(100))},
        bad=(),
        near=(),
        alerts=(Alert("TRD-23", "C", LOT),),
    ),
)
