"""The keepers and seals of a ledger that runs here: found where they were made, put together for the writer.

Beside an embedded server the demonstration's two keepers have a folder each under `keepers`. They run in this process:
that is enough to see everything work, and keeps nothing from whoever owns the machine. In production each keeper is a
program of its own, of a supervising body's own (`sunledger keeper`), and `keepers.toml` says where they are.
"""
