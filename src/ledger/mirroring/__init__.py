"""What a mirror is made of: where it reads, what it demands of each entry, its memory, how it is verified
(`ledger.mirror` is the follower itself)."""
