"""Formulas whose references move: with the formula itself, or with the cells they name."""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.sheets.a1 import column_index, column_letters, quote_title
from sandbox.sheets.cells import Row, make_mark, make_row
from sandbox.sheets.formulas.tokens import tokenize
from sandbox.sheets.locales import LocaleFacts
from sandbox.sheets.ranges import GridRange
from sandbox.sheets.shifting import CellMove, GridShift
from sandbox.sheets.state import Sheet, Workbook

_PART = re.compile(r"(\$?)([A-Za-z]{1,3})?(\$?)(\d+)?")
_SHEET = re.compile(r"(?:'((?:[^']|'')+)'|([^!]+))!(.*)", re.S)
LOST = "#REF!"

Change = GridShift | CellMove


def moved_formula(formula: str, down: int, right: int, locale: LocaleFacts) -> str:
    """Give the formula as it reads after a copy: relative references moved, `$` ones kept."""
    if not (down or right):
        return formula
    return _rewritten(formula, locale, lambda text: _moved_reference(text, down, right))


def qualified_formula(formula: str, title: str, locale: LocaleFacts) -> str:
    """Give the formula as it reads from another sheet: every reference names its own."""
    prefix = quote_title(title) + "!"
    return _rewritten(formula, locale, lambda text: text if "!" in text else prefix + text)


def shift_formulas(workbook: Workbook, change: Change, locale: LocaleFacts) -> None:
    """Let the references of all formulas follow the cells of a sheet that move."""
    for sheet in workbook.sheets:
        for index, row in enumerate(sheet.rows):
            if row.has_formulas:
                sheet.rows[index] = _shifted_row(workbook, sheet, row, change, locale)


def _shifted_row(
    workbook: Workbook, sheet: Sheet, row: Row, change: Change, locale: LocaleFacts
) -> Row:
    marks = [
        make_mark(
            _rewritten(
                mark.formula,
                locale,
                lambda text: _shifted_reference(text, workbook, sheet, change),
            ),
            mark.format,
            mark.note,
            mark.validation,
            mark.runs,
        )
        if mark and mark.formula
        else mark
        for mark in row.marks
    ]
    return make_row(list(row.values), marks, row.shape)


def _rewritten(formula: str, locale: LocaleFacts, change: Callable[[str], str]) -> str:
    tokens = tokenize(formula[1:], locale.decimal)
    return "=" + "".join(
        change(token.text) if token.kind == "reference" else token.text for token in tokens
    )


def _split(text: str) -> tuple[str, str]:
    """Split a reference into the prefix naming the sheet, `!` included, and the cells."""
    head, bang, cells = text.rpartition("!")
    return head + bang, cells


def _moved_reference(text: str, down: int, right: int) -> str:
    prefix, cells = _split(text)
    moved = [_moved_part(part, down, right) for part in cells.split(":")]
    return LOST if None in moved else prefix + ":".join(part for part in moved if part)


def _moved_part(part: str, down: int, right: int) -> str | None:
    match = _PART.fullmatch(part)
    if match is None:
        return part
    column_dollar, letters, row_dollar, digits = match.groups()
    if digits and not letters:
        row_dollar = row_dollar or column_dollar
        column_dollar = ""
    text = ""
    if letters:
        column = column_index(letters) + (0 if column_dollar else right)
        if column < 0:
            return None
        text += column_dollar + column_letters(column)
    if digits:
        row = int(digits) + (0 if row_dollar else down)
        if row < 1:
            return None
        text += f"{row_dollar}{row}"
    return text


def _shifted_reference(text: str, workbook: Workbook, home: Sheet, change: Change) -> str:
    prefix, cells = _split(text)
    sheet = home
    if match := _SHEET.fullmatch(text):
        title = match[1].replace("''", "'") if match[1] else match[2]
        sheet = workbook.sheet_titled(title) or home
        if workbook.sheet_titled(title) is None:
            return text
    if sheet.sheet_id != change.sheet_id:
        return text
    parts = cells.split(":")
    first, last = _ends(parts[0]), _ends(parts[-1])
    place = GridRange(
        sheet.sheet_id,
        top=first[0],
        left=first[1],
        bottom=None if last[0] is None else last[0] + 1,
        right=None if last[1] is None else last[1] + 1,
    )
    moved = change.place(place)
    if moved is None:
        return LOST
    if moved.sheet_id != sheet.sheet_id:
        at_home = moved.sheet_id == home.sheet_id
        prefix = "" if at_home else quote_title(workbook.sheet(moved.sheet_id).title) + "!"
    corners = [(moved.top, moved.left), (_last(moved.bottom), _last(moved.right))]
    printed = [_printed(part, *corner) for part, corner in zip(parts, corners, strict=False)]
    return prefix + ":".join(printed)


def _last(end: int | None) -> int | None:
    return None if end is None else end - 1


def _ends(part: str) -> tuple[int | None, int | None]:
    match = _PART.fullmatch(part)
    if match is None:
        return None, None
    row = int(match[4]) - 1 if match[4] else None
    return row, column_index(match[2]) if match[2] else None


def _printed(part: str, row: int | None, column: int | None) -> str:
    """Print a corner as the old one was written, with its `$` signs."""
    match = _PART.fullmatch(part)
    if match is None:
        return part
    column_dollar, letters, row_dollar, digits = match.groups()
    text = ""
    if letters and column is not None:
        text += column_dollar + column_letters(column)
    if digits and row is not None:
        dollar = row_dollar or (column_dollar if not letters else "")
        text += f"{dollar}{row + 1}"
    return text
