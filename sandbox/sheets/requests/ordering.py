"""Requests that go through values: sortRange, findReplace."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from sandbox.sheets.cells import Cell, Json, entered_mark
from sandbox.sheets.editing import Edit
from sandbox.sheets.entering import enter
from sandbox.sheets.locales import LocaleFacts
from sandbox.sheets.ordering import sorted_by_specs
from sandbox.sheets.ranges import Area, GridRange
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.rendering import format_value, number_format
from sandbox.sheets.state import Sheet


def sort_range(edit: Edit, request: Json) -> Json:
    """SortRangeRequest: rows of the range by columns."""
    place = GridRange.from_json(request.get("range", {}))
    sheet = edit.sheet(place.sheet_id)
    edit.require_editable(place)
    sorted_by_specs(edit.workbook, sheet, sheet.area_of(place), request.get("sortSpecs", []))
    return {}


@dataclass
class _Found:
    """Counts for FindReplaceResponse."""

    values: int = 0
    formulas: int = 0
    occurrences: int = 0
    rows: set[tuple[int, int]] = field(default_factory=set)
    sheets: set[int] = field(default_factory=set)

    def answer(self) -> Json:
        """Give the response, zeros left out."""
        counts = {
            "valuesChanged": self.values,
            "formulasChanged": self.formulas,
            "rowsChanged": len(self.rows),
            "sheetsChanged": len(self.sheets),
            "occurrencesChanged": self.occurrences,
        }
        return {name: count for name, count in counts.items() if count}


def find_replace(edit: Edit, request: Json) -> Json:
    """FindReplaceRequest: in a range, a sheet or all sheets; the result is read as if typed."""
    if not request.get("find"):
        raise RefusedError("find must be specified.")
    pattern = _pattern(request)
    replacement = _replacement(request)
    found = _Found()
    for sheet, area in _scopes(edit, request):
        for index in range(area.top, area.bottom):
            for column in range(area.left, min(area.right, sheet.row(index).width)):
                cell = sheet.cell(index, column)
                text = _text_of(cell, request, edit.locale)
                fresh, count = pattern.subn(replacement, text) if text else ("", 0)
                if count:
                    edit.require_editable(
                        GridRange(sheet.sheet_id, index, column, index + 1, column + 1)
                    )
                    changed = _retyped(cell, fresh, edit.locale, edit.today)
                    sheet.set_cells(index, column, [[changed]])
                    _count(found, cell, sheet.sheet_id, index, count)
    return {"findReplace": found.answer()}


def _count(found: _Found, cell: Cell, sheet_id: int, row: int, count: int) -> None:
    if cell.mark and cell.mark.formula:
        found.formulas += 1
    else:
        found.values += 1
    found.occurrences += count
    found.rows.add((sheet_id, row))
    found.sheets.add(sheet_id)


def _pattern(request: Json) -> re.Pattern[str]:
    text = request["find"] if request.get("searchByRegex") else re.escape(request["find"])
    if request.get("matchEntireCell"):
        text = rf"\A(?:{text})\Z"
    try:
        return re.compile(text, 0 if request.get("matchCase") else re.I)
    except re.error:
        raise RefusedError(f"Invalid regular expression: {request['find']}") from None


def _replacement(request: Json) -> Callable[[re.Match[str]], str]:
    text = str(request.get("replacement", ""))
    if not request.get("searchByRegex"):
        return lambda _: text
    return lambda match: re.sub(
        r"\$(\d)", lambda group: match.group(min(int(group[1]), match.re.groups)) or "", text
    )


def _scopes(edit: Edit, request: Json) -> Iterable[tuple[Sheet, Area]]:
    if request.get("allSheets"):
        return [(sheet, sheet.filled) for sheet in edit.workbook.sheets]
    if "range" in request:
        place = GridRange.from_json(request["range"])
        sheet = edit.sheet(place.sheet_id)
        return [(sheet, sheet.area_of(place).overlap(sheet.filled))]
    if "sheetId" in request:
        sheet = edit.sheet(request["sheetId"])
        return [(sheet, sheet.filled)]
    raise RefusedError("Must specify a range, sheetId or allSheets.")


def _text_of(cell: Cell, request: Json, locale: LocaleFacts) -> str:
    """Give the text to search in; nothing for a formula unless formulas are asked for."""
    if cell.mark and cell.mark.formula:
        return cell.mark.formula if request.get("includeFormulas") else ""
    return format_value(cell.value, number_format(cell.mark), locale)


def _retyped(cell: Cell, text: str, locale: LocaleFacts, today: date) -> Cell:
    entry = enter(text, locale, today)
    return Cell(entry.value, entered_mark(cell.mark, entry.formula))
