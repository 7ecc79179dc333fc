"""Requests about tables, and those that mind them.

Sources: the discovery document, the guide on tables, and what others saw Google do: the texts about
columns, how those without a name are called, that a table takes the conditional formats on it along
when it is deleted. Not verified: the other texts, what a table that has no room does with the cells
below it, and that deleting a table empties its cells.
"""

from __future__ import annotations

from dataclasses import replace

from sandbox.sheets.cells import BLANK, Cell, Json, Shared, share
from sandbox.sheets.editing import Edit
from sandbox.sheets.masks import required_mask, wants
from sandbox.sheets.presentation import table_json
from sandbox.sheets.ranges import Area, GridRange
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.requests import cells
from sandbox.sheets.requests.dimensions import insert_dimension
from sandbox.sheets.shifting import unnamed_column
from sandbox.sheets.state import Sheet, Table

DROPDOWN = "DROPDOWN"
UNTYPED = {"", "COLUMN_TYPE_UNSPECIFIED"}


def add_table(edit: Edit, request: Json) -> Json:
    """AddTableRequest: its first row takes the columns' names."""
    body = request.get("table", {})
    sheet, area = _free_area(edit, body)
    names = {table.name.casefold() for one in edit.workbook.sheets for table in one.tables}
    table_id = body.get("tableId") or str(edit.new_number())
    if any(table.table_id == table_id for one in edit.workbook.sheets for table in one.tables):
        raise RefusedError(f"Table with ID {table_id} already exists.")
    table = Table(
        table_id,
        _checked_name(body.get("name") or _free_name(names), names),
        GridRange.of_area(sheet.sheet_id, area),
        _columns(sheet, area, body.get("columnProperties", [])),
        share(body.get("rowsProperties")),
    )
    sheet.tables.append(table)
    _write_headers(sheet, table)
    _write_booleans(sheet, table)
    return {"addTable": {"table": table_json(table)}}


def _free_area(edit: Edit, body: Json, own: Table | None = None) -> tuple[Sheet, Area]:
    """Give the cells of a table to be; other tables and protections may not lie there."""
    if "range" not in body:
        raise RefusedError("Must specify a range.")
    place = GridRange.from_json(body["range"])
    sheet = edit.sheet(place.sheet_id)
    area = sheet.area_of(place)
    edit.require_editable(place)
    for other in sheet.tables:
        if other is not own and area.meets(sheet.area_of(other.range)):
            raise RefusedError("A table cannot overlap another table.")
    return sheet, area


def _free_name(taken: set[str]) -> str:
    number = 1
    while f"table{number}" in taken:
        number += 1
    return f"Table{number}"


def _checked_name(name: str, taken: set[str]) -> str:
    if name.casefold() in taken:
        raise RefusedError(f"A table with the name {name} already exists.")
    return name


def _columns(sheet: Sheet, area: Area, given: list[Json]) -> tuple[Shared, ...]:
    """Give the properties of every column; its header cell names one that is not given.

    One that is given without a name gets one by number.
    """
    by_index = {column.get("columnIndex", 0): column for column in given}
    if outside := [index for index in by_index if not 0 <= index < area.width]:
        raise RefusedError(f"columnIndex[{outside[0]}] is outside the table.")
    headers = sheet.row(area.top).cells(area.left, area.right)
    columns, unnamed = [], 0
    for index, header in enumerate(headers):
        name = str(header.value) or f"Column {index + 1}"
        if index in by_index and not by_index[index].get("columnName"):
            unnamed += 1
            name = f"Column {unnamed}"
        columns.append(_column(index, by_index.get(index, {}), name))
    return tuple(columns)


def _column(index: int, given: Json, name: str) -> Shared:
    kind, rule = given.get("columnType", ""), given.get("dataValidationRule")
    condition = (rule or {}).get("condition", {}).get("type", "")
    if kind == DROPDOWN and not condition:
        raise RefusedError("Condition must be set for dropdown column type.")
    if kind == DROPDOWN and condition != "ONE_OF_LIST":
        raise RefusedError("A dropdown column requires a ONE_OF_LIST data validation condition.")
    if kind != DROPDOWN and rule:
        raise RefusedError("Cannot set condition for non-dropdown column type.")
    facts = {name: fact for name, fact in given.items() if name != "columnIndex"}
    facts["columnName"] = facts.get("columnName") or name
    return share(facts) or unnamed_column(index)


def _write_headers(sheet: Sheet, table: Table) -> None:
    area = sheet.area_of(table.range)
    old = sheet.row(area.top).cells(area.left, area.right)
    names = [column["columnName"] for column in table.columns]
    fresh = [Cell(name, cell.mark) for name, cell in zip(names, old, strict=True)]
    sheet.set_cells(area.top, area.left, [fresh])


def _write_booleans(sheet: Sheet, table: Table) -> None:
    """Let every cell of a boolean column be true or false; what was neither is false."""
    area = sheet.area_of(table.range)
    for column, facts in enumerate(table.columns, area.left):
        if facts.get("columnType") == "BOOLEAN":
            for row in range(area.top + 1, area.bottom):
                cell = sheet.cell(row, column)
                if not isinstance(cell.value, bool):
                    sheet.set_cells(row, column, [[Cell(False, cell.mark)]])


