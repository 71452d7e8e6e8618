"""Whether a project owes an air-raid shelter, how large, and the special plans it is held against (F2.0, F5.2)."""

from typing import Any

from city.approvals.project import Project, required_area
from city.approvals.tables import SHELTER, edition
from city.course import Course, Life

EXEMPTIONS = ("temporary", "dilapidated-rebuilt", "disaster-rebuilt")


def determine(course: Course, project: Project, *, exempt: bool = False) -> Life:
    """The civil air-defence authority determines what is owed; every building has that on file before its permit."""
    organ = course.city.organ("CAD-C")
    area, ground = required_area(project)
    person = course.city.people.official(organ, "engineering-section")
    data: dict[str, Any] = {
        "obliged": area > 0 and not exempt,
        "required_area": 0 if exempt else area,
        "ground": "exempt" if exempt else ground,
        "formula_ref": edition("shelter-obligation"),
        "inputs": {"floor_area": project.floor_area, "storeys": project.storeys, "zone": project.zone},
        "person": person,
    }
    if exempt:
        data["exemption_code"] = course.chance.pick(EXEMPTIONS)
    elif area:
        data["grade"] = SHELTER["grade"]
    project.required = data["required_area"]
    course.workdays(1, 3)
    act = course.post("cad.obligation-determined", organ.seat, data, subject=project.subject, person=person)
    project.acts["obligation"] = act
    yield act
