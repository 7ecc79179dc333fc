"""The methods of ``changes`` and ``drives``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Json
from sandbox.drive import refusals
from sandbox.drive.files import supports_all_drives
from sandbox.drive.model import Change
from sandbox.drive.resources import show_change, show_drive

if TYPE_CHECKING:
    from sandbox.world import World

DEFAULT_CHANGES = 100


def start_page_token(world: World, call: Call) -> Json:
    """``changes.getStartPageToken``: the place after the last change."""
    del call
    token = str(len(world.drive.changes) + 1)
    return {"kind": "drive#startPageToken", "startPageToken": token}


def list_changes(world: World, call: Call) -> Json:
    """``changes.list``: each file once a page, at its last change; tokens never expire."""
    state = world.drive
    token = call.params["pageToken"]
    if not token.isdigit() or not 1 <= int(token) <= len(state.changes) + 1:
        raise refusals.invalid("Invalid Value", "pageToken")
    start = int(token) - 1
    end = start + call.params.get("pageSize", DEFAULT_CHANGES)
    last = {change.file_id: change for change in state.changes[start:end]}
    answer: Json = {
        "kind": "drive#changeList",
        "changes": [
            show_change(state, change, call.user, call.client)
            for change in sorted(last.values(), key=lambda change: change.number)
            if _is_for(world, change, call)
        ],
    }
    if end < len(state.changes):
        answer["nextPageToken"] = str(end + 1)
    else:
        answer["newStartPageToken"] = str(len(state.changes) + 1)
    return answer


def _is_for(world: World, change: Change, call: Call) -> bool:
    if change.removed:
        return call.user in change.audience and call.params.get("includeRemoved", True)
    file = world.drive.find(change.file_id, call.user)
    if file is None:
        return False
    with_drives = supports_all_drives(call) and call.params.get("includeItemsFromAllDrives")
    wanted = call.params.get("driveId")
    return (file.drive_id is None or bool(with_drives)) and wanted in (None, file.drive_id)


def list_drives(world: World, call: Call) -> Json:
    """``drives.list``: those of which the user is a member."""
    state = world.drive
    shown = [
        show_drive(drive)
        for drive in state.drives.values()
        if state.find(drive.id, call.user) is not None
    ]
    return {"kind": "drive#driveList", "drives": shown}


def get_drive(world: World, call: Call) -> Json:
    """``drives.get``."""
    drive_id = call.params["driveId"]
    drive = world.drive.drives.get(drive_id)
    if drive is None or world.drive.find(drive_id, call.user) is None:
        raise ApiError(
            404,
            f"Shared drive not found: {drive_id}",
            reason="notFound",
            location="driveId",
            location_type="parameter",
        )
    return show_drive(drive)
