"""The evidence bundle of a tag, gathered: entries and proofs from the log, who says so from signer and files.

    gather(log, "lot:A-1", sources)        # {name: bytes}; `ledger.proofs.bundle.pack` makes a zip of it

A bundle always stands on a published checkpoint and holds every entry of its tag up to there: only so can anybody state
that the history ends where it ends. Which one:

- with tag-head statements (a mirror's, given as text): the checkpoint of their size;
- known at a moment: the first one that covers it; entries behind that moment are in it too, and marked;
- else the one of the signer's own statement, where the signer runs; the newest where it does not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from api.errors import BundleTooLarge
from api.settings import policy_file
from ledger.contracts import Contracts, schemas
from ledger.entry import Entry
from ledger.errors import Broken, CannotRun, NotFound
from ledger.proofs import build as plans
from ledger.proofs.bundle import NotProvable, Proof, build
from ledger.proofs.checkpoint import Checkpoint
from ledger.proofs.failures import ProofError
from ledger.proofs.note import Note
from ledger.proofs.taghead import TagHead
from ledger.signing import door, keyfile
from ledger.store import checkpoints
from ledger.store.postgres import Log
from ledger.store.tiles import read_tiles
from projections import dossier
from projections.judge import shipped

AT_ONCE = 256
"""Entries whose proofs are fetched in one question."""

LOOKS, LOOK_SECONDS = 20, 0.1
"""How often, and how far apart, a checkpoint is looked for that is about to be published."""

NO_CHECKPOINT = (
    "证据包以已发布的检查点为据，尚无可用者：请运行 sunledger signer（serve 会自带），再试 · "
    "a bundle stands on a published checkpoint, and there is none that fits: run `sunledger signer` "
    "(`serve` starts one), and ask again"
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where everything but the entries comes from.

    policy       text of the policy file; readers: text that names who may sign tag heads
    statements   tag-head statements by others, as signed notes
    signer       the folder of the signer, to ask it for a checkpoint and its own statement; None: it is not asked
    """

    policy: str
    readers: str
    statements: tuple[str, ...] = ()
    signer: Path | None = None


def sources(
    signer: Path | None, policy: Path | None = None, readers: Path | None = None, statements: Sequence[Path] = ()
) -> Sources:
    """The sources on this machine. Where no file is given: `policy` and `readers` beside the signer's folder.

    Without a policy file the signer's own public key is trusted and no witness is asked for. Raises CannotRun where
    nothing says which key is the log's.
    """
    keys = None if signer is None else keyfile.public(signer)
    policy = policy_file(signer, policy)
    readers = readers or _beside(signer, "readers")
    if policy is None and keys is None:
        raise CannotRun(NO_CHECKPOINT)
    known = f"reader {keys.heads.text}\n" if keys is not None else ""
    named = "" if readers is None else readers.read_text("utf-8")
    return Sources(
        policy.read_text("utf-8")
        if policy is not None
        else "".join(f"log {key.text}\n" for key in keys.logs) + "quorum none\n"
        if keys
        else "",
        named if known.strip() in named else known + named,
        tuple(path.read_text("utf-8") for path in statements),
        signer if keys is not None else None,
    )


def gather(
    log: Log,
    tag: str,
    given: Sources,
    *,
    known: int | None = None,
    most: int | None = None,
    opened: Callable[[Entry], Sequence[str]] | None = None,
) -> dict[str, bytes]:
    """The files of the bundle of `tag`, checked as its holder will check them.

    known: the position up to which it is asked what was known. most: entries it may have. opened: the disclosures of
    an entry that the bundle's holder may see; without it none is shown.

    Raises NotFound where the tag never occurred (by then), CannotRun without a checkpoint that fits, BundleTooLarge,
    Broken where the log does not hold what was signed, or a statement contradicts it.
    """
    note, statements = _checkpoint(log, tag, given, known)
    head = _parsed(note)
    if log.head().size < head.size:
        raise Broken("the log is shorter than what was signed", position=log.head().size + 1)
    if most is not None and log.count(tag=tag) > most:
        raise BundleTooLarge(f"({tag}: > {most})")
    entries = dossier.load(log, tag, until=head.size).entries
    if not entries or (known is not None and entries[0].position > known):
        raise NotFound(f"({tag})")
    try:
        return build(
            tag,
            [entry.raw for entry in entries],
            _proofs(log, [entry.position for entry in entries], head.size),
            note,
            given.policy,
            statements=statements,
            readers=given.readers,
            known=known,
            disclosures=[(one.position, text) for one in entries for text in (opened(one) if opened else ())],
            rules=_rules(entries),
            titles=_titles(),
        )
    except NotProvable as refused:
        if refused.step in ("inclusion", "entry", "history", "statement"):
            raise Broken(str(refused)) from refused
        raise CannotRun(str(refused)) from refused


