"""The ledger's SQL, one statement a file: read it as text by name."""

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """The text of `<name>.sql`."""
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def migrations() -> list[tuple[str, str]]:
    """(file name, text) of every migration, in order of its number."""
    folder = files(__name__).joinpath("migrations")
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(name, folder.joinpath(name).read_text(encoding="utf-8")) for name in found]
