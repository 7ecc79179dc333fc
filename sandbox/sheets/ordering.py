"""The order of values, and rows sorted by it."""

from __future__ import annotations

from sandbox.sheets.cells import BLANK, CellError, Json, Row, Value
from sandbox.sheets.ranges import Area
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.state import Sheet

SortKey = tuple[int, float, str]


def sort_key(value: Value) -> SortKey:
    """Give the order of values: numbers, then texts without case, then booleans, then errors."""
    if isinstance(value, CellError):
        return 3, 0.0, str(value)
    if isinstance(value, bool):
        return 2, float(value), ""
    if isinstance(value, str):
        return 1, 0.0, value.casefold()
    return 0, float(value), ""


def sorted_by_specs(sheet: Sheet, asked: Area, specs: list[Json]) -> None:
    """Sort the filled rows of an area by SortSpecs; blanks come last in both directions.

    Rows that are equal keep their order. Raises RefusedError for a column outside the area.
    """
    area = asked.overlap(sheet.filled)
    lines = [sheet.row(index).part(area.left, area.right) for index in range(*area.rows)]
    for spec in reversed(specs):
        index = spec.get("dimensionIndex", 0)
        if not asked.left <= index < asked.right:
            raise RefusedError(f"sortSpecs dimensionIndex[{index}] is outside the range.")
        descending = spec.get("sortOrder") == "DESCENDING"
        lines = _sorted_by(lines, index - area.left, descending=descending)
    for index, line in enumerate(lines, area.top):
        sheet.rows[index] = sheet.rows[index].with_part(area.left, area.right, line)
    sheet.trim()


def _sorted_by(lines: list[Row], column: int, *, descending: bool) -> list[Row]:
    filled = [line for line in lines if line.cell(column).value != BLANK]
    blank = [line for line in lines if line.cell(column).value == BLANK]
    filled.sort(key=lambda line: sort_key(line.values[column]), reverse=descending)
    return filled + blank
