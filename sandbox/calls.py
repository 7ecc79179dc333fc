"""What a method handler gets, gives and raises: the one interface between HTTP and the APIs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.world import World

Json = dict[str, Any]


@dataclass(frozen=True)
class Media:
    """Bytes with their type: an uploaded content or a downloaded one."""

    content: bytes
    mime_type: str


@dataclass(frozen=True)
class Call:
    """One API request after routing and validation against the discovery document.

    ``params`` are path and query parameters, typed by the discovery document (numbers, booleans;
    repeated ones are lists); absent ones are absent. ``body`` is the validated JSON body, ``{}``
    when there is none. ``user`` is the acting principal's e-mail, ``client`` the credential's.
    """

    method: str
    params: Mapping[str, Any]
    body: Json
    user: str
    client: str
    scopes: frozenset[str]
    now: datetime
    base_url: str
    media: Media | None = None


class ApiError(Exception):
    """An error answer of Google's; the API of the method chooses the style of its body.

    Sheets shows ``code, message, status, details``; Drive and Gmail show ``errors[]`` with
    ``domain, reason, location, locationType``. An empty status or reason is derived from the code.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: str = "",
        reason: str = "",
        domain: str = "global",
        details: Sequence[Json] = (),
        location: str = "",
        location_type: str = "",
        item_message: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.reason = reason
        self.domain = domain
        self.details = tuple(details)
        self.location = location
        self.location_type = location_type
        self.item_message = item_message or message
        """What the list of errors says, where it is not the same."""


Handler = Callable[["World", Call], "Json | Media | None"]
"""A method: JSON, content, or nothing (204 with an empty body)."""
