"""How reports stand on their tabs: title, age, tables; rewritten whole, if they changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat

from rules.messages import REPORT_LINES
from rules.playbook import Playbook
from rules.report_table import ReportTable
from rules.words import say
from sync.layout import BANNER_ROW, DASHBOARD
from sync.plan import Cell, Grid, GridRow, Plan, differing_rows
from sync.ports import TabContent
from sync.snapshot import Snapshot, show_moment

AGE_ROW = 1
"""Row of the "data as of" line; it alone is no reason to rewrite a report."""

HEADER_ROW = 3
"""Row of the first table's header; on the dashboard the rows for notices come before it."""

BANNER_ROWS = range(BANNER_ROW, BANNER_ROW + 2)


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
        present = snapshot.contents[key]
        banner = BANNER_ROWS if key == DASHBOARD else range(0)
        width = _width(present, HEADER_ROW + len(banner))
        grid = make_grid(snapshot, title, tables, now, len(banner), width)
        if not {AGE_ROW, *banner}.issuperset(differing_rows(present, grid)):
            changed[key] = grid
    return Plan(reports=changed) if changed else Plan()


def make_grid(
    snapshot: Snapshot,
    title: str,
    tables: Sequence[ReportTable],
    now: float,
    banner_rows: int,
    least_width: int,
) -> Grid:
    """Return the rows of a report tab, all of one width; those for notices are left blank."""
    age = say(snapshot.locale, REPORT_LINES["as_of"], when=show_moment(now))
    width = max(least_width, 1, *(len(table.headers) for table in tables))
    empty = _widened((), (), width)
    grid: list[GridRow] = [
        _widened((title,), ("title",), width),
        _widened((age,), ("age",), width),
        *[empty] * banner_rows,
    ]
    for table in tables:
        header = _widened(table.headers, ("header",) * len(table.headers), width)
        grid += [empty, header, *_rows(table, width)]
        if table.total:
            totals = tuple(f"total_{style}" for style in table.formats)
            grid.append(_widened(table.total, totals, width))
        grid.append(empty)
        grid += [_widened((note,), ("note",), width) for note in table.notes]
    return grid


def _rows(table: ReportTable, width: int) -> Iterable[GridRow]:
    """Return the rows of a table; there may be tens of thousands."""
    if table.row_formats:
        columns = zip(table.rows, table.row_formats, strict=True)
        return [_widened(row, formats, width) for row, formats in columns]
    _, styles = _widened((), table.formats, width)
    blank = (None,) * (width - len(table.headers))
    rows = [row + blank for row in table.rows] if blank else table.rows
    return zip(rows, repeat(styles))


def _width(present: TabContent, header_row: int) -> int:
    """Return how wide the report stands: as its header row does. What is beyond is not ours."""
    width = 0
    while present.cell(header_row, width) not in (None, ""):
        width += 1
    return width


def _widened(cells: Sequence[Cell], styles: Sequence[str], width: int) -> GridRow:
    return (
        (*cells, *[None] * (width - len(cells))),
        (*styles, *["text"] * (width - len(styles))),
    )
