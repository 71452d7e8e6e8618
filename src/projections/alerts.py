"""Alerts: a finding that must be told becomes an event of the log, once, whatever happens (decisions 8).

The event is a function of finding, edition and completing entry, never of when or where the runner ran: its id is the
finding's identity, its `time` the moment the completing entry was recorded. So two runners, a rebuild, or a run begun
again after a crash post the same bytes, and the log answers with the first receipt. The same id with other bytes is a
`Conflict`: then rules or program have changed under a recorded alert, and everything stops until a person looks.
"""

from typing import Any

from psycopg import Connection

from ledger.admission import Poster, admit
from ledger.contracts import Contracts
from ledger.errors import Broken
from ledger.store.postgres import Log
from ledger.writer import Writer
from projections.dossier import ALERT
from projections.judge import Found

SOURCE = "urn:sunledger:rules"
POSTS = 200
"""Alerts posted together; those of one post stand in the log together or not at all."""

_DUE = """SELECT f.event FROM views.findings f
WHERE f.alert = 1 AND NOT EXISTS (SELECT FROM views.alerts a WHERE a.id = f.id)
ORDER BY f.first, f.id LIMIT %s"""


def event(found: Found) -> dict[str, Any]:
    """Make the `supervision.alert-raised.v1` event of a finding: the same for ever."""
    finding, entry = found.finding, found.entry
    named = {"lots": "lot:", "notices": "notice:"}
    concerned = {
        field: [tag.removeprefix(prefix) for tag in entry.tags if tag.startswith(prefix)]
        for field, prefix in named.items()
    }
    data = {
        **finding.alert_data(),
        "rule_edition": found.edition_at,
        "edition_digest": finding.edition,
        **{field: tags for field, tags in concerned.items() if tags},
    }
    made = {
        "specversion": "1.0",
        "id": finding.id,
        "source": SOURCE,
        "type": ALERT,
        "subject": f"alert:{finding.id}",
        "time": entry.recorded,
        "data": data,
    }
    return made if entry.project is None else {**made, "project": entry.project}


def raise_alerts(log: Log, conn: Connection[Any], writer: Writer) -> int:
    """Post the alerts that the findings demand and the log lacks; return how many were new, 0 when none is due.

    The views `findings` and `alerts` must stand at the same position. Raises Conflict when an alert stands in the log
    with other content, Malformed when a rule makes an event that its contract does not allow.
    """
    due = [row[0] for row in conn.execute(_DUE, [POSTS]).fetchall()]
    if not due:
        return 0
    contracts, poster = Contracts.load(), _poster(log)
    receipts = writer.append([admit(made, poster, contracts) for made in due], careful=True)
    return sum(not receipt.duplicate for receipt in receipts)


def _poster(log: Log) -> Poster:
    """The ledger's own rules, under the organisation that runs the ledger."""
    first = log.entry(1)
    if first is None:
        raise Broken("there is no first entry", position=1)
    return Poster(org=str(first.data["organ"]), organ="SYS", via="system:rules")
