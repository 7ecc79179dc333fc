"""Methods around a file's content that few clients call: long-running downloads, labels, tokens.

Not verified: everything but the forms, which are the discovery document's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sandbox.calls import ApiError, Call, Json
from sandbox.drive import refusals
from sandbox.drive.files import find_file
from sandbox.drive.setting import aware_of_drives

if TYPE_CHECKING:
    from sandbox.world import World

_TYPES = "type.googleapis.com/google.apps.drive.v3"


def download(world: World, call: Call) -> Json:
    """``files.download``: an operation that is done at once, with an address for the content."""
    file = find_file(world.drive, aware_of_drives(call))
    wanted = call.params.get("mimeType")
    if file.content is None and not wanted:
        raise refusals.invalid("A MIME type is required for Docs Editors files.", "mimeType")
    is_blob = file.content is not None
    query = {"alt": "media"} if is_blob else {"mimeType": wanted}
    place = f"{call.base_url}/drive/v3/files/{file.id}{'' if is_blob else '/export'}"
    name = world.new_id("operation")
    operation: Json = {
        "name": name,
        "done": True,
        "metadata": {"@type": f"{_TYPES}.DownloadFileMetadata"},
        "response": {
            "@type": f"{_TYPES}.DownloadFileResponse",
            "downloadUri": f"{place}?{urlencode(query)}",
            "partialDownloadAllowed": is_blob,
        },
    }
    world.drive.operations[name] = operation
    return operation


def get_operation(world: World, call: Call) -> Json:
    """``operations.get``."""
    operation = world.drive.operations.get(call.params["name"])
    if operation is None:
        raise ApiError(404, f"Operation not found: {call.params['name']}", reason="notFound")
    return operation


def list_labels(world: World, call: Call) -> Json:
    """``files.listLabels``: none, as nobody in the sandbox has made a label."""
    find_file(world.drive, aware_of_drives(call))
    return {"kind": "drive#labelList", "labels": []}


def modify_labels(world: World, call: Call) -> Json:
    """``files.modifyLabels``: any label is unknown."""
    find_file(world.drive, aware_of_drives(call), "writer")
    for change in call.body.get("labelModifications", ()):
        label_id = change.get("labelId", "")
        raise ApiError(404, f"Label not found: {label_id}.", reason="notFound")
    return {"kind": "drive#modifyLabelsResponse", "modifiedLabels": []}


def generate_cse_token(world: World, call: Call) -> Json:
    """``files.generateCseToken``: refused, as nobody here has client-side encryption."""
    del world, call
    raise ApiError(403, "Client-side encryption is not enabled for the user.", reason="forbidden")
