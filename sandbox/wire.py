"""HTTP without a server: a request as it came and a reply as it will go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from urllib.parse import parse_qsl

from sandbox.calls import Media
from sandbox.printing import Piece

SYSTEM_PARAMETERS = {f"${name}": name for name in ("alt", "fields", "key", "prettyPrint")}
"""Parameters of every method by their other names; `fields` may come as a header, too.

Source: Google's page on system parameters.
"""


class Ending(Enum):
    """How the connection ends after the reply."""

    WHOLE = "whole"
    DROPPED = "dropped"
    """Closed with nothing sent."""
    CUT = "cut"
    """Closed in the middle of the body."""


@dataclass(frozen=True)
class Request:
    """An HTTP request; ``path`` is still percent-encoded, header names are lower case."""

    http_method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    media: Media | None = None
    """The content of a finished resumable upload."""
    concurrent: int = 1
    """How many requests of the same client are under way, this one included: a batch's parts."""

    @cached_property
    def query_pairs(self) -> list[tuple[str, str]]:
        """The query's names and values in their order, decoded; what headers say comes last."""
        pairs = parse_qsl(self.query, keep_blank_values=True)
        pairs = [(SYSTEM_PARAMETERS.get(name, name), value) for name, value in pairs]
        mask = self.headers.get("x-goog-fieldmask")
        return [*pairs, ("fields", mask)] if mask else pairs

    @property
    def content_type(self) -> str:
        """The whole Content-Type header, or nothing."""
        return self.headers.get("content-type", "")


@dataclass(frozen=True)
class Reply:
    """An HTTP reply."""

    status: int
    content: bytes | Sequence[Piece] = b""
    """The body, or the pieces of a large one."""
    content_type: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: Ending = Ending.WHOLE
    is_interim: bool = False
    """A step of an upload that is not yet done."""

    @property
    def pieces(self) -> Sequence[Piece]:
        """The body in pieces, a small one in one."""
        return (self.content,) if isinstance(self.content, bytes) else self.content

    @cached_property
    def size(self) -> int:
        """How many bytes the body has."""
        return sum(map(len, self.pieces))

    @property
    def body(self) -> bytes:
        """The body as a whole."""
        return self.content if isinstance(self.content, bytes) else b"".join(self.content)
