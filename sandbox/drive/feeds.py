"""The methods of ``changes``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.calls import Call, Json
from sandbox.drive import refusals
from sandbox.drive.files import supports_all_drives
from sandbox.drive.model import Change
from sandbox.drive.resources import show_change, show_file
from sandbox.drive.shared_drives import find_drive
from sandbox.drive.state import DriveState

if TYPE_CHECKING:
    from sandbox.world import World

DEFAULT_CHANGES = 100


def start_page_token(world: World, call: Call) -> Json:
    """``changes.getStartPageToken``: the place after the last change that is to be seen."""
    _check_drive(world, call)
    token = str(world.drive.visible_changes(call.now) + 1)
    return {"kind": "drive#startPageToken", "startPageToken": token}


def _check_drive(world: World, call: Call) -> None:
    if drive_id := call.params.get("driveId") or call.params.get("teamDriveId"):
        find_drive(world, call, drive_id)


def list_changes(world: World, call: Call) -> Json:
    """``changes.list``: each file once a page, at its last change; tokens never expire."""
    state = world.drive
    _check_drive(world, call)
    count = state.visible_changes(call.now)
    start = change_number(state, call.params["pageToken"]) - 1
    end = min(start + call.params.get("pageSize", DEFAULT_CHANGES), count)
    last = {
        change.file_id: change
        for change in state.changes[start:end]
        if _is_for(world, change, call)
    }
    answer: Json = {
        "kind": "drive#changeList",
        "changes": [
            _show(state, change, call)
            for change in sorted(last.values(), key=lambda change: change.number)
        ],
    }
    # A token from before the delay was longer may lie beyond what is to be seen.
    end = max(start, end)
    key = "nextPageToken" if end < count else "newStartPageToken"
    answer[key] = str(end + 1)
    return answer


def _show(state: DriveState, change: Change, call: Call) -> Json:
    """Return a change; of a file that has left the drive, the file only where it is asked for."""
    shown = show_change(state, change, call.user, call.client)
    if change.left and call.params.get("includeCorpusRemovals"):
        file = state.find(change.file_id, call.user)
        if file is not None:
            shown["file"] = show_file(state, file, call.user, call.client)
    return shown


def change_number(state: DriveState, token: str) -> int:
    """Return the number that a page token stands for; ApiError 400 for no token of ours."""
    is_number = token.isascii() and token.isdigit() and len(token) < 20
    if not is_number or not 1 <= int(token) <= len(state.changes) + 1:
        raise refusals.invalid("Invalid Value", "pageToken")
    return int(token)


def _is_for(world: World, change: Change, call: Call) -> bool:
    params = call.params
    if "drive" not in params.get("spaces", "drive").split(","):
        return False
    with_drives = supports_all_drives(call) and bool(
        params.get("includeItemsFromAllDrives") or params.get("includeTeamDriveItems")
    )
    if change.is_drive and not with_drives:
        return False
    wanted = params.get("driveId") or params.get("teamDriveId")
    if change.left:
        return with_drives and change.left == wanted and params.get("includeRemoved", True)
    if change.removed:
        return call.user in change.audience and params.get("includeRemoved", True)
    file = world.drive.find(change.file_id, call.user)
    if file is None:
        return False
    if file.drive_id is None:
        return wanted is None
    return with_drives and not params.get("restrictToMyDrive") and wanted in (None, file.drive_id)
