"""Google Drive through google-api-python-client.

Many small calls go as `/batch/drive/v3`, up to 50 in a request, and each has its own status (Drive
API guide, "Batch requests"). The client is built from the discovery document with our root in it:
so batches and uploads go there too, which the setting `api_endpoint` alone does not reach.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import orjson
from google_auth_httplib2 import AuthorizedHttp
from google_auth_httplib2 import Request as TokenRequest
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import BatchError, HttpError
from googleapiclient.http import BatchHttpRequest, MediaInMemoryUpload

from sync.errors import (
    BusyError,
    GoneError,
    HiddenError,
    PermanentError,
    SyncError,
    TransientError,
)
from sync.google.auth import DRIVE_SCOPE, Account
from sync.google.errors import make_error, translated
from sync.google.retry import retried
from sync.ports import DocumentCopy, DriveChanges, DriveFile, FileChange, Folder, Grant, Upload

FOLDER_TYPE = "application/vnd.google-apps.folder"
SPREADSHEET_TYPE = "application/vnd.google-apps.spreadsheet"

IDS_A_CALL = 1_000
"""Most ids that one `files.generateIds` gives (Drive API reference)."""

CALLS_A_BATCH = 50
"""Google takes 100 calls in a batch and advises 50 at most (Drive API guide)."""

PARENTS_A_SEARCH = 20
"""So many folders one search looks into: its address stays below 2,048 characters, beyond which
the client sends a POST in place of the GET."""

PAGE = 1_000
"""Most entries of a page of `files.list` and `changes.list`."""

SMALL_BYTES = 5_000_000
"""A larger file is uploaded in the resumable way (Drive API guide, "Upload file data")."""

CONTENT_KEY = "crmContent"
"""The app property that holds the hash of an uploaded file's content."""

FILE = (
    "id,name,mimeType,parents,trashed,driveId,appProperties,createdTime,modifiedTime,"
    "capabilities(canEdit,canAddChildren)"
)
"""What is asked of each file."""

NO_BATCHES = frozenset({404, 405, 501})
"""A server that takes no batches answers so; it gets the calls one by one."""

UNREADABLE = (BatchError, AttributeError, LookupError, TypeError, ValueError)
"""Raised by the client when the answer to a batch is not what it should be."""

EVERYWHERE = {"supportsAllDrives": True, "includeItemsFromAllDrives": True}

Thing = TypeVar("Thing")
Answer: TypeAlias = Any
"""What one call gives: decoded JSON, or the SyncError that it ended with."""


class _IdInUseError(PermanentError):
    """There is something under the id already."""


class _Batch(BatchHttpRequest):  # type: ignore[misc]  # it publishes no types
    """A batch that answers 401s with one new token, asked for over its own connections."""

    def _refresh_and_apply_credentials(self, _request: Any, http: AuthorizedHttp) -> None:
        if not self._refreshed_credentials:
            _sign_in(http)
            self._refreshed_credentials[id(http.credentials)] = 1


