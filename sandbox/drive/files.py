"""The methods of ``files`` and ``about``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Json, Media
from sandbox.drive import refusals
from sandbox.drive.converting import DELIMITERS, read_table, replace_content
from sandbox.drive.model import GOOGLE_TYPES, ROLES, SPREADSHEET, File, Revision
from sandbox.drive.resources import EXPORT_TYPES, show_file, show_user
from sandbox.drive.setting import (
    check_writable,
    checked_properties,
    checked_target,
    checked_times,
    set_fields,
    set_times,
)
from sandbox.drive.state import DriveState
from sandbox.people import SERVICE_ACCOUNT

if TYPE_CHECKING:
    from sandbox.world import World

UNTITLED = "Untitled"
OCTETS = "application/octet-stream"
COPIED_FIELDS = ("description", "folderColorRgb", "copyRequiresWriterPermission")


def supports_all_drives(call: Call) -> bool:
    """Whether the caller says it knows shared drives."""
    return bool(call.params.get("supportsAllDrives") or call.params.get("supportsTeamDrives"))


def find_file(state: DriveState, call: Call, role: str = "reader", name: str = "fileId") -> File:
    """Return the file of a path parameter; 404 when invisible, 403 when the role is less.

    A file of a shared drive is invisible to a caller that does not say ``supportsAllDrives``.
    """
    file_id = call.params[name]
    file = state.find(file_id, call.user)
    if file is None or (file.drive_id and not supports_all_drives(call)):
        raise refusals.file_not_found(file_id)
    if state.role(file, call.user) < ROLES[role]:
        raise refusals.insufficient_file_permissions()
    return file


def shown_file(state: DriveState, file: File, call: Call) -> Json:
    """Return a file as its caller sees it."""
    return show_file(state, file, call.user, call.client)


def create(world: World, call: Call) -> Json:
    """``files.create``: metadata alone, or with content."""
    state = world.drive
    body = call.body
    check_writable(body, is_update=False)
    parents = body.get("parents", [])
    _check_parent_flags(state, call, parents)
    mime_type = body.get("mimeType") or (_media_type(call.media) if call.media else OCTETS)
    checked, times = checked_properties(body, {}), checked_times(body)
    target_id = checked_target(state, call, mime_type)
    rows = read_table(call.media) if call.media and mime_type == SPREADSHEET else None
    file = state.create_file(
        call,
        name=body.get("name", UNTITLED),
        mime_type=mime_type,
        parents=parents,
        file_id=body.get("id"),
    )
    set_fields(file, call, checked)
    file.shortcut_to = target_id
    if rows is not None:
        replace_content(world, call, file, rows)
    elif not mime_type.startswith(GOOGLE_TYPES):
        _put_content(file, call.media.content if call.media else b"", call, world)
    set_times(file, times)
    return shown_file(state, file, call)


def _put_content(file: File, content: bytes, call: Call, world: World) -> None:
    """Give a file a content; the one before stays as a revision."""
    file.content = content
    revision = Revision(
        id=world.new_id("revision"),
        content=content,
        mime_type=file.mime_type,
        name=file.plain.get("originalFilename", file.name),
        made_at=call.now,
        made_by=call.user,
        keep_forever=bool(call.params.get("keepRevisionForever")),
    )
    file.revisions.append(revision)


def _media_type(media: Media) -> str:
    return media.mime_type.partition(";")[0].strip() or OCTETS


def _check_parent_flags(state: DriveState, call: Call, parents: Sequence[str]) -> None:
    for parent_id in parents:
        parent = state.find(parent_id, call.user)
        if parent is None or (parent.drive_id and not supports_all_drives(call)):
            raise refusals.file_not_found(parent_id)


def get(world: World, call: Call) -> Json | Media:
    """``files.get``: metadata, or with ``alt=media`` the content."""
    file = find_file(world.drive, call)
    if call.params.get("alt") != "media":
        return shown_file(world.drive, file, call)
    if file.content is None:
        raise refusals.not_downloadable()
    return Media(file.content, file.mime_type)


def update(world: World, call: Call) -> Json:
    """``files.update``: rename, move, trash, properties, content."""
    state = world.drive
    file = find_file(state, call, "writer")
    check_writable(call.body, is_update=True)
    checked = checked_properties(call.body, file.app_properties.get(call.client, {}))
    times = checked_times(call.body)
    rows = read_table(call.media) if call.media and file.mime_type == SPREADSHEET else None
    _move(state, file, call)
    if "trashed" in call.body:
        _set_trashed(state, file, call)
    file.name = call.body.get("name", file.name)
    file.mime_type = call.body.get("mimeType", file.mime_type)
    set_fields(file, call, checked)
    if rows is not None:
        replace_content(world, call, file, rows)
    elif call.media is not None:
        file.mime_type = call.body.get("mimeType") or _media_type(call.media)
        _put_content(file, call.media.content, call, world)
    state.touch(file, call.user, call.now)
    set_times(file, times)
    return shown_file(state, file, call)


def _set_trashed(state: DriveState, file: File, call: Call) -> None:
    needed = ROLES["fileOrganizer"] if file.drive_id else ROLES["owner"]
    if state.role(file, call.user) < needed or file.parent is None:
        raise refusals.insufficient_file_permissions()
    file.trashed = call.body["trashed"]
    file.trashed_at = call.now if file.trashed else None
    file.trashed_by = call.user if file.trashed else ""


def _move(state: DriveState, file: File, call: Call) -> None:
    added = [part for part in call.params.get("addParents", "").split(",") if part]
    removed = [part for part in call.params.get("removeParents", "").split(",") if part]
    if not added:
        return
    if len(added) > 1 or (file.parent and file.parent not in removed and file.parent not in added):
        # Since 2020 adding a parent without removing the old one moves the file all the same
        # only with enforceSingleParent; the plain call is refused.
        raise ApiError(
            403,
            "Increasing the number of parents is not allowed",
            reason="cannotAddParent",
        )
    parent = state.find(added[0], call.user)
    if parent is None or (parent.drive_id and not supports_all_drives(call)):
        raise refusals.file_not_found(added[0])
    if state.role(parent, call.user) < ROLES["writer"]:
        raise refusals.insufficient_file_permissions()
    if any(holder.id == file.id for holder in state.ancestors(parent)):
        raise ApiError(403, "Cannot create a loop of folders.", reason="cyclicParents")
    left = file.drive_id
    _reparent(state, file, parent)
    if left and left != file.drive_id:
        state.record_leaving(file, left, call.now)


def _reparent(state: DriveState, file: File, parent: File) -> None:
    file.parent = parent.id
    if file.drive_id == parent.drive_id:
        return
    stack = [file]
    while stack:
        current = stack.pop()
        current.drive_id = parent.drive_id
        current.owner = None if parent.drive_id else parent.owner
        stack.extend(state.children(current))


def delete(world: World, call: Call) -> None:
    """``files.delete``: for good, with everything in it; by the owner, or by an organizer."""
    state = world.drive
    file = find_file(state, call)
    rank = ROLES["organizer"] if file.drive_id else ROLES["owner"]
    if state.role(file, call.user) < rank or file.parent is None:
        raise refusals.insufficient_file_permissions()
    state.delete(file, call.now)


def empty_trash(world: World, call: Call) -> None:
    """``files.emptyTrash``: the user's own trash, or a shared drive's."""
    state = world.drive
    drive_id = call.params.get("driveId")
    for file in list(state.files.values()):
        mine = file.drive_id == drive_id if drive_id else file.owner == call.user
        if file.trashed and mine and file.id in state.files:
            state.delete(file, call.now)


def copy(world: World, call: Call) -> Json:
    """``files.copy``: a new file with the same content; folders cannot be copied."""
    state = world.drive
    source = find_file(state, call)
    check_writable(call.body, is_update=False)
    times = checked_times(call.body)
    if source.is_folder:
        raise ApiError(403, "This file cannot be copied by the user.", reason="cannotCopyFile")
    parents = call.body.get("parents") or _copy_parent(state, source, call)
    _check_parent_flags(state, call, parents)
    name = call.body.get("name", f"Copy of {source.name}")
    known = source.app_properties.get(call.client, {})
    checked = checked_properties(call.body, known)
    file = state.create_file(
        call,
        name=name,
        mime_type=call.body.get("mimeType", source.mime_type),
        parents=parents,
        file_id=call.body.get("id"),
    )
    if source.content is not None:
        _put_content(file, source.content, call, world)
    file.shortcut_to = source.shortcut_to
    file.plain = {name: value for name, value in source.plain.items() if name in COPIED_FIELDS}
    file.properties = dict(source.properties)
    set_fields(file, call, checked)
    if source.mime_type == SPREADSHEET:
        world.sheets.copy(source.id, file.id, name)
    set_times(file, times)
    return shown_file(state, file, call)


def _copy_parent(state: DriveState, source: File, call: Call) -> list[str]:
    """Beside the original where the user may write there, otherwise the user's own root."""
    parent = state.find(source.parent or "", call.user)
    if parent is not None and state.role(parent, call.user) >= ROLES["writer"]:
        return [parent.id]
    return []


