"""Requests that move or copy blocks of cells: copyPaste, cutPaste."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.sheets.cells import PLAIN, Cell, Json, Mark, Shared, make_mark, share
from sandbox.sheets.editing import Edit
from sandbox.sheets.formulas.moving import moved_formula, qualified_formula, shift_formulas
from sandbox.sheets.ranges import Area, GridRange
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.shifting import CellMove, move_names
from sandbox.sheets.state import Sheet

Block = list[list[Cell]]


def _mark(
    old: Cell, new: Cell, *, shape: bool = False, rule: bool = False, content: bool = False
) -> Mark | None:
    """Mix two cells' marks: what is named comes from the new one."""
    was, now = old.mark or PLAIN, new.mark or PLAIN
    return make_mark(
        now.formula if content else was.formula,
        now.format if shape else was.format,
        now.note if shape and content else was.note,
        now.validation if rule else was.validation,
        now.runs if content else was.runs,
    )


def _paste_values(old: Cell, new: Cell) -> Cell:
    was = old.mark or PLAIN
    return Cell(new.value, make_mark("", was.format, was.note, was.validation, None))


def _without_borders(shape: Shared | None) -> Shared | None:
    return share({name: fact for name, fact in (shape or {}).items() if name != "borders"})


def _paste_no_borders(old: Cell, new: Cell) -> Cell:
    now = new.mark or PLAIN
    shape = _without_borders(now.format)
    return Cell(new.value, make_mark(now.formula, shape, now.note, now.validation, now.runs))


PASTES: dict[str, Callable[[Cell, Cell], Cell]] = {
    "PASTE_NORMAL": lambda _, new: new,
    "PASTE_VALUES": _paste_values,
    "PASTE_FORMAT": lambda old, new: Cell(old.value, _mark(old, new, shape=True, rule=True)),
    "PASTE_NO_BORDERS": _paste_no_borders,
    "PASTE_FORMULA": lambda old, new: Cell(new.value, _mark(old, new, content=True)),
    "PASTE_DATA_VALIDATION": lambda old, new: Cell(old.value, _mark(old, new, rule=True)),
    "PASTE_CONDITIONAL_FORMATTING": lambda old, _: old,
}


def copy_paste(edit: Edit, request: Json) -> Json:
    """CopyPasteRequest: the source repeats as often as it fits into the destination."""
    source_place = GridRange.from_json(request.get("source", {}))
    place = GridRange.from_json(request.get("destination", {}))
    source_sheet, sheet = edit.sheet(source_place.sheet_id), edit.sheet(place.sheet_id)
    source, destination = source_sheet.area_of(source_place), sheet.area_of(place)
    block = source_sheet.cells(source)
    if request.get("pasteOrientation") == "TRANSPOSE":
        block = [list(column) for column in zip(*block, strict=True)]
    height, width = len(block), len(block[0]) if block else 0
    if not height or not width:
        return {}
    target = Area(
        destination.top,
        destination.left,
        destination.top + _repeated(destination.height, height),
        destination.left + _repeated(destination.width, width),
    )
    _check_inside(sheet, target)
    edit.require_editable(GridRange.of_area(sheet.sheet_id, target))
    paste = PASTES[request.get("pasteType", "PASTE_NORMAL")]
    repeated = [
        [
            _travelled(edit, block[row % height][column % width], target, source, row, column)
            for column in range(target.width)
        ]
        for row in range(target.height)
    ]
    _lay(sheet, target, repeated, paste)
    return {}


def _repeated(room: int, size: int) -> int:
    """Give how many rows or columns a source of this size fills in that room."""
    return room if room > size and room % size == 0 else size


def _travelled(edit: Edit, cell: Cell, target: Area, source: Area, row: int, column: int) -> Cell:
    """Give a copied cell, the relative references of its formula moved as far as the cell was."""
    if not cell.mark or not cell.mark.formula:
        return cell
    down = target.top + row - (source.top + row % source.height)
    right = target.left + column - (source.left + column % source.width)
    mark = cell.mark
    formula = moved_formula(mark.formula, down, right, edit.locale)
    return Cell(cell.value, make_mark(formula, mark.format, mark.note, mark.validation, mark.runs))


def _check_inside(sheet: Sheet, target: Area) -> None:
    if target.bottom > sheet.row_count or target.right > sheet.column_count:
        raise RefusedError("The destination is too small for the source.")


def _lay(sheet: Sheet, target: Area, block: Block, paste: Callable[[Cell, Cell], Cell]) -> None:
    old = sheet.cells(target)
    sheet.set_cells(
        target.top,
        target.left,
        [
            [paste(was, now) for was, now in zip(old_line, line, strict=True)]
            for old_line, line in zip(old, block, strict=True)
        ],
    )


def cut_paste(edit: Edit, request: Json) -> Json:
    """CutPasteRequest: the source is emptied, its cells go to a new corner.

    References and names follow the cells; a reference to a cell that is pasted over stays (not
    verified with Google).
    """
    source_place = GridRange.from_json(request.get("source", {}))
    corner = GridRange.at(request.get("destination", {}))
    source_sheet, sheet = edit.sheet(source_place.sheet_id), edit.sheet(corner.sheet_id)
    source = source_sheet.area_of(source_place)
    top, left, *_ = sheet.area_of(corner)
    target = Area(top, left, top + source.height, left + source.width)
    _check_inside(sheet, target)
    edit.require_editable(source_place)
    edit.require_editable(GridRange.of_area(sheet.sheet_id, target))
    block = source_sheet.cells(source)
    if sheet is not source_sheet:
        block = [[_abroad(edit, cell, source_sheet.title) for cell in line] for line in block]
    emptied = [[Cell()] * source.width for _ in range(source.height)]
    source_sheet.set_cells(source.top, source.left, emptied)
    _lay(sheet, target, block, PASTES[request.get("pasteType", "PASTE_NORMAL")])
    down, right = target.top - source.top, target.left - source.left
    move = CellMove(source_sheet.sheet_id, source, sheet.sheet_id, down, right)
    move_names(edit.workbook, move)
    shift_formulas(edit.workbook, move, edit.locale)
    return {}


def _abroad(edit: Edit, cell: Cell, title: str) -> Cell:
    """Give a cell for another sheet, its references naming the sheet they mean."""
    mark = cell.mark
    if not mark or not mark.formula:
        return cell
    formula = qualified_formula(mark.formula, title, edit.locale)
    return Cell(cell.value, make_mark(formula, mark.format, mark.note, mark.validation, mark.runs))
