"""A plan as requests of `spreadsheets.batchUpdate`: typed cells, neighbours merged into ranges.

Source: Sheets API v4, `UpdateCellsRequest`, `AppendCellsRequest`, `RepeatCellRequest`,
`UpdateDeveloperMetadataRequest`. Text is always a `stringValue`, which Sheets never parses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import orjson

from rules.playbook import Playbook
from sync.layout import TabLayout
from sync.plan import Cell, ColumnCells, Plan, Row, changed_cells
from sync.ports import Request, SheetInfo
from sync.snapshot import Snapshot

MOST_BYTES = 2_000_000
"""Recommended payload of one request (Sheets API guide, "Usage limits")."""

MOST_CHARACTERS = 50_000
"""Limit of one cell."""

NUMBER_FORMATS: Mapping[str, Mapping[str, str]] = {
    "date": {"type": "DATE", "pattern": "dd.mm.yyyy"},
    "datetime": {"type": "DATE_TIME", "pattern": "dd.mm.yyyy hh:mm"},
    "money": {"type": "NUMBER", "pattern": "#,##0.##"},
    "count": {"type": "NUMBER", "pattern": "#,##0"},
    "percent": {"type": "PERCENT", "pattern": "0.0%"},
    "days": {"type": "NUMBER", "pattern": "0.0"},
}

HEADER_COLOUR = {"red": 0.91, "green": 0.94, "blue": 0.99}


def settled(snapshot: Snapshot, plan: Plan) -> Plan:
    """Return what the plan means for that snapshot.

    Cells that hold already what is wanted are left out; cells of rows that the plan itself appends
    are put into these rows.
    """
    cells: dict[tuple[str, str], ColumnCells] = {}
    appended = {tab: [dict(row) for row in rows] for tab, rows in plan.appended.items() if rows}
    for (tab, field), wanted in plan.cells.items():
        table = snapshot.tables[tab]
        if field not in table.columns:
            continue
        present = {row: cell for row, cell in wanted.items() if row < table.height}
        if len(present) < len(wanted):
            for row in wanted.keys() - present.keys():
                appended[tab][row - table.height][field] = wanted[row]
        if changed := changed_cells(table.columns[field], present):
            cells[tab, field] = changed
    metadata = snapshot.structure.metadata
    changed_metadata = {k: v for k, v in plan.metadata.items() if metadata.get(k) != v}
    notes = {key: column for key, column in plan.notes.items() if column}
    return Plan(cells, notes, appended, plan.reports, changed_metadata)


def make_commits(snapshot: Snapshot, plan: Plan, playbook: Playbook) -> list[list[Request]]:
    """Return the plan's requests, in as few batches as the recommended size allows.

    What must hold together (new rows, the worker's memory, cursors) is in one batch, the last: if
    an earlier one is applied alone, the next pass plans the rest again.
    """
    together = [
        *_memory_requests(snapshot, plan),
        *(
            _append(snapshot.layouts[tab], rows, playbook)
            for tab, rows in sorted(plan.appended.items())
        ),
        *_metadata_requests(snapshot, plan.metadata),
    ]
    apart = [*_cell_requests(snapshot, plan, playbook), *_report_requests(snapshot, plan)]
    batches: list[list[Request]] = [[]]
    room = MOST_BYTES
    for request in apart:
        size = len(orjson.dumps(request))
        if size > room and batches[-1]:
            batches.append([])
            room = MOST_BYTES
        batches[-1].append(request)
        room -= size
    if sum(len(orjson.dumps(request)) for request in together) > room:
        batches.append([])
    batches[-1] += together
    return [batch for batch in batches if batch]


# ── Cells ────────────────────────────────────────────────────────────────────────────────────────


def _memory_requests(snapshot: Snapshot, plan: Plan) -> Iterator[Request]:
    for (tab, field), column in plan.cells.items():
        if tab in ("records", "letters"):
            yield from _column_requests(snapshot.layouts[tab], field, column)


def _cell_requests(snapshot: Snapshot, plan: Plan, playbook: Playbook) -> Iterator[Request]:
    for (tab, field), column in plan.cells.items():
        if tab in playbook.tabs:
            layout = snapshot.layouts[tab]
            yield from _column_requests(layout, field, column)
            kind = playbook.tabs[tab].fields[field].kind
            if kind in ("date", "datetime"):
                yield from _format_requests(layout, field, column, kind)
    for (tab, field), column in plan.notes.items():
        yield from _note_requests(snapshot.layouts[tab], field, column)


def _column_requests(layout: TabLayout, field: str, column: ColumnCells) -> Iterator[Request]:
    for rows in _runs(column):
        yield {
            "updateCells": {
                "start": _start(layout, field, rows[0]),
                "rows": [{"values": [_value(column[row])]} for row in rows],
                "fields": "userEnteredValue",
            }
        }


def _note_requests(layout: TabLayout, field: str, column: ColumnCells) -> Iterator[Request]:
    for rows in _runs(column):
        yield {
            "updateCells": {
                "start": _start(layout, field, rows[0]),
                "rows": [{"values": [{"note": column[row] or ""}]} for row in rows],
                "fields": "note",
            }
        }


def _format_requests(
    layout: TabLayout, field: str, column: ColumnCells, kind: str
) -> Iterator[Request]:
    index = layout.columns[field]
    for rows in _runs({row: cell for row, cell in column.items() if cell is not None}):
        yield {
            "repeatCell": {
                "range": {
                    "sheetId": layout.sheet.sheet_id,
                    "startRowIndex": rows[0] + 1,
                    "endRowIndex": rows[-1] + 2,
                    "startColumnIndex": index,
                    "endColumnIndex": index + 1,
                },
                "cell": {"userEnteredFormat": {"numberFormat": NUMBER_FORMATS[kind]}},
                "fields": "userEnteredFormat.numberFormat",
            }
        }


def _runs(column: ColumnCells) -> Iterator[list[int]]:
    """Yield the rows of a column in runs of neighbours."""
    for _, run in groupby(enumerate(sorted(column)), key=lambda pair: pair[1] - pair[0]):
        yield [row for _, row in run]


def _start(layout: TabLayout, field: str, row: int) -> Mapping[str, int]:
    return {
        "sheetId": layout.sheet.sheet_id,
        "rowIndex": row + 1,
        "columnIndex": layout.columns[field],
    }


def _value(cell: Cell) -> Mapping[str, object]:
    if cell is None or cell == "":
        return {}
    if isinstance(cell, str):
        return {"userEnteredValue": {"stringValue": cell[:MOST_CHARACTERS]}}
    return {"userEnteredValue": {"numberValue": cell}}


# ── New rows ─────────────────────────────────────────────────────────────────────────────────────


def _append(layout: TabLayout, rows: Sequence[Row], playbook: Playbook) -> Request:
    fields = playbook.tabs[layout.key].fields if layout.key in playbook.tabs else {}
    formats = {
        field: {"numberFormat": NUMBER_FORMATS[spec.kind]}
        for field, spec in fields.items()
        if spec.kind in ("date", "datetime")
    }
    return {
        "appendCells": {
            "sheetId": layout.sheet.sheet_id,
            "rows": [_appended_row(layout, row, formats) for row in rows],
            "fields": "userEnteredValue,userEnteredFormat.numberFormat",
        }
    }


def _appended_row(
    layout: TabLayout, row: Row, formats: Mapping[str, Mapping[str, object]]
) -> Mapping[str, object]:
    values: list[dict[str, object]] = [{} for _ in range(layout.width)]
    for field, cell in row.items():
        if field not in layout.columns:
            continue
        value = dict(_value(cell))
        if value and field in formats:
            value["userEnteredFormat"] = formats[field]
        values[layout.columns[field]] = value
    return {"values": values}


# ── Reports ──────────────────────────────────────────────────────────────────────────────────────


def _report_requests(snapshot: Snapshot, plan: Plan) -> Iterator[Request]:
    for key, grid in plan.reports.items():
        sheet = snapshot.report_sheets[key]
        present = max((len(column) for column in snapshot.report_values[key]), default=0)
        height, width = max(len(grid), present), len(grid[0])
        yield from _grow(sheet, height, width)
        yield {
            "updateCells": {
                "range": {
                    "sheetId": sheet.sheet_id,
                    "startRowIndex": 0,
                    "endRowIndex": height,
                    "startColumnIndex": 0,
                    "endColumnIndex": width,
                },
                "rows": [{"values": [_styled(*cell) for cell in row]} for row in grid],
                "fields": "userEnteredValue,userEnteredFormat(numberFormat,textFormat,"
                "backgroundColor,horizontalAlignment)",
            }
        }


def _grow(sheet: SheetInfo, height: int, width: int) -> Iterator[Request]:
    for dimension, missing in (("ROWS", height - sheet.rows), ("COLUMNS", width - sheet.columns)):
        if missing > 0:
            yield {
                "appendDimension": {
                    "sheetId": sheet.sheet_id,
                    "dimension": dimension,
                    "length": missing,
                }
            }


def _styled(cell: Cell, style: str) -> Mapping[str, object]:
    number_format = NUMBER_FORMATS.get(style.removeprefix("total_"))
    styling: dict[str, object] = {"numberFormat": number_format} if number_format else {}
    if style == "title":
        styling["textFormat"] = {"bold": True, "fontSize": 14}
    elif style in ("age", "note"):
        styling["textFormat"] = {"italic": True}
    elif style == "header":
        styling["textFormat"] = {"bold": True}
        styling["backgroundColor"] = HEADER_COLOUR
    elif style.startswith("total_"):
        styling["textFormat"] = {"bold": True}
    return {**_value(cell), "userEnteredFormat": styling} if styling else _value(cell)


# ── Metadata ─────────────────────────────────────────────────────────────────────────────────────


def _metadata_requests(snapshot: Snapshot, metadata: Mapping[str, str]) -> Iterator[Request]:
    for key, value in sorted(metadata.items()):
        if key in snapshot.structure.metadata:
            yield {
                "updateDeveloperMetadata": {
                    "dataFilters": [{"developerMetadataLookup": {"metadataKey": key}}],
                    "developerMetadata": {"metadataValue": value},
                    "fields": "metadataValue",
                }
            }
        else:
            yield {
                "createDeveloperMetadata": {
                    "developerMetadata": {
                        "metadataKey": key,
                        "metadataValue": value,
                        "location": {"spreadsheet": True},
                        "visibility": "DOCUMENT",
                    }
                }
            }
