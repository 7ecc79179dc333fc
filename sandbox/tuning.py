"""What the server process asks of Python and of the C library, as its requests can be large."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""Names of glibc's malloc.h."""


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
    gc.set_threshold(200_000, 50, 1_000)


def _tune_allocator() -> None:
    """Have large buffers returned to the system when they are freed.

    By default glibc learns to keep them, in an arena of each worker thread, and every request runs
    in another one. Other C libraries have no such call and need none.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, 256 * 1024)
        mallopt(_M_ARENA_MAX, 2)
