"""The digests of seed 1 that are committed: whoever makes the same city gets the same bytes, on any machine and Python.

`tests/vectors/city/digests.json` maps a number of events to the SHA-256 of the file of that city, misconduct 0. A test
computes the small ones; `ops/simulate --vectors check` all of them. A change of the city's lives is a change of these:
`ops/simulate --vectors write`, and say why in the commit.
"""

from pathlib import Path

from city.paper import Paper
from city.telling import Wish, city_of, tell
from ledger.canonical import decode
from ledger.contracts import Contracts

FILE = Path(__file__).resolve().parents[2] / "tests" / "vectors" / "city" / "digests.json"


def committed() -> dict[int, str]:
    """Events and digest of each committed city."""
    return {int(events): str(digest) for events, digest in decode(FILE.read_bytes()).items()}


def commit(digests: dict[int, str]) -> None:
    """Write the digests."""
    lines = ",\n".join(f'  "{events}": "{digest}"' for events, digest in sorted(digests.items()))
    FILE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def digest(events: int, contracts: Contracts | None = None) -> str:
    """The SHA-256 of the file of the city of so many events, seed 1."""
    wish, paper = Wish(events=events), Paper(None)
    tell(city_of(wish, contracts), wish, paper)
    return paper.digest()
