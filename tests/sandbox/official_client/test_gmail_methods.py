"""Every method of messages, threads, history, labels, drafts and attachments, likewise."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.server import Box
from tests.sandbox.gmail.conftest import ME, encode, letter
from tests.sandbox.official_client.steps import Walk

OTHER = "manager2@example.com"

walk = Walk(
    "gmail.users",
    "gmail.users.drafts",
    "gmail.users.history",
    "gmail.users.labels",
    "gmail.users.messages",
    "gmail.users.messages.attachments",
    "gmail.users.threads",
)


@dataclass(frozen=True)
class Mail:
    """The client of manager1, and the sandbox behind it."""

    api: Any
    box: Box

    def insert(self, raw: bytes = b"", *labels: str, thread: str = "") -> str:
        body: dict[str, Any] = {"raw": encode(raw or letter()), "labelIds": list(labels)}
        if thread:
            body["threadId"] = thread
        return str(self.api.messages().insert(userId="me", body=body).execute()["id"])

    def labels_of(self, letter_id: str) -> set[str]:
        got = self.api.messages().get(userId="me", id=letter_id, format="minimal").execute()
        return set(got.get("labelIds", ()))

    def label(self, name: str = "Acme") -> str:
        return str(self.api.labels().create(userId="me", body={"name": name}).execute()["id"])

    def draft(self, subject: str = "Draft", to: str = OTHER) -> Any:
        body = {"message": {"raw": encode(letter(subject, To=to))}}
        return self.api.drafts().create(userId="me", body=body).execute()

    def history_id(self) -> str:
        return str(self.api.getProfile(userId="me").execute()["historyId"])


@pytest.fixture
def mail(box: Box, gmail: Any) -> Mail:
    return Mail(gmail.users(), box)


def status_of(call: Any) -> int:
    with pytest.raises(HttpError) as refused:
        call.execute()
    return int(refused.value.resp.status)


@walk.drives("gmail.users.getProfile")
def profile(m: Mail) -> None:
    m.insert()
    got = m.api.getProfile(userId="me").execute()
    assert (got["emailAddress"], got["messagesTotal"], got["threadsTotal"]) == (ME, 1, 1)


@walk.drives("gmail.users.watch")
def watch(m: Mail) -> None:
    body = {"topicName": "projects/sandbox-project/topics/t"}
    assert m.api.watch(userId="me", body=body).execute()["historyId"] == m.history_id()


@walk.drives("gmail.users.stop")
def stop(m: Mail) -> None:
    watch(m)
    m.api.stop(userId="me").execute()
    assert m.box.world.gmail.mailboxes[ME].settings.watch is None


@walk.drives("gmail.users.messages.insert")
def insert(m: Mail) -> None:
    raw = letter("Привет", date="Thu, 5 Nov 2026 10:00:00 +0500")
    call = m.api.messages().insert(
        userId="me",
        body={"raw": encode(raw), "labelIds": ["INBOX", "UNREAD"]},
        internalDateSource="dateHeader",
    )
    made = call.execute()
    assert made["labelIds"] == ["INBOX", "UNREAD"]
    got = m.api.messages().get(userId="me", id=made["id"], format="minimal").execute()
    assert got["internalDate"] == "1793854800000"


@walk.drives("gmail.users.messages.import")
def import_(m: Mail) -> None:
    made = m.api.messages().import_(userId="me", body={"raw": encode(letter())}).execute()
    assert {"INBOX", "UNREAD"} <= set(made["labelIds"])


@walk.drives("gmail.users.messages.get")
def get(m: Mail) -> None:
    raw = letter("Тема", "Текст")
    letter_id = m.insert(raw, "INBOX")
    full = m.api.messages().get(userId="me", id=letter_id).execute()
    headers = {header["name"]: header["value"] for header in full["payload"]["headers"]}
    assert (headers["Subject"], full["snippet"]) == ("Тема", "Текст")
    whole = m.api.messages().get(userId="me", id=letter_id, format="raw").execute()
    assert base64.urlsafe_b64decode(whole["raw"]) == raw
    named = m.api.messages().get(
        userId="me", id=letter_id, format="metadata", metadataHeaders=["Subject"]
    )
    assert named.execute()["payload"]["headers"] == [{"name": "Subject", "value": "Тема"}]
    small = m.api.messages().get(userId="me", id=letter_id, format="minimal").execute()
    assert "payload" not in small
    assert full["sizeEstimate"] == len(raw)


@walk.drives("gmail.users.messages.list")
def list_messages(m: Mail) -> None:
    letters = {m.insert(letter(str(number)), "INBOX") for number in range(3)}
    m.insert(letter(), "SPAM")
    first = m.api.messages().list(userId="me", maxResults=2).execute()
    rest = m.api.messages().list(userId="me", pageToken=first["nextPageToken"]).execute()
    assert {message["id"] for message in first["messages"] + rest["messages"]} == letters
    assert "nextPageToken" not in rest
    spam = m.api.messages().list(userId="me", labelIds=["SPAM"]).execute()
    assert len(spam["messages"]) == 1


@walk.drives("gmail.users.messages.send")
def send(m: Mail) -> None:
    sent = m.api.messages().send(userId="me", body={"raw": encode(letter(To=OTHER))}).execute()
    assert sent["labelIds"] == ["SENT"]
    (arrived,) = m.box.world.gmail.mailboxes[OTHER].letters.values()
    assert arrived.labels == {"INBOX", "UNREAD"}


@walk.drives("gmail.users.messages.modify")
def modify(m: Mail) -> None:
    letter_id = m.insert(letter(), "INBOX", "UNREAD")
    body = {"addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD"]}
    changed = m.api.messages().modify(userId="me", id=letter_id, body=body).execute()
    assert set(changed["labelIds"]) == {"INBOX", "STARRED"}
    assert status_of(m.api.messages().modify(userId="me", id=letter_id, body={})) == 400


@walk.drives("gmail.users.messages.trash")
def trash(m: Mail) -> None:
    letter_id = m.insert(letter(), "INBOX")
    m.api.messages().trash(userId="me", id=letter_id).execute()
    assert m.labels_of(letter_id) == {"TRASH"}
    assert "messages" not in m.api.messages().list(userId="me").execute()


@walk.drives("gmail.users.messages.untrash")
def untrash(m: Mail) -> None:
    letter_id = m.insert(letter(), "TRASH")
    m.api.messages().untrash(userId="me", id=letter_id).execute()
    assert m.labels_of(letter_id) == set()


@walk.drives("gmail.users.messages.delete")
def delete(m: Mail) -> None:
    letter_id = m.insert()
    assert m.api.messages().delete(userId="me", id=letter_id).execute() in ("", b"")
    assert status_of(m.api.messages().get(userId="me", id=letter_id)) == 404


@walk.drives("gmail.users.messages.batchModify")
def batch_modify(m: Mail) -> None:
    letters = [m.insert(letter(), "UNREAD") for _ in range(3)]
    body = {"ids": letters, "addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD"]}
    m.api.messages().batchModify(userId="me", body=body).execute()
    assert [m.labels_of(letter_id) for letter_id in letters] == [{"STARRED"}] * 3


@walk.drives("gmail.users.messages.batchDelete")
def batch_delete(m: Mail) -> None:
    letters = [m.insert() for _ in range(3)]
    m.api.messages().batchDelete(userId="me", body={"ids": letters[:2]}).execute()
    (left,) = m.api.messages().list(userId="me").execute()["messages"]
    assert left["id"] == letters[2]


@walk.drives("gmail.users.messages.attachments.get")
def attachment(m: Mail) -> None:
    message = EmailMessage()
    message["Subject"] = "Бриф"
    message.set_content("see")
    message.add_attachment(b"%PDF\x00\xff", "application", "pdf", filename="бриф.pdf")
    letter_id = m.insert(message.as_bytes())
    got = m.api.messages().get(userId="me", id=letter_id).execute()
    part = got["payload"]["parts"][1]
    assert (part["filename"], part["body"]["size"]) == ("бриф.pdf", 6)
    name = {"userId": "me", "messageId": letter_id, "id": part["body"]["attachmentId"]}
    fetched = m.api.messages().attachments().get(**name).execute()
    assert base64.urlsafe_b64decode(fetched["data"]) == b"%PDF\x00\xff"
    assert fetched["size"] == 6


def conversation(m: Mail) -> tuple[str, list[str]]:
    first = m.insert(letter("Offer", message_id="<1@a>"), "INBOX", "UNREAD")
    second = m.insert(letter("Re: Offer", in_reply_to="<1@a>"), "INBOX", "UNREAD")
    return first, [first, second]


@walk.drives("gmail.users.threads.list")
def list_threads(m: Mail) -> None:
    thread, _ = conversation(m)
    m.insert(letter("Other"), "INBOX")
    found = m.api.threads().list(userId="me", q="subject:offer").execute()["threads"]
    assert [entry["id"] for entry in found] == [thread]
    assert set(found[0]) == {"id", "snippet", "historyId"}


@walk.drives("gmail.users.threads.get")
def get_thread(m: Mail) -> None:
    thread, letters = conversation(m)
    got = m.api.threads().get(userId="me", id=thread, format="minimal").execute()
    assert [message["id"] for message in got["messages"]] == letters


@walk.drives("gmail.users.threads.modify")
def modify_thread(m: Mail) -> None:
    thread, letters = conversation(m)
    m.api.threads().modify(userId="me", id=thread, body={"removeLabelIds": ["UNREAD"]}).execute()
    assert [m.labels_of(letter_id) for letter_id in letters] == [{"INBOX"}] * 2


@walk.drives("gmail.users.threads.trash")
def trash_thread(m: Mail) -> None:
    thread, letters = conversation(m)
    m.api.threads().trash(userId="me", id=thread).execute()
    assert all("TRASH" in m.labels_of(letter_id) for letter_id in letters)


@walk.drives("gmail.users.threads.untrash")
def untrash_thread(m: Mail) -> None:
    thread, letters = conversation(m)
    m.api.threads().trash(userId="me", id=thread).execute()
    m.api.threads().untrash(userId="me", id=thread).execute()
    assert not any("TRASH" in m.labels_of(letter_id) for letter_id in letters)


@walk.drives("gmail.users.threads.delete")
def delete_thread(m: Mail) -> None:
    thread, letters = conversation(m)
    m.api.threads().delete(userId="me", id=thread).execute()
    assert [status_of(m.api.messages().get(userId="me", id=name)) for name in letters] == [404] * 2


@walk.drives("gmail.users.history.list")
def history(m: Mail) -> None:
    start = m.history_id()
    assert "history" not in m.api.history().list(userId="me", startHistoryId=start).execute()
    letter_id = m.insert(letter(), "INBOX")
    m.api.messages().modify(userId="me", id=letter_id, body={"addLabelIds": ["STARRED"]}).execute()
    got = m.api.history().list(userId="me", startHistoryId=start).execute()
    added, labelled = got["history"]
    assert added["messagesAdded"][0]["message"]["id"] == letter_id
    assert labelled["labelsAdded"][0]["labelIds"] == ["STARRED"]
    assert got["historyId"] == m.history_id()


@walk.drives("gmail.users.labels.create")
def create_label(m: Mail) -> None:
    made = m.api.labels().create(userId="me", body={"name": "Клиенты/Acme"}).execute()
    assert (made["name"], made["type"]) == ("Клиенты/Acme", "user")
    again = m.api.labels().create(userId="me", body={"name": "клиенты/acme"})
    assert status_of(again) == 409


@walk.drives("gmail.users.labels.list")
def list_labels(m: Mail) -> None:
    own = m.label()
    ids = [label["id"] for label in m.api.labels().list(userId="me").execute()["labels"]]
    assert {"INBOX", "SENT", "SPAM", "TRASH", "UNREAD", own} <= set(ids)


@walk.drives("gmail.users.labels.get")
def get_label(m: Mail) -> None:
    own = m.label()
    m.insert(letter(), own, "UNREAD")
    got = m.api.labels().get(userId="me", id=own).execute()
    assert (got["messagesTotal"], got["messagesUnread"], got["threadsTotal"]) == (1, 1, 1)


@walk.drives("gmail.users.labels.update")
def update_label(m: Mail) -> None:
    body = {"name": "New", "labelListVisibility": "labelHide"}
    got = m.api.labels().update(userId="me", id=m.label(), body=body).execute()
    assert (got["name"], got["labelListVisibility"]) == ("New", "labelHide")


@walk.drives("gmail.users.labels.patch")
def patch_label(m: Mail) -> None:
    got = m.api.labels().patch(userId="me", id=m.label(), body={"messageListVisibility": "hide"})
    assert got.execute()["name"] == "Acme"


@walk.drives("gmail.users.labels.delete")
def delete_label(m: Mail) -> None:
    own = m.label()
    letter_id = m.insert(letter(), own)
    m.api.labels().delete(userId="me", id=own).execute()
    assert m.labels_of(letter_id) == set()
    assert status_of(m.api.labels().delete(userId="me", id="INBOX")) == 400


@walk.drives("gmail.users.drafts.create")
def create_draft(m: Mail) -> None:
    made = m.draft()
    assert made["message"]["labelIds"] == ["DRAFT"]


@walk.drives("gmail.users.drafts.get")
def get_draft(m: Mail) -> None:
    made = m.draft("Тема")
    got = m.api.drafts().get(userId="me", id=made["id"], format="metadata").execute()
    headers = {header["name"]: header["value"] for header in got["message"]["payload"]["headers"]}
    assert headers["Subject"] == "Тема"


@walk.drives("gmail.users.drafts.list")
def list_drafts(m: Mail) -> None:
    made = m.draft()
    m.insert(letter(), "INBOX")
    (found,) = m.api.drafts().list(userId="me").execute()["drafts"]
    assert (found["id"], found["message"]["id"]) == (made["id"], made["message"]["id"])


@walk.drives("gmail.users.drafts.update")
def update_draft(m: Mail) -> None:
    made = m.draft()
    body = {"message": {"raw": encode(letter("New"))}}
    saved = m.api.drafts().update(userId="me", id=made["id"], body=body).execute()
    assert saved["id"] == made["id"]
    assert saved["message"]["id"] != made["message"]["id"]
    assert status_of(m.api.messages().get(userId="me", id=made["message"]["id"])) == 404


@walk.drives("gmail.users.drafts.send")
def send_draft(m: Mail) -> None:
    made = m.draft()
    sent = m.api.drafts().send(userId="me", body={"id": made["id"]}).execute()
    assert sent["labelIds"] == ["SENT"]
    assert "drafts" not in m.api.drafts().list(userId="me").execute()
    assert len(m.box.world.gmail.mailboxes[OTHER].letters) == 1


@walk.drives("gmail.users.drafts.delete")
def delete_draft(m: Mail) -> None:
    made = m.draft()
    m.api.drafts().delete(userId="me", id=made["id"]).execute()
    assert status_of(m.api.drafts().get(userId="me", id=made["id"])) == 404


def test_no_method_is_forgotten() -> None:
    assert set(walk.steps) == walk.methods()


@pytest.mark.parametrize("method_id", sorted(walk.steps))
def test_method(mail: Mail, method_id: str) -> None:
    walk.steps[method_id](mail)
    assert mail.box.world.log.select(method=method_id), "the step drives what it says"
