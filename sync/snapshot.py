"""A workbook as it was read: two reads, whatever its size."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone, tzinfo
from operator import is_
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.check import Book
from rules.chunks import Column
from rules.playbook import SUBJECT_TABS, Locale, Playbook
from rules.table import Raw, Table, as_text, is_same_column
from sync.errors import ConflictError, PermanentError, RefusedError, StructureError
from sync.layout import (
    BANNER_ROW,
    DASHBOARD,
    HIDDEN_TABS,
    Fault,
    TabLayout,
    doubled_tab,
    hidden_layout,
    hidden_title,
    match_columns,
    match_sheets,
    missing_headers,
    workbook_locale,
)
from sync.plan import Grid, Plan
from sync.ports import Clock, SheetInfo, SheetsPort, Structure, TabContent

SERIAL_ZERO = datetime(1899, 12, 30)  # serial times are wall-clock times


def show_moment(serial: float) -> str:
    """Return a serial date and time as people here write it."""
    return f"{SERIAL_ZERO + timedelta(days=serial):%d.%m.%Y %H:%M}"


@dataclass(frozen=True)
class Snapshot:
    """The content of a workbook.

    `layouts` and `tables` are keyed by tab, the hidden ones included, `report_sheets` by report,
    `contents`, which are what was read, by either. After a write the tables and the contents of
    reports are as they will read; those of the other tabs are left as they were.
    """

    structure: Structure
    locale: Locale
    zone: tzinfo
    layouts: Mapping[str, TabLayout]
    tables: Mapping[str, Table]
    report_sheets: Mapping[str, SheetInfo]
    contents: Mapping[str, TabContent]
    read_at: datetime
    faults: tuple[Fault, ...] = ()

    @property
    def book(self) -> Book:
        """The workbook as the rules see it."""
        return Book(self.locale, self.tables, frozenset(fault.tab for fault in self.faults))

    def has(self, *tabs: str) -> bool:
        """Return whether all these tabs can be worked with."""
        return all(tab in self.layouts for tab in tabs)

    def serial(self, moment: datetime) -> float:
        """Return an aware moment as serial wall-clock time of the workbook, to the second."""
        wall = moment.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
        return round((wall - SERIAL_ZERO) / timedelta(days=1), 8)


def read_snapshot(
    sheets: SheetsPort,
    spreadsheet_id: str,
    playbook: Playbook,
    clock: Clock,
    zone: str | None,
    before: Snapshot | None = None,
) -> Snapshot:
    """Read the whole workbook in two calls; in one where it was read `before` and is as it was.

    A tab that is missing, stands twice, or lacks headers reads as empty and is among the `faults`.
    Raises StructureError if no tab of records can be worked with.
    """
    if before is not None:
        try:
            return _read_again(sheets, playbook, clock, before)
        except (RefusedError, StructureError):  # its tabs are others now
            pass
    structure = sheets.read_structure(spreadsheet_id)
    matched = match_sheets(playbook, structure.sheets)
    found = {key: several[0] for key, several in matched.items() if len(several) == 1}
    locale = workbook_locale(playbook, found)
    titles = [sheet.title for sheet in found.values()]
    read_at = clock.now()
    contents = dict(zip(found, sheets.read_tabs(spreadsheet_id, titles), strict=True))
    layouts, faults = _layouts(playbook, locale, matched, contents)
    if not any(tab in layouts for tab in SUBJECT_TABS.values()):
        told = "; ".join(map(str, faults))
        raise StructureError(f"“{structure.title}” ({spreadsheet_id}): {told}")
    return Snapshot(
        structure=structure,
        locale=locale,
        zone=_zone(zone or structure.time_zone),
        layouts=layouts,
        tables={
            key: (
                _table(layouts[key], contents[key])
                if key in layouts
                else empty_table(playbook, key, locale)
            )
            for key in (*playbook.tabs, *HIDDEN_TABS)
        },
        report_sheets={key: found[key] for key in playbook.reports if key in found},
        contents=contents,
        read_at=read_at,
        faults=faults,
    )


def _read_again(sheets: SheetsPort, playbook: Playbook, clock: Clock, before: Snapshot) -> Snapshot:
    """Read the values of a workbook whose structure is known.

    What reads as it was to read is the same object as before. Raises RefusedError if tabs are gone,
    StructureError if headers are others than before.
    """
    titles = {sheet.title for sheet in before.structure.sheets}
    found = {key: layout.sheet for key, layout in before.layouts.items()}
    found |= before.report_sheets
    if before.faults or not titles.issuperset(sheet.title for sheet in found.values()):
        raise StructureError("the structure is to be read again")
    wanted = [sheet.title for sheet in found.values()]
    read_at = clock.now()
    spreadsheet_id = before.structure.spreadsheet_id
    contents = dict(zip(found, sheets.read_tabs(spreadsheet_id, wanted), strict=True))
    tables = dict(before.tables)
    for key, layout in before.layouts.items():
        if contents[key].headers != before.contents[key].headers:
            raise StructureError("headers are others than before")
        tables[key] = _table(layout, contents[key], before.tables[key])
    for key in before.report_sheets:
        if _is_same_content(before.contents[key], contents[key]):
            contents[key] = before.contents[key]
    return replace(before, tables=tables, contents=contents, read_at=read_at)


def remembered(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot as what a later pass may start from."""
    return replace(snapshot, structure=replace(snapshot.structure, remembered=True))


