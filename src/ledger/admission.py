"""The door: a CloudEvent and its poster become a post, or a refusal that names every place.

Secret members are taken out here (`ledger.secrecy`), so that behind the door no event holds them in clear. Refused is
only what is malformed, what its poster has no right to post, and what is sealed (decisions 6). A fact that breaks a law
goes in: rules speak about it later. What is merely odd goes in as well, and the post says so (`ledger.quality`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ledger import cloudevent, quality, secrecy
from ledger.contracts import Contract, Contracts
from ledger.errors import Malformed, NoRight, Problem
from ledger.post import Hidden, Post
from ledger.sealed_events import forms
from ledger.sealed_events.groups import place

MAX_TAGS = 400


@dataclass(frozen=True, slots=True)
class Poster:
    """Who posts: the organisation (`org`, its code), its role as an organ (`organ`), and how it authenticated (`via`).

    `pid` is the random id of the person or machine behind it; it names the actor of a refusal.
    """

    org: str
    organ: str
    via: str
    pid: str | None = None

    def stated(self) -> dict[str, str]:
        """What the entry says of the poster."""
        return {"org": self.org, "via": self.via}


def admit(event: Mapping[str, Any], poster: Poster, contracts: Contracts, *, recorded: datetime | None = None) -> Post:
    """The post of a decoded event. Raises Malformed (with problems) or NoRight.

    `recorded` is for ledgers whose clock is told.
    """
    contract = _sound(event, contracts)
    if not contract.may_post(poster.organ, poster.org, event):
        raise NoRight(f"({poster.organ}: {contract.type})", problems=(_no_right(poster, contract),))
    tags = tuple(contract.tags(event))
    if len(tags) > MAX_TAGS:
        raise Malformed(problems=(_too_many_tags(len(tags)),))
    seed = event.get("seed")
    plain = event if seed is None else {name: value for name, value in event.items() if name != "seed"}
    taken = secrecy.commit(plain, contract.secrets, None if seed is None else secrecy.unb64(seed))
    hidden = _hidden(contract, plain, taken.event, tags, None if seed is None else secrecy.unb64(seed))
    return Post.of(
        taken.event,
        tags=tags,
        poster=poster.stated(),
        recorded=recorded,
        disclosures=taken.disclosures,
        seeded=seed is not None,
        findings=tuple(quality.checks(contract, event["data"])),
        hidden=hidden,
    )


def _hidden(
    contract: Contract,
    event: Mapping[str, Any],
    committed: Mapping[str, Any],
    tags: tuple[str, ...],
    seed: bytes | None,
) -> Hidden | None:
    """Where the event is sealed, with its disclosure; None where it stands in clear. Raises Malformed.

    Without a seed the salt is drawn here: then a repeat is another sealed event, and only its opening shows it.
    """
    try:
        found = place(contract, event, tags)
    except LookupError as missing:
        raise Malformed(problems=(_nowhere(contract, str(missing.args[0])),)) from missing
    if found is None:
        return None
    text = forms.event_disclosure(committed, seed if seed is not None else os.urandom(secrecy.SEED_BYTES))
    return Hidden(found.stream, found.group, text, secrecy.digest(text))


def admit_all(
    events: list[Any], poster: Poster, contracts: Contracts, *, recorded: datetime | None = None
) -> list[Post]:
    """The posts of an atomic array; raises as `admit`, with pointers that begin with the index of the event."""
    posts = []
    for index, event in enumerate(events):
        try:
            posts.append(admit(event, poster, contracts, recorded=recorded))
        except (Malformed, NoRight) as refused:
            placed = tuple(replace(one, pointer=f"/{index}{one.pointer}") for one in refused.problems)
            raise type(refused)(refused.detail, problems=placed) from refused
    return posts


def _sound(event: Mapping[str, Any], contracts: Contracts) -> Contract:
    """The event's contract, when envelope and payload are sound. Raises Malformed."""
    problems = cloudevent.problems(event)
    if not isinstance(event, Mapping):
        raise Malformed(problems=tuple(problems))
    type_ = event.get("type")
    contract = contracts.get(type_) if isinstance(type_, str) else None
    if contract is None:
        if isinstance(type_, str):
            problems.append(_unknown_type())
        raise Malformed(problems=tuple(problems))
    subject = event.get("subject")
    if isinstance(subject, str) and not contract.on_stream(subject):
        problems.append(_wrong_stream(contract))
    if isinstance(event.get("data"), Mapping):
        problems += contract.problems(event["data"])
    if problems:
        raise Malformed(problems=tuple(problems))
    return contract


def _unknown_type() -> Problem:
    return Problem(
        "/type", "unknown-type", "没有这种事件的合同；类型须带版本，例：trading.notice-published.v1。",
        "No contract has this type; it carries a version, e.g. trading.notice-published.v1.",
    )  # fmt: skip


def _wrong_stream(contract: Contract) -> Problem:
    prefixes = [f"{one}:".replace("*:", "…:") for one in contract.streams]
    zh, en = "或".join(f"「{one}」" for one in prefixes), " or ".join(f"`{one}`" for one in prefixes)
    return Problem(
        "/subject",
        "stream",
        f"「{contract.title}」的主题应以{zh}开头。",
        f"The subject of {contract.type} begins with {en}.",
    )


def _no_right(poster: Poster, contract: Contract) -> Problem:
    allowed = "、".join(sorted({line.organ for line in contract.posters}))
    return Problem(
        "/type", "no-right", f"{poster.organ} 不得就此内容入账「{contract.title}」；可入账者：{allowed}。",
        f"{poster.organ} may not post this {contract.type}; those who may: {allowed}.",
    )  # fmt: skip


def _nowhere(contract: Contract, prefix: str) -> Problem:
    return Problem(
        "/data", "sealed-nowhere", f"「{contract.title}」须封存在「{prefix}:」之下，而事件没有写明是哪一个；请填写。",
        f"This {contract.type} is sealed on a `{prefix}:`, and the event does not say which; name it.",
    )  # fmt: skip


def _too_many_tags(count: int) -> Problem:
    return Problem(
        "/data", "tags", f"涉及 {count} 个标签，至多 {MAX_TAGS} 个；请分成几个事件。",
        f"{count} tags; at most {MAX_TAGS}. Split it into several events.",
    )  # fmt: skip
