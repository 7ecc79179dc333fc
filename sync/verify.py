"""After a write: did every cell land on the row it was meant for? What did not is put right.

The answer to the write carries the keys of the rows that it touched (and, where it wrote the key
itself, the cells that tell the row from others), as they stood in that very moment. Between the
last read and the write somebody may have moved rows: then a cell of one row stands on another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rules.playbook import Playbook
from rules.table import Raw, as_text
from sync.identity import IDENTITY_FIELDS
from sync.layout import ROW_KEYS
from sync.plan import Cell, ColumnCells, Plan
from sync.ports import Span
from sync.relocate import Placed, touched_tabs
from sync.snapshot import Snapshot

NEAR_ROWS = 200
"""Touched rows that are no further apart than this are read back as one span."""

MOST_SPANS = 40
"""Of more spans than this a column is read back as one."""


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
        watches.append(Watch(tab, key, _spans(rows)))
        if written := plan.cells.get((tab, key)):
            fields = _identity_fields(snapshot, tab)
            watches += [Watch(tab, name, _spans(sorted(written))) for name in fields]
    return watches


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
    breaks = [row for row in pairwise(rows) if row[1] - row[0] > NEAR_ROWS]
    if len(breaks) >= MOST_SPANS:
        breaks = []
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


def find_misplaced(snapshot: Snapshot, placed: Placed, found: Found) -> Mapping[str, list[int]]:
    """Return, by tab, the rows that were written and are not the rows that were meant."""
    misplaced: dict[str, list[int]] = {}
    for tab in dict.fromkeys(tab for tab, _ in found):
        written = placed.plan.cells.get((tab, ROW_KEYS[tab]), {})
        keys = found[tab, ROW_KEYS[tab]]
        wrong = [
            row
            for row in _touched_rows(placed.plan, tab)
            if not (
                _is_same_record(snapshot, placed, tab, row, found)
                if row in written
                else as_text(keys[row]) == _expected_key(snapshot, placed, tab, row)
            )
        ]
        if wrong:
            misplaced[tab] = wrong
    return misplaced


def _expected_key(snapshot: Snapshot, placed: Placed, tab: str, row: int) -> str:
    before = placed.origin(tab, row)
    return "" if before is None else snapshot.tables[tab].text(ROW_KEYS[tab], before)


def _is_same_record(snapshot: Snapshot, placed: Placed, tab: str, row: int, found: Found) -> bool:
    """Return whether a row that got its key in this write is the row that was meant.

    Its other cells tell: one of them that is as it was will do, since people type meanwhile.
    """
    before = placed.origin(tab, row)
    if before is None:
        return False
    table = snapshot.tables[tab]
    expected = {name: table.text(name, before) for name in _identity_fields(snapshot, tab)}
    now = {name: as_text(found[tab, name][row]) for name in expected}
    return not any(expected.values()) or any(
        text and text == now[name] for name, text in expected.items()
    )


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
        for row in rows:
            owner = _owner(snapshot, placed, tab, row, found)
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


def _owner(snapshot: Snapshot, placed: Placed, tab: str, row: int, found: Found) -> int | None:
    """Return which row of the snapshot stands there now."""
    key, table = ROW_KEYS[tab], snapshot.tables[tab]
    if row not in placed.plan.cells.get((tab, key), {}):
        text = as_text(found[tab, key][row])
        return _row_by_key(snapshot, tab).get(text) if text else None
    now = {name: as_text(found[tab, name][row]) for name in _identity_fields(snapshot, tab)}
    alike = [
        at
        for at in range(table.height)
        if all(table.text(name, at) == text for name, text in now.items())
    ]
    return alike[0] if len(alike) == 1 and any(now.values()) else None


def _row_by_key(snapshot: Snapshot, tab: str) -> Mapping[str, int]:
    if ROW_KEYS[tab] == "id":
        return snapshot.tables[tab].row_by_id
    keys = snapshot.tables[tab].column(ROW_KEYS[tab])
    return {as_text(value): row for row, value in enumerate(keys) if value}
