"""Errors of Sheets as recorded (R). Each docstring quotes its fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gspread
import pytest
import requests

Api = Callable[..., requests.Response]
Control = Callable[..., Any]

MANAGER = "manager1@example.com"


def error_of(answer: requests.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == answer.status_code
    return error


def test_form(api: Api) -> None:
    """R: "Sheets: `{"error": {"code", "message", "status"[, "details"]}}`."."""
    assert set(error_of(api("GET", "/v4/spreadsheets/1"))) == {"code", "message", "status"}
    assert set(error_of(api("GET", "/v4/spreadsheets/1?odd=1"))) == {
        "code",
        "message",
        "status",
        "details",
    }


def test_not_found(api: Api) -> None:
    """R: "404 `Requested entity was not found.`/NOT_FOUND"."""
    assert error_of(api("GET", "/v4/spreadsheets/1")) == {
        "code": 404,
        "message": "Requested entity was not found.",
        "status": "NOT_FOUND",
    }


READ = ("GET", "/v4/spreadsheets/{}/values/A1", None)
WRITE = ("PUT", "/v4/spreadsheets/{}/values/A1?valueInputOption=RAW", {"values": [["x"]]})
CHANGE = (
    "POST",
    "/v4/spreadsheets/{}:batchUpdate",
    {"requests": [{"clearBasicFilter": {"sheetId": 0}}]},
)


@pytest.mark.parametrize(
    ("role", "reading", "writing"),
    [(None, 403, 403), ("reader", 200, 403), ("commenter", 200, 403), ("writer", 200, 200)],
)
def test_rights(
    api: Api,
    gc_as: Callable[[str], gspread.Client],
    role: str | None,
    reading: int,
    writing: int,
) -> None:
    """R: "403 `The caller does not have permission`/PERMISSION_DENIED"."""
    made = gc_as(MANAGER).create("Owned")
    if role:
        made.share("lead@example.com", "user", role, notify=False)
    for (method, path, body), expected in ((READ, reading), (WRITE, writing), (CHANGE, writing)):
        answer = api(method, path.format(made.id), json=body, user="lead@example.com")
        assert answer.status_code == expected, path
        if expected == 403:
            assert error_of(answer) == {
                "code": 403,
                "message": "The caller does not have permission",
                "status": "PERMISSION_DENIED",
            }
        assert api(method, path.format(made.id), json=body).status_code == 200, "the owner may"


def test_unparsable_range(api: Api, gc: gspread.Client) -> None:
    """R: "400 `Unable to parse range: …`/INVALID_ARGUMENT"."""
    made = gc.create("Book")
    assert error_of(api("GET", f"/v4/spreadsheets/{made.id}/values/Nowhere!A1")) == {
        "code": 400,
        "message": "Unable to parse range: Nowhere!A1",
        "status": "INVALID_ARGUMENT",
    }


@pytest.mark.parametrize("way", ["fault", "quota"])
def test_quota(api: Api, control: Control, way: str) -> None:
    """R: "429 RESOURCE_EXHAUSTED `Quota exceeded for quota metric 'Read requests' and limit 'Read
    requests per minute per user' of service 'sheets.googleapis.com' for consumer
    'project_number:N'.` with `ErrorInfo` (reason RATE_LIMIT_EXCEEDED, metadata quota_limit,
    quota_limit_value …) and **no Retry-After**"."""
    if way == "fault":
        control("POST", "faults", kind="quota")
    else:
        control("POST", "quotas", limits={"ReadRequestsPerMinutePerUser": 0})
    answer = api("GET", "/v4/spreadsheets/1")
    error = error_of(answer)
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["message"] == (
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per "
        "user' of service 'sheets.googleapis.com' for consumer 'project_number:482915036671'."
    )
    info = error["details"][0]
    assert info["@type"] == "type.googleapis.com/google.rpc.ErrorInfo"
    assert (info["reason"], info["domain"]) == ("RATE_LIMIT_EXCEEDED", "googleapis.com")
    assert info["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"
    assert info["metadata"]["quota_limit_value"] == ("60" if way == "fault" else "0")
    assert info["metadata"]["service"] == "sheets.googleapis.com"
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize(("code", "status"), [(500, "INTERNAL"), (503, "UNAVAILABLE")])
def test_server_errors(api: Api, control: Control, code: int, status: str) -> None:
    """R: "500 INTERNAL; 503 UNAVAILABLE, and sometimes an HTML page"."""
    control("POST", "faults", kind="error", code=code)
    assert error_of(api("GET", "/v4/spreadsheets/1"))["status"] == status
    control("POST", "faults", kind="error", code=code, html=True)
    page = api("GET", "/v4/spreadsheets/1")
    assert page.status_code == code
    assert page.headers["content-type"] == "text/html; charset=UTF-8"
    assert f"Error {code} (Server Error)!!1" in page.text


def test_gspread_reads_these_errors(gc: gspread.Client, control: Control) -> None:
    """C: what a client makes of them."""
    sheet = gc.create("Book").sheet1
    control("POST", "faults", kind="quota")
    with pytest.raises(gspread.exceptions.APIError) as refused:
        sheet.get_all_values()
    assert (refused.value.code, refused.value.error["status"]) == (429, "RESOURCE_EXHAUSTED")
