"""The order of values, and rows sorted by it."""

from __future__ import annotations

from dataclasses import replace

from sandbox.sheets.cells import BLANK, CellError, Json, Row, Value
from sandbox.sheets.ranges import Area
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.state import Sheet, Workbook

SortKey = tuple[int, float, str]
Line = tuple[int, Row]
"""A row's cells with the place that they come from."""


def sort_key(value: Value) -> SortKey:
    """Give the order of values: numbers, then texts without case, then booleans, then errors."""
    if isinstance(value, CellError):
        return 3, 0.0, str(value)
    if isinstance(value, bool):
        return 2, float(value), ""
    if isinstance(value, str):
        return 1, 0.0, value.casefold()
    return 0, float(value), ""


def sorted_by_specs(workbook: Workbook, sheet: Sheet, asked: Area, specs: list[Json]) -> None:
    """Sort the filled rows of an area by SortSpecs; blanks come last in both directions.

    Rows that are equal keep their order, and developer metadata of a row goes where its values go
    (observed). Raises RefusedError for a column outside the area.
    """
    area = asked.overlap(sheet.filled)
    lines = [(at, sheet.row(at).part(area.left, area.right)) for at in range(*area.rows)]
    for spec in reversed(specs):
        index = spec.get("dimensionIndex", 0)
        if not asked.left <= index < asked.right:
            raise RefusedError(f"sortSpecs dimensionIndex[{index}] is outside the range.")
        descending = spec.get("sortOrder") == "DESCENDING"
        lines = _sorted_by(lines, index - area.left, descending=descending)
    for index, (_, line) in enumerate(lines, area.top):
        sheet.rows[index] = sheet.rows[index].with_part(area.left, area.right, line)
    sheet.trim()
    _move_metadata(workbook, sheet, {old: new for new, (old, _) in enumerate(lines, area.top)})


def _sorted_by(lines: list[Line], column: int, *, descending: bool) -> list[Line]:
    filled = [line for line in lines if line[1].cell(column).value != BLANK]
    blank = [line for line in lines if line[1].cell(column).value == BLANK]
    filled.sort(key=lambda line: sort_key(line[1].values[column]), reverse=descending)
    return filled + blank


def _move_metadata(workbook: Workbook, sheet: Sheet, moved: dict[int, int]) -> None:
    for key, metadata in workbook.metadata.items():
        place = metadata.place
        if place and place.sheet_id == sheet.sheet_id and place.top in moved:
            top = moved[place.top]
            there = place._replace(top=top, bottom=top + 1)
            workbook.metadata[key] = replace(metadata, place=there)
