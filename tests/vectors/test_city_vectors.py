"""The simulated city is the same everywhere: the digests of seed 1 are committed (`ops/simulate --vectors`)."""

import subprocess
import sys
from pathlib import Path

import pytest

from city import vectors
from ledger.contracts import Contracts

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("events", [1_000, 20_000])
def test_a_city_of_seed_1_has_the_committed_bytes(events: int, contracts: Contracts) -> None:
    assert vectors.digest(events, contracts) == vectors.committed()[events]


def test_the_order_of_dicts_and_sets_does_not_show() -> None:
    program = "from city.vectors import digest; print(digest(1_000))"
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": f"{ROOT / 'ops'}", "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed, zone in (("1", "America/New_York"), ("4242", "Asia/Shanghai"))
    }
    assert told == {vectors.committed()[1_000]}
