"""Text tables that are uploaded as spreadsheets, through Drive v3 and v2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.server import Box

Api = Callable[..., requests.Response]

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
TABLE = "name\tsum\nАнна\t1.5\n".encode()


def multipart(metadata: str, content: bytes, mime_type: str) -> dict[str, Any]:
    body = (
        f"--b\r\nContent-Type: application/json\r\n\r\n{metadata}\r\n"
        f"--b\r\nContent-Type: {mime_type}\r\n\r\n"
    ).encode() + content
    return {
        "data": body + b"\r\n--b--",
        "headers": {"content-type": "multipart/related; boundary=b"},
    }


def upload(api: Api, content: bytes, mime_type: str) -> requests.Response:
    metadata = f'{{"name": "Table", "mimeType": "{SPREADSHEET}"}}'
    path = "/upload/drive/v3/files?uploadType=multipart"
    return api("POST", path, **multipart(metadata, content, mime_type))


def values(api: Api, file_id: str) -> Any:
    return api("GET", f"/v4/spreadsheets/{file_id}/values/A1:C9").json().get("values")


def test_created_from_a_table(api: Api) -> None:
    made = upload(api, TABLE, "text/tab-separated-values").json()
    assert made["mimeType"] == SPREADSHEET
    assert values(api, made["id"]) == [["name", "sum"], ["Анна", "1.5"]]


def test_other_contents_are_not_converted_silently(api: Api) -> None:
    refused = upload(api, b"PK", "application/vnd.ms-excel")
    assert refused.status_code == 501
    assert api("GET", "/drive/v3/files").json()["files"] == [], "and leave no file"


def test_new_content(api: Api) -> None:
    made = upload(api, TABLE, "text/tab-separated-values").json()
    path = f"/upload/drive/v3/files/{made['id']}?uploadType=media"
    headers = {"content-type": "text/csv; charset=utf-8"}
    answer = api("PATCH", path, data="\ufeffx,y".encode(), headers=headers)
    assert answer.status_code == 200
    assert values(api, made["id"]) == [["x", "y"]]


@pytest.mark.parametrize("query", ["", "?convert=false"])
def test_version_2_only_converts(api: Api, query: str) -> None:
    made = upload(api, TABLE, "text/tab-separated-values").json()
    headers = {"content-type": "text/csv"}
    path = f"/upload/drive/v2/files/{made['id']}{query}"
    answer = api("PUT", path, data=b"a,b", headers=headers)
    assert answer.status_code == 501
    assert "drive.v2.files.update" in answer.json()["error"]["message"]
    missing = api("PUT", "/upload/drive/v2/files/none?convert=true", data=b"a", headers=headers)
    assert missing.json()["error"]["errors"][0]["reason"] == "notFound"


def test_a_protected_spreadsheet(api: Api, box: Box) -> None:
    """What a reader of a file may not write, an upload does not write either."""
    made = upload(api, TABLE, "text/tab-separated-values").json()
    right = {"type": "user", "role": "reader", "emailAddress": "lead@example.com"}
    api("POST", f"/drive/v3/files/{made['id']}/permissions", json=right)
    path = f"/upload/drive/v2/files/{made['id']}?convert=true"
    headers = {"content-type": "text/csv"}
    answer = api("PUT", path, data=b"a,b", headers=headers, user="lead@example.com")
    assert answer.status_code == 403
    assert box.world.log.select(method="drive.v2.files.update")[0]["effect"] is False