class GoogleDrive:
    """The drive port. One instance per thread."""

    def __init__(self, account: Account, endpoint: str | None = None) -> None:
        self.account = account.email
        self._http = account.http([DRIVE_SCOPE])
        document = _document(endpoint)
        self._drive: Any = build_from_document(document, http=self._http)
        self._batch_uri = f"{document['rootUrl']}{document['batchPath']}"
        self._takes_batches = True

    def close(self) -> None:
        """Close the connections."""
        self._drive.close()

    # Folders and files

    def generate_ids(self, count: int) -> Sequence[str]:
        """Return ids that new folders may be created under."""
        ids: list[str] = []
        while len(ids) < count:
            some = min(count - len(ids), IDS_A_CALL)
            request = self._drive.files().generateIds(count=some, space="drive", type="files")
            given = self._read("Drive ids", request).get("ids")
            if not given:
                raise _unreadable("Drive ids")
            ids += given
        return ids

    def make_folders(self, folders: Sequence[Folder]) -> Sequence[DriveFile | SyncError]:
        """Create folders under their ids; where one is there already, look at it instead."""
        made = self._each(
            [f"folder in {folder.parent}" for folder in folders],
            [
                self._drive.files().create(
                    body=_folder_body(folder), supportsAllDrives=True, fields=FILE
                )
                for folder in folders
            ],
        )
        there = [at for at, answer in enumerate(made) if isinstance(answer, _IdInUseError)]
        seen = dict(zip(there, self.look([folders[at].folder_id for at in there]), strict=True))
        return [
            _found(seen[at]) if at in seen else _as_file(answer, _folder_body(folder))
            for at, (folder, answer) in enumerate(zip(folders, made, strict=True))
        ]

    def look(self, file_ids: Sequence[str]) -> Sequence[DriveFile | SyncError]:
        """Return the files; GoneError in the place of one that cannot be seen."""
        files = self._drive.files()
        requests = [files.get(fileId=i, supportsAllDrives=True, fields=FILE) for i in file_ids]
        return [_as_file(answer) for answer in self._each(file_ids, requests)]

    def change(self, changes: Sequence[FileChange]) -> Sequence[DriveFile | SyncError]:
        """Rename, move, mark or trash files; return them as they are then."""
        requests = [
            self._drive.files().update(
                fileId=change.file_id,
                body=_change_body(change),
                **_move(change),
                supportsAllDrives=True,
                fields=FILE,
            )
            for change in changes
        ]
        answers = self._each([change.file_id for change in changes], requests)
        return [_as_file(answer) for answer in answers]

    def list_children(self, folder_ids: Sequence[str], drive_id: str | None) -> Sequence[DriveFile]:
        """Return what lies directly in the folders, which lie in that shared drive (or in none)."""
        found: list[DriveFile] = []
        for start in range(0, len(folder_ids), PARENTS_A_SEARCH):
            some = folder_ids[start : start + PARENTS_A_SEARCH]
            within = " or ".join(f"'{_escaped(folder)}' in parents" for folder in some)
            found += self._search(f"({within}) and trashed = false", drive_id)
        return found

    def _search(self, query: str, drive_id: str | None) -> Iterator[DriveFile]:
        """Yield what the query finds. A search that was not complete is a TransientError."""
        corpus = {"corpora": "drive", "driveId": drive_id} if drive_id else {}
        fields = f"nextPageToken,incompleteSearch,files({FILE})"
        token: str | None = None
        while True:
            request = self._drive.files().list(
                q=query, pageSize=PAGE, pageToken=token, fields=fields, **EVERYWHERE, **corpus
            )
            page = self._read("searching Drive", request)
            if page.get("incompleteSearch"):
                raise TransientError("searching Drive: the search was not complete")
            yield from map(_listed, page.get("files", ()))
            token = page.get("nextPageToken")
            if not token:
                return

    def copy(self, copies: Sequence[DocumentCopy]) -> Sequence[str | SyncError]:
        """Copy templates, never twice by itself; return the ids of the copies."""
        requests = [
            self._drive.files().copy(
                fileId=copy.template,
                body={
                    "name": copy.name,
                    "parents": [copy.parent],
                    "appProperties": dict(copy.properties),
                },
                supportsAllDrives=True,
                fields="id",
            )
            for copy in copies
        ]
        # A connection gone stale would leave open whether anything was copied: take a new one.
        self._http.http.close()
        answers: list[Answer] = []
        for start in range(0, len(requests), CALLS_A_BATCH):
            part = slice(start, start + CALLS_A_BATCH)
            what = [f"copying {copy.template}" for copy in copies[part]]
            try:
                answers += self._once(what, requests[part])
            except SyncError as error:
                answers += [error] * len(what)
        return [_field(answer, "id") for answer in answers]

    def upload_file(self, upload: Upload) -> str:
        """Put a file into a folder, unless one of that content is there; return that one's id.

        The content is known by its hash among the app properties. As Drive's searches lag, an
        upload of a moment ago is known by its id alone, which is in use then (Drive API guide,
        "Use a pregenerated ID to upload files").
        """
        digest = hashlib.sha256(upload.content).hexdigest()
        drive_id = _raised(self.look([upload.parent])[0]).drive_id
        for file in self.list_children([upload.parent], drive_id):
            if file.properties.get(CONTENT_KEY) == digest:
                return file.file_id
        body = {
            "id": upload.file_id,
            "name": upload.name,
            "parents": [upload.parent],
            "appProperties": {**upload.properties, CONTENT_KEY: digest},
        }
        media = MediaInMemoryUpload(
            upload.content,
            mimetype=upload.mime_type,
            resumable=len(upload.content) > SMALL_BYTES,
        )
        request = self._drive.files().create(
            body=body, media_body=media, supportsAllDrives=True, fields="id"
        )
        (answer,) = self._each([f"file in {upload.parent}"], [request])
        if isinstance(answer, _IdInUseError):
            self._check_uploaded(upload, digest)
        else:
            _raised(answer)
        return upload.file_id

    def _check_uploaded(self, upload: Upload, digest: str) -> None:
        """Raise PermanentError if something else is under the id; what cannot be seen was ours."""
        (found,) = self.look([upload.file_id])
        if isinstance(found, GoneError):
            return
        if _raised(found).properties.get(CONTENT_KEY) != digest:
            raise _IdInUseError(f"{upload.file_id} belongs to something else")

    def create_spreadsheet(self, title: str, parent: str | None) -> str:
        """Create an empty spreadsheet and return its id."""
        body = {"name": title, "mimeType": SPREADSHEET_TYPE}
        where = f"Drive root {parent}" if parent else "new spreadsheet"
        with translated(where, self.account):
            request = self._drive.files().create(
                body={**body, "parents": [parent]} if parent else body,
                supportsAllDrives=True,
                fields="id",
            )
            return _raised(_field(request.execute(), "id"))

    # Who may see them

    def grant(self, grants: Sequence[Grant]) -> Sequence[str | SyncError]:
        """Give rights, without notification mails; return the ids of the permissions."""
        requests = [
            self._drive.permissions().create(
                fileId=grant.file_id,
                body={"type": grant.kind, "role": grant.role, "emailAddress": grant.email},
                sendNotificationEmail=False,
                supportsAllDrives=True,
                fields="id",
            )
            for grant in grants
        ]
        what = [f"sharing {grant.file_id} with {grant.email}" for grant in grants]
        return [_field(answer, "id") for answer in self._each(what, requests)]

    def revoke(self, rights: Sequence[tuple[str, str]]) -> Sequence[SyncError | None]:
        """Take back rights, by file and permission id; one that is not there is taken back."""
        permissions = self._drive.permissions()
        requests = [
            permissions.delete(fileId=file_id, permissionId=right, supportsAllDrives=True)
            for file_id, right in rights
        ]
        answers = self._each([f"rights on {file_id}" for file_id, _ in rights], requests)
        failed = [a if isinstance(a, SyncError) else None for a in answers]
        return [None if isinstance(answer, GoneError) else answer for answer in failed]

    def share(self, file_id: str, email: str) -> None:
        """Let that person edit the file, without a notification mail."""
        _raised(self.grant([Grant(file_id, email, "writer", "user")])[0])

    # What has changed

    def start_token(self, drive_id: str | None) -> str:
        """Return the present end of a change log: of a shared drive, or the account's own."""
        log = {"driveId": drive_id} if drive_id else {}
        request = self._drive.changes().getStartPageToken(supportsAllDrives=True, **log)
        return _raised(_field(self._read(_log_name(drive_id), request), "startPageToken"))

    def read_changes(self, drive_id: str | None, token: str) -> DriveChanges:
        """Return what changed since the token in that log."""
        log = {"driveId": drive_id, "includeCorpusRemovals": True} if drive_id else {}
        fields = f"nextPageToken,newStartPageToken,changes(fileId,removed,file({FILE}))"
        files: dict[str, DriveFile] = {}
        gone: dict[str, None] = {}
        while True:
            request = self._drive.changes().list(
                pageToken=token, pageSize=PAGE, fields=fields, **EVERYWHERE, **log
            )
            page = self._read(_log_name(drive_id), request)
            for change in page.get("changes", ()):
                _note(change, files, gone)
            if "nextPageToken" not in page:
                end = _raised(_field(page, "newStartPageToken"))
                return DriveChanges(files, frozenset(gone), end)
            token = page["nextPageToken"]

    # Calls

    @retried
    def _read(self, what: str, request: Any) -> Mapping[str, Any]:
        """Return the answer to what may be asked twice."""
        with translated(what, self.account):
            answer = request.execute()
        if not isinstance(answer, Mapping):
            raise _unreadable(what)
        return answer

    def _each(self, what: Sequence[str], requests: Sequence[Any]) -> list[Answer]:
        """Return the answer to each of what may be asked twice, batch by batch.

        What fails for a time is tried again, with what it stood beside left in peace.
        """
        answers: list[Answer] = []
        for start in range(0, len(requests), CALLS_A_BATCH):
            part = slice(start, start + CALLS_A_BATCH)
            answers += self._patiently(what[part], requests[part])
        return answers

    def _patiently(self, what: Sequence[str], requests: Sequence[Any]) -> list[Answer]:
        settled: dict[int, Answer] = {}
        refused = False  # everything was, for the rate: then one call asks whether it is over

        @retried
        def send_the_rest() -> None:
            nonlocal refused
            while rest := [at for at in range(len(requests)) if at not in settled]:
                part = rest[:1] if refused else rest
                found = self._once([what[at] for at in part], [requests[at] for at in part])
                lasting = {
                    at: answer
                    for at, answer in zip(part, found, strict=True)
                    if not isinstance(answer, TransientError)
                }
                settled.update(lasting)
                refused = all(isinstance(answer, BusyError) for answer in found)
                if len(lasting) < len(part):
                    raise next(answer for answer in found if isinstance(answer, TransientError))

        try:
            send_the_rest()
        except SyncError as error:
            return [settled.get(at, error) for at in range(len(requests))]
        return [settled[at] for at in range(len(requests))]

    def _once(self, what: Sequence[str], requests: Sequence[Any]) -> list[Answer]:
        """Return the answer to each, asked once: alone, or as one batch.

        Raises SyncError if the batch itself failed.
        """
        if self._takes_batches and len(requests) > 1:
            answers = self._batch(what, requests)
            if answers is not None:
                return answers
            self._takes_batches = False
        return [self._alone(*pair) for pair in zip(what, requests, strict=True)]

    def _alone(self, what: str, request: Any) -> Answer:
        try:
            with translated(what, self.account):
                try:
                    return request.execute()
                except HttpError as error:
                    return self._refused(what, error)
        except SyncError as error:
            return error

    def _batch(self, what: Sequence[str], requests: Sequence[Any]) -> list[Answer] | None:
        """Return the answers to one batch; None where the server takes no batches."""
        answers: list[Answer] = [None] * len(requests)

        def receive(request_id: str, response: Answer, error: HttpError | None) -> None:
            at = int(request_id)
            answers[at] = self._refused(what[at], error) if error else response

        batch = _Batch(callback=receive, batch_uri=self._batch_uri)
        for at, request in enumerate(requests):
            batch.add(request, request_id=str(at))
        with translated("batch", self.account):
            if not self._http.credentials.valid:
                _sign_in(self._http)
            try:
                batch.execute(http=self._http)
            except UNREADABLE as error:
                raise _unreadable("batch") from error
            except HttpError as error:
                if int(error.resp.status) in NO_BATCHES:
                    return None
                raise
        return answers

    def _refused(self, what: str, error: HttpError) -> SyncError:
        if int(error.resp.status) == 409:
            return _IdInUseError(f"{what}: there is something under that id already")
        status = int(error.resp.status)
        return make_error(status, error.content, what, self.account, error.resp)


