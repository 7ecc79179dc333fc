"""Gmail through google-api-python-client, a service per mailbox."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from rules.letters import Letter
from rules.text import fold
from sync.errors import CursorExpiredError, GoneError, QuotaUsedUpError, SyncError
from sync.google.auth import GMAIL_SCOPE, ME, Accounts
from sync.google.errors import is_rate_error, make_error, message_of, translated
from sync.google.gmail_batch import NoBatchesError, Part, run_batch
from sync.google.message import (
    WITHIN,
    bodies_elsewhere,
    content_within,
    decode_data,
    read_letter,
)
from sync.google.retry import retried
from sync.google.units import (
    ATTACHMENT_GET,
    GET_PROFILE,
    HISTORY_LIST,
    LABELS_LIST,
    MESSAGES_GET,
    MESSAGES_LIST,
    Units,
    hinted_wait,
)
from sync.ports import Fetched, LabelNames, MailChanges, MailPage, MessageRef

GOOGLE = "https://gmail.googleapis.com"
BATCH_PATH = "/batch/gmail/v1"

PAGE = 500
"""The largest page of ids (Gmail API reference); a page costs the same whatever its size."""

MOST_HISTORY_PAGES = 20
"""Of more history than this a search is cheaper, and certain to end."""

SEARCH_PAGE = 100
"""A page of a search through time: so many letters are looked at before the place is kept."""

BATCH_PARTS = 25
"""Google allows 100 and advises against more than 50; a user's concurrent calls are limited too."""

UNWANTED_LABELS = frozenset({"DRAFT", "SPAM", "TRASH", "CHAT"})
"""Letters with one of these do not count; one that loses it may."""

SYSTEM_LABELS = frozenset(
    {
        *("INBOX", "SENT", "UNREAD", "STARRED", "IMPORTANT", *UNWANTED_LABELS),
        *(f"CATEGORY_{kind}" for kind in ("PERSONAL", "SOCIAL", "PROMOTIONS", "UPDATES", "FORUMS")),
    }
)
"""Labels whose name is their id (Gmail API guide, "Manage labels")."""

HISTORY_TYPES = ["messageAdded", "labelAdded", "labelRemoved"]

HEADERS = (
    *("From", "To", "Cc", "Bcc", "Reply-To", "Subject", "Message-ID", "References"),
    *("In-Reply-To", "List-Id", "Precedence", "Auto-Submitted", "Content-Type", "Content-Class"),
    *("List-Unsubscribe", "Date"),
)
"""What is read of a letter before it is known to count."""


LARGEST_BODY = 5_000_000
"""Of a text that is longer only the beginning is shown; a body comes as a whole or not at all."""

NOT_THERE = frozenset({404, 410})

MOST_BAD_MESSAGES = 3
"""Of more messages than this none of which is given, Google is to blame."""

log = logging.getLogger(__name__)


@dataclass
class _Found:
    """What came of fetching messages; see Fetched."""

    letters: dict[str, Letter] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    refused: dict[str, HttpError] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    postponed: set[str] = field(default_factory=set)
    busy_until: datetime | None = None


