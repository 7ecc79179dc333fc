"""Python's garbage collector, and when it only costs time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the cyclic collector rest: for work that makes many objects and no cycles.

    It would pass through a whole workbook's cells again and again, and find nothing. What was
    made meanwhile is taken for old at once: the collector looks at it with all the rest, in time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():
                gc.freeze()  # all objects into a generation of their own,
                gc.unfreeze()  # and from there into the oldest, without a look at any
            gc.enable()
