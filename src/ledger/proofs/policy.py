"""Policy files: whose word is enough for a checkpoint (C2SP tlog-policy).

    log example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx https://log.example
    witness audit witness.example/audit+…+BA… https://audit.example
    witness discipline witness.example/discipline+…+BA…
    group both all audit discipline
    quorum both

A checkpoint is good if one of the logs has signed it and the quorum is met: a witness, or a group of which enough
members are met (`all`, `any`, or a number), or `none`. Names mean something inside the file only, and are defined above
the line that uses them. Each name is a member at most once, so that nobody counts twice.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.proofs.checkpoint import Signed, verify
from ledger.proofs.failures import ProofError, QuorumMissed, Unreadable
from ledger.proofs.keys import COSIGNATURE, NOTE, VerifierKey
from ledger.proofs.note import Good, Note

MAX_BYTES = 100_000
"""Bytes a policy file may have."""

NONE = "none"
"""The quorum that asks for no witness."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log that is trusted: its key, and where it is reached if anybody asks it."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: its name in the file, its key, and the prefix of its address."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """`count` of `members` (witnesses or groups) are enough."""

    name: str
    count: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses and groups in the order of the file, and the name of the quorum."""

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    @classmethod
    def parse(cls, raw: bytes | str) -> "Policy":
        """The policy of a file. Raises Unreadable, naming the line."""
        text = raw if isinstance(raw, str) else raw.decode("utf-8", "surrogateescape")
        if len(raw) > MAX_BYTES or re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
            raise Unreadable(f"(policy: over {MAX_BYTES} bytes, or a control character)")
        reader = _Reader()
        for number, line in enumerate(text.split("\n"), 1):
            words = [word for word in re.split("[ \t]+", line) if word]
            if words and not words[0].startswith("#"):
                try:
                    reader.line(words)
                except ProofError as fault:
                    raise Unreadable(f"(policy, line {number}: {fault.detail})") from fault
        if reader.quorum is None:
            raise Unreadable("(policy: no quorum line)")
        return cls(tuple(reader.logs), tuple(reader.witnesses), tuple(reader.groups), reader.quorum)

    @property
    def text(self) -> str:
        """A file that says the same."""
        logs = [f"log {log.key.text} {log.url or ''}" for log in self.logs]
        witnesses = [f"witness {each.name} {each.key.text} {each.url or ''}" for each in self.witnesses]
        groups = [f"group {group.name} {group.count} {' '.join(group.members)}" for group in self.groups]
        return "".join(f"{line.rstrip()}\n" for line in [*logs, *witnesses, *groups, f"quorum {self.quorum}"])

    def met(self, names: Iterable[str]) -> bool:
        """Whether these witnesses, by their names in the file, are enough."""
        met = {witness.name for witness in self.witnesses} & set(names) | {NONE}
        for group in self.groups:
            if sum(member in met for member in group.members) >= group.count:
                met.add(group.name)
        return self.quorum in met

    def is_met_by(self, cosigned: Iterable[Good]) -> bool:
        """Whether these cosignatures, checked already, are enough."""
        keys = {good.key for good in cosigned}
        return self.met(witness.name for witness in self.witnesses if witness.key in keys)

    def verify(self, raw: bytes | str | Note, *, not_before: int = 0) -> Signed:
        """The checkpoint of a signed note, if this policy accepts it.

        not_before: POSIX seconds; only cosignatures made then or later count. Raises what `checkpoint.verify` raises,
        and QuorumMissed, which names the witnesses that counted.
        """
        signed = verify(raw, [log.key for log in self.logs], [witness.key for witness in self.witnesses])
        timely = {good.key for good in signed.cosigned if good.at is not None and good.at >= not_before}
        names = [witness.name for witness in self.witnesses if witness.key in timely]
        if not self.met(names):
            raise QuorumMissed(f"({self.quorum}; {', '.join(names) or '–'})")
        return signed


class _Reader:
    """What the lines so far have defined."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self.names: set[str] = {NONE}
        self.members: set[str] = {NONE}

    def line(self, words: list[str]) -> None:
        """Take one line in. Raises Unreadable."""
        match words:
            case ["log", vkey, *url] if len(url) < 2:
                self.logs.append(Log(_key(vkey, NOTE, [log.key for log in self.logs]), *url))
            case ["witness", name, vkey, *url] if len(url) < 2:
                key = _key(vkey, COSIGNATURE, [witness.key for witness in self.witnesses])
                self.witnesses.append(Witness(self._new(name), key, *url))
            case ["group", name, count, _, *_]:
                self.groups.append(self._group(name, count, words[3:]))
            case ["quorum", name]:
                if self.quorum is not None:
                    raise Unreadable("a second quorum")
                if name not in self.names:
                    raise Unreadable(f"{name} is not defined above")
                self.quorum = name
            case _:
                raise Unreadable("no line of log, witness, group or quorum")

    def _group(self, name: str, count: str, members: list[str]) -> Group:
        for member in members:
            if member not in self.names or member == NONE:
                raise Unreadable(f"{member} is not defined above")
            if member in self.members:
                raise Unreadable(f"{member} is a member already")
            self.members.add(member)
        enough = {"any": "1", "all": str(len(members))}.get(count, count)
        if not re.fullmatch("[1-9][0-9]{0,4}", enough) or int(enough) > len(members):
            raise Unreadable(f"all, any, or a number up to {len(members)} is wanted")
        return Group(self._new(name), int(enough), tuple(members))

    def _new(self, name: str) -> str:
        if name in self.names:
            raise Unreadable(f"{name} is defined already")
        self.names.add(name)
        return name


def _key(vkey: str, kind: int, others: list[VerifierKey]) -> VerifierKey:
    key = VerifierKey.parse(vkey)
    if key.kind != kind:
        raise Unreadable(f"a key of kind {kind:#04x} is wanted")
    if any(key.public == other.public for other in others):
        raise Unreadable("the same key stands there already")
    return key
