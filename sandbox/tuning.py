"""What the server process asks of Python and of the C library, as its requests can be large."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
"""Names of glibc's malloc.h."""

_MMAP_BYTES = 1024 * 1024
"""More than a band of a table takes as it is printed, and less than what is sent or received."""

_KEPT_BYTES = 128 * 1024 * 1024
"""What 100,000 rows take when they are printed for people, and some more."""


def tune_process() -> None:
    """Tune the garbage collector and the allocator; to be called once all modules are loaded."""
    _tune_collector()
    if sys.platform == "linux":
        _tune_allocator()


def _tune_collector() -> None:
    """Let the garbage collector look less often: bodies are large, and trees without cycles.

    With the usual thresholds it walks half-read requests and all rows over and over, for half of
    the time that a large request takes. What start-up made is left out of its walks altogether.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000_000, 10, 1_000)


def _tune_allocator() -> None:
    """Keep what the pieces of an answer take for the next one, in one arena for all threads.

    Memory fresh from the system costs more than printing into it, so some is kept; by default glibc
    learns to keep any, in an arena of each worker thread, and every request runs in another one.
    Other C libraries have no such call and need none.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES)
        mallopt(_M_ARENA_MAX, 1)
