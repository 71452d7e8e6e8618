"""Investment projects of the four classes up to the building permit, and cases that stand alone.

A project goes through stages; the cases of a stage run side by side (X1, X2), so that the working days on which any of
them is on the clock stay well below 79, 71, 65 or 34 (X3). A building that owes no shelter has that determined too.
"""

from dataclasses import replace

from city.approvals import case as steps
from city.approvals.obligation import determine
from city.approvals.project import Project, begin, changed, draw
from city.approvals.tables import ITEMS, OTHER, Item
from city.approvals.ways import Way, any_way, full_case, smooth
from city.course import Course, Life
from city.kinds import Kind
from city.together import branch, together

CLASSES = (("approve", 3), ("ratify", 2), ("file", 4), ("general-industrial", 2))

BEFORE = {
    "approve": (ITEMS["investment-approve", "proposal"],),
    "ratify": (ITEMS["investment-ratify", "project-ratification"],),
    "file": (ITEMS["investment-file", "project-filing"],),
    "general-industrial": (ITEMS["investment-file", "project-filing"],),
}
"""The first case of a project of each class."""

SECOND = ("site-opinion", "energy-review", "environment-review", "water-soil-plan")
FOURTH = ("land-use-permit", "planning-permit", "fire-design-review")


def investment(course: Course, *, kind: str = "", way: Way | None = None, serial: bool = False) -> Life:
    """A project that owes no shelter: too small, industrial, or exempt.

    `way`: that of each of its cases. `serial`: the second stage holds two cases, one after the other.
    """
    chance = course.chance
    kind = kind or chance.weighted(CLASSES)
    exempt = kind != "general-industrial" and chance.often(2_000)
    project = draw(course, kind, small=True, tall=False, state=kind == "approve")
    yield from begin(course, project)
    yield from first_stages(course, project, way, serial=serial)
    yield from determine(course, project, exempt=exempt)
    yield from side_by_side(course, project, [OTHER[code] for code in FOURTH], way)
    yield from building_permit(course, project, way)
    if chance.often(6_000):
        course.workdays(3, 20)
        yield from changed(course, project)


def first_stages(course: Course, project: Project, way: Way | None = None, *, serial: bool = False) -> Life:
    """The case of the class, and what may run beside or behind it."""
    chance = course.chance
    for item in BEFORE[project.kind]:
        yield from one(course, project, item, way or smooth(chance), start=(1, 3))
    second = [OTHER[code] for code in chance.some(SECOND, 2 if serial else chance.between(1, 3))]
    if project.kind == "approve":
        second.append(ITEMS["investment-approve", "feasibility"])
    for items in [[item] for item in second] if serial else [second]:
        yield from side_by_side(course, project, items, way)
    if project.kind == "approve":
        item = ITEMS["investment-approve", "preliminary-design"]
        yield from one(course, project, item, way or smooth(chance), start=(1, 3))


def building_permit(course: Course, project: Project, way: Way | None = None) -> Life:
    """The building permit: the last decision before works begin."""
    item = ITEMS["construction-permit", "construction-permit"]
    yield from one(course, project, item, way or smooth(course.chance), start=(1, 3))


def side_by_side(course: Course, project: Project, items: list[Item], way: Way | None = None) -> Life:
    """Cases applied for at the same time."""
    course.workdays(1, 3)
    branches = []
    for item in items:
        own = branch(course, f"{len(project.acts)}-{item.item}")
        project.acts[item.item] = None
        branches.append((own, with_opinion(own, project, item, way or smooth(own.chance))))
    yield from together(course, *branches)


def one(course: Course, project: Project, item: Item, way: Way, *, start: tuple[int, int]) -> Life:
    """One case, begun so many working days from here."""
    course.workdays(*start)
    own = branch(course, f"{len(project.acts)}-{item.item}")
    project.acts[item.item] = None
    yield from together(course, (own, with_opinion(own, project, item, way)))


def with_opinion(course: Course, project: Project, item: Item, way: Way) -> Life:
    """A case with the joint opinions its item needs; the decision is kept in the project."""
    case = steps.open_case(course, project, item)
    opinions = ("CAD-C",) if item.prior_opinion else ("REG",) if course.often(1_000) else ()
    yield from full_case(course, case, replace(way, opinions=opinions))
    project.acts[item.item] = case.acts.get("decision")


def single_case(course: Course, *, item: Item | None = None, way: Way | None = None) -> Life:
    """A case that stands alone, with whatever may become of it; or of that item, on that way."""
    chance = course.chance
    item = item or chance.pick(STANDALONE)
    kind = "file" if item.track == "investment-file" else "ratify" if item.track == "investment-ratify" else "approve"
    project = draw(course, kind, small=True, tall=False, state=kind == "approve")
    yield from begin(course, project)
    if item.item in ("planning-permit", "construction-permit"):
        yield from determine(course, project)
    course.workdays(1, 5)
    case = steps.open_case(course, project, item)
    yield from full_case(course, case, way or any_way(chance, item))


STANDALONE = (
    *(OTHER[code] for code in (*SECOND, *FOURTH, "project-filing", "project-ratification", "construction-permit")),
    ITEMS["investment-approve", "proposal"],
)

KINDS = (
    Kind("investment", investment, share=450, events=120),
    Kind("single-case", single_case, share=400, events=16),
)
