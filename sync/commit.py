"""A plan as requests of `spreadsheets.batchUpdate`: typed cells, neighbours merged into ranges.

Source: Sheets API v4, `UpdateCellsRequest`, `AppendCellsRequest`, `RepeatCellRequest`,
`UpdateDeveloperMetadataRequest`. Text is always a `stringValue`, which Sheets never parses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import orjson

from rules.playbook import Playbook
from sync.fence import fence_requests
from sync.layout import BANNER_ROW, DASHBOARD, HIDDEN_TABS, TabLayout
from sync.plan import Cell, ColumnCells, Grid, Plan, Row, changed_cells, differing_rows
from sync.ports import Request, SheetInfo
from sync.snapshot import Snapshot

MOST_BYTES = 2_500_000
"""Larger requests are cut.

The guide recommends 2 MB and sets no limit (Sheets API guide, "Usage limits"); a little more in one
piece is better than a second request, which may be applied without the first.
"""

SHORTEST_REPEAT = 5
"""So many equal neighbours are written as one repeated cell."""

MOST_CHARACTERS = 50_000
"""Limit of one cell."""

NUMBER_FORMATS: Mapping[str, Mapping[str, str]] = {
    "date": {"type": "DATE", "pattern": "dd.mm.yyyy"},
    "date_or_text": {"type": "DATE", "pattern": "dd.mm.yyyy"},
    "datetime": {"type": "DATE_TIME", "pattern": "dd.mm.yyyy hh:mm"},
    "money": {"type": "NUMBER", "pattern": "#,##0.##"},
    "count": {"type": "NUMBER", "pattern": "#,##0"},
    "percent": {"type": "PERCENT", "pattern": "0.0%"},
    "days": {"type": "NUMBER", "pattern": "0.0"},
}

GRID_FORMATS = "userEnteredFormat(numberFormat,textFormat,backgroundColor,horizontalAlignment)"
"""What the reports' formats consist of."""

CELLS_A_REQUEST = 20_000
"""So many cells of a report are written by one request: about a megabyte."""

HEADER_COLOUR = {"red": 0.91, "green": 0.94, "blue": 0.99}
NOTICE_COLOUR = {"red": 0.98, "green": 0.86, "blue": 0.78}


def settled(snapshot: Snapshot, plan: Plan) -> Plan:
    """Return what the plan means for that snapshot.

    Cells that hold already what is wanted are left out, and all that concerns a tab that cannot be
    worked with; cells of rows that the plan itself appends are put into these rows.
    """
    cells: dict[tuple[str, str], ColumnCells] = {}
    appended = {
        tab: [dict(row) for row in rows]
        for tab, rows in plan.appended.items()
        if rows and snapshot.has(tab)
    }
    for (tab, field), wanted in plan.cells.items():
        table = snapshot.tables[tab]
        if not snapshot.has(tab) or field not in table.columns:
            continue
        present = {row: cell for row, cell in wanted.items() if row < table.height}
        if len(present) < len(wanted):
            for row in wanted.keys() - present.keys():
                appended[tab][row - table.height][field] = wanted[row]
        if changed := changed_cells(table.columns[field], present):
            cells[tab, field] = changed
    return Plan(
        cells=cells,
        notes={
            key: column for key, column in plan.notes.items() if column and snapshot.has(key[0])
        },
        appended=appended,
        removed={tab: rows for tab, rows in plan.removed.items() if rows and snapshot.has(tab)},
        reports=plan.reports,
        banner=plan.banner,
        metadata=_other_metadata(snapshot, plan),
    )


def settled_again(snapshot: Snapshot, settled_before: Plan, plan: Plan) -> Plan:
    """Return what `settled` does, where tabs and metadata alone were read anew since it did."""
    return replace(settled_before, metadata=_other_metadata(snapshot, plan))


def _other_metadata(snapshot: Snapshot, plan: Plan) -> Mapping[str, str]:
    present = snapshot.structure.metadata
    return {key: value for key, value in plan.metadata.items() if present.get(key) != value}


