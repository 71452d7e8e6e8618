"""Opening a group: what is asked of the keepers, and what is appended of their answers.

    asked      = question(seals, group, stream, members)
    plaintexts = ask(seals.keepers, asked)
    posts      = openings(seals, asked, plaintexts, organ)      # ledger.seal-opened, and an opening entry each

All of it is appended in one commit. What cannot be read (lost, or not what E and P say) is named in `unopened`.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ledger import secrecy
from ledger.entry import Entry
from ledger.errors import Broken, DisclosureWrong, SealWrong, TooLarge
from ledger.post import Post
from ledger.sealed_events import asking, forms
from ledger.sealed_events.asking import Member, Question
from ledger.sealed_events.states import KeeperPort, Seals, own_event
from ledger.secrecy import Disclosure, Secret

_log = logging.getLogger(__name__)


def question(
    seals: Seals,
    group: str,
    stream: Sequence[Entry],
    members: Sequence[tuple[Entry, bytes | None]],
    *,
    checkpoint: str | None = None,
    paths: Mapping[int, tuple[bytes, ...]] | None = None,
) -> Question:
    """What the keepers of a group are shown. `stream`: its entries up to the trigger, which is the last.

    `members`: each sealed entry with its ciphertext, in the order of their numbers. `paths`: inclusion proofs by
    position, under `checkpoint`. Raises Broken where the stream holds no preparation of the group.
    """
    first = next((at for at, one in enumerate(stream) if _prepares(one, group)), None)
    if first is None:
        raise Broken(f"{group} was never prepared")
    proofs = paths or {}
    shown = tuple(Member(entry, proofs.get(entry.position, ()), layer) for entry, layer in members)
    path = proofs.get(stream[-1].position, ())
    return Question(checkpoint, group, forms.key_text(seals.key(group)), tuple(stream[first:]), path, shown)


def ask(keepers: Iterable[KeeperPort], asked: Question) -> list[bytes | None]:
    """The plaintexts of the members, None for what does not open. Raises SealWrong where a keeper refuses.

    The keepers named by the preparation are asked from the last to the first; CannotRun while one is away.
    """
    by_org = {keeper.org: keeper for keeper in keepers}
    layers = [member.layer for member in asked.members]
    for named in reversed(asked.stream[0].data["keepers"]):
        keeper = by_org.get(named["org"])
        if keeper is None:
            raise SealWrong(f"(no way to the keeper {named['org']})")
        layers = asking.read_answer(keeper.open(asked.with_layers(layers).raw()), len(layers))
    return layers


def openings(
    seals: Seals, asked: Question, plaintexts: Sequence[bytes | None], organ: str, recorded: datetime | None = None
) -> list[Post]:
    """The posts that open a group; `organ` runs the ledger. `recorded` is for a told clock."""
    opened: list[Post] = []
    unopened: list[int] = []
    for number, (member, plaintext) in enumerate(zip(asked.members, plaintexts, strict=True), 1):
        post = None if plaintext is None else _opening(seals, member.entry, number, plaintext, recorded)
        if post is None:
            unopened.append(number)
        else:
            opened.append(post)
    data = {
        "group": asked.group,
        "trigger": asked.trigger.position,
        "key": asked.key,
        "count": len(asked.members),
        "unopened": unopened,
    }
    event = own_event(forms.OPENED, "opened", asked.group, asked.trigger.recorded, data)
    return [own_post(seals, event, organ, recorded), *opened]


def own_post(seals: Seals, event: dict[str, Any], organ: str, recorded: datetime | None = None) -> Post:
    """The post of an event of the ledger's own about a group."""
    contract = seals.contracts.get(event["type"])
    if contract is None:
        raise Broken(f"no contract of {event['type']}")
    poster = {"org": organ, "via": "system:seals"}
    return Post.of(event, tags=tuple(contract.tags(event)), poster=poster, recorded=recorded)


def _opening(seals: Seals, entry: Entry, number: int, plaintext: bytes, recorded: datetime | None) -> Post | None:
    """The opening entry of a member; None where the plaintext is not what the sealed entry holds."""
    try:
        lines = forms.unpack(plaintext)
        if [[one] for one in forms.digests_of(lines)] != [entry.event["_sd"], entry.poster["_sd"]]:
            raise SealWrong("(the plaintext is not what E and P say)")
        event, said = forms.value_of(lines[0]), forms.value_of(lines[1])
        whole = secrecy.restore(event, lines[2:])
        contract = seals.contracts.get(event["type"])
        if contract is None:
            raise SealWrong(f"(no contract of {event['type']})")
        opens = {
            "n": number,
            "position": entry.position,
            "received": said["received"],
            "salts": [forms.salt_of(line) for line in lines[:2]],
        }
        return Post.of(
            event,
            tags=tuple(contract.tags(whole)),
            poster=said["poster"],
            recorded=recorded,
            disclosures=_disclosures(event, lines[2:], contract.secrets),
            opens=opens,
        )
    except (SealWrong, DisclosureWrong, TooLarge, KeyError, TypeError, ValueError) as wrong:
        _log.warning("#%d is not opened: %s", entry.position, type(wrong).__name__)
        return None


def _disclosures(
    event: Mapping[str, Any], lines: Sequence[str], secrets: secrecy.Secrets | None
) -> tuple[Disclosure, ...]:
    """The event's own disclosures again, each with its place and class."""
    by_digest = {secrecy.digest(line): line for line in lines}
    found = []
    for pointer, held in secrecy.hidden(event):
        declared = {secret.name: secret for secret in secrecy.at(secrets, pointer)}
        for digest in held:
            if (text := by_digest.get(digest)) is not None:
                name = secrecy.read(text)[1]
                secret = declared.get(name, Secret(name, secrecy.CLASSES[-1]))
                found.append(Disclosure(digest, text, f"{pointer}/{name}", secret))
    return tuple(found)


def _prepares(entry: Entry, group: str) -> bool:
    return entry.type == forms.PREPARED and entry.data["group"] == group
