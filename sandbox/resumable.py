"""Resumable uploads: a request that starts one, then chunks until the content is whole.

Source: developers.google.com/workspace/drive/api/guides/manage-uploads#resumable.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from urllib.parse import urlencode

from sandbox.calls import ApiError, Media
from sandbox.wire import Reply, Request

DEFAULT_TYPE = "application/octet-stream"
LEAST_CHUNK = 256 * 1024
CANCELLED = 499
TOKEN_HEADERS = ("authorization",)
_CONTENT_RANGE = re.compile(r"bytes (?:(?P<first>\d+)-(?P<last>\d+)|\*)/(?P<total>\d+|\*)")


@dataclass
class _Session:
    start: Request
    content: bytearray = field(default_factory=bytearray)
    outcome: Reply | None = None
    """What the finished upload was answered."""


def is_start(request: Request) -> bool:
    """Tell whether the request opens a resumable upload."""
    query = dict(request.query_pairs)
    return query.get("uploadType") == "resumable" and "upload_id" not in query


class ResumableUploads:
    """The uploads under way, by upload id."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self._new_id = new_id
        self._sessions: dict[str, _Session] = {}

    def open(self, request: Request) -> Reply:
        """Begin an upload: the reply's Location takes the content."""
        upload_id = self._new_id("upload")
        self._sessions[upload_id] = _Session(request)
        query = urlencode([*request.query_pairs, ("upload_id", upload_id)])
        location = f"{request.base_url}{request.path}?{query}"
        headers = {"location": location, "x-guploader-uploadid": upload_id}
        return Reply(200, headers=headers, is_interim=True)

    def is_known(self, request: Request) -> bool:
        """Tell whether the request brings content for an upload under way."""
        return _upload_id(request) in self._sessions

    def as_started(self, request: Request) -> Request:
        """Return a request with content as if it came with what began the upload.

        It has that request's HTTP method, and its token when it has none: whoever knows the address
        of an upload may go on with it.
        """
        start = self._sessions[_upload_id(request)].start
        token = {name: start.headers[name] for name in TOKEN_HEADERS if name in start.headers}
        return replace(request, http_method=start.http_method, headers={**token, **request.headers})

    def cancel(self, request: Request) -> Reply:
        """End an upload under way and forget what it brought."""
        del self._sessions[_upload_id(request)]
        return Reply(CANCELLED)

    def finish(self, request: Request, reply: Reply) -> None:
        """Keep the answer to the last chunk: whoever asks again gets it again."""
        if session := self._sessions.get(_upload_id(request)):
            session.outcome = replace(reply, is_interim=True)
            session.content.clear()

    def receive(self, request: Request) -> Reply | Request:
        """Take a chunk: a 308 while more is due, else the whole upload as one request.

        An upload that is done already is answered as before.
        """
        upload_id = _upload_id(request)
        session = self._sessions[upload_id]
        if session.outcome is not None:
            return session.outcome
        if refusal := _refuse_small(request):
            return refusal
        if not _take(session, request):
            headers = {"x-guploader-uploadid": upload_id}
            if session.content:
                headers["range"] = f"bytes=0-{len(session.content) - 1}"
            return _incomplete(request, headers)
        mime_type = session.start.headers.get("x-upload-content-type", DEFAULT_TYPE)
        return replace(session.start, media=Media(bytes(session.content), mime_type))


def no_such_upload() -> Reply:
    """Return 404 for an upload that never began or was given up."""
    return Reply(404, b"Not Found", "text/plain; charset=utf-8")


def is_orphan(request: Request) -> bool:
    """Tell whether the request says that it brings content for an upload."""
    return bool(_upload_id(request))


def _upload_id(request: Request) -> str:
    return dict(request.query_pairs).get("upload_id", "")


def _take(session: _Session, request: Request) -> bool:
    """Add the request's content; tell whether all is there now."""
    header = request.headers.get("content-range")
    if header is None:
        session.content[:] = request.body
        _check_announced(session, len(request.body))
        return True
    match = _CONTENT_RANGE.fullmatch(header)
    if match is None:
        raise ApiError(400, "Failed to parse Content-Range header.", reason="badRequest")
    if match["first"] is not None:
        first = int(match["first"])
        if first > len(session.content) or int(match["last"]) - first + 1 != len(request.body):
            raise ApiError(400, "Invalid request. The content range does not fit.")
        session.content[first:] = request.body
    return match["total"] == str(len(session.content))


def _incomplete(request: Request, headers: dict[str, str]) -> Reply:
    """Return a 308, or what a client asks for that takes a 308 for a redirect (Go's does)."""
    if request.headers.get("x-guploader-no-308", "").lower() == "yes":
        override = {"x-http-status-code-override": "308"}
        return Reply(200, headers={**headers, **override}, is_interim=True)
    return Reply(HTTPStatus.PERMANENT_REDIRECT, headers=headers, is_interim=True)


def _refuse_small(request: Request) -> Reply | None:
    """Refuse a chunk below the least size that is not the last one, as recorded: in plain text."""
    match = _CONTENT_RANGE.fullmatch(request.headers.get("content-range", ""))
    size = len(request.body)
    if match is None or match["first"] is None or size >= LEAST_CHUNK:
        return None
    if match["total"] == str(int(match["last"]) + 1):
        return None
    text = (
        f"Invalid request.  The number of bytes uploaded is required to be equal or greater than "
        f"{LEAST_CHUNK}, except for the final request (it's recommended to be the exact multiple "
        f"of {LEAST_CHUNK}).  The received request contained {size} bytes, which does not meet "
        "this requirement."
    )
    return Reply(400, text.encode(), "text/plain; charset=utf-8")


def _check_announced(session: _Session, size: int) -> None:
    """Refuse a content of another size than the one announced at the start."""
    announced = session.start.headers.get("x-upload-content-length", str(size))
    if announced != str(size):
        raise ApiError(400, f"Invalid request. {announced} bytes were announced, {size} came.")
