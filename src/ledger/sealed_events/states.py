"""What a writer knows of groups: prepared or not, how many members, ended or not; and the keys of all groups.

    seals = Seals(contracts, master, [audit, discipline])

K of a group is computed, not stored: HMAC-SHA256(master, "sunledger/group/v1\\n" ‖ group), with a master secret of 32
random bytes in the vault. So every writer of a ledger has the same K, none is lost in a crash, and K of one group says
nothing of another's. How many members a group has is found by its tokens among the tags; nobody keeps a counter.

The states are the memory of one writer's thread; like tag heads they hold until another writer is met.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

from ledger import clock
from ledger.contracts import Contracts
from ledger.entry import Entry
from ledger.errors import CannotRun
from ledger.post import SYSTEM_SOURCE, Hidden
from ledger.sealed_events import forms
from ledger.sealed_events.groups import BODY, Groups

SLOT = timedelta(seconds=60)
"""How long sealed posts wait for each other, to be committed together in random order."""

MASTER = "seal-master"
"""The name of the master secret in the vault."""

TOKENS_AT_ONCE = 64
_LABEL = b"sunledger/group/v1\n"


class KeeperPort(Protocol):
    """A keeper as a ledger reaches it: in this process, through a socket, or over HTTP."""

    @property
    def org(self) -> str:
        """The code of the body that keeps."""

    def public(self, epoch: str) -> bytes:
        """Its public key of an epoch (`2026-11`). Raises SealWrong, or CannotRun while it is away."""

    def open(self, raw: bytes) -> bytes:
        """Its answer to a question. Raises SealWrong, or CannotRun while it is away."""


@dataclass(frozen=True, slots=True)
class State:
    """A group as the log stands. `keepers`: public keys, as prepared. `told`: its key stands in the log."""

    prepared: bool = False
    keepers: tuple[bytes, ...] = ()
    members: int = 0
    ended: bool = False
    told: bool = False


class Seals:
    """Groups, keys and keepers of one ledger, and the states that one writer knows."""

    def __init__(
        self, contracts: Contracts, master: bytes, keepers: Sequence[KeeperPort], slot: timedelta = SLOT
    ) -> None:
        if len(master) != forms.KEY_BYTES or not keepers:
            raise ValueError("sealing wants a master secret of 32 bytes and at least one keeper")
        self.contracts = contracts
        self.groups = Groups(contracts)
        self.keepers = tuple(keepers)
        self.slot = slot
        self.states: dict[str, State] = {}
        self.tags = (f"source:{SYSTEM_SOURCE}", *(f"party:{keeper.org}" for keeper in keepers))
        """Tags of every preparation, besides its stream."""
        self.telling = (forms.PREPARED, forms.OPENED, forms.CLOSED, *sorted(self.groups.triggers))
        """Types of the entries that say how a group stands."""
        self._master = master
        self._keys: dict[str, list[dict[str, str]]] = {}
        self._months: dict[str, set[str]] = {}

    def key(self, group: str) -> bytes:
        """K of a group."""
        return hmac.digest(self._master, _LABEL + group.encode(), "sha256")

    def on(self, stream: str) -> list[str]:
        """Every group of a stream, sorted; of a body's stream those of the months that are known here."""
        if stream.startswith(BODY):
            return [f"{stream}#{month}" for month in sorted(self._months.get(stream, ()))]
        return self.groups.on(stream)

    def in_month(self, hidden: Hidden, moment: datetime) -> str:
        """The group that an event is sealed in at a moment: what is sealed to a body has one for each month."""
        if not hidden.group.endswith("#"):
            return hidden.group
        month = clock.stamp(moment)[:7]
        self._months.setdefault(hidden.stream, set()).add(month)
        return hidden.group + month

    def seals_on(self, subject: str) -> bool:
        """Whether events can be sealed on a stream of this kind."""
        return subject.partition(":")[0] in self.groups.prefixes

    def knows(self, stream: str) -> bool:
        """Whether the states of a stream's groups are known."""
        return all(group in self.states for group in self.on(stream))

    def learn(self, stream: str, entries: Iterable[Entry]) -> None:
        """Take in the telling entries of a stream, in order. How many members there are is not in them."""
        told = list(entries)
        if stream.startswith(BODY):  # months of which this writer knows nothing yet
            prepared = {forms.month_of(entry.data["group"]) for entry in told if entry.type == forms.PREPARED}
            self._months.setdefault(stream, set()).update(prepared)
        found = {group: State() for group in self.on(stream)}
        for entry in told:
            for group, state in self._changed(entry, found):
                found[group] = state
        self.states.update(found)

    def _changed(self, entry: Entry, known: dict[str, State]) -> Iterable[tuple[str, State]]:
        if entry.type in (forms.PREPARED, forms.OPENED, forms.CLOSED):
            group = entry.data["group"]
            if group in known:
                state = known[group]
                if entry.type == forms.PREPARED and entry.data["commitment"] != forms.commitment(self.key(group)):
                    raise CannotRun(
                        f"{group}: 密钥库中的封存主密钥不是当初那一个 · the vault holds another master secret"
                    )
                if entry.type == forms.PREPARED and not state.prepared:
                    keepers = tuple(forms.key_bytes(one["key"]) for one in entry.data["keepers"])
                    yield group, replace(state, prepared=True, keepers=keepers)
                elif entry.type != forms.PREPARED:
                    yield group, replace(state, ended=True, told=True)
        elif entry.type in self.groups.triggers and entry.opens is None:
            for group in self.groups.opened_by(entry.event, entry.tags):
                if group in known:
                    yield group, replace(known[group], ended=True)

    def tokens(self, group: str, first: int) -> dict[str, int]:
        """The tags of tokens `first` and following, with their numbers."""
        key = self.key(group)
        return {forms.tag_of(forms.token(key, number)): number for number in range(first, first + TOKENS_AT_ONCE)}

    def unprepared(self, stream: str) -> list[str]:
        """The groups of a known stream that were neither prepared nor ended."""
        on = [(group, self.states[group]) for group in self.on(stream)]
        return [group for group, state in on if not state.prepared and not state.ended]

    def prepared(self, group: str, moment: datetime) -> tuple[dict[str, Any], State]:
        """The event that prepares a group at a moment, and the state behind it. Raises what asking a keeper raises."""
        epoch = clock.stamp(moment)[:7]
        if epoch not in self._keys:
            self._keys[epoch] = [
                {"org": keeper.org, "key": forms.key_text(keeper.public(epoch)), "epoch": epoch}
                for keeper in self.keepers
            ]
        named = self._keys[epoch][-1:] if group.startswith(BODY) else self._keys[epoch]
        said = {
            "group": group,
            "commitment": forms.commitment(self.key(group)),
            "not_before": clock.stamp(moment),
            "keepers": named,
        }
        event = own_event(forms.PREPARED, "prepared", group, clock.stamp(moment), said)
        return event, State(prepared=True, keepers=tuple(forms.key_bytes(one["key"]) for one in named))

    def closed(self, group: str, moment: str) -> dict[str, Any]:
        """The event that closes a group at a moment: its key and its count, and nothing of what it holds."""
        data = {"group": group, "key": forms.key_text(self.key(group)), "count": self.states[group].members}
        return own_event(forms.CLOSED, "closed", group, moment, data)


def own_event(type_: str, word: str, group: str, time: str, data: dict[str, Any]) -> dict[str, Any]:
    """An event of the ledger's own about a group; its id is a function of word and group."""
    stream, _ = forms.parts_of(group)
    return {
        "specversion": "1.0",
        "id": f"{word}-{sha256(group.encode()).hexdigest()[:32]}",
        "source": SYSTEM_SOURCE,
        "type": type_,
        "subject": stream,
        "time": time,
        "data": data,
    }
