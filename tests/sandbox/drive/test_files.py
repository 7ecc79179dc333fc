"""Drive files through the official client."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import requests
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload

from sandbox.people import SERVICE_ACCOUNT
from sandbox.server import Box

Api = Callable[..., requests.Response]

FOLDER = "application/vnd.google-apps.folder"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
ALL = {"supportsAllDrives": True}


def make(drive: Any, name: str, parent: str, **more: Any) -> Any:
    body = {"name": name, "mimeType": FOLDER, "parents": [parent], **more}
    return drive.files().create(body=body, fields="*", **ALL).execute()


def refusal(call: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as refused:
        call.execute()
    return refused.value.resp.status, refused.value.error_details[0]["reason"]


@pytest.fixture
def root(box: Box) -> str:
    return box.world.drive.shared_drive_id


def test_default_answer_is_brief(drive: Any, root: str) -> None:
    """G: without `fields` a file is kind, id, name, mimeType (and its shared drive)."""
    made = drive.files().create(body={"name": "a", "mimeType": FOLDER}).execute()
    assert set(made) == {"kind", "id", "name", "mimeType"}
    made = drive.files().create(body={"name": "a", "parents": [root]}, **ALL).execute()
    assert set(made) == {"kind", "id", "name", "mimeType", "driveId", "teamDriveId"}


def test_create_get_rename(drive: Any, root: str) -> None:
    made = make(drive, "Acme", root, description="d", appProperties={"crm": "7"})
    assert made["parents"] == [root]
    assert made["driveId"] == root
    assert made["appProperties"] == {"crm": "7"}
    assert made["description"] == "d"
    renamed = drive.files().update(fileId=made["id"], body={"name": "Акме"}, **ALL).execute()
    assert renamed["name"] == "Акме"
    got = drive.files().get(fileId=made["id"], fields="name,version,modifiedTime", **ALL).execute()
    assert got["name"] == "Акме"
    assert int(got["version"]) > int(made["version"])
    assert got["modifiedTime"] >= made["modifiedTime"]


def test_generated_id_creates_a_folder_exactly_once(drive: Any, root: str) -> None:
    """G, P: creating again with the same id gives 409 fileIdInUse; then `get` it."""
    folder_id = drive.files().generateIds(count=3).execute()["ids"][0]
    assert make(drive, "a", root, id=folder_id)["id"] == folder_id
    again = drive.files().create(body={"id": folder_id, "mimeType": FOLDER}, **ALL)
    assert refusal(again) == (409, "fileIdInUse")
    drive.files().update(fileId=folder_id, body={"trashed": True}, **ALL).execute()
    assert refusal(again) == (409, "fileIdInUse")
    assert drive.files().get(fileId=folder_id, fields="trashed", **ALL).execute() == {
        "trashed": True
    }
    drive.files().delete(fileId=folder_id, **ALL).execute()
    assert refusal(again) == (409, "fileIdInUse"), "an id is never given again"


def test_generated_ids_are_not_for_spreadsheets(drive: Any, root: str) -> None:
    """G, P: ids work for folders, not for Docs or Sheets; ids not generated are refused."""
    generated = drive.files().generateIds(count=1).execute()["ids"][0]
    body = {"id": generated, "mimeType": SPREADSHEET, "parents": [root]}
    assert refusal(drive.files().create(body=body, **ALL))[0] == 400
    body = {"id": "made-up", "mimeType": FOLDER, "parents": [root]}
    assert refusal(drive.files().create(body=body, **ALL))[0] == 400


def test_missing_parent_is_404(drive: Any) -> None:
    call = drive.files().create(body={"name": "a", "parents": ["missing"]}, **ALL)
    with pytest.raises(HttpError) as refused:
        call.execute()
    assert refused.value.resp.status == 404
    assert refused.value.error_details == [
        {
            "message": "File not found: missing.",
            "domain": "global",
            "reason": "notFound",
            "location": "fileId",
            "locationType": "parameter",
        }
    ]


def test_names_are_not_unique_and_trashed_files_are_listed(drive: Any, root: str) -> None:
    """Names are not unique; trashed files are listed unless `trashed=false`."""
    first, second = make(drive, "same", root), make(drive, "same", root)
    assert first["id"] != second["id"]
    drive.files().update(fileId=first["id"], body={"trashed": True}, **ALL).execute()

    def count(query: str) -> int:
        found = drive.files().list(q=query, includeItemsFromAllDrives=True, **ALL).execute()
        return len(found["files"])

    assert count("name = 'same'") == 2
    assert count("name = 'same' and trashed = false") == 1
    drive.files().update(fileId=first["id"], body={"trashed": False}, **ALL).execute()
    assert count("name = 'same' and trashed = false") == 2


def test_trash_of_a_folder_covers_what_is_in_it(drive: Any, root: str) -> None:
    folder = make(drive, "outer", root)
    child = make(drive, "inner", folder["id"])
    drive.files().update(fileId=folder["id"], body={"trashed": True}, **ALL).execute()
    got = drive.files().get(fileId=child["id"], fields="trashed,explicitlyTrashed", **ALL).execute()
    assert got == {"trashed": True, "explicitlyTrashed": False}


def test_shared_drive_items_need_the_flags(drive: Any, root: str) -> None:
    """G: shared drives need supportsAllDrives and includeItemsFromAllDrives (default false)."""
    made = make(drive, "a", root)
    assert refusal(drive.files().get(fileId=made["id"])) == (404, "notFound")
    body = {"name": "b", "parents": [root]}
    assert refusal(drive.files().create(body=body)) == (404, "notFound")
    assert drive.files().list().execute()["files"] == []
    assert drive.files().list(**ALL).execute()["files"] == []
    listed = drive.files().list(includeItemsFromAllDrives=True, **ALL).execute()["files"]
    assert [file["id"] for file in listed] == [made["id"]]
    by_drive = drive.files().list(
        corpora="drive", driveId=root, includeItemsFromAllDrives=True, **ALL
    )
    assert len(by_drive.execute()["files"]) == 1
    assert refusal(drive.files().list(corpora="drive", driveId=root))[0] == 403


def test_service_account_owns_no_storage(drive: Any, drive_as: Callable[[str], Any]) -> None:
    """P: it can create folders, but files only in a shared drive: 403 storageQuotaExceeded."""
    own = drive.files().create(body={"name": "own", "mimeType": FOLDER}).execute()
    body = {"name": "t", "parents": [own["id"]], "mimeType": "text/plain"}
    assert refusal(drive.files().create(body=body)) == (403, "storageQuotaExceeded")
    body = {"name": "s", "mimeType": SPREADSHEET}
    assert refusal(drive.files().create(body=body)) == (403, "storageQuotaExceeded")

    manager = drive_as("manager1@example.com")
    theirs = manager.files().create(body={"name": "shared", "mimeType": FOLDER}).execute()
    right = {"type": "user", "role": "writer", "emailAddress": SERVICE_ACCOUNT.email}
    manager.permissions().create(fileId=theirs["id"], body=right).execute()
    body = {"name": "in theirs", "mimeType": FOLDER, "parents": [theirs["id"]]}
    assert drive.files().create(body=body).execute()["name"] == "in theirs"
    assert refusal(drive.files().create(body={**body, "mimeType": "text/plain"})) == (
        403,
        "storageQuotaExceeded",
    )


def test_one_parent_a_file(drive: Any, root: str) -> None:
    one, two = make(drive, "1", root)["id"], make(drive, "2", root)["id"]
    child = make(drive, "child", one)["id"]
    both = {"name": "x", "parents": [one, two]}
    assert refusal(drive.files().create(body=both, **ALL)) == (403, "multipleParentsNotSupported")
    assert refusal(drive.files().update(fileId=child, addParents=two, **ALL))[0] == 403
    moved = drive.files().update(
        fileId=child, addParents=two, removeParents=one, fields="parents", **ALL
    )
    assert moved.execute() == {"parents": [two]}
    loop = drive.files().update(fileId=two, addParents=child, removeParents=root, **ALL)
    assert refusal(loop)[0] == 403


def test_app_properties_limits(drive: Any, root: str) -> None:
    """P: at most 124 bytes for key and value together, 30 an app."""
    make(drive, "a", root, appProperties={"k": "я" * 61})
    body = {"name": "b", "parents": [root], "appProperties": {"k": "я" * 62}}
    assert refusal(drive.files().create(body=body, **ALL))[0] == 400
    made = make(drive, "c", root, appProperties={f"k{n}": "v" for n in range(30)})
    more = {"appProperties": {"another": "v"}}
    assert refusal(drive.files().update(fileId=made["id"], body=more, **ALL))[0] == 400
    instead = {"appProperties": {"another": "v", "k0": None}}
    updated = drive.files().update(fileId=made["id"], body=instead, fields="appProperties", **ALL)
    assert "k0" not in updated.execute()["appProperties"]


def test_app_properties_are_private_to_their_app(
    drive: Any, drive_as: Callable[[str], Any], root: str
) -> None:
    made = make(drive, "a", root, appProperties={"crm": "7"}, properties={"open": "1"})
    seen = drive_as("lead@example.com").files().get(fileId=made["id"], fields="*", **ALL).execute()
    assert "appProperties" not in seen
    assert seen["properties"] == {"open": "1"}


def test_rights_of_a_reader(drive_as: Callable[[str], Any]) -> None:
    owner, reader = drive_as("manager1@example.com"), drive_as("manager2@example.com")
    made = owner.files().create(body={"name": "mine", "mimeType": FOLDER}).execute()
    assert refusal(reader.files().get(fileId=made["id"])) == (404, "notFound")
    right = {"type": "user", "role": "reader", "emailAddress": "manager2@example.com"}
    owner.permissions().create(fileId=made["id"], body=right).execute()
    assert reader.files().get(fileId=made["id"]).execute()["name"] == "mine"
    rename = reader.files().update(fileId=made["id"], body={"name": "x"})
    assert refusal(rename) == (403, "insufficientFilePermissions")
    assert refusal(reader.files().delete(fileId=made["id"])) == (403, "insufficientFilePermissions")


def test_writer_in_a_shared_drive_neither_trashes_nor_deletes(
    drive: Any, drive_as: Callable[[str], Any], root: str
) -> None:
    """D: in a shared drive the user must be an `organizer` on the parent folder to delete."""
    made = make(drive, "a", root)
    manager = drive_as("manager1@example.com")
    trash = manager.files().update(fileId=made["id"], body={"trashed": True}, **ALL)
    assert refusal(trash) == (403, "insufficientFilePermissions")
    assert refusal(manager.files().delete(fileId=made["id"], **ALL))[0] == 403
    drive.files().delete(fileId=made["id"], **ALL).execute()
    assert refusal(drive.files().get(fileId=made["id"], **ALL)) == (404, "notFound")


def test_delete_takes_the_children_too(drive: Any, root: str) -> None:
    folder = make(drive, "outer", root)
    child = make(drive, "inner", folder["id"])
    drive.files().delete(fileId=folder["id"], **ALL).execute()
    assert refusal(drive.files().get(fileId=child["id"], **ALL))[0] == 404


def test_delete_spares_what_others_own(drive_as: Callable[[str], Any]) -> None:
    """D: if the target is a folder, all descendants owned by the user are also deleted."""
    owner, other = drive_as("manager1@example.com"), drive_as("manager2@example.com")
    folder = owner.files().create(body={"name": "f", "mimeType": FOLDER}).execute()["id"]
    right = {"type": "user", "role": "writer", "emailAddress": "manager2@example.com"}
    owner.permissions().create(fileId=folder, body=right).execute()
    body = {"name": "theirs", "mimeType": FOLDER, "parents": [folder]}
    theirs = other.files().create(body=body).execute()["id"]
    owner.files().delete(fileId=folder).execute()
    assert other.files().get(fileId=theirs).execute()["name"] == "theirs"


def test_multipart_upload_keeps_bytes(api: Api) -> None:
    content = b"line\r\n--not-the-border\r\n\x00\xff\n"
    body = (
        b"--sep\r\nContent-Type: application/json\r\n\r\n"
        + b'{"name": "notes.bin"}\r\n'
        + b"--sep\r\nContent-Type: application/x-notes\r\n\r\n"
        + content
        + b"\r\n--sep--"
    )
    made = api(
        "POST",
        "/upload/drive/v3/files?uploadType=multipart&fields=*",
        data=body,
        headers={"content-type": "multipart/related; boundary=sep"},
    ).json()
    assert made["mimeType"] == "application/x-notes"
    assert made["size"] == str(len(content))
    assert made["fileExtension"] == "bin"
    got = api("GET", f"/drive/v3/files/{made['id']}?alt=media")
    assert got.content == content
    assert got.headers["content-type"] == "application/x-notes"


def test_simple_upload_then_new_content(api: Api) -> None:
    headers = {"content-type": "text/plain"}
    made = api("POST", "/upload/drive/v3/files?uploadType=media", data=b"one", headers=headers)
    file_id = made.json()["id"]
    assert made.json()["name"] == "Untitled"
    path = f"/upload/drive/v3/files/{file_id}?uploadType=media&fields=md5Checksum"
    assert api("PATCH", path, data=b"two", headers=headers).json() == {
        "md5Checksum": "b8a9f715dbb64fd5c56e7783c6820a61"
    }
    assert api("GET", f"/drive/v3/files/{file_id}?alt=media").content == b"two"


def test_resumable_upload_in_chunks(box: Box, drive_as: Callable[[str], Any]) -> None:
    """Its `Location` is built from the request's Host; chunks get 308 until all is there."""
    drive = drive_as("manager1@example.com")
    content = bytes(range(256)) * 2048
    media = MediaIoBaseUpload(
        io.BytesIO(content), "image/png", chunksize=256 * 1024, resumable=True
    )
    call = drive.files().create(body={"name": "big"}, media_body=media, fields="id,mimeType")
    call.uri = call.uri.replace("https://", "http://")
    progress, made = call.next_chunk()
    assert (progress.progress(), made) == (0.5, None)
    assert call.resumable_uri.startswith(f"{box.url}/upload/drive/v3/files?")
    _, made = call.next_chunk()
    assert made["mimeType"] == "image/png"
    assert drive.files().get_media(fileId=made["id"]).execute() == content
    effects = [entry["effect"] for entry in box.world.log.select(method="drive.files.create")]
    assert effects == [False, False, True]


