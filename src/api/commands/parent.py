"""A program started as a child ends with its parent, however that ends: the pipe between them says so."""

import os
import sys
from collections.abc import Callable
from threading import Thread


def end_with_parent(end: Callable[[], None]) -> None:
    """Call `end` once standard input ends, from a thread of its own."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):  # not by its buffer, whose lock a thread must not hold at the end
            continue
        end()

    Thread(target=watch, daemon=True).start()
