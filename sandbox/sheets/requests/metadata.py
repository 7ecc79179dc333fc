"""Requests about developer metadata."""

from __future__ import annotations

from dataclasses import replace

from sandbox.sheets.cells import Json
from sandbox.sheets.editing import Edit
from sandbox.sheets.masks import required_mask, wants
from sandbox.sheets.metadata import find_metadata, place_of
from sandbox.sheets.presentation import metadata_json
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.state import Metadata

_VISIBILITIES = {"DOCUMENT", "PROJECT"}


def create_developer_metadata(edit: Edit, request: Json) -> Json:
    """CreateDeveloperMetadataRequest: an id that exists is refused.

    Not verified with Google: that the refusal is a 400, and its text.
    """
    body = request.get("developerMetadata", {})
    if not body.get("metadataKey"):
        raise RefusedError("Developer metadata must have a key specified.")
    if body.get("visibility") not in _VISIBILITIES:
        raise RefusedError("Developer metadata must have visibility specified.")
    metadata_id = body.get("metadataId")
    if metadata_id is not None and metadata_id <= 0:
        raise RefusedError("metadataId must be positive.")
    if metadata_id in edit.workbook.metadata:
        raise RefusedError(
            f"Cannot add developer metadata with ID [{metadata_id}] because developer metadata "
            "with that ID already exists."
        )
    metadata = Metadata(
        metadata_id or edit.new_number(),
        body["metadataKey"],
        body.get("metadataValue", ""),
        body["visibility"],
        place_of(edit.workbook, body.get("location", {})),
    )
    edit.workbook.metadata[metadata.metadata_id] = metadata
    return {"createDeveloperMetadata": {"developerMetadata": metadata_json(metadata)}}


def update_developer_metadata(edit: Edit, request: Json) -> Json:
    """UpdateDeveloperMetadataRequest: all that the filters select."""
    body, mask = request.get("developerMetadata", {}), required_mask(request)
    updated = []
    for metadata in _selected(edit, request.get("dataFilters", [])):
        fresh = metadata
        if wants(mask, "metadataKey") and "metadataKey" in body:
            fresh = replace(fresh, key=body["metadataKey"])
        if wants(mask, "metadataValue"):
            fresh = replace(fresh, value=body.get("metadataValue", ""))
        if wants(mask, "visibility") and "visibility" in body:
            fresh = replace(fresh, visibility=body["visibility"])
        if wants(mask, "location") and "location" in body:
            fresh = replace(fresh, place=place_of(edit.workbook, body["location"]))
        edit.workbook.metadata[fresh.metadata_id] = fresh
        updated.append(metadata_json(fresh))
    return {"updateDeveloperMetadata": {"developerMetadata": updated} if updated else {}}


def delete_developer_metadata(edit: Edit, request: Json) -> Json:
    """DeleteDeveloperMetadataRequest: all that the filter selects."""
    gone = _selected(edit, [request.get("dataFilter", {})])
    for metadata in gone:
        del edit.workbook.metadata[metadata.metadata_id]
    answer = [metadata_json(metadata) for metadata in gone]
    return {"deleteDeveloperMetadata": {"deletedDeveloperMetadata": answer} if answer else {}}


def _selected(edit: Edit, data_filters: list[Json]) -> list[Metadata]:
    found = {
        metadata.metadata_id: metadata
        for data_filter in data_filters
        for metadata in find_metadata(edit.workbook, data_filter)
    }
    return list(found.values())
