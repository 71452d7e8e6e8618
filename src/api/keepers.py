"""The keepers of a ledger, as its server reaches them, and what it seals with.

    # DATA/keepers/keepers
    keeper 11140300MA0TT0802M https://keeper.audit.example
    keeper 11140300MA0TT09091 https://keeper.discipline.example

Each is a program of a supervising body of its own (`sunledger keeper`). Where nobody has named any, two run inside this
process, each with a memory of its own under `keepers`: enough to see everything work on one machine. Who owns that
machine owns both, so `status` says that they are not independent.
"""

from collections.abc import Callable
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from ledger import seals as simulated
from ledger.contracts import Contracts
from ledger.errors import CannotRun, SealWrong
from ledger.keeper import Keeper
from ledger.proofs.policy import Policy
from ledger.sealed_events.asking import MAX_BYTES
from ledger.sealed_events.states import KeeperPort, Seals
from ledger.signing import keyfile
from ledger.vault import Vault

FILE = "keepers"
TIMEOUT_SECONDS = 30.0


class KeeperAt:
    """A keeper over HTTP; safe to share between threads."""

    def __init__(self, org: str, url: str) -> None:
        self._org = org
        self._url = urlsplit(url)

    @property
    def org(self) -> str:
        """The code of the body that keeps."""
        return self._org

    def public(self, epoch: str) -> bytes:
        """Its public key of an epoch."""
        return self._ask("GET", f"/key/{epoch}", b"")

    def open(self, raw: bytes) -> bytes:
        """Its answer to a question."""
        return self._ask("POST", "/open", raw)

    def _ask(self, method: str, path: str, body: bytes) -> bytes:
        kind = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        connection = kind(self._url.netloc, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, self._url.path.rstrip("/") + path, body)
            answer = connection.getresponse()
            said = answer.read(MAX_BYTES)
        except (OSError, HTTPException) as fault:
            raise CannotRun(f"封存保管人没有应答 · the keeper {self._org} does not answer ({fault})") from fault
        finally:
            connection.close()
        if answer.status != 200:
            raise SealWrong(f"({self._org}: {said[:300].decode('utf-8', 'replace').strip()})")
        return said


def seals_of(
    folder: Path | None,
    vault: Vault | None,
    contracts: Contracts,
    *,
    told: bool,
    trusted: Callable[[], Policy | None],
    slot: timedelta | None = None,
) -> Seals | None:
    """What a ledger seals with; None where there is no folder of keepers, or no vault.

    `trusted`: the policy that keepers in this process go by. Raises CannotRun where the file names none, or wrongly.
    """
    if folder is None or vault is None:
        return None
    if told:
        return simulated.seals(contracts, vault, folder)
    keepers: list[KeeperPort] = list(_named(folder / FILE))
    if not keepers:
        keepers = [Keeper(org, contracts, folder / org, trusted) for org in simulated.ORGS]
    master = simulated.master_of(vault)
    return Seals(contracts, master, keepers) if slot is None else Seals(contracts, master, keepers, slot)


def trusted(signer: Path | None, policy: Callable[[], Policy | None]) -> Policy | None:
    """The policy of the ledger's own file, or its signer's key alone; None before there is one."""
    if (found := policy()) is not None:
        return found
    keys = None if signer is None else keyfile.public(signer)
    return None if keys is None else Policy.parse("".join(f"log {key.text}\n" for key in keys.logs) + "quorum none\n")


def _named(file: Path) -> list[KeeperAt]:
    if not file.is_file():
        return []
    found = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        match line.split():
            case ["keeper", org, url] if url.startswith(("http://", "https://")):
                found.append(KeeperAt(org, url))
            case [] | ["#", *_]:
                continue
            case _:
                raise CannotRun(f"{file}:{number}: 应为 keeper 机构代码 地址 · `keeper ORG URL` is wanted")
    if not found:
        raise CannotRun(f"{file}: 没有写明保管人 · it names no keeper")
    return found
