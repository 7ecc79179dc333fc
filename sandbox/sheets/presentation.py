"""Workbooks as Spreadsheet of the API, whole or by ranges, with or without grid data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.fields import Mask
from sandbox.sheets.celldata import both_colors, cell_data
from sandbox.sheets.cells import Json, Row, Shared
from sandbox.sheets.defaults import COLUMN_WIDTH, DEFAULT_FORMAT, ROW_HEIGHT, THEME
from sandbox.sheets.locales import LocaleFacts, locale_facts
from sandbox.sheets.ranges import COLUMNS, ROWS, Area, GridRange
from sandbox.sheets.resolving import Target
from sandbox.sheets.state import Metadata, ProtectedRange, RangedFacts, Sheet, Table, Workbook

SPREADSHEET_URL = "https://docs.google.com/spreadsheets/d/{}/edit"


@dataclass(frozen=True)
class View:
    """What of a workbook is asked for: by whom, which ranges, with which cell data.

    `data_mask` is the mask of GridData: None for no grid data, empty for all of it.
    """

    workbook: Workbook
    title: str
    may_edit: Callable[[ProtectedRange], bool]
    targets: Sequence[Target] = ()
    data_mask: Mask | None = None

    @property
    def locale(self) -> LocaleFacts:
        """The facts of the spreadsheet's locale."""
        return locale_facts(self.workbook.locale)


def mask_of_data(mask: Mask) -> Mask | None:
    """Give what a response mask wants of `sheets.data`: None for nothing, empty for all."""
    if not mask or "*" in mask:
        return {}
    sheets = mask.get("sheets")
    if sheets is None:
        return None
    return sheets.get("data") if sheets else {}


def spreadsheet_json(view: View) -> Json:
    """Write a Spreadsheet; only sheets of the asked ranges when there are any."""
    workbook = view.workbook
    wanted = {target.sheet.sheet_id for target in view.targets}
    answer: Json = {
        "spreadsheetId": workbook.spreadsheet_id,
        "properties": properties_json(workbook, view.title),
        "sheets": [
            _sheet_json(view, sheet)
            for sheet in workbook.sheets
            if not view.targets or sheet.sheet_id in wanted
        ],
        "namedRanges": [
            {"namedRangeId": named.named_range_id, "name": named.name}
            | {"range": named.range.to_json()}
            for named in workbook.named_ranges.values()
        ],
        "spreadsheetUrl": SPREADSHEET_URL.format(workbook.spreadsheet_id),
        "developerMetadata": [
            metadata_json(metadata)
            for metadata in workbook.metadata.values()
            if metadata.place is None
        ],
    }
    return _without_empty(answer)


def properties_json(workbook: Workbook, title: str) -> Json:
    """Write SpreadsheetProperties."""
    return {
        "title": title,
        "locale": workbook.locale,
        "autoRecalc": workbook.auto_recalc,
        "timeZone": workbook.time_zone,
        "defaultFormat": DEFAULT_FORMAT,
        "spreadsheetTheme": THEME,
        **workbook.other_properties,
    }


def sheet_properties_json(workbook: Workbook, sheet: Sheet) -> Json:
    """Write SheetProperties."""
    looks = {name: fact for name, fact in both_colors(sheet.looks).items() if fact}
    grid_looks = {name: fact for name, fact in looks.get("gridProperties", {}).items() if fact}
    grid = {"rowCount": sheet.row_count, "columnCount": sheet.column_count}
    return {
        "sheetId": sheet.sheet_id,
        "title": sheet.title,
        "index": workbook.sheets.index(sheet),
        "sheetType": "GRID",
        "gridProperties": grid | grid_looks,
        **{name: fact for name, fact in looks.items() if name != "gridProperties"},
    }


def protection_json(protection: ProtectedRange, *, may_edit: bool) -> Json:
    """Write a ProtectedRange; its editors show only to those who may edit it."""
    answer: Json = {
        "protectedRangeId": protection.protected_range_id,
        "range": protection.range.to_json() if protection.range else None,
        "namedRangeId": protection.named_range_id,
        "description": protection.description,
        "warningOnly": protection.warning_only,
        "requestingUserCanEdit": may_edit or protection.warning_only,
        "unprotectedRanges": [free.to_json() for free in protection.unprotected],
    }
    if may_edit and not protection.warning_only:
        answer["editors"] = _without_empty(
            {
                "users": list(protection.users),
                "groups": list(protection.groups),
                "domainUsersCanEdit": protection.domain_users_can_edit,
            }
        )
    return {name: fact for name, fact in answer.items() if fact not in (None, "", [], False)}


def table_json(table: Table) -> Json:
    """Write a Table."""
    columns = [
        ({"columnIndex": index} if index else {}) | column
        for index, column in enumerate(table.columns)
    ]
    return _without_empty(
        {
            "tableId": table.table_id,
            "name": table.name,
            "range": table.range.to_json(),
            "rowsProperties": table.rows_properties,
            "columnProperties": columns,
        }
    )


def ranged_json(ranged: RangedFacts) -> Json:
    """Write a conditional-format rule."""
    return {"ranges": [place.to_json() for place in ranged.ranges], **(ranged.facts or {})}


def filter_json(ranged: RangedFacts) -> Json:
    """Write a basic filter."""
    return {"range": ranged.ranges[0].to_json(), **(ranged.facts or {})}


