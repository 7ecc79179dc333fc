"""Requests about whole rows and columns: insert, delete, append, move, resize, hide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from sandbox.sheets.cells import EMPTY_ROW, Cell, Json, Mark, Row, Shared, make_mark, share
from sandbox.sheets.editing import Edit
from sandbox.sheets.formulas.moving import shift_formulas
from sandbox.sheets.masks import merge, required_mask
from sandbox.sheets.ranges import ROWS, UNBOUNDED, GridRange
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.shifting import Deletion, GridShift, Insertion, Move, Shift, shift_ranges
from sandbox.sheets.state import Sheet

Item = TypeVar("Item")


@dataclass(frozen=True)
class Dimensions:
    """Rows or columns start..end-1 of a sheet."""

    sheet: Sheet
    dimension: str
    start: int
    end: int

    @property
    def by_rows(self) -> bool:
        """True for rows, False for columns."""
        return self.dimension == ROWS

    @property
    def place(self) -> GridRange:
        """The cells of these rows or columns."""
        if self.by_rows:
            return GridRange(self.sheet.sheet_id, top=self.start, bottom=self.end)
        return GridRange(self.sheet.sheet_id, left=self.start, right=self.end)

    @property
    def size(self) -> int:
        """How many the grid has."""
        return self.sheet.row_count if self.by_rows else self.sheet.column_count

    @property
    def count(self) -> int:
        """How many there are."""
        return self.end - self.start


def dimensions_of(edit: Edit, span: Json) -> Dimensions:
    """Read a DimensionRange; an open end reaches to the end of the grid."""
    sheet = edit.sheet(span.get("sheetId", 0))
    dimension = span.get("dimension", "")
    if dimension not in {"ROWS", "COLUMNS"}:
        raise RefusedError("No dimension specified.")
    size = sheet.row_count if dimension == ROWS else sheet.column_count
    start, end = span.get("startIndex", 0), span.get("endIndex", size)
    if start < 0 or end < start:
        raise RefusedError(f"Invalid dimension range: startIndex[{start}], endIndex[{end}].")
    return Dimensions(sheet, dimension, start, end)


def _shift(edit: Edit, dimensions: Dimensions, shift: Shift) -> None:
    change = GridShift(dimensions.sheet.sheet_id, dimensions.dimension, shift)
    shift_ranges(edit.workbook, change)
    shift_formulas(edit.workbook, change, edit.locale)


def insert_dimension(edit: Edit, request: Json) -> Json:
    """InsertDimensionRequest: new rows or columns, dressed like those before or after them."""
    dimensions = dimensions_of(edit, request.get("range", {}))
    size = dimensions.size
    inherit = bool(request.get("inheritFromBefore"))
    if inherit and dimensions.start == 0:
        raise RefusedError("inheritFromBefore cannot be true when inserting at index 0.")
    if dimensions.start > size:
        raise RefusedError(f"range.startIndex is larger than current grid size ({size})")
    if dimensions.start == size and not inherit:
        raise RefusedError(
            f"range.startIndex must be less than the grid size ({size}) if inheritFromBefore is "
            "false."
        )
    _require_inside(edit, dimensions)
    _grow(edit, dimensions.sheet, dimensions.dimension, dimensions.count)
    _insert(dimensions, model=dimensions.start - 1 if inherit else dimensions.start)
    _shift(edit, dimensions, Insertion(dimensions.start, dimensions.count))
    return {}


def _require_inside(edit: Edit, dimensions: Dimensions) -> None:
    """Refuse an insertion in the middle of what is protected from the user."""
    start = dimensions.start
    if start == 0:
        return
    sheet_id = dimensions.sheet.sheet_id
    before, after = (
        (
            GridRange(sheet_id, top=start - 1, bottom=start),
            GridRange(sheet_id, start, None, start + 1),
        )
        if dimensions.by_rows
        else (
            GridRange(sheet_id, left=start - 1, right=start),
            GridRange(sheet_id, left=start, right=start + 1),
        )
    )
    try:
        edit.require_editable(before)
    except RefusedError:
        edit.require_editable(after)


def _insert(dimensions: Dimensions, model: int) -> None:
    sheet, start, count = dimensions.sheet, dimensions.start, dimensions.count
    if dimensions.by_rows:
        fresh = _blank_like(sheet.row(model))
        if start < len(sheet.rows):
            sheet.rows[start:start] = [fresh] * count
        elif not fresh.is_empty:
            sheet.rows.extend([EMPTY_ROW] * (start - len(sheet.rows)) + [fresh] * count)
        return
    sheet.rows = [
        row.with_columns(lambda cells: widened(cells, start, count, model))
        if row.width > min(start, model)
        else row
        for row in sheet.rows
    ]
    shape = sheet.columns.get(model)
    sheet.columns = _moved_columns(sheet.columns, Insertion(start, count))
    if shape:
        sheet.columns |= dict.fromkeys(range(start, start + count), shape)


def _grow(edit: Edit, sheet: Sheet, dimension: str, count: int) -> None:
    rows, columns = (count, 0) if dimension == ROWS else (0, count)
    edit.workbook.resize(sheet, sheet.row_count + rows, sheet.column_count + columns)


def _blank_like(row: Row) -> Row:
    """Give an empty row with the formats, validation and height of another."""
    return Row((), tuple(map(_dress, row.marks)), row.shape)


def _dress(mark: Mark | None) -> Mark | None:
    return make_mark("", mark.format, "", mark.validation, None) if mark else None


def widened(cells: list[Cell], start: int, count: int, model: int) -> list[Cell]:
    """Give cells with blank ones put in before a column, dressed like the one at `model`."""
    mark = _dress(cells[model].mark) if model < len(cells) else None
    padded = cells + [Cell()] * (start - len(cells))
    return [*padded[:start], *[Cell(mark=mark)] * count, *padded[start:]]


def _moved_columns(columns: dict[int, Shared], shift: Shift) -> dict[int, Shared]:
    return {
        span[0]: shape for index, shape in columns.items() if (span := shift.span(index, index + 1))
    }


def delete_dimension(edit: Edit, request: Json) -> Json:
    """DeleteDimensionRequest: rows or columns go, what lies on them goes with them."""
    dimensions = dimensions_of(edit, request.get("range", {}))
    size, name = dimensions.size, "row" if dimensions.by_rows else "column"
    if dimensions.start >= size or dimensions.end > size:
        index = dimensions.start if dimensions.start >= size else dimensions.end - 1
        raise RefusedError(
            f"Cannot delete a {name} that doesn't exist. Tried to delete {name} index {index} "
            f"but there are only {size} {name}s."
        )
    _check_some_left(dimensions, size)
    edit.require_editable(dimensions.place)
    _delete(dimensions)
    _shift(edit, dimensions, Deletion(dimensions.start, dimensions.end))
    return {}


def _check_some_left(dimensions: Dimensions, size: int) -> None:
    """Refuse to delete every row or column, or all those that are not frozen."""
    name = "rows" if dimensions.by_rows else "columns"
    if dimensions.count >= size:
        raise RefusedError(f"You can't delete all the {name} on the sheet.")
    frozen = dimensions.sheet.frozen(
        "frozenRowCount" if dimensions.by_rows else "frozenColumnCount"
    )
    if frozen and dimensions.start <= frozen and dimensions.end >= size:
        raise RefusedError(f"Sorry, it is not possible to delete all non-frozen {name}.")


def _delete(dimensions: Dimensions) -> None:
    sheet, start, end = dimensions.sheet, dimensions.start, dimensions.end
    frozen_name = "frozenRowCount" if dimensions.by_rows else "frozenColumnCount"
    frozen = sheet.frozen(frozen_name)
    if start < frozen:
        grid = sheet.looks.get("gridProperties", {})
        sheet.looks["gridProperties"] = grid | {frozen_name: frozen - (min(end, frozen) - start)}
    if dimensions.by_rows:
        del sheet.rows[start:end]
        sheet.row_count -= end - start
    else:
        sheet.rows = [
            row.with_columns(lambda cells: cells[:start] + cells[end:])
            if row.width > start
            else row
            for row in sheet.rows
        ]
        sheet.columns = _moved_columns(sheet.columns, Deletion(start, end))
        sheet.column_count -= end - start
    sheet.trim()


def append_dimension(edit: Edit, request: Json) -> Json:
    """AppendDimensionRequest: empty rows or columns at the end."""
    sheet = edit.sheet(request.get("sheetId", 0))
    length = request.get("length", 0)
    if length < 1:
        raise RefusedError("length must be greater than zero.")
    _grow(edit, sheet, request.get("dimension", ""), length)
    return {}


def move_dimension(edit: Edit, request: Json) -> Json:
    """MoveDimensionRequest: rows or columns go before an index counted before the move."""
    dimensions = dimensions_of(edit, request.get("source", {}))
    destination = request.get("destinationIndex", 0)
    size = dimensions.size
    if dimensions.end > size or destination > size:
        raise RefusedError("The source and the destination must lie within the grid.")
    if dimensions.start < destination < dimensions.end:
        raise RefusedError("The destination may not lie within the source.")
    edit.require_editable(dimensions.place)
    _check_merges(dimensions, destination)
    move = Move(dimensions.start, dimensions.end, destination)
    sheet = dimensions.sheet
    if dimensions.by_rows:
        reach = max(dimensions.end, destination)
        sheet.rows += [EMPTY_ROW] * (reach - len(sheet.rows))
        sheet.rows = _moved_list(sheet.rows, move)
        sheet.trim()
    else:
        reach = max(dimensions.end, destination)
        sheet.rows = [
            row.with_columns(
                lambda cells: _moved_list(cells + [Cell()] * (reach - len(cells)), move)
            )
            for row in sheet.rows
        ]
        sheet.columns = _moved_columns(sheet.columns, move)
    _shift(edit, dimensions, move)
    return {}


def _check_merges(dimensions: Dimensions, destination: int) -> None:
    """Refuse a move that would tear a merge apart (observed), be it where they leave or arrive."""
    for merged in dimensions.sheet.merges:
        area = merged.area(*UNBOUNDED)
        start, end = area.rows if dimensions.by_rows else (area.left, area.right)
        torn = start < dimensions.start < end or start < dimensions.end < end
        if torn or start < destination < end:
            name = "row" if dimensions.by_rows else "column"
            raise RefusedError(
                f"Sorry, it is not possible to move a {name} to a position that crosses a merged "
                "cell. Please unmerge and try again."
            )


def _moved_list(items: list[Item], move: Move) -> list[Item]:
    block = items[move.start : move.end]
    rest = items[: move.start] + items[move.end :]
    target = move.destination
    if target > move.start:
        target -= len(block)
    return [*rest[:target], *block, *rest[target:]]


def update_dimension_properties(edit: Edit, request: Json) -> Json:
    """UpdateDimensionPropertiesRequest: size and visibility of rows or columns."""
    dimensions = dimensions_of(edit, request.get("range", {}))
    mask = required_mask(request)
    properties = request.get("properties", {})
    if dimensions.start >= dimensions.size:
        raise RefusedError("The dimensions do not exist.")
    edit.require_editable(dimensions.place)
    _reshape(dimensions, lambda shape: share(merge(shape or {}, properties, mask)))
    return {}


def auto_resize_dimensions(edit: Edit, request: Json) -> Json:
    """AutoResizeDimensionsRequest: sizes by content, which here are the usual ones."""
    dimensions = dimensions_of(edit, request.get("dimensions", {}))
    edit.require_editable(dimensions.place)
    _reshape(
        dimensions,
        lambda shape: share(
            {name: fact for name, fact in (shape or {}).items() if name != "pixelSize"}
        ),
    )
    return {}


def _reshape(dimensions: Dimensions, change: Callable[[Shared | None], Shared | None]) -> None:
    sheet = dimensions.sheet
    for index in range(dimensions.start, min(dimensions.end, dimensions.size)):
        if dimensions.by_rows:
            row = sheet.row(index)
            sheet.set_row(index, replace(row, shape=change(row.shape)))
        elif shape := change(sheet.columns.get(index)):
            sheet.columns[index] = shape
        else:
            sheet.columns.pop(index, None)


def set_hidden(dimensions: Dimensions, *, hidden: bool) -> None:
    """Hide rows or columns, or show them."""
    fresh = {"hiddenByUser": True} if hidden else {}
    _reshape(dimensions, lambda shape: share(merge(shape or {}, fresh, {"hiddenByUser": {}})))
