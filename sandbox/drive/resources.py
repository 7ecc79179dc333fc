"""Drive's resources as JSON, whole; the ``fields`` mask cuts them afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from sandbox.calls import Json
from sandbox.drive import refusals
from sandbox.drive.model import (
    FOLDER,
    GOOGLE_TYPES,
    ROLES,
    SPREADSHEET,
    Change,
    File,
    Permission,
    SharedDrive,
)
from sandbox.drive.state import DriveState
from sandbox.people import PRINCIPALS

_FILE_BRIEF = "kind,id,name,mimeType,driveId,teamDriveId"
_PERMISSION_BRIEF = "kind,id,type,role"

DEFAULT_FIELDS: Mapping[str, str] = {
    "drive.files.create": _FILE_BRIEF,
    "drive.files.copy": _FILE_BRIEF,
    "drive.files.get": _FILE_BRIEF,
    "drive.files.update": _FILE_BRIEF,
    "drive.files.list": f"kind,nextPageToken,incompleteSearch,files({_FILE_BRIEF})",
    "drive.permissions.create": _PERMISSION_BRIEF,
    "drive.permissions.get": _PERMISSION_BRIEF,
    "drive.permissions.update": _PERMISSION_BRIEF,
    "drive.permissions.list": f"kind,nextPageToken,permissions({_PERMISSION_BRIEF})",
    "drive.drives.get": "kind,id,name",
    "drive.drives.list": "kind,nextPageToken,drives(kind,id,name)",
    "drive.changes.list": (
        "kind,nextPageToken,newStartPageToken,"
        f"changes(kind,type,changeType,time,removed,fileId,driveId,file({_FILE_BRIEF}))"
    ),
}
"""What comes back when no ``fields`` are asked for."""

NEEDS_FIELDS = frozenset(
    {
        "drive.about.get",
        *(f"drive.comments.{verb}" for verb in ("create", "get", "list", "update")),
        *(f"drive.replies.{verb}" for verb in ("create", "get", "list", "update")),
    }
)
"""Methods that refuse to answer without ``fields``."""

_LINKS = {
    SPREADSHEET: "https://docs.google.com/spreadsheets/d/{id}/edit?usp=drivesdk",
    FOLDER: "https://drive.google.com/drive/folders/{id}",
}
_OTHER_LINK = "https://drive.google.com/file/d/{id}/view?usp=drivesdk"
EXPORT_TYPES = {
    SPREADSHEET: (
        "text/csv",
        "text/tab-separated-values",
        "application/pdf",
        "application/zip",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/x-vnd.oasis.opendocument.spreadsheet",
    )
}


def show_time(moment: datetime) -> str:
    """RFC 3339 with milliseconds, as Drive writes times."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def parse_time(text: str, parameter: str) -> datetime:
    """Return an RFC 3339 time, in UTC where no offset is given; ApiError 400 for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise refusals.invalid("Invalid Value", parameter) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def show_user(email: str, asking: str) -> Json:
    """Return a person."""
    person = PRINCIPALS.get(email)
    return {
        "kind": "drive#user",
        "displayName": person.display_name if person else email.partition("@")[0],
        "me": email == asking,
        "permissionId": person.permission_id if person else "",
        "emailAddress": email,
    }


def show_file(state: DriveState, file: File, user: str, client: str) -> Json:
    """Return a file as a user sees it; private properties are those of the credential."""
    rank = state.role(file, user)
    shown: Json = {
        "kind": "drive#file",
        "id": file.id,
        "name": file.name,
        "mimeType": file.mime_type,
        "starred": False,
        **file.plain,
        "trashed": state.is_trashed(file),
        "explicitlyTrashed": file.trashed,
        "spaces": ["drive"],
        "version": str(file.version),
        "webViewLink": _LINKS.get(file.mime_type, _OTHER_LINK).format(id=file.id),
        "iconLink": f"https://drive-thirdparty.googleusercontent.com/16/type/{file.mime_type}",
        "hasThumbnail": False,
        "thumbnailVersion": "0",
        "viewedByMe": file.modified_by == user,
        "createdTime": show_time(file.created_at),
        "modifiedTime": show_time(file.modified_at),
        "modifiedByMe": file.modified_by == user,
        "lastModifyingUser": show_user(file.modified_by, user),
        "ownedByMe": file.owner == user,
        "capabilities": _show_capabilities(file, rank),
        "isAppAuthorized": True,
        "quotaBytesUsed": str(len(file.content or b"")),
    }
    if file.parent:
        shown["parents"] = [file.parent]
    if private := file.app_properties.get(client):
        shown["appProperties"] = dict(private)
    if file.properties:
        shown["properties"] = dict(file.properties)
    _show_place(state, file, user, rank, shown)
    _show_content(file, shown)
    return shown


def _show_place(state: DriveState, file: File, user: str, rank: int, shown: Json) -> None:
    rights = state.permissions(file)
    if file.drive_id:
        shown["driveId"] = shown["teamDriveId"] = file.drive_id
        shown["hasAugmentedPermissions"] = len(file.permissions) > 0
    else:
        shown["owners"] = [show_user(file.owner, user)] if file.owner else []
        shown["shared"] = len(rights) > 1
        shown["writersCanShare"] = file.plain.get("writersCanShare", True)
    if rank >= ROLES["writer"]:
        shown["permissionIds"] = list(rights)
        if not file.drive_id:
            shown["permissions"] = [
                show_permission(right, source, file) for right, source in rights.values()
            ]
    if file.trashed and file.trashed_at:
        shown["trashedTime"] = show_time(file.trashed_at)
        shown["trashingUser"] = show_user(file.trashed_by, user)


def _show_content(file: File, shown: Json) -> None:
    if file.content is not None:
        shown["size"] = str(len(file.content))
        shown["md5Checksum"] = hashlib.md5(file.content, usedforsecurity=False).hexdigest()
        shown["sha256Checksum"] = hashlib.sha256(file.content).hexdigest()
        shown["originalFilename"] = file.plain.get("originalFilename", file.name)
        shown["fileExtension"] = file.name.rpartition(".")[2] if "." in file.name else ""
        shown["webContentLink"] = f"https://drive.google.com/uc?id={file.id}&export=download"
    elif file.mime_type.startswith(GOOGLE_TYPES) and file.mime_type in EXPORT_TYPES:
        shown["exportLinks"] = {
            kind: f"https://docs.google.com/feeds/download/export?id={file.id}&type={kind}"
            for kind in EXPORT_TYPES[file.mime_type]
        }


def _show_capabilities(file: File, rank: int) -> Json:
    can_write = rank >= ROLES["writer"]
    can_organize = rank >= ROLES["fileOrganizer"]
    in_drive = file.drive_id is not None
    return {
        "canAddChildren": can_write and file.is_folder,
        "canListChildren": file.is_folder,
        "canEdit": can_write,
        "canRename": can_write,
        "canComment": rank >= ROLES["commenter"],
        "canCopy": not file.is_folder,
        "canDownload": not file.is_folder,
        "canShare": can_write,
        "canTrash": can_organize if in_drive else rank == ROLES["owner"],
        "canUntrash": can_organize if in_drive else rank == ROLES["owner"],
        "canDelete": rank >= ROLES["organizer"],
    }


def show_permission(permission: Permission, source: str, file: File) -> Json:
    """Return a right on a file, given on the file itself or on one above it (``source``)."""
    shown: Json = {
        "kind": "drive#permission",
        "id": permission.id,
        "type": permission.type,
        "role": permission.role,
    }
    if permission.email:
        person = PRINCIPALS.get(permission.email)
        shown["emailAddress"] = permission.email
        shown["displayName"] = person.display_name if person else permission.email.partition("@")[0]
        shown["deleted"] = False
        shown["pendingOwner"] = permission.pending_owner
    if permission.type == "domain":
        shown["domain"] = shown["displayName"] = permission.domain
    if permission.type in ("anyone", "domain"):
        shown["allowFileDiscovery"] = permission.discoverable
    if file.drive_id:
        inherited = source != file.id
        detail: Json = {
            "permissionType": "member" if source == file.drive_id else "file",
            "role": permission.role,
            "inherited": inherited,
        }
        if inherited:
            detail["inheritedFrom"] = source
        shown["permissionDetails"] = [detail]
    return shown


def show_drive(drive: SharedDrive) -> Json:
    """Return a shared drive."""
    return {
        "kind": "drive#drive",
        "id": drive.id,
        "name": drive.name,
        "createdTime": show_time(drive.created_at),
        "hidden": False,
    }


def show_change(state: DriveState, change: Change, user: str, client: str) -> Json:
    """Return a change as a user sees it: removed when the file is gone or invisible."""
    file = state.find(change.file_id, user)
    removed = change.removed or file is None
    shown: Json = {
        "kind": "drive#change",
        "type": "file",
        "changeType": "file",
        "time": show_time(change.time),
        "removed": removed,
        "fileId": change.file_id,
    }
    if file is not None and not removed:
        shown["file"] = show_file(state, file, user, client)
        if file.drive_id:
            shown["driveId"] = file.drive_id
    return shown
