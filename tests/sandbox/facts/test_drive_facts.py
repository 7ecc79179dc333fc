"""Drive: what is documented (D, G) or recorded (R). Each docstring quotes its fact.

More of them are tried in tests/contract, which runs against Google, too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import requests
from googleapiclient.errors import HttpError

from sandbox.server import Box

Api = Callable[..., requests.Response]
Control = Callable[..., Any]

FOLDER = "application/vnd.google-apps.folder"
MANAGER = "manager1@example.com"
ALL = {"supportsAllDrives": True}


@pytest.fixture
def owner(drive_as: Callable[[str], Any]) -> Any:
    return drive_as(MANAGER)


def status_of(call: Any) -> int:
    with pytest.raises(HttpError) as refused:
        call.execute()
    return int(refused.value.resp.status)


def test_quota_in_units(control: Control, api: Api) -> None:
    """G: "Quota in units: 1,000,000 a minute a project, 325,000 a user; get 5, list 100, update 50
    (G, 2026). Over it: 403 or 429"."""
    limits = control("POST", "quotas", google=True)["limits"]
    assert limits["DriveUnitsPerMinutePerProject"] == 1_000_000
    assert limits["DriveUnitsPerMinutePerUser"] == 325_000
    made = api("POST", "/drive/v3/files", json={}).json()["id"]
    api("GET", f"/drive/v3/files/{made}")
    api("GET", "/drive/v3/files")
    api("PATCH", f"/drive/v3/files/{made}", json={"name": "x"})
    costs = {entry["method"]: entry["quota_cost"] for entry in control("GET", "log")["entries"]}
    assert costs == {
        "drive.files.create": 50,
        "drive.files.get": 5,
        "drive.files.list": 100,
        "drive.files.update": 50,
    }
    control("POST", "quotas", limits={"DriveUnitsPerMinutePerUser": 104})
    assert api("GET", "/drive/v3/files").status_code == 200
    over = api("GET", f"/drive/v3/files/{made}")
    assert over.status_code == 403
    (item,) = over.json()["error"]["errors"]
    assert (item["reason"], item["domain"]) == ("userRateLimitExceeded", "usageLimits")
    assert api("GET", "/drive/v3/files", user="lead@example.com").status_code == 200


def test_created_once(owner: Any) -> None:
    """G: "`files.generateIds` ids work for folders (not for Docs or Sheets); creating again with
    the same id gives **409** `fileIdInUse`, so a folder is created exactly once if its id is
    recorded first"; "After a 409, `get` it: it may be trashed or elsewhere"."""
    (file_id,) = owner.files().generateIds(count=1).execute()["ids"]
    owner.files().create(body={"id": file_id, "mimeType": FOLDER}).execute()
    owner.files().update(fileId=file_id, body={"trashed": True}).execute()
    assert status_of(owner.files().create(body={"id": file_id, "mimeType": FOLDER})) == 409
    assert owner.files().get(fileId=file_id, fields="trashed").execute() == {"trashed": True}


def test_push_channels(owner: Any, box: Box) -> None:
    """D: "Push channels: default life 3,600 s, at most 86,400 (files) or 604,800 (changes), never
    renewed by themselves, HTTPS only"."""
    box.world.clock.freeze()
    hook = {"id": "c", "type": "web_hook", "address": "https://example.com/hook"}
    made = owner.changes().watch(pageToken="1", body=hook).execute()
    lives = (int(made["expiration"]) - int(box.world.clock.now().timestamp() * 1000)) / 1000
    assert lives == pytest.approx(3_600, abs=1)
    short = {**hook, "id": "d", "params": {"ttl": "60"}}
    made = owner.changes().watch(pageToken="1", body=short).execute()
    box.world.clock.advance(61)
    stopped = {"id": "d", "resourceId": made["resourceId"]}
    assert status_of(owner.channels().stop(body=stopped)) == 404, "it has ended by itself"
    plain = {**hook, "address": "http://example.com/hook"}
    assert status_of(owner.changes().watch(pageToken="1", body=plain)) == 400


def test_change_tokens_do_not_expire(owner: Any, box: Box) -> None:
    """D: "Change page tokens do not expire"."""
    token = owner.changes().getStartPageToken().execute()["startPageToken"]
    made = owner.files().create(body={}).execute()["id"]
    box.world.clock.advance(3_500)
    (change,) = owner.changes().list(pageToken=token).execute()["changes"]
    assert change["fileId"] == made


def test_sharing_notifies(owner: Any, box: Box) -> None:
    """D: "`sendNotificationEmail` is on by default"."""
    file_id = owner.files().create(body={}).execute()["id"]
    body = {"type": "user", "role": "reader", "emailAddress": "lead@example.com"}
    owner.permissions().create(fileId=file_id, body=body, sendNotificationEmail=False).execute()
    assert box.world.drive.notifications == []
    owner.permissions().create(fileId=file_id, body=body).execute()
    assert [note["to"] for note in box.world.drive.notifications] == ["lead@example.com"]


def test_the_last_change_of_a_permission_applies(owner: Any) -> None:
    """D: "concurrent changes on one file, only the last applies"."""
    file_id = owner.files().create(body={}).execute()["id"]
    body = {"type": "user", "emailAddress": "lead@example.com"}
    for role in ("writer", "commenter", "reader"):
        owner.permissions().create(fileId=file_id, body={**body, "role": role}).execute()
    rights = owner.permissions().list(fileId=file_id).execute()["permissions"]
    assert [right["role"] for right in rights] == ["owner", "reader"]


