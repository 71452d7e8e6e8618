"""The signer's door: a Unix socket in its folder, for what is asked of it besides following the log.

    head <tag>      a tag-head statement, as of the last entry read
    checkpoint      read what is new now, and sign

One line in, the answer out, closed. An answer that is an error begins with `error `. Whoever may open the socket may
ask; what is asked tells nobody anything that the log does not hold, and makes the signer sign nothing but its own root.
"""

import socket
from collections.abc import Callable
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingMixIn, UnixStreamServer
from threading import Thread

from ledger.errors import CannotRun, LedgerError

FILE = "door"
LONGEST = 200
"""Bytes of a question: the longest tag, and the word before it."""

ANSWER_SECONDS = 10.0

Answer = Callable[[str, str], str]
"""Takes the word and what stands behind it; raises LedgerError."""


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    answer: Answer


class _Handler(StreamRequestHandler):
    timeout = ANSWER_SECONDS
    server: _Server

    def handle(self) -> None:
        try:
            word, _, rest = self.rfile.readline(LONGEST).decode("utf-8", "replace").strip().partition(" ")
            said = self.server.answer(word, rest)
        except LedgerError as fault:
            said = f"error {fault}\n"
        self.wfile.write(said.encode())


class Door:
    """Listens in a thread of its own until closed."""

    def __init__(self, folder: Path, answer: Answer) -> None:
        self._path = folder / FILE
        self._path.unlink(missing_ok=True)  # of a signer that was killed
        try:
            self._server = _Server(str(self._path), _Handler)
        except OSError as fault:
            raise CannotRun(f"{self._path}: {fault}") from fault
        self._path.chmod(0o600)
        self._server.answer = answer
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._path.unlink(missing_ok=True)


def ask(folder: Path, question: str) -> str:
    """The answer of the signer whose folder this is. Raises CannotRun where it does not answer, or says why not."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(ANSWER_SECONDS)
        try:
            asking.connect(str(folder / FILE))
            asking.sendall(f"{question}\n".encode())
            chunks = []
            while chunk := asking.recv(65536):
                chunks.append(chunk)
        except OSError as fault:
            raise CannotRun(f"签名程序没有应答 · the signer does not answer ({fault})") from fault
    said = b"".join(chunks).decode()
    if said.startswith("error ") or not said:
        raise CannotRun(said.removeprefix("error ").strip() or "the signer gave no answer")
    return said


def tag_head(folder: Path, tag: str) -> str:
    """The signer's statement where the history of a tag ends, as a signed note. Raises CannotRun."""
    return ask(folder, f"head {tag}")
