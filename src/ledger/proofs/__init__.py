"""Proofs that need no trust in whoever keeps the log. Standard library and `cryptography` only: carry this away.

Two halves that do not know each other, and three documents made of both:

    tree, tiles, build, check     hashes: a Merkle log, what a proof needs, the proof, whether it holds
    keys, note                    signatures: Ed25519 keys in text, signed notes
    signature                     what a poster signs: one event, or a batch
    checkpoint, policy, receipt   "this log has this size and root", who must say so, and one entry's place in it
    taghead                       "the history of this tag ends here", by somebody who has read everything
    bundle, report, offline       all of that about one tag, to print, and three verifiers that go with it

Nothing here reads a file, a database or a clock. The names form a grid:

    build.inclusion(index, size)   → which tiles, then the hashes      check.inclusion(leaf, index, size, path, root)
    build.consistency(old, new)    → which tiles, then the hashes      check.consistency(old, root, new, root, path)

A receipt, from beginning to end (`>>>` lines as in a shell; tests/unit/proofs runs this passage):

    >>> from ledger.proofs import build, checkpoint, keys, policy, receipt, tree
    >>> key = keys.PrivateKey.of(bytes(32), "log.example/city")
    >>> leaves = [tree.leaf_hash(entry) for entry in (b"one", b"two", b"three")]
    >>> head = checkpoint.Checkpoint("log.example/city", 3, tree.Edge.over(leaves).root())
    >>> path = build.inclusion(1, 3).compute({(0, 0): b"".join(leaves)})
    >>> given = receipt.Receipt(1, tuple(path), checkpoint.sign(head, key), extra=b"two")
    >>> trusted = policy.Policy.parse(f"log {key.vkey.text}\\nquorum none\\n")
    >>> receipt.check(receipt.Receipt.parse(given.text), trusted, entry=b"two").position
    2

Two kinds of wrong never mix. What a stranger sent and does not hold is one of `ledger.proofs.failures`; a call that
makes no sense is our own mistake and raises ValueError.
"""
