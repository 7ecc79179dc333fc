"""Threads, labels and drafts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.server import Box
from tests.sandbox.gmail.conftest import encode, letter

Insert = Callable[..., Any]


def refusal(call: Any) -> int:
    with pytest.raises(HttpError) as refused:
        call.execute()
    status: int = refused.value.resp.status
    return status


def test_replies_join_their_thread(gmail: Any, insert: Insert) -> None:
    first = insert(letter("Offer", message_id="<1@a>"))
    reply = insert(letter("Re: Offer", message_id="<2@a>", in_reply_to="<1@a>"))
    later = insert(letter("RE: Fwd: offer", references="<1@a> <2@a>"))
    other = insert(letter("Another subject", in_reply_to="<1@a>"))
    alone = insert(letter("Offer"))
    assert first["threadId"] == first["id"]
    assert reply["threadId"] == later["threadId"] == first["id"]
    assert other["threadId"] == other["id"], "another subject is another thread"
    assert alone["threadId"] == alone["id"]
    thread = gmail.users().threads().get(userId="me", id=first["id"]).execute()
    assert [message["id"] for message in thread["messages"]] == [
        first["id"],
        reply["id"],
        later["id"],
    ]
    assert thread["messages"][0]["payload"]["headers"]


def test_thread_list_and_changes(gmail: Any, insert: Insert) -> None:
    threads = gmail.users().threads()
    first = insert(letter("Offer", message_id="<1@a>"), "INBOX")
    insert(letter("Re: Offer", in_reply_to="<1@a>"), "INBOX")
    insert(letter("Other"), "INBOX")
    assert len(threads.list(userId="me").execute()["threads"]) == 2
    found = threads.list(userId="me", q="subject:offer").execute()["threads"]
    assert found[0]["id"] == first["threadId"]
    assert found[0]["snippet"] == "Body"
    name = {"userId": "me", "id": first["threadId"]}
    changed = threads.modify(**name, body={"addLabelIds": ["STARRED"]}).execute()
    assert all("STARRED" in message["labelIds"] for message in changed["messages"])
    threads.trash(**name).execute()
    assert len(threads.list(userId="me").execute()["threads"]) == 1
    threads.untrash(**name).execute()
    minimal = threads.get(**name, format="minimal").execute()
    assert "payload" not in minimal["messages"][0]
    threads.delete(**name).execute()
    assert refusal(threads.get(**name)) == 404


def test_label_life(gmail: Any, insert: Insert) -> None:
    labels = gmail.users().labels()
    made = labels.create(userId="me", body={"name": "CRM"}).execute()
    assert made["type"] == "user"
    assert refusal(labels.create(userId="me", body={"name": "crm"})) == 409
    assert refusal(labels.create(userId="me", body={})) == 400
    assert refusal(labels.create(userId="me", body={"name": "INBOX"})) == 400
    insert(letter(), made["id"], "UNREAD")
    name = {"userId": "me", "id": made["id"]}
    got = labels.get(**name).execute()
    assert (got["messagesTotal"], got["messagesUnread"], got["threadsTotal"]) == (1, 1, 1)
    assert labels.patch(**name, body={"name": "CRM 2"}).execute()["name"] == "CRM 2"
    hidden = {"labelListVisibility": "labelHide"}
    assert labels.update(**name, body=hidden).execute()["labelListVisibility"] == "labelHide"
    names = [label["name"] for label in labels.list(userId="me").execute()["labels"]]
    assert {"INBOX", "CRM 2"} <= set(names)
    labels.delete(**name).execute()
    assert refusal(labels.get(**name)) == 404
    assert gmail.users().messages().list(userId="me", q="has:userlabels").execute() == {
        "resultSizeEstimate": 0
    }
    assert refusal(labels.delete(userId="me", id="INBOX")) == 400


def test_draft_gets_a_new_message_at_every_save(gmail: Any) -> None:
    """Drafts get a new message id at every save: skip `DRAFT`."""
    drafts = gmail.users().drafts()
    made = drafts.create(userId="me", body={"message": {"raw": encode(letter("One"))}}).execute()
    assert made["message"]["labelIds"] == ["DRAFT"]
    name = {"userId": "me", "id": made["id"]}
    saved = drafts.update(**name, body={"message": {"raw": encode(letter("Two"))}}).execute()
    assert saved["id"] == made["id"]
    assert saved["message"]["id"] != made["message"]["id"]
    assert len(drafts.list(userId="me").execute()["drafts"]) == 1
    assert drafts.get(**name).execute()["message"]["id"] == saved["message"]["id"]
    assert refusal(gmail.users().messages().get(userId="me", id=made["message"]["id"])) == 404


def test_draft_is_sent(gmail: Any, box: Box) -> None:
    drafts = gmail.users().drafts()
    raw = b"To: lead@example.com\nSubject: Hi\n\ntext"
    made = drafts.create(userId="me", body={"message": {"raw": encode(raw)}}).execute()
    sent = drafts.send(userId="me", body={"id": made["id"]}).execute()
    assert sent["labelIds"] == ["SENT"]
    assert len(box.world.gmail.mailboxes["lead@example.com"].letters) == 1
    assert refusal(drafts.get(userId="me", id=made["id"])) == 404
    assert drafts.list(userId="me").execute() == {"resultSizeEstimate": 0}


def test_draft_is_deleted(gmail: Any) -> None:
    drafts = gmail.users().drafts()
    made = drafts.create(userId="me", body={"message": {"raw": encode(letter())}}).execute()
    drafts.delete(userId="me", id=made["id"]).execute()
    assert refusal(drafts.delete(userId="me", id=made["id"])) == 404
