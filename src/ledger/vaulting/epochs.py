"""The epochs of a vault's wrapping keys, and the small files that remember them.

epochs.json   [{"began":"2026-01-01T00:00:00.000000Z","number":1}, …]   oldest first; the last one is open
closed.json   {"epoch":0}             the newest epoch whose wrapping key is destroyed
erased.json   {"count":0,"epoch":1}   keys erased in the open epoch; written anew whenever a key file was
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ledger import clock
from ledger.canonical import encode
from ledger.durable import write_once
from ledger.errors import CannotRun

EPOCH = timedelta(days=30)
"""How long a wrapping key lives: until its end what is erased can still be read from copies of the vault."""

Mark = tuple[int, int]
"""Inode and time of change of a file: another mark, another content."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """The life of a wrapping key."""

    number: int
    began: str

    @property
    def key(self) -> str:
        """The name of its wrapping key."""
        return f"kek-{self.number}"


@dataclass(frozen=True, slots=True)
class EpochClosed:
    """What `ledger.key-epoch-closed` says of an epoch: its keys that live on, and those erased in it."""

    epoch: Epoch
    ended: str
    living: int
    erased: int


class Epochs:
    """Reads and writes these files in a vault's folder; who writes holds the vault's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: tuple[Mark, list[Epoch]] | None = None

    def all(self) -> list[Epoch]:
        """The epochs, oldest first, as they stand on the disk now. Raises CannotRun."""
        path = self._folder / "epochs.json"
        try:
            seen = mark(path)
            if self._read is None or self._read[0] != seen:
                stated = json.loads(path.read_bytes())
                self._read = (seen, [Epoch(one["number"], one["began"]) for one in stated])
        except (OSError, ValueError, KeyError) as fault:
            raise CannotRun(f"密钥库 · vault {path}: {type(fault).__name__}") from fault
        return self._read[1]

    def open(self) -> Epoch:
        """The one whose key wraps now."""
        return self.all()[-1]

    def begin(self, epoch: Epoch) -> None:
        """Open a further epoch."""
        known = self.all() if (self._folder / "epochs.json").exists() else []
        stated = [{"began": one.began, "number": one.number} for one in [*known, epoch]]
        write(self._folder / "epochs.json", encode(stated))

    def closing(self) -> Epoch | None:
        """The epoch whose end was begun and not completed."""
        known, closed = self.all(), number(self._folder / "closed.json", "epoch")
        return known[-2] if len(known) > 1 and known[-2].number > closed else None

    def close(self, done: EpochClosed) -> None:
        """Its wrapping key is destroyed."""
        said = {"began": done.epoch.began, "ended": done.ended, "epoch": done.epoch.number}
        write(self._folder / "closed.json", encode({**said, "erased": done.erased, "living": done.living}))
        self.tell_erased(0)

    def closed(self) -> EpochClosed | None:
        """The newest epoch that was closed, for the log to say so. Raises CannotRun."""
        path = self._folder / "closed.json"
        if not path.exists():
            return None
        try:
            said = json.loads(path.read_bytes())
            epoch = Epoch(said["epoch"], said["began"])
            return EpochClosed(epoch, said["ended"], said["living"], said["erased"])
        except (OSError, ValueError, KeyError) as fault:
            raise CannotRun(f"密钥库 · vault {path}: {type(fault).__name__}") from fault

    def is_due(self, present: datetime) -> bool:
        """Whether the open epoch has had its time."""
        return present - clock.parse(self.open().began) >= EPOCH

    def erased(self) -> int:
        """How many keys were erased in the open epoch."""
        return number(self._folder / "erased.json", "count")

    def tell_erased(self, count: int) -> None:
        """How many keys were erased in the open epoch, now that key files were written anew."""
        write(self._folder / "erased.json", encode({"count": count, "epoch": self.open().number}))

    def generation(self) -> Mark:
        """Another one as soon as a key file was written anew."""
        path = self._folder / "erased.json"
        return mark(path) if path.exists() else (0, 0)


def mark(path: Path) -> Mark:
    """Tells one content of a replaced file from another. Raises OSError."""
    seen = path.stat()
    return seen.st_ino, seen.st_mtime_ns


def number(path: Path, name: str) -> int:
    """A number in a small file; 0 where there is no file yet."""
    try:
        return int(json.loads(path.read_bytes())[name])
    except FileNotFoundError:
        return 0


def write(path: Path, raw: bytes) -> None:
    """Put a small file in its place, whole and durable, readable by its owner only. Raises CannotRun."""
    try:
        write_once(path, raw)
    except OSError as fault:
        raise CannotRun(f"密钥库 · vault {path}: {fault.strerror}") from fault
