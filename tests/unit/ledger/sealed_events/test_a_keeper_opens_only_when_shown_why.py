"""A keeper is shown a small log in memory; each test leaves out, forges or hastens one of the things it looks for."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger import clock
from ledger.admission import Poster, admit
from ledger.canonical import encode
from ledger.contracts import Contracts
from ledger.entry import NO_LEAF, Entry, parse, seal
from ledger.errors import SealWrong
from ledger.keeper import Keeper, epoch_of
from ledger.proofs.build import inclusion
from ledger.proofs.checkpoint import Checkpoint, cosign, sign
from ledger.proofs.keys import COSIGNATURE, PrivateKey
from ledger.proofs.policy import Policy
from ledger.proofs.tree import Edge
from ledger.sealed_events import asking, forms
from ledger.sealed_events.asking import Member, Question
from ledger.sealed_events.wrapping import wrap
from ledger.secrecy import b64, digest

ORIGIN, LOT, OTHER = "example.com/log/sealed", "lot:E1403000123001", "lot:E1403000999001"
LOG = PrivateKey.of(bytes([1] * 32), ORIGIN)
WITNESS = PrivateKey.of(bytes([2] * 32), "witness.example/audit", COSIGNATURE)
POLICY = f"log {LOG.vkey.text}\nwitness audit {WITNESS.vkey.text}\nquorum audit\n"
KEY = bytes(range(32))
NOW = clock.now()


class Scene:
    """A log of one lot with two sealed bids and their opening, and the question an honest opener asks about it."""

    def __init__(self, contracts: Contracts, keepers: list[Keeper]) -> None:
        self.contracts, self.keepers = contracts, keepers
        self.entries: list[Entry] = []
        self.heads: dict[str, tuple[int, str | None]] = {}
        self.cosigned_at = int(NOW.timestamp())
        self.not_before = clock.stamp(NOW - timedelta(minutes=1))
        self.group = f"{LOT}#trading.bid-opened"
        self.key = KEY
        self.layers: list[bytes | None] = []
        self.members: list[int] = []

    def add(self, event: dict[str, Any], tags: tuple[str, ...], poster: dict[str, Any] | None = None) -> Entry:
        links = {
            tag: (self.heads.get(tag, (0, None))[0] + 1, self.heads.get(tag, (0, None))[1]) for tag in sorted(tags)
        }
        raw, leaf = seal(
            encode(event),
            position=len(self.entries) + 1,
            links=links,
            poster=poster or {"org": "LEDGER"},
            prev=self.entries[-1].leaf if self.entries else NO_LEAF,
            recorded=clock.stamp(NOW - timedelta(seconds=30)),
        )
        self.heads.update({tag: (ordinal, leaf.hex()) for tag, (ordinal, _) in links.items()})
        self.entries.append(parse(raw))
        return self.entries[-1]

    def prepare(self, not_before: str | None = None, **other: Any) -> None:
        epoch = epoch_of(NOW)
        named = [{"org": one.org, "key": b64(one.public(epoch)), "epoch": epoch} for one in self.keepers]
        data = {"group": self.group, "commitment": forms.commitment(KEY), "keepers": named}
        self.add(
            {"type": forms.PREPARED, "data": {**data, "not_before": not_before or self.not_before, **other}}, (LOT,)
        )

    def bid(self, number: int, lot: str = LOT) -> None:
        contract = self.contracts.get("trading.bid-submitted.v1")
        assert contract is not None
        data = deepcopy(contract.raw["x-examples"][0]["data"])
        event = {"specversion": "1.0", "type": contract.type, "source": "urn:x", "id": str(number), "subject": lot,
                 "time": "2026-02-10T15:41:07+08:00", "data": data, "seed": b64(KEY)}  # fmt: skip
        post = admit(event, Poster(data["party"], "BID", "key:1"), self.contracts)
        assert post.hidden is not None
        shown = forms.poster_disclosure("s", post.poster, None, clock.stamp(NOW))
        plaintext = forms.pack([post.hidden.text, shown, *(one.text for one in post.disclosures)])
        publics = [one.public(epoch_of(NOW)) for one in self.keepers]
        self.layers.append(wrap(plaintext, publics, post.hidden.digest))
        token = forms.tag_of(forms.token(KEY, number))
        self.add(dict(forms.hidden(post.hidden.digest)), (token,), dict(forms.hidden(digest(shown))))
        self.members.append(len(self.entries) - 1)

    def trigger(self, type_: str = "trading.bid-opened.v1", subject: str = LOT) -> None:
        self.add({"type": type_, "subject": subject, "data": {}}, (subject, LOT))

    def honest(self) -> "Scene":
        self.prepare()
        self.bid(1)
        self.add({"type": "trading.notice-published.v1", "subject": LOT, "data": {}}, (LOT,))
        self.bid(2)
        self.trigger()
        return self

    def question(self) -> Question:
        size = len(self.entries)
        edge, tiles = Edge(), dict[tuple[int, int], bytes]()
        for entry in self.entries:
            tiles |= {(tile.level, tile.index): tile.hashes for tile in edge.append(entry.leaf)}
        tiles |= {(level, size >> 8 * (level + 1)): b"".join(row) for level, row in enumerate(edge.levels)}
        paths = [tuple(inclusion(index, size).compute(tiles)) for index in range(size)]
        head = Checkpoint(ORIGIN, size, edge.root())
        note = sign(head, LOG) + cosign(head, WITNESS, self.cosigned_at).line
        stream = tuple(entry for entry in self.entries if LOT in entry.links)
        pairs = zip(self.members, self.layers, strict=True)
        members = tuple(Member(self.entries[index], paths[index], layer) for index, layer in pairs)
        return Question(note, self.group, b64(self.key), stream, paths[stream[-1].position - 1], members)

    def ask(self, question: Question | None = None) -> list[bytes | None]:
        """All keepers in turn, the last one first."""
        asked = question or self.question()
        layers = [one.layer for one in asked.members]
        for keeper in reversed(self.keepers):
            layers = asking.read_answer(keeper.open(asked.with_layers(layers).raw()), len(layers))
        return layers


@pytest.fixture
def scene(contracts: Contracts, tmp_path: Path) -> Iterator[Scene]:
    policy = Policy.parse(POLICY)
    keepers = [Keeper(org, contracts, tmp_path / org, lambda: policy) for org in ("AUDIT", "DISCIPLINE")]
    yield Scene(contracts, keepers)
    for keeper in keepers:
        keeper.close()


def test_shown_everything_the_keepers_open(scene: Scene) -> None:
    plaintexts = scene.honest().ask()
    assert [forms.value_of(forms.unpack(one or b"")[0])["id"] for one in plaintexts] == ["1", "2"]
    assert scene.keepers[0].opened()[0][:4] == (scene.group, 5, 2, 5)


def test_one_keeper_alone_reads_nothing(scene: Scene) -> None:
    asked = scene.honest().question()
    assert asking.read_answer(scene.keepers[0].open(asked.raw()), 2) == [None, None]
    outer = asking.read_answer(scene.keepers[1].open(asked.raw()), 2)
    assert all(one is not None and len(one) == forms.BLOCK + 48 for one in outer)


def test_a_keeper_finds_its_keys_again_and_others_have_others(
    scene: Scene, contracts: Contracts, tmp_path: Path
) -> None:
    epoch = epoch_of(NOW)
    again = Keeper("AUDIT", contracts, tmp_path / "AUDIT", lambda: None)
    assert again.public(epoch) == scene.keepers[0].public(epoch) != scene.keepers[1].public(epoch)
    again.close()


def without_checkpoint(scene: Scene) -> Question:
    return replace(scene.honest().question(), checkpoint=None)


def checkpoint_of_nobody_known(scene: Scene) -> Question:
    asked = scene.honest().question()
    head = Checkpoint.parse((asked.checkpoint or "").partition("\n\n")[0] + "\n")
    return replace(asked, checkpoint=sign(head, PrivateKey.of(bytes([9] * 32), ORIGIN)))


def checkpoint_without_its_witness(scene: Scene) -> Question:
    asked = scene.honest().question()
    return replace(asked, checkpoint="\n".join((asked.checkpoint or "").split("\n")[:-2]) + "\n")


def cosigned_before_the_time(scene: Scene) -> Question:
    scene.cosigned_at -= 120
    return scene.honest().question()


def before_the_time(scene: Scene) -> Question:
    scene.not_before = clock.stamp(NOW + timedelta(hours=1))
    scene.cosigned_at += 7200
    return scene.honest().question()


def before_the_time_as_it_was_moved(scene: Scene) -> Question:
    scene.prepare()
    scene.bid(1)
    scene.prepare(clock.stamp(NOW + timedelta(hours=1)))
    scene.trigger()
    return scene.question()


def without_the_later_preparation(scene: Scene) -> Question:
    asked = before_the_time_as_it_was_moved(scene)
    return replace(asked, stream=tuple(one for one in asked.stream if one.position != 3))


def without_a_trigger(scene: Scene) -> Question:
    scene.prepare()
    scene.bid(1)
    scene.trigger("trading.notice-published.v1")
    return scene.question()


def trigger_of_another_lot(scene: Scene) -> Question:
    scene.prepare()
    scene.bid(1)
    scene.trigger(subject=OTHER)
    return scene.question()


def trigger_not_in_the_log(scene: Scene) -> Question:
    scene.prepare()
    scene.bid(1)
    asked = scene.question()
    scene.trigger()
    return replace(asked, stream=(*asked.stream, scene.entries[-1]))


def sealed_entry_not_in_the_log(scene: Scene) -> Question:
    asked = scene.honest().question()
    path = asked.members[0].path
    forged = Member(asked.members[0].entry, (bytes(32), *path[1:]), asked.members[0].layer)
    return replace(asked, members=(forged, asked.members[1]))


def sealed_after_the_trigger(scene: Scene) -> Question:
    scene.honest()
    scene.bid(3)
    return scene.question()


def members_out_of_order(scene: Scene) -> Question:
    asked = scene.honest().question()
    return replace(asked, members=asked.members[::-1])


def another_key(scene: Scene) -> Question:
    scene.key = bytes(32)
    return scene.honest().question()


def another_group(scene: Scene) -> Question:
    return replace(scene.honest().question(), group=f"{LOT}#trading.auction-closed")


def not_named_as_keeper(scene: Scene) -> Question:
    scene.prepare(keepers=[])
    scene.bid(1)
    scene.trigger()
    return scene.question()


def a_stream_with_a_hole(scene: Scene) -> Question:
    asked = scene.honest().question()
    return replace(asked, stream=(asked.stream[0], *asked.stream[2:]))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (without_checkpoint, "no checkpoint"),
        (checkpoint_of_nobody_known, "no good signature"),
        (checkpoint_without_its_witness, "audit"),
        (cosigned_before_the_time, "audit"),
        (before_the_time, "not before"),
        (before_the_time_as_it_was_moved, "not before"),
        (without_the_later_preparation, "not shown whole"),
        (without_a_trigger, "does not open"),
        (trigger_of_another_lot, "does not open"),
        (trigger_not_in_the_log, "not under the checkpoint"),
        (sealed_entry_not_in_the_log, "not under the checkpoint"),
        (sealed_after_the_trigger, "not older"),
        (members_out_of_order, "not this member"),
        (another_key, "not the one committed to"),
        (another_group, "does not begin with"),
        (not_named_as_keeper, "not named"),
        (a_stream_with_a_hole, "not shown whole"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_keeper_that_is_not_shown_why_opens_nothing(
    scene: Scene, wrong: Callable[[Scene], Question], said: str
) -> None:
    asked = wrong(scene)
    for keeper in scene.keepers:
        with pytest.raises(SealWrong, match=said):
            keeper.open(asked.raw())
        assert keeper.opened() == []


def test_the_copy_of_another_lots_bid_is_not_opened(scene: Scene) -> None:
    scene.prepare()
    scene.bid(1, lot=OTHER)
    scene.bid(2)
    scene.trigger()
    assert [one is None for one in scene.ask()] == [True, False]


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"members":[{}]}', b"\xff"])
def test_what_is_no_question_is_refused(scene: Scene, raw: bytes) -> None:
    with pytest.raises(SealWrong):
        scene.keepers[0].open(raw)


def test_a_key_of_another_time_is_not_made(scene: Scene) -> None:
    for epoch in ("2020-01", "2199-01", "today", "2026-13", "../x"):
        with pytest.raises(SealWrong):
            scene.keepers[0].public(epoch)
