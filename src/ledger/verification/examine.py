"""An entry that does not fit: which of its columns was changed, or is it its neighbour?

The chain is the judge. The next entry names this one's leaf hash in its `prev`, and hashes do not agree by accident:

    leaf column ≠ hash of the bytes    the next entry names the hash → the leaf column was changed
                                       the next entry names the leaf → the bytes were changed
    leaf column = hash of the bytes    the number differs            → the position column was changed
    but `prev` is not the last leaf    the entry after vouches for this one → the one before was replaced, leaf and all
                                       it does not                          → this one was

Behind the newest entry there is nobody to ask. There the bytes' own form decides, and whether the leaf column is still
almost the hash (one changed byte leaves 31 of 32).
"""

from ledger.verification.form import canonical_entry, demand_known, shaped, type_of
from ledger.verification.stored import Stored
from ledger.verification.verdict import Kind
from ledger.verification.walk import Walk

_HASH_BYTES = 32
_ALMOST = 8
"""A leaf column that differs from the hash in at most so many bytes was the hash once."""


def examine(walk: Walk, row: Stored) -> None:
    """Say what is wrong with the row at hand, and move the walk behind it. Raises TooMany, Newer."""
    due = walk.size + 1
    if row.place < due:
        walk.extras.append(row)
        _extra(walk, row)
        return
    if row.place > due:
        if row.leaf != row.digest or row.document is None or not shaped(row.document):
            walk.extras.append(row)
            _extra(walk, row)
            return
        _gap(walk, row, due)
        due = row.place
    if row.leaf != row.digest:
        _bytes_or_leaf(walk, row, due)
    elif row.document is None or not shaped(row.document):
        _known(walk, row)
        _replaced(walk, row, due, "该行的内容不是条目。", "What stands there is no entry.")
    else:
        _whole(walk, row, due)


def _extra(walk: Walk, row: Stored) -> None:
    copied = row.document is not None and row.leaf == row.digest
    walk.faults.entry(
        None,
        row.position,
        Kind.INSERTED,
        f"内容为第 {row.place} 条的副本。" if copied else "链上没有它的位置。",
        f"It is a copy of entry {row.place}." if copied else "The chain has no place for it.",
    )


def _gap(walk: Walk, row: Stored, due: int) -> None:
    last = row.place - 1
    span = f"{due}" if last == due else f"{due}–{last}"
    blame = walk.faults.entry(
        None, due, Kind.DELETED, f"缺第 {span} 条。", f"Missing: {span}; entry {row.place} follows."
    )
    blame.last = last
    walk.hole(row.place, row.prev)


def _known(walk: Walk, row: Stored) -> None:
    """An entry that continues the chain but has a form of later versions is not broken."""
    if row.document is not None and row.position == row.place and row.prev == walk.tip:
        demand_known(row.document)


def _next_prev(walk: Walk, due: int) -> bytes | None:
    """What the row that follows says this one's leaf was, if its own bytes are what its leaf says."""
    following = walk.peek(0)
    whole = following is not None and following.place == due + 1 and following.leaf == following.digest
    return following.prev if following is not None and whole else None


def _bytes_or_leaf(walk: Walk, row: Stored, due: int) -> None:
    """Leaf column and hash differ: one of the two columns was changed."""
    following = walk.peek(0)
    named = following.prev if following is not None else None  # equal hashes prove, whatever else is wrong there
    leaf_changed = named == row.digest if named in (row.digest, row.leaf) else _looks_like_leaf(walk, row, due)
    if leaf_changed:
        walk.faults.entry(
            "leaf",
            due,
            Kind.CHANGED,
            f"存 {row.leaf.hex()}，按条目字节应为 {row.digest.hex()}。",
            f"Stored {row.leaf.hex()}; the entry's bytes give {row.digest.hex()}.",
        )
        walk.faults.truths.add(row.digest.hex())
        _whole(walk, row, due)
        return
    said = _next_prev(walk, due)
    true = said if said is not None and said != row.digest else row.leaf
    _replaced(
        walk,
        row,
        due,
        f"条目字节的哈希为 {row.digest.hex()}，封存时为 {true.hex()}。",
        f"Its bytes hash to {row.digest.hex()}; sealed was {true.hex()}.",
        true,
    )


