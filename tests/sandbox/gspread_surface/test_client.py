"""gspread.Client: files, their rights, their contents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import gspread
import pytest
from gspread.exceptions import APIError
from gspread.utils import ExportFormat

from sandbox.people import SERVICE_ACCOUNT
from sandbox.server import Box

MANAGER = "manager1@example.com"
STRANGER = "otto@elsewhere.example"


def test_create_in_a_folder_and_find_again(gc: gspread.Client, storage_box: Box) -> None:
    root = storage_box.world.drive.shared_drive_id
    inside = gc.create("Plan", folder_id=root)
    outside = gc.create("Plan")
    assert [one["id"] for one in gc.list_spreadsheet_files("Plan", folder_id=root)] == [inside.id]
    assert {one["id"] for one in gc.list_spreadsheet_files("Plan")} == {inside.id, outside.id}
    (listed,) = gc.list_spreadsheet_files(folder_id=root)
    assert listed.keys() == {"id", "name", "createdTime", "modifiedTime"}
    assert gc.open("Plan", folder_id=root).id == inside.id
    assert [book.title for book in gc.openall("Plan")] == ["Plan", "Plan"]
    assert gc.openall("Pla") == []


def test_open_in_every_way(gc: gspread.Client) -> None:
    made = gc.create("One")
    assert gc.open("One").id == made.id
    assert gc.open_by_key(made.id).title == "One"
    assert gc.open_by_url(made.url).id == made.id
    assert gc.open_by_url(made.url + "/edit?gid=0#gid=0").id == made.id


def test_what_is_not_there(gc: gspread.Client, gc_as: Callable[[str], gspread.Client]) -> None:
    with pytest.raises(gspread.SpreadsheetNotFound):
        gc.open("nobody made this")
    with pytest.raises(gspread.SpreadsheetNotFound):
        gc.open_by_key("1" + "x" * 43)
    hidden = gc_as(MANAGER).create("Private")
    with pytest.raises(PermissionError):
        gc.open_by_key(hidden.id)


def test_delete(gc: gspread.Client) -> None:
    made = gc.create("Gone")
    gc.del_spreadsheet(made.id)
    assert gc.list_spreadsheet_files() == []
    with pytest.raises(APIError) as refused:
        gc.del_spreadsheet(made.id)
    assert refused.value.code == 404


def test_drive_metadata(gc: gspread.Client) -> None:
    made = gc.create("Dated")
    facts = gc.get_file_drive_metadata(made.id)
    assert (facts["id"], facts["name"]) == (made.id, "Dated")
    created, modified = (
        datetime.fromisoformat(facts[f"{verb}Time"]) for verb in ("created", "modified")
    )
    assert created <= modified


def test_import_csv_replaces_everything(gc: gspread.Client) -> None:
    made = gc.create("Imported")
    made.add_worksheet("Second", 5, 5)
    made.sheet1.update([["old"] * 9] * 9)
    answer = gc.import_csv(made.id, 'name,sum,"at, last"\nАнна,1.5,1/2/2024\n,=1+1,"two\nlines"\n')
    assert (answer["kind"], answer["id"], answer["title"]) == ("drive#file", made.id, "Imported")
    (sheet,) = gc.open_by_key(made.id).worksheets()
    assert sheet.get_all_values() == [
        ["name", "sum", "at, last"],
        ["Анна", "1.5", "1/2/2024"],
        ["", "2", "two\nlines"],
    ]
    gc.import_csv(made.id, b"")
    assert sheet.get_all_values() == [[]]


def test_import_into_what_one_may_only_read(
    gc: gspread.Client, gc_as: Callable[[str], gspread.Client]
) -> None:
    made = gc_as(MANAGER).create("Theirs")
    made.share(SERVICE_ACCOUNT.email, "user", "reader", notify=False)
    with pytest.raises(APIError) as refused:
        gc.import_csv(made.id, "a,b")
    assert refused.value.code == 403


def test_export(gc: gspread.Client) -> None:
    made = gc.create("Exported")
    made.sheet1.update([["a,b", 5], ["", "x"]])
    assert gc.export(made.id, ExportFormat.CSV) == b'"a,b",5\r\n,x'
    assert gc.export(made.id, ExportFormat.TSV) == b"a,b\t5\r\n\tx"


@pytest.mark.parametrize(
    "kind",
    [
        ExportFormat.PDF,
        ExportFormat.OPEN_OFFICE_SHEET,
        ExportFormat.ZIPPED_HTML,
    ],
)
def test_other_exports_say_that_the_sandbox_has_them_not(
    gc: gspread.Client, kind: ExportFormat
) -> None:
    made = gc.create("Exported")
    with pytest.raises(APIError) as refused:
        gc.export(made.id, kind)
    assert refused.value.code == 501
    assert str(kind) in refused.value.error["message"]


def test_copy_with_comments(gc: gspread.Client, storage_box: Box) -> None:
    made = gc.create("Original")
    made.sheet1.update([["x"]])
    url = f"https://www.googleapis.com/drive/v3/files/{made.id}/comments?fields=id"
    gc.http_client.request("post", url, json={"content": "look"})
    copy = gc.copy(made.id, "Copy", copy_comments=True)
    assert (copy.title, copy.sheet1.acell("A1").value) == ("Copy", "x")
    listed = gc.http_client.request("get", url.replace(made.id, copy.id).replace("=id", "=*"))
    assert [one["content"] for one in listed.json()["comments"]] == ["look"]
    root = storage_box.world.drive.shared_drive_id
    assert gc.copy(made.id, "There", folder_id=root, copy_comments=False).title == "There"
    assert len(gc.list_spreadsheet_files(folder_id=root)) == 1


def test_copy_with_rights_stops_at_the_owner(gc: gspread.Client) -> None:
    """gspread gives all rights again, the owner's too, which Drive refuses without its flag."""
    made = gc.create("Original")
    with pytest.raises(APIError) as refused:
        gc.copy(made.id, copy_permissions=True)
    assert "transferOwnership parameter must be enabled" in refused.value.error["message"]
    assert [one["name"] for one in gc.list_spreadsheet_files("Copy of Original")]


def test_rights(gc: gspread.Client, storage_box: Box) -> None:
    made = gc.create("Shared")
    given = gc.insert_permission(made.id, STRANGER, "user", "writer", email_message="Hello").json()
    (letter,) = storage_box.world.drive.notifications
    assert (letter["to"], letter["message"], letter["role"]) == (STRANGER, "Hello", "writer")
    anyone = gc.insert_permission(made.id, None, "anyone", "reader", with_link=True).json()
    assert anyone["id"] == "anyoneWithLink"
    gc.insert_permission(made.id, "example.org", "domain", "commenter", notify=False)
    rights = {right["id"]: right for right in gc.list_permissions(made.id)}
    assert rights[given["id"]]["emailAddress"] == STRANGER
    assert {right["type"] for right in rights.values()} == {"user", "anyone", "domain"}
    gc.remove_permission(made.id, given["id"])
    assert given["id"] not in {right["id"] for right in gc.list_permissions(made.id)}
    with pytest.raises(APIError) as refused:
        gc.remove_permission(made.id, given["id"])
    assert refused.value.code == 404


def test_pages_of_files(gc: gspread.Client, storage_box: Box) -> None:
    """gspread follows nextPageToken; its pages hold a thousand."""
    for number in range(3):
        gc.create(f"s{number}")
    assert len(gc.list_spreadsheet_files()) == 3
    assert len(storage_box.world.log.select(method="drive.files.list")) == 1
