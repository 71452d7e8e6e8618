"""The kinds of life there are, each with its part in the city.

A module under `city/lives` states `KINDS`; all are found by their file's name, so a new one is added by adding a file.

    KINDS = (Kind("complaint", complaint, share=150, events=6),)

`share` is the part of all events that this kind makes, in ten-thousandths of the whole city (all shares together need
not be 10,000: they are compared with each other); `events` is how many events one such life usually has. The first
`opening` kinds run once each on the first day, before everything else: what must stand before anybody can act.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from city import lives
from city.course import Course, Life


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of life. `name` is unique, `[a-z0-9-]`, and begins the ids of its events."""

    name: str
    life: Callable[[Course], Life]
    share: int
    events: int
    opening: bool = False


def all_kinds() -> tuple[Kind, ...]:
    """Every kind, by name of module and then as stated. Raises ValueError where two have one name."""
    found: dict[str, Kind] = {}
    for module in sorted(one.name for one in iter_modules(lives.__path__)):
        for kind in getattr(import_module(f"city.lives.{module}"), "KINDS", ()):
            if kind.name in found:
                raise ValueError(f"two kinds of life are called {kind.name}")
            found[kind.name] = kind
    return tuple(found.values())