class GoogleMail:
    """The mail port. One instance per thread."""

    def __init__(self, accounts: Accounts, units: Units, endpoint: str | None = None) -> None:
        self._accounts = accounts
        self._units = units
        self._endpoint = endpoint
        self._services: dict[str, Any] = {}
        self._own_address: dict[str, str] = {}
        self._label_names: dict[str, Mapping[str, str]] = {}
        self._batches = True

    def close(self) -> None:
        """Close the connections."""
        for service in self._services.values():
            service.close()

    def address(self, mailbox: str) -> str:
        """Return the mailbox's address, also for `me`."""
        if mailbox != ME:
            return mailbox.lower()
        if ME not in self._own_address:
            profile = self._call(ME, GET_PROFILE, lambda users: users.getProfile(userId=ME))
            self._own_address[ME] = str(profile["emailAddress"]).lower()
        return self._own_address[ME]

    # ── Where we are ─────────────────────────────────────────────────────────────────────────────

    def read_cursor(self, mailbox: str) -> str:
        """Return the mailbox's present history id."""
        profile = self._call(mailbox, GET_PROFILE, lambda users: users.getProfile(userId=ME))
        return str(profile["historyId"])

    def read_changes(self, mailbox: str, cursor: str, labels: LabelNames, most: int) -> MailChanges:
        """Return what happened since the cursor. Raises CursorExpiredError."""
        records: list[Mapping[str, Any]] = []
        came: set[str] = set()
        newest: list[int] = []
        complete = True
        pages = self._pages(
            mailbox,
            "history",
            HISTORY_LIST,
            startHistoryId=cursor,
            historyTypes=HISTORY_TYPES,
            maxResults=PAGE,
        )
        try:
            for page in pages:
                newest.append(int(page.get("historyId") or cursor))
                records += page.get("history") or ()
                came.update(
                    event["message"]["id"]
                    for record in page.get("history") or ()
                    for event in record.get("messagesAdded") or ()
                )
                full = len(came) >= most or len(newest) >= MOST_HISTORY_PAGES
                if full and page.get("nextPageToken"):
                    complete = False
                    break
        except GoneError as error:
            raise CursorExpiredError(f"mailbox {mailbox}: history is gone") from error
        messages: dict[str, MessageRef] = {}
        skipped: dict[str, MessageRef] = {}
        # The same record may stand on two pages; one label may come and go.
        for record in sorted(records, key=lambda record: int(record.get("id") or 0)):
            self._read_record(mailbox, record, labels, messages, skipped)
        # What happens between two pages shows in the later one's number, and perhaps in neither.
        cursor = str(min(newest, default=cursor))
        return MailChanges(tuple(messages.values()), tuple(skipped.values()), cursor, complete)

    def _read_record(
        self,
        mailbox: str,
        record: Mapping[str, Any],
        labels: LabelNames,
        messages: dict[str, MessageRef],
        skipped: dict[str, MessageRef],
    ) -> None:
        for event in record.get("messagesAdded") or ():
            if UNWANTED_LABELS.isdisjoint(event["message"].get("labelIds") or ()):
                _keep(messages, event)
        for event in record.get("labelsAdded") or ():
            names = self._folded_names(mailbox, event)
            if fold(labels.skip) in names:
                _keep(skipped, event)
            if labels.count is not None and fold(labels.count) in names:
                _keep(messages, event)
        for event in record.get("labelsRemoved") or ():
            names = self._folded_names(mailbox, event)
            back = UNWANTED_LABELS.intersection(event.get("labelIds") or ())
            if back or fold(labels.skip) in names:
                _keep(messages, event)

    # ── Looking for messages ─────────────────────────────────────────────────────────────────────

    def search(
        self,
        mailbox: str,
        addresses: Sequence[str],
        since: datetime,
        before: datetime | None,
        label: str | None,
    ) -> MailPage:
        """Return a page of messages with the addresses between two moments."""
        # Epoch seconds: a date would mean midnight Pacific. Whether a bound is included is nowhere
        # said: both reach a second further.
        query = f"{_with_any(addresses)} after:{int(since.timestamp()) - 1}"
        if before is not None:
            query += f" before:{int(before.timestamp()) + 1}"
        params: dict[str, Any] = {"q": query, "maxResults": SEARCH_PAGE}
        if label is not None:
            label_id = self._label_id(mailbox, label)
            if label_id is None:
                return MailPage((), complete=True)
            params["labelIds"] = [label_id]
        whole = before is not None and before - since <= timedelta(seconds=1)
        found: dict[str, MessageRef] = {}
        for page in self._pages(mailbox, "messages", MESSAGES_LIST, **params):
            found.update((ref.message_id, ref) for ref in map(_ref, page.get("messages") or ()))
            # A page may be short, or empty, and more follow.
            if page.get("nextPageToken") and len(found) >= SEARCH_PAGE and not whole:
                return MailPage(tuple(found.values()), complete=False)
        return MailPage(tuple(found.values()), complete=True)

    def latest(self, mailbox: str, most: int) -> Sequence[MessageRef]:
        """Return the latest messages, the newest first."""
        page = next(self._pages(mailbox, "messages", MESSAGES_LIST, maxResults=most))
        return [_ref(message) for message in page.get("messages") or ()]

    def with_addresses(
        self, mailbox: str, addresses: Sequence[str], wanted: Collection[str]
    ) -> frozenset[str]:
        """Return which of the wanted message ids are with any of the addresses."""
        left, found = set(wanted), set()
        query = _with_any(addresses)
        for page in self._pages(mailbox, "messages", MESSAGES_LIST, q=query, maxResults=PAGE):
            here = {message["id"] for message in page.get("messages") or ()} & left
            found |= here
            left -= here
            if not left:
                break
        return frozenset(found)

    def labelled(self, mailbox: str, label: str) -> Sequence[MessageRef]:
        """Return all messages with the label; none if there is no such label."""
        self._label_names.pop(mailbox, None)  # it may have been renamed, or made, since
        label_id = self._label_id(mailbox, label)
        if label_id is None:
            return ()
        pages = self._pages(
            mailbox, "messages", MESSAGES_LIST, labelIds=[label_id], maxResults=PAGE
        )
        return [_ref(message) for page in pages for message in page.get("messages") or ()]

    def _names(self, mailbox: str, label_ids: Collection[str]) -> frozenset[str]:
        own = [key for key in label_ids if key not in SYSTEM_LABELS]
        known = self._label_names.get(mailbox, {})
        if any(key not in known for key in own):
            # What the list does not name is not asked for again.
            known = {**dict.fromkeys(own, ""), **self._read_labels(mailbox)}
            self._label_names[mailbox] = known
        return frozenset(filter(None, (known.get(key, key) for key in label_ids)))

    def _folded_names(self, mailbox: str, event: Mapping[str, Any]) -> frozenset[str]:
        return frozenset(map(fold, self._names(mailbox, event.get("labelIds") or ())))

    def _label_id(self, mailbox: str, name: str) -> str | None:
        """Return the label's id, None if there is none; Gmail minds no case in their names."""
        known = _label_named(name, self._label_names.get(mailbox, {}))
        return known or _label_named(name, self._read_labels(mailbox))

    def _read_labels(self, mailbox: str) -> Mapping[str, str]:
        answer = self._call(mailbox, LABELS_LIST, lambda users: users.labels().list(userId=ME))
        known = {str(one["id"]): str(one["name"]) for one in answer.get("labels") or ()}
        self._label_names[mailbox] = known
        return known

    # ── Fetching them ────────────────────────────────────────────────────────────────────────────

    def fetch_headers(self, mailbox: str, message_ids: Sequence[str]) -> Fetched:
        """Return the letters without text and attachments."""
        # Without its fields, the answer would hold the beginning of the text.
        return self._fetch(
            mailbox,
            message_ids,
            format="metadata",
            metadataHeaders=list(HEADERS),
            fields="id,threadId,labelIds,internalDate,payload(mimeType,headers)",
        )

    def fetch(self, mailbox: str, message_ids: Sequence[str]) -> Fetched:
        """Return the letters."""
        return self._fetch(mailbox, message_ids, format="full")

    def fetch_attachment(self, mailbox: str, message_id: str, part: str) -> bytes:
        """Return the content of a file that came with a message. Raises GoneError."""
        if part.startswith(WITHIN):
            message = self._call(
                mailbox,
                MESSAGES_GET,
                lambda users: users.messages().get(userId=ME, id=message_id, format="full"),
            )
            return content_within(message, part)
        return decode_data(self._attachment(mailbox, message_id, part))

    def _attachment(self, mailbox: str, message_id: str, part: str) -> str:
        answer = self._call(
            mailbox,
            ATTACHMENT_GET,
            lambda users: (
                users.messages().attachments().get(userId=ME, messageId=message_id, id=part)
            ),
        )
        return str(answer.get("data") or "")

    def _fetch(self, mailbox: str, message_ids: Sequence[str], **params: Any) -> Fetched:
        found = _Found()
        left = list(dict.fromkeys(message_ids))
        while left and found.busy_until is None:
            room = max(self._units.room(mailbox), 0) // MESSAGES_GET
            some = left[: min(BATCH_PARTS, room)]
            if not some:
                found.busy_until = self._units.half_back(mailbox)
                break
            left = left[len(some) :]
            for message_id, part in self._parts(mailbox, some, params).items():
                self._sort(mailbox, message_id, part, found)
        if found.refused and not found.letters and not found.gone:
            _blame_google(found.refused.values(), mailbox)
        if found.busy_until is None:
            self._units.answered(mailbox)
        return Fetched(
            letters=found.letters,
            gone=frozenset(found.gone),
            failed=frozenset({*found.refused, *found.unreadable}),
            postponed=frozenset({*left, *found.postponed}),
            busy_until=found.busy_until,
        )

    def _sort(self, mailbox: str, message_id: str, part: Part, found: _Found) -> None:
        """Put an answer where it belongs; whatever is in a message, it stops no other."""
        try:
            if not isinstance(part, Mapping):
                self._sort_error(mailbox, message_id, part, found)
            elif UNWANTED_LABELS.intersection(part.get("labelIds") or ()):
                found.gone.add(message_id)
            else:
                found.letters[message_id] = self._letter(mailbox, part)
        except QuotaUsedUpError as error:
            found.postponed.add(message_id)
            found.busy_until = error.until
        except GoneError:
            found.gone.add(message_id)
        except (SyncError, LookupError, TypeError, ValueError, AttributeError) as error:
            kind = type(error).__name__
            log.warning("mailbox %s: message %s cannot be read: %s", mailbox, message_id, kind)
            found.unreadable.add(message_id)

    def _sort_error(self, mailbox: str, message_id: str, error: HttpError, found: _Found) -> None:
        if error.resp.status in NOT_THERE:
            found.gone.add(message_id)
        elif is_rate_error(error):
            found.postponed.add(message_id)
            found.busy_until = self._refused(mailbox, error)
        else:
            found.refused[message_id] = error

    def _letter(self, mailbox: str, message: Mapping[str, Any]) -> Letter:
        for body in bodies_elsewhere(message.get("payload") or {}):
            if int(body.get("size") or 0) <= LARGEST_BODY:
                attachment = str(body["attachmentId"])
                body["data"] = self._attachment(mailbox, str(message["id"]), attachment)
        labels = self._names(mailbox, message.get("labelIds") or ())
        return read_letter(message, self.address(mailbox), labels)

    def _parts(
        self, mailbox: str, message_ids: Sequence[str], params: Mapping[str, Any]
    ) -> Mapping[str, Part]:
        """Return each message, or the error that came instead; 5xx is asked for twice more."""
        self._units.take(mailbox, MESSAGES_GET * len(message_ids))
        parts = dict(self._ask(mailbox, message_ids, params))
        for _ in range(2):
            again = [key for key, part in parts.items() if _is_passing(part)]
            if not again or self._units.room(mailbox) < MESSAGES_GET * len(again):
                break
            self._units.take(mailbox, MESSAGES_GET * len(again))
            parts.update(self._ask(mailbox, again, params))
        return parts

    def _ask(
        self, mailbox: str, message_ids: Sequence[str], params: Mapping[str, Any]
    ) -> Mapping[str, Part]:
        requests = {
            message_id: lambda at=message_id: (
                self._users(mailbox).messages().get(userId=ME, id=at, **params)
            )
            for message_id in message_ids
        }
        if len(requests) > 1 and self._batches:
            uri = (self._endpoint or GOOGLE).rstrip("/") + BATCH_PATH
            try:
                return run_batch(uri, requests, f"mailbox {mailbox}", mailbox)
            except NoBatchesError as error:
                log.info("%s: one call a message from now on", error)
                self._batches = False
        return {key: self._single(mailbox, request) for key, request in requests.items()}

    @retried
    def _single(self, mailbox: str, make_request: Callable[[], Any]) -> Part:
        with translated(f"mailbox {mailbox}", mailbox):
            try:
                answer: Mapping[str, Any] = make_request().execute()
            except HttpError as error:
                if error.resp.status == 401:
                    raise
                return error
            return answer

    # ── Calls ────────────────────────────────────────────────────────────────────────────────────

    def _pages(
        self, mailbox: str, resource: str, units: int, **params: Any
    ) -> Iterator[dict[str, Any]]:
        token: str | None = None
        while True:
            page = self._call(
                mailbox,
                units,
                lambda users, at=token: getattr(users, resource)().list(
                    userId=ME, pageToken=at, **params
                ),
            )
            yield page
            before, token = token, page.get("nextPageToken")
            if not token or token == before:
                return

    @retried
    def _call(self, mailbox: str, units: int, make_request: Any) -> dict[str, Any]:
        self._units.take(mailbox, units)
        with translated(f"mailbox {mailbox}", mailbox):
            try:
                answer: dict[str, Any] = make_request(self._users(mailbox)).execute()
            except HttpError as error:
                if is_rate_error(error):
                    until = self._refused(mailbox, error)
                    raise QuotaUsedUpError(
                        f"mailbox {mailbox}: Gmail asks to wait", until
                    ) from error
                raise
        self._units.answered(mailbox)
        return answer

    def _refused(self, mailbox: str, error: HttpError) -> datetime:
        wait = hinted_wait(
            message_of(error.content),
            str(error.resp.get("date", "")),
            str(error.resp.get("retry-after", "")),
        )
        return self._units.refused(mailbox, wait)

    def _users(self, mailbox: str) -> Any:
        if mailbox not in self._services:
            self._services[mailbox] = build(
                "gmail",
                "v1",
                http=self._accounts.http(mailbox, [GMAIL_SCOPE]),
                client_options={"api_endpoint": self._endpoint} if self._endpoint else None,
                static_discovery=True,
                cache_discovery=False,
            )
        return self._services[mailbox].users()


