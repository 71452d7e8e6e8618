"""Misconduct in approvals (APV): limits, parallel handling, materials, commitments, pauses, signatures, reasons."""

from city.act import Seat
from city.approvals.tables import ITEMS, OTHER
from city.approvals.ways import PLAIN, Way
from city.lives.investment import investment, single_case
from city.lives.straight import straight
from city.planning import Alert, Plan, Tag
from city.tampering import Add, Again, Attribute, Drop, Later, Put, Remove, Same, Shift

APPLIED, ACCEPTED = "approval.application-submitted", "approval.acceptance-decided"
SIGNED, DECIDED, DELIVERED = "approval.step-signed", "approval.decided", "approval.document-delivered"
CASE, PROJECT = Tag(APPLIED), Tag("project.coded")
DAY = 86_400

ENERGY = OTHER["energy-review"]
PERMIT = ITEMS["construction-permit", "construction-permit"]
FILING = ITEMS["investment-file", "project-filing"]

STATED = (
    Put(DECIDED, "/decided_on", Later("time")),
    Put(DELIVERED, "/at", Later("time")),
)
"""What a moved case says of its days."""

PAPER = {
    "id": "m-extra",
    "kind": "application-material",
    "sha256": "ab" * 32,
    "bytes": 48_211,
    "media_type": "application/pdf",
}

NOBODY = "p9zzzzzzzzzzzzzzzzzzzzzzzz"
"""A person without any appointment."""

BUREAU = "11140300MA0TT0204R"
NETWORKS = (Seat(BUREAU, "ASB", "urn:city:gov-service"), Seat(BUREAU, "ASB", "urn:city:construction-approval"))
"""The other two of the three networks."""


def copies(outcome: str) -> tuple[Add, ...]:
    """The acceptance as the other two networks have it; the last says this outcome."""
    return tuple(
        Add(
            ACCEPTED,
            ACCEPTED,
            {
                "outcome": outcome if last else "accepted",
                "limit_days": Same(ACCEPTED, "/limit_days"),
                "limit_unit": Same(ACCEPTED, "/limit_unit"),
                "handler": Same(ACCEPTED, "/handler"),
            },
            seconds=300 + 60 * last,
            seat=NETWORKS[last],
        )
        for last in (0, 1)
    )


