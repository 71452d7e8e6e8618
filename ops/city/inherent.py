"""The alerts an honest city has: where the event itself is what the rule speaks about, there is no honest form of it.

A test that expects an honest city to raise nothing expects these, and no other.
"""

INHERENT = {
    "supervision.interference-recorded": ("SEP-07",),
    "disclosure.channel-found": ("DIS-03",),
    "disclosure.leak-found": ("DIS-05",),
    "ledger.access-logged": ("LED-05",),
    "trading.off-platform-found": ("ENT-01",),
    "accountability.correction-ordered": ("ACC-01",),
}
"""Event type and the rules that fire on it in an honest city.

`ledger.access-logged` only with `reason: no-right`; `accountability.correction-ordered` only on the paths of
`lives.liabilities` on which a correction is refused or lapses: the ladder beyond it cannot be shown otherwise.
"""

LEDGER_ONLY = (
    "ledger.created",
    "ledger.checkpoint-sealed",
    "ledger.key-changed",
    "ledger.key-epoch-closed",
    "ledger.seal-prepared",
    "ledger.seal-opened",
    "ledger.seal-closed",
    "archive.document-held",
)
"""Types that only a ledger writes, about itself: no city posts them. A tick of a city stands for a checkpoint."""
