"""A new spreadsheet as the body of spreadsheets.create describes it, in terms of requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call
from sandbox.sheets.cells import Json
from sandbox.sheets.editing import Edit, local_now
from sandbox.sheets.ranges import COLUMNS, ROWS
from sandbox.sheets.recalculation import recalculate
from sandbox.sheets.refusals import refused_as
from sandbox.sheets.requests.sheets import apply_spreadsheet_properties, new_sheet
from sandbox.sheets.requests.table import KINDS
from sandbox.sheets.state import Workbook

if TYPE_CHECKING:
    from sandbox.world import World

Request = tuple[str, Json]
"""The kind of a request and what it says."""

_PARTS = {
    "merges": ("mergeCells", "range"),
    "basicFilter": ("setBasicFilter", "filter"),
    "conditionalFormats": ("addConditionalFormatRule", "rule"),
    "protectedRanges": ("addProtectedRange", "protectedRange"),
    "tables": ("addTable", "table"),
    "namedRanges": ("addNamedRange", "namedRange"),
    "developerMetadata": ("createDeveloperMetadata", "developerMetadata"),
}
"""Parts of a Sheet or a Spreadsheet with the kind of request that adds one, and its field."""

_ELSEWHERE = (
    "bandedRanges",
    "charts",
    "dataSources",
    "dataSourceSchedules",
    "filterViews",
    "slicers",
)
_SETTABLE = ("pixelSize", "hiddenByUser")


def drafted(world: World, call: Call, title: str) -> Edit:
    """Make the workbook of a creation before its file, so that a bad request leaves no file."""
    edit = Edit(Workbook(""), title, call.user, True, call.now, world.new_id)
    sheets = call.body.get("sheets", []) or [{}]
    with refused_as(""):
        apply_spreadsheet_properties(edit.workbook, call.body.get("properties", {}), {})
        for body in sheets:
            properties = dict(body.get("properties", {}))
            if not edit.workbook.sheets:
                properties.setdefault("sheetId", 0)
            edit.workbook.sheets.append(new_sheet(edit, properties))
        for body, sheet in zip(sheets, edit.workbook.sheets, strict=True):
            for kind, request in _requests(body, sheet.sheet_id):
                KINDS[kind](edit, request)
        for kind, request in _added(call.body):
            KINDS[kind](edit, request)
        edit.workbook.check_size()
    recalculate(edit.workbook, local_now(edit.workbook, call.now))
    return edit


def _requests(body: Json, sheet_id: int) -> Iterator[Request]:
    """Give what makes a sheet what its body says, from the cells on."""
    for block in body.get("data", []):
        top, left = block.get("startRow", 0), block.get("startColumn", 0)
        start = {"sheetId": sheet_id, "rowIndex": top, "columnIndex": left}
        if rows := block.get("rowData"):
            yield "updateCells", {"start": start, "rows": rows, "fields": "*"}
        yield from _sized(block.get("rowMetadata", []), sheet_id, ROWS, top)
        yield from _sized(block.get("columnMetadata", []), sheet_id, COLUMNS, left)
    for group in [*body.get("rowGroups", []), *body.get("columnGroups", [])]:
        yield "addDimensionGroup", {"range": group.get("range", {})}
    yield from _added(body)


def _sized(shapes: list[Json], sheet_id: int, dimension: str, start: int) -> Iterator[Request]:
    for index, shape in enumerate(shapes, start):
        if properties := {name: shape[name] for name in _SETTABLE if name in shape}:
            span = {"sheetId": sheet_id, "dimension": dimension}
            span |= {"startIndex": index, "endIndex": index + 1}
            request = {"range": span, "properties": properties, "fields": "*"}
            yield "updateDimensionProperties", request


def _added(body: Json) -> Iterator[Request]:
    """Give the requests that add the parts of a sheet or a spreadsheet."""
    for name in _ELSEWHERE:
        if body.get(name):
            text = f"The sandbox does not implement {name} in spreadsheets.create."
            raise ApiError(501, text, status="UNIMPLEMENTED")
    for name, (kind, field) in _PARTS.items():
        given = body.get(name, [])
        for index, part in enumerate(given if isinstance(given, list) else [given]):
            yield kind, {field: part, "index": index}