def test_official_clients_multipart(box: Box, drive_as: Callable[[str], Any]) -> None:
    drive = drive_as("manager1@example.com")
    media = MediaIoBaseUpload(io.BytesIO(b"a\nb"), "text/csv")
    call = drive.files().create(body={"name": "t.csv"}, media_body=media)
    # The client takes https for uploads whatever its endpoint.
    call.uri = call.uri.replace("https://", "http://")
    made = call.execute()
    assert drive.files().get_media(fileId=made["id"]).execute() == b"a\nb"


def test_folder_has_no_content(drive: Any, root: str) -> None:
    made = make(drive, "a", root)
    call = drive.files().get_media(fileId=made["id"], **ALL)
    assert refusal(call) == (403, "fileNotDownloadable")


def test_copy(drive_as: Callable[[str], Any]) -> None:
    drive = drive_as("manager1@example.com")
    media = MediaIoBaseUpload(io.BytesIO(b"content"), "text/plain")
    call = drive.files().create(body={"name": "o"}, media_body=media)
    call.uri = call.uri.replace("https://", "http://")
    original = call.execute()
    copy = drive.files().copy(fileId=original["id"]).execute()
    assert copy["name"] == "Copy of o"
    assert drive.files().get_media(fileId=copy["id"]).execute() == b"content"
    folder = drive.files().create(body={"name": "f", "mimeType": FOLDER}).execute()
    assert refusal(drive.files().copy(fileId=folder["id"])) == (403, "cannotCopyFile")


def test_about_needs_fields(drive: Any, drive_as: Callable[[str], Any]) -> None:
    assert refusal(drive.about().get()) == (400, "required")
    about = drive_as("lead@example.com").about().get(fields="user").execute()
    assert about["user"]["emailAddress"] == "lead@example.com"
    assert about["user"]["me"] is True


def test_empty_trash(drive_as: Callable[[str], Any]) -> None:
    drive = drive_as("manager1@example.com")
    made = drive.files().create(body={"name": "f", "mimeType": FOLDER}).execute()
    drive.files().update(fileId=made["id"], body={"trashed": True}).execute()
    drive.files().emptyTrash().execute()
    assert refusal(drive.files().get(fileId=made["id"]))[0] == 404
