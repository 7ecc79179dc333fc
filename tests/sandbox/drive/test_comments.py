"""Comments, replies and export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gspread
import pytest
import requests
from googleapiclient.errors import HttpError

from sandbox.server import Box
from tests.sandbox.conftest import google_service, service_credentials

ALL = "*"


@pytest.fixture
def file_id(box: Box, drive: Any) -> str:
    root = box.world.drive.shared_drive_id
    body = {"name": "a", "parents": [root], "mimeType": "application/vnd.google-apps.folder"}
    return str(drive.files().create(body=body, supportsAllDrives=True).execute()["id"])


def refusal(call: Any) -> int:
    with pytest.raises(HttpError) as refused:
        call.execute()
    status: int = refused.value.resp.status
    return status


def test_comments_demand_fields(drive: Any, file_id: str) -> None:
    assert refusal(drive.comments().list(fileId=file_id)) == 400
    assert refusal(drive.comments().create(fileId=file_id, body={"content": "x"})) == 400


def test_comment_with_replies(drive: Any, file_id: str, drive_as: Callable[[str], Any]) -> None:
    comments, replies = drive.comments(), drive.replies()
    body = {"content": "see <here>", "anchor": "{}"}
    made = comments.create(fileId=file_id, body=body, fields=ALL).execute()
    assert made["htmlContent"] == "see &lt;here&gt;"
    assert made["author"]["me"] is True
    name = {"fileId": file_id, "commentId": made["id"]}
    reply = replies.create(**name, body={"content": "yes"}, fields=ALL).execute()
    replies.create(**name, body={"action": "resolve"}, fields="id").execute()
    got = comments.get(**name, fields="resolved,replies(content,action)").execute()
    assert got["resolved"] is True
    assert got["replies"] == [{"content": "yes"}, {"content": "", "action": "resolve"}]
    one = {**name, "replyId": reply["id"]}
    changed = replies.update(**one, body={"content": "no"}, fields="content").execute()
    assert changed == {"content": "no"}
    assert replies.get(**one, fields="content").execute() == {"content": "no"}
    assert len(replies.list(**name, fields=ALL).execute()["replies"]) == 2
    replies.delete(**one).execute()
    assert refusal(replies.get(**one, fields="id")) == 404

    others = drive_as("lead@example.com").comments()
    assert refusal(others.update(**name, body={"content": "x"}, fields="id")) == 403
    assert refusal(others.delete(**name)) == 403
    comments.update(**name, body={"content": "new"}, fields="id").execute()
    listed = comments.list(fileId=file_id, fields="comments(content)").execute()
    assert listed == {"comments": [{"content": "new"}]}
    comments.delete(**name).execute()
    assert comments.list(fileId=file_id, fields="comments").execute() == {"comments": []}
    kept = comments.list(fileId=file_id, includeDeleted=True, fields="comments(deleted)")
    assert kept.execute() == {"comments": [{"deleted": True}]}


def test_pages_of_comments(drive: Any, file_id: str) -> None:
    for text in "abc":
        drive.comments().create(fileId=file_id, body={"content": text}, fields="id").execute()
    request = drive.comments().list(fileId=file_id, pageSize=2, fields="*")
    first = request.execute()
    rest = drive.comments().list_next(request, first).execute()
    assert [len(page["comments"]) for page in (first, rest)] == [2, 1]


def test_export_of_the_first_sheet(gc: gspread.Client, storage_box: Box) -> None:
    sheet = gc.create("Export")
    sheet.sheet1.update([["Имя", "Сумма"], ["a,b", 5], ["", "", "x"]], "A1")
    text = 'Имя,Сумма,\r\n"a,b",5,\r\n,,x'
    with google_service(storage_box, "drive", "v3", service_credentials(storage_box)) as drive:
        got = drive.files().export(fileId=sheet.id, mimeType="text/csv").execute()
        assert got.decode() == text
        assert refusal(drive.files().export(fileId=sheet.id, mimeType="image/png")) == 400


def test_gspread_copies_a_spreadsheet_with_its_comments(gc: gspread.Client) -> None:
    original = gc.create("Original")
    original.sheet1.update([["x"]], "A1")
    copy = gc.copy(original.id, "Copy", copy_comments=True)
    assert copy.title == "Copy"
    assert copy.sheet1.get_all_values() == [["x"]]


def test_export_is_for_editors_files_only(api: Callable[..., requests.Response]) -> None:
    made = api("POST", "/drive/v3/files", json={"name": "x", "mimeType": "text/plain"}).json()
    answer = api("GET", f"/drive/v3/files/{made['id']}/export?mimeType=text/csv")
    assert answer.json()["error"]["errors"][0]["reason"] == "fileNotExportable"
