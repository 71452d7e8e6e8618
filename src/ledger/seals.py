"""Seals for ledgers whose clock is told: two keepers in this process, who need no checkpoint and open at once.

    Writer(dsn, vault=vault, seals=simulated.seals(contracts, vault))

For simulations and tests. Keepers with a folder remember their keys, so that another process opens what one sealed.
"""

import os
from pathlib import Path

from ledger.contracts import Contracts
from ledger.keeper import Keeper
from ledger.sealed_events.states import MASTER, Seals
from ledger.vault import Vault

ORGS = ("KEEPER1", "KEEPER2")
"""What two keepers are called where nobody has named any."""


def seals(contracts: Contracts, vault: Vault, folder: Path | None = None) -> Seals:
    """The seals of a told ledger. `folder`: where the keepers remember their keys; None for this process alone."""
    keepers = [Keeper(org, contracts, None if folder is None else folder / org) for org in ORGS]
    return Seals(contracts, master_of(vault), keepers)


def master_of(vault: Vault) -> bytes:
    """The secret that all group keys come from; made where there is none."""
    master = vault.get(MASTER)
    if master is None:
        master = os.urandom(32)
        vault.put(MASTER, master)
    return master