def _checkpoint(log: Log, tag: str, given: Sources, known: int | None) -> tuple[str, list[str]]:
    """The checkpoint's note, and the statements at its size."""
    if given.statements:
        sizes = {_stated(text).size for text in given.statements}
        if len(sizes) > 1:
            raise CannotRun(f"末条声明的规模不一 · the statements are of several sizes: {sorted(sizes)}")
        wanted = sizes.pop()
        return _of_size(log, wanted), [*_operator(tag, given, wanted), *given.statements]
    if known is not None:
        note = checkpoints.covering(log, known)
        if note is None:
            raise CannotRun(NO_CHECKPOINT)
        return note, _operator(tag, given, _parsed(note).size)
    if given.signer is not None and (given.signer / door.FILE).exists():
        stated = door.tag_head(given.signer, tag)
        return _of_size(log, _stated(stated).size), [stated]
    note = checkpoints.newest(log)
    if note is None:
        raise CannotRun(NO_CHECKPOINT)
    return note, []


def _operator(tag: str, given: Sources, size: int) -> list[str]:
    """The signer's own statement, where it runs and stands at this very size: it signs no earlier one."""
    if given.signer is None or not (given.signer / door.FILE).exists():
        return []
    stated = door.tag_head(given.signer, tag)
    return [stated] if _stated(stated).size == size else []


def _of_size(log: Log, size: int) -> str:
    """The checkpoint of this size. Who has just signed a statement publishes it in a moment: that long it waits."""
    for look in range(LOOKS):
        note = checkpoints.covering(log, size)
        if note is not None:
            if _parsed(note).size == size:
                return note
            break
        if look < LOOKS - 1:
            sleep(LOOK_SECONDS)
    raise CannotRun(f"{NO_CHECKPOINT} ({size})")


def _proofs(log: Log, positions: Sequence[int], size: int) -> list[Proof]:
    """The inclusion proof of each position, from as few questions as there are times AT_ONCE entries."""
    found = []
    for start in range(0, len(positions), AT_ONCE):
        wanted = {position - 1: plans.inclusion(position - 1, size) for position in positions[start : start + AT_ONCE]}
        hashes = read_tiles(log, sorted({tile for plan in wanted.values() for tile in plan.tiles}))
        found += [Proof(index, tuple(plan.compute(hashes))) for index, plan in wanted.items()]
    return found


def _rules(entries: Sequence[Entry]) -> Mapping[str, bytes]:
    """The rulebook that alerts among the entries were raised under, where it is still the shipped one.

    Its digest stands in each alert, and can be computed again from these files (`projections.rulebook`).
    """
    editions = {str(entry.data.get("edition_digest")) for entry in entries if entry.type == dossier.ALERT}
    if not editions or shipped().edition.digest not in editions:
        return {}
    root = schemas() / "rulebook"
    files = [path for folder in ("clocks", "rules") for path in sorted((root / folder).glob("*.json"))]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def _titles() -> dict[str, str]:
    return {contract.type: f"{contract.title} {contract.title_en}" for contract in Contracts.load()}


def _parsed(note: str) -> Checkpoint:
    try:
        return Checkpoint.parse(Note.parse(note).text)
    except ProofError as fault:
        raise Broken(f"a published checkpoint cannot be read: {fault}") from fault


def _stated(text: str) -> TagHead:
    try:
        return TagHead.parse(Note.parse(text).text)
    except ProofError as fault:
        raise CannotRun(f"不是末条声明 · no tag-head statement: {fault}") from fault


def _beside(signer: Path | None, name: str) -> Path | None:
    """A file of this name in the folder that holds the signer's."""
    found = None if signer is None else signer.parent / name
    return found if found is not None and found.is_file() else None
