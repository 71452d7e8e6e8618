"""Sorting more than memory holds: records go in, come out in byte order, and only a bounded part stays in memory.

Records are byte strings that sort as they should (big-endian numbers first). When those in memory pass a limit they
are sorted and written to a temporary file without a name, each as `uint32 BE length ‖ record`; reading merges the
files. Nothing is left on the disk when the sorter is closed or the process dies.
"""

from collections.abc import Iterable, Iterator
from heapq import merge
from struct import Struct
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

_OVERHEAD = 60
_LENGTH = Struct("!I")
_BUFFER = 1 << 20


class Sorter:
    """Takes byte records in any order, gives them back sorted; at most `limit` bytes of them stay in memory.

    Used by one thread; read once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._runs: list[IO[bytes]] = []
        self.count = 0

    def add(self, record: bytes) -> None:
        """Take one record."""
        self._held.append(record)
        self._held_bytes += len(record) + _OVERHEAD
        self.count += 1
        if self._held_bytes > self._limit:
            self._spill()

    def extend(self, records: Iterable[bytes]) -> None:
        """Take many records."""
        for record in records:
            self.add(record)

    @property
    def runs(self) -> int:
        """How many sorted files lie on the disk."""
        return len(self._runs)

    def sorted(self) -> Iterator[bytes]:
        """All records in byte order, equal ones as often as they were given."""
        self._held.sort()
        if not self._runs:
            return iter(self._held)
        return merge(*[_read(run) for run in self._runs], self._held)

    def _spill(self) -> None:
        self._held.sort()
        run = TemporaryFile(buffering=_BUFFER)  # noqa: SIM115  (lives until `close`)
        for record in self._held:
            run.write(_LENGTH.pack(len(record)))
            run.write(record)
        self._runs.append(run)
        self._held, self._held_bytes = [], 0

    def close(self) -> None:
        """Give memory and files back."""
        for run in self._runs:
            run.close()
        self._runs, self._held = [], []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _read(run: IO[bytes]) -> Iterator[bytes]:
    run.seek(0)
    while head := run.read(_LENGTH.size):
        (length,) = _LENGTH.unpack(head)
        yield run.read(length)
