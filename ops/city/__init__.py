"""A simulated city: its trading, approvals and fees for a year or more, told as CloudEvents by a clock of its own.

    ops/simulate --events 20000 --seed 1 --out city.ndjson

Everything is invented and everything is repeatable: the same seed gives the same bytes on every machine. Lives (a lot,
a case, a complaint) are generators under `city.lives`; they are merged in the order in which the ledger hears of them.
Misconduct is an honest life with a stated tampering (`city.plans`). How to write either: `ops/city/README.md`.

Modules, from the ground up: `chance` (numbers), `moments` (time), `names`, `population` (who), `facts` (what contracts
say), `world` (the city), `act`, `course` (one life), `kinds`, `corrections`, `merge` (one stream), `tampering`,
`planning`, `misconduct` (labels), `telling`; where it goes: `paper` (a file), `into` (a ledger), `posting` (a server).
"""
