"""Letters on their way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.gmail.sending import check_recipients, header_names, with_own_sender, without_bcc
from sandbox.server import Box
from tests.sandbox.gmail.conftest import ME, encode, letter

OTHER = "manager2@example.com"


def refusal(call: Any) -> tuple[int, str, str]:
    with pytest.raises(HttpError) as refused:
        call.execute()
    item = refused.value.error_details[0]
    return refused.value.resp.status, item["reason"], item["message"]


def raw_of(messages: Any, letter_id: str) -> Any:
    return messages.get(userId="me", id=letter_id, format="raw").execute()


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"To": ""}, "Recipient address required"),
        ({"To": "nobody"}, "Invalid To header"),
        ({"Cc": "a@b.example, nobody"}, "Invalid Cc header"),
    ],
)
def test_to_whom(messages: Any, headers: dict[str, str], message: str) -> None:
    """R: a letter to nobody is refused, and nothing is kept."""
    raw = letter(**headers)
    call = messages.send(userId="me", body={"raw": encode(raw)})
    assert refusal(call) == (400, "invalidArgument", message)
    assert "messages" not in messages.list(userId="me").execute()


def test_blind_copies_stay_blind(box: Box, messages: Any) -> None:
    raw = letter(To="client@acme.example", Bcc=f"Boss <{OTHER}>")
    sent = messages.send(userId="me", body={"raw": encode(raw)}).execute()
    assert sent["labelIds"] == ["SENT"]
    (got,) = box.world.gmail.mailboxes[OTHER].letters.values()
    assert b"bcc" not in got.raw.lower()
    assert b"Boss" in box.world.gmail.mailboxes[ME].letters[sent["id"]].raw


def test_the_sender_is_the_mailbox_or_an_alias(box: Box, messages: Any, gmail: Any) -> None:
    raw = letter(From="Somebody <else@acme.example>", To=OTHER)
    sent = messages.send(userId="me", body={"raw": encode(raw)}).execute()
    kept = box.world.gmail.mailboxes[ME].letters[sent["id"]].raw
    assert b"From: Somebody <manager1@example.com>\r\n" in kept
    alias = {"sendAsEmail": "lead@example.com"}
    gmail.users().settings().sendAs().create(userId="me", body=alias).execute()
    raw = letter(From="lead@example.com", To=OTHER)
    sent = messages.send(userId="me", body={"raw": encode(raw)}).execute()
    assert raw in box.world.gmail.mailboxes[ME].letters[sent["id"]].raw


def test_a_body_that_looks_like_headers_is_left_alone() -> None:
    raw = b"To: a@b.example\nSubject: x\n\nBcc: c@d.example\nFrom: e\n"
    assert without_bcc(raw) == raw
    assert header_names(raw) == {"to", "subject"}
    assert with_own_sender(raw, ME, lambda _address: False) == raw


def test_folded_headers_go_as_a_whole() -> None:
    raw = b"To: a@b.example\r\nBcc: c@d.example,\r\n e@f.example\r\nSubject: x\r\n\r\nbody"
    assert without_bcc(raw) == b"To: a@b.example\r\nSubject: x\r\n\r\nbody"
    check_recipients(raw)


def test_drafts_are_sent_by_the_same_rules(gmail: Any) -> None:
    drafts = gmail.users().drafts()
    body = {"message": {"raw": encode(letter(To=""))}}
    made = drafts.create(userId="me", body=body).execute()
    call = drafts.send(userId="me", body={"id": made["id"]})
    assert refusal(call)[2] == "Recipient address required"
    assert drafts.get(userId="me", id=made["id"]).execute()["id"] == made["id"]


def test_me_in_a_search(deliver: Callable[..., str], messages: Any) -> None:
    mine = deliver(letter(From=ME, To="client@acme.example"))
    deliver(letter(From="client@acme.example", To=ME))
    (found,) = messages.list(userId="me", q="from:me").execute()["messages"]
    assert found["id"] == mine


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("has:drive", "see https://drive.google.com/file/d/1"),
        ("has:document", "see https://docs.google.com/document/d/1"),
        ("has:spreadsheet", "see https://docs.google.com/spreadsheets/d/1"),
        ("has:presentation", "see https://docs.google.com/presentation/d/1"),
        ("has:youtube", "see https://www.youtube.com/watch?v=1"),
    ],
)
def test_links_in_a_search(
    deliver: Callable[..., str], messages: Any, query: str, text: str
) -> None:
    deliver(letter(text="see https://acme.example/"))
    wanted = deliver(letter(text=text))
    found = messages.list(userId="me", q=query).execute()["messages"]
    assert [message["id"] for message in found] == [wanted]


def test_lists_and_stars_in_a_search(deliver: Callable[..., str], messages: Any) -> None:
    listed = deliver(letter(list_id="<news.acme.example>"))
    starred = deliver(letter(), labels=("INBOX", "STARRED"))
    for query, wanted in (("list:news.acme.example", listed), ("has:yellow-star", starred)):
        (found,) = messages.list(userId="me", q=query).execute()["messages"]
        assert found["id"] == wanted
