"""The methods of ``permissions``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Json
from sandbox.drive import refusals
from sandbox.drive.files import find_file
from sandbox.drive.model import DRIVE_ONLY_ROLES, ROLES, File, Permission
from sandbox.drive.resources import show_permission
from sandbox.drive.state import DriveState

if TYPE_CHECKING:
    from sandbox.world import World

TYPES = ("user", "group", "domain", "anyone")
ANYONE_IDS = {True: "anyone", False: "anyoneWithLink"}


def create(world: World, call: Call) -> Json:
    """``permissions.create``; a notification letter is recorded unless refused."""
    state = world.drive
    file = find_file(state, call, "writer")
    role = _checked_role(call, file)
    permission = _make_permission(state, call, role)
    if role == "owner":
        _transfer(state, file, permission, call)
    else:
        state.grant(file, permission)
    if permission.email and call.params.get("sendNotificationEmail", True):
        message = call.params.get("emailMessage", "")
        state.notify(file, permission.email, call.user, role, message)
    state.record(file, call.now)
    return show_permission(permission, file.id, file)


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
    return {"kind": "drive#permissionList", "permissions": rights}


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
    file = find_file(state, call, "writer")
    permission, _ = _find(state, file, call)
    changed = replace(permission, role=_checked_role(call, file))
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


def delete(world: World, call: Call) -> None:
    """``permissions.delete``; inherited rights and the owner's cannot be taken here."""
    state = world.drive
    file = find_file(state, call)
    permission, source = _find(state, file, call)
    leaves = permission.covers(call.user)
    if state.role(file, call.user) < ROLES["writer"] and not leaves:
        raise refusals.insufficient_file_permissions()
    if source != file.id:
        raise ApiError(
            403, "Cannot delete an inherited permission.", reason="cannotDeletePermission"
        )
    if permission.role == "owner":
        raise refusals.insufficient_file_permissions()
    del file.permissions[permission.id]
    state.record(file, call.now)
