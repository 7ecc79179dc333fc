"""Messages: putting in, getting, relabelling, deleting, sending."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
import requests
from googleapiclient.errors import HttpError
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.gmail.mime import parse_letter, summarize
from sandbox.server import Box
from tests.sandbox.gmail.conftest import ME, encode, letter

Api = Callable[..., requests.Response]
Insert = Callable[..., Any]

MIXED = b"""\
From: =?utf-8?B?0JjQstCw0L0=?= <ivan@acme.kz>\r
To: manager1@example.com\r
Subject: =?windows-1251?Q?=CF=F0=E8=E2=E5=F2?= =?windows-1251?Q?_=EC=E8=F0?=\r
Date: Thu, 05 Nov 2026 13:00:00 +0300\r
Content-Type: multipart/mixed; boundary=out\r
\r
--out\r
Content-Type: multipart/alternative; boundary=in\r
\r
--in\r
Content-Type: text/plain; charset=koi8-r\r
Content-Transfer-Encoding: base64\r
\r
8NLJ18XU\r
--in\r
Content-Type: text/html; charset=utf-8\r
\r
<p>html</p>\r
--in--\r
--out\r
Content-Type: application/pdf\r
Content-Disposition: attachment; filename="=?utf-8?B?0YHRh9GR0YI=?=.pdf"\r
Content-Transfer-Encoding: base64\r
\r
JVBERg==\r
--out--\r
"""


def decode(data: str) -> bytes:
    return base64.urlsafe_b64decode(data)


def refusal(call: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as refused:
        call.execute()
    return refused.value.resp.status, refused.value.reason


def test_full_format_is_a_tree_of_parts(messages: Any, insert: Insert) -> None:
    payload = messages.get(userId="me", id=insert(MIXED)["id"]).execute()["payload"]
    assert payload["mimeType"] == "multipart/mixed"
    assert payload["body"] == {"size": 0}
    inner, pdf = payload["parts"]
    plain, html = inner["parts"]
    assert [part["partId"] for part in (inner, plain, html, pdf)] == ["0", "0.0", "0.1", "1"]
    assert decode(plain["body"]["data"]).decode() == "Привет"
    assert decode(html["body"]["data"]) == b"<p>html</p>"
    assert pdf["filename"] == "счёт.pdf"
    assert pdf["body"]["size"] == 4
    assert "data" not in pdf["body"]


def test_headers_come_decoded(messages: Any, insert: Insert) -> None:
    payload = messages.get(userId="me", id=insert(MIXED)["id"]).execute()["payload"]
    headers = {header["name"]: header["value"] for header in payload["headers"]}
    assert headers["Subject"] == "Привет мир"
    assert headers["From"] == "Иван <ivan@acme.kz>"


def test_attachment_is_fetched_by_an_id_that_changes(messages: Any, insert: Insert) -> None:
    letter_id = insert(MIXED)["id"]

    def attachment_id() -> str:
        got = messages.get(userId="me", id=letter_id).execute()
        return str(got["payload"]["parts"][1]["body"]["attachmentId"])

    first, second = attachment_id(), attachment_id()
    assert first != second
    for name in (first, second):
        call = messages.attachments().get(userId="me", messageId=letter_id, id=name)
        assert decode(call.execute()["data"]) == b"%PDF"
    wrong = messages.attachments().get(userId="me", messageId=letter_id, id="nonsense")
    assert refusal(wrong) == (400, "Invalid attachment token")


def test_mime_is_kept_byte_for_byte(messages: Any, insert: Insert) -> None:
    for raw in (MIXED, b"\n\n", b"Subject: x\n\nbare line ends\n", b"\x00\xff\xfe", b"no headers"):
        got = messages.get(userId="me", id=insert(raw)["id"], format="raw").execute()
        assert decode(got["raw"]) == raw
        assert got["sizeEstimate"] == len(raw)
        assert "payload" not in got


def test_minimal_and_metadata_formats(messages: Any, insert: Insert) -> None:
    letter_id = insert(letter(date="Thu, 05 Nov 2026 13:00:00 +0300"), "INBOX", "UNREAD")["id"]
    minimal = messages.get(userId="me", id=letter_id, format="minimal").execute()
    assert set(minimal) == {
        "id", "threadId", "labelIds", "snippet", "sizeEstimate", "historyId", "internalDate",
    }  # fmt: skip
    assert minimal["snippet"] == "Body"
    metadata = messages.get(
        userId="me", id=letter_id, format="metadata", metadataHeaders=["subject", "FROM"]
    ).execute()
    assert metadata["payload"] == {
        "mimeType": "text/plain",
        "headers": [
            {"name": "From", "value": "Ivan <ivan@acme.kz>"},
            {"name": "Subject", "value": "Hello"},
        ],
    }


@pytest.mark.parametrize(
    ("source", "expected"), [("dateHeader", "1793872800000"), ("receivedTime", "1800000000000")]
)
def test_internal_date_by_its_source(
    box: Box, messages: Any, insert: Insert, source: str, expected: str
) -> None:
    box.world.clock.freeze()
    box.world.clock.advance(1_800_000_000 - box.world.clock.now().timestamp())
    letter_id = insert(MIXED, internalDateSource=source)["id"]
    date = messages.get(userId="me", id=letter_id).execute()["internalDate"]
    assert abs(int(date) - int(expected)) <= 1


def test_insert_sets_no_label_and_import_is_like_receiving(messages: Any, insert: Insert) -> None:
    assert "labelIds" not in insert(letter())
    imported = messages.import_(userId="me", body={"raw": encode(MIXED)}).execute()
    assert {"INBOX", "UNREAD"} <= set(imported["labelIds"])
    got = messages.get(userId="me", id=imported["id"]).execute()
    assert got["internalDate"] == "1793872800000", "import dates by the header"


def test_uploads_of_letters(api: Api) -> None:
    headers = {"content-type": "message/rfc822"}
    path = "/upload/gmail/v1/users/me/messages?uploadType=media"
    made = api("POST", path, data=MIXED, headers=headers).json()
    got = api("GET", f"/gmail/v1/users/me/messages/{made['id']}?format=raw").json()
    assert decode(got["raw"]) == MIXED
    body = (
        b'--b\r\nContent-Type: application/json\r\n\r\n{"labelIds": ["STARRED"]}\r\n'
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + MIXED + b"\r\n--b--\r\n"
    )
    made = api(
        "POST",
        "/upload/gmail/v1/users/me/messages?uploadType=multipart",
        data=body,
        headers={"content-type": "multipart/related; boundary=b"},
    ).json()
    assert made["labelIds"] == ["STARRED"]
    got = api("GET", f"/gmail/v1/users/me/messages/{made['id']}?format=raw").json()
    assert decode(got["raw"]) == MIXED


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"raw": "*"}, 400),
        ({"raw": "я"}, 400),
        ({"raw": encode(b"x"), "labelIds": ["Label_99"]}, 400),
        ({"raw": encode(b"x"), "threadId": "abc"}, 404),
    ],
)
def test_refused_letters(messages: Any, body: dict[str, Any], status: int) -> None:
    assert refusal(messages.insert(userId="me", body=body))[0] == status


def test_modify_trash_untrash_delete(messages: Any, insert: Insert) -> None:
    letter_id = insert(letter(), "INBOX", "UNREAD")["id"]
    name = {"userId": "me", "id": letter_id}
    change = {"addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD"]}
    assert messages.modify(**name, body=change).execute()["labelIds"] == ["INBOX", "STARRED"]
    assert messages.trash(**name).execute()["labelIds"] == ["STARRED", "TRASH"]
    assert messages.untrash(**name).execute()["labelIds"] == ["STARRED"]
    assert refusal(messages.modify(**name, body={"addLabelIds": ["NOPE"]})) == (
        400,
        "Invalid label: NOPE",
    )
    assert refusal(messages.modify(**name, body={"addLabelIds": ["SENT"]}))[0] == 400
    assert refusal(messages.modify(**name, body={}))[0] == 400
    assert messages.delete(**name).execute() == ""
    assert refusal(messages.get(**name)) == (404, "Requested entity was not found.")
    assert refusal(messages.get(userId="me", id="not-an-id")) == (400, "Invalid id value")


def test_batch_modify_and_delete(messages: Any, insert: Insert) -> None:
    ids = [insert(letter(), "INBOX")["id"] for _ in range(3)]
    change = {"ids": [*ids[:2], "ffff"], "addLabelIds": ["STARRED"]}
    messages.batchModify(userId="me", body=change).execute()
    found = messages.list(userId="me", labelIds=["STARRED"]).execute()
    assert {entry["id"] for entry in found["messages"]} == set(ids[:2])
    messages.batchDelete(userId="me", body={"ids": ids}).execute()
    assert messages.list(userId="me").execute() == {"resultSizeEstimate": 0}
    assert refusal(messages.batchDelete(userId="me", body={"ids": []}))[0] == 400


def test_send_arrives_with_people_of_the_sandbox(messages: Any, box: Box) -> None:
    raw = b"To: Manager Two <manager2@example.com>, client@acme.kz\nSubject: Hi\n\ntext\n"
    sent = messages.send(userId="me", body={"raw": encode(raw)}).execute()
    assert sent["labelIds"] == ["SENT"]
    arrived = list(box.world.gmail.mailboxes["manager2@example.com"].newest_first())
    assert arrived[0].labels == {"INBOX", "UNREAD"}
    assert arrived[0].raw.endswith(raw)
    for header in (b"From: manager1@example.com", b"Message-ID: <", b"Date: "):
        assert header in arrived[0].raw


def test_another_mailbox_is_refused(gmail: Any) -> None:
    call = gmail.users().messages().list(userId="manager2@example.com")
    assert refusal(call) == (403, f"Delegation denied for {ME}")
    assert gmail.users().getProfile(userId=ME).execute()["emailAddress"] == ME


def test_metadata_scope_takes_away_search_and_contents(
    box: Box, token_of: Callable[..., str], deliver: Callable[..., str]
) -> None:
    """With the scope `gmail.metadata` granted, `q`, `full` and `raw` are refused."""
    letter_id = deliver(letter())
    scopes = ["https://www.googleapis.com/auth/gmail." + name for name in ("metadata", "readonly")]
    headers = {"authorization": f"Bearer {token_of(ME, *scopes)}"}

    def status(path: str) -> int:
        url = f"{box.url}/gmail/v1/users/me/messages{path}"
        return requests.get(url, headers=headers, timeout=10).status_code

    assert status("?q=hello") == 403
    assert status(f"/{letter_id}?format=full") == 403
    assert status(f"/{letter_id}?format=raw") == 403
    assert status(f"/{letter_id}?format=metadata") == 200
    assert status("") == 200


def test_profile_counts(gmail: Any, insert: Insert) -> None:
    one = insert(letter())
    insert(letter(), thread_id=one["threadId"])
    profile = gmail.users().getProfile(userId="me").execute()
    assert (profile["messagesTotal"], profile["threadsTotal"]) == (2, 1)
    assert profile["historyId"].isdigit()


HEADER_LINES = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: multipart/mixed\r\n",
        b"Content-Type: text/plain; charset=nonsense\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Disposition: attachment; filename*=x''%zz\r\n",
        b"Subject: =?utf-8?B?0?= =?nope?Q?=zz?=\r\n",
        b"Date: yesterday\r\n",
        b"\r\n",
        b"--b\r\n",
        b"--b--\r\n",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(HEADER_LINES | st.binary(max_size=12), max_size=12))
def test_malformed_mime_never_fails(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    assert list(parse_letter(raw).walk())
    assert summarize(raw).all_words.startswith(" ")
