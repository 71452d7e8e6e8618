"""Chance that everybody can repeat: whole numbers from SHA-256 in counter mode, one stream a label.

    lot = Chance(1, "lot", 17)
    lot.between(3, 9)                # the same number on every machine, for ever
    lot.sub("bidder", 2).below(100)  # a stream of its own: what the lot draws elsewhere does not move it

A stream is the blocks SHA-256(key ‖ counter), key = SHA-256 of the label; each block is eight words of 32 bits. No
float is used. A number below n is the upper half of word x n, drawn again where that would favour some numbers
(D. Lemire, Fast Random Integer Generation in an Interval, 2019); above 2^32 it is two words modulo n, drawn likewise.
"""

from collections.abc import Sequence
from hashlib import sha256
from struct import Struct
from typing import TypeVar

T = TypeVar("T")

_EIGHT = Struct(">8I").unpack
_WORD, _LOW = 1 << 32, (1 << 32) - 1


def digest_of(*label: object) -> bytes:
    """The 32 bytes that belong to a label: the same for the same parts."""
    return sha256("/".join(map(str, label)).encode()).digest()


class Chance:
    """A stream of whole numbers that belongs to a label."""

    __slots__ = ("_count", "_key", "_words")

    def __init__(self, *label: object) -> None:
        self._key = digest_of(*label)
        self._count = 0
        self._words: list[int] = []

    def sub(self, *label: object) -> "Chance":
        """A stream of its own below this one."""
        return Chance(self._key.hex(), *label)

    def block(self) -> bytes:
        """The next 32 bytes, whole."""
        self._count += 1
        return sha256(self._key + (self._count - 1).to_bytes(8)).digest()

    def word(self) -> int:
        """The next 32 bits."""
        if not self._words:
            self._words.extend(_EIGHT(self.block()))
        return self._words.pop()

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1; each is as likely. `limit` is 1 to 2^62."""
        if limit <= _WORD:
            words = self._words
            if not words:
                words.extend(_EIGHT(self.block()))
            wide = words.pop() * limit
            if wide & _LOW < limit:  # perhaps one of the words that would favour some
                unfair = _WORD % limit
                while wide & _LOW < unfair:
                    wide = self.word() * limit
            return wide >> 32
        wide = 1 << 64
        fair = wide - wide % limit
        while (drawn := self.word() << 32 | self.word()) >= fair:
            pass
        return drawn % limit

    def between(self, least: int, most: int) -> int:
        """A number from `least` to `most`, both included."""
        return least + self.below(most - least + 1)

    def often(self, basis_points: int) -> bool:
        """True in so many of 10,000 times."""
        return self.below(10_000) < basis_points

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[tuple[T, int]]) -> T:
        """One of the items, each as likely as its weight says."""
        at = self.below(sum(weight for _, weight in items))
        for item, weight in items:
            at -= weight
            if at < 0:
                return item
        raise AssertionError("the weights add up")

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items in an order of chance; all of them when there are not more."""
        left = list(items)
        drawn = []
        for last in range(len(left) - 1, max(-1, len(left) - 1 - count), -1):
            at = self.below(last + 1)
            left[at], left[last] = left[last], left[at]
            drawn.append(left[last])
        return drawn

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All items in an order of chance."""
        return self.some(items, len(items))

    def bytes(self, count: int) -> bytes:
        """So many bytes."""
        return b"".join(self.block() for _ in range(0, count, 32))[:count]

    def hex64(self) -> str:
        """64 hexadecimal digits: what stands for the hash of a document that nobody wrote."""
        return self.block().hex()