def generate_ids(world: World, call: Call) -> Json:
    """``files.generateIds``: ids for later ``create`` and ``copy`` calls."""
    return {
        "kind": "drive#generatedIds",
        "space": call.params.get("space", "drive"),
        "ids": world.drive.issue_ids(call.params.get("count", 10)),
    }


def about(world: World, call: Call) -> Json:
    """``about.get``: the user and the storage."""
    state = world.drive
    own = [file for file in state.files.values() if file.owner == call.user]
    used = sum(len(file.content or b"") for file in own)
    trashed = sum(len(file.content or b"") for file in own if state.is_trashed(file))
    owns_nothing = call.user == SERVICE_ACCOUNT.email and not world.sa_storage
    return {
        "kind": "drive#about",
        "user": show_user(call.user, call.user),
        "storageQuota": {
            "limit": "0" if owns_nothing else "16106127360",
            "usage": str(used),
            "usageInDrive": str(used),
            "usageInDriveTrash": str(trashed),
        },
        "maxImportSizes": {SPREADSHEET: "104857600"},
        "maxUploadSize": "5242880000000",
        "appInstalled": False,
        "folderColorPalette": ["#ac725e", "#d06b64", "#f83a22"],
        "exportFormats": {kind: list(types) for kind, types in EXPORT_TYPES.items()},
        "importFormats": {kind: [SPREADSHEET] for kind in DELIMITERS},
        "canCreateDrives": True,
        "canCreateTeamDrives": True,
    }