def test_shared_drives_are_asked_for(drive: Any, box: Box) -> None:
    """D: "Shared drives need `supportsAllDrives=true` and `includeItemsFromAllDrives=true` (default
    false)"."""
    body = {"name": "f", "mimeType": FOLDER, "parents": [box.world.drive.shared_drive_id]}
    assert status_of(drive.files().create(body=body)) == 404
    made = drive.files().create(body=body, **ALL).execute()["id"]
    assert status_of(drive.files().get(fileId=made)) == 404
    assert drive.files().list(**ALL).execute()["files"] == []
    found = drive.files().list(includeItemsFromAllDrives=True, **ALL).execute()["files"]
    assert [file["id"] for file in found] == [made]


def test_a_service_account_owns_no_storage(drive: Any, drive_as: Callable[[str], Any]) -> None:
    """P: "it can create folders in somebody's folder, but files only in a shared drive (403
    `storageQuotaExceeded` otherwise)"."""
    owner = drive_as(MANAGER)
    folder = owner.files().create(body={"name": "f", "mimeType": FOLDER}).execute()["id"]
    account = drive.about().get(fields="user/emailAddress").execute()["user"]["emailAddress"]
    right = {"type": "user", "role": "writer", "emailAddress": account}
    owner.permissions().create(fileId=folder, body=right).execute()
    inside = {"name": "x", "parents": [folder]}
    drive.files().create(body={**inside, "mimeType": FOLDER}).execute()
    with pytest.raises(HttpError) as refused:
        drive.files().create(body=inside).execute()
    assert refused.value.error_details[0]["reason"] == "storageQuotaExceeded"


ERRORS = [
    ("GET", "/drive/v3/files/missing", 404, "notFound", "global"),
    ("GET", "/drive/v3/files?pageToken=junk", 400, "invalid", "global"),
    ("GET", "/gmail/v1/users/me/messages/ffff", 404, "notFound", "global"),
    ("GET", "/gmail/v1/users/me/messages?labelIds=X", 400, "invalidArgument", "global"),
]


@pytest.mark.parametrize(("method", "path", "status", "reason", "domain"), ERRORS)
def test_form_of_errors(
    api: Api, method: str, path: str, status: int, reason: str, domain: str
) -> None:
    """R: "Drive and Gmail: `{"error": {"errors": [{"domain", "reason", "message", …}], "code",
    "message"}}`. 404 `notFound`"."""
    answer = api(method, path)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, status)
    (item,) = error["errors"]
    assert (item["reason"], item["domain"]) == (reason, domain)
    assert item["message"] == error["message"]


def test_reasons_of_403(
    api: Api,
    control: Control,
    drive_as: Callable[[str], Any],
    token_of: Callable[..., str],
    box: Box,
) -> None:
    """R: "403 `userRateLimitExceeded` / `rateLimitExceeded` (domain `usageLimits`),
    `insufficientPermissions`, `insufficientFilePermissions`"; "401 `authError`"."""
    control("POST", "faults", kind="rate", method="drive.*")
    (item,) = api("GET", "/drive/v3/files").json()["error"]["errors"]
    assert (item["reason"], item["domain"]) == ("userRateLimitExceeded", "usageLimits")
    control("POST", "quotas", limits={"DriveUnitsPerMinutePerProject": 0})
    (item,) = api("GET", "/drive/v3/files").json()["error"]["errors"]
    assert (item["reason"], item["domain"]) == ("rateLimitExceeded", "usageLimits")
    control("POST", "quotas")
    narrow = token_of(MANAGER, "https://www.googleapis.com/auth/gmail.readonly")
    answer = api("GET", "/drive/v3/files", headers={"authorization": f"Bearer {narrow}"})
    assert answer.json()["error"]["errors"][0]["reason"] == "insufficientPermissions"
    file_id = drive_as(MANAGER).files().create(body={}).execute()["id"]
    right = {"type": "user", "role": "reader", "emailAddress": "lead@example.com"}
    drive_as(MANAGER).permissions().create(fileId=file_id, body=right).execute()
    answer = api("PATCH", f"/drive/v3/files/{file_id}", json={"name": "x"}, user="lead@example.com")
    assert answer.json()["error"]["errors"][0]["reason"] == "insufficientFilePermissions"
    answer = api("GET", "/drive/v3/files", headers={"authorization": "Bearer junk"})
    assert answer.status_code == 401
    assert answer.json()["error"]["errors"][0]["reason"] == "authError"


def test_a_lost_create_shows_as_409(
    owner: Any, control: Control, box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    """C: "`httplib2` is not thread-safe, and repeats a request by itself when the connection drops,
    a POST too (C, run: one lost answer, two requests at the server): a lost create shows as a
    409"."""
    caplog.set_level(logging.CRITICAL)
    (file_id,) = owner.files().generateIds(count=1).execute()["ids"]
    control("POST", "faults", kind="close", when="after", method="drive.files.create")
    call = owner.files().create(body={"id": file_id, "mimeType": FOLDER})
    assert status_of(call) == 409
    statuses = [entry["status"] for entry in box.world.log.select(method="drive.files.create")]
    assert statuses == [0, 409]
