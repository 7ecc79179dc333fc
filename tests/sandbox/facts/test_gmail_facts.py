"""Gmail: what is documented (D, G) or recorded (R). Each docstring quotes its fact.

More of them are tried in tests/contract, which runs against Google, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from googleapiclient.errors import HttpError

from sandbox.costs import GMAIL_UNITS
from sandbox.server import Box
from tests.sandbox.conftest import service_credentials

Api = Callable[..., requests.Response]
Control = Callable[..., Any]

ME = "manager1@example.com"
ROOT = "/gmail/v1/users/me"


def refusal(call: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as refused:
        call.execute()
    return int(refused.value.resp.status), refused.value.error_details[0]["reason"]


@pytest.fixture
def deliver(box: Box) -> Callable[..., str]:
    def arrive(subject: str = "x", **more: Any) -> str:
        raw = f"Subject: {subject}\n\nbody".encode()
        return box.world.gmail.deliver(ME, raw, box.world.clock.now(), **more).id

    return arrive


def test_quota(control: Control, api: Api, deliver: Callable[..., str]) -> None:
    """G: "Quota, 2026: 6,000 units a minute a user for new projects …, 1,200,000 a project;
    `history.list` 2, `messages.list` 5, `messages.get` **20**, `threads.get` 40, `send` 100: 300
    gets a minute a user"."""
    limits = control("POST", "quotas", google=True)["limits"]
    assert limits["GmailUnitsPerMinutePerUser"] == 6_000
    assert limits["GmailUnitsPerMinutePerProject"] == 1_200_000
    assert GMAIL_UNITS["messages.send"] == 100
    letter_id = deliver()
    for path in (f"history?startHistoryId=9{'0' * 9}", "messages", f"threads/{letter_id}"):
        assert api("GET", f"{ROOT}/{path}").status_code == 200
    costs = [entry["quota_cost"] for entry in control("GET", "log")["entries"]]
    assert costs == [2, 5, 40]
    control("POST", "clock", frozen=True)
    control("POST", "quotas", google=True)
    path = f"{ROOT}/messages/{letter_id}"
    statuses = [api("GET", path).status_code for _ in range(301)]
    assert statuses == [200] * 300 + [403]


def test_the_words_of_the_quota(control: Control, api: Api) -> None:
    """R: "Gmail's per-user quota is often a **403** with `User-rate limit exceeded.  Retry after
    <ISO time>` in the message only; obey it (about 15 minutes)"."""
    control("POST", "clock", set="2026-11-05T10:00:00Z", frozen=True)
    control("POST", "quotas", limits={"GmailUnitsPerMinutePerUser": 0})
    answer = api("GET", f"{ROOT}/profile")
    assert answer.status_code == 403
    error = answer.json()["error"]
    match = re.fullmatch(r"User-rate limit exceeded\.  Retry after (\S+)", error["message"])
    assert match
    assert match.group(1) == "2026-11-05T10:15:00.000Z"
    assert error["errors"][0]["reason"] == "userRateLimitExceeded"
    assert "retry-after" not in answer.headers


def test_history(gmail: Any, box: Box, deliver: Callable[..., str]) -> None:
    """G: "`history.list` returns records strictly after `startHistoryId`; normally a week is kept,
    sometimes hours; older: **404**, then a full sync is due"."""
    history, profile = gmail.users().history(), gmail.users().getProfile(userId="me")
    start = profile.execute()["historyId"]
    deliver()
    (record,) = history.list(userId="me", startHistoryId=start).execute()["history"]
    assert int(record["id"]) > int(start)
    assert "history" not in history.list(userId="me", startHistoryId=record["id"]).execute()
    box.world.clock.advance(timedelta(days=6, hours=23).total_seconds())
    call = history.list(userId="me", startHistoryId=start)
    assert len(call.execute()["history"]) == 1
    box.world.clock.advance(7_200)
    assert refusal(call) == (404, "notFound")
    start = profile.execute()["historyId"]
    box.world.gmail.mailboxes[ME].forget_all_history()
    assert history.list(userId="me", startHistoryId=start).execute() == {"historyId": start}


