"""The `eventsourcing` package's own DCB recorder test case, run on the chained log."""

from collections.abc import Iterator

import pytest
from eventsourcing.dcb.tests import DCBRecorderTestCase

from ledger.admission import Poster
from ledger.recorder import LedgerRecorder
from ledger.store.postgres import Log
from ledger.writer import Writer


@pytest.fixture
def recorder(ledger: str) -> Iterator[LedgerRecorder]:
    with Log(ledger) as log, Writer(ledger) as writer:
        yield LedgerRecorder(log, writer, Poster(org="11140300MA0TT020X7", organ="SYS", via="system:recorder"))


def test_append_and_read_as_the_library_expects(recorder: LedgerRecorder) -> None:
    DCBRecorderTestCase()._test_append_read(recorder, initial_position=1)


def test_append_and_subscribe_as_the_library_expects(recorder: LedgerRecorder) -> None:
    DCBRecorderTestCase()._test_append_subscribe(recorder, initial_position=1)
