"""Facts about Drive. Each docstring quotes its fact."""

from __future__ import annotations

import io
from typing import Any

import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseDownload, MediaIoBaseUpload

from tests.contract.conftest import LIVE, RETRIES, Google, Run, reason, refusal, run

FOLDER = "application/vnd.google-apps.folder"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
ALL = {"supportsAllDrives": True}
EVERYWHERE = {"includeItemsFromAllDrives": True, **ALL}


@pytest.fixture
def files(google: Google) -> Any:
    return google.drive.files()


def folder(google: Google, name: str = "f", **more: Any) -> Any:
    body = {
        "name": name,
        "mimeType": FOLDER,
        "parents": [google.scratch.folder_id],
        **more,
    }
    return google.drive.files().create(body=body, fields="id", **ALL)


def names(google: Google, query: str) -> list[str]:
    place = f"'{google.scratch.folder_id}' in parents and "
    found = run(google.drive.files().list(q=place + query, **EVERYWHERE))
    return sorted(file["name"] for file in found["files"])


def test_an_id_makes_one_folder(google: Google, files: Any) -> None:
    """G, P: "`files.generateIds` ids work for folders (not for Docs or Sheets); creating again with
    the same id gives **409** `fileIdInUse`"."""
    folder_id, other_id = run(files.generateIds(count=2, type="files"))["ids"]
    assert run(folder(google, id=folder_id))["id"] == folder_id
    assert reason(folder(google, id=folder_id)) == (409, "fileIdInUse")
    assert refusal(folder(google, id=other_id, mimeType=SPREADSHEET))[0] == 400
    got = run(files.get(fileId=folder_id, fields="trashed,parents", **ALL))
    assert got == {"trashed": False, "parents": [google.scratch.folder_id]}


def test_names_repeat_and_the_trash_is_listed(google: Google, files: Any) -> None:
    """P: "Names are not unique; trashed files are listed unless `trashed=false`"."""
    first, _ = (run(folder(google, "twin"))["id"] for _ in "ab")
    run(files.update(fileId=first, body={"trashed": True}, **ALL))
    assert names(google, "name = 'twin'") == ["twin", "twin"]
    assert names(google, "name = 'twin' and trashed = false") == ["twin"]


def test_one_parent(google: Google, files: Any) -> None:
    """P: "one parent a file"."""
    other = run(folder(google, "other"))["id"]
    two = folder(google, parents=[google.scratch.folder_id, other])
    assert refusal(two)[0] in (400, 403)


@pytest.mark.parametrize("name", ["O'Reilly", 'back\\slash "quoted"', "Ёлка"])
def test_escapes_in_q(google: Google, name: str) -> None:
    """P: "In `q`, escape `'` and `\\`"."""
    run(folder(google, name))
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    assert names(google, f"name = '{escaped}'") == [name]


@pytest.mark.parametrize("query", ["name = ", "name = 'a", "nonsense = 'a'", "name ~ 'a'"])
def test_malformed_q(files: Any, query: str) -> None:
    """G: a query that is not of the grammar is refused with 400 `invalid`."""
    assert reason(files.list(q=query)) == (400, "invalid")


def test_limits_of_app_properties(google: Google) -> None:
    """P: "`appProperties`: at most 124 bytes for key and value together, 30 an app"."""
    run(folder(google, appProperties={"k": "v" * 123}))
    assert refusal(folder(google, appProperties={"k": "v" * 124}))[0] in (400, 403)
    run(folder(google, appProperties={f"k{number}": "v" for number in range(30)}))
    many = {f"k{number}": "v" for number in range(31)}
    assert refusal(folder(google, appProperties=many))[0] in (400, 403)


def test_shared_drives_must_be_asked_for(google: Google, files: Any) -> None:
    """D: "Shared drives need `supportsAllDrives=true` and `includeItemsFromAllDrives=true` (default
    false)"."""
    made = run(folder(google, "shared"))["id"]
    if "driveId" not in run(files.get(fileId=made, fields="driveId", **ALL)):
        pytest.skip("CRM_DRIVE_ROOT is in no shared drive")
    assert reason(files.get(fileId=made)) == (404, "notFound")
    query = f"'{google.scratch.folder_id}' in parents"
    assert run(files.list(q=query))["files"] == []
    assert run(files.list(q=query, **EVERYWHERE))["files"] != []


def test_change_tokens(google: Google) -> None:
    """D: changes are listed from a token on; the last page has `newStartPageToken`."""
    changes = google.drive.changes()
    token = run(changes.getStartPageToken(**ALL))["startPageToken"]
    page = run(changes.list(pageToken=token, **EVERYWHERE))
    assert "newStartPageToken" in page or "nextPageToken" in page
    assert refusal(changes.list(pageToken="junk"))[0] == 400


def test_push_only_to_https(google: Google) -> None:
    """D, P: "HTTPS only"."""
    body = {"id": "contract-suite", "type": "web_hook", "address": "http://example.com/hook"}
    call = google.drive.files().watch(fileId=google.scratch.folder_id, body=body, **ALL)
    status, error = refusal(call)
    assert status in (400, 401)
    assert "webhookUrl" in error["errors"][0]["reason"]


def test_brief_answers(google: Google, files: Any) -> None:
    """G: without `fields` a file is kind, id, name and mimeType, and its shared drive."""
    got = run(files.get(fileId=google.scratch.folder_id, **ALL))
    assert {"kind", "id", "name", "mimeType"} <= got.keys()
    assert got.keys() <= {"kind", "id", "name", "mimeType", "driveId", "teamDriveId"}


