"""The vault of a ledger: made with it, found again with it, and never made anew where keys are already needed.

The folder is `vault` beside an embedded server's data, or what --vault (SUNLEDGER_VAULT) names. It lies outside the
database, and must not be kept in the same backups: whoever has both can read what was erased, until the epoch closes.
"""

from pathlib import Path

from ledger.errors import CannotRun
from ledger.store.postgres import Log
from ledger.vault import Vault


def vault_of(dsn: str, folder: Path | None, *, make: bool = True) -> Vault | None:
    """The vault of the ledger at `dsn`; made where there is none yet. None where no folder is named.

    Without `make` a folder that holds none is no vault: who only reads makes nothing.

    Raises CannotRun where the log holds disclosures and the folder no vault (their keys lie somewhere else), or the
    vault is of another ledger.
    """
    if folder is None or not (make or (folder / "vault.json").exists()):
        return None
    with Log(dsn, connections=1) as log:
        first, kept = log.entry(1), log.keeps_secrets()
    if first is None:
        return None
    if kept and not (folder / "vault.json").exists():
        raise CannotRun(
            f"{folder}: 台账已有保密内容，其密钥不在这里，请用 --vault 指明 · the ledger keeps secrets whose keys are "
            "not here; say where with --vault"
        )
    return Vault.make(folder, first.leaf.hex())