def _looks_like_leaf(walk: Walk, row: Stored, due: int) -> bool:
    """Nobody behind vouches: is it the leaf column that was changed?"""
    if len(row.leaf) != _HASH_BYTES:
        return True
    document = row.document
    if (
        document is None
        or not shaped(document)
        or document["position"] != due
        or row.prev != walk.tip
        or not canonical_entry(document, row.raw)
        or type_of(document) != row.type
    ):
        return False
    differing = sum(a != b for a, b in zip(row.leaf, row.digest, strict=True))
    return differing <= _ALMOST or row.leaf == walk.tip or row.leaf.hex() in walk.faults.truths


def _replaced(walk: Walk, row: Stored, due: int, zh: str, en: str, true: bytes | None = None) -> None:
    """The bytes at `due` are not those that were sealed; `true` is the leaf hash of those, where it is known."""
    walk.faults.entry("entry", due, Kind.CHANGED, zh, en)
    walk.faults.unjudged.add(due)
    true = true or _next_prev(walk, due) or row.digest
    walk.step_over(true, row.digest)


def _whole(walk: Walk, row: Stored, due: int) -> None:
    """The bytes are an entry with their own true hash: number, type, chain, time and form are left to check."""
    document = row.document or {}
    if row.prev != walk.tip and due > 1 and _this_one_lies(walk, row, due):
        true = _next_prev(walk, due)
        _replaced(walk, row, due, "prev 不是前一条的哈希。", "Its prev is not the hash of the entry before.", true)
        return
    _known(walk, row)
    if row.position != due:
        walk.moved[due] = row.position
        walk.faults.entry(
            "position",
            due,
            Kind.CHANGED,
            f"第 {due} 条现在的编号是 {row.position}。",
            f"Entry {due} stands under the number {row.position}.",
        )
    if type_of(document) != row.type:
        walk.faults.entry(
            "type",
            due,
            Kind.CHANGED,
            f"存 {row.type}，条目内为 {document['event']['type']}。",
            f"Stored {row.type}; the entry says {document['event']['type']}.",
        )
    _sealed_wrong(walk, row, due)
    walk.advance(document, row.digest, row.raw)


def _this_one_lies(walk: Walk, row: Stored, due: int) -> bool:
    """`prev` and the leaf before differ: True when this row was replaced; else the one before is blamed here."""
    before = due - 1
    said = _next_prev(walk, due)
    if said is not None and said != row.digest:
        return True
    if not walk.faults.unknown(before):
        blame = walk.faults.entry(
            "entry",
            before,
            Kind.CHANGED,
            "条目字节连同哈希被替换：后一条的 prev 与之不符。",
            "Bytes and leaf were replaced together: the next entry's prev names another leaf.",
        )
        blame.rival = due if said is None else None
        walk.faults.unjudged.add(before)
    walk.vouch(row.prev or walk.tip)
    return False


def _sealed_wrong(walk: Walk, row: Stored, due: int) -> None:
    """What no later change explains: the chain vouches for these bytes, and they have not the form of an entry."""
    document = row.document or {}
    if due == 1 and row.prev != walk.tip:
        walk.faults.entry(
            "entry", due, Kind.SEALED_WRONG, "第一条的 prev 应为 64 个零。", "The first entry's prev is 64 zeros."
        )
    if not walk.in_time(document["recorded"]):
        walk.faults.entry(
            "entry",
            due,
            Kind.SEALED_WRONG,
            f"recorded 早于前一条或格式不符：{document['recorded']}。",
            f"recorded is before the last entry's, or malformed: {document['recorded']}.",
        )
    if not canonical_entry(document, row.raw):
        walk.faults.entry("entry", due, Kind.SEALED_WRONG, "字节不是规范形式。", "The bytes are not in canonical form.")
