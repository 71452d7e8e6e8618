"""Experts enter the comprehensive library, on the first two working days; the library's keeper posts for them."""

from city import moments
from city.course import Course, Life
from city.kinds import Kind

LIBRARY = "示范省综合评标专家库"


def enrolment(course: Course) -> Life:
    """Every expert there is."""
    people, keeper = course.city.people, course.city.organ("LIB")
    course.until(moments.at(moments.day_of(course.now), 9))
    for number in range(people.experts):
        if number % 200 == 199:
            course.workdays(1, 1)
        pid = people.expert(number)
        data = {
            "pid": pid,
            "kind": "expert",
            "library": LIBRARY,
            "library_level": "provincial",
            "specialities": [people.speciality(number)],
            "employer": people.employer(number).org,
            "valid_to": moments.day_text(moments.day_of(course.now) + 3285),
        }
        if course.often(500):
            del data["employer"]
        yield course.post(
            "party.person-enrolled", keeper.seat, data, at=course.seconds(5, 40), subject=f"person:{pid}", prompt=True
        )


KINDS = (Kind("enrolment", enrolment, share=0, events=1, opening=True),)
