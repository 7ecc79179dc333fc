"""A workbook as it was read: two reads, whatever its size."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.check import Book
from rules.playbook import Locale, Playbook
from rules.table import Raw, Table
from sync.errors import PermanentError, StructureError
from sync.layout import (
    HIDDEN_TABS,
    TabLayout,
    find_columns,
    find_sheets,
    header_row,
    hidden_layout,
    missing_headers,
    missing_tabs,
    quote_title,
    workbook_locale,
)
from sync.plan import Plan
from sync.ports import Clock, Columns, SheetInfo, SheetsPort, Structure

SERIAL_ZERO = datetime(1899, 12, 30)  # serial times are wall-clock times


def show_moment(serial: float) -> str:
    """Return a serial date and time as people here write it."""
    return f"{SERIAL_ZERO + timedelta(days=serial):%d.%m.%Y %H:%M}"


@dataclass(frozen=True)
class Snapshot:
    """The content of a workbook.

    `layouts` and `tables` are keyed by tab, the hidden ones included; `report_sheets` and
    `report_values` (columns) by report.
    """

    structure: Structure
    locale: Locale
    zone: tzinfo
    layouts: Mapping[str, TabLayout]
    tables: Mapping[str, Table]
    report_sheets: Mapping[str, SheetInfo]
    report_values: Mapping[str, Columns]
    read_at: datetime

    @property
    def book(self) -> Book:
        """The workbook as the rules see it."""
        return Book(self.locale, self.tables)

    def serial(self, moment: datetime) -> float:
        """Return an aware moment as serial wall-clock time of the workbook, to the second."""
        wall = moment.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
        return round((wall - SERIAL_ZERO) / timedelta(days=1), 8)


def read_snapshot(
    sheets: SheetsPort, spreadsheet_id: str, playbook: Playbook, clock: Clock, zone: str | None
) -> Snapshot:
    """Read the whole workbook in two calls.

    Raises StructureError naming every tab and header that is missing.
    """
    structure = sheets.read_structure(spreadsheet_id)
    found = find_sheets(playbook, structure.sheets)
    locale = workbook_locale(playbook, found)
    if missing := missing_tabs(playbook, found, locale):
        raise StructureError(
            f"“{structure.title}” ({spreadsheet_id}) has no tab {_listed(missing)}; "
            "`crm init --spreadsheet ID` adds what is missing"
        )
    ranges = [quote_title(sheet.title) for sheet in found.values()]
    columns = dict(zip(found, sheets.read_columns(spreadsheet_id, ranges), strict=True))
    layouts = _layouts(playbook, locale, found, columns)
    return Snapshot(
        structure=structure,
        locale=locale,
        zone=_zone(zone or structure.time_zone),
        layouts=layouts,
        tables={key: _table(layout, columns[key]) for key, layout in layouts.items()},
        report_sheets={key: found[key] for key in playbook.reports if key in found},
        report_values={key: columns[key] for key in playbook.reports if key in found},
        read_at=clock.now(),
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
    found: Mapping[str, SheetInfo],
    columns: Mapping[str, Columns],
) -> Mapping[str, TabLayout]:
    layouts: dict[str, TabLayout] = {}
    missing = []
    for key, tab in playbook.tabs.items():
        layouts[key] = find_columns(key, tab, found[key], header_row(columns[key]))
        if absent := missing_headers(tab, layouts[key], locale):
            missing.append(f"tab “{found[key].title}” has no header {_listed(absent)}")
    if missing:
        raise StructureError("; ".join(missing))
    for key in HIDDEN_TABS:
        if key not in found:
            raise StructureError(
                f"the worker's hidden tab “_{key}” is missing; "
                "`crm init --spreadsheet ID` adds what is missing"
            )
        layouts[key] = hidden_layout(key, found[key])
    return layouts


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _table(layout: TabLayout, columns: Columns) -> Table:
    height = max((len(column) for column in columns), default=1) - 1
    height = max(height, 0)
    fields = {
        field: _below_header(columns[index] if index < len(columns) else (), height)
        for field, index in layout.columns.items()
    }
    return Table(layout.key, layout.headers, fields, height)


def _below_header(column: Sequence[Raw], height: int) -> list[Raw]:
    values = [None if value == "" else value for value in column[1:]]
    values.extend([None] * (height - len(values)))
    return values


def after(snapshot: Snapshot, plan: Plan) -> Snapshot:
    """Return the workbook as it will read once the plan's cells and rows are written.

    Rows that are removed read as empty: the others keep their numbers.
    """
    changed = {tab for tab, _ in plan.cells} | set(plan.appended) | set(plan.removed)
    tables = {
        key: _changed_table(table, plan) if key in changed else table
        for key, table in snapshot.tables.items()
    }
    metadata = {**snapshot.structure.metadata, **plan.metadata}
    return replace(
        snapshot, tables=tables, structure=replace(snapshot.structure, metadata=metadata)
    )


def _changed_table(table: Table, plan: Plan) -> Table:
    added = plan.appended.get(table.tab, ())
    columns: dict[str, Sequence[Raw]] = {}
    for field, column in table.columns.items():
        cells = plan.cells.get((table.tab, field), {})
        cells = {**cells, **dict.fromkeys(plan.removed.get(table.tab, ()))}
        if not cells and not added:
            columns[field] = column
            continue
        changed = [*column, *(row.get(field) for row in added)]
        for row, cell in cells.items():
            changed[row] = None if cell == "" else cell
        columns[field] = changed
    return Table(table.tab, table.headers, columns, table.height + len(added))
