"""创建台账 · Found a ledger: database, first entry, organs, calendars, rules, and the first key (shown once).

Said again, it adds the editions that are new since, and changes nothing else.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from api.commands.printing import console, json_line
from api.founding import Founding, found
from api.settings import Place, reached
from api.vaults import vault_of
from ledger import clock
from ledger.contracts import Contracts
from ledger.errors import CannotRun

ORIGIN = "sunledger.example/city"
ORGAN = "12140300MA0TT001XR"
REGION = "140300"


def arguments(parser: ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--origin", default=ORIGIN, help=f"name of the log for ever, a URL without scheme ({ORIGIN})")
    parser.add_argument("--region", default=REGION, help=f"administrative division ({REGION})")
    parser.add_argument("--organ", default=ORGAN, help="code of the organisation that runs the ledger")
    parser.add_argument("--organs", type=Path, help="directory of organs, a JSON file (default: an invented one)")
    parser.add_argument("--told", metavar="TIME", help="a told clock, beginning at this RFC 3339 moment (simulations)")


def run(given: Namespace, place: Place) -> int:
    """Found or complete the ledger."""
    try:
        told = clock.parse(given.told) if given.told else None
    except ValueError as wrong:
        raise CannotRun(f"--told: {clock.problem('').en}") from wrong
    origin = f"simulated.{given.origin}" if told and not given.origin.startswith("simulated.") else given.origin
    with reached(place, make=True) as dsn:
        founded = found(dsn, Contracts.load(), Founding(origin, given.region, given.organ, told, given.organs))
        vault_of(dsn, place.vault)
    key = founded.key.text if founded.key else None
    if given.json:
        json_line({"origin": origin, "new": founded.new, "editions": founded.editions, "key": key})
        return 0
    stands = "已创建 · founded" if founded.new else "已在 · stands already"
    console.print(f"台账 ledger {origin}: {stands}", markup=False)
    console.print(f"新启用的版本 · editions activated: {founded.editions}")
    if key:
        console.print(f"第一把密钥，仅显示这一次 · the first key, shown this once:\n  {key}", markup=False)
    return 0
