"""Bodies of requests: JSON, media, or both in one multipart.

Source: developers.google.com/workspace/drive/api/guides/manage-uploads (simple, multipart).
"""

from __future__ import annotations

import base64
import email.parser
import email.policy
import re
from email.message import Message
from typing import Any

import orjson

from sandbox.calls import ApiError, Media
from sandbox.discovery import Method
from sandbox.errors import malformed_json
from sandbox.routing import Route
from sandbox.wire import Request

DEFAULT_TYPE = "application/octet-stream"


def read_body(route: Route, request: Request) -> tuple[Any, Media | None]:
    """Return the JSON value and the uploaded content; ApiError 400 when malformed."""
    if not route.is_upload:
        return parse_json(route.method, request.body), None
    if request.media is not None:
        return parse_json(route.method, request.body), request.media
    upload_type = dict(request.query_pairs).get("uploadType", "")
    if upload_type == "multipart" or request.content_type.startswith("multipart/"):
        return _read_multipart(route.method, request)
    return {}, Media(request.body, request.content_type or DEFAULT_TYPE)


def parse_json(method: Method, body: bytes) -> Any:
    """Return the JSON value of a body, ``{}`` for an empty one; ApiError 400 when it is none."""
    if not body.strip():
        return {}
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise malformed_json(method, body.decode("utf-8", "replace")) from error


def _read_multipart(method: Method, request: Request) -> tuple[Any, Media]:
    parts = split_multipart(request)
    if len(parts) != 2:
        raise ApiError(400, "Missing end boundary in multipart body.", reason="badContent")
    metadata, content = parts
    mime_type = content[0].get_content_type() if content[0].get("content-type") else DEFAULT_TYPE
    data = content[1]
    if content[0].get("content-transfer-encoding", "").lower() == "base64":
        try:
            data = base64.b64decode(data)
        except ValueError as error:
            text = "Failed to decode the media part as base64."
            raise ApiError(400, text, reason="badContent") from error
    return parse_json(method, metadata[1]), Media(data, mime_type)


def split_multipart(request: Request) -> list[tuple[Message, bytes]]:
    """Return the parts of a multipart body as headers and exact bytes.

    Split by hand, because a MIME parser may change line ends inside the contents.
    """
    header = email.parser.HeaderParser(policy=email.policy.compat32).parsestr(
        f"Content-Type: {request.content_type}\n\n"
    )
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise ApiError(400, "Failed to parse multipart body: no boundary.", reason="badContent")
    border = rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()) + rb"(?:--)?[ \t]*(?=\r?\n|\Z)"
    return [_split_part(chunk) for chunk in re.split(border, request.body)[1:-1]]


def _split_part(chunk: bytes) -> tuple[Message, bytes]:
    chunk = chunk.removeprefix(b"\r\n").removeprefix(b"\n")
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := chunk.find(mark)) >= 0]
    at, length = min(ends, default=(len(chunk), 0))
    headers = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(chunk[:at])
    return headers, chunk[at + length :]
