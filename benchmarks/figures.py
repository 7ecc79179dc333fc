"""Times, memory, and the lines of the table that shows them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def head(*titles: str) -> None:
    """Print the head of a part of the table."""
    print("\n{:<44} {:>9}   {:<42} {}".format(*titles))


def show(name: str, seconds: float | None, beside: str = "", target: str = "") -> None:
    """Print a line of the table."""
    shown = "" if seconds is None else f"{seconds:9.3f}"
    print(f"{name:<44} {shown:>9}   {beside:<42} {target}", flush=True)


def timed(run: Callable[[], Any]) -> float:
    """Return how long something takes, in seconds."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def medians(repeats: int, *runs: Callable[[], Any]) -> list[float]:
    """Return the median time of each; they take turns, so that a busy machine is busy for all."""
    rounds = [[timed(run) for run in runs] for _ in range(repeats)]
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


def megabytes(*, peak: bool = False) -> float:
    """Return the resident memory of this process now, or the most it has held (Linux only).

    Not `ru_maxrss`: that counts what the process held from which this one was forked.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    figure = status.partition("VmHWM:" if peak else "VmRSS:")[2]
    return int(figure.split()[0]) / 1024