def with_structure(snapshot: Snapshot, structure: Structure) -> Snapshot:
    """Return the snapshot with what a later reading tells of tabs and metadata.

    Raises ConflictError if its tabs are others now: renamed, gone, or exchanged for copies.
    """
    now = {(sheet.sheet_id, sheet.title): sheet for sheet in structure.sheets}
    try:
        layouts = {
            key: replace(layout, sheet=now[layout.sheet.sheet_id, layout.sheet.title])
            for key, layout in snapshot.layouts.items()
        }
        report_sheets = {
            key: now[sheet.sheet_id, sheet.title] for key, sheet in snapshot.report_sheets.items()
        }
    except KeyError as error:
        raise ConflictError("tabs are others than before: to be read anew") from error
    return replace(snapshot, structure=structure, layouts=layouts, report_sheets=report_sheets)


def is_same_reading(one: Snapshot, other: Snapshot) -> bool:
    """Return whether two snapshots read the same: no cell of the tables and reports differs."""
    reports = one.report_sheets
    return (
        one.tables.keys() == other.tables.keys()
        and all(table is other.tables[key] for key, table in one.tables.items())
        and reports.keys() == other.report_sheets.keys()
        and all(one.contents[key] is other.contents[key] for key in reports)
    )


def _is_same_content(one: TabContent, other: TabContent) -> bool:
    return one is other or (
        list(one.headers) == list(other.headers)
        and len(one.columns) == len(other.columns)
        and all(map(is_same_column, one.columns, other.columns))
    )


