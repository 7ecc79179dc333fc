"""After a write: did every cell land where it was meant to? What did not is put right.

The answer to the write carries the headers of the columns that it touched and the keys of the rows
(and, where it wrote the key itself, the cells that tell the row from others), as they stood in that
very moment. Between the last read and the write somebody may have moved rows or columns: then a
cell of one row stands on another, or in a column that is not the worker's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import nlargest
from itertools import pairwise

from rules.playbook import Playbook
from rules.table import Raw, as_text, as_texts
from sync.identity import IDENTITY_FIELDS
from sync.layout import ROW_KEYS, column_letters
from sync.plan import Cell, ColumnCells, Plan
from sync.ports import Span, TabContent
from sync.relocate import Placed, touched_tabs
from sync.snapshot import Snapshot, foreign_columns

NEAR_ROWS = 20
"""Touched rows that are no further apart than this are read back as one span."""

MOST_SPANS = 1_000
"""A column is read back in no more spans than this. Google documents no limit of ranges."""


HEADER_ROW = -1
"""The row above the first one below the header."""

HEADER = (HEADER_ROW, HEADER_ROW)


@dataclass(frozen=True)
class Watch:
    """Touched rows of a tab, and which fields of theirs the write answers, span by span."""

    tab: str
    field: str
    spans: tuple[tuple[int, int], ...]


def make_watches(snapshot: Snapshot, plan: Plan, playbook: Playbook) -> list[Watch]:
    """Return what a write of the plan is to answer."""
    watches = []
    for tab in touched_tabs(plan, playbook):
        rows = _touched_rows(plan, tab)
        if not rows:
            continue
        key = ROW_KEYS[tab]
        touched = dict.fromkeys(name for at, name in (*plan.cells, *plan.notes) if at == tab)
        watches += [Watch(tab, name, (HEADER,)) for name in (*touched, *_key_of(tab, touched))]
        watches.append(Watch(tab, key, _spans(rows)))
        if written := plan.cells.get((tab, key)):
            fields = _identity_fields(snapshot, tab)
            watches += [Watch(tab, name, _spans(sorted(written))) for name in fields]
    for tab in plan.appended.keys() & playbook.tabs.keys():
        watches += [Watch(tab, name, (HEADER,)) for name in snapshot.layouts[tab].columns]
    return watches


def _key_of(tab: str, fields: Collection[str]) -> tuple[str, ...]:
    """Return the key field of a tab if it is not among the fields."""
    return () if ROW_KEYS[tab] in fields else (ROW_KEYS[tab],)


def _identity_fields(snapshot: Snapshot, tab: str) -> Sequence[str]:
    columns = snapshot.layouts[tab].columns
    return [name for name in IDENTITY_FIELDS.get(tab, ()) if name in columns]


def _touched_rows(plan: Plan, tab: str) -> Sequence[int]:
    return sorted({row for column in _columns_of(plan, tab) for row in column})


def _columns_of(plan: Plan, tab: str) -> Iterator[Iterable[int]]:
    for (at, _), column in (*plan.cells.items(), *plan.notes.items()):
        if at == tab:
            yield column


def _spans(rows: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Return the rows in few spans that leave out as much as they can of what is between them."""
    breaks = [pair for pair in pairwise(rows) if pair[1] - pair[0] > NEAR_ROWS]
    if len(breaks) >= MOST_SPANS:
        breaks = sorted(nlargest(MOST_SPANS - 1, breaks, key=lambda pair: pair[1] - pair[0]))
    starts = [rows[0], *(after for _, after in breaks)]
    ends = [*(before for before, _ in breaks), rows[-1]]
    return tuple(zip(starts, ends, strict=True))


def spans_of(snapshot: Snapshot, watches: Sequence[Watch]) -> list[Span]:
    """Return the watches as spans of sheets, in the same order."""
    return [
        Span(layout.sheet, layout.columns[watch.field], first, last)
        for watch in watches
        for layout in (snapshot.layouts[watch.tab],)
        for first, last in watch.spans
    ]


Found = Mapping[tuple[str, str], Mapping[int, Raw]]
"""What stands in the watched cells after the write, by tab and field, by row."""


def read_watches(watches: Sequence[Watch], answer: Sequence[Sequence[Raw]]) -> Found:
    """Return the answered values by tab, field and row."""
    values = iter(answer)
    found: dict[tuple[str, str], dict[int, Raw]] = {}
    for watch in watches:
        column = found.setdefault((watch.tab, watch.field), {})
        for first, last in watch.spans:
            span = next(values)
            for row in range(first, last + 1):
                column[row] = span[row - first] if row - first < len(span) else None
    return found


