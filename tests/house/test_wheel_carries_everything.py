"""What is built can be used: the wheel carries schemas, SQL, templates and static files, and finds them by itself."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNWANTED = ("__pycache__", ".pyc", ".DS_Store")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the working tree as it is."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stderr
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked, as an installer would."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def files(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)) for path in found if not any(part in str(path) for part in UNWANTED)}


def test_the_wheel_has_every_file_of_the_three_packages(site: Path) -> None:
    wanted = files(ROOT / "src")
    assert {"ledger/store/sql/append.sql", "ledger/py.typed"} <= wanted
    assert wanted - files(site) == set()


def test_the_wheel_has_every_schema_as_data_of_the_ledger(site: Path) -> None:
    assert files(site / "ledger" / "schemas") == files(ROOT / "schemas")


def test_the_wheel_has_nothing_else(site: Path) -> None:
    tops = {path.name for path in site.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"ledger", "projections", "api"}
    assert {name for name in files(site) if ".dist-info" not in name} == files(ROOT / "src") | {
        f"ledger/schemas/{name}" for name in files(ROOT / "schemas")
    }


def test_the_wheel_names_its_licence_and_its_command(site: Path) -> None:
    info = next(site.glob("*.dist-info"))
    metadata = (info / "METADATA").read_text("utf-8")
    assert "License-Expression: Apache-2.0" in metadata
    assert (info / "licenses" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert "sunledger = api.cli:main" in (info / "entry_points.txt").read_text("utf-8")


def test_what_is_unpacked_finds_its_own_schemas(site: Path, tmp_path: Path) -> None:
    """Away from the repository, with the unpacked wheel first on the path."""
    program = (
        "import ledger, api.cli, projections.views\n"
        "from ledger.contracts import Contracts, schemas\n"
        "print(ledger.__file__); print(schemas()); print(len(Contracts.load().types)); print(projections.views.names())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    module, folder, types, views = ran.stdout.splitlines()
    assert Path(module) == site / "ledger" / "__init__.py"
    assert Path(folder) == site / "ledger" / "schemas"
    assert int(types) == len(list((ROOT / "schemas" / "events").rglob("*.json")))
    assert "lots" in views


def test_the_licence_is_the_text_of_apache_two_point_oh() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text.splitlines()[0]
    assert "Version 2.0, January 2004" in text
    copyrights = [line.strip() for line in text.splitlines() if line.strip().startswith("Copyright")]
    assert copyrights == ["Copyright [yyyy] [name of copyright owner]"], "the standard text names nobody"
