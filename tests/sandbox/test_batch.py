"""Batch requests: multipart both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from googleapiclient.errors import HttpError

from sandbox.server import Box

Api = Callable[..., requests.Response]


def batch_body(*paths: str) -> bytes:
    parts = [
        f"--b\r\nContent-Type: application/http\r\nContent-ID: <item{number}>\r\n\r\n"
        f"GET {path} HTTP/1.1\r\n\r\n\r\n"
        for number, path in enumerate(paths)
    ]
    return ("".join(parts) + "--b--").encode()


MULTIPART = {"content-type": "multipart/mixed; boundary=b"}


@pytest.mark.parametrize("path", ["/batch", "/batch/drive/v3", "/batch/gmail/v1"])
def test_each_part_has_its_own_status_and_content_id(api: Api, path: str) -> None:
    body = batch_body("/drive/v3/files", "/drive/v3/files/missing", "/gmail/v1/users/me/profile")
    answer = api("POST", path, data=body, headers=MULTIPART)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("multipart/mixed; boundary=")
    assert "Content-ID: <response-item0>" in answer.text
    statuses = [line.split()[1] for line in answer.text.splitlines() if line.startswith("HTTP/")]
    assert statuses == ["200", "404", "200"]


def test_more_than_a_hundred_parts_are_refused(api: Api) -> None:
    """G: 100 parts at most."""
    body = batch_body(*["/drive/v3/files"] * 101)
    assert api("POST", "/batch", data=body, headers=MULTIPART).status_code == 400


def test_body_without_parts_is_refused(api: Api) -> None:
    headers = {"content-type": "application/json"}
    assert api("POST", "/batch", data=b"{}", headers=headers).status_code == 400


def test_official_client_gmail(box: Box, gmail: Any) -> None:
    """G: each part counts, each has its own status inside a 200."""
    for number in range(3):
        box.world.gmail.deliver(
            "manager1@example.com", f"Subject: {number}\n\n".encode(), box.world.clock.now()
        )
    ids = [
        entry["id"] for entry in gmail.users().messages().list(userId="me").execute()["messages"]
    ]
    answers: dict[str, Any] = {}
    failures: dict[str, HttpError] = {}

    def note(request_id: str, answer: Any, error: HttpError | None) -> None:
        if error is None:
            answers[request_id] = answer
        else:
            failures[request_id] = error

    batch = gmail.new_batch_http_request(callback=note)
    batch._batch_uri = f"{box.url}/batch/gmail/v1"
    for letter_id in [*ids, "ffff"]:
        batch.add(gmail.users().messages().get(userId="me", id=letter_id), request_id=letter_id)
    batch.execute()
    assert set(answers) == set(ids)
    assert failures["ffff"].resp.status == 404
    assert len(box.world.log.select(method="gmail.users.messages.get")) == 4


def test_parts_with_bodies_and_deletions(box: Box, drive: Any) -> None:
    root = drive.drives().list().execute()["drives"][0]["id"]
    results: list[Any] = []

    def note(_request_id: str, answer: Any, error: HttpError | None) -> None:
        assert error is None
        results.append(answer)

    def run(*calls: Any) -> None:
        batch = drive.new_batch_http_request(callback=note)
        batch._batch_uri = f"{box.url}/batch/drive/v3"
        for call in calls:
            batch.add(call)
        batch.execute()

    body = {"name": "Папка", "mimeType": "application/vnd.google-apps.folder", "parents": [root]}
    run(drive.files().create(body=body, supportsAllDrives=True, fields="id,name"))
    assert results[0]["name"] == "Папка"
    run(drive.files().delete(fileId=results[0]["id"], supportsAllDrives=True))
    assert results[0]["id"] not in box.world.drive.files


def part_statuses(answer: requests.Response) -> list[int]:
    lines = answer.text.splitlines()
    return [int(line.split()[1]) for line in lines if line.startswith("HTTP/")]


def test_the_words_of_the_limit(api: Api) -> None:
    """R."""
    body = batch_body(*["/drive/v3/files"] * 101)
    error = api("POST", "/batch/drive/v3", data=body, headers=MULTIPART).json()["error"]
    assert error["message"] == "Inner request count exceeds the limit. Received: 101, Limit: 100"
    empty = api("POST", "/batch/drive/v3", data=b"--b--", headers=MULTIPART)
    assert empty.status_code == 400
    assert empty.json()["error"]["message"].startswith("Failed to parse batch request, error:")


def test_gmail_takes_so_many_at_once(api: Api, control: Callable[..., Any]) -> None:
    """G, R: "over 50 not advised, each part counts, concurrency is limited"."""
    body = batch_body(*["/gmail/v1/users/me/labels"] * 100)
    free = api("POST", "/batch/gmail/v1", data=body, headers=MULTIPART)
    assert part_statuses(free) == [200] * 100, "quotas are off until somebody asks for them"
    control("POST", "quotas", limits={"GmailConcurrentPerUser": 50})
    answer = api("POST", "/batch/gmail/v1", data=body, headers=MULTIPART)
    assert part_statuses(answer) == [200] * 50 + [429] * 50
    assert '"message": "Too many concurrent requests for user"' in answer.text
    assert '"reason": "rateLimitExceeded"' in answer.text
    drive = batch_body(*["/drive/v3/files"] * 60)
    answer = api("POST", "/batch/drive/v3", data=drive, headers=MULTIPART)
    assert part_statuses(answer) == [200] * 60, "Drive has no such limit"