def all_in_place(snapshot: Snapshot, placed: Placed, found: Found) -> bool:
    """Return whether every cell of a write landed where it was meant to."""
    return not find_moved_columns(snapshot, found) and not find_misplaced(snapshot, placed, found)


def find_moved_columns(snapshot: Snapshot, found: Found) -> Mapping[str, Mapping[str, str]]:
    """Return, by tab and field, the header that stands now where the field's own should."""
    moved: dict[str, dict[str, str]] = {}
    for (tab, name), column in found.items():
        header = as_text(column.get(HEADER_ROW))
        if HEADER_ROW in column and header != snapshot.layouts[tab].headers[name]:
            moved.setdefault(tab, {})[name] = header
    return moved


def find_misplaced(snapshot: Snapshot, placed: Placed, found: Found) -> Mapping[str, list[int]]:
    """Return, by tab, the rows that were written and are not the rows that were meant.

    Where columns have moved there is no telling.
    """
    misplaced: dict[str, list[int]] = {}
    moved = find_moved_columns(snapshot, found)
    for tab in dict.fromkeys(tab for tab, _ in found):
        if tab in moved:
            continue
        written = placed.plan.cells.get((tab, ROW_KEYS[tab]), {})
        keys, before = found[tab, ROW_KEYS[tab]], _Before(snapshot, tab)
        wrong = [
            row
            for row in _touched_rows(placed.plan, tab)
            if not (
                written[row] is None or _is_same_record(before, placed, row, found)
                if row in written
                else as_text(keys[row]) == _expected_key(snapshot, placed, tab, row)
            )
        ]
        if wrong:
            misplaced[tab] = wrong
    return misplaced


@dataclass(frozen=True)
class _Before:
    """The rows of a tab before a write, as far as their cells tell them from others."""

    snapshot: Snapshot
    tab: str

    @cached_property
    def cells(self) -> Sequence[tuple[str, ...]]:
        """The identity fields of each row."""
        table = self.snapshot.tables[self.tab]
        columns = (as_texts(table.column(name)) for name in self._fields)
        return list(zip(*columns, strict=True))

    @cached_property
    def rows(self) -> Mapping[tuple[str, ...], Sequence[int]]:
        """The rows with the same cells, by these cells."""
        rows: dict[tuple[str, ...], list[int]] = {}
        for row, cells in enumerate(self.cells):
            rows.setdefault(cells, []).append(row)
        return rows

    @cached_property
    def row_by_key(self) -> Mapping[str, int]:
        """The first row with each key."""
        keys = as_texts(self.snapshot.tables[self.tab].column(ROW_KEYS[self.tab]))
        return {key: row for row, key in reversed([*enumerate(keys)]) if key}

    @cached_property
    def _fields(self) -> Sequence[str]:
        return _identity_fields(self.snapshot, self.tab)

    def now(self, row: int, found: Found) -> tuple[str, ...]:
        """Return the identity fields of a row as they read after the write."""
        return tuple(as_text(found[self.tab, name][row]) for name in self._fields)


def _expected_key(snapshot: Snapshot, placed: Placed, tab: str, row: int) -> str:
    before = placed.origin(tab, row)
    return "" if before is None else snapshot.tables[tab].text(ROW_KEYS[tab], before)


def _is_same_record(before: _Before, placed: Placed, row: int, found: Found) -> bool:
    """Return whether a row that got its key in this write is the row that was meant.

    Its other cells tell. One of them that is as it was will do, since people type meanwhile, unless
    another row was exactly as this one is.
    """
    origin = placed.origin(before.tab, row)
    if origin is None:
        return False
    expected, now = before.cells[origin], before.now(row, found)
    if now == expected:
        return True
    if any(now) and now in before.rows:
        return False
    return not any(expected) or any(a == b != "" for a, b in zip(expected, now, strict=True))