def update_table(edit: Edit, request: Json) -> Json:
    """UpdateTableRequest: name, range, columns and colours by the mask."""
    body, mask = request.get("table", {}), required_mask(request)
    sheet, old = edit.workbook.table(body.get("tableId", ""))
    edit.require_editable(old.range)
    fresh = old
    if wants(mask, "name") and body.get("name"):
        taken = {t.name.casefold() for s in edit.workbook.sheets for t in s.tables if t is not old}
        fresh = replace(fresh, name=_checked_name(body["name"], taken))
    if wants(mask, "range") and "range" in body:
        new_sheet, area = _free_area(edit, body, old)
        if new_sheet is not sheet:
            raise RefusedError("A table cannot move to another sheet.")
        kept = [{**column, "columnIndex": index} for index, column in enumerate(old.columns)]
        columns = _columns(sheet, area, kept[: area.width])
        fresh = replace(fresh, range=GridRange.of_area(sheet.sheet_id, area), columns=columns)
    if wants(mask, "columnProperties") and "columnProperties" in body:
        if not all(column.get("columnName") for column in body["columnProperties"]):
            raise RefusedError("Table header row cell must have a value.")
        columns = _columns(sheet, sheet.area_of(fresh.range), body["columnProperties"])
        fresh = replace(fresh, columns=columns)
    if wants(mask, "rowsProperties"):
        fresh = replace(fresh, rows_properties=share(body.get("rowsProperties")))
    sheet.tables[sheet.tables.index(old)] = fresh
    _write_headers(sheet, fresh)
    _write_booleans(sheet, fresh)
    return {}


def delete_table(edit: Edit, request: Json) -> Json:
    """DeleteTableRequest: the table goes with what is in it."""
    sheet, table = edit.workbook.table(request.get("tableId", ""))
    edit.require_editable(table.range)
    area = sheet.area_of(table.range)
    sheet.set_cells(area.top, area.left, [[Cell()] * area.width for _ in range(area.height)])
    sheet.tables.remove(table)
    sheet.conditional_formats = [
        rule
        for rule in sheet.conditional_formats
        if not all(area.contains(sheet.area_of(place)) for place in rule.ranges)
    ]
    return {}


def append_cells(edit: Edit, request: Json) -> Json:
    """AppendCellsRequest: below the data of a sheet, or of a table when it names one."""
    if not request.get("tableId"):
        return cells.append_cells(edit, request)
    sheet, table = edit.workbook.table(request["tableId"])
    area = sheet.area_of(table.range)
    top = _first_free_row(sheet, area)
    rows: list[Json] = request.get("rows", [])
    missing = top + len(rows) - area.bottom
    if missing > 0:
        _lengthen(edit, sheet, area, missing)
        longer = area._replace(bottom=area.bottom + missing)
        fresh = replace(table, range=GridRange.of_area(sheet.sheet_id, longer))
        place = next(i for i, one in enumerate(sheet.tables) if one.table_id == table.table_id)
        sheet.tables[place] = fresh
    start = {"sheetId": sheet.sheet_id, "rowIndex": top, "columnIndex": area.left}
    fields = request.get("fields", "")
    return cells.update_cells(edit, {"start": start, "rows": rows, "fields": fields})


def _first_free_row(sheet: Sheet, area: Area) -> int:
    """Give the row after the last one of the table's body with a value."""
    for index in range(area.bottom - 1, area.top, -1):
        if any(_is_filled(cell) for cell in sheet.row(index).cells(area.left, area.right)):
            return index + 1
    return area.top + 1


def _is_filled(cell: Cell) -> bool:
    return cell.value != BLANK or bool(cell.mark and cell.mark.formula)


def _lengthen(edit: Edit, sheet: Sheet, area: Area, missing: int) -> None:
    """Make room below a table: free cells are taken, else rows come in."""
    below = sheet.cells(Area(area.bottom, area.left, area.bottom + missing, area.right))
    if any(_is_filled(cell) for line in below for cell in line):
        span = {"sheetId": sheet.sheet_id, "dimension": "ROWS"}
        span |= {"startIndex": area.bottom, "endIndex": area.bottom + missing}
        insert_dimension(edit, {"range": span, "inheritFromBefore": True})
        return
    rows = max(sheet.row_count, area.bottom + missing)
    edit.workbook.resize(sheet, rows, sheet.column_count)


def set_data_validation(edit: Edit, request: Json) -> Json:
    """SetDataValidationRequest; refused on a column that a table gives its type."""
    place = GridRange.from_json(request.get("range", {}))
    sheet = edit.sheet(place.sheet_id)
    area = sheet.area_of(place)
    for table in sheet.tables:
        body = sheet.area_of(table.range)
        for index, column in enumerate(table.columns, body.left):
            typed = column.get("columnType", "") not in UNTYPED
            if typed and area.meets(Area(body.top, index, body.bottom, index + 1)):
                raise RefusedError("This operation is not allowed on cells in typed columns.")
    return cells.set_data_validation(edit, request)
