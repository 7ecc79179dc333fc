"""Contents as replies: whole, or the range of bytes that was asked for.

Source: developers.google.com/workspace/drive/api/guides/manage-downloads#partial_download.
"""

from __future__ import annotations

import re

from sandbox.calls import ApiError, Media
from sandbox.errors import error_body
from sandbox.printing import encode
from sandbox.wire import Reply

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def download_reply(media: Media, wanted: str) -> Reply:
    """Return the reply to a download with this ``Range`` header; several ranges give the whole."""
    match = _ONE_RANGE.fullmatch(wanted.strip())
    if match is None or not any(match.groups()):
        return Reply(200, media.content, media.mime_type)
    size = len(media.content)
    start, end = _bounds(match.group(1), match.group(2), size)
    if start >= min(end, size):
        return _unsatisfiable(size)
    headers = {"content-range": f"bytes {start}-{end - 1}/{size}"}
    return Reply(206, media.content[start:end], media.mime_type, headers)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Return the range as half-open bounds within the content."""
    if not first:
        return max(size - int(last), 0), size
    return int(first), min(int(last) + 1, size) if last else size


def _unsatisfiable(size: int) -> Reply:
    error = ApiError(
        416,
        "Request range not satisfiable",
        reason="requestedRangeNotSatisfiable",
        location="Range",
        location_type="header",
    )
    headers = {"content-range": f"bytes */{size}"}
    return Reply(416, encode(error_body("drive", error)), headers=headers)
