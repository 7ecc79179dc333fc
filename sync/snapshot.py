"""A workbook as it was read: two reads, whatever its size."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone, tzinfo
from operator import is_
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.check import Book
from rules.playbook import SUBJECT_TABS, Locale, Playbook
from rules.table import Raw, Table, as_text
from sync.errors import PermanentError, RefusedError, StructureError
from sync.layout import (
    HIDDEN_TABS,
    Fault,
    TabLayout,
    doubled_tab,
    header_row,
    hidden_layout,
    hidden_title,
    match_columns,
    match_sheets,
    missing_headers,
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
    `report_values` (columns) by report. `foreign` holds the columns that are nobody's field, by tab
    and header, `answer` the columns as they came, headers first.
    """

    structure: Structure
    locale: Locale
    zone: tzinfo
    layouts: Mapping[str, TabLayout]
    tables: Mapping[str, Table]
    report_sheets: Mapping[str, SheetInfo]
    report_values: Mapping[str, Columns]
    read_at: datetime
    faults: tuple[Fault, ...] = ()
    foreign: Mapping[str, Mapping[str, Sequence[Raw]]] = field(default_factory=dict)
    answer: Mapping[str, Columns] = field(default_factory=dict)

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
    ranges = [quote_title(sheet.title) for sheet in found.values()]
    read_at = clock.now()
    columns = dict(zip(found, sheets.read_columns(spreadsheet_id, ranges), strict=True))
    layouts, faults = _layouts(playbook, locale, matched, columns)
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
                _table(layouts[key], columns[key])
                if key in layouts
                else empty_table(playbook, key, locale)
            )
            for key in (*playbook.tabs, *HIDDEN_TABS)
        },
        report_sheets={key: found[key] for key in playbook.reports if key in found},
        report_values={key: columns[key] for key in playbook.reports if key in found},
        read_at=read_at,
        faults=faults,
        foreign={
            key: _foreign(layouts[key], columns[key]) for key in playbook.tabs if key in layouts
        },
        answer=columns,
    )


def _read_again(sheets: SheetsPort, playbook: Playbook, clock: Clock, before: Snapshot) -> Snapshot:
    """Read the values of a workbook whose structure is known.

    Raises RefusedError if tabs are gone, StructureError if headers are others than before.
    """
    titles = {sheet.title for sheet in before.structure.sheets}
    found = {key: layout.sheet for key, layout in before.layouts.items()}
    found |= before.report_sheets
    if before.faults or not titles.issuperset(sheet.title for sheet in found.values()):
        raise StructureError("the structure is to be read again")
    ranges = [quote_title(sheet.title) for sheet in found.values()]
    read_at = clock.now()
    spreadsheet_id = before.structure.spreadsheet_id
    columns = dict(zip(found, sheets.read_columns(spreadsheet_id, ranges), strict=True))
    tables, foreign = dict(before.tables), dict(before.foreign)
    for key, layout in before.layouts.items():
        old, new = before.answer[key], columns[key]
        if len(old) == len(new) and all(map(is_, old, new)):
            continue
        if list(map(as_text, header_row(old))) != list(map(as_text, header_row(new))):
            raise StructureError("headers are others than before")
        tables[key] = _table(layout, new, before.tables[key], old)
        if key in playbook.tabs:
            foreign[key] = _foreign(layout, new)
    return replace(
        before,
        tables=tables,
        foreign=foreign,
        report_values={key: columns[key] for key in before.report_sheets},
        read_at=read_at,
        answer=columns,
    )


def is_same_answer(one: Snapshot, other: Snapshot) -> bool:
    """Return whether two readings gave the very same columns."""
    return one.answer.keys() == other.answer.keys() and all(
        len(columns) == len(other.answer[key]) and all(map(is_, columns, other.answer[key]))
        for key, columns in one.answer.items()
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
    columns: Mapping[str, Columns],
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
            headers = header_row(columns[key])
            layout, wrong = match_columns(key, tab, several[0], headers)
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


def _table(
    layout: TabLayout, columns: Columns, before: Table | None = None, old: Columns = ()
) -> Table:
    """Return the rows of a tab; columns that are the same lists as `before` are not made anew."""
    height = max((len(column) for column in columns), default=1) - 1
    height = max(height, 0)
    fields = {}
    for name, index in layout.columns.items():
        column = columns[index] if index < len(columns) else ()
        same = index < len(old) and old[index] is column
        if before is not None and same and before.height == height:
            fields[name] = before.columns[name]
        else:
            fields[name] = _below_header(column, height)
    return Table(layout.key, layout.headers, fields, height)


def _foreign(layout: TabLayout, columns: Columns) -> Mapping[str, Sequence[Raw]]:
    ours = set(layout.columns.values())
    headers = [as_text(header) for header in header_row(columns)]
    return {
        header: columns[index][1:]
        for index, header in enumerate(headers)
        if index not in ours and headers.count(header) == 1
    }


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
    for name, column in table.columns.items():
        cells = plan.cells.get((table.tab, name), {})
        cells = {**cells, **dict.fromkeys(plan.removed.get(table.tab, ()))}
        if not cells and not added:
            columns[name] = column
            continue
        changed = [*column, *(row.get(name) for row in added)]
        for row, cell in cells.items():
            changed[row] = None if cell == "" else cell
        columns[name] = changed
    return Table(table.tab, table.headers, columns, table.height + len(added))
