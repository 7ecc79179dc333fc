"""Every method of files, permissions, changes, drives and more, by the official Python client."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import openpyxl
import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload

from sandbox.people import PRINCIPALS
from sandbox.server import Box
from tests.sandbox.official_client.steps import Walk

FOLDER = "application/vnd.google-apps.folder"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ME, OTHER = "manager1@example.com", "manager2@example.com"
ALL = {"supportsAllDrives": True}
HOOK = {"id": "c", "type": "web_hook", "address": "https://example.com/hook"}

walk = Walk(
    "drive.about",
    "drive.changes",
    "drive.channels",
    "drive.comments",
    "drive.drives",
    "drive.files",
    "drive.operations",
    "drive.permissions",
    "drive.replies",
    "drive.revisions",
)


@dataclass(frozen=True)
class Drive:
    """The client of manager1, the sandbox behind it, and the client of somebody else."""

    api: Any
    box: Box
    other: Any

    def upload(self, content: bytes = b"abc", mime_type: str = "text/plain", **body: Any) -> str:
        media = MediaIoBaseUpload(io.BytesIO(content), mime_type)
        call = self.api.files().create(body={"name": "f.txt", **body}, media_body=media)
        call.uri = call.uri.replace("https://", "http://")
        return str(call.execute()["id"])

    def folder(self, name: str = "d", **body: Any) -> str:
        made = self.api.files().create(body={"name": name, "mimeType": FOLDER, **body})
        return str(made.execute()["id"])

    def share(self, file_id: str, role: str = "reader") -> str:
        body = {"type": "user", "role": role, "emailAddress": OTHER}
        return str(self.api.permissions().create(fileId=file_id, body=body).execute()["id"])

    def comment(self, file_id: str) -> str:
        call = self.api.comments().create(fileId=file_id, body={"content": "why"}, fields="id")
        return str(call.execute()["id"])


@pytest.fixture
def drive(box: Box, drive_as: Callable[[str], Any]) -> Drive:
    return Drive(drive_as(ME), box, drive_as(OTHER))


def status_of(call: Any) -> int:
    with pytest.raises(HttpError) as refused:
        call.execute()
    return int(refused.value.resp.status)


@walk.drives("drive.about.get")
def about(d: Drive) -> None:
    got = d.api.about().get(fields="user(emailAddress,me),storageQuota/usage").execute()
    assert got == {"user": {"emailAddress": ME, "me": True}, "storageQuota": {"usage": "0"}}
    d.upload(b"12345")
    assert d.api.about().get(fields="storageQuota/usage").execute() == {
        "storageQuota": {"usage": "5"}
    }


@walk.drives("drive.files.create")
def create(d: Drive) -> None:
    parent = d.folder()
    body = {"name": "Медиаплан", "parents": [parent], "appProperties": {"deal": "D-000001"}}
    made = d.api.files().create(body=body, fields="name,parents,appProperties,mimeType").execute()
    assert made == {**body, "mimeType": "application/octet-stream"}


@walk.drives("drive.files.get")
def get(d: Drive) -> None:
    file_id = d.upload(b"abc")
    got = d.api.files().get(fileId=file_id, fields="id,size,mimeType").execute()
    assert got == {"id": file_id, "size": "3", "mimeType": "text/plain"}
    assert d.api.files().get_media(fileId=file_id).execute() == b"abc"


@walk.drives("drive.files.list")
def list_files(d: Drive) -> None:
    parent = d.folder()
    names = {d.folder(name, parents=[parent]): name for name in ("b", "a")}
    query = f"'{parent}' in parents and trashed = false"
    found = d.api.files().list(q=query, orderBy="name", pageSize=1).execute()
    rest = d.api.files().list(q=query, orderBy="name", pageToken=found["nextPageToken"]).execute()
    assert [names[file["id"]] for file in found["files"] + rest["files"]] == ["a", "b"]
    assert found["incompleteSearch"] is False


@walk.drives("drive.files.update")
def update(d: Drive) -> None:
    old, new = d.folder("old"), d.folder("new")
    file_id = d.upload(parents=[old])
    moved = d.api.files().update(
        fileId=file_id,
        addParents=new,
        removeParents=old,
        body={"name": "renamed", "trashed": True},
        fields="name,parents,trashed",
    )
    assert moved.execute() == {"name": "renamed", "parents": [new], "trashed": True}
    media = MediaIoBaseUpload(io.BytesIO(b"new"), "text/csv")
    call = d.api.files().update(fileId=file_id, media_body=media, fields="size,mimeType")
    call.uri = call.uri.replace("https://", "http://")
    assert call.execute() == {"size": "3", "mimeType": "text/csv"}


@walk.drives("drive.files.copy")
def copy(d: Drive) -> None:
    file_id = d.upload(b"abc", description="d")
    made = d.api.files().copy(fileId=file_id, body={"name": "two"}, fields="id,name,description")
    got = made.execute()
    assert (got["name"], got["description"]) == ("two", "d")
    assert got["id"] != file_id
    assert d.api.files().get_media(fileId=got["id"]).execute() == b"abc"


@walk.drives("drive.files.delete")
def delete(d: Drive) -> None:
    parent = d.folder()
    child = d.folder(parents=[parent])
    assert d.api.files().delete(fileId=parent).execute() in ("", b"")
    assert status_of(d.api.files().get(fileId=child)) == 404


@walk.drives("drive.files.emptyTrash")
def empty_trash(d: Drive) -> None:
    kept, gone = d.folder(), d.folder()
    d.api.files().update(fileId=gone, body={"trashed": True}).execute()
    d.api.files().emptyTrash().execute()
    assert [file["id"] for file in d.api.files().list().execute()["files"]] == [kept]


@walk.drives("drive.files.export")
def export(d: Drive) -> None:
    book = d.api.files().create(body={"mimeType": SPREADSHEET}).execute()["id"]
    assert d.api.files().export(fileId=book, mimeType="text/csv").execute() == b""
    content = d.api.files().export(fileId=book, mimeType=XLSX).execute()
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == ["Sheet1"]
    assert status_of(d.api.files().export(fileId=d.upload(), mimeType="text/csv")) == 403


@walk.drives("drive.files.download")
def download(d: Drive) -> None:
    done = d.api.files().download(fileId=d.upload(b"abc")).execute()
    assert done["done"] is True
    http = d.api._http
    status, content = http.request(done["response"]["downloadUri"])
    assert (status.status, content) == (200, b"abc")


@walk.drives("drive.operations.get")
def operation(d: Drive) -> None:
    done = d.api.files().download(fileId=d.upload()).execute()
    assert d.api.operations().get(name=done["name"]).execute() == done
    assert status_of(d.api.operations().get(name="missing")) == 404


@walk.drives("drive.files.generateIds")
def generate_ids(d: Drive) -> None:
    ids = d.api.files().generateIds(count=3).execute()["ids"]
    assert len(set(ids)) == 3
    assert d.folder(id=ids[0]) == ids[0]
    again = d.api.files().create(body={"id": ids[0], "mimeType": FOLDER})
    assert status_of(again) == 409


@walk.drives("drive.files.generateCseToken")
def generate_cse_token(d: Drive) -> None:
    assert status_of(d.api.files().generateCseToken()) == 403


@walk.drives("drive.files.listLabels")
def list_labels(d: Drive) -> None:
    got = d.api.files().listLabels(fileId=d.upload()).execute()
    assert got == {"kind": "drive#labelList", "labels": []}


@walk.drives("drive.files.modifyLabels")
def modify_labels(d: Drive) -> None:
    file_id = d.upload()
    call = d.api.files().modifyLabels(fileId=file_id, body={})
    assert call.execute() == {"kind": "drive#modifyLabelsResponse", "modifiedLabels": []}
    change = {"labelModifications": [{"labelId": "unknown"}]}
    assert status_of(d.api.files().modifyLabels(fileId=file_id, body=change)) == 404


@walk.drives("drive.files.watch")
def watch_file(d: Drive) -> None:
    file_id = d.upload()
    made = d.api.files().watch(fileId=file_id, body=HOOK).execute()
    assert (made["kind"], made["id"]) == ("api#channel", "c")
    assert file_id in made["resourceUri"]


@walk.drives("drive.permissions.create")
def share(d: Drive) -> None:
    file_id = d.upload()
    assert status_of(d.other.files().get(fileId=file_id)) == 404
    assert d.share(file_id) == PRINCIPALS[OTHER].permission_id
    assert d.other.files().get(fileId=file_id).execute()["id"] == file_id


@walk.drives("drive.permissions.get")
def get_permission(d: Drive) -> None:
    file_id = d.upload()
    name = {"fileId": file_id, "permissionId": d.share(file_id, "commenter")}
    got = d.api.permissions().get(**name, fields="emailAddress,role,type,pendingOwner").execute()
    assert got == {
        "emailAddress": OTHER,
        "role": "commenter",
        "type": "user",
        "pendingOwner": False,
    }


@walk.drives("drive.permissions.list")
def list_permissions(d: Drive) -> None:
    file_id = d.upload()
    d.share(file_id)
    rights = d.api.permissions().list(fileId=file_id, fields="permissions(role)").execute()
    assert rights == {"permissions": [{"role": "owner"}, {"role": "reader"}]}


@walk.drives("drive.permissions.update")
def update_permission(d: Drive) -> None:
    file_id = d.upload()
    name = {"fileId": file_id, "permissionId": d.share(file_id)}
    assert d.api.permissions().update(**name, body={"role": "writer"}).execute()["role"] == "writer"
    renamed = d.other.files().update(fileId=file_id, body={"name": "by other"}).execute()
    assert renamed["name"] == "by other"


@walk.drives("drive.permissions.delete")
def unshare(d: Drive) -> None:
    file_id = d.upload()
    d.api.permissions().delete(fileId=file_id, permissionId=d.share(file_id)).execute()
    assert status_of(d.other.files().get(fileId=file_id)) == 404


@walk.drives("drive.changes.getStartPageToken")
def start_token(d: Drive) -> None:
    before = int(d.api.changes().getStartPageToken().execute()["startPageToken"])
    d.folder()
    assert int(d.api.changes().getStartPageToken().execute()["startPageToken"]) == before + 1


@walk.drives("drive.changes.list")
def list_changes(d: Drive) -> None:
    token = d.api.changes().getStartPageToken().execute()["startPageToken"]
    made, gone = d.folder("made"), d.folder("gone")
    d.api.files().delete(fileId=gone).execute()
    page = d.api.changes().list(pageToken=token).execute()
    seen = {change["fileId"]: change["removed"] for change in page["changes"]}
    assert seen == {made: False, gone: True}
    assert int(page["newStartPageToken"]) == int(token) + 3


@walk.drives("drive.changes.watch")
def watch_changes(d: Drive) -> None:
    made = d.api.changes().watch(pageToken="1", body=HOOK).execute()
    assert made["resourceId"]
    assert d.box.world.drive.channels["c"].user == ME


@walk.drives("drive.channels.stop")
def stop_channel(d: Drive) -> None:
    made = d.api.changes().watch(pageToken="1", body=HOOK).execute()
    d.api.channels().stop(body={"id": "c", "resourceId": made["resourceId"]}).execute()
    assert d.box.world.drive.channels == {}


def make_drive(d: Drive, name: str = "Second") -> str:
    made = d.api.drives().create(requestId=name, body={"name": name}).execute()
    return str(made["id"])


@walk.drives("drive.drives.create")
def create_drive(d: Drive) -> None:
    made = make_drive(d)
    inside = d.api.files().create(body={"name": "f", "parents": [made]}, **ALL).execute()
    assert inside["driveId"] == made


@walk.drives("drive.drives.get")
def get_drive(d: Drive) -> None:
    made = make_drive(d)
    assert d.api.drives().get(driveId=made).execute()["name"] == "Second"
    assert status_of(d.other.drives().get(driveId=made)) == 404


@walk.drives("drive.drives.list")
def list_drives(d: Drive) -> None:
    make_drive(d)
    names = [drive["name"] for drive in d.api.drives().list().execute()["drives"]]
    assert names == ["CRM", "Second"]


@walk.drives("drive.drives.update")
def update_drive(d: Drive) -> None:
    made = make_drive(d)
    assert d.api.drives().update(driveId=made, body={"name": "New"}).execute()["name"] == "New"


@walk.drives("drive.drives.hide")
def hide_drive(d: Drive) -> None:
    assert d.api.drives().hide(driveId=make_drive(d), fields="hidden").execute()["hidden"] is True


@walk.drives("drive.drives.unhide")
def unhide_drive(d: Drive) -> None:
    made = make_drive(d)
    d.api.drives().hide(driveId=made).execute()
    assert d.api.drives().unhide(driveId=made, fields="hidden").execute()["hidden"] is False


@walk.drives("drive.drives.delete")
def delete_drive(d: Drive) -> None:
    made = make_drive(d)
    d.api.drives().delete(driveId=made).execute()
    assert status_of(d.api.drives().get(driveId=made)) == 404


@walk.drives("drive.comments.create")
def create_comment(d: Drive) -> None:
    call = d.api.comments().create(
        fileId=d.upload(), body={"content": "why"}, fields="content,resolved,author/displayName"
    )
    assert call.execute() == {
        "content": "why",
        "resolved": False,
        "author": {"displayName": "Manager One"},
    }


@walk.drives("drive.comments.get")
def get_comment(d: Drive) -> None:
    file_id = d.upload()
    name = {"fileId": file_id, "commentId": d.comment(file_id)}
    assert d.api.comments().get(**name, fields="content").execute() == {"content": "why"}
    assert status_of(d.api.comments().get(**name)) == 400, "fields are demanded"


@walk.drives("drive.comments.list")
def list_comments(d: Drive) -> None:
    file_id = d.upload()
    d.comment(file_id)
    got = d.api.comments().list(fileId=file_id, fields="comments/content").execute()
    assert got == {"comments": [{"content": "why"}]}


@walk.drives("drive.comments.update")
def update_comment(d: Drive) -> None:
    file_id = d.upload()
    name = {"fileId": file_id, "commentId": d.comment(file_id)}
    call = d.api.comments().update(**name, body={"content": "how"}, fields="content")
    assert call.execute() == {"content": "how"}


@walk.drives("drive.comments.delete")
def delete_comment(d: Drive) -> None:
    file_id = d.upload()
    name = {"fileId": file_id, "commentId": d.comment(file_id)}
    d.api.comments().delete(**name).execute()
    got = d.api.comments().list(fileId=file_id, includeDeleted=True, fields="comments/deleted")
    assert got.execute() == {"comments": [{"deleted": True}]}


def reply(d: Drive, **body: str) -> dict[str, str]:
    file_id = d.upload()
    name = {"fileId": file_id, "commentId": d.comment(file_id)}
    call = d.api.replies().create(**name, body=body or {"content": "so"}, fields="id")
    return {**name, "replyId": call.execute()["id"]}


@walk.drives("drive.replies.create")
def create_reply(d: Drive) -> None:
    name = reply(d, action="resolve")
    del name["replyId"]
    assert d.api.comments().get(**name, fields="resolved").execute() == {"resolved": True}


@walk.drives("drive.replies.get")
def get_reply(d: Drive) -> None:
    assert d.api.replies().get(**reply(d), fields="content").execute() == {"content": "so"}


@walk.drives("drive.replies.list")
def list_replies(d: Drive) -> None:
    name = reply(d)
    del name["replyId"]
    got = d.api.replies().list(**name, fields="replies/content").execute()
    assert got == {"replies": [{"content": "so"}]}


@walk.drives("drive.replies.update")
def update_reply(d: Drive) -> None:
    call = d.api.replies().update(**reply(d), body={"content": "no"}, fields="content")
    assert call.execute() == {"content": "no"}


@walk.drives("drive.replies.delete")
def delete_reply(d: Drive) -> None:
    name = reply(d)
    d.api.replies().delete(**name).execute()
    assert status_of(d.api.replies().get(**name, fields="id")) == 404


def two_contents(d: Drive) -> tuple[str, list[str]]:
    file_id = d.upload(b"one")
    media = MediaIoBaseUpload(io.BytesIO(b"two"), "text/plain")
    call = d.api.files().update(fileId=file_id, media_body=media)
    call.uri = call.uri.replace("https://", "http://")
    call.execute()
    found = d.api.revisions().list(fileId=file_id).execute()["revisions"]
    return file_id, [revision["id"] for revision in found]


@walk.drives("drive.revisions.list")
def list_revisions(d: Drive) -> None:
    file_id, (_, head) = two_contents(d)
    got = d.api.files().get(fileId=file_id, fields="headRevisionId").execute()
    assert got == {"headRevisionId": head}
    assert status_of(d.api.revisions().list(fileId=d.folder())) == 403


@walk.drives("drive.revisions.get")
def get_revision(d: Drive) -> None:
    file_id, (first, _) = two_contents(d)
    name = {"fileId": file_id, "revisionId": first}
    assert d.api.revisions().get_media(**name).execute() == b"one"
    assert d.api.revisions().get(**name, fields="size").execute() == {"size": "3"}
    assert status_of(d.api.revisions().get(fileId=file_id, revisionId="none")) == 404


@walk.drives("drive.revisions.update")
def keep_revision(d: Drive) -> None:
    file_id, (first, _) = two_contents(d)
    call = d.api.revisions().update(
        fileId=file_id, revisionId=first, body={"keepForever": True}, fields="keepForever"
    )
    assert call.execute() == {"keepForever": True}


@walk.drives("drive.revisions.delete")
def delete_revision(d: Drive) -> None:
    file_id, (first, head) = two_contents(d)
    d.api.revisions().delete(fileId=file_id, revisionId=first).execute()
    assert status_of(d.api.revisions().get(fileId=file_id, revisionId=first)) == 404
    assert status_of(d.api.revisions().delete(fileId=file_id, revisionId=head)) == 400


def test_no_method_is_forgotten() -> None:
    assert set(walk.steps) == walk.methods()


@pytest.mark.parametrize("method_id", sorted(walk.steps))
def test_method(drive: Drive, method_id: str) -> None:
    walk.steps[method_id](drive)
    assert drive.box.world.log.select(method=method_id), "the step drives what it says"
