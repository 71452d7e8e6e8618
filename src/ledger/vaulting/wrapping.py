"""Who holds the wrapping keys of the vault: a folder of files, or a command that asks a hardware module.

    holder.make("kek-2")                     a new wrapping key under a name
    holder.wrap("kek-2", key)                32 bytes of key, wrapped
    holder.unwrap("kek-2", wrapped)          the key again
    holder.destroy("kek-2")                  for ever: whatever it wrapped is unreadable from now on

One wrapping key an epoch. It should lie elsewhere than the keys it wraps: a folder on another disk, or a module that
never gives it away. A command is called as `COMMAND make|wrap|unwrap|destroy NAME`, takes the bytes on standard input
and answers on standard output; an exit code other than 0 is a failure, told by the first line on standard error.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.durable import sync_folder
from ledger.errors import CannotRun

KEY_BYTES = 32
NONCE_BYTES = 12
COMMAND_SECONDS = 30


class Holder(Protocol):
    """Makes, uses and destroys wrapping keys by name. Each raises CannotRun when it cannot."""

    @property
    def slot(self) -> int:
        """The most bytes that a wrapped key takes."""

    def make(self, name: str) -> None:
        """A new wrapping key, durable on return; a name that stands there already is a failure."""

    def wrap(self, name: str, key: bytes) -> bytes:
        """A key of 32 bytes, wrapped."""

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """The key that was wrapped."""

    def destroy(self, name: str) -> None:
        """End a wrapping key; one that is gone already is no failure."""


class FileHolder:
    """Wrapping keys as files of 32 bytes, readable by their owner only; wraps with AES-256-GCM."""

    slot = NONCE_BYTES + KEY_BYTES + 16

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keys: dict[str, AESGCM] = {}

    def make(self, name: str) -> None:
        """Write a new key, once."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self._path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "wb") as written:
                written.write(os.urandom(KEY_BYTES))
                written.flush()
                os.fsync(written.fileno())
            sync_folder(self.folder)
        except OSError as fault:
            raise CannotRun(f"包装密钥 · wrapping key {self._path(name)}: {fault.strerror}") from fault

    def wrap(self, name: str, key: bytes) -> bytes:
        """Nonce, then ciphertext; bound to the wrapping key's name."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._key(name).encrypt(nonce, key, name.encode())

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """The key again. Raises CannotRun where it was wrapped by another, or changed."""
        try:
            return self._key(name).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], name.encode())
        except InvalidTag as fault:
            raise CannotRun(
                f"数据密钥不是由 {name} 包装的 · a data key was not wrapped by {name}, or changed"
            ) from fault

    def destroy(self, name: str) -> None:
        """Overwrite and remove the file."""
        self._keys.pop(name, None)
        path = self._path(name)
        try:
            with path.open("r+b") as file:
                file.write(bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            sync_folder(self.folder)
        except FileNotFoundError:
            return
        except OSError as fault:
            raise CannotRun(f"包装密钥 · wrapping key {path}: {fault.strerror}") from fault

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.key"

    def _key(self, name: str) -> AESGCM:
        found = self._keys.get(name)
        if found is None:
            try:
                raw = self._path(name).read_bytes()
            except OSError as fault:
                raise CannotRun(f"包装密钥 · wrapping key {self._path(name)}: {fault.strerror}") from fault
            if len(raw) != KEY_BYTES:
                raise CannotRun(f"包装密钥 · wrapping key {self._path(name)}: not {KEY_BYTES} bytes")
            found = self._keys[name] = AESGCM(raw)
        return found


class CommandHolder:
    """Wrapping keys held by a program of the owner's: a hardware module behind a command."""

    slot = 512

    def __init__(self, command: Sequence[str]) -> None:
        self.command = tuple(command)

    def make(self, name: str) -> None:
        """`COMMAND make NAME`."""
        self._run("make", name, b"")

    def wrap(self, name: str, key: bytes) -> bytes:
        """`COMMAND wrap NAME`: the key on standard input, what it became on standard output."""
        wrapped = self._run("wrap", name, key)
        if not 0 < len(wrapped) <= self.slot or key in wrapped:
            raise CannotRun(f"{self.command[0]} wrap: {len(wrapped)} bytes, or not wrapped at all")
        return wrapped

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """`COMMAND unwrap NAME`."""
        key = self._run("unwrap", name, wrapped)
        if len(key) != KEY_BYTES:
            raise CannotRun(f"{self.command[0]} unwrap: {len(key)} bytes instead of {KEY_BYTES}")
        return key

    def destroy(self, name: str) -> None:
        """`COMMAND destroy NAME`."""
        self._run("destroy", name, b"")

    def _run(self, act: str, name: str, given: bytes) -> bytes:
        try:
            ran = subprocess.run(  # noqa: S603  (the owner's own command, from the vault's own file)
                [*self.command, act, name], input=given, capture_output=True, check=False, timeout=COMMAND_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise CannotRun(f"{self.command[0]} {act}: {type(fault).__name__}") from fault
        if ran.returncode != 0:
            told = ran.stderr.decode("utf-8", "replace").strip().splitlines()[:1]
            raise CannotRun(f"{self.command[0]} {act}: {told[0][:200] if told else ran.returncode}")
        return ran.stdout
