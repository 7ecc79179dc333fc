"""The methods of ``permissions``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Json
from sandbox.drive import refusals
from sandbox.drive.files import find_file
from sandbox.drive.model import DRIVE_ONLY_ROLES, ROLES, File, Permission
from sandbox.drive.resources import parse_time, show_permission
from sandbox.drive.state import DriveState

if TYPE_CHECKING:
    from sandbox.world import World

LONGEST_RIGHT = timedelta(days=366)
DRIVE_PAGE = 100
ANYONE_IDS = {True: "anyone", False: "anyoneWithLink"}


def create(world: World, call: Call) -> Json:
    """``permissions.create``; a notification letter is recorded unless refused."""
    state = world.drive
    file = _find_to_share(state, call)
    role = _checked_role(call, file)
    permission = replace(
        _make_permission(state, call, role),
        given_by=call.user,
        given_at=call.now,
        expires_at=_checked_end(call, role),
    )
    if role == "owner":
        _transfer(state, file, permission, call)
    else:
        state.grant(file, permission)
    if permission.email and call.params.get("sendNotificationEmail", True):
        message = call.params.get("emailMessage", "")
        state.notify(file, permission.email, call.user, role, message)
    state.record(file, call.now)
    return show_permission(permission, file.id, file)


def _find_to_share(state: DriveState, call: Call) -> File:
    """Return the file if the caller may say who may do what with it."""
    file = find_file(state, call, "writer")
    rank = state.role(file, call.user)
    closed = not file.plain.get("writersCanShare", True) and file.drive_id is None
    if closed and rank < ROLES["owner"]:
        raise refusals.insufficient_file_permissions()
    return file


def _checked_end(call: Call, role: str) -> datetime | None:
    """Return when a right is to run out; ApiError for what the discovery document forbids."""
    text = call.body.get("expirationTime")
    if not text:
        return None
    moment = parse_time(text, "expirationTime")
    if call.body.get("type", "user") not in ("user", "group") or role == "owner":
        raise ApiError(
            403,
            "Expiration dates cannot be set on this item or for this permission.",
            reason="cannotSetExpiration",
        )
    if not call.now < moment <= call.now + LONGEST_RIGHT:
        raise refusals.invalid("Expiration must be in the future and within a year.")
    return moment


def _checked_role(call: Call, file: File) -> str:
    role = str(call.body.get("role", ""))
    if role not in ROLES:
        raise ApiError(400, "The permission role field is required.", reason="required")
    if role in DRIVE_ONLY_ROLES and file.drive_id is None:
        raise refusals.invalid("The specified role is only valid for shared drive items.")
    if role == "owner" and file.drive_id is not None:
        raise ApiError(
            403, "The owner role is not valid for shared drive items.", reason="forbidden"
        )
    return role


def _make_permission(state: DriveState, call: Call, role: str) -> Permission:
    body = call.body
    kind = body.get("type", "")
    discoverable = body.get("allowFileDiscovery", False)
    match kind:
        case "anyone":
            return Permission(ANYONE_IDS[discoverable], kind, role, discoverable=discoverable)
        case "domain" if body.get("domain"):
            known = state.make_permission("@" + body["domain"], role)
            return Permission(known.id, kind, role, "", body["domain"], discoverable)
        case "user" | "group" if body.get("emailAddress"):
            return replace(state.make_permission(body["emailAddress"].lower(), role), type=kind)
        case "user" | "group" | "domain":
            field = "domain" if kind == "domain" else "emailAddress"
            raise ApiError(400, f"The {field} field is required.", reason="required")
        case _:
            raise ApiError(400, "The permission type field is required.", reason="required")


def _transfer(state: DriveState, file: File, permission: Permission, call: Call) -> None:
    if not call.params.get("transferOwnership"):
        raise ApiError(
            403,
            "The transferOwnership parameter must be enabled when the permission role is 'owner'.",
            reason="forbidden",
            location="transferOwnership",
            location_type="parameter",
        )
    accepts = permission.pending_owner and permission.email == call.user
    if file.owner != call.user and not accepts:
        raise refusals.insufficient_file_permissions()
    state.transfer(file, replace(permission, pending_owner=False))


def list_permissions(world: World, call: Call) -> Json:
    """``permissions.list``: those given on the file and those inherited."""
    state = world.drive
    file = find_file(state, call, "writer")
    rights = [
        show_permission(right, source, file) for right, source in state.permissions(file).values()
    ]
    start = refusals.page_start(call.params.get("pageToken"))
    # Without a wish, pages are of 100 for shared drives, and everything is one page elsewhere (D).
    end = start + call.params.get("pageSize", DRIVE_PAGE if file.drive_id else len(rights))
    answer: Json = {"kind": "drive#permissionList", "permissions": rights[start:end]}
    if end < len(rights):
        answer["nextPageToken"] = refusals.page_token(end)
    return answer


def _find(state: DriveState, file: File, call: Call) -> tuple[Permission, str]:
    permission_id = call.params["permissionId"]
    found = state.permissions(file).get(permission_id)
    if found is None:
        raise refusals.permission_not_found(permission_id)
    return found


def get(world: World, call: Call) -> Json:
    """``permissions.get``."""
    file = find_file(world.drive, call, "writer")
    permission, source = _find(world.drive, file, call)
    return show_permission(permission, source, file)


def update(world: World, call: Call) -> Json:
    """``permissions.update``: another role; an inherited right gets a direct one beside it."""
    state = world.drive
    file = _find_to_share(state, call)
    permission, source = _find(state, file, call)
    role = _checked_role(call, file)
    if file.drive_id and source != file.id and ROLES[role] <= ROLES[permission.role]:
        raise _inherited_refusal(file)
    ends = _checked_end(call, permission.role) or permission.expires_at
    changed = replace(
        permission,
        role=role,
        expires_at=None if call.params.get("removeExpiration") else ends,
    )
    if changed.role == "owner":
        _transfer(state, file, changed, call)
    elif permission.role == "owner":
        raise refusals.insufficient_file_permissions()
    else:
        changed = replace(changed, pending_owner=_asks_to_own(file, permission, call))
        state.grant(file, changed)
    state.record(file, call.now)
    return show_permission(file.permissions[changed.id], file.id, file)


def _asks_to_own(file: File, permission: Permission, call: Call) -> bool:
    """Whether the holder of a right is asked to take the file over; only its owner may ask."""
    asked = bool(call.body.get("pendingOwner", permission.pending_owner))
    if asked == permission.pending_owner:
        return asked
    if file.owner != call.user:
        raise refusals.insufficient_file_permissions()
    if permission.type != "user" or call.body.get("role") != "writer":
        raise refusals.invalid("A pending owner must be a user with the role writer.")
    return asked


def _inherited_refusal(file: File) -> ApiError:
    if not file.drive_id:
        text = "Cannot delete an inherited permission."  # not verified
        return ApiError(403, text, reason="cannotDeletePermission")
    return ApiError(
        403,
        "Cannot update or delete an inherited permission on a shared drive item.",
        reason="cannotModifyInheritedTeamDrivePermission",
    )


def delete(world: World, call: Call) -> None:
    """``permissions.delete``; inherited rights and the owner's cannot be taken here."""
    state = world.drive
    file = find_file(state, call)
    permission, source = _find(state, file, call)
    leaves = permission.covers(call.user)
    if state.role(file, call.user) < ROLES["writer"] and not leaves:
        raise refusals.insufficient_file_permissions()
    if source != file.id:
        raise _inherited_refusal(file)
    if permission.role == "owner":
        raise refusals.insufficient_file_permissions()
    readers = state.readers(file)
    del file.permissions[permission.id]
    state.record(file, call.now)
    state.record_loss(file, readers - state.readers(file), call.now)
