"""The broker: the operator's Redis, or an embedded Valkey that lives as long as we do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STOP_SECONDS = 10


@contextmanager
def broker_url(configured: str | None) -> Iterator[str]:
    """Yield the URL of the configured broker, or of an embedded one that runs meanwhile."""
    if configured:
        yield configured
        return
    # In a session of its own, Ctrl-C does not take it away under a worker that is finishing.
    process = subprocess.Popen(  # our own module
        [sys.executable, "-m", "worker.embedded_valkey"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url:
            raise RuntimeError("the embedded Valkey server did not start")
        yield url
    finally:
        try:
            process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
