"""Sealed events: committed now, readable by nobody until the event that opens them (`schemas/formats/sealing.md`).

    forms       groups, tokens, the sealed entry, the plaintext: which bytes stand for what
    wrapping    HPKE to each keeper in turn: what only all of them together can read
    groups      which groups the contracts know, what is sealed in them, what opens them

Whether opened groups hold is checked by `ledger.verification.seals`, by entries alone.

Not to be mixed up with `ledger.sealing`, which seals every entry, hidden or not, into the chain.
"""
