"""A stated publicity period as a strip of days, with the clock's verdict and how else it could be read."""

from datetime import date, timedelta

from api.console import charts
from api.console.frame import Services
from api.console.labels import Labels, read_moment
from ledger.entry import Entry
from projections.clocks import Verdict
from projections.dossier import CANDIDATES
from projections.judge import Judge, shipped
from projections.readings import local_day

CLOCK = "T12"
LONGEST_DAYS = 40
"""A longer period has no strip: its days would be too narrow to read."""


def verdict(services: Services, entry: Entry) -> Verdict | None:
    """What the clock said of a notice, by the editions in force when it was recorded: no knowledge from the future."""
    if entry.type != CANDIDATES:
        return None
    judged = Judge.resume(services.log, entry.position - 1).take([entry])
    said = (ruling.verdict for ruling in judged.rulings.get(entry.position, ()))
    return next((one for one in said if one.clock == CLOCK), None)


def chart(services: Services, entry: Entry, label: Labels, said: Verdict | None = None) -> charts.Markup | None:
    """The strip of a notice's period; None where it states no two moments, or they lie too far apart."""
    opens, closes = (read_moment(str(entry.data.get(name, ""))) for name in ("opens_at", "closes_at"))
    clock = shipped().edition.clocks[CLOCK]
    if opens is None or closes is None or not timedelta() < closes - opens < timedelta(days=LONGEST_DAYS):
        return None
    said = said or verdict(services, entry)
    least = opens + clock.least
    days = _days(local_day(opens), max(local_day(closes), local_day(least)), said, label)
    seconds = int((closes - opens).total_seconds())
    short = said is not None and said.state == "breached"
    texts = charts.StripTexts(
        title=label.words("chart.period", span=label.span(seconds)),
        desc=label.words("chart.period_desc", opens=label.plain_moment(opens), closes=label.plain_moment(closes)),
        opens=label.words("chart.opens"),
        closes=label.words("chart.closes"),
        least=label.words("chart.least", h=int(clock.least.total_seconds()) // 3600),
        inside=label.span(seconds),
        closed=label.words("chart.closed"),
    )
    return charts.strip(charts.Strip(opens, closes, least, tuple(days), short), texts)


def _days(first: date, last: date, said: Verdict | None, label: Labels) -> list[charts.Day]:
    """The days from first to last; whether offices work is told only for years the verdict counted with."""
    years = dict(said.calendars) if said is not None else {}
    calendar = shipped().edition.calendar()
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        working = calendar.is_working(day) if day.year in years else None
        found.append(charts.Day(day, label.words(f"weekday.{day.isoweekday()}"), working))
    return found
