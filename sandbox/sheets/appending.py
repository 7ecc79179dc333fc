"""Where values.append puts its rows: after the last table within the range asked for.

Source: guide "Append values", and recorded answers.
"""

from __future__ import annotations

from sandbox.sheets.cells import BLANK, Row
from sandbox.sheets.ranges import Area
from sandbox.sheets.state import Sheet


def find_table(sheet: Sheet, searched: Area) -> Area | None:
    """Give the table that the last filled cell of the searched area belongs to, if any.

    A table ends at a row and at a column without content, so a blank cell inside the only row
    makes two tables of it.
    """
    seed = _last_filled(sheet, searched)
    return None if seed is None else _grown(sheet, seed)


def _last_filled(sheet: Sheet, searched: Area) -> Area | None:
    for index in range(min(searched.bottom, len(sheet.rows)) - 1, searched.top - 1, -1):
        values = sheet.rows[index].values
        for column in range(min(searched.right, len(values)) - 1, searched.left - 1, -1):
            if values[column] != BLANK:
                return Area(index, column, index + 1, column + 1)
    return None


def _grown(sheet: Sheet, area: Area) -> Area:
    """Widen a rectangle while a neighbouring row or column, corners included, has content."""
    while True:
        grown = _grown_sideways(sheet, _grown_up_and_down(sheet, area))
        if grown == area:
            return area
        area = grown


def _grown_up_and_down(sheet: Sheet, area: Area) -> Area:
    top, left, bottom, right = area
    around = (max(left - 1, 0), right + 1)
    while top and _has_content(sheet.row(top - 1), *around):
        top -= 1
    while _has_content(sheet.row(bottom), *around):
        bottom += 1
    return Area(top, left, bottom, right)


def _grown_sideways(sheet: Sheet, area: Area) -> Area:
    rows = sheet.rows[max(area.top - 1, 0) : area.bottom + 1]
    left, right = area.left, area.right
    while left and any(_has_content(row, left - 1, left) for row in rows):
        left -= 1
    while any(_has_content(row, right, right + 1) for row in rows):
        right += 1
    return Area(area.top, left, area.bottom, right)


def _has_content(row: Row, left: int, right: int) -> bool:
    return any(value != BLANK for value in row.values[left:right])
