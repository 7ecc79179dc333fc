"""Batch requests: many calls in one multipart, each with its own status.

Source: developers.google.com/workspace/drive/api/guides/performance#batch-requests.
"""

from __future__ import annotations

import email.parser
import email.policy
import re
from dataclasses import replace
from email.message import Message
from http import HTTPStatus
from typing import TYPE_CHECKING

from sandbox.calls import ApiError
from sandbox.dispatch import error_reply, respond
from sandbox.uploads import split_multipart
from sandbox.wire import Ending, Reply, Request

if TYPE_CHECKING:
    from sandbox.world import World

MAX_PARTS = 100
BOUNDARY = "batch_sandbox_response"
_BATCH_PATH = re.compile(r"/batch(?:/(?P<api>drive|gmail|sheets)/v\d)?/?")
_NOT_INHERITED = ("content-type", "content-length", "content-encoding", "transfer-encoding")


def is_batch(request: Request) -> bool:
    """Whether the request goes to a batch endpoint."""
    return request.http_method == "POST" and _BATCH_PATH.fullmatch(request.path) is not None


def respond_to_batch(world: World, request: Request) -> Reply:
    """Answer every part in its order; a connection fault in a part ends the whole batch."""
    match = _BATCH_PATH.fullmatch(request.path)
    api_name = (match and match["api"]) or "drive"
    try:
        parts = split_multipart(request)
    except ApiError as error:
        return error_reply(api_name, error)
    if len(parts) > MAX_PARTS:
        text = f"Inner request count exceeds the limit. Received: {len(parts)}, Limit: {MAX_PARTS}"
        return error_reply(api_name, ApiError(400, text, reason="badRequest"))
    if not parts:
        text = (
            "Failed to parse batch request, error:  0 items. Received batch body: "
            f"({len(request.body)}) bytes redacted"
        )
        return error_reply(api_name, ApiError(400, text, reason="badRequest"))
    replies: list[bytes] = []
    for place, (headers, content) in enumerate(parts, 1):
        reply = respond(world, replace(_read_part(request, content), concurrent=place))
        if reply.ending is not Ending.WHOLE:
            return reply
        replies.append(_write_part(headers, reply))
    body = b"".join(replies) + f"--{BOUNDARY}--\r\n".encode()
    return Reply(200, body, f"multipart/mixed; boundary={BOUNDARY}")


def _read_part(outer: Request, content: bytes) -> Request:
    """Return the request inside a part; headers that it lacks are those of the batch."""
    head, _, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    start, _, header_text = head.strip().partition(b"\n")
    http_method, _, target = start.decode("utf-8", "replace").partition(" ")
    target = re.sub(r"^https?://[^/]+", "", target.rpartition(" HTTP/")[0] or target)
    path, _, query = target.partition("?")
    parser = email.parser.BytesHeaderParser(policy=email.policy.compat32)
    own = {name.lower(): str(value) for name, value in parser.parsebytes(header_text).items()}
    inherited = {name: value for name, value in outer.headers.items() if name not in _NOT_INHERITED}
    headers = {**inherited, **own, "accept-encoding": "identity"}
    return Request(http_method.upper(), path, query, headers, body, outer.base_url)


def _write_part(headers: Message, reply: Reply) -> bytes:
    content_id = str(headers.get("Content-ID", ""))
    lines = [f"--{BOUNDARY}", "Content-Type: application/http"]
    if content_id:
        inner = content_id.strip().removeprefix("<").removesuffix(">")
        lines.append(f"Content-ID: <response-{inner}>")
    phrase = HTTPStatus(reply.status).phrase
    lines += ["", f"HTTP/1.1 {reply.status} {phrase}"]
    if reply.status != HTTPStatus.NO_CONTENT:
        lines.append(f"Content-Type: {reply.content_type}")
    lines += [f"{name.title()}: {value}" for name, value in reply.headers.items()]
    lines += [f"Content-Length: {len(reply.body)}", "", ""]
    return "\r\n".join(lines).encode() + reply.body + b"\r\n"
