"""A ready workbook: tabs, headers, drop-downs, formats and protection, or what is missing of them.

Source: Sheets API v4, kinds of `Request` in the discovery document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rules.playbook import FieldSpec, Locale, Name, Playbook, Tab
from sync.commit import HEADER_COLOUR, NUMBER_FORMATS
from sync.layout import (
    HIDDEN_TABS,
    TabLayout,
    column_letters,
    find_columns,
    find_sheets,
    header_row,
    hidden_title,
    quote_title,
)
from sync.ports import Request, SheetInfo, SheetsPort, Structure

ROWS = 1_000
WIDE = frozenset({"problems", "info", "text", "learnings", "outcome_reason"})
WIDE_PIXELS, USUAL_PIXELS = 320, 130

SHEETS_LOCALES: Mapping[Locale, str] = {"en": "en_US", "ru": "ru_RU"}

VERDICT_COLOURS: Mapping[str, Mapping[str, float]] = {
    "ok": {"red": 0.85, "green": 0.94, "blue": 0.83},
    "warning": {"red": 1.0, "green": 0.95, "blue": 0.80},
    "error": {"red": 0.96, "green": 0.80, "blue": 0.80},
}


@dataclass(frozen=True)
class Setup:
    """How a workbook is to be set up; `fresh` where it was created for that."""

    playbook: Playbook
    locale: Locale
    base_currency: str
    time_zone: str | None = None
    fresh: bool = False


def set_up(sheets: SheetsPort, spreadsheet_id: str, setup: Setup) -> None:
    """Add every tab and column that the workbook has not: one write, none when nothing is missing.

    Raises StructureError if a header stands twice.
    """
    structure = sheets.read_structure(spreadsheet_id)
    found = find_sheets(setup.playbook, structure.sheets)
    tabs = {key: sheet for key, sheet in found.items() if key in setup.playbook.tabs}
    contents = (
        # Whole tabs, not their headers alone: a column without a header may hold somebody's notes.
        sheets.read_columns(spreadsheet_id, [quote_title(sheet.title) for sheet in tabs.values()])
        if tabs
        else ()
    )
    present = {
        key: find_columns(key, setup.playbook.tabs[key], sheet, header_row(columns))
        for (key, sheet), columns in zip(tabs.items(), contents, strict=True)
    }
    requests = list(_requests(setup, structure, found, present))
    if requests:
        sheets.write(spreadsheet_id, requests)


def _requests(
    setup: Setup,
    structure: Structure,
    found: Mapping[str, SheetInfo],
    present: Mapping[str, TabLayout],
) -> Iterator[Request]:
    if setup.fresh:
        yield from _properties(setup)
    sheets = dict(found)
    free_id = max((sheet.sheet_id for sheet in structure.sheets), default=0) + 1
    for key, title, columns in _wanted_tabs(setup):
        if key not in sheets:
            sheets[key] = SheetInfo(free_id, title, ROWS, columns)
            yield _add_sheet(sheets[key], hidden=key in HIDDEN_TABS)
            yield from _fill_new(setup, key, sheets[key])
            free_id += 1
    if setup.fresh:
        ours = {sheet.sheet_id for sheet in sheets.values()}
        for sheet in structure.sheets:
            if sheet.sheet_id not in ours:
                yield {"deleteSheet": {"sheetId": sheet.sheet_id}}
    layouts = {
        key: present.get(key) or TabLayout(key, sheets[key], {}, {}, 0)
        for key in setup.playbook.tabs
    }
    sources = _list_sources(setup.playbook.tabs["lists"], layouts["lists"])
    for key, tab in setup.playbook.tabs.items():
        yield from _columns(setup, tab, layouts[key], sources)


def _list_sources(tab: Tab, layout: TabLayout) -> Mapping[str, str]:
    """Return where the values of each list stand, as a formula; missing columns come last."""
    missing = [field for field in tab.fields if field not in layout.columns]
    columns = {
        **layout.columns,
        **{field: index for index, field in enumerate(missing, layout.width)},
    }
    title = quote_title(layout.sheet.title)
    letters = {field: column_letters(index) for field, index in columns.items()}
    return {field: f"={title}!${at}$2:${at}" for field, at in letters.items()}


def _properties(setup: Setup) -> Iterator[Request]:
    properties = {"locale": SHEETS_LOCALES[setup.locale]}
    if setup.time_zone:
        properties["timeZone"] = setup.time_zone
    yield {
        "updateSpreadsheetProperties": {"properties": properties, "fields": ",".join(properties)}
    }


def _wanted_tabs(setup: Setup) -> Iterator[tuple[str, str, int]]:
    names: Mapping[str, Name] = {**setup.playbook.tabs, **setup.playbook.reports}
    for key, name in names.items():
        width = len(setup.playbook.tabs[key].fields) if key in setup.playbook.tabs else 26
        yield key, name.in_locale(setup.locale), width
    for key, fields in HIDDEN_TABS.items():
        yield key, hidden_title(key), len(fields)


def _add_sheet(sheet: SheetInfo, *, hidden: bool) -> Request:
    return {
        "addSheet": {
            "properties": {
                "sheetId": sheet.sheet_id,
                "title": sheet.title,
                "hidden": hidden,
                "gridProperties": {"rowCount": sheet.rows, "columnCount": sheet.columns},
            }
        }
    }


def _fill_new(setup: Setup, key: str, sheet: SheetInfo) -> Iterator[Request]:
    """Yield what a new tab gets as a whole: memory's headers, a report's protection, lists."""
    if key in HIDDEN_TABS:
        yield _write_row(sheet.sheet_id, 0, 0, HIDDEN_TABS[key])
    if key in HIDDEN_TABS or key in setup.playbook.reports:
        yield _protect({"sheetId": sheet.sheet_id})
    if key == "lists":
        for index, field in enumerate(setup.playbook.tabs["lists"].fields):
            if starting := setup.playbook.starting_lists.get(field):
                yield _write_column(sheet.sheet_id, index, starting.in_locale(setup.locale))
        yield from _base_currency(setup, sheet)


def _base_currency(setup: Setup, sheet: SheetInfo) -> Iterator[Request]:
    codes = setup.playbook.starting_lists["currencies"].in_locale(setup.locale)
    index = list(setup.playbook.tabs["lists"].fields).index("rates")
    if setup.base_currency in codes:
        row = codes.index(setup.base_currency) + 1
        yield {
            "updateCells": {
                "start": {"sheetId": sheet.sheet_id, "rowIndex": row, "columnIndex": index},
                "rows": [{"values": [{"userEnteredValue": {"numberValue": 1}}]}],
                "fields": "userEnteredValue",
            }
        }


# ── Columns ──────────────────────────────────────────────────────────────────────────────────────


def _columns(
    setup: Setup, tab: Tab, layout: TabLayout, sources: Mapping[str, str]
) -> Iterator[Request]:
    missing = [field for field in tab.fields if field not in layout.columns]
    if not missing:
        return
    sheet = layout.sheet
    if layout.width + len(missing) > sheet.columns:
        yield {
            "appendDimension": {
                "sheetId": sheet.sheet_id,
                "dimension": "COLUMNS",
                "length": layout.width + len(missing) - sheet.columns,
            }
        }
    headers = [tab.fields[field].in_locale(setup.locale) for field in missing]
    yield _write_row(sheet.sheet_id, 0, layout.width, headers)
    yield _freeze_header(sheet.sheet_id)
    for index, field in enumerate(missing, layout.width):
        yield from _column(setup, sheet, index, field, tab.fields[field], sources)


def _column(
    setup: Setup,
    sheet: SheetInfo,
    index: int,
    field: str,
    spec: FieldSpec,
    sources: Mapping[str, str],
) -> Iterator[Request]:
    below_header = _column_range(sheet.sheet_id, index, from_row=1)
    yield _column_properties(sheet.sheet_id, index, field, hidden=spec.hidden)
    if spec.kind in NUMBER_FORMATS:
        yield _repeat(below_header, {"numberFormat": NUMBER_FORMATS[spec.kind]}, "numberFormat")
    if field in WIDE:
        yield _repeat(below_header, {"wrapStrategy": "WRAP"}, "wrapStrategy")
    if condition := _condition(setup, spec, sources):
        yield _validate(below_header, condition)
    if spec.owner == "worker":
        yield _protect(_column_range(sheet.sheet_id, index, from_row=0))
    if spec.choice == "check":
        yield from _verdict_colours(setup, below_header)


def _condition(
    setup: Setup, spec: FieldSpec, sources: Mapping[str, str]
) -> Mapping[str, object] | None:
    if spec.kind == "date":
        return {"type": "DATE_IS_VALID"}
    if spec.kind == "list":
        values = [{"userEnteredValue": sources[spec.list or ""]}]
        return {"type": "ONE_OF_RANGE", "values": values}
    names = _names(setup.playbook, spec)
    if not names or spec.owner == "worker":
        return None
    words = [{"userEnteredValue": name.in_locale(setup.locale)} for name in names]
    return {"type": "ONE_OF_LIST", "values": words}


def _names(playbook: Playbook, spec: FieldSpec) -> Sequence[Name]:
    match spec.kind:
        case "stage":
            return list(playbook.stages.values())
        case "yes_no":
            return list(playbook.choices["yes_no"].values())
        case "choice":
            return list(playbook.choices[spec.choice or ""].values())
    return []


def _verdict_colours(setup: Setup, range_: Mapping[str, int]) -> Iterator[Request]:
    for key, name in setup.playbook.choices["check"].items():
        yield {
            "addConditionalFormatRule": {
                "index": 0,
                "rule": {
                    "ranges": [range_],
                    "booleanRule": {
                        "condition": {
                            "type": "TEXT_EQ",
                            "values": [{"userEnteredValue": name.in_locale(setup.locale)}],
                        },
                        "format": {"backgroundColor": VERDICT_COLOURS[key]},
                    },
                },
            }
        }


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────


def _write_row(sheet_id: int, row: int, column: int, headers: Sequence[str]) -> Request:
    style = {
        "textFormat": {"bold": True},
        "backgroundColor": HEADER_COLOUR,
        "wrapStrategy": "WRAP",
        "verticalAlignment": "MIDDLE",
    }
    values = [
        {"userEnteredValue": {"stringValue": header}, "userEnteredFormat": style}
        for header in headers
    ]
    return {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column},
            "rows": [{"values": values}],
            "fields": "userEnteredValue,userEnteredFormat(textFormat,backgroundColor,"
            "wrapStrategy,verticalAlignment)",
        }
    }


def _write_column(sheet_id: int, column: int, words: Sequence[str]) -> Request:
    return {
        "updateCells": {
            "start": {"sheetId": sheet_id, "rowIndex": 1, "columnIndex": column},
            "rows": [{"values": [{"userEnteredValue": {"stringValue": word}}]} for word in words],
            "fields": "userEnteredValue",
        }
    }


def _freeze_header(sheet_id: int) -> Request:
    return {
        "updateSheetProperties": {
            "properties": {"sheetId": sheet_id, "gridProperties": {"frozenRowCount": 1}},
            "fields": "gridProperties.frozenRowCount",
        }
    }


def _column_range(sheet_id: int, index: int, *, from_row: int) -> Mapping[str, int]:
    return {
        "sheetId": sheet_id,
        "startRowIndex": from_row,
        "startColumnIndex": index,
        "endColumnIndex": index + 1,
    }


def _column_properties(sheet_id: int, index: int, field: str, *, hidden: bool) -> Request:
    return {
        "updateDimensionProperties": {
            "range": {
                "sheetId": sheet_id,
                "dimension": "COLUMNS",
                "startIndex": index,
                "endIndex": index + 1,
            },
            "properties": {
                "pixelSize": WIDE_PIXELS if field in WIDE else USUAL_PIXELS,
                "hiddenByUser": hidden,
            },
            "fields": "pixelSize,hiddenByUser",
        }
    }


def _repeat(range_: Mapping[str, int], style: Mapping[str, object], field: str) -> Request:
    return {
        "repeatCell": {
            "range": range_,
            "cell": {"userEnteredFormat": style},
            "fields": f"userEnteredFormat.{field}",
        }
    }


def _validate(range_: Mapping[str, int], condition: Mapping[str, object]) -> Request:
    # Not strict: a value that is not offered is answered in Problems, in words, and not refused.
    rule = {"condition": condition, "strict": False, "showCustomUi": True}
    return {"setDataValidation": {"range": range_, "rule": rule}}


def _protect(range_: Mapping[str, int]) -> Request:
    # A warning only: real protection would forbid managers to sort, insert and delete rows.
    return {
        "addProtectedRange": {
            "protectedRange": {
                "range": range_,
                "description": "Filled by the CRM worker",
                "warningOnly": True,
            }
        }
    }
