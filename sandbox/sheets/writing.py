"""Values on their way into a sheet: what values.update, append and clear do to rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from sandbox.sheets.a1 import Corners, column_letters, format_range
from sandbox.sheets.cells import (
    BLANK,
    Cell,
    Json,
    Mark,
    Row,
    Shared,
    Value,
    entered_mark,
    formatted_mark,
    make_row,
    plain_number,
    share,
)
from sandbox.sheets.editing import Edit
from sandbox.sheets.entering import Entry, enter
from sandbox.sheets.locales import LocaleFacts
from sandbox.sheets.protos import show_proto
from sandbox.sheets.ranges import COLUMNS, Area
from sandbox.sheets.refusals import TOO_LONG, RefusedError
from sandbox.sheets.rendering import number_format
from sandbox.sheets.resolving import Target
from sandbox.sheets.state import MAX_CHARACTERS, Sheet

Incoming = list[list[Any]]
Entering = Callable[[str], Entry]
_STRUCTURES = frozenset({list, dict})

MAX_KNOWN_TEXTS = 4096
"""Different texts remembered while values are written, to store equal ones once."""


def entering_of(option: str, locale: LocaleFacts, today: date) -> Entering | None:
    """Give the way texts are read under a valueInputOption; None keeps them (RAW).

    Raises RefusedError when the option was not given.
    """
    if option == "USER_ENTERED":
        return lambda text: enter(text, locale, today)
    if option == "RAW":
        return None
    raise RefusedError("'valueInputOption' is required but not specified")


def write_values(edit: Edit, target: Target, body: Json, option: str) -> Json:
    """Write a ValueRange into its target and give the UpdateValuesResponse of it.

    Raises RefusedError when the values do not fit the range or a cell may not be edited.
    """
    incoming = incoming_rows(body)
    sheet, area = target.sheet, target.area
    width = max(map(len, incoming), default=0)
    written = Area(area.top, area.left, area.top + len(incoming), area.left + width)
    _check_fit(target, area, written)
    edit.require_area(sheet, written)
    put_values(sheet, area.top, area.left, incoming, entering_of(option, edit.locale, edit.today))
    return {"spreadsheetId": edit.workbook.spreadsheet_id} | _counted(sheet, written, incoming)


def incoming_rows(body: Json) -> Incoming:
    """Give the values of a ValueRange row by row. Raises RefusedError for a value that is none."""
    incoming: Incoming = body.get("values", [])
    for index, row in enumerate(incoming):
        for column, value in enumerate(row):
            if type(value) in _STRUCTURES:
                raise RefusedError(f"Invalid values[{index}][{column}]: {show_proto(value)}")
    if body.get("majorDimension") == COLUMNS:
        return [list(row) for row in zip_longest(*incoming)]
    return incoming


def _check_fit(target: Target, area: Area, written: Area) -> None:
    """Refuse values that would reach past the range, or past the grid from a single cell."""
    sheet = target.sheet
    single = target.corners.is_single_cell
    bottom, right = (sheet.row_count, sheet.column_count) if single else (area.bottom, area.right)
    if written.bottom <= bottom and written.right <= right:
        return
    place = (
        f"row [{bottom + 1}]" if written.bottom > bottom else f"column [{column_letters(right)}]"
    )
    raise RefusedError(
        f"Requested writing within range [{target.text}], but tried writing to {place}"
    )


def put_values(
    sheet: Sheet, top: int, left: int, incoming: Incoming, entering: Entering | None
) -> None:
    """Put values into rows from a cell on; None leaves a cell as it is."""
    known: dict[str, str] = {}
    for index, values in enumerate(incoming, top):
        if values:
            kept = [_kept_once(value, known) if type(value) is str else value for value in values]
            sheet.set_row(index, _entered_row(sheet.row(index), left, kept, entering))


def _kept_once(text: str, known: dict[str, str]) -> str:
    """Give the first of equal texts: those of a table recur, and reading JSON makes each anew."""
    return known.setdefault(text, text) if len(known) < MAX_KNOWN_TEXTS else known.get(text, text)


def _entered_row(row: Row, left: int, incoming: list[Any], entering: Entering | None) -> Row:
    if len(incoming) == 1 and incoming[0] is not None:
        return row.with_cells(left, [Cell(*_entered(incoming[0], row.cell(left).mark, entering))])
    end = left + len(incoming)
    values = list(row.values) + [BLANK] * (end - len(row.values))
    marks = list(row.marks)
    for column, raw in enumerate(incoming, left):
        if raw is None:
            continue
        mark = marks[column] if column < len(marks) else None
        values[column], fresh = _entered(raw, mark, entering)
        if fresh is not mark:
            marks += [None] * (column + 1 - len(marks))
            marks[column] = fresh
    return make_row(values, marks, row.shape)


def _entered(raw: Value, mark: Mark | None, entering: Entering | None) -> tuple[Value, Mark | None]:
    """Give value and mark of a cell that a value comes into."""
    if entering is None or type(raw) is not str or not raw:
        value = _stored(raw)
        fresh = entered_mark(mark) if mark else None
    else:
        value, fresh = _typed(raw, mark, entering)
    return (blank_of(fresh) if value == BLANK and fresh else value), fresh


def _stored(raw: Value) -> Value:
    if type(raw) is str:
        if len(raw) > MAX_CHARACTERS:
            raise RefusedError(TOO_LONG)
        return raw
    if isinstance(raw, int) and abs(raw) > 2**53:
        return float(raw)
    return plain_number(raw) if type(raw) is float else raw


def _typed(text: str, mark: Mark | None, entering: Entering) -> tuple[Value, Mark | None]:
    """Read a typed text; the format it suggests is taken where the cell has none."""
    if len(text) > MAX_CHARACTERS:
        raise RefusedError(TOO_LONG)
    form = number_format(mark)
    if form.get("type") == "TEXT":
        return text, entered_mark(mark)
    entry = entering(text)
    fresh = entered_mark(mark, entry.formula)
    if entry.format_type and not form:
        shape = _suggested(mark.format if mark else None, entry.format_type, entry.pattern)
        fresh = formatted_mark(fresh, shape)
    return entry.value, fresh


@lru_cache(maxsize=1024)
def _suggested(shape: Shared | None, format_type: str, pattern: str) -> Shared | None:
    """Give a cell's format with the number format that a typed text suggests."""
    return share({**(shape or {}), "numberFormat": {"type": format_type, "pattern": pattern}})


