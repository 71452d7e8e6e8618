"""Whether a proof holds. The twin of `build`, and independent of it: RFC 9162 sections 2.1.3.2 and 2.1.4.2.

A proof that does not hold gets one answer, `ProofFailed`, whatever is wrong with it; the exception carries the claimed
and the computed root for whoever looks into the case. Leaf and roots are the caller's own: hashed by it, or read
from a checkpoint whose signature was checked. If one of them is not 32 bytes, the caller is wrong: ValueError.
"""

from collections.abc import Sequence

from ledger.proofs.failures import ProofFailed
from ledger.proofs.tree import node_hash


def inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Returns if `leaf` is leaf `index` (from 0) of the log with this size and root, else raises ProofFailed.

    1. 0 ≤ index < size; every hash of the path is 32 bytes.
    2. fn = index, sn = size - 1, r = leaf.
    3. For each p: if sn is 0, fail. If fn is odd or fn = sn: r = node(p, r), and if fn is even shift both right until
       fn is odd or 0. Otherwise r = node(r, p). Then shift both right once.
    4. It holds if sn is 0 and r is the root.
    """
    _demand_hashes(leaf, root)
    try:
        computed = root_from(leaf, index, size, path)
    except ProofFailed:
        raise ProofFailed(root) from None
    if computed != root:
        raise ProofFailed(root, computed)


def root_from(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a leaf and its path give: steps 1 to 3 of `inclusion`. Raises ProofFailed where they give none."""
    _demand_hashes(leaf)
    if not 0 <= index < size or not _hashes(path):
        raise ProofFailed
    fn, sn, computed = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            raise ProofFailed
        if fn & 1 or fn == sn:
            computed = node_hash(sibling, computed)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            computed = node_hash(computed, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise ProofFailed
    return computed


def consistency(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """Returns if the log of size `new` begins with the log of size `old`, else raises ProofFailed.

    1. 0 < old ≤ new; every hash is 32 bytes. Equal sizes: no hash, and equal roots. (What begins at size 0 is a
       question of protocol: the witness decides it, not this function.)
    2. If old is a power of two, the old root goes in front of the path. Without a first hash, fail.
    3. fn = old - 1, sn = new - 1; while fn is odd shift both right. fr = sr = the first hash.
    4. For each further c: if sn is 0, fail. If fn is odd or fn = sn: fr = node(c, fr), sr = node(c, sr), and shift both
       right while fn is even and not 0. Otherwise sr = node(sr, c). Then shift both right once.
    5. It holds if sn is 0, fr is the old root and sr the new root.
    """
    _demand_hashes(old_root, new_root)
    if not 0 < old <= new or not _hashes(path):
        raise ProofFailed(new_root)
    if old == new:
        if path or old_root != new_root:
            raise ProofFailed(new_root, old_root)
        return
    if not path:
        raise ProofFailed(new_root)
    first, *rest = [old_root, *path] if old & (old - 1) == 0 else path
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old_computed = new_computed = first
    for sibling in rest:
        if sn == 0:
            raise ProofFailed(new_root)
        if fn & 1 or fn == sn:
            old_computed, new_computed = node_hash(sibling, old_computed), node_hash(sibling, new_computed)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new_computed = node_hash(new_computed, sibling)
        fn, sn = fn >> 1, sn >> 1
    if old_computed != old_root:
        raise ProofFailed(old_root, old_computed)
    if sn != 0 or new_computed != new_root:
        raise ProofFailed(new_root, new_computed)


def _hashes(path: Sequence[bytes]) -> bool:
    return all(len(hash_) == 32 for hash_ in path)


def _demand_hashes(*own: bytes) -> None:
    for hash_ in own:
        if len(hash_) != 32:
            raise ValueError("a leaf hash or root is 32 bytes")