def metadata_json(metadata: Metadata) -> Json:
    """Write a DeveloperMetadata with its location."""
    return _without_empty(
        {
            "metadataId": metadata.metadata_id,
            "metadataKey": metadata.key,
            "metadataValue": metadata.value,
            "location": _location_json(metadata),
            "visibility": metadata.visibility,
        }
    )


def groups_json(sheet: Sheet, dimension: str) -> list[Json]:
    """Write the groups of the rows, or of the columns, of a sheet."""
    return [
        {
            "range": _span_json(sheet.sheet_id, dimension, group.start, group.end),
            "depth": group.depth,
        }
        | ({"collapsed": True} if group.collapsed else {})
        for group in sheet.groups
        if group.dimension == dimension
    ]


def _location_json(metadata: Metadata) -> Json:
    place = metadata.place
    if place is None:
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if place.top is None and place.left is None:
        return {"locationType": "SHEET", "sheetId": place.sheet_id}
    if place.top is not None:
        span = _span_json(place.sheet_id, ROWS, place.top, place.bottom)
        return {"locationType": "ROW", "dimensionRange": span}
    span = _span_json(place.sheet_id, COLUMNS, place.left, place.right)
    return {"locationType": "COLUMN", "dimensionRange": span}


def _span_json(sheet_id: int, dimension: str, start: int | None, end: int | None) -> Json:
    """Write a DimensionRange; sheetId 0 is left out."""
    span = {"dimension": dimension, "startIndex": start, "endIndex": end}
    return {"sheetId": sheet_id, **span} if sheet_id else span


def _sheet_json(view: View, sheet: Sheet) -> Json:
    own = [
        metadata
        for metadata in view.workbook.metadata.values()
        if metadata.place and metadata.place.sheet_id == sheet.sheet_id
    ]
    answer: Json = {
        "properties": sheet_properties_json(view.workbook, sheet),
        "merges": [merge.to_json() for merge in sheet.merges],
        "conditionalFormats": [ranged_json(rule) for rule in sheet.conditional_formats],
        "basicFilter": filter_json(sheet.basic_filter) if sheet.basic_filter else None,
        "protectedRanges": [
            protection_json(protection, may_edit=view.may_edit(protection))
            for protection in sheet.protected
        ],
        "tables": [table_json(table) for table in sheet.tables],
        "rowGroups": groups_json(sheet, ROWS),
        "columnGroups": groups_json(sheet, COLUMNS),
        "developerMetadata": [
            metadata_json(metadata)
            for metadata in own
            if metadata.place and metadata.place.top is None and metadata.place.left is None
        ],
    }
    if view.data_mask is not None:
        areas = [target.area for target in view.targets if target.sheet is sheet]
        answer["data"] = [_grid_data(view, sheet, area, own) for area in areas or [sheet.grid]]
    return {name: fact for name, fact in answer.items() if fact not in (None, [])}


def _grid_data(view: View, sheet: Sheet, area: Area, own: list[Metadata]) -> Json:
    mask = view.data_mask or {}
    answer: Json = {"startRow": area.top, "startColumn": area.left}
    parts: dict[str, Callable[[], list[Json]]] = {
        "rowData": lambda: _row_data(sheet, area, mask.get("rowData", {}), view.locale),
        "rowMetadata": lambda: _dimensions(
            {"pixelSize": ROW_HEIGHT},
            [sheet.row(index).shape for index in range(area.top, area.bottom)],
            _by_index(own, lambda place: place.top),
            area.top,
        ),
        "columnMetadata": lambda: _dimensions(
            {"pixelSize": COLUMN_WIDTH},
            [sheet.columns.get(index) for index in range(area.left, area.right)],
            _by_index(own, lambda place: place.left),
            area.left,
        ),
    }
    answer |= {name: build() for name, build in parts.items() if not mask or name in mask}
    return {name: fact for name, fact in answer.items() if fact}


def _by_index(
    own: list[Metadata], index_of: Callable[[GridRange], int | None]
) -> dict[int, list[Json]]:
    """Collect metadata of rows, or of columns, by their index."""
    found: dict[int, list[Json]] = {}
    for metadata in own:
        index = index_of(metadata.place) if metadata.place else None
        if index is not None:
            found.setdefault(index, []).append(metadata_json(metadata))
    return found


def _dimensions(
    usual: Json, shapes: list[Shared | None], metadata: dict[int, list[Json]], start: int
) -> list[Json]:
    """Write DimensionProperties of consecutive rows or columns."""
    answers = [_without_false({**usual, **shape}) if shape else dict(usual) for shape in shapes]
    for index, here in metadata.items():
        if 0 <= index - start < len(answers):
            answers[index - start]["developerMetadata"] = here
    return answers


def _without_false(body: Json) -> Json:
    return {name: fact for name, fact in body.items() if fact is not False}


def _row_data(sheet: Sheet, area: Area, mask: Mask, locale: LocaleFacts) -> list[Json]:
    cell_mask = mask.get("values", {})
    rows = [
        _values_json(row, area, cell_mask, locale) for row in sheet.rows[area.top : area.bottom]
    ]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _values_json(row: Row, area: Area, mask: Mask, locale: LocaleFacts) -> Json:
    cells = [
        cell_data(cell, mask, locale) for cell in row.cells(area.left, min(area.right, row.width))
    ]
    while cells and not cells[-1]:
        cells.pop()
    return {"values": cells} if cells else {}


def _without_empty(body: Json) -> Json:
    return {name: fact for name, fact in body.items() if fact not in (None, "", [], {}, False)}
