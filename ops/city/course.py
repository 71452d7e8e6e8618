"""The course of one life: its chance, its clock, its subject, and `post`, which makes its acts.

    def complaint(course: Course) -> Life:
        asb = course.city.organ("ASB")
        yield course.post("complaint.lodged", firm.seat, {...}, at=course.workdays(0, 0))
        yield course.post("complaint.decided", asb.seat, {...}, at=course.workdays(5, 20))

A course keeps `now`, the moment its life has come to. Every way to let time pass moves it forward and returns it.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from city import moments
from city.act import Act, Pause, Seat
from city.chance import Chance

if TYPE_CHECKING:
    from city.world import City

Life = Iterator[Act | Pause]
"""What a life is: its acts in the order in which they happen."""

MICRO = 1_000_000

LATE_BP = 1_100
"""Of 10,000 keyed acts, how many reach the ledger minutes or hours late (some of these are overtaken by the next)."""


class Course:
    """One life in the making. `name` is unique in its city; `subject` and `project` stand on each act unless told."""

    __slots__ = ("chance", "city", "name", "now", "number", "posted", "project", "subject")

    def __init__(self, city: "City", name: str, number: int, start: int) -> None:
        self.city = city
        self.name = f"{name}-{number}"
        self.number = number
        self.chance = Chance(city.seed, "life", name, number)
        self.now = start
        self.posted = 0
        self.subject = ""
        self.project: str | None = None

    def post(
        self,
        type_: str,
        seat: Seat,
        data: dict[str, Any],
        *,
        at: int | None = None,
        subject: str | None = None,
        prompt: bool = False,
        late: Callable[[Act], None] | None = None,
        **attributes: str,
    ) -> Act:
        """The act of posting an event of a type (without version); `at` is when it happened (`now`).

        `attributes` are the envelope's: person, role, attestation, edition, project, correlation, causation, confirmer.
        `prompt`: this act is not pushed late. `late`: see `Act`; `city.head_at` makes one.
        Raises KeyError for a type that has no contract.
        """
        facts = self.city.facts[type_]
        if at is None:
            at = self.now
        else:
            self.now = at
        self.posted += 1
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": f"{self.name}-{self.posted}",
            "source": seat.source,
            "type": facts.type,
            "subject": subject or self.subject,
            "time": moments.text(at),
            "data": data,
        }
        if self.project is not None:
            event["project"] = self.project
        if attributes:
            event.update(attributes)
        if facts.secret:
            event["seed"] = urlsafe_b64encode(self.chance.block()).decode().rstrip("=")
        word = self.chance.word()
        lag = MICRO // 2 + word % (3 * MICRO)
        if facts.keyed:
            lag *= 30
            if not prompt and word % 10_000 < LATE_BP:
                lag = self._late(at, word)
        return Act(seat, event, at, at * MICRO + lag, facts.hides(data), late=late)

    def _late(self, at: int, word: int) -> int:
        """Twelve minutes to six hours, or the next morning: still within a working day, never beyond one."""
        late = 720 + word % 21_000
        if moments.day_of(at + late) != moments.day_of(at):
            late = 720
        return late * MICRO + word % MICRO

    # ---- letting time pass

    def seconds(self, least: int, most: int) -> int:
        """So many seconds later, offices open or not: for machines."""
        self.now += self.chance.between(least, most)
        return self.now

    def minutes(self, least: int, most: int) -> int:
        """So many minutes later, or when offices open again."""
        self.now = self.city.office.open(self.now + self.chance.between(least * 60, most * 60))
        return self.now

    def days(self, least: int, most: int) -> int:
        """So many calendar days later, at a moment of chance when people are up (08:00 to 21:00)."""
        day = moments.day_of(self.now) + self.chance.between(least, most)
        self.now = max(self.now + 1, moments.at(day, 8) + self.chance.below(13 * moments.HOUR))
        return self.now

    def workdays(self, least: int, most: int) -> int:
        """On the n-th working day from here, n of chance (0: today if it is one), within office hours."""
        office, day = self.city.office, moments.day_of(self.now)
        at = office.within(office.workday(day, self.chance.between(least, most)), self.chance)
        self.now = at if at > self.now else self.minutes(1, 20)
        return self.now

    def until(self, moment: int) -> int:
        """At that moment, or now if it is past."""
        self.now = max(self.now, moment)
        return self.now

    def open(self) -> int:
        """Now, or when offices open next."""
        self.now = self.city.office.open(self.now)
        return self.now

    # ---- what payloads need

    def doc(self, kind: str, least: int = 40_000, most: int = 4_000_000) -> dict[str, Any]:
        """A document that is referred to: a code of `document-kinds`, with the hash of bytes that nobody wrote."""
        word = self.chance.word()
        return {
            "id": f"{self.name}-d{word:08x}",
            "kind": kind,
            "sha256": self.chance.hex64(),
            "bytes": least + word % (most - least),
            "media_type": "application/pdf",
        }

    def code(self, prefix: str) -> str:
        """A number of this life for a form: `prefix` and figures."""
        return f"{prefix}{self.number:06d}{self.posted:02d}"

    def checkpoint_after(self, act: Act) -> Generator[Pause, None, tuple[dict[str, str], bytes]]:
        """Wait for the first checkpoint after an act; gives its reference and Merkle root."""
        hour = act.recorded // (3600 * MICRO) + 1
        yield Pause(hour * 3600)
        self.until(hour * 3600)
        return self.city.checkpoint(hour * 3600)

    def often(self, basis_points: int) -> bool:
        """True in so many of 10,000 times: for what is sometimes missing."""
        return self.chance.often(basis_points)


def without(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A payload without some members."""
    return {name: value for name, value in data.items() if name not in names}
