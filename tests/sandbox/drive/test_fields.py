"""What a file shows of itself, and what may be set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
MANAGER1, MANAGER2 = "manager1@example.com", "manager2@example.com"


def refusal(call: Any) -> tuple[int, str, str]:
    with pytest.raises(HttpError) as refused:
        call.execute()
    (item,) = refused.value.error_details
    return refused.value.resp.status, item["reason"], item["message"]


@pytest.fixture
def owner(drive_as: Callable[[str], Any]) -> Any:
    return drive_as(MANAGER1)


@pytest.fixture
def file_id(owner: Any) -> str:
    made = owner.files().create(body={"name": "a.tar.gz"}).execute()
    return str(made["id"])


RECORDED = {
    "appProperties", "capabilities", "copyRequiresWriterPermission", "createdTime",
    "explicitlyTrashed", "fileExtension", "fullFileExtension", "hasThumbnail", "headRevisionId",
    "iconLink", "id", "isAppAuthorized", "kind", "lastModifyingUser", "linkShareMetadata",
    "md5Checksum", "mimeType", "modifiedByMe", "modifiedByMeTime", "modifiedTime", "name",
    "originalFilename", "ownedByMe", "owners", "parents", "permissionIds", "permissions",
    "quotaBytesUsed", "sha1Checksum", "sha256Checksum", "shared", "size", "spaces", "starred",
    "thumbnailVersion", "trashed", "version", "viewedByMe", "viewedByMeTime",
    "viewersCanCopyContent", "webContentLink", "webViewLink", "writersCanShare",
}  # fmt: skip
"""Fields of a file in an answer that somebody recorded with ``fields=*``."""


def test_it_shows_what_recorded_answers_show(owner: Any, file_id: str) -> None:
    got = owner.files().get(fileId=file_id, fields="*").execute()
    assert RECORDED - {"appProperties"} <= got.keys()
    assert (got["fileExtension"], got["fullFileExtension"]) == ("gz", "tar.gz")
    assert got["capabilities"]["canModifyOwnerContentRestriction"] is True
    assert len(got["capabilities"]) >= 30


def test_times_can_be_set(owner: Any) -> None:
    body = {"createdTime": "2020-01-02T03:04:05Z", "modifiedTime": "2021-01-01T06:00:00+06:00"}
    fields = "id,createdTime,modifiedTime"
    made = owner.files().create(body=body, fields=fields).execute()
    assert made["createdTime"] == "2020-01-02T03:04:05.000Z"
    assert made["modifiedTime"] == "2021-01-01T00:00:00.000Z"
    call = owner.files().update(
        fileId=made["id"], body={"modifiedTime": "2022-01-01T00:00:00Z"}, fields=fields
    )
    assert call.execute()["modifiedTime"] == "2022-01-01T00:00:00.000Z"
    assert refusal(owner.files().create(body={"modifiedTime": "soon"}))[0] == 400


NOT_WRITABLE = "The resource body includes fields which are not directly writable."


@pytest.mark.parametrize("field", ["webViewLink", "size", "md5Checksum", "ownedByMe", "version"])
def test_what_google_computes_cannot_be_set(owner: Any, file_id: str, field: str) -> None:
    """R: as recorded by others, for a body read with ``get`` and sent back."""
    value = True if field == "ownedByMe" else "1"
    expected = (403, "fieldNotWritable", NOT_WRITABLE)
    assert refusal(owner.files().create(body={field: value})) == expected
    assert refusal(owner.files().update(fileId=file_id, body={field: value})) == expected
    assert refusal(owner.files().copy(fileId=file_id, body={field: value})) == expected


def test_an_update_moves_nothing_by_parents(owner: Any, file_id: str) -> None:
    """R."""
    status, reason, message = refusal(
        owner.files().update(fileId=file_id, body={"parents": ["root"]})
    )
    assert (status, reason) == (403, "fieldNotWritable")
    assert message == (
        "The parents field is not directly writable in update requests. Use the addParents and "
        "removeParents parameters instead."
    )
    assert refusal(owner.files().update(fileId=file_id, body={"id": file_id}))[0] == 403


def test_shortcuts(owner: Any, file_id: str) -> None:
    body = {"name": "s", "mimeType": SHORTCUT, "shortcutDetails": {"targetId": file_id}}
    made = owner.files().create(body=body, fields="id,shortcutDetails").execute()
    assert made["shortcutDetails"] == {
        "targetId": file_id,
        "targetMimeType": "application/octet-stream",
    }
    query = f"shortcutDetails.targetId='{file_id}'"
    (found,) = owner.files().list(q=query).execute()["files"]
    assert found["id"] == made["id"]
    missing = {"name": "s", "mimeType": SHORTCUT, "shortcutDetails": {"targetId": "nothing"}}
    assert refusal(owner.files().create(body=missing))[0] == 404
    assert refusal(owner.files().create(body={"mimeType": SHORTCUT}))[0] == 400


def test_who_shared_it_and_when(owner: Any, file_id: str, drive_as: Callable[[str], Any]) -> None:
    body = {"type": "user", "role": "reader", "emailAddress": MANAGER2}
    owner.permissions().create(fileId=file_id, body=body).execute()
    fields = "sharedWithMeTime,sharingUser/emailAddress,ownedByMe"
    got = drive_as(MANAGER2).files().get(fileId=file_id, fields=fields).execute()
    assert got.pop("sharedWithMeTime")
    assert got == {"sharingUser": {"emailAddress": MANAGER1}, "ownedByMe": False}


def test_storage_that_is_used_shows_in_about(owner: Any, drive: Any) -> None:
    quota = drive.about().get(fields="storageQuota").execute()["storageQuota"]
    assert (quota["limit"], quota["usage"]) == ("0", "0"), "a service account owns nothing"
    assert owner.about().get(fields="storageQuota/limit").execute() == {
        "storageQuota": {"limit": "16106127360"}
    }


def test_properties_that_all_apps_see_have_the_same_limit(owner: Any) -> None:
    big = {"properties": {"k": "v" * 124}}
    assert refusal(owner.files().create(body=big))[:2] == (400, "propertyTooLarge")
    made = owner.files().create(body={"properties": {"k": "v" * 123}}, fields="properties")
    assert made.execute() == {"properties": {"k": "v" * 123}}


@pytest.mark.parametrize(
    ("right", "visibility"),
    [
        (None, "limited"),
        ({"type": "anyone", "role": "reader"}, "anyoneWithLink"),
        ({"type": "anyone", "role": "reader", "allowFileDiscovery": True}, "anyoneCanFind"),
        ({"type": "domain", "role": "reader", "domain": "example.com"}, "domainWithLink"),
    ],
)
def test_visibility_in_a_search(
    owner: Any, file_id: str, right: dict[str, Any] | None, visibility: str
) -> None:
    if right:
        owner.permissions().create(fileId=file_id, body=right).execute()
    for value in ("limited", "anyoneWithLink", "anyoneCanFind", "domainWithLink"):
        found = owner.files().list(q=f"visibility = '{value}'").execute()["files"]
        assert bool(found) == (value == visibility)
    assert refusal(owner.files().list(q="visibility = 'wide'"))[:2] == (400, "invalid")


def test_me_stands_for_the_asking_user(owner: Any, file_id: str) -> None:
    found = owner.files().list(q="'me' in owners").execute()["files"]
    assert [file["id"] for file in found] == [file_id]


def test_no_order_in_a_full_text_search(owner: Any) -> None:
    """G: the error of the guide's own example."""
    status, reason, message = refusal(owner.files().list(q="fullText contains 'a'", orderBy="name"))
    assert (status, reason) == (400, "badRequest")
    assert message.startswith("Sorting is not supported for queries with fullText terms.")
