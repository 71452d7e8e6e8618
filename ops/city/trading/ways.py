"""Which way a lot goes: smoothly, or through one of the turns that lots take now and then."""

from dataclasses import dataclass, replace

from city.chance import Chance


@dataclass(frozen=True, slots=True)
class Way:
    """The turns of a lot; the way that is stated as `SMOOTH` has none.

    `fails`: too-few (opened and failed), nobody (no bid at all), invalid (all rejected), unsold, aborted. `again`: a
    failed lot is announced anew and then succeeds. `ends` and `rests`: the stage after which the lot is terminated or
    suspended for a while: registered, admitted, announced, publicised, or empty. `second`: the first one declines.
    `refuse` experts decline; one of them `recalls` too late; after all have confirmed one is `lost` and replaced.
    `suspected`: the witness sees something, reports it, and it comes to nothing. Of the sheets: `calm` experts see the
    same quality almost alike; the first gives the `outlier`-th bid (by skill, 1 the best, -1 the worst) far too little
    of the plan, `far` ten-thousandths of its most; the second `copied` the first's, but for so many items less one.
    """

    returned: bool = False
    refused: bool = False
    fails: str = ""
    again: bool = True
    ends: str = ""
    rests: str = ""
    clarify: str = ""
    prequalify: bool = False
    withdraw: bool = False
    late: bool = False
    reject: int = 0
    revise: bool = False
    dissent: bool = False
    refuse: int = 0
    recalls: bool = False
    lost: bool = False
    objections: int = 0
    publicised_again: bool = False
    second: bool = False
    change: bool = False
    delay: bool = False
    breach: bool = False
    revised_document: bool = False
    public: bool = True
    suspected: bool = False
    calm: bool = False
    outlier: int = 0
    far: int = 0
    copied: int = 0


SMOOTH = Way()

STAGES = ("registered", "admitted", "announced", "publicised")


def any_way(chance: Chance, method: str) -> Way:
    """A way of chance: most lots take a turn or two, one in seven comes to nothing at first or at all."""
    often = chance.often
    way = Way(
        returned=often(700),
        refused=often(150),
        clarify=chance.weighted((("", 6), ("early", 2), ("extending", 1))),
        prequalify=often(2000),
        withdraw=often(600),
        late=often(500),
        reject=int(often(1200)),
        revise=often(500),
        dissent=often(300),
        refuse=chance.weighted(((0, 4), (1, 4), (2, 1))),
        recalls=often(1500),
        lost=often(800),
        suspected=often(250),
        objections=chance.weighted(((0, 12), (1, 3), (2, 1))),
        publicised_again=often(400),
        change=often(1200),
        delay=often(700),
        breach=often(200),
        revised_document=often(600),
        public=often(5000),
    )
    if often(300):
        way = replace(way, second=True)
    turn = chance.below(100)
    if turn < 8:
        kinds = (
            ("unsold", "nobody", "aborted")
            if method in ("auction", "listing")
            else ("too-few", "too-few", "nobody", "invalid")
        )
        way = replace(way, fails=chance.pick(kinds), again=often(6000))
    elif turn < 12:
        way = replace(way, ends=chance.pick(STAGES), rests=chance.pick(("", "", "announced")))
    elif turn < 16:
        way = replace(way, rests=chance.pick(STAGES))
    return way
