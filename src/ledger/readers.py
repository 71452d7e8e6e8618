"""Who may read what of a class: the table of `schemas/codes/secrecy.json`, asked with what is known of the reader.

    {"organs": ["REG"], "of_case": ["ASB"], "own": true, "purpose": true}

`organs` may read whatever has the class; those `of_case` where they have posted on the lot or case that it belongs to;
`own` lets the organisation that gave it read it again; with `purpose` nobody reads without saying what for, and what
he said stands in the log. `everyone` needs no key. A reader who is none of these may not, whoever he is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from ledger.admission import Poster
from ledger.codes import read_json
from ledger.contracts import schemas


@dataclass(frozen=True, slots=True)
class Readers:
    """One line of the table."""

    everyone: bool = False
    organs: tuple[str, ...] = ()
    of_case: tuple[str, ...] = ()
    own: bool = False
    purpose: bool = False

    def admit(self, reader: Poster, owner: str, of_case: Callable[[], bool]) -> bool:
        """Whether a known reader may read what `owner` (a code) gave; `of_case` is asked only where it decides."""
        return (
            self.everyone
            or reader.organ in self.organs
            or (self.own and reader.org == owner)
            or (reader.organ in self.of_case and of_case())
        )


@cache
def table() -> Mapping[str, Readers]:
    """The table by class, from the most open class to the most closed. A class without a line has no reader."""
    lines = read_json(schemas() / "codes" / "secrecy.json")["codes"]
    return {one["code"]: _readers(one.get("readers", {})) for one in lines}


def _readers(said: Mapping[str, object]) -> Readers:
    organs, of_case = (tuple(map(str, said.get(name, ()))) for name in ("organs", "of_case"))  # type: ignore[call-overload]
    flags = {name: said.get(name) is True for name in ("everyone", "own", "purpose")}
    return Readers(organs=organs, of_case=of_case, **flags)