def _sign_in(http: AuthorizedHttp) -> None:
    """Get a new token. The client would do so over a connection that it leaves open."""
    http.credentials.refresh(TokenRequest(http.http))


def _document(endpoint: str | None) -> Mapping[str, Any]:
    """Return the discovery document of Drive, its root being the endpoint."""
    document: dict[str, Any] = orjson.loads(get_static_doc("drive", "v3"))
    if endpoint:
        document["rootUrl"] = f"{endpoint.rstrip('/')}/"
    return document


# ── What is sent and what comes back ─────────────────────────────────────────────────────────────


def _folder_body(folder: Folder) -> Mapping[str, Any]:
    return {
        "id": folder.folder_id,
        "name": folder.name,
        "mimeType": FOLDER_TYPE,
        "parents": [folder.parent],
        "appProperties": dict(folder.properties),
    }


def _change_body(change: FileChange) -> Mapping[str, Any]:
    wanted = {
        "name": change.name,
        "trashed": change.trashed,
        "appProperties": dict(change.properties) if change.properties is not None else None,
    }
    return {key: value for key, value in wanted.items() if value is not None}


def _move(change: FileChange) -> Mapping[str, str]:
    if change.parent is None:
        return {}
    removed = {"removeParents": change.old_parent} if change.old_parent else {}
    return {"addParents": change.parent, **removed}


