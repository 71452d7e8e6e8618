"""The judge: what the rules find in entries as they come, by the editions that the log itself put into force.

Which rules and which calendars hold is a fact of the log: a `rulebook.edition-published` entry with the digest of what
it activates. The files shipped with this program are only the text behind those digests. An entry is judged by what
stood in force when it came, so a verdict is a function of the log up to that entry:

- kind `rules`: `content.sha256` is the digest of the edition (`projections.rulebook`). While the edition in force is
  not the one shipped, or none is, nothing is judged: no rule speaks without its own text.
- kind `calendar`: `content.sha256` is the SHA-256 of a shipped year's file, as it stands or in its canonical form.
  From then on that year's working days are known. A year without such an entry is *calendar missing*.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Protocol

from ledger.canonical import encode
from ledger.contracts import schemas
from ledger.entry import Entry
from projections.calendar import Calendar
from projections.clocks import Verdict
from projections.evaluation import evaluate, outcomes
from projections.findings import Finding
from projections.patterns import Setting
from projections.rulebook import Edition, load

EDITION = "rulebook.edition-published.v1"
_READ_AT_ONCE = 1000


class Reader(Protocol):
    """What a judge asks of the log to know what is in force."""

    def find(self, *, type: str | None = None, after: int = 0, limit: int = 200) -> list[Entry]:
        """Return entries of the type with position > after, in position order, at most `limit`."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, the entry that completed it, and the position of the edition it was made under."""

    finding: Finding
    entry: Entry
    edition_at: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one clause said of one entry, fired or not: rule, clause number from 1, scope tag, verdict of its clock."""

    rule: str
    clause: int
    scope: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a batch of entries completed: findings in order, and by position what the clocks said."""

    findings: Sequence[Found] = ()
    rulings: dict[int, list[Ruling]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shipped:
    """The texts this program carries: one edition of the rules, and for each digest the calendar year it names."""

    edition: Edition
    years: dict[str, int]

    @property
    def digest(self) -> str:
        """Name all texts together: views made by other ones are rebuilt."""
        return sha256("\n".join([self.edition.digest, *sorted(self.years)]).encode()).hexdigest()


@cache
def shipped() -> Shipped:
    """Load the texts once. Raises `projections.rulebook.RulebookInvalid`."""
    edition = load(schemas())
    years: dict[str, int] = {}
    for year, raw in edition.calendars.items():
        as_it_stands = (schemas() / "rulebook" / "calendars" / f"{year}.json").read_bytes()
        years |= {sha256(form).hexdigest(): year for form in (as_it_stands, encode(raw))}
    return Shipped(edition, years)


class Judge:
    """Folds editions and judges entries, in position order; owned by whoever reads the log."""

    def __init__(self) -> None:
        self.edition_at: int | None = None
        """Position of the rules edition in force, while it is the one shipped; None while nothing can be judged."""
        self._years: set[int] = set()
        self._setting = self._set()

    @classmethod
    def resume(cls, log: Reader, position: int) -> "Judge":
        """Return a judge who has seen every edition up to and with `position`."""
        judge, after = cls(), 0
        while True:
            found = log.find(type=EDITION, after=after, limit=_READ_AT_ONCE)
            for entry in found:
                if entry.position <= position:
                    judge.activate(entry)
            if len(found) < _READ_AT_ONCE or found[-1].position >= position:
                return judge
            after = found[-1].position

    def take(self, entries: Sequence[Entry]) -> Judgement:
        """Judge the next entries."""
        findings: list[Found] = []
        rulings: dict[int, list[Ruling]] = {}
        for entry in entries:
            if entry.type == EDITION:
                self.activate(entry)
            if self.edition_at is None:
                continue
            said, fired = self._ask(entry)
            if said:
                rulings[entry.position] = said
            if fired:
                made = evaluate(shipped().edition, self._setting.calendar, entry)
                findings += (Found(finding, entry, self.edition_at) for finding in made)
        return Judgement(findings, rulings)

    def activate(self, entry: Entry) -> None:
        """Put into force what an edition entry names."""
        content = entry.data.get("content")
        digest = content.get("sha256") if isinstance(content, dict) else None
        if entry.data.get("kind") == "rules":
            self.edition_at = entry.position if digest == shipped().edition.digest else None
        elif entry.data.get("kind") == "calendar" and digest in shipped().years:
            self._years.add(shipped().years[digest])
            self._setting = self._set()

    def _set(self) -> Setting:
        edition = shipped().edition
        in_force = {year: edition.calendars[year] for year in sorted(self._years)}
        return Setting(edition.clocks, Calendar.from_editions(in_force))

    def _ask(self, entry: Entry) -> tuple[list[Ruling], bool]:
        """What each clause says of the entry, and whether any of them fired."""
        said: list[Ruling] = []
        fired = False
        for rule_id in sorted(shipped().edition.rules):
            rule = shipped().edition.rules[rule_id]
            for clause, outcome in outcomes(rule, entry, self._setting):
                fired = fired or outcome.fired is True
                if outcome.verdict is not None:
                    said.append(Ruling(rule_id, clause, entry.subject, outcome.verdict))
        return said, fired
