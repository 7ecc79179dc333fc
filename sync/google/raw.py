"""The three APIs by plain requests, for whoever looks at how Google answers, not only at what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import orjson
import requests
from google.auth.transport.requests import AuthorizedSession, Request

from sync.google.auth import DRIVE_SCOPE, GMAIL_SCOPE, SHEETS_SCOPE, TIMEOUT_SECONDS, Account
from sync.google.errors import make_error, message_of, reasons_of, translated

ApiName: TypeAlias = Literal["sheets", "drive", "gmail"]

ROOTS: Mapping[ApiName, str] = {
    "sheets": "https://sheets.googleapis.com",
    "drive": "https://www.googleapis.com",
    "gmail": "https://gmail.googleapis.com",
}
SCOPES: Mapping[ApiName, tuple[str, ...]] = {
    "sheets": (SHEETS_SCOPE, DRIVE_SCOPE),
    "drive": (DRIVE_SCOPE,),
    "gmail": (GMAIL_SCOPE,),
}


COVERED_BY: Mapping[str, tuple[str, ...]] = {
    "https://mail.google.com/": (GMAIL_SCOPE,),
    "https://www.googleapis.com/auth/gmail.modify": (GMAIL_SCOPE,),
    DRIVE_SCOPE: (DRIVE_SCOPE, SHEETS_SCOPE),
}
"""What wider scopes allow besides themselves."""


@dataclass(frozen=True)
class Answer:
    """How Google answered."""

    status: int
    content: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether it did what was asked."""
        return self.status < 400

    @property
    def body(self) -> Any:
        """The answer's JSON, None where there is none."""
        try:
            return orjson.loads(self.content) if self.content else None
        except orjson.JSONDecodeError:
            return None

    @property
    def shown(self) -> str:
        """The status, with the reason and the message of a refusal: a line for people."""
        reason = min(reasons_of(self.content), default="")
        return " ".join(filter(None, (str(self.status), reason, message_of(self.content))))


class RawGoogle:
    """Requests to the three APIs as one account; Gmail by delegation, a mailbox at a time."""

    def __init__(self, account: Account, endpoints: Mapping[ApiName, str | None]) -> None:
        self.account = account
        self._roots = {api: endpoints.get(api) or root for api, root in ROOTS.items()}
        self._sessions: dict[tuple[ApiName, str | None], AuthorizedSession] = {}

    def close(self) -> None:
        """Close the connections."""
        for session in self._sessions.values():
            session.close()

    def missing_scopes(self) -> frozenset[str]:
        """Return the scopes of the worker that a person has not allowed; none for a key.

        Raises SyncError saying why there is no access token at all.
        """
        credentials = self.account.scoped(SCOPES["sheets"])
        with requests.Session() as session, translated("signing in", self.account.email):
            credentials.refresh(Request(session))  # type: ignore[no-untyped-call]
        granted = getattr(credentials, "granted_scopes", None)
        if granted is None:
            return frozenset()
        allowed = {narrow for scope in granted for narrow in COVERED_BY.get(scope, (scope,))}
        return frozenset(scope for scopes in SCOPES.values() for scope in scopes) - allowed

    def ask(
        self,
        method: str,
        api: ApiName,
        path: str,
        body: Any = None,
        *,
        subject: str | None = None,
        **params: Any,
    ) -> Answer:
        """Send a request and return the answer, also a refusal.

        Raises SyncError if there is no answer, or no token to ask with.
        """
        url = self._roots[api].rstrip("/") + path
        session = self._session(api, subject)
        with translated(f"{api} {path}", subject or self.account.email):
            answer = session.request(
                method,
                url,
                params=params,
                data=None if body is None else orjson.dumps(body),
                headers={"Content-Type": "application/json"},
                timeout=TIMEOUT_SECONDS,
            )
        return Answer(answer.status_code, answer.content)

    def read(
        self, api: ApiName, path: str, what: str, *, subject: str | None = None, **params: Any
    ) -> Any:
        """Return what a GET gives. Raises SyncError, naming `what`, for a refusal."""
        answer = self.ask("GET", api, path, subject=subject, **params)
        if not answer.ok:
            who = subject or self.account.email
            raise make_error(answer.status, answer.content, what, who)
        return answer.body

    def _session(self, api: ApiName, subject: str | None) -> AuthorizedSession:
        key = (api, subject)
        if key not in self._sessions:
            self._sessions[key] = AuthorizedSession(self.account.scoped(SCOPES[api], subject))
        return self._sessions[key]
