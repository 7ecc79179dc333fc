"""The life of a client that mirrors a mailbox: full list, batches, history, a history that is gone.

A client of this kind is written here as the guide describes it, on the official Python client, and
its copy of the mailbox is held against the sandbox's own after each turn.

Source: developers.google.com/workspace/gmail/api/guides/sync.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.gmail.mailbox import Mailbox
from sandbox.server import Box
from tests.sandbox.gmail.conftest import ME, encode, letter

LETTERS = 500
A_BATCH = 100
GONE = 404


@dataclass
class Mirror:
    """A copy of a mailbox: labels by message id, and how far its history has been read."""

    gmail: Any
    batch_uri: str
    labels: dict[str, frozenset[str]] = field(default_factory=dict)
    cursor: str = ""
    full_syncs: int = 0

    def sync(self) -> None:
        """Follow the history; read everything where it is no longer kept, or at first."""
        if not self.cursor:
            self._full()
            return
        try:
            self._partial()
        except HttpError as error:
            if error.resp.status != GONE:
                raise
            self._full()

    def _full(self) -> None:
        self.full_syncs += 1
        ids = [
            message["id"]
            for page in self._pages("messages", includeSpamTrash=True)
            for message in page.get("messages", ())
        ]
        newest = self._fetch(ids)
        self.labels = {letter_id: labels for letter_id, (labels, _) in newest.items()}
        self.cursor = max((history_id for _, history_id in newest.values()), default="1", key=int)

    def _partial(self) -> None:
        changed: dict[str, None] = {}
        for page in self._pages("history", startHistoryId=self.cursor):
            for record in page.get("history", ()):
                changed.update((message["id"], None) for message in record["messages"])
            newest = page["historyId"]
        fetched = self._fetch(list(changed))
        for letter_id in changed:
            if letter_id in fetched:
                self.labels[letter_id] = fetched[letter_id][0]
            else:
                self.labels.pop(letter_id, None)
        self.cursor = newest

    def _pages(self, resource: str, **params: Any) -> Iterator[Any]:
        api = getattr(self.gmail.users(), resource)()
        call = api.list(userId="me", maxResults=200, **params)
        while call is not None:
            page = call.execute()
            yield page
            call = api.list_next(call, page)

    def _fetch(self, ids: Sequence[str]) -> dict[str, tuple[frozenset[str], str]]:
        """Labels and history id of each message that is there, a hundred in a batch."""
        found: dict[str, tuple[frozenset[str], str]] = {}

        def note(letter_id: str, answer: Any, error: HttpError | None) -> None:
            if error is None:
                found[letter_id] = frozenset(answer.get("labelIds", ())), answer["historyId"]
            else:
                assert error.resp.status == GONE

        messages = self.gmail.users().messages()
        for start in range(0, len(ids), A_BATCH):
            batch = self.gmail.new_batch_http_request(callback=note)
            batch._batch_uri = self.batch_uri
            for letter_id in ids[start : start + A_BATCH]:
                batch.add(
                    messages.get(userId="me", id=letter_id, format="minimal"), request_id=letter_id
                )
            batch.execute()
        return found


@pytest.fixture
def mailbox(box: Box) -> Mailbox:
    return box.world.gmail.mailboxes[ME]


@pytest.fixture
def mirror(box: Box, gmail: Any) -> Mirror:
    return Mirror(gmail, f"{box.url}/batch/gmail/v1")


def kept(mailbox: Mailbox) -> dict[str, frozenset[str]]:
    """What the mailbox holds, in the form of a copy."""
    return {one.id: frozenset(one.labels) for one in mailbox.letters.values()}


def furnish(box: Box, count: int) -> list[str]:
    now = box.world.clock.now()
    return [box.world.gmail.deliver(ME, letter(str(number)), now).id for number in range(count)]


def change_something(gmail: Any, ids: list[str]) -> str:
    """Labels, trash, deletions, a new letter, a draft saved twice; the id of the new letter."""
    messages, drafts = gmail.users().messages(), gmail.users().drafts()
    batch = {"ids": ids[:20], "addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD"]}
    messages.batchModify(userId="me", body=batch).execute()
    messages.trash(userId="me", id=ids[20]).execute()
    messages.delete(userId="me", id=ids[21]).execute()
    label = gmail.users().labels().create(userId="me", body={"name": "Acme"}).execute()["id"]
    labelled = {"addLabelIds": [label]}
    messages.modify(userId="me", id=ids[22], body=labelled).execute()
    draft = {"message": {"raw": encode(letter("draft"))}}
    made = drafts.create(userId="me", body=draft).execute()["id"]
    drafts.update(userId="me", id=made, body=draft).execute()
    new = {"raw": encode(letter("new")), "labelIds": ["INBOX", "UNREAD"]}
    return str(messages.insert(userId="me", body=new).execute()["id"])


def test_life(box: Box, gmail: Any, mailbox: Mailbox, mirror: Mirror) -> None:
    ids = furnish(box, LETTERS)
    mirror.sync()
    assert mirror.labels == kept(mailbox)
    assert len(mirror.labels) == LETTERS
    log = box.world.log
    assert len(log.select(method="gmail.users.messages.get")) == LETTERS
    assert len(log.select(method="gmail.users.messages.list")) == 3

    log.clear()
    mirror.sync()
    assert len(log.select()) == 1, "nothing happened: one look at the history"

    new = change_something(gmail, ids)
    log.clear()
    mirror.sync()
    assert mirror.labels == kept(mailbox)
    assert mirror.labels[new] == {"INBOX", "UNREAD"}
    assert mirror.labels[ids[20]] == {"TRASH", "UNREAD"}
    assert ids[21] not in mirror.labels
    assert len(log.select(method="gmail.users.messages.get")) < 30, "only what has changed"
    assert log.select(method="gmail.users.messages.list") == []

    mailbox.forget_all_history()
    furnish(box, 1)
    mailbox.forget_all_history()
    mirror.sync()
    assert mirror.full_syncs == 2, "the history since then is gone"
    assert mirror.labels == kept(mailbox)


def test_history_runs_out_after_a_week(box: Box, mailbox: Mailbox, mirror: Mirror) -> None:
    furnish(box, 3)
    mirror.sync()
    furnish(box, 1)
    box.world.clock.advance(8 * 86_400)
    mirror.sync()
    assert mirror.full_syncs == 2
    assert mirror.labels == kept(mailbox)
    furnish(box, 1)
    mirror.sync()
    assert mirror.full_syncs == 2, "what is new is kept"
    assert mirror.labels == kept(mailbox)


def test_pages_of_history(box: Box, gmail: Any, mirror: Mirror, mailbox: Mailbox) -> None:
    furnish(box, 1)
    mirror.sync()
    furnish(box, 450)
    box.world.log.clear()
    mirror.sync()
    assert len(box.world.log.select(method="gmail.users.history.list")) == 3
    assert mirror.labels == kept(mailbox)


def test_parts_that_are_refused_for_their_number_can_be_asked_again(
    box: Box, gmail: Any, mirror: Mirror, control: Any
) -> None:
    """G: each part has its own status, and concurrency is limited."""
    ids = furnish(box, 100)
    control("POST", "quotas", limits={"GmailConcurrentPerUser": 50})
    missing: list[str] = []

    def note(letter_id: str, _answer: Any, error: HttpError | None) -> None:
        if error is not None:
            assert error.resp.status == 429
            missing.append(letter_id)

    def fetch(some: list[str]) -> None:
        batch = gmail.new_batch_http_request(callback=note)
        batch._batch_uri = mirror.batch_uri
        for letter_id in some:
            call = gmail.users().messages().get(userId="me", id=letter_id, format="minimal")
            batch.add(call, request_id=letter_id)
        batch.execute()

    fetch(ids)
    assert missing == ids[50:]
    again, missing[:] = list(missing), []
    fetch(again)
    assert missing == []
