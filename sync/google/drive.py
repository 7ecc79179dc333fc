"""Google Drive through google-api-python-client."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaInMemoryUpload

from sync.errors import PermanentError
from sync.google.auth import DRIVE_SCOPE, Account
from sync.google.errors import reasons_of, translated
from sync.google.retry import retried
from sync.ports import Folder

FOLDER_TYPE = "application/vnd.google-apps.folder"
SPREADSHEET_TYPE = "application/vnd.google-apps.spreadsheet"

CONTENT_KEY = "crmContent"
"""App property of an uploaded file: the SHA-256 of its content."""

IDS_A_CALL = 1_000
"""Most ids that one `files.generateIds` gives (Drive API reference)."""


class GoogleDrive:
    """The drive port. One instance per thread."""

    def __init__(self, account: Account, endpoint: str | None = None) -> None:
        # The client puts its own service path only behind its own root.
        options = {"api_endpoint": f"{endpoint.rstrip('/')}/drive/v3/"} if endpoint else None
        self._drive: Any = build(
            "drive",
            "v3",
            http=account.http([DRIVE_SCOPE]),
            client_options=options,
            static_discovery=True,
            cache_discovery=False,
        )
        self._account = account.email
        self._plain_http = bool(endpoint) and str(endpoint).startswith("http://")

    def close(self) -> None:
        """Close the connections."""
        self._drive.close()

    def generate_ids(self, count: int) -> Sequence[str]:
        """Return ids that new folders may be created under."""
        ids: list[str] = []
        while len(ids) < count:
            ids += self._generate(min(count - len(ids), IDS_A_CALL))
        return ids

    @retried
    def _generate(self, count: int) -> Sequence[str]:
        with translated("Drive ids", self._account):
            found = self._drive.files().generateIds(count=count, space="drive", type="files")
            ids: list[str] = found.execute()["ids"]
            return ids

    @retried
    def make_folder(self, folder: Folder) -> None:
        """Create the folder under its id, or find it made already.

        Raises PermanentError if something else has that id, or it is in the trash.
        """
        body = {
            "id": folder.folder_id,
            "name": folder.name,
            "mimeType": FOLDER_TYPE,
            "parents": [folder.parent],
            "appProperties": dict(folder.properties),
        }
        with translated(f"folder in {folder.parent}", self._account):
            request = self._drive.files().create(body=body, supportsAllDrives=True, fields="id")
            try:
                request.execute()
            except HttpError as error:
                if error.resp.status != 409 or "fileIdInUse" not in reasons_of(error.content):
                    raise
                self._confirm(folder)

    def _confirm(self, folder: Folder) -> None:
        found = (
            self._drive.files()
            .get(
                fileId=folder.folder_id,
                supportsAllDrives=True,
                fields="trashed,parents,appProperties",
            )
            .execute()
        )
        if found.get("trashed"):
            raise PermanentError(f"folder {folder.folder_id} is in the trash")
        if found.get("appProperties", {}) != dict(folder.properties):
            raise PermanentError(f"folder {folder.folder_id} belongs to something else")

    def upload_file(
        self, parent: str, name: str, content: bytes, mime: str, properties: Mapping[str, str]
    ) -> str:
        """Put a file into a folder, unless one of that content is there; return its id."""
        digest = hashlib.sha256(content).hexdigest()
        if known := self._find_content(parent, digest):
            return known
        body = {
            "name": name,
            "parents": [parent],
            "appProperties": {**properties, CONTENT_KEY: digest},
        }
        # The client would send uploads by https, whatever the endpoint: its own URL is used.
        media = MediaInMemoryUpload(content, mime, resumable=False)
        with translated(f"file in {parent}", self._account):
            request = self._drive.files().create(
                body=body, media_body=media, supportsAllDrives=True, fields="id"
            )
            if self._plain_http:
                request.uri = request.uri.replace("https://", "http://", 1)
            return str(request.execute()["id"])

    @retried
    def _find_content(self, parent: str, digest: str) -> str:
        query = (
            f"'{parent}' in parents and trashed = false and "
            f"appProperties has {{ key='{CONTENT_KEY}' and value='{digest}' }}"
        )
        with translated(f"files in {parent}", self._account):
            found = self._drive.files().list(
                q=query,
                fields="files(id)",
                supportsAllDrives=True,
                includeItemsFromAllDrives=True,
            )
            files = found.execute().get("files", ())
            return str(files[0]["id"]) if files else ""

    def create_spreadsheet(self, title: str, parent: str | None) -> str:
        """Create an empty spreadsheet and return its id."""
        body = {"name": title, "mimeType": SPREADSHEET_TYPE}
        where = f"Drive root {parent}" if parent else "new spreadsheet"
        with translated(where, self._account):
            request = self._drive.files().create(
                body={**body, "parents": [parent]} if parent else body,
                supportsAllDrives=True,
                fields="id",
            )
            file_id: str = request.execute()["id"]
            return file_id

    def share(self, file_id: str, email: str) -> None:
        """Let that person edit the file, without a notification mail."""
        with translated(f"sharing {file_id} with {email}", self._account):
            self._drive.permissions().create(
                fileId=file_id,
                body={"type": "user", "role": "writer", "emailAddress": email},
                sendNotificationEmail=False,
                supportsAllDrives=True,
                fields="id",
            ).execute()
