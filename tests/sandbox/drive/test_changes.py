"""Change logs: what leaves a log stands there as removed.

Source: developers.google.com/workspace/drive/api/guides/about-changelogs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.server import Box

FOLDER = "application/vnd.google-apps.folder"
ALL = {"supportsAllDrives": True, "includeItemsFromAllDrives": True}
MANAGER1, MANAGER2 = "manager1@example.com", "manager2@example.com"


def make(drive: Any, parent: str | None = None) -> str:
    body = {"name": "f", "mimeType": FOLDER, **({"parents": [parent]} if parent else {})}
    made = drive.files().create(body=body, supportsAllDrives=True).execute()
    return str(made["id"])


def token(drive: Any, **log: str) -> str:
    answer = drive.changes().getStartPageToken(supportsAllDrives=True, **log).execute()
    return str(answer["startPageToken"])


def changes(drive: Any, start: str, **more: Any) -> list[dict[str, Any]]:
    page = drive.changes().list(pageToken=start, **ALL, **more).execute()
    found: list[dict[str, Any]] = page["changes"]
    return found


def test_who_loses_access_is_told_that_the_file_is_removed(
    drive_as: Callable[[str], Any],
) -> None:
    owner, other = drive_as(MANAGER1), drive_as(MANAGER2)
    folder = make(owner)
    body = {"type": "user", "role": "writer", "emailAddress": MANAGER2}
    right = owner.permissions().create(fileId=folder, body=body).execute()["id"]
    start = token(other)
    owner.permissions().delete(fileId=folder, permissionId=right).execute()
    (change,) = changes(other, start)
    assert (change["fileId"], change["removed"], change.get("file")) == (folder, True, None)
    assert [change["removed"] for change in changes(owner, start)] == [False]
    assert changes(drive_as("lead@example.com"), start) == []


@pytest.mark.parametrize("renamed", [False, True])
def test_what_leaves_a_shared_drive_is_removed_from_its_log(
    drive_as: Callable[[str], Any], box: Box, *, renamed: bool
) -> None:
    drive, manager = box.world.drive.shared_drive_id, drive_as(MANAGER1)
    folder, elsewhere = make(manager, drive), make(manager)
    start = token(manager, driveId=drive)
    manager.files().update(
        fileId=folder, addParents=elsewhere, removeParents=drive, supportsAllDrives=True
    ).execute()
    if renamed:
        manager.files().update(fileId=folder, body={"name": "g"}).execute()
    (change,) = changes(manager, start, driveId=drive)
    assert (change["fileId"], change["removed"], change.get("file")) == (folder, True, None)
    (change,) = changes(
        manager, start, driveId=drive, includeCorpusRemovals=True, fields="changes(file(parents))"
    )
    assert change["file"]["parents"] == [elsewhere]
    assert [c["removed"] for c in changes(manager, start) if c["fileId"] == folder] == [False]


def test_the_log_of_a_drive_is_for_its_members(drive_as: Callable[[str], Any]) -> None:
    nobody = drive_as(MANAGER1)
    with pytest.raises(HttpError) as refused:
        token(nobody, driveId="0Anothing")
    assert refused.value.resp.status == 404