FILLED = "crm.filled"
"""Developer metadata key of how many cells of each field were filled at the last commit (JSON)."""


def is_quiet(changed: Plan) -> bool:
    """Return whether a settled plan holds nothing but counts: they alone are not worth a write."""
    return set(changed.metadata) == {FILLED} and not replace(changed, metadata={})


def make_commits(snapshot: Snapshot, plan: Plan, playbook: Playbook) -> list[list[Request]]:
    """Return the plan's requests, in as few batches as the recommended size allows.

    What must hold together (new rows, the worker's memory, cursors) is in one batch, the last: if
    an earlier one is applied alone, the next pass plans the rest again. Each batch has a number.
    """
    together = [
        *_memory_requests(snapshot, plan),
        *(
            request
            for tab, rows in sorted(plan.appended.items())
            for request in _append_requests(
                snapshot.layouts[tab], snapshot.tables[tab].height, rows, playbook
            )
        ),
        *_removal_requests(snapshot, plan),
        *_metadata_requests(snapshot, plan.metadata),
    ]
    apart = [*_cell_requests(snapshot, plan, playbook), *_report_requests(snapshot, plan)]
    batches = [[*apart, *together]]
    if _size(batches[0]) > MOST_BYTES:
        batches = _cut(apart, together)
    commits, first = snapshot.structure.commits, snapshot.structure.last_commit + 1
    numbered = enumerate((batch for batch in batches if batch), first)
    return [[*fence_requests(commits, number), *batch] for number, batch in numbered]


def _size(requests: Sequence[Request]) -> int:
    """Return how many bytes the requests take, all together."""
    return len(orjson.dumps(requests)) - len(requests) - 1  # without commas and brackets


def _cut(apart: Sequence[Request], together: Sequence[Request]) -> list[list[Request]]:
    """Return the requests in batches; those that belong together in the last."""
    batches: list[list[Request]] = [[]]
    room = MOST_BYTES
    for request in apart:
        size = len(orjson.dumps(request))
        if size > room and batches[-1]:
            batches.append([])
            room = MOST_BYTES
        batches[-1].append(request)
        room -= size
    if _size(together) > room:
        batches.append([])
    batches[-1] += together
    return batches


# ── Cells ────────────────────────────────────────────────────────────────────────────────────────


def _memory_requests(snapshot: Snapshot, plan: Plan) -> Iterator[Request]:
    for tab in sorted({tab for tab, _ in plan.cells}.union(plan.appended) & HIDDEN_TABS.keys()):
        layout = snapshot.layouts[tab]  # made by an earlier version, it has fewer columns
        yield from _grow(layout.sheet, 0, layout.width)
    for (tab, field), column in plan.cells.items():
        if tab in HIDDEN_TABS:
            yield from _column_requests(snapshot.layouts[tab], field, column)


def _cell_requests(snapshot: Snapshot, plan: Plan, playbook: Playbook) -> Iterator[Request]:
    for (tab, field), column in plan.cells.items():
        if tab in playbook.tabs:
            layout = snapshot.layouts[tab]
            yield from _column_requests(layout, field, column)
            spec = playbook.tabs[tab].fields.get(field)
            kind = spec.kind if spec else "text"
            if kind in ("date", "datetime"):
                yield _format_request(layout, field, (min(column), max(column)), kind)
    for (tab, field), column in plan.notes.items():
        yield from _note_requests(snapshot.layouts[tab], field, column)


