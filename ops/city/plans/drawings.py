"""Misconduct in drawing review (DRW): qualifications, conditions, defects, stamps, sets of drawings, ties."""

from city.lives.straight import straight
from city.planning import Alert, Plan, Tag
from city.tampering import More, Put

SUBMITTED, OPINION, CERTIFIED = "drawing.submitted", "drawing.opinion-issued", "drawing.certificate-issued"
REVIEW = "cad.review-approval-issued"
DRAWING = Tag(SUBMITTED)
TO_CERTIFICATE = {"until": "drawings"}

PLANS = (
    Plan(
        rule="DRW-01",
        name="unqualified-reviewer",
        fact="审图机构没有人防审图资质 · the reviewing body has no qualification",
        life=straight,
        options={"until": "drawings", "unfit": "reviewer"},
        near_options={"until": "drawings", "unfit": "neither"},
        bad=(),
        near=(),
        alerts=(Alert("DRW-01", "C", DRAWING),),
    ),
    Plan(
        rule="DRW-02",
        name="unqualified-designer",
        fact="设计单位没有人防设计资质仍受理 · drawings of an unqualified designer are taken in",
        life=straight,
        options={"until": "drawings", "unfit": "designer"},
        near_options={"until": "drawings", "unfit": "neither"},
        bad=(),
        near=(),
        alerts=(Alert("DRW-02", "H", DRAWING),),
    ),
    Plan(
        rule="DRW-03",
        name="no-conditions",
        fact="没有设计条件就审图 · drawings reviewed without design conditions",
        life=straight,
        options={"until": "drawings", "conditioned": False},
        near_options=TO_CERTIFICATE,
        bad=(),
        near=(),
        alerts=(Alert("DRW-03", "C", DRAWING),),
    ),
    Plan(
        rule="DRW-04",
        name="open-defect",
        fact="强制性缺陷未整改仍发合格书 · certified with a mandatory defect still open",
        life=straight,
        options=TO_CERTIFICATE,
        bad=(Put(OPINION, "/defects/-", {"no": "9", "mandatory": True, "closed": False}),),
        near=(Put(OPINION, "/defects/-", {"no": "9", "mandatory": True, "closed": True}),),
        alerts=(Alert("DRW-04", "C", DRAWING),),
    ),
    Plan(
        rule="DRW-05",
        name="no-stamp",
        fact="合格书未盖技术审查章 · certified without the stamp",
        life=straight,
        options=TO_CERTIFICATE,
        bad=(Put(CERTIFIED, "/stamp/applied", False),),
        near=(),
        alerts=(Alert("DRW-05", "M", DRAWING),),
    ),
    Plan(
        rule="DRW-06",
        name="other-drawings",
        fact="批准的图纸不是审查合格的图纸 · other drawings are approved than were certified",
        life=straight,
        options={"until": "review"},
        bad=(Put(REVIEW, "/drawing_set_sha256", "cd" * 32),),
        near=(),
        alerts=(Alert("DRW-06", "C", DRAWING),),
    ),
    Plan(
        rule="DRW-07",
        name="smaller-than-conditions",
        fact="图纸面积小于设计条件仍发合格书 · certified although the drawing is smaller than the conditions",
        life=straight,
        options=TO_CERTIFICATE,
        bad=(Put(OPINION, "/area_on_drawing", More(basis_points=-1_000)),),
        near=(Put(OPINION, "/area_on_drawing", More(by=0)),),
        alerts=(Alert("DRW-07", "C", DRAWING),),
    ),
    Plan(
        rule="DRW-08",
        name="tied",
        fact="设计单位控股审图机构 · the designer controls the reviewing body",
        life=straight,
        options={"until": "drawings", "tie": "now"},
        near_options={"until": "drawings", "tie": "before"},
        bad=(),
        near=(),
        alerts=(Alert("DRW-08", "H", DRAWING),),
    ),
)
