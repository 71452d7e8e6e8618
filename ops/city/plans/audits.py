"""Misconduct in cost audit (AUD): phases, write-offs, auditors, tasks, subjects, materials, guidance, payments."""

from city.lives.single_built import single_built
from city.lives.straight import straight
from city.planning import Alert, Plan, Tag
from city.tampering import Drop, More, Put, Remove

TASK, MATERIALS = "costaudit.task-issued", "costaudit.materials-supplied"
REPORT, WRITE_OFF = "costaudit.report-issued", "costaudit.write-off-performed"
AUDIT, PROJECT = Tag(TASK), Tag("project.coded")
STATE = {"state": True}

NOBODY = "p8zzzzzzzzzzzzzzzzzzzzzzzz"
"""A person without any qualification."""

PLANS = (
    Plan(
        rule="AUD-01",
        name="audit-behind-the-start",
        fact="开工后才下达开工前审计 · the audit before the start comes behind it",
        life=straight,
        options={"state": True, "audit_late": True},
        near_options=STATE,
        bad=(),
        near=(),
        alerts=(Alert("AUD-01", "H", PROJECT),),
    ),
    Plan(
        rule="AUD-02",
        name="more-than-audited",
        fact="核销金额超过审定决算 · more is written off than the audited final account",
        life=straight,
        options=STATE,
        bad=(Put(WRITE_OFF, "/amount", More(by=100_000)),),
        near=(Put(WRITE_OFF, "/amount", More(by=0)),),
        alerts=(Alert("AUD-02", "C", AUDIT),),
    ),
    Plan(
        rule="AUD-03",
        name="unqualified-person",
        fact="审计人员没有资格 · the auditing person has no qualification",
        life=straight,
        options=STATE,
        bad=(Put(TASK, "/persons/0/pid", NOBODY, nth=1),),
        near=(),
        alerts=(Alert("AUD-03", "H", AUDIT),),
    ),
    Plan(
        rule="AUD-04",
        name="no-plan",
        fact="审计任务没有计划编号 · the task names no plan of the province",
        life=straight,
        options=STATE,
        bad=(Remove(TASK, "/plan_no", nth=1),),
        near=(),
        alerts=(Alert("AUD-04", "H", AUDIT),),
    ),
    Plan(
        rule="AUD-05",
        name="subject-missing",
        fact="招标控制价未审 · the control price is never audited",
        life=straight,
        options=STATE,
        bad=(Drop(REPORT, nth=3),),
        near=(),
        alerts=(Alert("AUD-05", "M", AUDIT),),
    ),
    Plan(
        rule="AUD-06",
        name="claims-missing",
        fact="未提供索赔清单 · the list of claims is not supplied",
        life=straight,
        options=STATE,
        bad=(Put(MATERIALS, "/materials/7/kind", "prices"),),
        near=(Put(MATERIALS, "/materials/7/kind", "claims"),),
        alerts=(Alert("AUD-06", "M", AUDIT),),
    ),
    Plan(
        rule="AUD-07",
        name="no-guidance",
        fact="竣工审计没有审计机关指导 · the final audit has no guidance of the state audit office",
        life=straight,
        options=STATE,
        bad=(Drop("supervision.oversight-recorded"),),
        near=(),
        alerts=(Alert("AUD-07", "L", PROJECT),),
    ),
    Plan(
        rule="AUD-08",
        name="paid-more-than-audited",
        fact="已付工程款超过审定决算 · more has been paid than the audited final account",
        life=single_built,
        options={"size": "large", "refused": "", "built": True, "tendered": True, "plain": True},
        bad=(Put(REPORT, "/audited", 20_000_000, nth=5), Put(WRITE_OFF, "/amount", 20_000_000)),
        near=(),
        alerts=(Alert("AUD-08", "H", PROJECT),),
    ),
)
