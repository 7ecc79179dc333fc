"""``history.list``: what changed since a place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.server import Box
from tests.sandbox.gmail.conftest import ME, letter

Insert = Callable[..., Any]


def place(gmail: Any) -> str:
    return str(gmail.users().getProfile(userId="me").execute()["historyId"])


def changes(gmail: Any, start: str, **params: Any) -> Any:
    return gmail.users().history().list(userId="me", startHistoryId=start, **params).execute()


def refusal(gmail: Any, start: str) -> int:
    with pytest.raises(HttpError) as refused:
        changes(gmail, start)
    status: int = refused.value.resp.status
    return status


def test_records_come_strictly_after_the_start(gmail: Any, insert: Insert) -> None:
    """G: records strictly after `startHistoryId`; they name ids and thread ids mostly."""
    insert(letter())
    start = place(gmail)
    assert changes(gmail, start) == {"historyId": start}, "no `history` key when nothing was"
    made = insert(letter(), "INBOX")
    answer = changes(gmail, start)
    record = answer["history"][0]
    assert record["messages"] == [{"id": made["id"], "threadId": made["threadId"]}]
    assert record["messagesAdded"] == [{"message": made}]
    assert int(record["id"]) > int(start)
    assert answer["historyId"] == place(gmail)


def test_each_kind_of_record(gmail: Any, messages: Any, insert: Insert) -> None:
    """G: a label added later appears as `labelsAdded` only; the same message several times."""
    start = place(gmail)
    letter_id = insert(letter(), "INBOX", "UNREAD")["id"]
    change = {"addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD"]}
    messages.modify(userId="me", id=letter_id, body=change).execute()
    messages.modify(userId="me", id=letter_id, body=change).execute()
    messages.delete(userId="me", id=letter_id).execute()
    records = changes(gmail, start)["history"]
    kinds = [next(key for key in record if key not in ("id", "messages")) for record in records]
    assert kinds == ["messagesAdded", "labelsAdded", "labelsRemoved", "messagesDeleted"]
    assert records[1]["labelsAdded"][0]["labelIds"] == ["STARRED"]
    chosen = changes(gmail, start, historyTypes=["labelRemoved", "messageDeleted"])["history"]
    assert chosen == records[2:]
    assert "history" not in changes(gmail, start, labelId="SPAM")


def test_zero_and_nothing_are_400(gmail: Any) -> None:
    """`startHistoryId=0`: 400."""
    assert refusal(gmail, "0") == 400
    with pytest.raises(HttpError) as refused:
        gmail.users().history().list(userId="me").execute()
    assert refused.value.resp.status == 400


def test_history_older_than_a_week_is_404(gmail: Any, insert: Insert, box: Box) -> None:
    """G: normally a week is kept; older: 404, then a full sync is due."""
    start = place(gmail)
    insert(letter())
    middle = place(gmail)
    box.world.clock.advance(6.9 * 86400)
    insert(letter())
    assert len(changes(gmail, start)["history"]) == 2
    box.world.clock.advance(0.2 * 86400)
    assert refusal(gmail, start) == 404
    assert len(changes(gmail, middle)["history"]) == 1
    assert refusal(gmail, "1") == 404


def test_history_is_sometimes_lost_after_hours(
    gmail: Any, insert: Insert, control: Callable[..., Any]
) -> None:
    """G: sometimes only hours are kept."""
    start = place(gmail)
    insert(letter())
    kept = control("POST", "history-loss", mailbox=ME)["historyId"]
    assert refusal(gmail, start) == 404
    assert "history" not in changes(gmail, kept)


def test_pages_of_history(gmail: Any, deliver: Callable[..., str]) -> None:
    start = place(gmail)
    ids = [deliver(letter()) for _ in range(5)]
    history = gmail.users().history()
    request = history.list(userId="me", startHistoryId=start, maxResults=2)
    seen: list[str] = []
    while request is not None:
        answer = request.execute()
        seen += [record["messages"][0]["id"] for record in answer["history"]]
        request = history.list_next(request, answer)
    assert seen == ids


def test_history_ids_are_numbers_in_strings(gmail: Any, insert: Insert) -> None:
    start = place(gmail)
    insert(letter())
    ids = [record["id"] for record in changes(gmail, start)["history"]]
    assert all(isinstance(name, str) and name.isdigit() for name in ids)
