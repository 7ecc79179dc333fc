"""What the tests of real processes share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def wait_until(ready: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return True
        time.sleep(0.2)
    return False


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def processes_of(folder: Path) -> dict[int, str]:
    """The command lines, by id, of all processes that were started there, however indirectly.

    By their working directory: valkey-server writes its title over its environment.
    """
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink() == folder:
                command = (process / "cmdline").read_bytes().decode().replace("\0", " ")
                found[int(process.name)] = command.strip()
    return found