PLANS = (
    Plan(
        rule="APV-01",
        name="forty-five-days-more",
        fact="首个事项多办四十五日，全程超过三十四个工作日 · a case takes 45 days more, the whole over 34 working days",
        life=investment,
        options={"kind": "general-industrial", "way": PLAIN},
        bad=(Put(ACCEPTED, "/limit_days", 90, nth=1), Shift(SIGNED, 45 * DAY, nth=2, rest=True), *STATED),
        near=(Put(ACCEPTED, "/limit_days", 90, nth=1), Shift(SIGNED, 3 * DAY, nth=2, rest=True), *STATED),
        alerts=(Alert("APV-01", "M", PROJECT), Alert("APV-01", "H", PROJECT)),
    ),
    Plan(
        rule="APV-02",
        name="three-weeks-late",
        fact="承诺时限六个工作日，晚三周才决定 · decided three weeks late; the limit is six working days",
        life=single_case,
        options={"item": ENERGY, "way": PLAIN},
        bad=(Shift(SIGNED, 21 * DAY, nth=2, rest=True), *STATED),
        near=(Shift(SIGNED, 3600, nth=2, rest=True), *STATED),
        alerts=(Alert("APV-02", "M", CASE),),
    ),
    Plan(
        rule="APV-03",
        name="by-post",
        fact="备案经邮寄而非线上办理 · a filing handed in by post instead of online",
        life=single_case,
        options={"item": FILING, "way": Way(channel="online")},
        bad=(Put(APPLIED, "/channel", "post"),),
        near=(Put(APPLIED, "/channel", "self-service"),),
        alerts=(Alert("APV-03", "M", CASE),),
    ),
    Plan(
        rule="APV-04",
        name="one-after-the-other",
        fact="可并联的两个事项先后办理 · two cases that may run side by side are handled one after the other",
        life=investment,
        options={"kind": "ratify", "way": PLAIN, "serial": True},
        near_options={"kind": "ratify", "way": PLAIN},
        bad=(),
        near=(),
        alerts=(Alert("APV-04", "L", PROJECT),),
    ),
    Plan(
        rule="APV-05",
        name="told-twice",
        fact="补正通知发了两次 · what is missing is told twice",
        life=single_case,
        options={"item": ENERGY, "way": Way(intake="deficiency")},
        bad=(Again("approval.deficiency-notified", (("/notice_no", 2),), seconds=3600),),
        near=(),
        alerts=(Alert("APV-05", "M", CASE),),
    ),
    Plan(
        rule="APV-06",
        name="not-on-the-list",
        fact="索要清单以外的材料 · a material that is on no list",
        life=single_case,
        options={"item": ENERGY, "way": PLAIN},
        bad=(Put(APPLIED, "/materials/-", {"kind": "other", "doc": PAPER}),),
        near=(Put(APPLIED, "/materials/-", {"kind": "identity", "doc": PAPER}),),
        alerts=(Alert("APV-06", "M", PROJECT),),
    ),
    Plan(
        rule="APV-07",
        name="promise-forgotten",
        fact="承诺到期后无人核查 · nobody looks whether a commitment was kept",
        life=single_case,
        options={"item": ENERGY, "way": Way(promise="kept")},
        bad=(Drop("approval.commitment-checked"),),
        near=(),
        wait=95,
        alerts=(Alert("APV-07", "M", CASE),),
    ),
    Plan(
        rule="APV-08",
        name="never-supplied",
        fact="容缺受理的材料始终未补 · the tolerated material never comes",
        life=single_case,
        options={"item": ENERGY, "way": Way(intake="tolerant")},
        bad=(Drop("approval.material-supplemented"),),
        near=(),
        wait=18,
        alerts=(Alert("APV-08", "H", CASE),),
    ),
    Plan(
        rule="APV-09",
        name="leader-away",
        fact="以领导外出为由停表 · the clock stands still because the leader is away",
        life=single_case,
        options={"item": ENERGY, "way": Way(pause=True)},
        bad=(Put("approval.clock-changed", "/ground", "leader-away"),),
        near=(Put("approval.clock-changed", "/ground", "survey"),),
        alerts=(Alert("APV-09", "H", CASE),),
    ),
    Plan(
        rule="APV-10",
        name="within-minutes",
        fact="各环节在五分钟内补签 · all steps are signed within five minutes",
        life=single_case,
        options={"item": ENERGY, "way": Way(rush=True)},
        near_options={"item": ENERGY, "way": PLAIN},
        bad=(),
        near=(),
        alerts=(Alert("APV-10", "H", CASE),),
    ),
    Plan(
        rule="APV-11",
        name="no-edition",
        fact="决定未注明所依流程版本 · the decision names no edition of the workflow",
        life=single_case,
        options={"item": ENERGY, "way": PLAIN},
        bad=(Remove(DECIDED, "/workflow"), Attribute(DECIDED, "edition", None)),
        near=(Attribute(DECIDED, "edition", None),),
        alerts=(Alert("APV-11", "M", CASE),),
    ),
    Plan(
        rule="APV-12",
        name="signed-by-nobody",
        fact="签发人没有任职 · the signatory holds no post",
        life=single_case,
        options={"item": ENERGY, "way": PLAIN},
        bad=(Put(DECIDED, "/signatory", NOBODY),),
        near=(),
        alerts=(Alert("APV-12", "C", CASE),),
    ),
    Plan(
        rule="APV-13",
        name="networks-disagree",
        fact="三网中一网记为不予受理 · one of the three networks says that the case was not accepted",
        life=single_case,
        options={"item": ENERGY, "way": PLAIN},
        bad=copies("refused"),
        near=copies("accepted"),
        alerts=(Alert("APV-13", "M", CASE),),
    ),
    Plan(
        rule="APV-14",
        name="no-prior-opinion",
        fact="施工许可前没有人防前置意见 · a building permit without the prior opinion of civil air-defence",
        life=single_case,
        options={"item": PERMIT, "way": Way(opinions=("CAD-C",))},
        bad=(Drop("approval.joint-opinion-given"),),
        near=(),
        alerts=(Alert("APV-14", "H", CASE),),
    ),
    Plan(
        rule="APV-15",
        name="nobody-watched",
        fact="结建审批全程没有驻办纪检组长监督 · the resident discipline head never looks at the case",
        life=straight,
        options={"until": "conditions"},
        bad=(Drop("supervision.process-supervised"),),
        near=(),
        alerts=(Alert("APV-15", "M", CASE),),
    ),
    Plan(
        rule="APV-16",
        name="no-reasons",
        fact="不予批准而未说明理由 · refused without a reason",
        life=single_case,
        options={"item": ENERGY, "way": Way(ending="refused")},
        bad=(Remove(DECIDED, "/reasons"),),
        near=(),
        alerts=(Alert("APV-16", "M", CASE),),
    ),
    Plan(
        rule="APV-17",
        name="at-the-window",
        fact="不见面事项仍在窗口受理 · an item that is online only is handed in at the window",
        life=single_case,
        options={"item": ENERGY, "way": Way(channel="window")},
        near_options={"item": ENERGY, "way": Way(channel="self-service")},
        bad=(),
        near=(),
        alerts=(Alert("APV-17", "L", CASE),),
    ),
    Plan(
        rule="APV-18",
        name="at-night",
        fact="夜间十一时作出决定 · decided at eleven at night",
        life=single_case,
        options={"item": ENERGY, "way": Way(night=True)},
        near_options={"item": ENERGY, "way": PLAIN},
        bad=(),
        near=(),
        alerts=(Alert("APV-18", "L", CASE),),
    ),
)
