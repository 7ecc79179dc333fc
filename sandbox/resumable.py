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
_CONTENT_RANGE = re.compile(r"bytes (?:(?P<first>\d+)-(?P<last>\d+)|\*)/(?P<total>\d+|\*)")


@dataclass
class _Session:
    start: Request
    content: bytearray = field(default_factory=bytearray)


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
        """Return a request with content under the HTTP method of the one that began the upload."""
        session = self._sessions[_upload_id(request)]
        return replace(request, http_method=session.start.http_method)

    def receive(self, request: Request) -> Reply | Request:
        """Take a chunk: a 308 while more is due, else the whole upload as one request."""
        upload_id = _upload_id(request)
        session = self._sessions[upload_id]
        if not _take(session, request):
            headers = {"x-guploader-uploadid": upload_id}
            if session.content:
                headers["range"] = f"bytes=0-{len(session.content) - 1}"
            return Reply(HTTPStatus.PERMANENT_REDIRECT, headers=headers, is_interim=True)
        del self._sessions[upload_id]
        mime_type = session.start.headers.get("x-upload-content-type", DEFAULT_TYPE)
        return replace(session.start, media=Media(bytes(session.content), mime_type))


def _upload_id(request: Request) -> str:
    return dict(request.query_pairs).get("upload_id", "")


def _take(session: _Session, request: Request) -> bool:
    """Add the request's content; tell whether all is there now."""
    header = request.headers.get("content-range")
    if header is None:
        session.content[:] = request.body
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
