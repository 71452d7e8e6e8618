"""The garbage collector, sent out while millions of entries are read.

An entry read from JSON is a dozen small containers, and none of them is ever part of a cycle: counting references frees
them. The collector cannot know that. It would come back every few hundred containers and walk through all that lives,
the heads of all tags included, which costs as much as reading the JSON does.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """No garbage collection in this process meanwhile; afterwards as before."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
