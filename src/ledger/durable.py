"""Files that are there whole or not at all, and stay when the power goes: written aside, flushed, renamed.

A rename is durable when the folder that holds the name has been flushed too; a new folder, when the one above it was.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """The folder's own list of names, to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, durably, for its owner's eyes only."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def write_once(target: Path, raw: bytes) -> None:
    """Write a small file; whoever reads it sees all of it or none."""
    make_folder(target.parent)
    passing = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    handle = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    move(passing, target)


def move(passing: Path, target: Path) -> None:
    """Give a flushed file its name, durably; what had the name before is replaced."""
    passing.replace(target)
    sync_folder(target.parent)


def remove(target: Path) -> None:
    """Take a file away, durably; nothing where it is gone already."""
    if target.parent.is_dir():
        target.unlink(missing_ok=True)
        sync_folder(target.parent)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone with a folder, before every other thread and program that asks the same way."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        flock(handle, LOCK_EX)
        yield
    finally:
        os.close(handle)
