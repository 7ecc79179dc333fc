"""Google's errors as ours: by status and reason, never by the English message.

Sources: Sheets, Drive and Gmail API guides, "Resolve errors".
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httplib2
import orjson
import requests
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from googleapiclient.errors import HttpError
from gspread.exceptions import APIError
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema

from sync.errors import (
    AccountError,
    BusyError,
    GoneError,
    PermanentError,
    RefusedError,
    SyncError,
    TransientError,
)

RATE_REASONS = frozenset(
    {
        "rateLimitExceeded",
        "userRateLimitExceeded",
        "sharingRateLimitExceeded",
        "RATE_LIMIT_EXCEEDED",
        "quotaExceeded",
    }
)

ACCOUNT_REASONS = frozenset(
    {
        *("accessNotConfigured", "insufficientPermissions", "dailyLimitExceeded"),
        *("SERVICE_DISABLED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
    }
)
"""Reasons of a 403 that concern the account or its project, whatever was asked for."""

NO_HEADERS: Mapping[str, str] = {}

WRONG_ADDRESS = (MissingSchema, InvalidSchema, InvalidURL)
"""Raised by requests when an endpoint is not a URL."""

NO_ANSWER = (
    requests.RequestException,
    httplib2.HttpLib2Error,
    http.client.HTTPException,
    json.JSONDecodeError,
    OSError,
)
"""Raised by the clients when the answer did not come, or was cut off."""


def reasons_of(body: bytes) -> frozenset[str]:
    """Return the machine-readable reasons in an error answer of either style; none for HTML."""
    try:
        error = orjson.loads(body)["error"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return frozenset()
    if not isinstance(error, Mapping):
        return frozenset()
    items: Sequence[Any] = [*error.get("errors", ()), *error.get("details", ())]
    return frozenset(item["reason"] for item in items if "reason" in item)


def message_of(body: bytes) -> str:
    """Return Google's own message, for the operator; empty for HTML."""
    try:
        return str(orjson.loads(body)["error"]["message"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""


def is_rate_error(error: HttpError) -> bool:
    """Return whether an answer says that there were too many requests, and nothing else."""
    status = int(error.resp.status)
    return status == 429 or (status == 403 and bool(reasons_of(error.content) & RATE_REASONS))


def make_error(
    status: int, body: bytes, what: str, account: str, headers: Mapping[str, str] = NO_HEADERS
) -> SyncError:
    """Return the error for an answer that refused `what`, for `account`."""
    reasons = reasons_of(body)
    if status == 429 or (status == 403 and reasons & RATE_REASONS):
        rest = rest_seconds(headers.get("retry-after", ""), datetime.now(UTC))
        return BusyError(f"{what}: Google answers {status} ({_first(reasons)})", rest)
    if status >= 500:
        return TransientError(f"{what}: Google answers {status} ({_first(reasons)})")
    if status == 404:
        return GoneError(f"{what}: not found, or not shared with {account}")
    if status == 403:
        denied = AccountError if reasons & ACCOUNT_REASONS else PermanentError
        return denied(
            f"{what}: {account} has no permission ({_first(reasons) or message_of(body)})"
        )
    if status == 401:
        return AccountError(
            f"{what}: the credentials of {account} are not accepted; make a new key, or sign in "
            "again (`crm doctor` tells more)"
        )
    kind = RefusedError if status == 400 else PermanentError
    return kind(f"{what}: Google answers {status}: {message_of(body)}")


def rest_seconds(retry_after: str, now: datetime) -> float:
    """Return how long a Retry-After header asks to wait, 0 if it says nothing that can be read.

    Seconds or a date (RFC 9110, section 10.2.3).
    """
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - now).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def _first(reasons: frozenset[str]) -> str:
    return min(reasons, default="")


@contextmanager
def translated(what: str, account: str) -> Iterator[None]:
    """Raise errors of the clients as SyncErrors that name what was asked and for whom."""
    try:
        yield
    except APIError as error:
        answer = error.response
        found = make_error(answer.status_code, answer.content, what, account, answer.headers)
        raise found from error
    except HttpError as error:
        status, headers = int(error.resp.status), error.resp
        raise make_error(status, error.content, what, account, headers) from error
    except RefreshError as error:
        raise _sign_in_error(error, account) from error
    except GoogleAuthError as error:
        kind = TransientError if isinstance(error, TransportError) else AccountError
        raise kind(f"signing in as {account}: {error}") from error
    except WRONG_ADDRESS as error:
        raise PermanentError(f"{what}: {error}") from error
    except NO_ANSWER as error:
        raise TransientError(f"{what}: no answer ({type(error).__name__})") from error


def _sign_in_error(error: RefreshError, account: str) -> SyncError:
    if error.retryable:
        return TransientError(f"signing in as {account}: Google is busy")
    code = str(error.args[0]) if error.args else ""
    if "unauthorized_client" in code:
        return AccountError(
            f"signing in as {account}: domain-wide delegation is not granted; "
            "allow the client and its scopes in the Admin console"
        )
    if "invalid_grant" in code:
        return AccountError(
            f"signing in as {account}: invalid_grant: the key was revoked, the person does not "
            "exist, or this machine's clock is wrong"
        )
    return AccountError(f"signing in as {account}: {code}")
