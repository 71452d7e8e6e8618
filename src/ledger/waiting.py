"""A post that waits to be written: one or many events, answered together, and what is known of them so far."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from ledger import repeats
from ledger.errors import Conflict
from ledger.post import AppendCondition, Post, Receipt, Tick


@dataclass(slots=True)
class Waiting:
    """A post that waits: one or many events, answered together. Owned by the writer's thread once taken."""

    posts: Sequence[Post | Tick]
    condition: AppendCondition | None
    answer: "Future[list[Receipt]]"
    careful: bool = False
    """Look its keys up before sealing: an attempt has failed, or the poster expects to repeat itself."""
    alone: bool = False
    """Commit it in a group of its own: an attempt with others has failed."""
    apart: bool = False
    """Seal it when nothing is on its way: on a told clock it opens what is sealed, and that is read."""
    known: list[Receipt | None] = field(default_factory=list)
    """Per event its receipt where a look-up found it in the log; empty before a look-up."""
    repeats: dict[int, int] = field(default_factory=dict)
    """Events that stand earlier in `posts` already, by index: the index of the first."""

    @property
    def new(self) -> Sequence[Post | Tick]:
        """The events that no look-up has found in the log, each once."""
        if not self.known:
            return self.posts
        return [post for at, post in enumerate(self.posts) if self.known[at] is None and at not in self.repeats]

    def receipts(self, new: Iterable[Receipt]) -> list[Receipt]:
        """A receipt per event, in the order of the posts: those found in the log, and the new ones between them."""
        if not self.known:
            return list(new)
        fresh, found = iter(new), list[Receipt]()
        for at, known in enumerate(self.known):
            if known is None:
                first = self.repeats.get(at)
                known = next(fresh) if first is None else replace(found[first], duplicate=True)
            found.append(known)
        return found

    def forget(self) -> None:
        """What a look-up found may no longer hold."""
        self.known, self.repeats = [], {}

    def size(self) -> int:
        """Bytes of its events, for the group's limit."""
        return sum(len(post.event) for post in self.posts if isinstance(post, Post))


def find_repeats(one: Waiting) -> None:
    """The same event twice in one array is one event; one key with two contents is a conflict."""
    first: dict[tuple[str, str], tuple[int, Post]] = {}
    for at, post in enumerate(one.posts):
        if not isinstance(post, Post) or post.opens is not None:
            continue
        before, same = first.setdefault((post.source, post.id), (at, post))
        if before != at:
            one.repeats[at] = before
        if not repeats.twins(same, post) and not one.answer.done():
            one.answer.set_exception(Conflict("(two contents for one id in the same post)"))
