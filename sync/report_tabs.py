"""How reports stand on their tabs: title, age, tables; rewritten whole, if they changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rules.messages import REPORT_LINES
from rules.playbook import Playbook
from rules.report_table import ReportTable
from rules.table import Raw
from rules.words import say
from sync.commit import BANNER_ROW, DASHBOARD
from sync.plan import Cell, Grid, GridCell, Plan, same_value
from sync.ports import Columns
from sync.snapshot import Snapshot, show_moment

AGE_ROW = 1
"""Row of the "data as of" line; it alone is no reason to rewrite a report."""

HEADER_ROW = 3
"""Row of the first table's header; on the dashboard the rows for notices come before it."""

BANNER_ROWS = range(BANNER_ROW, BANNER_ROW + 2)

BLANK: GridCell = (None, "text")


def plan_reports(
    snapshot: Snapshot,
    playbook: Playbook,
    reports: Mapping[str, Sequence[ReportTable]],
    now: float,
) -> Plan:
    """Plan the report tabs whose tables read otherwise than they should."""
    changed: dict[str, Grid] = {}
    for key, tables in reports.items():
        if key not in snapshot.report_sheets:
            continue
        title = playbook.reports[key].in_locale(snapshot.locale)
        present = snapshot.report_values[key]
        banner = BANNER_ROWS if key == DASHBOARD else range(0)
        grid = make_grid(snapshot, title, tables, now, len(banner))
        grid = _widened(grid, _width(present, HEADER_ROW + len(banner)))
        if not _reads_as(present, grid, {AGE_ROW, *banner}):
            changed[key] = grid
    return Plan(reports=changed) if changed else Plan()


def make_grid(
    snapshot: Snapshot, title: str, tables: Sequence[ReportTable], now: float, banner_rows: int
) -> list[list[GridCell]]:
    """Return the rows of a report tab, all of one width; those for notices are left blank."""
    age = say(snapshot.locale, REPORT_LINES["as_of"], when=show_moment(now))
    grid: list[list[GridCell]] = [[(title, "title")], [(age, "age")]]
    grid += [[] for _ in range(banner_rows)]
    for table in tables:
        grid.append([])
        grid.append([(header, "header") for header in table.headers])
        grid += [_cells(row, table.formats_of(place)) for place, row in enumerate(table.rows)]
        if table.total:
            total = _cells(table.total, table.formats)
            grid.append([(cell, f"total_{style}") for cell, style in total])
        grid.append([])
        grid += [[(note, "note")] for note in table.notes]
    return _widened(grid, max(map(len, grid)))


def _cells(row: Sequence[Cell], formats: Sequence[str]) -> list[GridCell]:
    return list(zip(row, formats, strict=True))


def _width(present: Columns, header_row: int) -> int:
    """Return how wide the report stands: as its header row does. What is beyond is not ours."""
    width = 0
    while width < len(present) and _has_text(present[width], header_row):
        width += 1
    return width


def _has_text(column: Sequence[Raw], row: int) -> bool:
    return row < len(column) and column[row] not in (None, "")


def _widened(grid: list[list[GridCell]], width: int) -> list[list[GridCell]]:
    return [row + [BLANK] * (width - len(row)) for row in grid]


def _reads_as(present: Columns, grid: Grid, ignored: Collection[int]) -> bool:
    height = max(len(grid), max((len(column) for column in present), default=0))
    for row in range(height):
        if row in ignored:
            continue
        wanted = grid[row] if row < len(grid) else [BLANK] * len(grid[0])
        for index, (cell, _) in enumerate(wanted):
            column = present[index] if index < len(present) else ()
            if not same_value(column[row] if row < len(column) else None, cell):
                return False
    return True
