"""Drive's resources as JSON, whole; the ``fields`` mask cuts them afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from sandbox.calls import Json
from sandbox.drive import refusals
from sandbox.drive.model import (
    DOCUMENT,
    FOLDER,
    PRESENTATION,
    ROLES,
    SHORTCUT,
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
    **{
        f"drive.drives.{verb}": "kind,id,name"
        for verb in ("create", "get", "hide", "unhide", "update")
    },
    "drive.revisions.get": "kind,id,mimeType,modifiedTime",
    "drive.revisions.update": "kind,id,mimeType,modifiedTime",
    "drive.revisions.list": "kind,nextPageToken,revisions(kind,id,mimeType,modifiedTime)",
    "drive.drives.list": "kind,nextPageToken,drives(kind,id,name)",
    "drive.changes.list": (
        "kind,nextPageToken,newStartPageToken,"
        f"changes(kind,type,changeType,time,removed,fileId,driveId,file({_FILE_BRIEF}),"
        "drive(kind,id,name))"
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
    DOCUMENT: "https://docs.google.com/document/d/{id}/edit?usp=drivesdk",
    PRESENTATION: "https://docs.google.com/presentation/d/{id}/edit?usp=drivesdk",
    FOLDER: "https://drive.google.com/drive/folders/{id}",
}
EDITOR_FILE_SIZE = "1024"
"""What a small editors' file takes of the storage."""
FOLDER_COLOUR = "#8f8f8f"
_NO_RESTRICTIONS = {
    name: {"restrictedForReaders": False, "restrictedForWriters": False}
    for name in ("itemDownloadRestriction", "effectiveDownloadRestrictionWithContext")
}
_DRIVE_RESTRICTIONS = {
    "adminManagedRestrictions": False,
    "copyRequiresWriterPermission": False,
    "domainUsersOnly": False,
    "driveMembersOnly": False,
    "sharingFoldersRequiresOrganizerPermission": False,
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
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise refusals.invalid("Invalid Value", parameter) from error


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
    restricted = bool(file.plain.get("copyRequiresWriterPermission"))
    shown: Json = {
        "kind": "drive#file",
        "id": file.id,
        "name": file.name,
        "mimeType": file.mime_type,
        "starred": False,
        "copyRequiresWriterPermission": restricted,
        "viewersCanCopyContent": not restricted,
        "inheritedPermissionsDisabled": False,
        "linkShareMetadata": {"securityUpdateEligible": False, "securityUpdateEnabled": True},
        "downloadRestrictions": _NO_RESTRICTIONS,
        **file.plain,
        "trashed": state.is_trashed(file),
        "explicitlyTrashed": file.trashed,
        "spaces": ["drive"],
        "version": str(file.version),
        "webViewLink": _LINKS.get(file.mime_type, _OTHER_LINK).format(id=file.id),
        "iconLink": f"https://drive-thirdparty.googleusercontent.com/16/type/{file.mime_type}",
        "hasThumbnail": False,
        "thumbnailVersion": "0",
        "viewedByMe": user in file.touched,
        "createdTime": show_time(file.created_at),
        "modifiedTime": show_time(file.modified_at),
        "modifiedByMe": user in file.touched,
        "lastModifyingUser": show_user(file.modified_by, user),
        "capabilities": show_capabilities(file, rank),
        "isAppAuthorized": True,
        "quotaBytesUsed": str(len(file.content or b"")),
    }
    if moment := file.touched.get(user):
        shown["modifiedByMeTime"] = shown["viewedByMeTime"] = show_time(moment)
    if file.parent:
        shown["parents"] = [file.parent]
    if private := file.app_properties.get(client):
        shown["appProperties"] = dict(private)
    if file.properties:
        shown["properties"] = dict(file.properties)
    _show_place(state, file, user, rank, shown)
    _show_content(state, file, user, shown)
    return shown


def _show_place(state: DriveState, file: File, user: str, rank: int, shown: Json) -> None:
    rights = state.permissions(file)
    if file.drive_id:
        shown["driveId"] = shown["teamDriveId"] = file.drive_id
        shown["hasAugmentedPermissions"] = len(file.permissions) > 0
    else:
        shown["owners"] = [show_user(file.owner, user)] if file.owner else []
        shown["ownedByMe"] = file.owner == user
        shown["shared"] = len(rights) > 1
        shown["writersCanShare"] = file.plain.get("writersCanShare", True)
        _show_sharing(file, user, shown)
    if rank >= ROLES["writer"]:
        shown["permissionIds"] = list(rights)
        if not file.drive_id:
            shown["permissions"] = [
                show_permission(right, source, file) for right, source in rights.values()
            ]
    if file.trashed and file.trashed_at:
        shown["trashedTime"] = show_time(file.trashed_at)
        shown["trashingUser"] = show_user(file.trashed_by, user)


def _show_sharing(file: File, user: str, shown: Json) -> None:
    """When and by whom somebody else's file was shared with the user."""
    given = [right for right in file.permissions.values() if right.email == user]
    if given and given[0].given_at and given[0].given_by != user:
        shown["sharedWithMeTime"] = show_time(given[0].given_at)
        shown["sharingUser"] = show_user(given[0].given_by, user)


def _show_content(state: DriveState, file: File, user: str, shown: Json) -> None:
    if file.mime_type == FOLDER:
        shown.setdefault("folderColorRgb", FOLDER_COLOUR)
    elif file.mime_type == SHORTCUT:
        shown["shortcutDetails"] = {"targetId": file.shortcut_to}
        if target := state.find(file.shortcut_to, user):
            shown["shortcutDetails"]["targetMimeType"] = target.mime_type
    if file.content is not None:
        shown["size"] = str(len(file.content))
        shown["md5Checksum"] = hashlib.md5(file.content, usedforsecurity=False).hexdigest()
        shown["sha1Checksum"] = hashlib.sha1(file.content, usedforsecurity=False).hexdigest()
        shown["sha256Checksum"] = hashlib.sha256(file.content).hexdigest()
        if file.revisions:
            shown["headRevisionId"] = file.revisions[-1].id
        shown["originalFilename"] = file.plain.get("originalFilename", file.name)
        _, dot, extension = file.name.partition(".")
        shown["fullFileExtension"] = extension if dot else ""
        shown["fileExtension"] = extension.rpartition(".")[2]
        shown["webContentLink"] = f"https://drive.google.com/uc?id={file.id}&export=download"
    elif file.mime_type in EXPORT_TYPES:
        shown["size"] = shown["quotaBytesUsed"] = EDITOR_FILE_SIZE
        shown["exportLinks"] = {
            kind: f"https://docs.google.com/feeds/download/export?id={file.id}&type={kind}"
            for kind in EXPORT_TYPES[file.mime_type]
        }


def show_capabilities(file: File, rank: int) -> Json:
    """Return what somebody of a rank may do with a file; the names are those of recorded answers.

    Not verified: who may move what out of a shared drive.
    """
    writes, owns = rank >= ROLES["writer"], rank == ROLES["owner"]
    in_drive, is_folder = file.drive_id is not None, file.is_folder
    organizes = rank >= ROLES["fileOrganizer"] if in_drive else owns
    reads = rank >= ROLES["writer"] or not file.plain.get("copyRequiresWriterPermission")
    shown = {
        "canAcceptOwnership": False,
        "canAddChildren": writes and is_folder,
        "canAddMyDriveParent": False,
        "canChangeCopyRequiresWriterPermission": writes and not is_folder,
        "canChangeItemDownloadRestriction": organizes and not is_folder,
        "canChangeSecurityUpdateEnabled": False,
        "canChangeViewersCanCopyContent": writes and not is_folder,
        "canComment": rank >= ROLES["commenter"],
        "canCopy": not is_folder and reads,
        "canDelete": rank >= ROLES["organizer"],
        "canDisableInheritedPermissions": False,
        "canDownload": not is_folder and reads,
        "canEdit": writes,
        "canEnableInheritedPermissions": writes,
        "canListChildren": is_folder,
        "canModifyContent": writes,
        "canModifyContentRestriction": writes and not is_folder,
        "canModifyEditorContentRestriction": writes and not is_folder,
        "canModifyLabels": False,
        "canModifyOwnerContentRestriction": organizes and not is_folder,
        "canMoveChildrenWithinDrive": writes and is_folder,
        "canMoveItemOutOfDrive": organizes,
        "canMoveItemWithinDrive": writes,
        "canReadLabels": False,
        "canReadRevisions": writes and not is_folder,
        "canRemoveChildren": writes and is_folder and not in_drive,
        "canRemoveContentRestriction": False,
        "canRemoveMyDriveParent": not in_drive,
        "canRename": writes,
        "canShare": writes and (organizes or file.plain.get("writersCanShare", True)),
        "canTrash": organizes,
        "canUntrash": organizes,
    }
    if in_drive:
        shown |= {
            "canReadDrive": True,
            "canDeleteChildren": is_folder and rank >= ROLES["organizer"],
            "canMoveChildrenOutOfDrive": is_folder and organizes,
            "canTrashChildren": is_folder and organizes,
        }
    else:
        shown["canMoveItemIntoTeamDrive"] = owns
    return shown


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
    if permission.expires_at is not None:
        shown["expirationTime"] = show_time(permission.expires_at)
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


def show_drive(drive: SharedDrive, user: str, rank: int) -> Json:
    """Return a shared drive as a member of a rank sees it."""
    manages, writes = rank >= ROLES["organizer"], rank >= ROLES["writer"]
    organizes = rank >= ROLES["fileOrganizer"]
    return {
        "kind": "drive#drive",
        "id": drive.id,
        "name": drive.name,
        "createdTime": show_time(drive.created_at),
        "hidden": user in drive.hidden_by,
        "colorRgb": "#0f9d58",
        "backgroundImageLink": "https://ssl.gstatic.com/team_drive_themes/generic_background.jpg",
        **drive.plain,
        "restrictions": {**_DRIVE_RESTRICTIONS, **drive.plain.get("restrictions", {})},
        "capabilities": {
            "canAddChildren": writes,
            "canChangeCopyRequiresWriterPermissionRestriction": manages,
            "canChangeDomainUsersOnlyRestriction": manages,
            "canChangeDownloadRestriction": manages,
            "canChangeDriveBackground": manages,
            "canChangeDriveMembersOnlyRestriction": manages,
            "canChangeSharingFoldersRequiresOrganizerPermissionRestriction": manages,
            "canComment": rank >= ROLES["commenter"],
            "canCopy": True,
            "canDeleteChildren": manages,
            "canDeleteDrive": manages,
            "canDownload": True,
            "canEdit": writes,
            "canListChildren": True,
            "canManageMembers": manages,
            "canReadRevisions": True,
            "canRename": writes,
            "canRenameDrive": manages,
            "canResetDriveRestrictions": manages,
            "canShare": organizes,
            "canTrashChildren": organizes,
        },
    }


def show_change(state: DriveState, change: Change, user: str, client: str) -> Json:
    """Return a change as a user sees it: removed when the file is gone or invisible."""
    if change.is_drive:
        return _show_drive_change(state, change, user)
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


def _show_drive_change(state: DriveState, change: Change, user: str) -> Json:
    drive = state.drives.get(change.file_id)
    root = state.find(change.file_id, user)
    shown: Json = {
        "kind": "drive#change",
        "type": "drive",
        "changeType": "drive",
        "time": show_time(change.time),
        "removed": drive is None or root is None,
        "driveId": change.file_id,
        "teamDriveId": change.file_id,
    }
    if drive is not None and root is not None:
        shown["drive"] = show_drive(drive, user, state.role(root, user))
    return shown
