"""All kinds of requests by name, and how a list of them is carried out."""

from __future__ import annotations

from sandbox.calls import ApiError
from sandbox.sheets.cells import Json
from sandbox.sheets.editing import Edit
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.requests import (
    blocks,
    cells,
    comments,
    dimensions,
    grouping,
    looks,
    metadata,
    names,
    ordering,
    pasting,
    protection,
    sheets,
    tables,
)
from sandbox.sheets.requests.chips import Kind, with_chips

KINDS: dict[str, Kind] = {
    "updateSpreadsheetProperties": sheets.update_spreadsheet_properties,
    "addSheet": sheets.add_sheet,
    "deleteSheet": sheets.delete_sheet,
    "duplicateSheet": sheets.duplicate_sheet,
    "updateSheetProperties": sheets.update_sheet_properties,
    "updateCells": with_chips(cells.update_cells),
    "appendCells": with_chips(tables.append_cells),
    "repeatCell": with_chips(cells.repeat_cell),
    "setDataValidation": tables.set_data_validation,
    "updateBorders": cells.update_borders,
    "insertDimension": dimensions.insert_dimension,
    "deleteDimension": dimensions.delete_dimension,
    "appendDimension": dimensions.append_dimension,
    "moveDimension": dimensions.move_dimension,
    "updateDimensionProperties": dimensions.update_dimension_properties,
    "autoResizeDimensions": dimensions.auto_resize_dimensions,
    "addDimensionGroup": grouping.add_dimension_group,
    "deleteDimensionGroup": grouping.delete_dimension_group,
    "updateDimensionGroup": grouping.update_dimension_group,
    "insertRange": blocks.insert_range,
    "deleteRange": blocks.delete_range,
    "copyPaste": pasting.copy_paste,
    "cutPaste": pasting.cut_paste,
    "sortRange": ordering.sort_range,
    "findReplace": ordering.find_replace,
    "mergeCells": looks.merge_cells,
    "unmergeCells": looks.unmerge_cells,
    "addConditionalFormatRule": looks.add_conditional_format_rule,
    "updateConditionalFormatRule": looks.update_conditional_format_rule,
    "deleteConditionalFormatRule": looks.delete_conditional_format_rule,
    "setBasicFilter": looks.set_basic_filter,
    "clearBasicFilter": looks.clear_basic_filter,
    "addProtectedRange": protection.add_protected_range,
    "updateProtectedRange": protection.update_protected_range,
    "deleteProtectedRange": protection.delete_protected_range,
    "addNamedRange": names.add_named_range,
    "updateNamedRange": names.update_named_range,
    "deleteNamedRange": names.delete_named_range,
    "addTable": tables.add_table,
    "updateTable": tables.update_table,
    "deleteTable": tables.delete_table,
    "insertComment": comments.insert_comment,
    "addCommentReply": comments.add_comment_reply,
    "updateCommentPost": comments.update_comment_post,
    "deleteComment": comments.delete_comment,
    "deleteCommentReply": comments.delete_comment_reply,
    "createDeveloperMetadata": metadata.create_developer_metadata,
    "updateDeveloperMetadata": metadata.update_developer_metadata,
    "deleteDeveloperMetadata": metadata.delete_developer_metadata,
}


def carry_out(edit: Edit, requests: list[Json]) -> list[Json]:
    """Carry out requests in their order and give a reply for each, `{}` where there is nothing.

    Raises ApiError: 400 naming the request that is refused, 501 for a kind that is not here.
    """
    if not requests:
        raise ApiError(400, "Must specify at least one request.", status="INVALID_ARGUMENT")
    replies = []
    for index, request in enumerate(requests):
        kind = _kind_of(index, request)
        try:
            replies.append(KINDS[kind](edit, request[kind]))
        except RefusedError as refusal:
            raise refusal.at(f"Invalid requests[{index}].{kind}: ") from refusal
    return replies


def _kind_of(index: int, request: Json) -> str:
    if not request:
        text = f"Invalid requests[{index}]: No request set."
        raise ApiError(400, text, status="INVALID_ARGUMENT")
    kind = next(iter(request))
    if kind not in KINDS:
        raise ApiError(501, f"The sandbox does not implement {kind}.", status="UNIMPLEMENTED")
    return kind
