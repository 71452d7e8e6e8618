"""The draw and the committee: EXP-01 to EXP-10."""

from city.act import Seat
from city.lives.lots import tender
from city.planning import Alert, Plan, Tag
from city.plans.rings import ring
from city.tampering import Add, Drop, Put, Same, Stream
from city.trading.lot import Staged
from city.trading.ways import SMOOTH, Way

REQUESTED = "draw.requested"
CONDUCTED = "draw.conducted"
RESPONDED = "draw.expert-responded"
UNSEALED = "draw.list-unsealed"
ATTENDED = "draw.expert-attended"
FORMED = "trading.committee-formed"
LOT = Tag("trading.project-registered")
DRAW = Tag(REQUESTED)

SUPERVISOR = Seat("11140300MA0TT0511J", "REG", "urn:city:construction")
OUTSIDERS = {"content": "construction", "way": SMOOTH, "staged": Staged(outsiders=True)}
FIRST = Same(FORMED, "/members/0/pid")


def employed_by(party: object) -> tuple[Add, ...]:
    """The register says that the committee's first member has been employed by `party` since before the lot."""
    data = {
        "a": {"person": FIRST},
        "b": {"party": party},
        "relation": "employer",
        "action": "start",
        "on": "2025-01-06",
        "source": "company-register",
    }
    return (Add(FORMED, "party.affiliation-recorded", data, seat=SUPERVISOR, subject=Stream("person", FIRST)),)


def stands(status: str, reason: str) -> tuple[Add, ...]:
    """The first expert drawn has that status when the list is unsealed."""
    data = {"status": status, "reason": reason, "doc": Same(RESPONDED, "/call_record")}
    drawn = Stream("person", Same(CONDUCTED, "/result/0"))
    return (Add(UNSEALED, "party.status-changed", data, seconds=2, seat=SUPERVISOR, subject=drawn),)


PLANS = (
    Plan(
        rule="EXP-01",
        name="county-library",
        fact="专家从县级库抽取 / 从省级库抽取 · drawn from a county's library / from the province's",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(REQUESTED, "/library_level", "county"),),
        near=(Put(REQUESTED, "/library_level", "national"),),
        alerts=(Alert("EXP-01", "H", DRAW),),
    ),
    Plan(
        rule="EXP-02",
        name="another-reveal",
        fact="公布的种子与事先承诺不符 / 相符 · a seed that was revealed is not the one committed to / is",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(CONDUCTED, "/seed_reveals/0/reveal", "ab" * 32),),
        near=(),
        alerts=(Alert("EXP-02", "C", DRAW),),
    ),
    Plan(
        rule="EXP-03",
        name="never-drawn",
        fact="评委中有一人从未被抽中 / 全部抽中 · a member of the committee was never drawn / all were",
        life=tender,
        options={"way": SMOOTH},
        bad=(
            Put(FORMED, "/members/0/pid", "p0000000000000000000000077"),
            Put(FORMED, "/chair", Same(FORMED, "/members/1/pid")),
        ),
        near=(Put(FORMED, "/chair", Same(FORMED, "/members/1/pid")),),
        alerts=(Alert("EXP-03", "C", LOT),),
    ),
    Plan(
        rule="EXP-04",
        name="paid-by-a-bidder",
        fact="评委是投标人的雇员 / 曾是他处雇员 · a member is employed by a bidder / by nobody who bids",
        life=tender,
        options=OUTSIDERS,
        bad=employed_by(Same("trading.bid-opened", "/bids/0/party")),
        near=employed_by("91140300MA0TT9999N"),
        alerts=(Alert("EXP-04", "C", LOT),),
    ),
    Plan(
        rule="EXP-05",
        name="answered-all-the-same",
        fact="以无人接听换人而通话记录显示已接听 / 确未接听 · dropped for not answering who had answered / had not",
        life=tender,
        options={"way": Way(refuse=1)},
        bad=(
            Put(RESPONDED, "/response", "no-answer", nth=1),
            Put(RESPONDED, "/reason", "not-reached", nth=1),
            Put(RESPONDED, "/answered", True, nth=1),
        ),
        near=(
            Put(RESPONDED, "/response", "no-answer", nth=1),
            Put(RESPONDED, "/reason", "not-reached", nth=1),
            Put(RESPONDED, "/answered", False, nth=1),
        ),
        alerts=(Alert("EXP-05", "H", DRAW),),
    ),
    Plan(
        rule="EXP-06",
        name="unsealed-by-hand",
        fact="名单由人工解密 / 由系统解密 · the list was unsealed by hand / by the system",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(UNSEALED, "/by_system", False),),
        near=(),
        alerts=(Alert("EXP-06", "C", DRAW),),
    ),
    Plan(
        rule="EXP-07",
        name="three-experts-of-five",
        fact="五人评委会只有三名专家 / 四名 · three experts in a committee of five / four",
        life=tender,
        options={"way": SMOOTH},
        bad=(Put(FORMED, "/members/3/kind", "tenderer"),),
        near=(),
        alerts=(Alert("EXP-07", "H", LOT),),
    ),
    Plan(
        rule="EXP-08",
        name="always-the-same-winner",
        fact="同一专家评的四个标段都由同一家中标 / 三个 · the same firm won four lots of the same expert / three",
        life=ring,
        options={"wins": (0, 0, 0, 0), "same_experts": True},
        near_options={"wins": (0, 0, 0), "same_experts": True},
        bad=(),
        near=(),
        alerts=(Alert("EXP-08", "M", Tag(FORMED, "person", "/members/0/pid")),),
    ),
    Plan(
        rule="EXP-09",
        name="suspended-and-seated",
        fact="评委在被暂停期间参评 / 暂停已解除 · a member sat while suspended / after the suspension was lifted",
        life=tender,
        options=OUTSIDERS,
        bad=stands("suspended", "未按规定回避"),
        near=stands("active", "暂停期满"),
        alerts=(Alert("EXP-09", "H", LOT),),
    ),
    Plan(
        rule="EXP-10",
        name="scored-from-elsewhere",
        fact="评分的专家没有签到 / 均已签到 · an expert who never signed in gave scores / all had",
        life=tender,
        options={"way": SMOOTH},
        bad=(Drop(ATTENDED, nth=1),),
        near=(),
        alerts=(Alert("EXP-10", "C", LOT),),
    ),
)
