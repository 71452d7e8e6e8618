"""The start-up guard: is this database still the log that was signed?

Before a server takes posts, the log's end is compared with what is known of it elsewhere: the signer's memory, and the
last checkpoint it published. Three answers:

    as it should be    every known root is the root of the log at that size
    behind             the log is shorter than what was signed: a backup was restored, or entries were cut off. Writing
                       now would put other entries in the lost places; so the log can be read only (`Behind`)
    another log        a known root is not the log's: nothing is served (`AnotherLog`)

Roots come from tiles and leaf hashes as they are stored, which is quick at any size; `verify` is what reads the bytes.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from ledger.errors import Broken, CannotRun, ReadOnly
from ledger.proofs.checkpoint import Checkpoint, verify
from ledger.proofs.failures import ProofError
from ledger.proofs.keys import VerifierKey
from ledger.proofs.note import Note
from ledger.signing import keyfile, memory
from ledger.store import checkpoints
from ledger.store.postgres import Log
from ledger.store.tiles import root_at
from ledger.verification.outside import Record

MANY = 1000
"""Published checkpoints that `outside_records` gives at most: the newest stands for all, the others find the place."""


class Behind(ReadOnly):
    """台账短于已签名的记录，只可读取。 · The log is shorter than what was signed; it can only be read."""

    code = "log-behind"

    def __init__(self, size: int, record: Record) -> None:
        self.lost = (size + 1, record[1])
        first, last = self.lost
        super().__init__(
            f"(缺第 {first}–{last} 条，{record[0]} 记有 {record[1]} 条 · lost: {first} to {last}, known by {record[0]})"
        )


class AnotherLog(Broken):
    """这不是已签名的那本台账，不予启动。 · This is not the log that was signed; nothing is served."""

    code = "another-log"


def signer_record(folder: Path) -> list[Record]:
    """What the signer in this folder remembers; nothing where it has read nothing yet. Raises as `Memory`."""
    if not (folder / memory.FILE).exists():
        return []
    known, _ = memory.look(folder)
    return [("signer", known.size, known.root)] if known.size else []


def published_records(log: Log, keys: Sequence[VerifierKey]) -> list[Record]:
    """The published checkpoints, smallest first. Raises Broken where none of the keys, if any, signed one."""
    with log.connection() as connection:
        notes = checkpoints.published(connection)
    return [_record(note, keys) for note in notes]


def outside_records(log: Log, folder: Path) -> tuple[list[Record], list[str]]:
    """What `verify` compares with: the signer's memory, and the published checkpoints that its key signed.

    Behind them what is wrong with the other published ones. Raises CannotRun where the folder is no signer's.
    """
    keys = keyfile.public(folder)
    if keys is None:
        raise CannotRun(f"{folder}: 这里没有签名程序的记忆 · no memory of a signer here")
    with log.connection() as connection:
        notes = checkpoints.placed(connection)
    step = len(notes) // MANY + 1
    records, forged = signer_record(folder), []
    for size, note in notes[::-1][::step]:
        try:
            record = _record(note, keys.logs)
        except Broken as fault:
            forged.append(str(fault))
            continue
        records.append(record)
        if record[1] != size:
            forged.append(
                f"检查点（{record[1]} 条）错放在 {size} 条处 · the checkpoint of {record[1]} stands at {size}"
            )
    return records, forged


def demand_signed_log(log: Log, folder: Path | None) -> None:
    """Compare the log's end with the signer's memory in `folder`, where given, and the last published checkpoint.

    Raises Behind, AnotherLog naming between which positions the first difference lies, or Broken where a tile or a
    published checkpoint is damaged.
    """
    records = signer_record(folder) if folder is not None else []
    public = keyfile.public(folder) if folder is not None else None
    keys = () if public is None else public.logs
    if (note := checkpoints.newest(log)) is not None:
        records.append(_record(note, keys))
    size = log.head().size
    for record in records:
        if record[1] <= size and not _agrees(log, record):
            raise AnotherLog(_where(log, record, keys))
    longest = max(records, key=lambda record: record[1], default=None)
    if longest is not None and longest[1] > size:
        raise Behind(size, longest)


def _agrees(log: Log, record: Record) -> bool:
    return root_at(log, record[1]) == record[2]


def _where(log: Log, record: Record, keys: Sequence[VerifierKey]) -> str:
    """The sentence: the last published checkpoint that still agrees bounds the first difference from below."""
    try:
        known = [one for one in published_records(log, keys) if one[1] < record[1]]
    except Broken:
        known = []
    agreeing = _last_that(known, lambda one: _agrees(log, one))
    first = 1 if agreeing is None else agreeing[1] + 1
    return (
        f"({record[0]}：前 {record[1]} 条的根与所记不同，首个差异在第 {first}–{record[1]} 条 · the root of the first "
        f"{record[1]} entries is not the one held by {record[0]}; the first difference is in {first} to {record[1]})"
    )


def _last_that(records: Sequence[Record], agrees: Callable[[Record], bool]) -> Record | None:
    """The last record that agrees, where all before the first difference do and none behind it: by halving."""
    low, high = 0, len(records)
    while low < high:
        middle = (low + high) // 2
        if agrees(records[middle]):
            low = middle + 1
        else:
            high = middle
    return records[low - 1] if low else None


def _record(note: str, keys: Sequence[VerifierKey]) -> Record:
    """The record of a published note. Raises Broken where it is no checkpoint, or not signed by one of the keys."""
    try:
        parsed = Note.parse(note)
        found = verify(parsed, keys).checkpoint if keys else Checkpoint.parse(parsed.text)
    except ProofError as fault:
        raise Broken(f"a published checkpoint is not what the signer signed: {fault}") from fault
    return "published checkpoint", found.size, found.root
