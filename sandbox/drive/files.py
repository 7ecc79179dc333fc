"""The methods of ``files`` and ``about``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Json, Media
from sandbox.drive import refusals
from sandbox.drive.converting import read_table, replace_content
from sandbox.drive.model import FOLDER, GOOGLE_TYPES, ROLES, SPREADSHEET, File
from sandbox.drive.resources import EXPORT_TYPES, show_file, show_user
from sandbox.drive.state import DriveState

if TYPE_CHECKING:
    from sandbox.world import World

APP_PROPERTY_BYTES = 124
APP_PROPERTIES_PER_APP = 30
UNTITLED = "Untitled"
OCTETS = "application/octet-stream"

PLAIN_FIELDS = (
    "description",
    "starred",
    "folderColorRgb",
    "writersCanShare",
    "copyRequiresWriterPermission",
    "originalFilename",
)


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
    parents = body.get("parents", [])
    _check_parent_flags(state, call, parents)
    mime_type = body.get("mimeType") or (call.media.mime_type if call.media else OCTETS)
    checked = _check_properties(body, {})
    rows = read_table(call.media) if call.media and mime_type == SPREADSHEET else None
    file = state.create_file(
        call,
        name=body.get("name", UNTITLED),
        mime_type=mime_type,
        parents=parents,
        file_id=body.get("id"),
    )
    _set_fields(file, call, checked)
    if rows is not None:
        replace_content(world, call, file, rows)
    elif not mime_type.startswith(GOOGLE_TYPES):
        file.content = call.media.content if call.media else b""
    return shown_file(state, file, call)


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
        raise ApiError(
            403,
            "Only files with binary content can be directly downloaded. Use Export with Docs "
            "Editors files.",
            reason="fileNotDownloadable",
            location="alt",
            location_type="parameter",
        )
    return Media(file.content, file.mime_type)


def update(world: World, call: Call) -> Json:
    """``files.update``: rename, move, trash, properties, content."""
    state = world.drive
    file = find_file(state, call, "writer")
    checked = _check_properties(call.body, file.app_properties.get(call.client, {}))
    rows = read_table(call.media) if call.media and file.mime_type == SPREADSHEET else None
    _move(state, file, call)
    if "trashed" in call.body:
        _set_trashed(state, file, call)
    file.name = call.body.get("name", file.name)
    file.mime_type = call.body.get("mimeType", file.mime_type)
    _set_fields(file, call, checked)
    if rows is not None:
        replace_content(world, call, file, rows)
    elif call.media is not None:
        file.content = call.media.content
        file.mime_type = call.body.get("mimeType") or call.media.mime_type
    state.touch(file, call.user, call.now)
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
    _reparent(state, file, parent)


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


def _check_properties(body: Json, known: Mapping[str, str]) -> dict[str, str]:
    """Return the private properties as they will be; ApiError 400 beyond the limits."""
    merged = dict(known)
    for key, value in body.get("appProperties", {}).items():
        if value is None:
            merged.pop(key, None)
            continue
        if len(f"{key}{value}".encode()) > APP_PROPERTY_BYTES:
            raise ApiError(
                400,
                "The size of the key and value of a property exceeds the limit of "
                f"{APP_PROPERTY_BYTES} bytes.",
                reason="propertyTooLarge",
            )
        merged[key] = value
    if len(merged) > APP_PROPERTIES_PER_APP:
        raise ApiError(
            400,
            f"The limit of {APP_PROPERTIES_PER_APP} private properties is exceeded.",
            reason="tooManyProperties",
        )
    return merged


def _set_fields(file: File, call: Call, app_properties: dict[str, str]) -> None:
    file.app_properties[call.client] = app_properties
    for key, value in call.body.get("properties", {}).items():
        if value is None:
            file.properties.pop(key, None)
        else:
            file.properties[key] = value
    file.plain.update({name: call.body[name] for name in PLAIN_FIELDS if name in call.body})


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
    if source.is_folder:
        raise ApiError(403, "This file cannot be copied by the user.", reason="cannotCopyFile")
    parents = call.body.get("parents") or _copy_parent(state, source, call)
    _check_parent_flags(state, call, parents)
    name = call.body.get("name", f"Copy of {source.name}")
    known = source.app_properties.get(call.client, {})
    checked = _check_properties(call.body, known)
    file = state.create_file(
        call,
        name=name,
        mime_type=call.body.get("mimeType", source.mime_type),
        parents=parents,
        file_id=call.body.get("id"),
    )
    file.content = source.content
    file.properties = dict(source.properties)
    _set_fields(file, call, checked)
    if source.mime_type == SPREADSHEET:
        world.sheets.copy(source.id, file.id, name)
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
    del world
    return {
        "kind": "drive#about",
        "user": show_user(call.user, call.user),
        "storageQuota": {
            "limit": "16106127360",
            "usage": "0",
            "usageInDrive": "0",
            "usageInDriveTrash": "0",
        },
        "maxUploadSize": "5242880000000",
        "appInstalled": False,
        "folderColorPalette": ["#ac725e", "#d06b64", "#f83a22"],
        "exportFormats": {kind: list(types) for kind, types in EXPORT_TYPES.items()},
        "importFormats": {"text/csv": [SPREADSHEET], FOLDER: []},
        "canCreateDrives": True,
    }
