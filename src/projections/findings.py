"""A finding: one rule's verdict that something must be looked at, with everything needed to check it.

A finding is data and a question, never a sanction. Recorded in the ledger it becomes an alert, under an identity that
depends on nothing but rule, edition and entries, so that two runs, or two machines, raise the same alert once:

    id = first 26 characters of lower-case base32 (RFC 4648 alphabet a–z 2–7) of
         SHA-256( rule ‖ 0x0A ‖ edition digest ‖ 0x0A ‖ dedupe key ‖ 0x0A ‖ severity )        all UTF-8, digest in hex
    dedupe key = clause number ‖ "|" ‖ scope tag ‖ "|" ‖ triggering positions, decimal, ascending, joined by ","

Example: rule `TRD-11`, clause 1, `notice:n-1` at position 17 has the dedupe key `1|notice:n-1|17`.
"""

from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from projections.clocks import Reading

ID_LENGTH = 26


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's finding about one scope.

    `rule` and `edition` (hex digest) say by which law book; `severity` is C, H, M or L; `scope` is the tag it is
    about; `evidence` are positions, `evaluated_at` the position that completed it; `facts` are (name, text) pairs;
    `readings` are the interpretations of the same verdict, shown with it and never alerts of their own; `implicates`
    are organ codes.
    """

    rule: str
    edition: str
    severity: str
    scope: str
    evidence: tuple[int, ...]
    facts: tuple[tuple[str, str], ...]
    text_zh: str
    text_en: str
    readings: tuple[Reading, ...]
    evaluated_at: int
    dedupe_key: str
    implicates: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The alert's identity."""
        return alert_id(self.rule, self.edition, self.dedupe_key, self.severity)

    def alert_data(self, *, retrospective: bool = False, implicated_orgs: Iterable[str] = ()) -> dict[str, Any]:
        """The payload of `supervision.alert-raised.v1` but for `rule_edition`, the log position of the edition.

        That position is the runner's to know. Readings stay out: they are no part of the accusation, and change with
        the calendar.
        """
        return {
            "alert_no": self.id,
            "rule": self.rule,
            "severity": self.severity,
            "subject_streams": [self.scope],
            "evidence": list(self.evidence),
            "facts": [{"name": name, "value": text} for name, text in self.facts],
            "text_zh": self.text_zh,
            "text_en": self.text_en,
            "evaluated_at": self.evaluated_at,
            "implicated_orgs": sorted(implicated_orgs),
            "retrospective": retrospective,
            "dedupe_key": self.dedupe_key,
        }


def dedupe_key(clause: int, scope: str, positions: Iterable[int]) -> str:
    """What makes a finding one: clause number (from 1), scope tag, triggering positions."""
    return f"{clause}|{scope}|{','.join(map(str, sorted(positions)))}"


def alert_id(rule: str, edition: str, key: str, severity: str) -> str:
    """The identity of an alert, 26 characters of a–z and 2–7 (130 bits)."""
    digest = sha256("\n".join((rule, edition, key, severity)).encode()).digest()
    return b32encode(digest).decode().lower()[:ID_LENGTH]
