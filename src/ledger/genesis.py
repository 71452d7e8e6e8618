"""The first entry of a ledger: `ledger.created`. Through `prev` every later entry belongs to this one log.

It fixes the clock for ever (decisions 1): `real` takes `recorded` from the machine, `told` from the writing program;
the origin of a told ledger begins with `simulated.`, so that every page and proof carries the word.
"""

import secrets
from datetime import datetime

from ledger import clock
from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.errors import CannotRun
from ledger.post import LEDGER_TAG, SYSTEM_SOURCE, Receipt
from ledger.sealing import FIRST_TYPE
from ledger.writer import Writer

SIMULATED = "simulated."


def system(organ: str, part: str = "writer") -> Poster:
    """The ledger itself as a poster; `organ` is the code of the organisation that runs it."""
    return Poster(org=organ, organ="SYS", via=f"system:{part}")


def create(
    writer: Writer, contracts: Contracts, *, origin: str, region: str, organ: str, told: datetime | None = None
) -> Receipt:
    """Write entry 1. `told`: the first moment of a told clock; None makes a real-clock ledger.

    Raises CannotRun when origin and clock do not fit each other, and whatever the writer raises when the log is not
    empty.
    """
    if (told is not None) != origin.startswith(SIMULATED):
        raise CannotRun("the origin of a told ledger, and only of one, begins with `simulated.`")
    event = {
        "specversion": "1.0",
        "id": "created",
        "source": SYSTEM_SOURCE,
        "type": FIRST_TYPE,
        "subject": LEDGER_TAG,
        "time": clock.stamp(told or clock.now()),
        "data": {
            "origin": origin,
            "clock": "real" if told is None else "told",
            "region": region,
            "organ": organ,
            "hash": "SHA-256",
            "format": 1,
            "nonce": secrets.token_hex(16),
            "keys": [],
            "predecessor": None,
        },
    }
    return writer.append([admit(event, system(organ), contracts, recorded=told)])[0]
