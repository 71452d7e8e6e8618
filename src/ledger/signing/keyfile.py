"""Keys in files: `log.key` signs checkpoints, `heads.key` tag heads; `vkeys` shows the public halves.

While the log's key is changed, `log.next.key` is the new one: made first, used from the entry on that names it
(`ledger.key-changed`), and in the place of `log.key` once the old one counts no more. The old one is then gone.
`vkeys` has a line for the newest of the log's keys, one for tag heads, and one for each earlier key of the log.

A key is made once, under a name that appears only when the whole key is on the disk: written beside it (0600, never
over an existing file), synced, then linked, which fails where the name is taken. It is read only if it is an ordinary
file that nobody but its owner can read. Another place for keys is `ledger.signing.token`.
"""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.durable import sync_folder
from ledger.errors import CannotRun
from ledger.proofs.failures import ProofError
from ledger.proofs.keys import PrivateKey, Signer, VerifierKey
from ledger.signing import token

LOG, NEXT, HEADS, PUBLIC = "log.key", "log.next.key", "heads.key", "vkeys"


@dataclass(frozen=True, slots=True)
class Keys:
    """Who signs checkpoints, who signs tag heads (its name ends with `/heads`), and who will sign checkpoints next."""

    log: Signer
    heads: Signer
    next: Signer | None = None


def heads_name(origin: str) -> str:
    """The name of the key for tag heads."""
    return f"{origin}/heads"


def exist(folder: Path) -> bool:
    """Whether a signing key was used in the folder already."""
    return (folder / LOG).exists() or (folder / PUBLIC).exists()


def make(folder: Path, origin: str) -> Keys:
    """Make both keys for a log, or what is missing of them, and the file of their public halves.

    Where a token holds the keys (a file `token`), nothing is made: its owner has done so.
    """
    wanted = () if (folder / token.FILE).exists() else ((HEADS, heads_name(origin)), (LOG, origin))
    for name, key in wanted:
        if not (folder / name).exists():
            write(folder / name, PrivateKey.generate(key))
    keys = load(folder, origin)
    show(folder, [keys.log.vkey], keys.heads.vkey)
    return keys


def make_next(folder: Path, origin: str) -> VerifierKey:
    """The key that will follow the log's, made where there is none yet. Raises CannotRun as `load`."""
    keys = load(folder, origin)
    if keys.next is None:
        if (folder / token.FILE).exists():
            raise CannotRun(
                f"{folder / token.FILE}: 请先写明 next 一行 · name the next key there first, in a line `next`"
            )
        write(folder / NEXT, PrivateKey.generate(origin))
        keys = load(folder, origin)
    if keys.next is None:
        raise CannotRun(f"{folder}: the key that was made is not there")
    return keys.next.vkey


def retire(folder: Path, keys: Keys) -> Keys:
    """The next key is the log's from now on; of a key in a file, the old one is gone. Raises CannotRun."""
    if keys.next is None:
        return keys
    if not (folder / token.FILE).exists():
        (folder / NEXT).replace(folder / LOG)
        sync_folder(folder)
    return Keys(keys.next, keys.heads)


def show(folder: Path, logs: Sequence[VerifierKey], heads: VerifierKey) -> None:
    """Write the public halves; of the log's keys the newest first."""
    fresh = folder / f"{PUBLIC}.new"
    lines = [logs[0], heads, *logs[1:]]
    fresh.write_text("".join(f"{key.text}\n" for key in lines), encoding="utf-8")
    fresh.rename(folder / PUBLIC)


def load(folder: Path, origin: str) -> Keys:
    """The keys of a log. Raises CannotRun where one is missing, readable by others, or of another log."""
    if (folder / token.FILE).exists():
        return _of_token(folder, origin)
    log, heads = read(folder / LOG), read(folder / HEADS)
    following = read(folder / NEXT) if (folder / NEXT).exists() else None
    names = [log.vkey.name, *([] if following is None else [following.vkey.name])]
    if set(names) != {origin} or heads.vkey.name != heads_name(origin):
        raise CannotRun(f"the keys in {folder} are of {', '.join(names)}, not of {origin}")
    return Keys(log, heads, following)


def _of_token(folder: Path, origin: str) -> Keys:
    described = token.Described.read(folder / token.FILE)
    opened = token.Token(described.module, described.token, _private_text(described.pin).strip())
    following = None if described.next is None else opened.key(described.next, origin)
    return Keys(opened.key(described.log, origin), opened.key(described.heads, heads_name(origin)), following)


@dataclass(frozen=True, slots=True)
class Public:
    """The public halves: every key the log has had, the newest first, and the one for tag heads."""

    logs: tuple[VerifierKey, ...]
    heads: VerifierKey


def public(folder: Path) -> Public | None:
    """The public halves; None before they are made."""
    try:
        newest, heads, *earlier = (folder / PUBLIC).read_text(encoding="utf-8").split()
        return Public(tuple(map(VerifierKey.parse, (newest, *earlier))), VerifierKey.parse(heads))
    except FileNotFoundError:
        return None
    except (ProofError, ValueError, OSError) as fault:
        raise CannotRun(f"{folder / PUBLIC}: {fault}") from fault


def write(path: Path, key: PrivateKey) -> None:
    """Put a new key on the disk, whole or not at all. Raises CannotRun where the name is taken."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(f"{key.text}\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(fresh, path)
        finally:
            fresh.unlink()
        sync_folder(path.parent)
    except FileExistsError as taken:
        raise CannotRun(f"a key is there already: {path}") from taken


def read(path: Path) -> PrivateKey:
    """The key of a file. Raises CannotRun, never showing a part of it."""
    try:
        return PrivateKey.parse(_private_text(path).strip())
    except ProofError as fault:
        raise CannotRun(f"{path}: no key") from fault


def _private_text(path: Path) -> str:
    """A secret of its owner's. Raises CannotRun where others may read it too."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as fault:
        raise CannotRun(f"{path}: {fault.strerror}") from fault
    with os.fdopen(handle, encoding="utf-8") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_mode & 0o077:
            raise CannotRun(f"{path}: others may read it; a key is for its owner alone (chmod 600)")
        try:
            return file.read()
        except UnicodeError as fault:
            raise CannotRun(f"{path}: no text") from fault
