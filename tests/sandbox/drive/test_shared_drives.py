"""Shared drives themselves, their flags, and the rights in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.server import Box

FOLDER = "application/vnd.google-apps.folder"
MANAGER1 = "manager1@example.com"
ALL = {"supportsAllDrives": True}


def refusal(call: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as refused:
        call.execute()
    return refused.value.resp.status, refused.value.error_details[0]["reason"]


@pytest.fixture
def owner(drive_as: Callable[[str], Any]) -> Any:
    return drive_as(MANAGER1)


@pytest.fixture
def made(owner: Any) -> str:
    created = owner.drives().create(requestId="once", body={"name": "Second"}).execute()
    assert created == {"kind": "drive#drive", "id": created["id"], "name": "Second"}
    return str(created["id"])


def test_a_request_id_makes_one_drive(owner: Any, made: str) -> None:
    """D: a repeated request id is refused with 409."""
    again = owner.drives().create(requestId="once", body={"name": "Second"})
    assert refusal(again)[0] == 409
    assert len(owner.drives().list().execute()["drives"]) == 2


def test_its_maker_organizes_it_and_nobody_else_sees_it(owner: Any, made: str, drive: Any) -> None:
    got = owner.drives().get(driveId=made, fields="*").execute()
    assert got["capabilities"]["canManageMembers"] is True
    assert got["restrictions"]["domainUsersOnly"] is False
    assert refusal(drive.drives().get(driveId=made)) == (404, "notFound")
    assert [d["name"] for d in drive.drives().list().execute()["drives"]] == ["CRM"]


def test_members_who_do_not_organize_change_nothing(owner: Any, box: Box) -> None:
    own = box.world.drive.shared_drive_id
    body = {"name": "Mine"}
    assert refusal(owner.drives().update(driveId=own, body=body))[0] == 403
    assert refusal(owner.drives().delete(driveId=own))[0] == 403


def test_update_keeps_what_is_not_named(owner: Any, made: str) -> None:
    fields = "name,restrictions(domainUsersOnly,driveMembersOnly)"
    for body in ({"restrictions": {"domainUsersOnly": True}}, {"name": "Third"}):
        got = owner.drives().update(driveId=made, body=body, fields=fields).execute()
    assert got == {
        "name": "Third",
        "restrictions": {"domainUsersOnly": True, "driveMembersOnly": False},
    }


def test_hidden_for_one_person_only(owner: Any, drive: Any, box: Box) -> None:
    own = box.world.drive.shared_drive_id
    assert owner.drives().hide(driveId=own, fields="hidden").execute() == {"hidden": True}
    assert drive.drives().get(driveId=own, fields="hidden").execute() == {"hidden": False}
    assert owner.drives().list(q="hidden = false").execute()["drives"] == []
    assert owner.drives().unhide(driveId=own, fields="hidden").execute() == {"hidden": False}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name = 'Second'", True),
        ("name contains 'Sec' and hidden = false", True),
        ("not name contains 'Sec'", False),
        ("memberCount > 1", False),
        ("organizerCount = 1", True),
        ("createdTime < '2020-01-01T00:00:00Z'", False),
    ],
)
def test_search_of_drives(owner: Any, made: str, query: str, found: bool) -> None:
    drives = owner.drives().list(q=query).execute()["drives"]
    assert (made in [drive["id"] for drive in drives]) == found


@pytest.mark.parametrize("query", ["name", "colour = 'red'", "hidden = 'x'", "name = 'a' or"])
def test_malformed_search_of_drives(owner: Any, query: str) -> None:
    assert refusal(owner.drives().list(q=query)) == (400, "invalid")


def test_pages_of_drives(owner: Any) -> None:
    for number in range(3):
        owner.drives().create(requestId=str(number), body={"name": str(number)}).execute()
    call = owner.drives().list(pageSize=3)
    first = call.execute()
    rest = owner.drives().list_next(call, first).execute()
    assert (len(first["drives"]), len(rest["drives"]), "nextPageToken" in rest) == (3, 1, False)


def test_it_is_deleted_when_empty(owner: Any, made: str) -> None:
    body = {"name": "f", "mimeType": FOLDER, "parents": [made]}
    inside = owner.files().create(body=body, **ALL).execute()["id"]
    assert refusal(owner.drives().delete(driveId=made))[0] == 403
    owner.files().update(fileId=inside, body={"trashed": True}, **ALL).execute()
    owner.drives().delete(driveId=made).execute()
    assert refusal(owner.files().get(fileId=inside, **ALL))[0] == 404


def test_changes_of_the_drive_itself(owner: Any) -> None:
    flags = {"includeItemsFromAllDrives": True, **ALL}
    token = owner.changes().getStartPageToken().execute()["startPageToken"]
    made = owner.drives().create(requestId="x", body={"name": "New"}).execute()["id"]
    (change,) = owner.changes().list(pageToken=token, **flags).execute()["changes"]
    assert (change["changeType"], change["driveId"]) == ("drive", made)
    assert change["drive"]["name"] == "New"
    assert owner.changes().list(pageToken=token).execute()["changes"] == []
    missing = owner.changes().getStartPageToken(driveId="missing", **ALL)
    assert refusal(missing) == (404, "notFound")


def test_rights_of_members_are_not_changed_on_files(drive: Any, box: Box) -> None:
    """R: inherited rights in a shared drive."""
    body = {"name": "f", "mimeType": FOLDER, "parents": [box.world.drive.shared_drive_id]}
    file_id = drive.files().create(body=body, **ALL).execute()["id"]
    rights = drive.permissions().list(fileId=file_id, fields="*", **ALL).execute()["permissions"]
    member = next(right["id"] for right in rights if right["role"] == "writer")
    name = {"fileId": file_id, "permissionId": member, **ALL}
    expected = (403, "cannotModifyInheritedTeamDrivePermission")
    assert refusal(drive.permissions().delete(**name)) == expected
    assert refusal(drive.permissions().update(**name, body={"role": "reader"})) == expected


def test_rights_that_run_out(owner: Any, drive_as: Callable[[str], Any], box: Box) -> None:
    """D: an expiration is in the future, within a year, and for people and groups."""
    file_id = owner.files().create(body={"name": "f", "mimeType": FOLDER}).execute()["id"]
    end = box.world.clock.now().replace(microsecond=0)
    body = {"type": "user", "role": "reader", "emailAddress": "lead@example.com"}

    def give(hours: int, **more: Any) -> Any:
        text = end.replace(year=end.year + hours // 8760).isoformat()
        return owner.permissions().create(
            fileId=file_id, body={**body, "expirationTime": text, **more}
        )

    assert refusal(give(0))[0] == 400, "not in the future"
    assert refusal(give(2 * 8760))[0] == 400, "more than a year"
    give(8760).execute()
    reader = drive_as("lead@example.com")
    assert reader.files().get(fileId=file_id).execute()["name"] == "f"
    box.world.clock.advance(366 * 86_400)
    assert refusal(drive_as("lead@example.com").files().get(fileId=file_id))[0] == 404


def test_writers_share_unless_the_owner_says_no(owner: Any, drive_as: Callable[[str], Any]) -> None:
    body = {"name": "f", "mimeType": FOLDER, "writersCanShare": False}
    file_id = owner.files().create(body=body).execute()["id"]
    right = {"type": "user", "role": "writer", "emailAddress": "manager2@example.com"}
    owner.permissions().create(fileId=file_id, body=right).execute()
    other = {"type": "user", "role": "reader", "emailAddress": "lead@example.com"}
    call = drive_as("manager2@example.com").permissions().create(fileId=file_id, body=other)
    assert refusal(call) == (403, "insufficientFilePermissions")


def test_pages_of_permissions(owner: Any) -> None:
    file_id = owner.files().create(body={"name": "f", "mimeType": FOLDER}).execute()["id"]
    for name in ("manager2", "lead"):
        body = {"type": "user", "role": "reader", "emailAddress": f"{name}@example.com"}
        owner.permissions().create(fileId=file_id, body=body).execute()
    call = owner.permissions().list(fileId=file_id, pageSize=2)
    first = call.execute()
    rest = owner.permissions().list_next(call, first).execute()
    assert (len(first["permissions"]), len(rest["permissions"])) == (2, 1)
