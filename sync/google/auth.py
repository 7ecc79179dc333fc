"""Credentials: a service-account key, or those of an authorised user, as google-auth reads them."""

from __future__ import annotations

import http.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import httplib2
import orjson
from google.oauth2 import credentials as user_credentials
from google.oauth2 import service_account
from google_auth_httplib2 import AuthorizedHttp

from sync.errors import PermanentError

Credentials: TypeAlias = service_account.Credentials | user_credentials.Credentials

SHEETS_SCOPE = "https://www.googleapis.com/auth/spreadsheets"
DRIVE_SCOPE = "https://www.googleapis.com/auth/drive"
GMAIL_SCOPE = "https://www.googleapis.com/auth/gmail.readonly"

TIMEOUT_SECONDS = 180
"""The server gives up after 180 s (Sheets API guide, "Usage limits"): wait no less."""

TOKENS_A_CALL = 1
"""A 401 is answered with one new token and one more try; another 401 is final."""

ME = "me"

GOOGLE_TOKENS = "https://oauth2.googleapis.com/token"


class ServiceAccount(service_account.Credentials):
    """A service account that asks nobody but the token endpoint of its key.

    google-auth looks up the account's regional access boundary at Google's own host, whatever
    endpoints are set; it offers no setting against that.
    """

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


class _SendsOnce:
    """A connection on which httplib2 sends nothing twice.

    When a connection drops before the answer, httplib2 sends the request again by itself, a POST
    too: it knows the drop by these two errors. What may be sent again is decided by `retried`.
    """

    def getresponse(self) -> Any:
        """Return the answer; a dropped connection is an OSError, as a reset one is."""
        try:
            return super().getresponse()  # type: ignore[misc]  # of the connection class
        except (http.client.BadStatusLine, http.client.ResponseNotReady) as error:
            raise ConnectionAbortedError("the connection was closed without an answer") from error


class _PlainConnection(_SendsOnce, httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
    """As httplib2's own, sending once; it publishes no types."""


class _SecureConnection(_SendsOnce, httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]
    """As httplib2's own, sending once; it publishes no types."""


class Transport(httplib2.Http):  # type: ignore[misc]  # it publishes no types
    """A transport that sends each request once, and leaves no broken connection behind.

    httplib2 keeps a connection whose answer was cut off, and the next request runs into it. Nor
    is a 308 a redirect here: that is how Drive says that an upload is not whole yet.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.redirect_codes = httplib2.REDIRECT_CODES - {308}

    def request(self, uri: str, *args: Any, **kwargs: Any) -> Any:
        """Send a request, as httplib2 does, but once; trouble ends its connections."""
        secure = uri.lower().startswith("https:")
        kwargs["connection_type"] = _SecureConnection if secure else _PlainConnection
        try:
            return super().request(uri, *args, **kwargs)
        except Exception:
            self.close()
            raise


@dataclass(frozen=True)
class Account:
    """Who the worker is; `email` is for messages."""

    credentials: Credentials
    email: str

    def http(self, scopes: Sequence[str], subject: str | None = None) -> AuthorizedHttp:
        """Return a transport for googleapiclient that acts for `subject` with those scopes."""
        transport = Transport(timeout=TIMEOUT_SECONDS)
        return AuthorizedHttp(
            self.scoped(scopes, subject), http=transport, max_refresh_attempts=TOKENS_A_CALL
        )

    def scoped(self, scopes: Sequence[str], subject: str | None = None) -> Credentials:
        """Return the credentials for those scopes, by delegation for `subject` if given."""
        if isinstance(self.credentials, user_credentials.Credentials):
            if subject not in (None, ME):
                raise PermanentError(
                    f"mailbox {subject}: a person's credentials read only their own mailbox; "
                    f"sign in for it with `crm auth gmail --mailbox {subject}`, set "
                    "CRM_MAILBOXES=me, or use a service account with delegation"
                )
            return self.credentials
        scoped: service_account.Credentials = self.credentials.with_scopes(list(scopes))
        return scoped.with_subject(subject) if subject else scoped


@dataclass(frozen=True)
class Accounts:
    """Who reads which mailbox: the person who signed in for it, else the `account` for all.

    `tokens` is the folder where `crm auth gmail` keeps what people signed in with.
    """

    account: Account
    tokens: Path | None = None

    def http(self, mailbox: str, scopes: Sequence[str]) -> AuthorizedHttp:
        """Return a transport that reads the mailbox. Raises PermanentError if nobody may."""
        path = token_path(self.tokens, mailbox) if self.tokens else None
        if path is not None and path.exists():
            return load_account(path).http(scopes, ME)
        return self.account.http(scopes, mailbox)


def token_path(folder: Path, mailbox: str) -> Path:
    """Return the file of a mailbox's own credentials."""
    return folder / f"{mailbox.lower().replace('/', '_')}.json"


def load_account(path: Path) -> Account:
    """Return the account in a credentials file.

    Raises PermanentError, naming the file, if it is missing or of neither form.
    """
    try:
        info = orjson.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise PermanentError(
            f"credentials file {path} does not exist; set CRM_GOOGLE_CREDENTIALS to its path"
        ) from error
    except (OSError, orjson.JSONDecodeError) as error:
        raise PermanentError(f"credentials file {path} cannot be read: {error}") from error
    try:
        match info:
            case {"type": "service_account", "client_email": str(email)}:
                found = ServiceAccount.from_service_account_info(info)  # type: ignore[no-untyped-call]
                return Account(found, email)
            case {"type": "authorized_user"}:
                return Account(_authorised_user(info), info.get("account") or "the signed-in user")
    except (KeyError, ValueError) as error:
        raise PermanentError(f"credentials file {path} is incomplete: {error}") from error
    raise PermanentError(
        f"credentials file {path} is neither a service-account key nor an authorised user's"
    )


def _authorised_user(info: Mapping[str, Any]) -> user_credentials.Credentials:
    # google-auth's own reader puts Google's token endpoint in place of the file's.
    return user_credentials.Credentials(
        None,
        refresh_token=info["refresh_token"],
        client_id=info["client_id"],
        client_secret=info["client_secret"],
        token_uri=info.get("token_uri", GOOGLE_TOKENS),
    )
