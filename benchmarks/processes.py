"""What the benchmark talks to: the sandbox and a bare server, each in a process of its own."""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

Json = dict[str, Any]
Headers = dict[str, str]
USER = "manager1@example.com"


class Connection:
    """One kept connection to a server; answers come as bytes, uncompressed unless asked."""

    def __init__(self, url: str, headers: Headers | None = None) -> None:
        self._http = http.client.HTTPConnection(urlsplit(url).netloc, timeout=600)
        self._headers = {"content-type": "application/json", **(headers or {})}

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Headers | None = None,
    ) -> bytes:
        """Return the body of the answer. Raises RuntimeError when the status is not 200."""
        self._http.request(method, path, body, self._headers | (headers or {}))
        answer = self._http.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path[:80]}: {answer.status} {content[:400]!r}")
        return content


@dataclass(frozen=True)
class Server:
    """A running server process."""

    url: str
    pid: int

    def memory(self, name: str = "VmRSS") -> float:
        """Return the resident memory in MB, the highest so far as ``VmHWM`` (Linux only)."""
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
        raise LookupError(name)


@dataclass(frozen=True)
class Sandbox(Server):
    """The sandbox, a token for it, and the key file of its service account."""

    token: str
    credentials: Path

    def connect(self) -> Connection:
        """Open a connection that acts for a manager."""
        return Connection(self.url, {"authorization": f"Bearer {self.token}"})

    def new_spreadsheet(self, rows: int) -> str:
        """Make a spreadsheet whose one sheet has that many rows; its id."""
        grid = {"rowCount": rows, "columnCount": 26}
        body = {
            "sheets": [{"properties": {"sheetId": 0, "title": "Sheet1", "gridProperties": grid}}]
        }
        answer = self.connect().ask("POST", "/v4/spreadsheets", orjson.dumps(body))
        return str(orjson.loads(answer)["spreadsheetId"])


@contextmanager
def started(command: list[str], folder: str) -> Iterator[tuple[str, int]]:
    """Run a server that prints ``ready URL`` when it accepts connections."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        try:
            assert process.stdout
            word, url, *_ = process.stdout.readline().split()
            assert word == "ready"
            yield url, process.pid
        finally:
            process.terminate()


@contextmanager
def sandbox_process() -> Iterator[Sandbox]:
    """Run the sandbox on a free port."""
    root = str(Path(__file__).parents[1])
    with tempfile.TemporaryDirectory() as state:
        command = [sys.executable, "-m", "sandbox", "--port", "0", "--state", state]
        with started(command, root) as (url, pid):
            wish = {"user": USER, "scopes": ["https://www.googleapis.com/auth/drive"]}
            answer = Connection(url).ask("POST", "/sandbox/token", orjson.dumps(wish))
            token = orjson.loads(answer)["access_token"]
            yield Sandbox(url, pid, token, Path(state) / "credentials.json")


@contextmanager
def bare_process() -> Iterator[Server]:
    """Run a server of the same kind that does nothing: what it takes is the transfer."""
    root = str(Path(__file__).parents[1])
    with started([sys.executable, "-m", "benchmarks.bare_server"], root) as (url, pid):
        yield Server(url, pid)
