"""What can go wrong with a pass, by what to do about it."""

from __future__ import annotations

from datetime import datetime


class SyncError(Exception):
    """Root of all errors of a pass; the message is one line for the operator."""


class TransientError(SyncError):
    """Google is slow, busy or unreachable: the next pass tries again."""


class BusyError(TransientError):
    """Google refused for its rate or quota: nothing was done.

    `rest_seconds` is how long it wants to be left in peace, 0 if it does not say.
    """

    def __init__(self, message: str, rest_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.rest_seconds = rest_seconds


class QuotaUsedUpError(TransientError):
    """A mailbox's quota is used up until then: nothing is asked before, and nothing has failed."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class UnknownOutcomeError(TransientError):
    """The answer to a write was lost: it may have been applied. Read again and plan again."""


class ConflictError(SyncError):
    """The workbook changed between reading and writing: read again and plan again."""


class PermanentError(SyncError):
    """It will fail again until a person mends something; the message says what."""


class AccountError(PermanentError):
    """Google refuses the account as a whole: it says nothing about the thing that was asked for."""


class GoneError(PermanentError):
    """It is not there, or not shared with the worker's account: Google does not say which."""


class HiddenError(PermanentError):
    """There is something under an id of ours, and the account may not see it (any more)."""


class RefusedError(PermanentError):
    """Sheets refused a write as it stands (400): nothing of it was applied."""


class StructureError(PermanentError):
    """A tab or a header that the worker needs is missing or stands twice."""


class CursorExpiredError(SyncError):
    """A mailbox no longer keeps the history since the cursor: a search is due."""
