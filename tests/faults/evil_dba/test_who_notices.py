"""The evil administrator, as in `ops/evil_dba`: of each kind of attack one at least, and somebody must notice.

The whole table, on every row, column and position, is written by `python -m evil_dba`. Bytes, rows and swaps stand in
`test_verify_names_every_changed_byte`, structure as SQL can say it in `test_verify_sees_through_the_database`.
"""

from collections.abc import Iterator
from itertools import cycle

import pytest

from evil_dba import disclosures, protocol, rewriting, structure
from evil_dba.stage import MIRROR, RECEIPT, SIGNER, VERIFY, WITNESS, Cell, Stage
from ledger.contracts import Contracts
from ledger.store import embedded

pytestmark = [pytest.mark.fault, pytest.mark.slow]


@pytest.fixture(scope="module")
def stage(server: embedded.Server, contracts: Contracts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(server, contracts, tmp_path_factory.mktemp("evil"))
    yield made
    made.close()


def caught(cells: Iterator[Cell]) -> list[Cell]:
    """All of them, after it was seen that none was missed and none named wrongly."""
    found = list(cells)
    assert [cell for cell in found if cell.caught() is None or not cell.right] == []
    return found


def test_an_honest_log_is_noticed_by_nobody(stage: Stage) -> None:
    with stage.scene() as scene:
        assert scene.cell("nothing", "", None).noticed == dict.fromkeys((VERIFY, SIGNER, WITNESS, MIRROR, RECEIPT))


def test_a_database_that_shows_each_reader_something_else_gives_itself_away(stage: Stage) -> None:
    tables = cycle(("tag", "entry", "tile", "event_key"))
    cells = (structure.cell(stage, kind, next(tables)) for kind in structure.KINDS)
    assert {cell.caught() for cell in caught(cells)} == {VERIFY}


def test_the_form_of_a_column_is_the_one_that_was_shipped(stage: Stage) -> None:
    cells = (structure.cell(stage, kind, "tag", "ordinal", "bigint") for kind in structure.COLUMNS)
    assert {cell.caught() for cell in caught(cells)} == {VERIFY}


def test_history_rewritten_with_all_its_traces_is_noticed_by_whoever_sits_elsewhere(stage: Stage) -> None:
    found = caught(rewriting.rewritten(stage, (42,)))
    for cell in found:
        last = "taken over" in cell.attack
        assert cell.caught() == (WITNESS if last else SIGNER), cell.attack
        assert cell.caught(SIGNER) == WITNESS, "without the signer"
        assert cell.caught(WITNESS, MIRROR) == (RECEIPT if last else SIGNER), "without witnesses"
        assert (cell.caught(WITNESS, MIRROR, RECEIPT) is None) == last, "then nobody is left"
    assert len(found) == len(rewriting.CHANGES) * len(rewriting.TRACES)


def test_a_table_left_as_it_was_contradicts_the_others(stage: Stage) -> None:
    assert {cell.caught() for cell in caught(rewriting.tables_alone(stage))} == {VERIFY}


def test_an_end_cut_off_and_an_older_backup_are_noticed(stage: Stage) -> None:
    for cell in caught(iter([*rewriting.cut_off(stage, (500,)), *rewriting.set_back(stage)])):
        assert cell.caught() == (WITNESS if "taken over" in cell.attack else SIGNER), cell.attack


def test_no_disclosure_is_shown_for_another_or_passed_off_as_erased(stage: Stage) -> None:
    assert {cell.caught() for cell in caught(disclosures.cells(stage))} == {VERIFY}


def test_what_is_tried_on_the_way_in_and_out_is_noticed(stage: Stage) -> None:
    found = {(cell.attack, cell.place): cell.caught() for cell in caught(protocol.cells(stage))}
    assert len(found) == 14
    assert found["two histories shown", "position 601"] == WITNESS
    assert found["entry left out of a case file, the newest", protocol.TAG] == MIRROR
