"""Becomes a server that ends with the process that started it, however that ends.

Run as `python -m worker.embedded_valkey PARENT_PID COMMAND…`. On Linux the kernel itself stops the
server, also when its parent is killed; elsewhere a parent that is killed leaves it behind.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""Name of Linux's prctl.h."""


def main(parent: int, command: list[str]) -> None:
    """Become that command; what it creates is its owner's alone."""
    os.umask(0o077)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == parent:  # or it ended before we could ask
        os.execv(command[0], command)  # noqa: S606  # the embedded server's binary


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
