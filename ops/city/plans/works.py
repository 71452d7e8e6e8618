"""Misconduct on the site (QUA): supervision, procedures, equipment, acceptance, filing, use."""

from city.lives.straight import straight
from city.planning import Alert, Plan, Tag
from city.tampering import Add, Drop, Put, Remove, Same, Shift

STARTED, ORDERED, RECHECKED = (
    "quality.construction-started",
    "quality.rectification-ordered",
    "quality.rectification-rechecked",
)
APPLIED, CONCLUDED, REPORT = "quality.acceptance-applied", "quality.acceptance-concluded", "quality.report-issued"
WORKS = Tag(STARTED)
DAY = 86_400

NEXT = {"procedure": "waterproofing", "order": 9, "on": Same(STARTED, "/on", 2)}

PLANS = (
    Plan(
        rule="QUA-01",
        name="notice-unsigned",
        fact="质量监督通知书未经建设单位签订 · the supervision notice is not signed by the developer",
        life=straight,
        options={"until": "site"},
        bad=(Put("quality.supervision-started", "/signed_by_developer", False),),
        near=(),
        alerts=(Alert("QUA-01", "H", WORKS),),
    ),
    Plan(
        rule="QUA-02",
        name="next-procedure",
        fact="未整改即进入下道工序 · the next procedure begins before what was ordered is cleared",
        life=straight,
        options={"until": "site"},
        bad=(Add(ORDERED, "quality.procedure-started", NEXT, seconds=7200),),
        near=(Add(RECHECKED, "quality.procedure-started", NEXT, seconds=7200),),
        alerts=(Alert("QUA-02", "C", WORKS),),
    ),
    Plan(
        rule="QUA-03",
        name="no-original",
        fact="防护设备没有检测中心合格证原件 · equipment used without the laboratory's original certificate",
        life=straight,
        options={"until": "site"},
        bad=(Put("quality.equipment-documented", "/lab_certificate_original", False, nth=1),),
        near=(),
        alerts=(Alert("QUA-03", "H", WORKS),),
    ),
    Plan(
        rule="QUA-04",
        name="used-before-acceptance",
        fact="综合验收前已投入使用 · in use before the comprehensive acceptance",
        life=straight,
        bad=(
            Add(
                APPLIED,
                "quality.put-into-use",
                {"on": Same(REPORT, "/on", 3), "use": "lease", "source": "declared"},
                nth=2,
            ),
        ),
        near=(),
        alerts=(Alert("QUA-04", "C", WORKS),),
    ),
    Plan(
        rule="QUA-05",
        name="equipment-not-installed",
        fact="防护设备未安装到位即主体验收 · main acceptance before the equipment is installed",
        life=straight,
        options={"until": "main"},
        bad=(Put(APPLIED, "/equipment_installed", False, nth=1),),
        near=(),
        alerts=(Alert("QUA-05", "H", WORKS),),
    ),
    Plan(
        rule="QUA-06",
        name="equipment-failed",
        fact="防护设备检测不合格仍综合验收 · comprehensive acceptance although the equipment failed its test",
        life=straight,
        bad=(Put(REPORT, "/result", "fail", nth=2),),
        near=(),
        alerts=(Alert("QUA-06", "H", WORKS),),
    ),
    Plan(
        rule="QUA-07",
        name="builder-watches",
        fact="主体验收由施工单位监督，应为质监机构 · the builder watches the main acceptance, not the quality body",
        life=straight,
        options={"until": "main"},
        bad=(Put(CONCLUDED, "/watcher", Same(STARTED, "/contractor"), nth=1),),
        near=(),
        alerts=(Alert("QUA-07", "H", WORKS),),
    ),
    Plan(
        rule="QUA-08",
        name="no-conclusion",
        fact="综合验收没有结论 · the comprehensive acceptance states no conclusion",
        life=straight,
        bad=(Remove(CONCLUDED, "/conclusion", nth=2),),
        near=(),
        alerts=(Alert("QUA-08", "H", WORKS),),
    ),
    Plan(
        rule="QUA-09",
        name="never-filed",
        fact="验收合格后未备案 · the accepted works are never filed",
        life=straight,
        bad=(Drop("quality.acceptance-filed"),),
        near=(),
        wait=28,
        alerts=(Alert("QUA-09", "M", WORKS),),
    ),
    Plan(
        rule="QUA-10",
        name="never-cleared",
        fact="限期整改到期无复查合格 · the order passes its day without being cleared",
        life=straight,
        options={"until": "main"},
        bad=(Put(ORDERED, "/blocks_next", False), Drop(RECHECKED)),
        near=(Put(ORDERED, "/blocks_next", False),),
        wait=3,
        alerts=(Alert("QUA-10", "M", WORKS),),
    ),
    Plan(
        rule="QUA-11",
        name="waits-too-long",
        fact="申请验收四十日后才有结论 · the conclusion comes forty days after the application",
        life=straight,
        options={"until": "main"},
        bad=(Shift(CONCLUDED, 40 * DAY, nth=1, rest=True),),
        near=(Shift(CONCLUDED, 5 * DAY, nth=1, rest=True),),
        alerts=(Alert("QUA-11", "M", WORKS),),
    ),
)
