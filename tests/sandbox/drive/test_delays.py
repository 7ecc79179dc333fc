"""What Drive is late with: changes, new files in searches, edits of cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from sandbox.server import Box

Api = Callable[..., requests.Response]
Control = Callable[..., Any]

MANAGER1 = "manager1@example.com"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"


def test_changes_show_later(box: Box, drive_as: Callable[[str], Any], control: Control) -> None:
    owner = drive_as(MANAGER1)
    box.world.clock.freeze()
    token = owner.changes().getStartPageToken().execute()["startPageToken"]
    control("POST", "delays", changes_seconds=180)
    made = owner.files().create(body={"name": "f"}).execute()["id"]
    page = owner.changes().list(pageToken=token).execute()
    assert (page["changes"], page["newStartPageToken"]) == ([], token)
    box.world.clock.advance(181)
    (change,) = owner.changes().list(pageToken=page["newStartPageToken"]).execute()["changes"]
    assert change["fileId"] == made


def test_a_token_stays_good_when_the_delay_grows(
    drive_as: Callable[[str], Any], control: Control
) -> None:
    owner = drive_as(MANAGER1)
    owner.files().create(body={"name": "f"}).execute()
    token = owner.changes().getStartPageToken().execute()["startPageToken"]
    control("POST", "delays", changes_seconds=3600)
    page = owner.changes().list(pageToken=token).execute()
    assert (page["changes"], page["newStartPageToken"]) == ([], token)


def test_searches_find_later_and_get_does_not_wait(
    box: Box, drive_as: Callable[[str], Any], control: Control
) -> None:
    """P: "`files.list` lags behind writes by name (minutes, P); `get` does not."."""
    owner = drive_as(MANAGER1)
    control("POST", "delays", search_seconds=60)
    made = owner.files().create(body={"name": "f"}).execute()["id"]
    assert owner.files().get(fileId=made).execute()["name"] == "f"
    assert owner.files().list(q="name = 'f'").execute()["files"] == []
    box.world.clock.advance(61)
    assert [file["id"] for file in owner.files().list(q="name = 'f'").execute()["files"]] == [made]


def test_edited_cells_show_later(
    box: Box, drive_as: Callable[[str], Any], api: Api, control: Control
) -> None:
    """P: "A sheet's edits show in `modifiedTime`, `changes.list` and push with up to ~3 minutes'
    delay"."""
    owner = drive_as(MANAGER1)
    made = owner.files().create(body={"mimeType": SPREADSHEET}).execute()["id"]

    def modified() -> str:
        return str(owner.files().get(fileId=made, fields="modifiedTime").execute()["modifiedTime"])

    before = modified()
    token = owner.changes().getStartPageToken().execute()["startPageToken"]
    control("POST", "delays", edits_seconds=180)
    url = f"/v4/spreadsheets/{made}/values/A1?valueInputOption=RAW"
    assert api("PUT", url, json={"values": [["x"]]}).status_code == 200
    assert modified() == before
    assert owner.changes().list(pageToken=token).execute()["changes"] == []
    box.world.clock.advance(181)
    assert modified() > before
    assert len(owner.changes().list(pageToken=token).execute()["changes"]) == 1
