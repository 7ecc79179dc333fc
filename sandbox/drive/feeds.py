"""The methods of ``changes`` and ``drives``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Json
from sandbox.drive import refusals
from sandbox.drive.files import supports_all_drives
from sandbox.drive.model import Change, SharedDrive
from sandbox.drive.resources import show_change, show_drive
from sandbox.drive.state import DriveState

if TYPE_CHECKING:
    from sandbox.world import World

DEFAULT_CHANGES = 100


def start_page_token(world: World, call: Call) -> Json:
    """``changes.getStartPageToken``: the place after the last change."""
    if drive_id := call.params.get("driveId"):
        _require_drive(world, drive_id, call)
    token = str(len(world.drive.changes) + 1)
    return {"kind": "drive#startPageToken", "startPageToken": token}


def list_changes(world: World, call: Call) -> Json:
    """``changes.list``: each file once a page, at its last change; tokens never expire."""
    state = world.drive
    if drive_id := call.params.get("driveId"):
        _require_drive(world, drive_id, call)
    token = call.params["pageToken"]
    if not token.isdigit() or not 1 <= int(token) <= len(state.changes) + 1:
        raise refusals.invalid("Invalid Value", "pageToken")
    start = int(token) - 1
    end = start + call.params.get("pageSize", DEFAULT_CHANGES)
    last: dict[str, Change] = {}
    for change in state.changes[start:end]:
        last[change.file_id] = _joined(last.get(change.file_id), change)
    answer: Json = {
        "kind": "drive#changeList",
        "changes": [
            _show(state, change, call)
            for change in sorted(last.values(), key=lambda change: change.number)
            if _is_for(world, change, call)
        ],
    }
    if end < len(state.changes):
        answer["nextPageToken"] = str(end + 1)
    else:
        answer["newStartPageToken"] = str(len(state.changes) + 1)
    return answer


def _joined(earlier: Change | None, later: Change) -> Change:
    """Return the later change, told to all whom one of the two concerns."""
    if earlier is None:
        return later
    audience, drive_ids = earlier.audience | later.audience, earlier.drive_ids | later.drive_ids
    return replace(later, audience=audience, drive_ids=drive_ids)


def _is_for(world: World, change: Change, call: Call) -> bool:
    """Whether the change stands in the log that is read: the user's own, or a shared drive's.

    A file that its reader can see no more, or that left the drive, stands there as removed.
    """
    if call.user not in change.audience:
        return False
    wanted = call.params.get("driveId")
    if wanted and wanted not in change.drive_ids:
        return False
    file = None if change.removed else world.drive.find(change.file_id, call.user)
    if file is None or (wanted and file.drive_id != wanted):
        return bool(call.params.get("includeRemoved", True))
    with_drives = supports_all_drives(call) and call.params.get("includeItemsFromAllDrives")
    return file.drive_id is None or bool(with_drives)


def _show(state: DriveState, change: Change, call: Call) -> Json:
    """Return a change; of a file that left the drive only with ``includeCorpusRemovals``."""
    shown = show_change(state, change, call.user, call.client)
    wanted = call.params.get("driveId")
    if wanted and not shown["removed"] and shown.get("driveId") != wanted:
        shown["removed"] = True
        shown.pop("driveId", None)
        if not call.params.get("includeCorpusRemovals"):
            del shown["file"]
    return shown


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
    return show_drive(_require_drive(world, call.params["driveId"], call))


def _require_drive(world: World, drive_id: str, call: Call) -> SharedDrive:
    """Return a shared drive that the user is a member of; ApiError 404 for any other."""
    drive = world.drive.drives.get(drive_id)
    if drive is None or world.drive.find(drive_id, call.user) is None:
        raise ApiError(
            404,
            f"Shared drive not found: {drive_id}",
            reason="notFound",
            location="driveId",
            location_type="parameter",
        )
    return drive
