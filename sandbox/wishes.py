"""Parameters of the control endpoints: what a test or the demo can ask of the sandbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.faults import FaultKind, Moment
from sandbox.gmail.model import INBOX, UNREAD


class Wish(BaseModel):
    """Parameters, from the JSON body and the query together."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Wish):
    """No parameters."""


class ResetWish(Wish):
    """Where to begin again."""

    seed: int | None = Field(None, description="another seed for ids; the same one when absent")


class LetterWish(Wish):
    """A letter for a mailbox, as bytes or as simple fields."""

    mailbox: str = Field(description="address of the mailbox")
    raw: str = Field("", description="the whole letter in base64 or base64url")
    sender: str = Field("client@acme.example", description="From")
    to: str = Field("", description="To; the mailbox when absent")
    cc: str = ""
    subject: str = ""
    text: str = Field("", description="plain text")
    html: str = ""
    message_id: str = Field("", description="with angle brackets; a fresh one when absent")
    in_reply_to: str = ""
    attachments: dict[str, str] = Field(
        default_factory=dict, description="base64 contents by file name"
    )
    labels: tuple[str, ...] = (INBOX, UNREAD)
    date: datetime | None = Field(None, description="when it arrived; now when absent")


class After(Wish):
    """Which call an act waits for."""

    method: str = Field("*", description="glob over discovery ids")
    kind: Literal["", "read", "write"] = Field("", description="read or write; any when absent")
    skip: int = Field(0, ge=0, description="let so many matching calls pass first")


class ActWish(Wish):
    """A call in somebody's name."""

    user: str = Field(description="e-mail of who acts")
    method: str = Field(description="discovery id, e.g. sheets.spreadsheets.batchUpdate")
    params: dict[str, Any] = Field(default_factory=dict)
    body: dict[str, Any] = Field(default_factory=dict)
    after: After | None = Field(None, description="wait for a call; at once when absent")


class TokenWish(Wish):
    """An access token for anybody."""

    user: str
    scopes: tuple[str, ...] = Field((), description="all scopes when absent")


class FaultWish(Wish):
    """A rule that makes calls fail."""

    kind: FaultKind
    method: str = Field("*", description="glob over discovery ids")
    calls: frozenset[int] = Field(
        frozenset(), description="0-based numbers of matching calls; all when absent"
    )
    probability: float = Field(1.0, ge=0, le=1)
    seed: int = 0
    limit: int | None = Field(1, description="strike so often at most; null for ever")
    when: Moment = Field("before", description="before or after the effect")
    code: int = Field(500, ge=400, le=599)
    html: bool = Field(False, description="an HTML page in the place of JSON")
    seconds: float = Field(0.0, ge=0, le=600, description="of latency")


class QuotaWish(Wish):
    """Limits to put in force; those not named are off."""

    google: bool = Field(False, description="Google's own limits, changed by `limits`")
    limits: dict[str, int] = Field(default_factory=dict)


class ClockWish(Wish):
    """Where the clock goes; first freeze or resume, then set, then advance."""

    set: datetime | None = Field(None, description="a moment with its offset")
    advance_seconds: float = 0.0
    frozen: bool | None = None


class DelaysWish(Wish):
    """How many seconds late Drive is; 0 for at once."""

    changes_seconds: float = Field(0.0, ge=0, le=86_400, description="until a change is listed")
    search_seconds: float = Field(
        0.0, ge=0, le=86_400, description="until files.list finds a new file"
    )
    edits_seconds: float = Field(
        0.0, ge=0, le=86_400, description="until an edited cell shows in modifiedTime and changes"
    )


class LogWish(Wish):
    """Which entries of the log."""

    method: str = Field("*", description="glob over discovery ids")
    user: str = ""
    kind: str = Field("", description="read or write")
    status: int | None = None
    since: int = Field(0, ge=0, description="first index")


class MailboxWish(Wish):
    """A mailbox."""

    mailbox: str
