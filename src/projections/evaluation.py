"""Rules asked about an entry: which findings it completes.

Evaluation is a pure function of edition, calendar and entry. It never asks what time it is or who runs it, so the
same entry gives the same findings, with the same identities, on every machine and in every rebuild.

Only rules whose patterns look at one entry alone can be asked here; patterns with a memory are folded by the runner.
"""

from collections.abc import Iterator

from projections.calendar import Calendar
from projections.findings import Finding, dedupe_key
from projections.patterns import PATTERNS, Outcome, Setting, Trigger, Words
from projections.predicates import ABSENT, Scene, holds, pointed
from projections.rulebook import PLACEHOLDER, Edition, Rule

_UNCONFIRMED_CAP = "M"
_ORDER = "LMHC"


def evaluate(edition: Edition, calendar: Calendar, entry: Trigger) -> list[Finding]:
    """The findings this entry completes, in order of rule, clause and scope tag."""
    setting = Setting(edition.clocks, calendar)
    return [
        _finding(edition, rule, number, tag, entry, outcome)
        for rule_id in sorted(edition.rules)
        for rule in (edition.rules[rule_id],)
        for number, outcome in outcomes(rule, entry, setting)
        if outcome.fired is True
        for tag in scopes(rule, entry)
    ]


def outcomes(rule: Rule, entry: Trigger, setting: Setting) -> Iterator[tuple[int, Outcome]]:
    """What each clause says of the entry, fired or not: (clause number from 1, outcome).

    Nothing where the rule was not in force on the day in question, or does not apply (or that is unknown).
    """
    applies = rule.raw.get("applies")
    if applies is not None and holds(applies, Scene(entry.data)) is not True:
        return
    for number, clause in enumerate(rule.clauses, start=1):
        pattern = PATTERNS[clause["pattern"]]
        if pattern.keeps_state:
            continue
        for outcome in pattern.step(clause, None, entry, setting).outcomes:
            if rule.in_force(outcome.day):
                yield number, outcome


def scopes(rule: Rule, entry: Trigger) -> list[str]:
    """The tags of the rule's scope on this entry, sorted; the subject alone where it is one of them."""
    prefix = f"{rule.scope}:"
    if entry.subject.startswith(prefix):
        return [entry.subject]
    return sorted(tag for tag in entry.tags if tag.startswith(prefix))


def _finding(edition: Edition, rule: Rule, number: int, tag: str, entry: Trigger, outcome: Outcome) -> Finding:
    evidence = tuple(
        (name, str(found))
        for name, pointer in sorted(rule.raw["evidence"].items())
        if (found := pointed(entry.data, pointer)) is not ABSENT
    )
    zh, en = (_fill(rule.raw["text"][language], outcome.words, index) for index, language in enumerate(("zh", "en")))
    return Finding(
        rule=rule.id,
        edition=edition.digest,
        severity=_severity(rule, entry),
        scope=tag,
        evidence=outcome.positions,
        facts=evidence + outcome.facts,
        text_zh=zh,
        text_en=en,
        readings=outcome.verdict.readings if outcome.verdict is not None else (),
        evaluated_at=entry.position,
        dedupe_key=dedupe_key(number, tag, outcome.positions),
        implicates=tuple(rule.raw["implicates"]),
    )


def _severity(rule: Rule, entry: Trigger) -> str:
    """The first severity whose condition holds; one resting on an unconfirmed text is a lead, never above M."""
    scene = Scene(entry.data)
    first = next(line["is"] for line in rule.raw["severity"] if "if" not in line or holds(line["if"], scene) is True)
    if rule.raw["confidence"] == "unconfirmed":
        return min(str(first), _UNCONFIRMED_CAP, key=_ORDER.index)
    return str(first)


def _fill(text: str, words: Words, language: int) -> str:
    return PLACEHOLDER.sub(lambda match: words[match.group(1)][language], text)
