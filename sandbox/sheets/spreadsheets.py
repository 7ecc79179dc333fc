"""The methods of spreadsheets itself, of its sheets and of its developer metadata."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call
from sandbox.drive.model import SPREADSHEET
from sandbox.fields import Mask, parse_mask
from sandbox.sheets.cells import Json
from sandbox.sheets.commenting import (
    OMITTED,
    add_comments,
    borrow_comments,
    changes_comments,
    keep_comments,
)
from sandbox.sheets.creating import drafted
from sandbox.sheets.editing import Edit, editing, opened
from sandbox.sheets.metadata import find_metadata, targets_of_filter, without_zeros
from sandbox.sheets.presentation import (
    View,
    mask_of_data,
    metadata_json,
    sheet_properties_json,
    spreadsheet_json,
)
from sandbox.sheets.refusals import RefusedError, not_found, refused_as
from sandbox.sheets.requests.sheets import copied_sheet, copy_title
from sandbox.sheets.requests.table import carry_out
from sandbox.sheets.resolving import Target, resolve

if TYPE_CHECKING:
    from sandbox.world import World


def _shown(edit: Edit, targets: list[Target], data_mask: Mask | None) -> Json:
    return spreadsheet_json(View(edit.workbook, edit.title, edit.may_edit, targets, data_mask))


def _data_mask(call: Call, *, include: bool) -> Mask | None:
    """Decide which grid data an answer has: a response mask overrides includeGridData."""
    if fields := call.params.get("fields"):
        return mask_of_data(parse_mask(fields))
    return {} if include else None


def get(world: World, call: Call) -> Json:
    """spreadsheets.get: whole, or the sheets and cells of ranges."""
    edit = opened(world, call)
    with refused_as(""):
        targets = [resolve(edit.workbook, text) for text in call.params.get("ranges", [])]
        include = call.params.get("includeGridData", False)
        answer = _shown(edit, targets, _data_mask(call, include=include))
    return add_comments(answer, edit, call.params.get("commentsViewMode", OMITTED))


def get_by_data_filter(world: World, call: Call) -> Json:
    """spreadsheets.getByDataFilter: the sheets and cells that filters select."""
    edit = opened(world, call)
    targets: list[Target] = []
    for index, data_filter in enumerate(call.body.get("dataFilters", [])):
        with refused_as(f"Invalid dataFilters[{index}]: "):
            targets += targets_of_filter(edit.workbook, data_filter)
    with refused_as(""):
        include = call.body.get("includeGridData", False)
        answer = _shown(edit, targets, _data_mask(call, include=include))
    return add_comments(answer, edit, call.body.get("commentsViewMode", OMITTED))


def create(world: World, call: Call) -> Json:
    """spreadsheets.create: a file in the caller's My Drive, with the sheets that are given."""
    properties = call.body.get("properties", {})
    title = properties.get("title", "Untitled spreadsheet")
    with world.drive.lock:
        edit = drafted(world, call, title)
        file = world.drive.create_file(call, name=title, mime_type=SPREADSHEET)
        edit.workbook = replace(edit.workbook, spreadsheet_id=file.id)
        world.sheets.put(edit.workbook)
    return _shown(edit, [], None)


def batch_update(world: World, call: Call) -> Json:
    """spreadsheets.batchUpdate: all requests in their order, or none."""
    about_comments = changes_comments(call)
    with editing(world, call) as edit:
        if about_comments:
            borrow_comments(edit)
        replies = carry_out(edit, call.body.get("requests", []))
    answer: Json = {"spreadsheetId": edit.workbook.spreadsheet_id, "replies": replies}
    if about_comments:
        keep_comments(world, call, edit)
        # Without such a request the field stays away, as in answers recorded before it existed.
        answer["commentUpdateState"] = "ALL_SAVED"
    if call.body.get("includeSpreadsheetInResponse"):
        with refused_as(""):
            targets = [resolve(edit.workbook, text) for text in call.body.get("responseRanges", [])]
            shown = _shown(edit, targets, _response_data_mask(call))
        mode = call.body.get("commentsViewMode", OMITTED)
        answer["updatedSpreadsheet"] = add_comments(shown, edit, mode)
    return answer


def _response_data_mask(call: Call) -> Mask | None:
    """Decide about grid data in the answer to a change, where the mask begins one level higher."""
    if fields := call.params.get("fields"):
        mask = parse_mask(fields)
        return mask_of_data(mask.get("updatedSpreadsheet", {} if "*" in mask else {"": {}}))
    return {} if call.body.get("responseIncludeGridData") else None


def copy_sheet_to(world: World, call: Call) -> Json:
    """spreadsheets.sheets.copyTo: the sheet goes to the end of the other spreadsheet."""
    source = opened(world, call).workbook
    destination = replace(
        call,
        params={"spreadsheetId": call.body.get("destinationSpreadsheetId", "")},
    )
    with editing(world, destination) as edit, refused_as(""):
        try:
            sheet = source.sheet(call.params["sheetId"])
        except RefusedError as refusal:
            raise ApiError(400, str(refusal), status="INVALID_ARGUMENT") from refusal
        title = copy_title(edit.workbook, sheet.title)
        copy = copied_sheet(edit, sheet, edit.new_number(), title)
        edit.workbook.sheets.append(copy)
        edit.workbook.check_size()
    return sheet_properties_json(edit.workbook, copy)


def get_metadata(world: World, call: Call) -> Json:
    """spreadsheets.developerMetadata.get."""
    edit = opened(world, call)
    try:
        return metadata_json(edit.workbook.metadata[call.params["metadataId"]])
    except KeyError:
        raise not_found() from None


def search_metadata(world: World, call: Call) -> Json:
    """spreadsheets.developerMetadata.search: each with the filters that select it."""
    edit = opened(world, call)
    matched: dict[int, Json] = {}
    for index, data_filter in enumerate(call.body.get("dataFilters", [])):
        with refused_as(f"Invalid dataFilters[{index}]: "):
            for metadata in find_metadata(edit.workbook, data_filter):
                entry = matched.setdefault(
                    metadata.metadata_id,
                    {"developerMetadata": metadata_json(metadata), "dataFilters": []},
                )
                entry["dataFilters"].append(without_zeros(data_filter))
    return {"matchedDeveloperMetadata": list(matched.values())} if matched else {}
