"""Gmail through google-api-python-client, a service per mailbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from rules.letters import Letter
from sync.errors import CursorExpiredError
from sync.google.auth import GMAIL_SCOPE, ME, Account
from sync.google.errors import translated
from sync.google.message import read_letter
from sync.google.retry import retried
from sync.ports import MailChanges

ADDRESSES_A_SEARCH = 20
UNWANTED_LABELS = frozenset({"DRAFT", "SPAM", "TRASH", "CHAT"})


class GoogleMail:
    """The mail port. One instance per thread."""

    def __init__(self, account: Account, endpoint: str | None = None) -> None:
        self._account = account
        self._options = {"api_endpoint": endpoint} if endpoint else None
        self._services: dict[str, Any] = {}
        self._own_address: dict[str, str] = {}

    def close(self) -> None:
        """Close the connections."""
        for service in self._services.values():
            service.close()

    def read_cursor(self, mailbox: str) -> str:
        """Return the mailbox's present history id."""
        profile = self._call(mailbox, lambda users: users.getProfile(userId=ME))
        return str(profile["historyId"])

    def search(self, mailbox: str, addresses: Sequence[str], after: datetime) -> Sequence[str]:
        """Return ids of messages from or to any of the addresses, later than `after`."""
        found: dict[str, None] = {}
        for start in range(0, len(addresses), ADDRESSES_A_SEARCH):
            some = addresses[start : start + ADDRESSES_A_SEARCH]
            who = " ".join(f"{field}:{a}" for a in some for field in ("from", "to", "cc", "bcc"))
            # Epoch seconds: a date would mean midnight Pacific.
            query = f"{{{who}}} after:{int(after.timestamp())}"
            for page in self._pages(mailbox, "messages", q=query, maxResults=500):
                found.update((message["id"], None) for message in page.get("messages", ()))
        return list(found)

    def read_changes(self, mailbox: str, cursor: str) -> MailChanges:
        """Return what was added since the cursor. Raises CursorExpiredError."""
        found: dict[str, None] = {}
        newest = cursor
        pages = self._pages(
            mailbox,
            "history",
            startHistoryId=cursor,
            historyTypes=["messageAdded"],
            maxResults=500,
        )
        try:
            for page in pages:
                newest = str(page.get("historyId", newest))
                for record in page.get("history", ()):
                    for added in record.get("messagesAdded", ()):
                        found[added["message"]["id"]] = None
        except _GoneError as error:
            raise CursorExpiredError(f"mailbox {mailbox}: history is gone") from error
        return MailChanges(tuple(found), newest)

    def fetch(self, mailbox: str, message_id: str) -> Letter | None:
        """Return the letter; None for a draft, spam, trash, or one that is gone."""
        try:
            message = self._call(
                mailbox,
                lambda users: users.messages().get(userId=ME, id=message_id, format="full"),
            )
        except _GoneError:
            return None
        if UNWANTED_LABELS.intersection(message.get("labelIds", ())):
            return None
        return read_letter(message, self._address(mailbox))

    def _address(self, mailbox: str) -> str:
        """Return the mailbox's address, also for `me`."""
        if mailbox != ME:
            return mailbox
        if ME not in self._own_address:
            profile = self._call(ME, lambda users: users.getProfile(userId=ME))
            self._own_address[ME] = str(profile["emailAddress"]).lower()
        return self._own_address[ME]

    def _pages(self, mailbox: str, resource: str, **params: Any) -> Iterator[dict[str, Any]]:
        token: str | None = None
        while True:
            page = self._call(
                mailbox,
                lambda users, at=token: getattr(users, resource)().list(
                    userId=ME, pageToken=at, **params
                ),
            )
            yield page
            token = page.get("nextPageToken")
            if not token:
                return

    @retried
    def _call(self, mailbox: str, make_request: Any) -> dict[str, Any]:
        with translated(f"mailbox {mailbox}", mailbox):
            try:
                answer: dict[str, Any] = make_request(self._users(mailbox)).execute()
            except HttpError as error:
                if error.resp.status == 404:
                    raise _GoneError(mailbox) from error
                raise
            return answer

    def _users(self, mailbox: str) -> Any:
        if mailbox not in self._services:
            self._services[mailbox] = build(
                "gmail",
                "v1",
                http=self._account.http([GMAIL_SCOPE], subject=mailbox),
                client_options=self._options,
                static_discovery=True,
                cache_discovery=False,
            )
        return self._services[mailbox].users()


class _GoneError(Exception):
    """Gmail answers 404: the message or the history is gone."""