def read_file(item: Mapping[str, Any]) -> DriveFile:
    """Return a file resource as a value; what is not in it is taken for the usual."""
    parents = item.get("parents") or [None]
    is_folder = item.get("mimeType") == FOLDER_TYPE
    may = item.get("capabilities", {})
    return DriveFile(
        file_id=str(item["id"]),
        name=str(item.get("name", "")),
        is_folder=is_folder,
        parent=parents[0],
        trashed=bool(item.get("trashed")),
        drive_id=item.get("driveId"),
        writable=bool(may.get("canAddChildren" if is_folder else "canEdit", True)),
        properties=dict(item.get("appProperties", {})),
        created=str(item.get("createdTime", "")),
        modified=str(item.get("modifiedTime", "")),
    )


def _as_file(answer: Answer, asked: Mapping[str, Any] | None = None) -> DriveFile | SyncError:
    """Return the file; of one that was just made, what the answer leaves out is as asked for."""
    if isinstance(answer, SyncError):
        return answer
    try:
        return read_file({**(asked or {}), **answer})
    except UNREADABLE:
        return _unreadable("a file")


def _found(answer: DriveFile | SyncError) -> DriveFile | SyncError:
    """Return what a look at an id in use gave; what is there cannot be gone."""
    return HiddenError(str(answer)) if isinstance(answer, GoneError) else answer


def _field(answer: Answer, key: str) -> str | SyncError:
    if isinstance(answer, SyncError):
        return answer
    try:
        return str(answer[key])
    except UNREADABLE:
        return _unreadable(key)


def _listed(item: Any) -> DriveFile:
    return _raised(_as_file(item))


def _raised(answer: Thing | SyncError) -> Thing:
    if isinstance(answer, SyncError):
        raise answer
    return answer


def _unreadable(what: str) -> TransientError:
    return TransientError(f"{what}: the answer cannot be read")


def _note(change: Mapping[str, Any], files: dict[str, DriveFile], gone: dict[str, None]) -> None:
    """Note the latest that is said of a file; one that left the log may still be seen."""
    file_id = str(change.get("fileId", ""))
    files.pop(file_id, None)
    gone.pop(file_id, None)
    if item := change.get("file"):
        files[file_id] = _listed({"id": file_id, **item})
    elif file_id:
        gone[file_id] = None


def _log_name(drive_id: str | None) -> str:
    return f"changes of shared drive {drive_id}" if drive_id else "changes of My Drive"


def _escaped(text: str) -> str:
    """Return the text as a search query wants it in quotes (Drive API guide, "Search query")."""
    return text.replace("\\", "\\\\").replace("'", "\\'")
