"""Walks through every byte of the log with a lamp.

The database is a suspect (`schemas/formats/verification.md`): it can be cut, changed, or made to show each reader other
rows. So its bytes are read, not its answers, and everything is hashed, compared and sorted here. In this order:

1. what is known outside (signer, published checkpoints, witnesses): roots by size, compared on the way through the
   entries. Without any the verdict says that nothing outside the database was compared;
2. the structure of the tables, for hygiene;
3. every entry, by COPY: leaf, position, `prev`, `recorded`, canonical form, type, links, checkpoints, tiles;
4. the other tables: exactly the rows that the entries demand;
5. what the API's role sees, through the indexes.

    verdict = verify("host=… dbname=…")
    verdict.ok, verdict.sentence_zh, verdict.faults[0].place, verdict.faults[0].position

Memory does not grow with the log; temporary files may (32 bytes an entry, more where tables are in disorder).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from tempfile import TemporaryFile

from ledger.erasure import Manifest, read
from ledger.errors import Broken, Malformed
from ledger.store.seen import Seen
from ledger.store.structure import Difference, differences
from ledger.store.suspect import COLUMNS, Copy, Suspect
from ledger.vault import Vault
from ledger.verification import pairing, view
from ledger.verification.disclosed import Disclosed
from ledger.verification.evidence import Evidence
from ledger.verification.examine import examine
from ledger.verification.faults import Blame, Faults, TooMany
from ledger.verification.form import Newer
from ledger.verification.limits import Limits
from ledger.verification.links import Links
from ledger.verification.outside import Outside, Record, told
from ledger.verification.quiet import without_collector
from ledger.verification.seals import Check
from ledger.verification.stored import Ordered
from ledger.verification.twins import Twins
from ledger.verification.verdict import Fault, Kind, State, Verdict
from ledger.verification.walk import Walk

__all__ = ["Fault", "Kind", "Limits", "Progress", "State", "Verdict", "verify"]

Progress = Callable[[str, int, int], None]
"""Called with what is being read ("entry", "view"), how many entries are done, and about how many there are."""

DEFAULT_LIMITS = Limits()
_OTHERS = ("event_key", "tag", "tile", "disclosure")


def verify(
    dsn: str,
    *,
    deep: bool = False,
    progress: Progress | None = None,
    limits: Limits = DEFAULT_LIMITS,
    outside: Sequence[Record] = (),
    as_api: bool = True,
    vault: Vault | None = None,
) -> Verdict:
    """Read and recompute the whole log; `deep` also reads every entry once more as the API does.

    `outside`: (name, size, root) as others hold them; their signatures are the caller's to check. Without
    `as_api`, step 5 is left out.

    With the `vault` each stored disclosure is opened and compared with its digest; without it none is, and the verdict
    counts them as not checked.

    `limits` says how much of it is held in memory. `dsn` must name the tables' owner, or another role that may read
    them past row security. Raises CannotRun when the server is away, the rights do not suffice or there is no log;
    what is wrong with the log is never raised, it is the verdict.
    """
    with ExitStack() as stack:
        suspect = stack.enter_context(Suspect(dsn))
        structure = [_structural(one) for one in differences(suspect.main)]
        inspection = _Inspection(suspect, stack, progress or _silent, limits, Outside(outside), vault)
        state = inspection.walk_and_compare()
        if as_api and not inspection.faults.more:
            inspection.look_as_api(dsn, deep=deep)
        return inspection.verdict(state, structure)


class _Inspection:
    """One verification: the walk, the tables beside it, and what both found."""

    def __init__(
        self,
        suspect: Suspect,
        stack: ExitStack,
        progress: Progress,
        limits: Limits,
        outside: Outside,
        vault: Vault | None,
    ) -> None:
        self._suspect = suspect
        self._progress = progress
        self._unreadable: set[str] = set()
        self.faults = Faults()
        self._digests = stack.enter_context(TemporaryFile())  # noqa: SIM115  (the stack closes it)
        self._manifests = {one.sha256: one for one in _manifests(suspect)}
        claimed = {digest: sha for sha, manifest in self._manifests.items() for digest in manifest}
        self._disclosed = Disclosed(self._reader("disclosure"), vault, claimed)
        takes = {name: self._reader(name) for name in _OTHERS} | {"disclosure": self._disclosed.take}
        self._twins = {name: Twins(take, pairing.order(name), limits) for name, take in takes.items()}
        self._walk = Walk(
            stack.enter_context(closing(Ordered(self._reader("entry"), limits.early_bytes))),
            self._twins,
            self.faults,
            Links(limits),
            self._digests,
            stack.enter_context(Check(limits.sorted_bytes)),
        )
        self._walk.outside = outside
        self._about = suspect.about()
        self._looked = 0
        self._newer: int | None = None

    def _reader(self, table: str) -> Callable[[int], list[bytes]]:
        """What takes the next rows of a table; where the server cannot read them, what was read so far, and a fault."""
        copy: Copy | None = None
        broken = False

        def take(count: int) -> list[bytes]:
            nonlocal copy, broken
            if broken:
                return []
            try:
                copy = copy or self._suspect.copy(table)
                return copy.take(count)
            except Broken as damage:
                broken = True
                self._cannot_be_read(table, damage)
                return []

        return take

    def _cannot_be_read(self, table: str, damage: Broken) -> None:
        self._unreadable.add(table)
        position = self._walk.size + 1 if table == "entry" else 1
        zh, en = f"数据库称：{damage.detail}", f"The database says: {damage.detail}"
        self.faults.blames.append(Blame(table, None, position, Kind.UNREADABLE, zh, en))

    def walk_and_compare(self) -> State:
        """Steps 3 and 4."""
        walk = self._walk
        try:
            with without_collector():
                walk.run(examine, lambda done: self._progress("entry", done, max(self._about, done)))
            self._torn()
            if "entry" not in self._unreadable:
                found = {name: twins.differences() for name, twins in self._twins.items()}
                erased = self._erased()
                gone = {digest for sha in erased for digest in self._manifests[sha]}
                Evidence(walk, {name: found[name] for name in _OTHERS if name not in self._unreadable}, gone).weigh()
                self._weigh_disclosures(erased)
                self._weigh_outside()
                walk.judge_seals()
        except Newer:
            self._newer = walk.size + 1
            return State.NEWER
        except TooMany:
            return State.BROKEN
        return State.CONSISTENT

    def _weigh_outside(self) -> None:
        gone = {blame.position for blame in self.faults.blames if blame.kind is Kind.DELETED}
        for blame in self._walk.outside.blames(self._walk.size):
            if blame.kind is not Kind.DELETED or blame.position not in gone:
                self.faults.add(blame)

    def _erased(self) -> dict[str, int]:
        """The manifests whose hash and count the log states, each with the position of the first that does."""
        stated: dict[str, int] = {}
        for position, data in self._walk.erasures:
            said = data if isinstance(data, dict) else {}
            manifest = self._manifests.get(str(said.get("manifest_sha256")))
            if manifest is not None and said.get("manifest_count") == len(manifest):
                stated.setdefault(manifest.sha256, position)
        return stated

    def _weigh_disclosures(self, erased: dict[str, int]) -> None:
        """What does not open, unless its row is blamed already or its entry is."""
        blamed = {blame.position for blame in self.faults.blames if blame.table in ("disclosure", "entry")}
        for blame in self._disclosed.blames(erased):
            if blame.position not in blamed:
                self.faults.add(blame)

    def _torn(self) -> None:
        for position, tag, ordinal, due, before in self._walk.links.torn():
            if not self.faults.unknown(position):
                self._walk.torn_link(position, tag, ordinal, due, before)

    def look_as_api(self, dsn: str, *, deep: bool) -> None:
        """Step 5."""
        if self._newer is not None or self._unreadable:
            return
        total = self._walk.size
        try:
            with Seen(dsn) as seen:
                self._looked = view.look(
                    seen,
                    total,
                    self._digests,
                    self.faults,
                    lambda done: self._progress("view", done, total),
                    deep=deep,
                )
        except Broken as refused:
            blame = Blame(
                "entry", None, 1, Kind.HIDDEN, f"数据库称：{refused.detail}", f"The database says: {refused.detail}"
            )
            self.faults.blames.append(blame)
        except TooMany:
            return

    def verdict(self, state: State, structure: list[Fault]) -> Verdict:
        """Everything found, structure first, then by position."""
        blames = sorted(self.faults.blames, key=lambda blame: blame.position)
        faults = (*structure, *(blame.final() for blame in blames))
        checked = {"entry": self._walk.size, **{name: twins.count for name, twins in self._twins.items()}}
        agreeing = self._walk.outside.agreeing
        if state is State.CONSISTENT and agreeing:
            state = State.INTACT
        return Verdict(
            State.BROKEN if faults else state,
            self._walk.size,
            self._walk.root,
            faults,
            self.faults.more,
            self._newer,
            {**checked, "view": self._looked},
            agreeing[-1][1] if agreeing else 0,
            told(agreeing),
            dict(self._disclosed.checked),
        )


def _structural(one: Difference) -> Fault:
    known = one.relation in COLUMNS
    return Fault(
        one.relation,
        one.column if known else None,
        None,
        Kind.STRUCTURE,
        f"{one.what}：现为 {one.found or '无'}，发布时为 {one.shipped or '无'}。",
        f"{one.what}: now {one.found or 'nothing'}, shipped {one.shipped or 'nothing'}.",
    )


def _manifests(suspect: Suspect) -> Iterator[Manifest]:
    for raw in suspect.manifests():
        try:
            yield read(raw)
        except Malformed:
            continue


def _silent(what: str, done: int, total: int) -> None:
    """No progress is wanted."""
