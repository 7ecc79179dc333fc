"""Requests that write cells field by field: updateCells, appendCells, repeatCell, validation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from sandbox.fields import Mask
from sandbox.sheets.cells import (
    BLANK,
    PLAIN,
    Cell,
    Json,
    Mark,
    Row,
    Shared,
    Value,
    make_mark,
    plain_number,
    share,
)
from sandbox.sheets.editing import Edit
from sandbox.sheets.formulas.moving import moved_formula
from sandbox.sheets.masks import merge, required_mask
from sandbox.sheets.ranges import Area, GridRange
from sandbox.sheets.refusals import TOO_LONG, RefusedError
from sandbox.sheets.state import MAX_CHARACTERS, Sheet
from sandbox.sheets.writing import blank_of

_FIELDS = {
    "userEnteredValue",
    "userEnteredFormat",
    "note",
    "dataValidation",
    "textFormatRuns",
    "chipRuns",
}
_READ_ONLY = {"effectiveValue", "formattedValue", "effectiveFormat", "hyperlink"}
_ELSEWHERE = {"pivotTable", "dataSourceTable", "dataSourceFormula"}
_RUN_FIELDS = frozenset({"textFormatRuns", "chipRuns"})


@dataclass(frozen=True)
class Brush:
    """Applies CellData under a field mask to cells; `names` are the fields that it sets."""

    mask: Mask
    names: frozenset[str]

    @classmethod
    def of_request(cls, request: Json) -> Brush:
        """Read the mask of a request. Raises RefusedError when it names no field of a cell."""
        return _brush(request.get("fields", ""))

    def paint(self, old: Cell, data: Json) -> Cell:
        """Give the cell with the masked fields taken from CellData; missing ones are cleared."""
        names = self.names
        if "userEnteredValue" in names:
            value, formula = entered_value(data.get("userEnteredValue", {}))
            if old.mark is None and not formula and len(names) == 1:
                return Cell(value)
            mark, runs = old.mark or PLAIN, None
        else:
            mark = old.mark or PLAIN
            value, formula, runs = old.value, mark.formula, mark.runs
        fresh = make_mark(
            formula,
            self._format(mark.format, data) if "userEnteredFormat" in names else mark.format,
            data.get("note", "") if "note" in names else mark.note,
            share(data.get("dataValidation")) if "dataValidation" in names else mark.validation,
            self._runs(runs, data),
        )
        return Cell(filled_value(value, fresh), fresh)

    def _format(self, old: Shared | None, data: Json) -> Shared | None:
        inner = self.mask.get("userEnteredFormat", {})
        return share(merge(old or {}, data.get("userEnteredFormat", {}), inner))

    def _runs(self, old: Shared | None, data: Json) -> Shared | None:
        if self.names.isdisjoint(_RUN_FIELDS):
            return old
        kept = {name: run for name, run in (old or {}).items() if name not in self.names}
        fresh = {name: data[name] for name in self.names & _RUN_FIELDS if data.get(name)}
        return share(kept | fresh)


@lru_cache(maxsize=256)
def _brush(fields: str) -> Brush:
    mask = required_mask({"fields": fields})
    for name in mask:
        if name not in _FIELDS | _READ_ONLY | _ELSEWHERE:
            raise RefusedError(f"Invalid field: {name}")
    return Brush(mask, frozenset(mask or _FIELDS))


def entered_value(entered: Json) -> tuple[Value, str]:
    """Read an ExtendedValue as (value, formula); a string is never parsed."""
    if "formulaValue" in entered:
        formula = str(entered["formulaValue"])
        if len(formula) > MAX_CHARACTERS:
            raise RefusedError(TOO_LONG)
        return (BLANK, formula) if formula.startswith("=") else (BLANK, f"={formula}")
    if "errorValue" in entered:
        raise RefusedError("user_entered_value.error_value is read-only.")
    if "stringValue" in entered:
        text = entered["stringValue"]
        if len(text) > MAX_CHARACTERS:
            raise RefusedError(TOO_LONG)
        return _copied(text), ""
    if "boolValue" in entered:
        return entered["boolValue"], ""
    number = entered.get("numberValue")
    if number is None:
        return BLANK, ""
    if not math.isfinite(number):
        raise RefusedError("user_entered_value.number_value must be finite.")
    return plain_number(number + 0), ""  # added to, so that it is a copy, as with texts


def _copied(text: str) -> str:
    """Give an equal text elsewhere in memory.

    The one that came lies among the objects of its request; kept, it would keep their pages from
    being given back, some 70 MB for 100,000 cells with formats.
    """
    return (text + " ")[:-1]


def filled_value(value: Value, mark: Mark | None) -> Value:
    """Give the value, or what an empty cell of such a mark shows (a checkbox: FALSE)."""
    if value == BLANK and mark and mark.validation and not mark.formula:
        return blank_of(mark)
    return value


def update_cells(edit: Edit, request: Json) -> Json:
    """UpdateCellsRequest: write rows of CellData from a start, or over a range and clear the rest.

    Rows and columns beyond the grid are refused.
    """
    brush = Brush.of_request(request)
    rows: list[list[Json]] = [row.get("values", []) for row in request.get("rows", [])]
    width = max(map(len, rows), default=0)
    if "range" in request:
        place = GridRange.from_json(request["range"])
        sheet = edit.sheet(place.sheet_id)
        area = sheet.area_of(place)
        written = Area(area.top, area.left, area.top + len(rows), area.left + width)
        _check_fits(written, area.bottom, area.right)
        edit.require_area(sheet, area)
        _paint_over(sheet, area, rows, brush)
    else:
        start = GridRange.at(request.get("start", {}))
        sheet = edit.sheet(start.sheet_id)
        top, left, *_ = sheet.area_of(start)
        written = Area(top, left, top + len(rows), left + width)
        _check_fits(written, sheet.row_count, sheet.column_count)
        edit.require_area(sheet, written)
        for index, data in enumerate(rows, top):
            _paint_row(sheet, index, left, data, brush)
    return {}


def _check_fits(written: Area, bottom: int, right: int) -> None:
    if written.bottom > bottom:
        raise RefusedError(
            f"Attempting to write row: {bottom}, beyond the last requested row of: {bottom - 1}"
        )
    if written.right > right:
        raise RefusedError(
            f"Attempting to write column: {right}, beyond the last requested column of: {right - 1}"
        )


def _paint_over(sheet: Sheet, area: Area, rows: list[list[Json]], brush: Brush) -> None:
    """Paint every cell of an area; those that the rows do not reach are cleared."""
    for offset in range(area.height):
        data = rows[offset] if offset < len(rows) else []
        if data or area.top + offset < len(sheet.rows):
            data = data + [{}] * (area.width - len(data))
        _paint_row(sheet, area.top + offset, area.left, data, brush)


def _paint_row(sheet: Sheet, index: int, left: int, data: list[Json], brush: Brush) -> None:
    if data:
        row = sheet.row(index)
        cells = row.cells(left, left + len(data))
        sheet.set_row(index, row.with_cells(left, list(map(brush.paint, cells, data))))


def append_cells(edit: Edit, request: Json) -> Json:
    """AppendCellsRequest: write rows of CellData below the last row with data, growing the grid."""
    brush = Brush.of_request(request)
    sheet = edit.sheet(request.get("sheetId", 0))
    rows: list[list[Json]] = [row.get("values", []) for row in request.get("rows", [])]
    top = last_data_row(sheet) + 1
    width = max(map(len, rows), default=0)
    edit.workbook.resize(
        sheet, max(sheet.row_count, top + len(rows)), max(sheet.column_count, width)
    )
    edit.require_area(sheet, Area(top, 0, top + len(rows), width))
    for offset, data in enumerate(rows):
        _paint_row(sheet, top + offset, 0, data, brush)
    return {}


def last_data_row(sheet: Sheet) -> int:
    """Give the index of the last row with a value, -1 when there is none."""
    for index in range(len(sheet.rows) - 1, -1, -1):
        row = sheet.rows[index]
        if row.values or any(mark and mark.formula for mark in row.marks):
            return index
    return -1


def repeat_cell(edit: Edit, request: Json) -> Json:
    """RepeatCellRequest: one CellData for every cell; relative references of a formula move."""
    brush = Brush.of_request(request)
    place = GridRange.from_json(request.get("range", {}))
    sheet = edit.sheet(place.sheet_id)
    area = sheet.area_of(place)
    edit.require_editable(place)
    data: Json = request.get("cell", {})
    formula = str(data.get("userEnteredValue", {}).get("formulaValue", ""))
    if not formula or "userEnteredValue" not in brush.names:
        _repeat(sheet, area, data, brush)
        return {}
    for index in range(area.top, area.bottom):
        line = [
            _with_formula(data, moved_formula(formula, index - area.top, offset, edit.locale))
            for offset in range(area.width)
        ]
        _paint_row(sheet, index, area.left, line, brush)
    return {}


def _repeat(sheet: Sheet, area: Area, data: Json, brush: Brush) -> None:
    """Paint all cells of an area with one object; marks that are alike come out alike."""
    painted: dict[Mark | None, Cell] = {}
    sets_value = "userEnteredValue" in brush.names
    for index in range(area.top, area.bottom):
        row = sheet.row(index)
        cells = []
        for cell in row.cells(area.left, area.right):
            mark = cell.mark
            if mark not in painted:
                painted[mark] = brush.paint(Cell(mark=mark), data)
            fresh = painted[mark]
            keeps = not sets_value and cell.value != BLANK
            cells.append(Cell(cell.value, fresh.mark) if keeps else fresh)
        sheet.set_row(index, row.with_cells(area.left, cells))


def _with_formula(data: Json, formula: str) -> Json:
    return data | {"userEnteredValue": {"formulaValue": formula}}


def set_data_validation(edit: Edit, request: Json) -> Json:
    """SetDataValidationRequest: a rule for every cell of a range, none clears it."""
    place = GridRange.from_json(request.get("range", {}))
    sheet = edit.sheet(place.sheet_id)
    area = sheet.area_of(place)
    edit.require_editable(place)
    rule = request.get("rule", {})
    last = area.bottom if rule else min(area.bottom, len(sheet.rows))
    _repeat(sheet, area._replace(bottom=last), {"dataValidation": rule}, _brush("dataValidation"))
    return {}


def update_borders(edit: Edit, request: Json) -> Json:
    """UpdateBordersRequest: borders around and within a range; a border not given stays."""
    place = GridRange.from_json(request.get("range", {}))
    sheet = edit.sheet(place.sheet_id)
    area = sheet.area_of(place)
    edit.require_editable(place)
    for index in range(area.top, area.bottom):
        row: Row = sheet.row(index)
        cells = [
            _bordered(row.cell(column), _borders_of(request, area, index, column))
            for column in range(area.left, area.right)
        ]
        sheet.set_row(index, row.with_cells(area.left, cells))
    return {}


def _borders_of(request: Json, area: Area, row: int, column: int) -> Json:
    """Name the border of the request that each edge of a cell gets."""
    edges = {
        "top": "top" if row == area.top else "innerHorizontal",
        "bottom": "bottom" if row == area.bottom - 1 else "innerHorizontal",
        "left": "left" if column == area.left else "innerVertical",
        "right": "right" if column == area.right - 1 else "innerVertical",
    }
    return {edge: request[name] for edge, name in edges.items() if name in request}


def _bordered(cell: Cell, borders: Json) -> Cell:
    mark = cell.mark or PLAIN
    shape = dict(mark.format or {})
    kept = shape.get("borders", {}) | borders
    kept = {edge: line for edge, line in kept.items() if line.get("style") != "NONE"}
    shape = {name: fact for name, fact in shape.items() if name != "borders"}
    if kept:
        shape["borders"] = kept
    return Cell(
        cell.value,
        make_mark(mark.formula, share(shape), mark.note, mark.validation, mark.runs),
    )
