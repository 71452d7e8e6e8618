"""Honest operations, drawn at random, raise no alarm; `python -m evil_dba.honest` does a hundred thousand of them."""

from pathlib import Path

import pytest

from evil_dba import honest


@pytest.mark.fault
@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_no_honest_operation_raises_an_alarm(dsn: str, tmp_path: Path, seed: int) -> None:
    size, done = honest.run(dsn, tmp_path, 400, seed, 200)
    assert size > 400
    assert done["verify"] == 2
    assert {"post", "array", "repeat", "contradict", "sign", "change_key"} <= set(done)
