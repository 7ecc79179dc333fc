"""Permissions, shared drives and changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.people import PRINCIPALS
from sandbox.server import Box

FOLDER = "application/vnd.google-apps.folder"
ALL = {"supportsAllDrives": True}
MANAGER1, MANAGER2 = "manager1@example.com", "manager2@example.com"


def refusal(call: Any) -> int:
    with pytest.raises(HttpError) as refused:
        call.execute()
    status: int = refused.value.resp.status
    return status


@pytest.fixture
def owner(drive_as: Callable[[str], Any]) -> Any:
    return drive_as(MANAGER1)


@pytest.fixture
def folder(owner: Any) -> str:
    made = owner.files().create(body={"name": "f", "mimeType": FOLDER}).execute()
    return str(made["id"])


def share(drive: Any, file_id: str, role: str, email: str = MANAGER2, **more: Any) -> Any:
    body = {"type": "user", "role": role, "emailAddress": email}
    return drive.permissions().create(fileId=file_id, body=body, **more)


def test_permission_life(owner: Any, folder: str) -> None:
    made = share(owner, folder, "reader").execute()
    assert made == {
        "kind": "drive#permission",
        "id": PRINCIPALS[MANAGER2].permission_id,
        "type": "user",
        "role": "reader",
    }
    name = {"fileId": folder, "permissionId": made["id"]}
    assert owner.permissions().update(**name, body={"role": "writer"}).execute()["role"] == "writer"
    got = owner.permissions().get(**name, fields="emailAddress,role").execute()
    assert got == {"emailAddress": MANAGER2, "role": "writer"}
    assert len(owner.permissions().list(fileId=folder).execute()["permissions"]) == 2
    owner.permissions().delete(**name).execute()
    assert len(owner.permissions().list(fileId=folder).execute()["permissions"]) == 1
    assert refusal(owner.permissions().get(**name)) == 404


def test_notification_is_on_by_default_and_recorded(owner: Any, folder: str, box: Box) -> None:
    """D: `sendNotificationEmail` is on by default."""
    share(owner, folder, "reader", emailMessage="hello").execute()
    share(owner, folder, "reader", "lead@example.com", sendNotificationEmail=False).execute()
    assert box.world.drive.notifications == [
        {"fileId": folder, "to": MANAGER2, "from": MANAGER1, "role": "reader", "message": "hello"}
    ]


def test_rights_come_down_from_the_folder(
    owner: Any, folder: str, drive_as: Callable[[str], Any]
) -> None:
    body = {"name": "child", "mimeType": FOLDER, "parents": [folder]}
    child = owner.files().create(body=body).execute()["id"]
    other = drive_as(MANAGER2)
    assert refusal(other.files().get(fileId=child)) == 404
    made = share(owner, folder, "writer").execute()
    assert other.files().update(fileId=child, body={"name": "by other"}).execute()
    inherited = owner.permissions().delete(fileId=child, permissionId=made["id"])
    assert refusal(inherited) == 403


def test_anyone_and_unknown_people(owner: Any, folder: str, drive_as: Callable[[str], Any]) -> None:
    anyone = owner.permissions().create(fileId=folder, body={"type": "anyone", "role": "reader"})
    assert anyone.execute()["id"] == "anyoneWithLink"
    assert drive_as(MANAGER2).files().get(fileId=folder).execute()["name"] == "f"
    ids = {share(owner, folder, "reader", "client@acme.example").execute()["id"] for _ in "ab"}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"type": "user", "emailAddress": MANAGER2}, 400),
        ({"role": "reader", "emailAddress": MANAGER2}, 400),
        ({"type": "user", "role": "reader"}, 400),
        ({"type": "domain", "role": "reader"}, 400),
        ({"type": "user", "role": "king", "emailAddress": MANAGER2}, 400),
        ({"type": "user", "role": "organizer", "emailAddress": MANAGER2}, 400),
        ({"type": "user", "role": "owner", "emailAddress": MANAGER2}, 403),
    ],
)
def test_refused_permissions(owner: Any, folder: str, body: dict[str, str], status: int) -> None:
    assert refusal(owner.permissions().create(fileId=folder, body=body)) == status


def test_ownership_is_transferred_when_asked_for(owner: Any, folder: str) -> None:
    share(owner, folder, "owner", transferOwnership=True).execute()
    got = owner.files().get(fileId=folder, fields="ownedByMe,owners/emailAddress").execute()
    assert got == {"ownedByMe": False, "owners": [{"emailAddress": MANAGER2}]}


def test_members_of_the_shared_drive_show_on_its_files(drive: Any, box: Box) -> None:
    root = box.world.drive.shared_drive_id
    body = {"name": "a", "parents": [root], "mimeType": FOLDER}
    file_id = drive.files().create(body=body, **ALL).execute()["id"]
    listed = drive.permissions().list(fileId=file_id, fields="*", **ALL).execute()["permissions"]
    roles = {right["emailAddress"]: right["role"] for right in listed}
    assert roles[MANAGER1] == "writer"
    assert {right["permissionDetails"][0]["inherited"] for right in listed} == {True}


def test_drives(drive: Any, box: Box) -> None:
    root = box.world.drive.shared_drive_id
    assert drive.drives().list().execute()["drives"] == [
        {"kind": "drive#drive", "id": root, "name": "CRM"}
    ]
    assert drive.drives().get(driveId=root).execute()["name"] == "CRM"
    assert refusal(drive.drives().get(driveId="missing")) == 404


def test_changes_from_a_token_on(drive: Any, box: Box) -> None:
    """D: change page tokens do not expire."""
    root = box.world.drive.shared_drive_id
    flags = {"includeItemsFromAllDrives": True, **ALL}
    token = drive.changes().getStartPageToken().execute()["startPageToken"]
    assert drive.changes().list(pageToken=token, **flags).execute()["changes"] == []
    body = {"name": "a", "parents": [root], "mimeType": FOLDER}
    file_id = drive.files().create(body=body, **ALL).execute()["id"]
    drive.files().update(fileId=file_id, body={"name": "b"}, **ALL).execute()
    box.world.clock.advance(30 * 86400)
    page = drive.changes().list(pageToken=token, **flags).execute()
    assert [(entry["fileId"], entry["file"]["name"]) for entry in page["changes"]] == [
        (file_id, "b")
    ], "a file once, as it is now"
    assert drive.changes().list(pageToken=token).execute()["changes"] == [], "without the flags"
    drive.files().delete(fileId=file_id, **ALL).execute()
    page = drive.changes().list(pageToken=page["newStartPageToken"], **flags).execute()
    assert [(entry["fileId"], entry["removed"]) for entry in page["changes"]] == [(file_id, True)]
    assert refusal(drive.changes().list(pageToken="junk")) == 400


def test_pages_of_changes(owner: Any) -> None:
    token = owner.changes().getStartPageToken().execute()["startPageToken"]
    for name in "abc":
        owner.files().create(body={"name": name, "mimeType": FOLDER}).execute()
    request = owner.changes().list(pageToken=token, pageSize=2)
    first = request.execute()
    assert (len(first["changes"]), "newStartPageToken" in first) == (2, False)
    rest = owner.changes().list_next(request, first).execute()
    assert (len(rest["changes"]), "newStartPageToken" in rest) == (1, True)


def test_who_loses_a_file_sees_it_go(owner: Any, drive_as: Callable[[str], Any]) -> None:
    """D: `removed` tells that a file is deleted or that the user has lost access to it."""
    file_id = owner.files().create(body={"name": "f"}).execute()["id"]
    right = share(owner, file_id, "reader").execute()["id"]
    other = drive_as(MANAGER2)
    token = owner.changes().getStartPageToken().execute()["startPageToken"]
    owner.permissions().delete(fileId=file_id, permissionId=right).execute()
    (change,) = other.changes().list(pageToken=token).execute()["changes"]
    assert (change["fileId"], change["removed"], "file" in change) == (file_id, True, False)
    assert other.changes().list(pageToken=token, includeRemoved=False).execute()["changes"] == []
    (change,) = owner.changes().list(pageToken=token).execute()["changes"]
    assert (change["fileId"], change["removed"]) == (file_id, False)
