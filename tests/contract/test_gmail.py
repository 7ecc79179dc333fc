"""Facts about Gmail. Each docstring quotes its fact."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contract.conftest import reason, refusal, run

Inserted = Callable[..., str]


def letter(subject: str, message_id: str = "", to: str = "somebody@example.com") -> str:
    headers = [f"To: {to}", f"Subject: {subject}", "From: contract@example.com"]
    if message_id:
        headers.append(f"Message-ID: {message_id}")
    raw = "\r\n".join([*headers, "", "body"]).encode()
    return base64.urlsafe_b64encode(raw).decode()


@pytest.fixture
def word() -> str:
    """A word that no other letter has."""
    return f"w{uuid.uuid4().hex}"


def history_id(mail: Any) -> str:
    return str(run(mail.getProfile(userId="me"))["historyId"])


def records(mail: Any, start: str, **more: Any) -> list[Any]:
    answer = run(mail.history().list(userId="me", startHistoryId=start, **more))
    found: list[Any] = answer.get("history", [])
    return found


def test_history_is_strictly_after_its_start(mail: Any, inserted: Inserted, word: str) -> None:
    """G: "`history.list` returns records strictly after `startHistoryId`"; "Records name ids and
    thread ids mostly"."""
    start = history_id(mail)
    letter_id = inserted(letter(word), "INBOX")
    added = [
        entry["message"]["id"]
        for record in records(mail, start)
        for entry in record.get("messagesAdded", ())
    ]
    assert letter_id in added
    assert letter_id not in str(records(mail, history_id(mail)))


def test_a_page_may_be_empty(mail: Any) -> None:
    """G: "A page may have no `history` key"."""
    answer = run(mail.history().list(userId="me", startHistoryId=history_id(mail)))
    assert "history" not in answer
    assert answer["historyId"]


def test_history_from_zero_is_refused(mail: Any) -> None:
    """P: "`startHistoryId=0`: 400"."""
    assert refusal(mail.history().list(userId="me", startHistoryId="0"))[0] == 400


def test_history_from_long_ago_is_gone(mail: Any) -> None:
    """G: "older: **404**, then a full sync is due"."""
    assert reason(mail.history().list(userId="me", startHistoryId="1")) == (404, "notFound")


def test_later_labels_come_as_labels(mail: Any, inserted: Inserted, word: str) -> None:
    """P: "a label added later appears as `labelsAdded` only"."""
    letter_id = inserted(letter(word), "INBOX")
    start = history_id(mail)
    run(mail.messages().modify(userId="me", id=letter_id, body={"addLabelIds": ["STARRED"]}))
    mine = [record for record in records(mail, start) if letter_id in str(record)]
    assert [entry["labelIds"] for record in mine for entry in record["labelsAdded"]] == [
        ["STARRED"]
    ]
    assert not any("messagesAdded" in record for record in mine)
    none = records(mail, start, historyTypes=["messageAdded"])
    assert letter_id not in str(none)


@pytest.fixture
def draft(mail: Any, word: str) -> Iterator[Any]:
    made = run(mail.drafts().create(userId="me", body={"message": {"raw": letter(word)}}))
    yield made
    run(mail.drafts().delete(userId="me", id=made["id"]))


def test_a_saved_draft_is_another_message(mail: Any, draft: Any, word: str) -> None:
    """P: "Drafts get a new message id at every save"."""
    body = {"message": {"raw": letter(word)}}
    saved = run(mail.drafts().update(userId="me", id=draft["id"], body=body))
    assert saved["id"] == draft["id"]
    assert saved["message"]["id"] != draft["message"]["id"]


def test_spam_and_trash_are_left_out(mail: Any, inserted: Inserted, word: str) -> None:
    """G: "SPAM and TRASH are left out of searches by default"."""
    kept = inserted(letter(word), "INBOX")
    hidden = {inserted(letter(word), "SPAM"), inserted(letter(word), "TRASH")}

    def found(query: str, **more: Any) -> set[str]:
        answer = run(mail.messages().list(userId="me", q=query, **more))
        return {message["id"] for message in answer.get("messages", ())}

    assert found(f"subject:{word}") == {kept}
    assert found(f"subject:{word}", includeSpamTrash=True) == {kept, *hidden}
    assert found(f"subject:{word} in:anywhere") == {kept, *hidden}


def test_a_letter_is_found_by_its_message_id(mail: Any, inserted: Inserted, word: str) -> None:
    """G: "`rfc822msgid:` finds by Message-ID"."""
    letter_id = inserted(letter("x", f"<{word}@example.com>"), "INBOX")
    found = run(mail.messages().list(userId="me", q=f"rfc822msgid:{word}@example.com"))
    assert [message["id"] for message in found["messages"]] == [letter_id]


def test_epoch_seconds_in_a_search(mail: Any, inserted: Inserted, word: str) -> None:
    """G: "Dates in `q` are midnight Pacific: use epoch seconds"."""
    letter_id = inserted(letter(word), "INBOX")
    got = run(mail.messages().get(userId="me", id=letter_id, format="minimal"))
    second = int(got["internalDate"]) // 1000

    def count(query: str) -> int:
        found = run(mail.messages().list(userId="me", q=f"subject:{word} {query}"))
        return len(found.get("messages", ()))

    assert count(f"after:{second - 60}") == 1
    assert count(f"after:{second + 60}") == 0
    assert count(f"before:{second + 60}") == 1


def test_the_metadata_scope_forbids(restricted_mail: Any, inserted: Inserted, word: str) -> None:
    """G: "With the scope `gmail.metadata` granted, `q`, `full` and `raw` are refused"."""
    letter_id = inserted(letter(word), "INBOX")
    messages = restricted_mail.messages()
    assert refusal(messages.list(userId="me", q=word))[0] == 403
    for style in ("full", "raw"):
        assert refusal(messages.get(userId="me", id=letter_id, format=style))[0] == 403
    assert run(messages.get(userId="me", id=letter_id, format="metadata"))["id"] == letter_id


def test_bytes_are_kept(mail: Any, inserted: Inserted, word: str) -> None:
    """G: `format=raw` gives the letter as it came."""
    raw = letter(f"{word} =?koi8-r?B?98/R1A==?=")
    letter_id = inserted(raw, "INBOX")
    got = run(mail.messages().get(userId="me", id=letter_id, format="raw"))
    assert base64.urlsafe_b64decode(got["raw"]) == base64.urlsafe_b64decode(raw)


def test_errors(mail: Any) -> None:
    """R: "Drive and Gmail: `{"error": {"errors": [{"domain", "reason", "message", …}], "code",
    "message"}}`. 404 `notFound`"."""
    call = mail.messages().get(userId="me", id="1234567890abcdef")
    status, error = refusal(call)
    assert (status, error["status"]) == (404, "NOT_FOUND")
    assert error["errors"] == [
        {
            "message": "Requested entity was not found.",
            "domain": "global",
            "reason": "notFound",
        }
    ]
    _, error = refusal(mail.messages().list(userId="me", labelIds=["NO_SUCH_LABEL"]))
    assert error["message"] == "Invalid label: NO_SUCH_LABEL"
    _, error = refusal(mail.messages().get(userId="me", id="no id"))
    assert error["message"] == "Invalid id value"
    assert reason(mail.getProfile(userId="somebody.else@example.net"))[0] == 403


def test_a_letter_to_nobody_is_refused(mail: Any) -> None:
    """R."""
    call = mail.messages().send(userId="me", body={"raw": letter("x", to="")})
    status, error = refusal(call)
    assert (status, error["message"]) == (400, "Recipient address required")
