"""Requests about whole sheets and about the spreadsheet itself."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo, available_timezones

from sandbox.fields import Mask
from sandbox.sheets.cells import Json
from sandbox.sheets.columns import PrintedBands
from sandbox.sheets.editing import Edit
from sandbox.sheets.locales import locale_facts
from sandbox.sheets.masks import merge, required_mask, wants
from sandbox.sheets.presentation import sheet_properties_json
from sandbox.sheets.ranges import UNBOUNDED, GridRange
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.state import Metadata, Sheet, Workbook

_OWN_FACTS = {"sheetId", "title", "index", "sheetType"}
_OWN_GRID_FACTS = {"rowCount", "columnCount"}
_WORKBOOK_FACTS = {"title", "locale", "timeZone", "autoRecalc"}
_READ_ONLY_FACTS = {"defaultFormat"}


def update_spreadsheet_properties(edit: Edit, request: Json) -> Json:
    """UpdateSpreadsheetPropertiesRequest: title, locale, time zone and the rest."""
    properties, mask = request.get("properties", {}), required_mask(request)
    apply_spreadsheet_properties(edit.workbook, properties, mask)
    if wants(mask, "title") and "title" in properties:
        edit.title = properties["title"]
    return {}


def apply_spreadsheet_properties(workbook: Workbook, properties: Json, mask: Mask) -> None:
    """Set the masked properties; locale and time zone must be known ones."""
    named = {name: properties[name] for name in properties if wants(mask, name)}
    if locale := named.get("locale"):
        workbook.locale = _known_locale(locale)
    if time_zone := named.get("timeZone"):
        workbook.time_zone = _known_time_zone(time_zone)
    workbook.auto_recalc = named.get("autoRecalc", workbook.auto_recalc)
    rest = {name: inner for name, inner in mask.items() if name not in _WORKBOOK_FACTS}
    others = {
        name: fact
        for name, fact in properties.items()
        if name not in _WORKBOOK_FACTS | _READ_ONLY_FACTS
    }
    if rest or not mask:
        workbook.other_properties = merge(workbook.other_properties, others, rest)


def _known_locale(locale: str) -> str:
    try:
        locale_facts(locale)
    except ValueError:
        raise RefusedError(f"Unsupported locale: {locale}") from None
    return locale


def _known_time_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key if name in available_timezones() else _offset_zone(name)
    except (KeyError, ValueError):
        raise RefusedError(f"Invalid time zone: {name}") from None


def _offset_zone(name: str) -> str:
    if not name.startswith("GMT"):
        raise ValueError(name)
    return name


def add_sheet(edit: Edit, request: Json) -> Json:
    """AddSheetRequest: the sheet goes to its index, or to the end."""
    properties = request.get("properties", {})
    sheet = new_sheet(edit, properties)
    count = len(edit.workbook.sheets)
    edit.workbook.sheets.insert(_checked_index(properties.get("index", count), count), sheet)
    edit.workbook.check_size()
    return {"addSheet": {"properties": sheet_properties_json(edit.workbook, sheet)}}


def _checked_index(index: int, count: int) -> int:
    if index < 0:
        raise RefusedError(f"index must be non-negative: {index}")
    return min(index, count)


def new_sheet(edit: Edit, properties: Json) -> Sheet:
    """Make a sheet of its SheetProperties. Raises RefusedError for a taken title or id."""
    title = properties.get("title") or _free_title(edit.workbook)
    check_title(edit.workbook, title)
    sheet_id = properties.get("sheetId")
    if sheet_id is None:
        sheet_id = edit.new_number()
    check_id(edit.workbook, sheet_id)
    sheet = Sheet(sheet_id, title)
    _apply_sheet_properties(sheet, properties, {})
    return sheet


def _free_title(workbook: Workbook) -> str:
    stem = "Лист" if workbook.locale.startswith("ru") else "Sheet"
    number = len(workbook.sheets) + 1
    while workbook.sheet_titled(f"{stem}{number}"):
        number += 1
    return f"{stem}{number}"


def check_title(workbook: Workbook, title: str, allowed: Sheet | None = None) -> None:
    """Refuse a title that another sheet has, case disregarded, or that is empty or too long."""
    if not title:
        raise RefusedError("The sheet name cannot be empty.")
    if len(title) > 100:
        raise RefusedError("The sheet name cannot be greater than 100 characters.")
    taken = workbook.sheet_titled(title)
    if taken is not None and taken is not allowed:
        raise RefusedError(
            f'A sheet with the name "{title}" already exists. Please enter another name.'
        )


def check_id(workbook: Workbook, sheet_id: int) -> None:
    """Refuse a sheet id that is taken or negative."""
    if sheet_id < 0:
        raise RefusedError("Sheet id must be non-negative.")
    if any(sheet.sheet_id == sheet_id for sheet in workbook.sheets):
        raise RefusedError(f"Sheet with id {sheet_id} already exists.")


def _whole(edit: Edit, sheet_id: int) -> Sheet:
    """Give the sheet that a request is about as a whole; there is another text for none."""
    if all(sheet.sheet_id != sheet_id for sheet in edit.workbook.sheets):
        raise RefusedError(f"No sheet with id: {sheet_id}")
    return edit.sheet(sheet_id)


def _apply_sheet_properties(sheet: Sheet, properties: Json, mask: Mask) -> None:
    """Set grid size and looks by the mask."""
    grid = properties.get("gridProperties", {})
    grid_mask = mask.get("gridProperties", {}) if mask else {}
    if wants(mask, "gridProperties"):
        _resize(sheet, {name: size for name, size in grid.items() if wants(grid_mask, name)})
    facts = {name: fact for name, fact in properties.items() if name not in _OWN_FACTS}
    grid_facts = {name: fact for name, fact in grid.items() if name not in _OWN_GRID_FACTS}
    facts.pop("gridProperties", None)
    if grid_facts:
        facts["gridProperties"] = grid_facts
    looks_mask = {name: inner for name, inner in mask.items() if name not in _OWN_FACTS}
    if not mask or looks_mask:
        sheet.looks = merge(sheet.looks, facts, looks_mask)
    _check_frozen(sheet)


def _resize(sheet: Sheet, sizes: Json) -> None:
    """Cut or widen the grid; cells outside are lost."""
    rows, columns = sizes.get("rowCount"), sizes.get("columnCount")
    for name, count in (("row", rows), ("column", columns)):
        if count is not None and count < 1:
            raise RefusedError(f"A sheet must have at least one {name}.")
    if rows is not None:
        sheet.row_count = rows
        del sheet.rows[rows:]
        sheet.trim()
    if columns is not None:
        if columns < sheet.column_count:
            sheet.rows = [row.with_columns(lambda cells: cells[:columns]) for row in sheet.rows]
            sheet.trim()
        sheet.column_count = columns


def _check_frozen(sheet: Sheet) -> None:
    merges = [merge.area(*UNBOUNDED) for merge in sheet.merges]
    rows = [(area.top, area.bottom) for area in merges]
    columns = [(area.left, area.right) for area in merges]
    for name, count, what, merged in (
        ("frozenRowCount", sheet.row_count, "rows", rows),
        ("frozenColumnCount", sheet.column_count, "columns", columns),
    ):
        frozen = sheet.frozen(name)
        if frozen >= count:
            raise RefusedError(f"You can't freeze all visible {what} on the sheet.")
        if any(start < frozen < end for start, end in merged):
            raise RefusedError(
                f"Sorry, you can't freeze {what} which contain only part of a merged cell."
            )


def update_sheet_properties(edit: Edit, request: Json) -> Json:
    """UpdateSheetPropertiesRequest: title, place, grid size, colour, frozen parts, visibility."""
    properties, mask = request.get("properties", {}), required_mask(request)
    sheet = _whole(edit, properties.get("sheetId", 0))
    edit.require_editable(GridRange(sheet.sheet_id))
    if "title" in (mask or properties):
        title = properties.get("title", "")
        check_title(edit.workbook, title, allowed=sheet)
        sheet.title = title
    if wants(mask, "index"):
        count = len(edit.workbook.sheets)
        # Excluded, it moves the sheet to the end: so the discovery document.
        index = _checked_index(properties.get("index", count), count)
        _move(edit.workbook, sheet, index)
    _apply_sheet_properties(sheet, properties, mask)
    edit.workbook.check_size()
    if all(one.looks.get("hidden") for one in edit.workbook.sheets):
        raise RefusedError("You can't hide all the sheets in a document.")
    return {}


def _move(workbook: Workbook, sheet: Sheet, index: int) -> None:
    """Put a sheet before the one that now has this index."""
    before = workbook.sheets.index(sheet)
    workbook.sheets.remove(sheet)
    workbook.sheets.insert(index - 1 if index > before else index, sheet)


def delete_sheet(edit: Edit, request: Json) -> Json:
    """DeleteSheetRequest: the sheet goes with all that lies on it."""
    sheet = _whole(edit, request.get("sheetId", 0))
    edit.require_editable(GridRange(sheet.sheet_id))
    if len(edit.workbook.sheets) == 1:
        raise RefusedError("You can't remove all the sheets in a document.")
    if [one for one in edit.workbook.sheets if not one.looks.get("hidden")] == [sheet]:
        raise RefusedError("You can't remove all the visible sheets in a document.")
    edit.workbook.sheets.remove(sheet)
    edit.workbook.named_ranges = {
        key: named
        for key, named in edit.workbook.named_ranges.items()
        if named.range.sheet_id != sheet.sheet_id
    }
    edit.workbook.metadata = {
        key: metadata
        for key, metadata in edit.workbook.metadata.items()
        if metadata.place is None or metadata.place.sheet_id != sheet.sheet_id
    }
    edit.workbook.comment_anchors = {
        key: place
        for key, place in edit.workbook.comment_anchors.items()
        if place.sheet_id != sheet.sheet_id
    }
    return {}


def duplicate_sheet(edit: Edit, request: Json) -> Json:
    """DuplicateSheetRequest: a copy before the asked index, or before all others."""
    source = _whole(edit, request.get("sourceSheetId", 0))
    title = request.get("newSheetName") or copy_title(edit.workbook, source.title)
    check_title(edit.workbook, title)
    sheet_id = request.get("newSheetId")
    if sheet_id is None:
        sheet_id = edit.new_number()
    check_id(edit.workbook, sheet_id)
    copy = copied_sheet(edit, source, sheet_id, title)
    index = _checked_index(request.get("insertSheetIndex", 0), len(edit.workbook.sheets))
    edit.workbook.sheets.insert(index, copy)
    edit.workbook.metadata |= {
        fresh.metadata_id: fresh
        for fresh in [
            replace(metadata, metadata_id=edit.new_number(), place=_moved(metadata, sheet_id))
            for metadata in edit.workbook.metadata.values()
            if metadata.place and metadata.place.sheet_id == source.sheet_id
        ]
    }
    edit.workbook.check_size()
    return {"duplicateSheet": {"properties": sheet_properties_json(edit.workbook, copy)}}


def _moved(metadata: Metadata, sheet_id: int) -> GridRange | None:
    return metadata.place._replace(sheet_id=sheet_id) if metadata.place else None


def copy_title(workbook: Workbook, title: str) -> str:
    """Give the title Google chooses for a copy."""
    stem = f"Копия {title}" if workbook.locale.startswith("ru") else f"Copy of {title}"
    candidate, number = stem, 1
    while workbook.sheet_titled(candidate):
        number += 1
        candidate = f"{stem} {number}"
    return candidate


def copied_sheet(edit: Edit, source: Sheet, sheet_id: int, title: str) -> Sheet:
    """Copy a sheet, perhaps from another workbook, with new ids for what has ids."""

    def here(places: tuple[GridRange, ...]) -> tuple[GridRange, ...]:
        return tuple(place._replace(sheet_id=sheet_id) for place in places)

    copy = replace(source.fork(), sheet_id=sheet_id, title=title, printed=PrintedBands())
    copy.merges = list(here(tuple(source.merges)))
    copy.protected = [
        replace(
            protection,
            protected_range_id=edit.new_number(),
            range=here((protection.range,))[0],
            unprotected=here(protection.unprotected),
        )
        for protection in source.protected
        if protection.range
    ]
    copy.conditional_formats = [
        replace(rule, ranges=here(rule.ranges)) for rule in source.conditional_formats
    ]
    copy.tables = [
        replace(
            table,
            table_id=str(edit.new_number()),
            name=_free_table_name(edit.workbook, table.name),
            range=here((table.range,))[0],
        )
        for table in source.tables
    ]
    if source.basic_filter:
        copy.basic_filter = replace(source.basic_filter, ranges=here(source.basic_filter.ranges))
    return copy


def _free_table_name(workbook: Workbook, name: str) -> str:
    taken = {table.name.casefold() for sheet in workbook.sheets for table in sheet.tables}
    candidate, number = name, 1
    while candidate.casefold() in taken:
        candidate = f"{name}_{number}"
        number += 1
    return candidate
