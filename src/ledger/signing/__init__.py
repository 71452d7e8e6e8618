"""What the log's signer is made of: its memory, what it demands of an entry, its keys, its door (`ledger.signer`)."""