def _zone(name: str) -> tzinfo:
    """Return the zone of that name, or of an offset like GMT+05:00, which Sheets has too.

    Raises PermanentError if it is neither.
    """
    if found := re.fullmatch(r"(?:GMT|UTC)([+-])(\d{1,2}):(\d{2})", name):
        offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(offset if found[1] == "+" else -offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise PermanentError(f"there is no time zone “{name}”") from error


def _layouts(
    playbook: Playbook,
    locale: Locale,
    matched: Mapping[str, Sequence[SheetInfo]],
    contents: Mapping[str, TabContent],
) -> tuple[Mapping[str, TabLayout], tuple[Fault, ...]]:
    """Return the layouts of the tabs that can be worked with, and what is wrong with the others."""
    layouts: dict[str, TabLayout] = {}
    faults: list[Fault] = []
    for key, tab in playbook.tabs.items():
        title = tab.in_locale(locale)
        several = matched.get(key, ())
        if len(several) > 1:
            faults.append(doubled_tab(key, several))
        elif not several:
            faults.append(Fault(key, title, "tab_missing", (title,)))
        else:
            layout, wrong = match_columns(key, tab, several[0], contents[key].headers)
            if absent := missing_headers(tab, layout, locale):
                wrong = [
                    *wrong, Fault(key, layout.sheet.title, "header_missing", tuple(absent))
                ]  # fmt: skip
            faults += wrong
            if not wrong:
                layouts[key] = layout
    for key in HIDDEN_TABS:
        if len(matched.get(key, ())) == 1:
            layouts[key] = hidden_layout(key, matched[key][0])
        else:
            faults.append(Fault(key, hidden_title(key), "tab_missing", (hidden_title(key),)))
    return layouts, tuple(faults)


def empty_table(playbook: Playbook, key: str, locale: Locale) -> Table:
    """Return the table of a tab that is not there; messages name its headers all the same."""
    fields = playbook.tabs[key].fields if key in playbook.tabs else {}
    return Table(key, {name: spec.in_locale(locale) for name, spec in fields.items()}, {}, 0)


def _table(layout: TabLayout, content: TabContent, before: Table | None = None) -> Table:
    """Return the rows of a tab; what is as it was `before` is not made anew."""
    columns = {
        name: content.columns[index] if index < len(content.columns) else content.blank
        for name, index in layout.columns.items()
    }
    if before is None or before.height != content.height:
        return Table(layout.key, layout.headers, columns, content.height)
    kept = {
        name: before.columns[name] if is_same_column(before.columns[name], column) else column
        for name, column in columns.items()
    }
    if all(map(is_, kept.values(), map(before.columns.__getitem__, kept))):
        return before
    return before.changed(kept, content.height)


def foreign_columns(snapshot: Snapshot, tab: str) -> Mapping[str, Sequence[Raw]]:
    """Return the columns that are nobody's field, by header, as they were read."""
    content, ours = snapshot.contents[tab], set(snapshot.layouts[tab].columns.values())
    headers = list(map(as_text, content.headers))
    return {
        header: content.columns[index]
        for index, header in enumerate(headers)
        if index not in ours and headers.count(header) == 1
    }


def after(snapshot: Snapshot, plan: Plan) -> Snapshot:
    """Return the workbook as it will read once the plan's cells, rows and reports are written.

    Rows that are removed read as empty: the others keep their numbers.
    """
    changed = {tab for tab, _ in plan.cells} | set(plan.appended) | set(plan.removed)
    tables = {
        key: _changed_table(table, plan) if key in changed else table
        for key, table in snapshot.tables.items()
    }
    contents = dict(snapshot.contents)
    for key, grid in plan.reports.items():
        contents[key] = _content_of(grid)
    if plan.banner:
        contents[DASHBOARD] = _with_rows(contents[DASHBOARD], BANNER_ROW, plan.banner)
    metadata = {**snapshot.structure.metadata, **plan.metadata}
    report_sheets = {
        key: _grown(sheet, plan.reports[key]) if key in plan.reports else sheet
        for key, sheet in snapshot.report_sheets.items()
    }
    layouts = {
        key: _widened(layout) if key in changed and key in HIDDEN_TABS else layout
        for key, layout in snapshot.layouts.items()
    }
    grown = {sheet.sheet_id: sheet for sheet in report_sheets.values()}
    grown |= {
        layouts[key].sheet.sheet_id: layouts[key].sheet for key in HIDDEN_TABS if key in layouts
    }
    sheets = tuple(grown.get(sheet.sheet_id, sheet) for sheet in snapshot.structure.sheets)
    return replace(
        snapshot,
        layouts=layouts,
        tables=tables,
        contents=contents,
        report_sheets=report_sheets,
        structure=replace(snapshot.structure, metadata=metadata, sheets=sheets),
    )


def _widened(layout: TabLayout) -> TabLayout:
    """Return the layout of a hidden tab as a write to it leaves the tab: with all its columns."""
    columns = max(layout.sheet.columns, layout.width)
    return replace(layout, sheet=replace(layout.sheet, columns=columns))


def _grown(sheet: SheetInfo, grid: Grid) -> SheetInfo:
    width = len(grid[0][0])
    return replace(sheet, rows=max(sheet.rows, len(grid)), columns=max(sheet.columns, width))


def _content_of(grid: Grid) -> TabContent:
    headers, *rows = (cells for cells, _ in grid)
    end = len(rows)
    while end and not any(cell not in (None, "") for cell in rows[end - 1]):
        end -= 1
    columns = [
        [None if cell == "" else cell for cell in column]
        for column in zip(*rows[:end], strict=True)
    ]
    return TabContent(list(headers), columns, end, [None] * end)


def _with_rows(content: TabContent, first: int, grid: Grid) -> TabContent:
    """Return the content with the rows of a grid in the place of its own, from the first on."""
    columns = [list(column) for column in content.columns]
    for row, (cells, _) in enumerate(grid, first - 1):
        for column, cell in zip(columns, cells, strict=False):
            if row < len(column):
                column[row] = None if cell == "" else cell
    return replace(content, columns=columns)


def _changed_table(table: Table, plan: Plan) -> Table:
    added = plan.appended.get(table.tab, ())
    columns: dict[str, Sequence[Raw]] = {}
    for name, column in table.columns.items():
        cells = plan.cells.get((table.tab, name), {})
        if removed := plan.removed.get(table.tab):
            cells = {**cells, **dict.fromkeys(removed)}
        if not cells and not added:
            columns[name] = column
            continue
        columns[name] = Column.of(column).replaced(
            {row: None if cell == "" else cell for row, cell in cells.items()},
            [row.get(name) for row in added],
        )
    return table.changed(columns, table.height + len(added))
