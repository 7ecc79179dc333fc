"""Faults and quotas: every kind of trouble, with Google's bodies."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from googleapiclient.errors import HttpError

from sandbox.server import Box

Api = Callable[..., requests.Response]
Control = Callable[..., Any]

FOLDER = {"name": "x", "mimeType": "application/vnd.google-apps.folder"}


def test_fault_strikes_once_unless_told(api: Api, control: Control) -> None:
    control("POST", "faults", kind="error", code=503)
    statuses = [api("GET", "/drive/v3/files").status_code for _ in range(2)]
    assert statuses == [503, 200]


def test_fault_by_call_numbers_and_method(api: Api, control: Control) -> None:
    control("POST", "faults", kind="error", method="drive.files.*", calls=[1, 2], limit=None)
    statuses = [api("GET", "/drive/v3/files").status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]
    assert api("GET", "/drive/v3/about?fields=user").status_code == 200


def test_fault_by_probability_repeats_with_its_seed(api: Api, control: Control) -> None:
    runs = []
    for _ in range(2):
        control("DELETE", "faults")
        control("POST", "faults", kind="error", probability=0.5, seed=7, limit=None)
        runs.append([api("GET", "/drive/v3/files").status_code for _ in range(8)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 500}


def test_html_error_page(api: Api, control: Control) -> None:
    """R: 503, and sometimes an HTML page."""
    control("POST", "faults", kind="error", code=503, html=True)
    answer = api("GET", "/v4/spreadsheets/1")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")


def test_json_error_bodies(api: Api, control: Control) -> None:
    """500 INTERNAL; 503 UNAVAILABLE."""
    control("POST", "faults", kind="error", code=500)
    assert api("GET", "/v4/spreadsheets/1").json()["error"]["status"] == "INTERNAL"
    control("POST", "faults", kind="error", code=503)
    assert api("GET", "/v4/spreadsheets/1").json()["error"]["status"] == "UNAVAILABLE"
    control("POST", "faults", kind="error", code=503)
    error = api("GET", "/drive/v3/files").json()["error"]["errors"][0]
    assert error["reason"] == "backendError"


def test_error_after_the_effect_leaves_it_done(api: Api, control: Control, box: Box) -> None:
    control("POST", "faults", kind="error", code=502, when="after")
    assert api("POST", "/drive/v3/files", json=FOLDER).status_code == 502
    assert [file["name"] for file in api("GET", "/drive/v3/files").json()["files"]] == ["x"]
    assert box.world.log.select(status=502)[0]["effect"] is True


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
def test_connection_closed_with_nothing_sent(
    api: Api, control: Control, box: Box, when: str, effects: int
) -> None:
    control("POST", "faults", kind="close", when=when)
    with pytest.raises(requests.ConnectionError):
        api("POST", "/drive/v3/files", json=FOLDER)
    assert len(api("GET", "/drive/v3/files").json()["files"]) == effects
    entry = box.world.log.select(method="drive.files.create")[0]
    assert (entry["status"], entry["effect"]) == (0, bool(effects))


def test_connection_closed_in_mid_body(api: Api, control: Control) -> None:
    control("POST", "faults", kind="cut")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api("GET", "/drive/v3/about?fields=*", headers={"accept-encoding": "identity"})


def test_httplib2_repeats_a_lost_create_and_meets_its_own_conflict(
    drive: Any, control: Control, box: Box
) -> None:
    """C: httplib2 repeats a request by itself, a POST too: a lost create shows as a 409."""
    root = box.world.drive.shared_drive_id
    folder_id = drive.files().generateIds(count=1).execute()["ids"][0]
    control("POST", "faults", kind="close", when="after", method="drive.files.create")
    body = {**FOLDER, "id": folder_id, "parents": [root]}
    with pytest.raises(HttpError) as refused:
        drive.files().create(body=body, supportsAllDrives=True).execute()
    assert refused.value.resp.status == 409
    assert len(box.world.log.select(method="drive.files.create")) == 2


def test_latency(api: Api, control: Control) -> None:
    control("POST", "faults", kind="latency", seconds=0.15)
    started = time.monotonic()
    assert api("GET", "/drive/v3/files").status_code == 200
    assert time.monotonic() - started >= 0.15


def test_other_requests_do_not_wait_for_a_slow_one(box: Box, api: Api, control: Control) -> None:
    control("POST", "faults", kind="latency", seconds=1.0, method="drive.about.get")
    slow = http.client.HTTPConnection(box.url.removeprefix("http://"), timeout=10)
    slow.request("GET", "/drive/v3/about")
    started = time.monotonic()
    assert api("GET", "/drive/v3/files").status_code == 200
    assert time.monotonic() - started < 0.8
    slow.close()


def test_sheets_read_quota_body(api: Api, control: Control) -> None:
    """G: 60 reads a minute a user: 429 RESOURCE_EXHAUSTED with ErrorInfo, no Retry-After."""
    control("POST", "quotas", google=True)
    control("POST", "clock", frozen=True)
    for _ in range(60):
        assert api("GET", "/v4/spreadsheets/1").status_code == 404
    answer = api("GET", "/v4/spreadsheets/1")
    assert answer.status_code == 429
    assert "retry-after" not in answer.headers
    error = answer.json()["error"]
    assert error["status"] == "RESOURCE_EXHAUSTED"
    assert error["message"] == (
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per "
        "user' of service 'sheets.googleapis.com' for consumer 'project_number:482915036671'."
    )
    info = error["details"][0]
    assert info["reason"] == "RATE_LIMIT_EXCEEDED"
    assert info["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"
    assert info["metadata"]["quota_limit_value"] == "60"
    other = api("GET", "/v4/spreadsheets/1", user="manager2@example.com")
    assert other.status_code == 404, "another user has a quota of his own"
    write = api("POST", "/v4/spreadsheets/1:batchUpdate", json={"requests": []})
    assert write.status_code != 429, "writes are counted apart"
    control("POST", "clock", advance_seconds=60)
    assert api("GET", "/v4/spreadsheets/1").status_code == 404


def test_quota_of_the_project_is_shared(api: Api, control: Control) -> None:
    """G: 300 a minute per project."""
    control("POST", "quotas", limits={"ReadRequestsPerMinutePerProject": 2})
    users = ["manager1@example.com", "manager2@example.com", "lead@example.com"]
    statuses = [api("GET", "/v4/spreadsheets/1", user=user).status_code for user in users]
    assert statuses == [404, 404, 429]


def test_gmail_units_by_method_and_its_403(api: Api, control: Control) -> None:
    """P: a 403 with `User-rate limit exceeded.  Retry after <ISO time>` in the message only."""
    control("POST", "quotas", limits={"GmailUnitsPerMinutePerUser": 8})
    control("POST", "clock", set="2026-11-05T10:00:00Z", frozen=True)
    listing = [api("GET", "/gmail/v1/users/me/messages") for _ in range(2)]
    assert [answer.status_code for answer in listing] == [200, 403], "messages.list costs 5"
    error = listing[1].json()["error"]["errors"][0]
    assert error["domain"] == "usageLimits"
    assert error["reason"] == "userRateLimitExceeded"
    assert error["message"] == "User-rate limit exceeded.  Retry after 2026-11-05T10:15:00.000Z"
    assert api("GET", "/gmail/v1/users/me/labels/INBOX").status_code == 200, "labels.get costs 1"


def test_drive_units(api: Api, control: Control) -> None:
    """G: get 5, list 100, update 50."""
    control("POST", "quotas", limits={"DriveUnitsPerMinutePerUser": 155})
    assert api("GET", "/drive/v3/files").status_code == 200
    assert api("POST", "/drive/v3/files", json=FOLDER).status_code == 200
    assert api("GET", "/drive/v3/files/x").status_code == 404
    error = api("GET", "/drive/v3/files/x").json()["error"]
    assert (error["code"], error["errors"][0]["reason"]) == (403, "userRateLimitExceeded")


def test_injected_quota_and_rate_faults(api: Api, control: Control) -> None:
    control("POST", "faults", kind="quota")
    assert api("GET", "/v4/spreadsheets/1").status_code == 429
    control("POST", "faults", kind="rate")
    error = api("GET", "/drive/v3/files").json()["error"]
    assert (error["code"], error["errors"][0]["domain"]) == (403, "usageLimits")
