"""``files.list``: which files, in which order, page by page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.calls import ApiError, Call, Json
from sandbox.drive import refusals
from sandbox.drive.files import shown_file, supports_all_drives
from sandbox.drive.model import File
from sandbox.drive.query import Test, parse_query
from sandbox.drive.shared_drives import drive_not_found
from sandbox.drive.state import DriveState

if TYPE_CHECKING:
    from sandbox.world import World

DEFAULT_PAGE = 100
CORPORA = frozenset({"user", "domain", "drive", "allDrives"})
SPACES = frozenset({"drive", "appDataFolder", "photos"})

_ORDERS: dict[str, Callable[[File], Any]] = {
    "createdTime": lambda file: file.created_at,
    "folder": lambda file: not file.is_folder,
    "modifiedTime": lambda file: file.modified_at,
    "modifiedByMeTime": lambda file: file.modified_at,
    "recency": lambda file: file.modified_at,
    "viewedByMeTime": lambda file: file.modified_at,
    "sharedWithMeTime": lambda file: file.created_at,
    "name": lambda file: file.name.casefold(),
    "name_natural": lambda file: [
        (int(part), "") if part.isdigit() else (-1, part)
        for part in re.split(r"(\d+)", file.name.casefold())
        if part
    ],
    "quotaBytesUsed": lambda file: len(file.content or b""),
    "starred": lambda file: not file.plain.get("starred"),
}


def list_files(world: World, call: Call) -> Json:
    """``files.list``: newest first unless ``orderBy`` says otherwise."""
    state = world.drive
    params = call.params
    in_scope = _scope(state, call)
    spaces = params.get("spaces", "drive").split(",")
    if not SPACES.issuperset(spaces):
        raise refusals.invalid("Invalid Value", "spaces")
    if "drive" not in spaces:
        in_scope = _nothing
    matches: Test = lambda _file: True  # noqa: E731 - the neutral test
    if query := params.get("q", "").strip():
        matches = parse_query(query, state, call.user, call.client)
    order = params.get("orderBy", "")
    if order and "fullText" in query:
        text = (
            "Sorting is not supported for queries with fullText terms. Results are always in "
            "descending relevance order."
        )
        raise ApiError(
            400, text, reason="badRequest", location="orderBy", location_type="parameter"
        )
    found = [
        file
        for file in state.files.values()
        if file.parent
        and in_scope(file)
        and state.is_found_by_now(file, call.now)
        and matches(file)
        and state.role(file, call.user)
    ]
    _sort(found, order)
    start = refusals.page_start(params.get("pageToken"))
    end = start + params.get("pageSize", DEFAULT_PAGE)
    answer: Json = {
        "kind": "drive#fileList",
        "incompleteSearch": False,
        "files": [shown_file(state, file, call) for file in found[start:end]],
    }
    if end < len(found):
        answer["nextPageToken"] = refusals.page_token(end)
    return answer


def _scope(state: DriveState, call: Call) -> Test:
    """Which files the search looks at, by corpora and the flags for shared drives."""
    params = call.params
    drive_id = params.get("driveId") or params.get("teamDriveId")
    with_drives = bool(
        supports_all_drives(call)
        and (params.get("includeItemsFromAllDrives") or params.get("includeTeamDriveItems"))
    )
    corpora = params.get("corpora", "drive" if drive_id else "user")
    if corpora not in CORPORA:
        raise refusals.invalid("Invalid Value", "corpora")
    if corpora == "drive" and not drive_id:
        raise refusals.invalid("The driveId parameter must be specified.", "driveId")
    if drive_id and corpora != "drive":
        text = "The driveId parameter must be specified if and only if corpora is set to drive."
        raise refusals.invalid(text, "driveId")
    if corpora in ("drive", "allDrives") and not with_drives:
        raise ApiError(
            403,
            "The includeItemsFromAllDrives and supportsAllDrives parameters must be set to true "
            f"when corpora is {corpora}.",
            reason="teamDrivesParametersMismatch",
        )
    if drive_id:
        if state.find(drive_id, call.user) is None:
            raise drive_not_found(drive_id)
        return lambda file: file.drive_id == drive_id
    if corpora == "domain":
        return lambda file: _is_for_domain(state, file)
    return lambda file: with_drives or file.drive_id is None


def _is_for_domain(state: DriveState, file: File) -> bool:
    """Whether somebody's file is shared to be found by the whole organisation."""
    rights = [right for right, _ in state.permissions(file).values()]
    return file.drive_id is None and any(
        right.type in ("domain", "anyone") and right.discoverable for right in rights
    )


def _nothing(_file: File) -> bool:
    """Hold no file: the spaces of apps and photos are empty here."""
    return False


def _sort(files: list[File], order: str) -> None:
    files.sort(key=lambda file: file.modified_at, reverse=True)
    for part in reversed([part.strip() for part in order.split(",") if part.strip()]):
        name, _, direction = part.partition(" ")
        if name not in _ORDERS or direction not in ("", "desc"):
            raise refusals.invalid("Invalid Value", "orderBy")
        files.sort(key=_ORDERS[name], reverse=direction == "desc")
