"""Drive in a rehearsal: what is read is real, what would be done is noted, nothing is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.changes import Rehearsal
from sync.errors import SyncError
from sync.ports import (
    DocumentCopy,
    DriveChanges,
    DriveFile,
    FileChange,
    Folder,
    FoldersPort,
    Grant,
    Upload,
)


@dataclass(frozen=True)
class RehearsedDrive:
    """The folders port of `crm plan`."""

    drive: FoldersPort
    rehearsal: Rehearsal

    @property
    def account(self) -> str:
        """Whom people share folders with for the worker to see them."""
        return self.drive.account

    def generate_ids(self, count: int) -> Sequence[str]:
        """Return stand-ins."""
        return self.rehearsal.generate_ids(count)

    def make_folders(self, folders: Sequence[Folder]) -> Sequence[DriveFile | SyncError]:
        """Note the folders; return them as if they were there."""
        self.rehearsal.folders += folders
        return [
            _writable(folder.folder_id, folder.name, folder.parent, folder.properties)
            for folder in folders
        ]

    def look(self, file_ids: Sequence[str]) -> Sequence[DriveFile | SyncError]:
        """Return the files."""
        return self.drive.look(file_ids)

    def change(self, changes: Sequence[FileChange]) -> Sequence[DriveFile | SyncError]:
        """Note the changes; return the files as if they were done."""
        self.rehearsal.drive += changes
        return [
            _writable(change.file_id, change.name or "", change.parent, change.properties or {})
            for change in changes
        ]

    def grant(self, grants: Sequence[Grant]) -> Sequence[str | SyncError]:
        """Note the rights."""
        self.rehearsal.drive += grants
        return [grant.email for grant in grants]

    def revoke(self, rights: Sequence[tuple[str, str]]) -> Sequence[SyncError | None]:
        """Do nothing."""
        return [None] * len(rights)

    def list_children(self, folder_ids: Sequence[str], drive_id: str | None) -> Sequence[DriveFile]:
        """Return what lies directly in the folders."""
        return self.drive.list_children(folder_ids, drive_id)

    def copy(self, copies: Sequence[DocumentCopy]) -> Sequence[str | SyncError]:
        """Note the copies."""
        self.rehearsal.drive += copies
        return [f"NEW-COPY-{number}" for number, _ in enumerate(copies, 1)]

    def start_token(self, drive_id: str | None) -> str:
        """Return the present end of a change log."""
        return self.drive.start_token(drive_id)

    def read_changes(self, drive_id: str | None, token: str) -> DriveChanges:
        """Return what changed since the token in that log."""
        return self.drive.read_changes(drive_id, token)

    def upload_file(self, upload: Upload) -> str:
        """Note the file."""
        copy = DocumentCopy("", upload.name, upload.parent, upload.properties)
        self.rehearsal.drive.append(copy)
        return upload.file_id


def _writable(
    file_id: str, name: str, parent: str | None, properties: Mapping[str, str]
) -> DriveFile:
    return DriveFile(
        file_id=file_id,
        name=name,
        is_folder=True,
        parent=parent,
        trashed=False,
        drive_id=None,
        writable=True,
        properties=properties,
    )