def make_column_repair(snapshot: Snapshot, placed: Placed, found: Found) -> tuple[Snapshot, Placed]:
    """Plan to give cells in moved columns back what was read of them.

    Returns the snapshot with these columns where they stand now: as fields of their own, under
    their headers. A formula comes back as its value: nobody has read more of it.
    """
    tables, layouts = dict(snapshot.tables), dict(snapshot.layouts)
    cells: dict[tuple[str, str], dict[int, Cell]] = {}
    for tab, headers in find_moved_columns(snapshot, found).items():
        table, layout = snapshot.tables[tab], snapshot.layouts[tab]
        known = dict(foreign_columns(snapshot, tab))
        known |= {layout.headers[name]: table.column(name) for name in layout.columns}
        columns = {header: known.get(header, ()) for header in headers.values()}
        places = {header: layout.columns[name] for name, header in headers.items()}
        for name, header in headers.items():
            before = columns[header]
            for row in placed.plan.cells.get((tab, name), {}):
                origin = placed.origin(tab, row)
                value = before[origin] if origin is not None and origin < len(before) else None
                cells.setdefault((tab, header), {})[row] = value
        tables[tab] = replace(table, columns=columns)
        layouts[tab] = replace(layout, columns=places, headers={name: name for name in places})
    return replace(snapshot, tables=tables, layouts=layouts), Placed(Plan(cells=cells))


def make_row_repair(
    snapshot: Snapshot, placed: Placed, contents: Mapping[str, TabContent]
) -> tuple[Snapshot, Placed]:
    """Plan to put what was appended while columns moved under the right headers.

    `contents` by tab are what stands there now. The new rows are found by their keys, which stand
    where the keys' column was; they are the worker's own, and are written whole. Returns the
    snapshot with the columns where they stand now, what is nobody's field under its header.
    """
    tables, layouts = dict(snapshot.tables), dict(snapshot.layouts)
    cells: dict[tuple[str, str], dict[int, Cell]] = {}
    for tab, content in contents.items():
        layout, key = layouts[tab], ROW_KEYS[tab]
        row_of = {str(row[key]): row for row in placed.plan.appended[tab] if row.get(key)}
        at_key = layout.columns[key]
        keys = content.columns[at_key] if at_key < len(content.columns) else ()
        landed = {
            at: row_of[text] for at, cell in enumerate(keys) if (text := as_text(cell)) in row_of
        }
        field_of = {header: name for name, header in layout.headers.items()}
        # A column of nobody's, one without a header too, goes by its place: no field is called so.
        places = {
            field_of.get(as_text(header), f"{column_letters(index)}1"): index
            for index, header in enumerate(content.headers)
        }
        for name in places:
            cells[tab, name] = {at: row.get(name) for at, row in landed.items()}
        columns = {name: content.columns[index] for name, index in places.items()}
        tables[tab] = replace(tables[tab], columns=columns, height=content.height)
        layouts[tab] = replace(layout, columns=places, headers={name: name for name in places})
    return replace(snapshot, tables=tables, layouts=layouts), Placed(Plan(cells=cells))


def make_repair(snapshot: Snapshot, placed: Placed, found: Found) -> Placed:
    """Plan to give misplaced rows back what they had before the write, as far as it is known.

    A row that nobody knows (somebody has just inserted it) had none of the worker's cells. What
    notes said before is not known: the note is cleared with its cell, and both come back with the
    next pass.
    """
    cells: dict[tuple[str, str], dict[int, Cell]] = {}
    notes: dict[tuple[str, str], dict[int, Cell]] = {}
    origins: dict[str, dict[int, int]] = {}
    for tab, rows in find_misplaced(snapshot, placed, found).items():
        origins[tab] = {}
        known = _Before(snapshot, tab)
        for row in rows:
            owner = _owner(known, placed, row, found)
            if owner is not None:
                origins[tab][row] = owner
            for key in _fields_of(placed.plan.cells, tab, row):
                before = None if owner is None else snapshot.tables[tab].column(key[1])[owner]
                cells.setdefault(key, {})[row] = before
            for key in _fields_of(placed.plan.notes, tab, row):
                cells.setdefault(key, {})[row] = None
                notes.setdefault(key, {})[row] = None
    return Placed(Plan(cells=cells, notes=notes), origins)


def _fields_of(
    changes: Mapping[tuple[str, str], ColumnCells], tab: str, row: int
) -> Iterator[tuple[str, str]]:
    return (key for key, column in changes.items() if key[0] == tab and row in column)


def _owner(before: _Before, placed: Placed, row: int, found: Found) -> int | None:
    """Return which row of the snapshot stands there now."""
    tab, key = before.tab, ROW_KEYS[before.tab]
    if row not in placed.plan.cells.get((tab, key), {}):
        text = as_text(found[tab, key][row])
        return before.row_by_key.get(text) if text else None
    now = before.now(row, found)
    alike = before.rows.get(now, ())
    return alike[0] if len(alike) == 1 and any(now) else None