def _column_requests(layout: TabLayout, field: str, column: ColumnCells) -> Iterator[Request]:
    for rows in _runs(column):
        for part in _parts(column, rows):
            if len(part) >= SHORTEST_REPEAT and len({column[row] for row in part}) == 1:
                cell = _value(column[part[0]])
                yield _repeated(layout, field, (part[0], part[-1]), cell, "userEnteredValue")
            else:
                yield {
                    "updateCells": {
                        "start": _start(layout, field, part[0]),
                        "rows": [{"values": [_value(column[row])]} for row in part],
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


def _format_request(
    layout: TabLayout, field: str, rows: tuple[int, int | None], kind: str
) -> Request:
    """Return the format of a column of dates, from the first to the last row; None: to the end."""
    cell = {"userEnteredFormat": {"numberFormat": NUMBER_FORMATS[kind]}}
    return _repeated(layout, field, rows, cell, "userEnteredFormat.numberFormat")


def _repeated(
    layout: TabLayout,
    field: str,
    rows: tuple[int, int | None],
    cell: Mapping[str, object],
    mask: str,
) -> Request:
    """Return a request to repeat the cell from the first to the last row; None: to the end."""
    first, last = rows
    index = layout.columns[field]
    return {
        "repeatCell": {
            "range": {
                "sheetId": layout.sheet.sheet_id,
                "startRowIndex": first + 1,
                **({} if last is None else {"endRowIndex": last + 2}),
                "startColumnIndex": index,
                "endColumnIndex": index + 1,
            },
            "cell": cell,
            "fields": mask,
        }
    }


def _parts(column: ColumnCells, rows: Sequence[int]) -> Iterator[list[int]]:
    """Yield a run of neighbours in parts: equal cells long enough to be repeated, and the rest."""
    if len(rows) < SHORTEST_REPEAT:
        yield list(rows)
        return
    mixed: list[int] = []
    for _, group in groupby(rows, key=lambda row: column[row]):
        equal = list(group)
        if len(equal) < SHORTEST_REPEAT:
            mixed += equal
            continue
        if mixed:
            yield mixed
        mixed = []
        yield equal
    if mixed:
        yield mixed


def _runs(rows: Iterable[int]) -> Iterator[list[int]]:
    """Yield rows in runs of neighbours."""
    for _, run in groupby(enumerate(sorted(rows)), key=lambda pair: pair[1] - pair[0]):
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
    if isinstance(cell, bool):
        return {"userEnteredValue": {"boolValue": cell}}
    return {"userEnteredValue": {"numberValue": cell}}


# ── New rows ─────────────────────────────────────────────────────────────────────────────────────


def _append_requests(
    layout: TabLayout, height: int, rows: Sequence[Row], playbook: Playbook
) -> Iterator[Request]:
    """Yield the new rows of a tab, and the date formats of what stands below its `height` rows."""
    yield {
        "appendCells": {
            "sheetId": layout.sheet.sheet_id,
            "rows": [_appended_row(layout, row) for row in rows],
            "fields": "userEnteredValue",
        }
    }
    fields = playbook.tabs[layout.key].fields if layout.key in playbook.tabs else {}
    for field, spec in fields.items():
        if spec.kind in ("date", "datetime") and field in layout.columns:
            yield _format_request(layout, field, (height, None), spec.kind)


def _appended_row(layout: TabLayout, row: Row) -> Mapping[str, object]:
    values: list[Mapping[str, object]] = [{} for _ in range(layout.width)]
    for field, cell in row.items():
        if field in layout.columns:
            values[layout.columns[field]] = _value(cell)
    return {"values": values}


def _removal_requests(snapshot: Snapshot, plan: Plan) -> Iterator[Request]:
    """Yield the removals, the lowest row of a tab first: so the others stay where they are."""
    for tab, rows in plan.removed.items():
        for row in sorted(rows, reverse=True):
            yield {
                "deleteDimension": {
                    "range": {
                        "sheetId": snapshot.layouts[tab].sheet.sheet_id,
                        "dimension": "ROWS",
                        "startIndex": row + 1,
                        "endIndex": row + 2,
                    }
                }
            }


# ── Reports ──────────────────────────────────────────────────────────────────────────────────────


def _report_requests(snapshot: Snapshot, plan: Plan) -> Iterator[Request]:
    for key, grid in plan.reports.items():
        sheet, present = snapshot.report_sheets[key], snapshot.contents[key]
        width = len(grid[0][0])
        yield from _grow(sheet, len(grid), width)
        # Formats are not read: were they lost after the values, nobody would miss them.
        yield from _grid_formats(sheet, grid)
        yield from _grid_values(sheet, grid, differing_rows(present, grid))
        if present.height >= len(grid):
            yield {
                "updateCells": {
                    "range": _rectangle(sheet, (len(grid), present.height + 1), (0, width)),
                    "fields": f"userEnteredValue,{GRID_FORMATS}",
                }
            }
    if plan.banner:
        yield from _banner_requests(snapshot, plan.banner)


def _grid_values(sheet: SheetInfo, grid: Grid, rows: Sequence[int]) -> Iterator[Request]:
    """Yield the values of these rows, neighbours together, in requests of a moderate size."""
    most = max(1, CELLS_A_REQUEST // len(grid[0][0]))
    for run in _runs(row for row in rows if row < len(grid)):
        for first in range(0, len(run), most):
            part = run[first : first + most]
            yield {
                "updateCells": {
                    "start": {"sheetId": sheet.sheet_id, "rowIndex": part[0], "columnIndex": 0},
                    "rows": [{"values": list(map(_value, grid[row][0]))} for row in part],
                    "fields": "userEnteredValue",
                }
            }


def _grid_formats(sheet: SheetInfo, grid: Grid) -> Iterator[Request]:
    """Yield the formats of a grid: one for each block of rows and columns of the same style."""
    top = 0
    for styles, rows in groupby(tuple(styles) for _, styles in grid):
        bottom, left = top + len(list(rows)), 0
        for style, columns in groupby(styles):
            right = left + len(list(columns))
            yield {
                "repeatCell": {
                    "range": _rectangle(sheet, (top, bottom), (left, right)),
                    "cell": {"userEnteredFormat": _look(style)},
                    "fields": GRID_FORMATS,
                }
            }
            left = right
        top = bottom


def _rectangle(
    sheet: SheetInfo, rows: tuple[int, int], columns: tuple[int, int]
) -> Mapping[str, int]:
    return {
        "sheetId": sheet.sheet_id,
        "startRowIndex": rows[0],
        "endRowIndex": rows[1],
        "startColumnIndex": columns[0],
        "endColumnIndex": columns[1],
    }


def _banner_requests(snapshot: Snapshot, banner: Grid) -> Iterator[Request]:
    """Yield the two rows for notices; a tick box where one is asked for, and none elsewhere."""
    sheet = snapshot.report_sheets[DASHBOARD]
    yield {
        "updateCells": {
            "start": {"sheetId": sheet.sheet_id, "rowIndex": BANNER_ROW, "columnIndex": 0},
            "rows": [
                {"values": [_notice_cell(*cell) for cell in zip(cells, styles, strict=True)]}
                for cells, styles in banner
            ],
            "fields": "userEnteredValue,dataValidation,userEnteredFormat(textFormat,"
            "backgroundColor,wrapStrategy)",
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


def _notice_cell(cell: Cell, style: str) -> Mapping[str, object]:
    if style == "notice":
        look = {"backgroundColor": NOTICE_COLOUR, "wrapStrategy": "WRAP"}
        return {**_value(cell), "userEnteredFormat": {**look, "textFormat": {"bold": True}}}
    if style == "tick":
        rule = {"condition": {"type": "BOOLEAN"}, "strict": True, "showCustomUi": True}
        return {**_value(cell), "dataValidation": rule}
    return _value(cell)


def _look(style: str) -> Mapping[str, object]:
    """Return the format of a report's cell in that style."""
    number_format = NUMBER_FORMATS.get(style.removeprefix("total_"))
    look: dict[str, object] = {"numberFormat": number_format} if number_format else {}
    if style == "title":
        look["textFormat"] = {"bold": True, "fontSize": 14}
    elif style in ("age", "note"):
        look["textFormat"] = {"italic": True}
    elif style == "header":
        look["textFormat"] = {"bold": True}
        look["backgroundColor"] = HEADER_COLOUR
    elif style.startswith("total_"):
        look["textFormat"] = {"bold": True}
    return look


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