def test_the_same_message_several_times(gmail: Any, deliver: Callable[..., str]) -> None:
    """G: "the same message can appear several times; a label added later appears as `labelsAdded`
    only"; "History ids are numbers in strings"."""
    start = gmail.users().getProfile(userId="me").execute()["historyId"]
    letter_id = deliver()
    for name in ("STARRED", "IMPORTANT"):
        body = {"addLabelIds": [name]}
        gmail.users().messages().modify(userId="me", id=letter_id, body=body).execute()
    records = gmail.users().history().list(userId="me", startHistoryId=start).execute()["history"]
    kinds = [next(key for key in record if key not in ("id", "messages")) for record in records]
    assert kinds == ["messagesAdded", "labelsAdded", "labelsAdded"]
    assert all(record["messages"][0]["id"] == letter_id for record in records)
    assert all(isinstance(record["id"], str) for record in records)


def test_zero(gmail: Any) -> None:
    """R: "`startHistoryId=0`: 400"."""
    call = gmail.users().history().list(userId="me", startHistoryId="0")
    assert refusal(call) == (400, "invalidArgument")


def test_a_batch(api: Api) -> None:
    """G: "Batch: 100 parts at most, over 50 not advised, each part counts, concurrency is limited;
    each part has its own status inside a 200"."""
    body = "".join(
        f"--b\r\nContent-Type: application/http\r\n\r\nGET {path}\r\n\r\n"
        for path in [f"{ROOT}/profile", f"{ROOT}/messages/ffff"]
    )
    headers = {"content-type": "multipart/mixed; boundary=b"}
    answer = api("POST", "/batch/gmail/v1", data=f"{body}--b--", headers=headers)
    assert answer.status_code == 200
    statuses = re.findall(r"^HTTP/1\.1 (\d+)", answer.text, re.MULTILINE)
    assert statuses == ["200", "404"]
    too_many = (
        "--b\r\nContent-Type: application/http\r\n\r\nGET /gmail/v1/users/me/profile\r\n\r\n" * 101
    )
    answer = api("POST", "/batch/gmail/v1", data=f"{too_many}--b--", headers=headers)
    assert answer.status_code == 400


def test_midnight_in_california(gmail: Any, deliver: Callable[..., str]) -> None:
    """G: "Dates in `q` are midnight Pacific: use epoch seconds"."""
    late = 1_793_863_800_000  # 2026-11-05 07:30 UTC, an hour before that midnight
    early = late + 3_600_000
    before, after = deliver("before", date_ms=late), deliver("after", date_ms=early)

    def found(query: str) -> list[str]:
        answer = gmail.users().messages().list(userId="me", q=query).execute()
        return [message["id"] for message in answer.get("messages", ())]

    assert found("after:2026/11/05") == [after]
    assert found("before:2026/11/05") == [before]
    assert found(f"after:{late // 1000}") == [after, before]


def test_delegation_that_is_not_granted(box: Box) -> None:
    """G: "Domain-wide delegation refused: token endpoint 401 `unauthorized_client`"."""
    scopes = ["https://www.googleapis.com/auth/drive"]
    credentials = service_credentials(box, scopes, ME)
    with pytest.raises(RefreshError) as refused:
        credentials.refresh(Request())  # type: ignore[no-untyped-call]
    assert refused.value.args[1]["error"] == "unauthorized_client"


def test_watching(gmail: Any, box: Box) -> None:
    """G: "`watch` lasts 7 days at most"."""
    box.world.clock.freeze()
    body = {"topicName": "projects/sandbox-project/topics/t"}
    answer = gmail.users().watch(userId="me", body=body).execute()
    left = int(answer["expiration"]) / 1000 - box.world.clock.now().timestamp()
    assert left == pytest.approx(7 * 86_400, abs=1)