def blank_of(mark: Mark | None) -> Value:
    """Tell what an emptied cell holds: a checkbox holds its unchecked value, others nothing."""
    condition = mark.validation.get("condition", {}) if mark and mark.validation else {}
    if condition.get("type") != "BOOLEAN":
        return BLANK
    choices = condition.get("values", [])
    return str(choices[1].get("userEnteredValue", BLANK)) if len(choices) > 1 else False


def _counted(sheet: Sheet, written: Area, incoming: Incoming) -> Json:
    """Give range and counts of what was written; `null` cells do not count."""
    rows, columns, cells = _extent(incoming)
    top, left, bottom, right = written
    corners = Corners(top, left, max(bottom, top + 1), max(right, left + 1))
    answer: Json = {"updatedRange": format_range(sheet.title, corners)}
    if cells:
        answer["updatedRows"] = rows
        answer["updatedColumns"] = columns
        answer["updatedCells"] = cells
    return answer


def _extent(incoming: Incoming) -> tuple[int, int, int]:
    """Count the rows, the columns and the cells that have a value other than `null`."""
    if not any(None in row for row in incoming):
        sizes = [len(row) for row in incoming if row]
        return len(sizes), max(sizes, default=0), sum(sizes)
    touched = [[value is not None for value in row] for row in incoming]
    columns = sum(any(column) for column in zip_longest(*touched, fillvalue=False))
    return sum(map(any, touched)), columns, sum(map(sum, touched))


def clear_values(edit: Edit, target: Target) -> str:
    """Empty the cells of a range, keeping formats, notes and validation; give the range cleared."""
    sheet, area = target.sheet, target.area
    edit.require_area(sheet, area)
    for index in range(area.top, min(area.bottom, len(sheet.rows))):
        sheet.rows[index] = _cleared_row(sheet.rows[index], area)
    sheet.trim()
    return target.print()


def _cleared_row(row: Row, area: Area) -> Row:
    values, marks = list(row.values), list(row.marks)
    for column in range(area.left, min(area.right, row.width)):
        mark = marks[column] if column < len(marks) else None
        if column < len(values):
            values[column] = blank_of(mark)
        if mark:
            marks[column] = entered_mark(mark)
    return make_row(values, marks, row.shape)
