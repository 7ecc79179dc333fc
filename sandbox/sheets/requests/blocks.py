"""Requests that put cells in or take them out, so that the others of their rows or columns move."""

from __future__ import annotations

from sandbox.sheets.cells import Cell, Json
from sandbox.sheets.editing import Edit
from sandbox.sheets.formulas.moving import shift_formulas
from sandbox.sheets.ranges import ROWS, Area, GridRange
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.requests.dimensions import widened
from sandbox.sheets.shifting import Deletion, GridShift, Insertion, shift_ranges
from sandbox.sheets.state import Sheet


def insert_range(edit: Edit, request: Json) -> Json:
    """InsertRangeRequest: blank cells come in, the old ones go down or right."""
    sheet, area = _shifting_area(edit, request)
    if request.get("shiftDimension") == ROWS:
        below = sheet.cells(Area(area.top, area.left, max(len(sheet.rows), area.top), area.right))
        sheet.row_count = max(sheet.row_count, area.bottom + _filled_height(below))
        blank = [[Cell()] * area.width for _ in range(area.height)]
        sheet.set_cells(area.top, area.left, blank + below)
    else:
        for index in range(area.top, min(area.bottom, len(sheet.rows))):
            row = sheet.rows[index].with_columns(
                lambda cells: widened(cells, area.left, area.width, len(cells))
            )
            sheet.column_count = max(sheet.column_count, row.width)
            sheet.set_row(index, row)
    edit.workbook.check_size()
    _shift(edit, request, sheet, area, inserts=True)
    return {}


def _filled_height(block: list[list[Cell]]) -> int:
    filled = [index for index, line in enumerate(block, 1) if any(c != Cell() for c in line)]
    return max(filled, default=0)


def delete_range(edit: Edit, request: Json) -> Json:
    """DeleteRangeRequest: cells go, those below or to the right take their place."""
    sheet, area = _shifting_area(edit, request)
    if request.get("shiftDimension") == ROWS:
        below = sheet.cells(
            Area(area.bottom, area.left, max(len(sheet.rows), area.bottom), area.right)
        )
        blank = [[Cell()] * area.width for _ in range(area.height)]
        sheet.set_cells(area.top, area.left, below + blank)
    else:
        for index in range(area.top, min(area.bottom, len(sheet.rows))):
            row = sheet.rows[index].with_columns(
                lambda cells: cells[: area.left] + cells[area.right :]
            )
            sheet.set_row(index, row)
    _shift(edit, request, sheet, area, inserts=False)
    return {}


def _shift(edit: Edit, request: Json, sheet: Sheet, area: Area, *, inserts: bool) -> None:
    """Let references and ranges within the moved cells go with them."""
    down = request["shiftDimension"] == ROWS
    start, end = (area.top, area.bottom) if down else (area.left, area.right)
    band = (area.left, area.right) if down else (area.top, area.bottom)
    shift = Insertion(start, end - start) if inserts else Deletion(start, end)
    change = GridShift(sheet.sheet_id, request["shiftDimension"], shift, band)
    shift_ranges(edit.workbook, change)
    shift_formulas(edit.workbook, change, edit.locale)


def _shifting_area(edit: Edit, request: Json) -> tuple[Sheet, Area]:
    place = GridRange.from_json(request.get("range", {}))
    if request.get("shiftDimension") not in {"ROWS", "COLUMNS"}:
        raise RefusedError("No shiftDimension specified.")
    sheet = edit.sheet(place.sheet_id)
    area = sheet.area_of(place)
    affected = (
        GridRange(sheet.sheet_id, area.top, area.left, None, area.right)
        if request["shiftDimension"] == ROWS
        else GridRange(sheet.sheet_id, area.top, area.left, area.bottom, None)
    )
    edit.require_editable(affected)
    return sheet, area
