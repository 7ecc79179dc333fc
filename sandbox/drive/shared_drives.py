"""The methods of ``drives``: shared drives themselves.

Not verified: texts and reasons of refusals; that without an administrator
``useDomainAdminAccess`` changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Json
from sandbox.drive import refusals
from sandbox.drive.model import ROLES, SharedDrive
from sandbox.drive.query import parse_drive_query
from sandbox.drive.resources import show_drive

if TYPE_CHECKING:
    from sandbox.world import World

DEFAULT_PAGE = 10
SETTABLE = ("backgroundImageFile", "colorRgb", "restrictions", "themeId")


def drive_not_found(drive_id: str) -> ApiError:
    """404 for a shared drive that is not there or of which the user is no member."""
    return ApiError(
        404,
        f"Shared drive not found: {drive_id}",
        reason="notFound",
        location="driveId",
        location_type="parameter",
    )


def find_drive(world: World, call: Call, drive_id: str, role: str = "reader") -> SharedDrive:
    """Return a shared drive; ApiError 404 when invisible, 403 when the role is less."""
    drive = world.drive.drives.get(drive_id)
    root = world.drive.find(drive_id, call.user)
    if drive is None or root is None:
        raise drive_not_found(drive_id)
    if world.drive.role(root, call.user) < ROLES[role]:
        raise refusals.insufficient_file_permissions()
    return drive


def _show(world: World, drive: SharedDrive, call: Call) -> Json:
    rank = world.drive.role(world.drive.files[drive.id], call.user)
    return show_drive(drive, call.user, rank)


def list_drives(world: World, call: Call) -> Json:
    """``drives.list``: those of which the user is a member."""
    state = world.drive
    params = call.params
    matches = parse_drive_query(params.get("q", ""), state, call.user)
    found = [
        drive
        for drive in state.drives.values()
        if state.find(drive.id, call.user) is not None and matches(drive)
    ]
    start = refusals.page_start(params.get("pageToken"))
    end = start + params.get("pageSize", DEFAULT_PAGE)
    answer: Json = {
        "kind": "drive#driveList",
        "drives": [_show(world, drive, call) for drive in found[start:end]],
    }
    if end < len(found):
        answer["nextPageToken"] = refusals.page_token(end)
    return answer


def get(world: World, call: Call) -> Json:
    """``drives.get``."""
    return _show(world, find_drive(world, call, call.params["driveId"]), call)


def create(world: World, call: Call) -> Json:
    """``drives.create``: the creator is its organizer; 409 for a request id that was used."""
    state = world.drive
    request = (call.user, call.params["requestId"])
    if request in state.drive_requests:
        raise ApiError(
            409, "A shared drive with that request ID already exists.", reason="duplicate"
        )
    name = _checked_name(call.body.get("name", ""))
    state.drive_requests.add(request)
    drive = state.add_drive(name, {call.user: "organizer"}, call.now)
    _set(drive, call)
    state.record_drive(drive, call.now)
    return _show(world, drive, call)


def _checked_name(name: str) -> str:
    if not name.strip():
        raise ApiError(400, "The name field is required.", reason="required")
    return name


def _set(drive: SharedDrive, call: Call) -> None:
    restrictions = {
        **drive.plain.get("restrictions", {}),
        **call.body.get("restrictions", {}),
    }
    drive.plain.update({name: call.body[name] for name in SETTABLE if name in call.body})
    if restrictions:
        drive.plain["restrictions"] = restrictions
    if call.body.get("hidden"):
        drive.hidden_by.add(call.user)


def update(world: World, call: Call) -> Json:
    """``drives.update``: by its organizers."""
    drive = find_drive(world, call, call.params["driveId"], "organizer")
    drive.name = _checked_name(call.body.get("name", drive.name))
    _set(drive, call)
    world.drive.record_drive(drive, call.now)
    return _show(world, drive, call)


def delete(world: World, call: Call) -> None:
    """``drives.delete``: by an organizer, when nothing is in it that is not in the trash."""
    state = world.drive
    drive = find_drive(world, call, call.params["driveId"], "organizer")
    if any(not file.trashed for file in state.children(state.files[drive.id])):
        raise ApiError(
            403,
            "The shared drive cannot be deleted because it is not empty.",
            reason="cannotDeleteNonEmptySharedDrive",
        )
    state.delete_drive(drive, call.now)


def hide(world: World, call: Call) -> Json:
    """``drives.hide``: from the default view of the caller."""
    drive = find_drive(world, call, call.params["driveId"])
    drive.hidden_by.add(call.user)
    return _show(world, drive, call)


def unhide(world: World, call: Call) -> Json:
    """``drives.unhide``."""
    drive = find_drive(world, call, call.params["driveId"])
    drive.hidden_by.discard(call.user)
    return _show(world, drive, call)
