"""A signing key in a file: made once, for its owner's eyes only (mode 0600), never overwritten, never half there.

The key is written to a new file of the owner's, brought to the disk, and only then linked to its name; linking fails
where the name is taken. So two programs that start at once agree on one key, and a crash leaves none or a whole one.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from ledger.errors import CannotRun
from ledger.proofs.failures import ProofError
from ledger.proofs.keys import PrivateKey

OTHERS = 0o077
"""The mode bits that let anybody but the owner in."""


def kept(path: Path, make: Callable[[], PrivateKey]) -> PrivateKey:
    """The key of the file; where there is none, the one that `make` makes, kept from then on.

    Raises CannotRun when others may read the file, or it holds no key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _put(path, make().text + "\n")
    return read(path)


def read(path: Path) -> PrivateKey:
    """The key of a file. Raises CannotRun when it is not there, others may read it, or it holds no key."""
    try:
        mode, text = path.stat().st_mode, path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as fault:
        raise CannotRun(f"({path}: {type(fault).__name__})") from fault
    if mode & OTHERS:
        raise CannotRun(f"{path}: 密钥文件只许本人读写 · only its owner may read a key file; chmod 600")
    try:
        return PrivateKey.parse(text.strip())
    except ProofError as fault:
        raise CannotRun(f"{path}: {fault}") from fault


def _put(path: Path, text: str) -> None:
    passing = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(passing, path)
        except FileExistsError:
            return  # somebody else was first, and theirs is the key
    finally:
        passing.unlink()
    settle(path.parent)


def settle(folder: Path) -> None:
    """Bring a folder's names to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
