"""The 1,300 real notices, understood: the figures of the publicity view are those that were counted by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from api.importers.notices import import_notices
from ledger.admission import Poster
from ledger.contracts import Contracts
from ledger.store.postgres import Log
from ledger.writer import Writer
from projections import views
from projections.compare import compare
from projections.runner import Runner
from projections.views import publicity


def test_the_t12_table_comes_out_to_the_digit_and_nobody_is_accused(
    founded: str, contracts: Contracts, real_notices: Path
) -> None:
    with Log(founded) as log, Writer(founded) as writer:
        import_notices(real_notices, log, writer, contracts, Poster("11140300MA0TT020X7", "PTC", "import:notices"))
        reached = Runner(founded, writer).run_once()
    with psycopg.connect(founded, autocommit=True) as conn:
        figures = publicity.table(conn)
        assert figures == {
            "position": reached,
            "total": 1300,
            "states": {"met": 1300},
            "readings": {
                "exactly-the-minimum": 495,
                "starts-on-non-working-day": 5,
                "ends-on-non-working-day": 172,
                "ends-before-rolled-day": 168,
                "no-working-day-start-excluded": 4,
                "no-working-day-start-included": 0,
                "too-few-working-days": 682,
                "before-end-of-last-day": 969,
                "before-end-of-last-day-rounded": 727,
            },
            "untold": dict.fromkeys(figures["readings"], 0),
            "working_days": {0: 4, 1: 375, 2: 303, 3: 605, 4: 12, 18: 1},
        }
        totals = {view.NAME: view.page(conn, limit=1).total for view in views.all_views()}
    assert totals["publicity"] == 1300
    assert totals["findings"] == sum(figures["readings"].values())
    assert totals["alerts"] == 0
    assert compare(founded).ok


def test_every_page_of_every_view_adds_up_to_its_total(
    founded: str, notice: Callable[..., Any], posting: Callable[..., Any]
) -> None:
    posting(founded, *(notice(n, (f"f{n % 7}", f"f{n % 5}x"), project=f"P{n % 9}") for n in range(60)))
    Runner(founded).run_once()
    with psycopg.connect(founded, autocommit=True) as conn:
        for view in views.all_views():
            seen: list[str] = []
            after = None
            while True:
                page = view.page(conn, after=after, limit=7)
                seen += [row["id"] for row in page.rows]
                if (after := page.next) is None:
                    break
            assert (len(seen), len(set(seen))) == (page.total, page.total)