def _keep(found: dict[str, MessageRef], event: Mapping[str, Any]) -> None:
    ref = _ref(event["message"])
    found[ref.message_id] = ref


def _ref(message: Mapping[str, Any]) -> MessageRef:
    return MessageRef(str(message["id"]), str(message.get("threadId", "")))


def _blame_google(errors: Collection[HttpError], mailbox: str) -> None:
    """Raise SyncError if these errors, in place of all that was asked for, are Google's own."""
    for error in errors:
        own_trouble = error.resp.status >= 500 and len(errors) > MOST_BAD_MESSAGES
        if own_trouble or error.resp.status in (401, 403):
            raise make_error(error.resp.status, error.content, f"mailbox {mailbox}", mailbox)


def _label_named(name: str, labels: Mapping[str, str]) -> str | None:
    return next((key for key, label in labels.items() if fold(label) == fold(name)), None)


def _is_passing(part: Part) -> bool:
    return isinstance(part, HttpError) and part.resp.status >= 500


def _with_any(addresses: Sequence[str]) -> str:
    fields = ("from", "to", "cc", "bcc")
    return "{" + " ".join(f"{field}:{_quoted(a)}" for a in addresses for field in fields) + "}"


def _quoted(address: str) -> str:
    """Return an address as a search takes it: quoted where it has signs that mean something."""
    plain = all(sign.isalnum() or sign in "@._+-'" for sign in address)
    return address if plain else '"' + address.replace('"', " ") + '"'
