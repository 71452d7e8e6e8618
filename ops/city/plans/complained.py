"""Complaints (CMP)."""

from city.grounds.parties import complained_twice
from city.lives.complaints import Way, complaint
from city.lives.readings import reading
from city.planning import Alert, Plan, Tag, told
from city.tampering import Drop, Put, Same

SIMPLE = {"way": Way("complaint", "letter", "REG", "accepted", "rejected", ground="evaluation")}
LODGED = Tag("complaint.lodged")

PLANS = (
    Plan(
        rule="CMP-01",
        name="never-accepted",
        fact="投诉三个工作日内未作受理决定 · no decision on acceptance within three working days",
        life=complaint,
        options=SIMPLE,
        bad=(Drop("complaint.acceptance-decided"), Drop("complaint.decided"), Drop("complaint.answered")),
        near=(),
        alerts=(Alert("CMP-01", "M", LODGED),),
        wait=12,
    ),
    Plan(
        rule="CMP-02",
        name="never-decided",
        fact="受理后三十个工作日未办结 · accepted and not decided within thirty working days",
        life=complaint,
        options=SIMPLE,
        bad=(Drop("complaint.decided"), Drop("complaint.answered")),
        near=(),
        alerts=(Alert("CMP-02", "H", LODGED),),
        wait=60,
    ),
    Plan(
        rule="CMP-03",
        name="never-answered",
        fact="已处理而未反馈 · decided and never answered",
        life=complaint,
        options=SIMPLE,
        bad=(Drop("complaint.answered"),),
        near=(),
        alerts=(Alert("CMP-03", "H", LODGED),),
        wait=15,
    ),
    Plan(
        rule="CMP-04",
        name="judge-in-own-cause",
        fact="被诉单位自行处理 · the organ complained of decides",
        life=complaint,
        options=SIMPLE,
        bad=(
            Put("complaint.lodged", "/subject/-", Same("complaint.lodged", "/addressee")),
            Put("complaint.decided", "/subject/-", Same("complaint.lodged", "/addressee")),
        ),
        near=(),
        alerts=(Alert("CMP-04", "C", LODGED), Alert("SEP-09", "H", LODGED)),
    ),
    Plan(
        rule="CMP-05",
        name="reporter-exposed",
        fact="办案组以外查阅举报人身份 / 一般信息 · the vault of reporters read from outside / something internal",
        life=reading,
        bad=(Put("ledger.access-logged", "/class", "vault"), Put("ledger.access-logged", "/object", "complaint:TS-1")),
        near=(Put("ledger.access-logged", "/class", "internal"),),
        alerts=(Alert("CMP-05", "C", Tag("ledger.access-logged")),),
    ),
    told(
        "CMP-06",
        "upheld-twice",
        "同一主体两次投诉成立 / 一次成立 · two complaints about one party upheld / one of two",
        complained_twice,
        {"upheld": 2},
        {"upheld": 1},
        Alert("CMP-06", "M", Tag("party.entity-registered")),
    ),
)
