"""The one method of Drive v2 that clients still use: an upload that becomes a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Json
from sandbox.drive.converting import read_table, replace_content
from sandbox.drive.files import find_file
from sandbox.drive.model import SPREADSHEET, File
from sandbox.drive.resources import EXPORT_TYPES, show_time, show_user

if TYPE_CHECKING:
    from sandbox.world import World


def update_converted(world: World, call: Call) -> Json:
    """``files.update`` of Drive v2 with ``convert``: what gspread imports a CSV by."""
    file = find_file(world.drive, call, "writer")
    if call.media is None or not call.params.get("convert") or file.mime_type != SPREADSHEET:
        raise ApiError(501, f"The sandbox implements {call.method} only to convert spreadsheets.")
    replace_content(world, call, file, read_table(call.media))
    world.drive.touch(file, call.user, call.now)
    return _show_older(world, file, call)


def _show_older(world: World, file: File, call: Call) -> Json:
    """Return a file as Drive v2 names its facts; those that clients of an import look at."""
    parents = [{"kind": "drive#parentReference", "id": file.parent}] if file.parent else []
    author = show_user(file.modified_by, call.user)
    return {
        "kind": "drive#file",
        "id": file.id,
        "title": file.name,
        "mimeType": file.mime_type,
        "labels": {
            "starred": bool(file.plain.get("starred")),
            "hidden": False,
            "trashed": world.drive.is_trashed(file),
            "restricted": False,
            "viewed": True,
        },
        "createdDate": show_time(file.created_at),
        "modifiedDate": show_time(file.modified_at),
        "version": str(file.version),
        "parents": parents,
        "alternateLink": f"https://docs.google.com/spreadsheets/d/{file.id}/edit?usp=drivesdk",
        "exportLinks": {
            kind: f"https://docs.google.com/spreadsheets/export?id={file.id}&exportFormat={kind}"
            for kind in EXPORT_TYPES[SPREADSHEET]
        },
        "lastModifyingUserName": author["displayName"],
        "editable": True,
        "copyable": True,
        "spaces": ["drive"],
    }
