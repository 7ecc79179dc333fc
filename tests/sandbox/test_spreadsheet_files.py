"""Where Sheets and Drive meet: one file, its name, its rights, its times."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import gspread
import pytest
import requests
from gspread.exceptions import APIError, SpreadsheetNotFound

from sandbox.server import Box
from tests.sandbox.conftest import SHEETS_SCOPES, service_credentials

Api = Callable[..., requests.Response]
Control = Callable[..., Any]

SPREADSHEET = "application/vnd.google-apps.spreadsheet"


def test_service_account_without_storage_cannot_create_a_spreadsheet(
    box: Box, token_of: Callable[..., str]
) -> None:
    """P: it owns no storage; Sheets says only that the caller has no permission."""
    service = service_credentials(box).service_account_email
    headers = {"authorization": f"Bearer {token_of(service, *SHEETS_SCOPES)}"}
    answer = requests.post(f"{box.url}/v4/spreadsheets", json={}, headers=headers, timeout=10)
    assert answer.status_code == 403
    assert answer.json()["error"]["status"] == "PERMISSION_DENIED"


def test_spreadsheet_in_the_shared_drive(box: Box, drive: Any, api: Api) -> None:
    root = box.world.drive.shared_drive_id
    body = {"name": "Сделки", "mimeType": SPREADSHEET, "parents": [root]}
    file_id = drive.files().create(body=body, supportsAllDrives=True).execute()["id"]
    assert len(file_id) == 44
    got = api("GET", f"/v4/spreadsheets/{file_id}?fields=properties.title").json()
    assert got == {"properties": {"title": "Сделки"}}


def test_people_edit_what_the_service_account_creates(
    gc: gspread.Client, gc_as: Callable[[str], gspread.Client]
) -> None:
    made = gc.create("Made")
    for person in ("manager1@example.com", "manager2@example.com", "lead@example.com"):
        gc_as(person).open_by_key(made.id).sheet1.update([[person]], "A1")
    assert made.sheet1.acell("A1").value == "lead@example.com"


def test_rights_on_a_spreadsheet(gc_as: Callable[[str], gspread.Client]) -> None:
    """403 `The caller does not have permission`, to a stranger as to a reader who writes."""
    own = gc_as("manager1@example.com").create("Own")
    other = gc_as("manager2@example.com")
    with pytest.raises(PermissionError):
        other.open_by_key(own.id)
    own.share("manager2@example.com", perm_type="user", role="reader", notify=False)
    sheet = other.open_by_key(own.id).sheet1
    assert sheet.get_all_values() == [[]]
    with pytest.raises(APIError) as refused:
        sheet.update([["x"]], "A1")
    assert refused.value.response.status_code == 403
    assert refused.value.response.json()["error"] == {
        "code": 403,
        "message": "The caller does not have permission",
        "status": "PERMISSION_DENIED",
    }


def test_renaming_through_either_api_shows_in_the_other(
    storage_box: Box, gc: gspread.Client, api: Api
) -> None:
    made = gc.create("One")
    api("PATCH", f"/drive/v3/files/{made.id}", json={"name": "Two"})
    assert gc.open_by_key(made.id).title == "Two"
    made.update_title("Three")
    assert api("GET", f"/drive/v3/files/{made.id}").json()["name"] == "Three"


def test_edit_changes_the_modified_time_and_the_change_log(
    storage_box: Box, gc: gspread.Client, api: Api
) -> None:
    made = gc.create("One")
    path = f"/drive/v3/files/{made.id}?fields=modifiedTime,version"
    before = api("GET", path).json()
    storage_box.world.clock.advance(10)
    made.sheet1.get_all_values()
    assert api("GET", path).json() == before, "reading changes nothing"
    made.sheet1.update([["x"]], "A1")
    after = api("GET", path).json()
    assert after["modifiedTime"] > before["modifiedTime"]
    assert int(after["version"]) > int(before["version"])


def test_deleted_spreadsheet_is_gone(gc: gspread.Client) -> None:
    made = gc.create("One")
    gc.del_spreadsheet(made.id)
    with pytest.raises(SpreadsheetNotFound):
        gc.open_by_key(made.id)


def test_somebody_sorts_between_two_reads(gc: gspread.Client, control: Control) -> None:
    sheet = gc.create("Race").sheet1
    sheet.update([["b"], ["a"]], "A1")
    table = {"sheetId": sheet.id, "startRowIndex": 0, "endRowIndex": 2}
    order = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    control(
        "POST",
        "act",
        user="manager1@example.com",
        method="sheets.spreadsheets.batchUpdate",
        params={"spreadsheetId": sheet.spreadsheet_id},
        body={"requests": [{"sortRange": {"range": table, "sortSpecs": order}}]},
        after={"method": "sheets.spreadsheets.values.get"},
    )
    assert sheet.get_all_values() == [["b"], ["a"]]
    assert sheet.get_all_values() == [["a"], ["b"]]


@pytest.mark.parametrize(
    ("request_of", "before", "after"),
    [
        (
            {"sortRange": {"range": {}, "sortSpecs": [{"dimensionIndex": 0}]}},
            [["b"], ["a"]],
            [["a"], ["b"]],
        ),
        (
            {"insertDimension": {"range": {"dimension": "ROWS", "endIndex": 1}}},
            [["b"], ["a"]],
            [[], ["b"], ["a"]],
        ),
        (
            {"deleteDimension": {"range": {"dimension": "ROWS", "endIndex": 1}}},
            [["b"], ["a"]],
            [["a"]],
        ),
        (
            {"copyPaste": {"source": {"endRowIndex": 1}, "destination": {"startRowIndex": 1}}},
            [["b"], ["a"]],
            [["b"]] * 1000,
        ),
    ],
)
def test_somebody_else_after_the_next_read(
    gc: gspread.Client, control: Control, request_of: Any, before: Any, after: Any
) -> None:
    """Other people edit, insert, delete, sort, paste between any two requests, by a schedule."""
    sheet = gc.create("Race").sheet1
    sheet.update(before, "A1")
    act = {
        "user": "manager1@example.com",
        "method": "sheets.spreadsheets.batchUpdate",
        "params": {"spreadsheetId": sheet.spreadsheet_id},
    }
    control("POST", "act", **act, body={"requests": [request_of]}, after={"kind": "read"})
    sheet.update([["x"]], "C1")
    sheet.batch_clear(["C1"])
    assert sheet.get("A1:A1000") == before, "writes did not set it off"
    assert sheet.get("A1:A1000") == after
    assert control("GET", "world")["failed_acts"] == []


def test_requests_to_different_spreadsheets_do_not_wait_for_each_other(
    storage_box: Box, gc: gspread.Client
) -> None:
    busy, free = gc.create("busy"), gc.create("free")
    held, released = threading.Event(), threading.Event()

    def hold() -> None:
        with storage_box.world.locked(f"file:{busy.id}"):
            held.set()
            released.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(5)
    try:
        assert free.sheet1.get_all_values() == [[]]
    finally:
        released.set()
        holder.join()


def test_lost_append_was_applied(gc: gspread.Client, control: Control) -> None:
    """A write that got no answer may still be applied."""
    sheet = gc.create("Lost").sheet1
    control("POST", "faults", kind="close", when="after", method="*.values.append")
    with pytest.raises(requests.ConnectionError):
        sheet.append_row(["x"])
    assert sheet.get_all_values() == [["x"]]


def test_many_people_at_once(storage_box: Box, gc: gspread.Client, api: Api) -> None:
    """Eight clients writing to files of their own and listing all of them: nobody fails."""
    sheets = [gc.create(f"s{number}") for number in range(8)]
    failures: list[str] = []

    def work(file_id: str) -> None:
        for turn in range(5):
            path = f"/v4/spreadsheets/{file_id}/values/A1?valueInputOption=RAW"
            answers = [
                api("PUT", path, json={"values": [[turn]]}),
                api("POST", "/drive/v3/files", json={"name": str(turn)}),
                api("GET", "/drive/v3/files?pageSize=5"),
            ]
            failures.extend(answer.text for answer in answers if answer.status_code != 200)

    threads = [threading.Thread(target=work, args=(sheet.id,)) for sheet in sheets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [sheet.sheet1.acell("A1").value for sheet in sheets] == ["4"] * 8
