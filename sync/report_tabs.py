"""How reports stand on their tabs: title, age, tables; rewritten whole, if they changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rules.messages import REPORT_LINES
from rules.playbook import Playbook
from rules.report_table import ReportTable
from rules.words import say
from sync.layout import BANNER_ROW, DASHBOARD
from sync.plan import Grid, GridRow, Plan, differing_rows
from sync.ports import TabContent
from sync.snapshot import Snapshot, show_moment

AGE_ROW = 1
"""Row of the "data as of" line; it alone is no reason to rewrite a report."""

HEADER_ROW = 3
"""Row of the first table's header; on the dashboard the rows for notices come before it."""

BANNER_ROWS = range(BANNER_ROW, BANNER_ROW + 2)

EMPTY: GridRow = ((), ())


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
        grid = make_grid(snapshot, title, tables, now, len(banner))
        grid = _widened(grid, _width(present, HEADER_ROW + len(banner)))
        if not {AGE_ROW, *banner}.issuperset(differing_rows(present, grid)):
            changed[key] = grid
    return Plan(reports=changed) if changed else Plan()


def make_grid(
    snapshot: Snapshot, title: str, tables: Sequence[ReportTable], now: float, banner_rows: int
) -> Grid:
    """Return the rows of a report tab, all of one width; those for notices are left blank."""
    age = say(snapshot.locale, REPORT_LINES["as_of"], when=show_moment(now))
    grid: list[GridRow] = [((title,), ("title",)), ((age,), ("age",))]
    grid += [EMPTY] * banner_rows
    for table in tables:
        grid.append(EMPTY)
        grid.append((table.headers, ("header",) * len(table.headers)))
        grid += [(row, table.formats_of(place)) for place, row in enumerate(table.rows)]
        if table.total:
            grid.append((table.total, tuple(f"total_{style}" for style in table.formats)))
        grid.append(EMPTY)
        grid += [((note,), ("note",)) for note in table.notes]
    return _widened(grid, max(len(cells) for cells, _ in grid))


def _width(present: TabContent, header_row: int) -> int:
    """Return how wide the report stands: as its header row does. What is beyond is not ours."""
    width = 0
    while present.cell(header_row, width) not in (None, ""):
        width += 1
    return width


def _widened(grid: Grid, width: int) -> Grid:
    return [
        (cells, styles)
        if len(cells) >= width
        else (
            (*cells, *[None] * (width - len(cells))),
            (*styles, *["text"] * (width - len(styles))),
        )
        for cells, styles in grid
    ]
