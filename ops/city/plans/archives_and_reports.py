"""Archive (ARC) and work reports (RPT).

A section's missing week (RPT-01), a quarter without the party group (RPT-02) and a year without assessment (RPT-03) are
the bureau's own, of which there is one: no life beside it can leave them out.
"""

from city.grounds.paper import assessed, filed_with_report, reviewed_edition, week
from city.lives.archives import archive
from city.lives.lots import tender
from city.lives.services import service
from city.planning import Alert, Plan, Tag, told
from city.tampering import Drop, Put
from city.trading.ways import Way

SEALED = "archive.dossier-sealed"

PLANS = (
    Plan(
        rule="ARC-01",
        name="no-dossier",
        fact="标段终止九十日未归档 · a lot terminated and no dossier sealed within ninety days",
        life=tender,
        options={"way": Way(ends="announced")},
        bad=(Drop("archive.item-filed"), Drop(SEALED)),
        near=(),
        alerts=(Alert("ARC-01", "M", Tag("trading.project-registered")),),
        wait=95,
    ),
    Plan(
        rule="ARC-02",
        name="recording-missing",
        fact="案卷缺音视频 / 齐全 · a dossier without its recording / whole",
        life=archive,
        bad=(Put(SEALED, "/missing", ["recording"]),),
        near=(Put(SEALED, "/missing", []),),
        alerts=(Alert("ARC-02", "M", Tag(SEALED)),),
    ),
    told(
        "ARC-03",
        "destroyed-early",
        "保管期内销毁 / 无保管期的副本 · disposed of while it must be kept / a copy without retention",
        archive,
        {"retention": "10y"},
        {"retention": "none"},
        Alert("ARC-03", "C", Tag("archive.item-disposed")),
    ),
    told(
        "ARC-04",
        "another-document",
        "归档文件与入账文件哈希不一致 / 一致 · what is archived is not what the log names / is",
        filed_with_report,
        {"same": False},
        {"same": True},
        Alert("ARC-04", "H", Tag("archive.item-filed")),
    ),
    told(
        "RPT-04",
        "poor-and-kept",
        "考核差仍保留评优资格 / 已取消 · found poor and still eligible / no longer",
        assessed,
        {"kept": True},
        {"kept": False},
        Alert("RPT-04", "M", Tag("report.assessment-decided")),
    ),
    told(
        "RPT-05",
        "figures-invented",
        "周报数字与台账不符 / 未列数字 · a figure that the log does not give / no figure",
        week,
        {"accepted": 999_999},
        {"accepted": None},
        Alert("RPT-05", "M", Tag("report.weekly-submitted")),
    ),
    Plan(
        rule="RPT-06",
        name="bad-review-unanswered",
        fact="差评五个工作日未回复 · a bad review is not answered within five working days",
        life=service,
        options={"stars": 1},
        bad=(Drop("rating.review-answered"),),
        near=(),
        alerts=(Alert("RPT-06", "L", Tag("rating.review-submitted")),),
        wait=15,
    ),
    told(
        "RPT-07",
        "no-legal-review",
        "规则版本未经合法性审核 / 已审核 · an edition without legal review / with it",
        reviewed_edition,
        {"opinion": "none"},
        {"opinion": "pass"},
        Alert("RPT-07", "M", Tag("rulebook.edition-published")),
    ),
)
