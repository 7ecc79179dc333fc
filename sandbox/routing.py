"""From an HTTP method and a path to a method of an API."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.discovery import Method, load_methods

_PLACEHOLDER = re.compile(r"\{(\+?)(\w+)\}")


@dataclass(frozen=True)
class Route:
    """A method with its decoded path parameters."""

    method: Method
    path_parameters: Mapping[str, str]
    is_upload: bool


@dataclass(frozen=True)
class _Pattern:
    method: Method
    regex: re.Pattern[str]
    is_upload: bool
    literal_length: int


def _make_pattern(method: Method, template: str, *, is_upload: bool) -> _Pattern:
    regex = ""
    literal_length = position = 0
    for placeholder in _PLACEHOLDER.finditer(template):
        literal = template[position : placeholder.start()]
        reserved, name = placeholder.groups()
        regex += re.escape(literal) + (f"(?P<{name}>.+)" if reserved else f"(?P<{name}>[^/]+)")
        literal_length += len(literal)
        position = placeholder.end()
    regex += re.escape(template[position:])
    literal_length += len(template) - position
    return _Pattern(method, re.compile(regex), is_upload, literal_length)


@functools.cache
def _patterns(http_method: str) -> Sequence[_Pattern]:
    methods = [m for m in load_methods().values() if m.http_method == http_method]
    found = [_make_pattern(m, m.path, is_upload=False) for m in methods]
    for method in methods:
        if method.upload_path:
            for prefix in ("", "resumable/"):
                template = prefix + method.upload_path
                found.append(_make_pattern(method, template, is_upload=True))
    # The most literal template wins: files/generateIds before files/{fileId}.
    return sorted(found, key=lambda pattern: -pattern.literal_length)


def match_route(http_method: str, path: str) -> Route | None:
    """Return the route of a percent-encoded path, a trailing slash forgiven, or None."""
    trimmed = path.strip("/")
    for pattern in _patterns(http_method):
        if match := pattern.regex.fullmatch(trimmed):
            values = {name: unquote(value) for name, value in match.groupdict().items()}
            return Route(pattern.method, values, pattern.is_upload)
    return None