def test_about_demands_fields(google: Google) -> None:
    """D: `fields` must be set for this method."""
    assert refusal(google.drive.about().get())[0] == 400
    assert run(google.drive.about().get(fields="user/me")) == {"user": {"me": True}}


def test_not_writable(google: Google, files: Any) -> None:
    """R: 403 `fieldNotWritable` for what Google computes, and for `parents` in an update."""
    made = run(folder(google))["id"]
    for body in ({"webViewLink": "x"}, {"parents": [google.scratch.folder_id]}):
        call = files.update(fileId=made, body=body, **ALL)
        assert reason(call) == (403, "fieldNotWritable")


def test_csv_of_a_sheet(google: Google, files: Any) -> None:
    """G: the first sheet as CSV, CRLF between rows and none at the end; other types are refused."""
    book = google.scratch.spreadsheet_id
    google.values.update(
        spreadsheetId=book,
        range="A1:B2",
        body={"values": [["a", "b,c"], ["", "d"]]},
        valueInputOption="RAW",
    ).execute()
    content = run(files.export(fileId=book, mimeType="text/csv"))
    assert content.replace(b"\r\n", b"\n").strip() == b'a,"b,c"\n,d'
    call = files.export(fileId=google.scratch.folder_id, mimeType="text/csv")
    assert refusal(call)[0] == 403


def test_moving(google: Google, files: Any) -> None:
    """D: `addParents` with `removeParents` moves."""
    target, made = run(folder(google, "target"))["id"], run(folder(google, "moved"))["id"]
    parents = {"addParents": target, "removeParents": google.scratch.folder_id}
    got = run(files.update(fileId=made, fields="parents", **parents, **ALL))
    assert got == {"parents": [target]}


class TestBatch:
    def send(self, google: Google, whole_run: Run, count: int) -> list[int]:
        """The statuses of so many calls in one batch; the last of them names no file."""
        statuses: list[int] = []
        # A batch that has to ask for a token first leaves that connection open.
        run(google.drive.files().get(fileId=google.scratch.folder_id, **ALL))

        def note(_id: str, _answer: Any, error: HttpError | None) -> None:
            statuses.append(int(error.resp.status) if error else 200)

        batch = google.drive.new_batch_http_request(callback=note)
        if endpoint := whole_run.settings.drive_endpoint:
            batch._batch_uri = f"{endpoint}/batch/drive/v3"
        for _ in range(count - 1):
            batch.add(google.drive.files().get(fileId=google.scratch.folder_id, **ALL))
        batch.add(google.drive.files().get(fileId="nothing", **ALL))
        batch.execute()
        return statuses

    def test_each_part_has_its_own_status(self, google: Google, whole_run: Run) -> None:
        """G: "each part has its own status inside a 200"."""
        assert self.send(google, whole_run, 3) == [200, 200, 404]

    def test_a_hundred_parts_at_most(self, google: Google, whole_run: Run) -> None:
        """G, R: "Batch: 100 parts at most"."""
        with pytest.raises(HttpError) as refused:
            self.send(google, whole_run, 101)
        assert refused.value.resp.status == 400
        assert "Inner request count exceeds the limit" in str(refused.value)


def test_storage(google: Google, files: Any) -> None:
    """P: "A service account owns no storage: … files only in a shared drive (403
    `storageQuotaExceeded` otherwise)"."""
    about = run(google.drive.about().get(fields="storageQuota"))["storageQuota"]
    if int(about.get("limit", 1)):
        pytest.skip("this account has storage of its own")
    call = files.create(body={"name": "mine", "mimeType": "text/plain"})
    assert reason(call) == (403, "storageQuotaExceeded")


def test_an_upload_in_chunks(google: Google, files: Any) -> None:
    """G: an upload tells how far it is by 308, and gives the file in the end."""
    content = bytes(300_000)
    media = MediaIoBaseUpload(io.BytesIO(content), "image/png", chunksize=262_144, resumable=True)
    body = {"name": "big.png", "parents": [google.scratch.folder_id]}
    call = files.create(body=body, media_body=media, fields="size,mimeType", **ALL)
    if not LIVE:  # the client takes https for uploads whatever its endpoint
        call.uri = call.uri.replace("https://", "http://")
    progress, made = call.next_chunk(num_retries=RETRIES)
    assert (progress.resumable_progress, made) == (262_144, None)
    _, made = call.next_chunk(num_retries=RETRIES)
    assert made == {"size": "300000", "mimeType": "image/png"}


def test_part_of_a_content(google: Google, files: Any) -> None:
    """G: a download with a range is 206."""
    media = MediaIoBaseUpload(io.BytesIO(b"0123456789"), "text/plain")
    body = {"name": "digits", "parents": [google.scratch.folder_id]}
    call = files.create(body=body, media_body=media, fields="id", **ALL)
    if not LIVE:
        call.uri = call.uri.replace("https://", "http://")
    made = run(call)["id"]
    sink = io.BytesIO()
    download = MediaIoBaseDownload(sink, files.get_media(fileId=made, **ALL), chunksize=4)
    status, done = download.next_chunk(num_retries=RETRIES)
    assert (sink.getvalue(), status.total_size, done) == (b"0123", 10, False)
