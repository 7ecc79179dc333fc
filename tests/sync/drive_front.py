"""A server between the worker and the sandbox's Drive, which answers otherwise here and there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import orjson
import requests

from sync.google.auth import load_account
from sync.google.drive import GoogleDrive
from tests.sync.conftest import Crm

NO_BATCHES = (404, b"Not Found", "text/plain")


class _Front(BaseHTTPRequestHandler):
    """Passes everything on to the sandbox, but for batches, and changes what comes back."""

    behind: str
    batches: tuple[int, bytes, str]
    asked: Callable[[str], str]
    answered: Callable[[str, Any], Any]
    refusals: list[dict[str, str]]
    protocol_version = "HTTP/1.1"

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if type(self).refusals:
            self._answer(429, b"{}", "application/json", type(self).refusals.pop())
            return
        if self.path.startswith("/batch"):
            status, content, kind = type(self).batches
        else:
            headers = {k: v for k, v in self.headers.items() if k.lower() != "host"}
            url = self.behind + type(self).asked(self.path)
            found = requests.request(self.command, url, data=body, headers=headers, timeout=30)
            status, content = found.status_code, found.content
            kind = found.headers.get("content-type", "text/plain")
            if status == 200 and content:
                content = orjson.dumps(type(self).answered(self.path, found.json()))
        self._answer(status, content, kind, {})

    def _answer(self, status: int, content: bytes, kind: str, more: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = _pass_on  # noqa: N815 - names of the base class

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def drive_behind(
    crm: Crm,
    batches: tuple[int, bytes, str] = NO_BATCHES,
    *,
    asked: Callable[[str], str] = lambda path: path,
    answered: Callable[[str, Any], Any] = lambda _path, answer: answer,
    refusals: list[dict[str, str]] | None = None,
) -> Iterator[GoogleDrive]:
    """Drive behind a server that answers batches so.

    `asked` is what it makes of the path of a request, `answered` of the JSON of an answer to it.
    The first requests are refused for the rate, with these headers.
    """
    facts = {"behind": crm.box.url, "batches": batches, "asked": asked, "answered": answered}
    facts |= {"refusals": refusals or []}
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Front", (_Front,), facts)) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        with closing(GoogleDrive(load_account(crm.credentials), url)) as drive:
            yield drive
        server.shutdown()
        thread.join()
