"""What a request's body may set on a file, and what it may not."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Json
from sandbox.discovery import load_methods
from sandbox.drive import refusals
from sandbox.drive.model import SHORTCUT, File
from sandbox.drive.resources import parse_time

if TYPE_CHECKING:
    from sandbox.drive.state import DriveState

APP_PROPERTY_BYTES = 124
APP_PROPERTIES_PER_APP = 30

PLAIN_FIELDS = (
    "contentRestrictions",
    "copyRequiresWriterPermission",
    "description",
    "folderColorRgb",
    "originalFilename",
    "starred",
    "writersCanShare",
)
"""Descriptive fields that are given back as they were set."""

SET_AT_CREATION_ONLY = frozenset({"id", "createdTime", "shortcutDetails"})
"""Not verified beyond ``id``: the older reference lists what an update may write."""

_OUTPUT_ONLY = ("Output only.", "Deprecated: Output only.")


@functools.cache
def _output_only_fields() -> frozenset[str]:
    """Return what the discovery document calls output only; ``kind`` is passed over."""
    properties = load_methods()["drive.files.get"].api.schemas["File"]["properties"]
    return frozenset(
        name
        for name, spec in properties.items()
        if spec.get("description", "").startswith(_OUTPUT_ONLY) and name != "kind"
    )


def aware_of_drives(call: Call) -> Call:
    """Return a call of a method that knows shared drives without being told."""
    return replace(call, params={**call.params, "supportsAllDrives": True})


def check_writable(body: Json, *, is_update: bool) -> None:
    """Refuse a body with fields that nobody can set; ApiError 403 ``fieldNotWritable``."""
    if is_update and "parents" in body:
        raise ApiError(
            403,
            "The parents field is not directly writable in update requests. Use the addParents "
            "and removeParents parameters instead.",
            reason="fieldNotWritable",
        )
    refused = _output_only_fields() | (SET_AT_CREATION_ONLY if is_update else frozenset())
    if refused & body.keys():
        raise ApiError(
            403,
            "The resource body includes fields which are not directly writable.",
            reason="fieldNotWritable",
        )


def checked_properties(body: Json, known: Mapping[str, str]) -> dict[str, str]:
    """Return the private properties as they will be; ApiError beyond the limits."""
    merged = dict(known)
    for key, value in body.get("appProperties", {}).items():
        if value is None:
            merged.pop(key, None)
            continue
        _check_size(key, value)
        merged[key] = value
    for key, value in body.get("properties", {}).items():
        _check_size(key, value or "")
    if len(merged) > APP_PROPERTIES_PER_APP:
        raise ApiError(
            400,
            f"The limit of {APP_PROPERTIES_PER_APP} private properties is exceeded.",
            reason="tooManyProperties",
        )
    return merged


def _check_size(key: str, value: str) -> None:
    if len(f"{key}{value}".encode()) > APP_PROPERTY_BYTES:
        raise ApiError(
            400,
            "The size of the key and value of a property exceeds the limit of "
            f"{APP_PROPERTY_BYTES} bytes.",
            reason="propertyTooLarge",
        )


def checked_times(body: Json) -> Json:
    """Return the times that a body sets; ApiError 400 for what is no RFC 3339 time."""
    names = {"createdTime": "created_at", "modifiedTime": "modified_at"}
    return {own: parse_time(body[name], name) for name, own in names.items() if name in body}


def set_fields(file: File, call: Call, app_properties: dict[str, str]) -> None:
    """Set what describes a file, its properties and those of the calling app."""
    file.app_properties[call.client] = app_properties
    for key, value in call.body.get("properties", {}).items():
        if value is None:
            file.properties.pop(key, None)
        else:
            file.properties[key] = value
    file.plain.update({name: call.body[name] for name in PLAIN_FIELDS if name in call.body})


def set_times(file: File, times: Json) -> None:
    """Set the times that the caller wants in the place of the real ones."""
    for name, moment in times.items():
        setattr(file, name, moment)


def checked_target(state: DriveState, call: Call, mime_type: str) -> str:
    """Return the id that a shortcut stands for, nothing for other files; ApiError when missing."""
    if mime_type != SHORTCUT:
        return ""
    target_id = str(call.body.get("shortcutDetails", {}).get("targetId", ""))
    if not target_id:
        raise refusals.invalid("Shortcut target is required.", "shortcutDetails.targetId")
    target = state.find(target_id, call.user)
    if target is None:
        raise refusals.file_not_found(target_id)
    if target.mime_type == SHORTCUT:
        raise ApiError(403, "Shortcuts cannot point to shortcuts.", reason="shortcutTargetInvalid")
    return target.id
