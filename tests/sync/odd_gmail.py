"""Gmail as its documentation allows it, and the sandbox is not: its answers, changed on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

Json: TypeAlias = dict[str, Any]

Change: TypeAlias = Callable[[str, Mapping[str, str], Json], Json]
"""What is made of an answer: by its method's path below `/gmail/v1/users/me/`, and its query."""

WholeAnswer: TypeAlias = Callable[[str, bytes], tuple[int, bytes] | None]
"""Another answer to a request, by its path and body; None: the sandbox's own."""


def _unchanged(_path: str, _query: Mapping[str, str], answer: Json) -> Json:
    return answer


def _nothing_else(_path: str, _body: bytes) -> tuple[int, bytes] | None:
    return None


@contextmanager
def odd_gmail(
    sandbox_url: str, change: Change = _unchanged, instead: WholeAnswer = _nothing_else
) -> Iterator[str]:
    """Yield the URL of a server that passes everything on to the sandbox, and changes answers.

    The parts of a batch are changed too, and come in the opposite order. The page after the token
    `again` is the first one once more.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def log_message(self, *_: object) -> None:
            pass

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            other = instead(self.path, body)
            if other is not None:
                self._answer(*other, "application/json", {})
                return
            headers = {k: v for k, v in self.headers.items() if k.lower() != "accept-encoding"}
            to = HTTPConnection(urlsplit(sandbox_url).netloc)
            to.request(self.command, re.sub(r"pageToken=again&?", "", self.path), body, headers)
            answer = to.getresponse()
            content, kind = answer.read(), answer.headers.get("content-type", "")
            if kind.startswith("multipart/"):
                content = _change_parts(content, kind, body, change)
            elif kind.startswith("application/json") and answer.status == 200:
                content = _changed(self.path, content, change)
            date = {"Date": answer.headers.get("date", "")}
            self._answer(answer.status, content, kind, date)
            to.close()

        def _answer(self, status: int, content: bytes, kind: str, more: Mapping[str, str]) -> None:
            self.send_response_only(status)
            for name, value in {"Content-Type": kind, **more}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _changed(target: str, content: bytes, change: Change) -> bytes:
    parts = urlsplit(target)
    path = re.sub(r"^/gmail/v1/users/[^/]+/", "", parts.path)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return json.dumps(change(path, query, json.loads(content))).encode()


def _change_parts(content: bytes, kind: str, asked: bytes, change: Change) -> bytes:
    boundary = b"--" + kind.partition("boundary=")[2].encode()
    targets = [match.decode() for match in re.findall(rb"^(?:GET|POST) (\S+)", asked, re.MULTILINE)]
    answers = content.split(boundary)[1:-1]
    changed: list[bytes] = []
    for target, part in zip(targets, answers, strict=True):
        head, inner, body = part.split(b"\r\n\r\n", 2)
        if b" 200 " in inner.split(b"\r\n")[0]:
            body = _changed(urlsplit(target)._replace(scheme="", netloc="").geturl(), body, change)
            inner = re.sub(rb"(?i)content-length: \d+", b"Content-Length: %d" % len(body), inner)
            body += b"\r\n"
        changed.append(b"\r\n\r\n".join((head, inner, body)))
    return boundary + boundary.join(reversed(changed)) + boundary + b"--\r\n"
