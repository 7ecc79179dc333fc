"""Identity, not position: rows found again by their keys right before a write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from rules.playbook import Playbook
from rules.table import Raw, as_text, as_texts
from sync.errors import ConflictError, StructureError
from sync.layout import ROW_KEYS, column_letters, find_columns, header_row, quote_title
from sync.plan import ColumnCells, Plan
from sync.ports import SheetsPort
from sync.snapshot import Snapshot

Moves: TypeAlias = Mapping[int, int]
"""Where a row of the snapshot stands now; a row that is gone is not in it."""


@dataclass(frozen=True)
class Placed:
    """A plan whose rows are where they stand now.

    `origins` tells, by tab, which row of the snapshot a row of the plan is; a tab that is not in it
    is where it was.
    """

    plan: Plan
    origins: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def origin(self, tab: str, row: int) -> int | None:
        """Return the snapshot's row for a row of the plan; None for one that moved to there."""
        moved = self.origins.get(tab)
        return row if moved is None else moved.get(row)


def touched_tabs(plan: Plan, playbook: Playbook) -> Sequence[str]:
    """Return the tabs that people rearrange and of which the plan changes or removes rows."""
    return [
        tab
        for tab in playbook.tabs
        if tab in plan.removed or any(key[0] == tab for key in (*plan.cells, *plan.notes))
    ]


def fills_managers_cells(plan: Plan, playbook: Playbook) -> bool:
    """Return whether the plan fills cells that a manager may have filled meanwhile."""
    return any(is_shared(playbook, key) for key in plan.cells)


def is_shared(playbook: Playbook, key: tuple[str, str]) -> bool:
    """Return whether managers and the worker both fill that field."""
    tab, name = key
    return tab in playbook.tabs and playbook.tabs[tab].fields[name].owner == "both"


def relocate(snapshot: Snapshot, plan: Plan, sheets: SheetsPort, playbook: Playbook) -> Placed:
    """Return the plan with its rows where they stand now: one read of headers, keys, shared cells.

    Changes of rows that are gone, and of cells that a manager filled meanwhile, are left out.
    Raises ConflictError if columns have moved, or if rows that have no ID yet are to get one and
    any row has moved.
    """
    tabs = touched_tabs(plan, playbook)
    headed = [tab for tab in playbook.tabs if tab in tabs or tab in plan.appended]
    shared = [key for key in plan.cells if is_shared(playbook, key)]
    if not headed:
        return Placed(plan)
    keys = [(tab, ROW_KEYS[tab]) for tab in tabs]
    fresh = _read_fresh(snapshot, headed, list(dict.fromkeys([*keys, *shared])), sheets)
    for tab in headed:
        _check_headers(snapshot, tab, fresh.header_rows[tab], playbook)
    moves = {tab: _moves(snapshot, tab, fresh.columns[tab, name]) for tab, name in keys}
    for tab, name in keys:
        if (tab, name) in plan.cells and moves[tab] is not None:
            raise ConflictError(f"rows of “{snapshot.layouts[tab].sheet.title}” moved meanwhile")
    cells = {key: _moved(column, moves.get(key[0])) for key, column in plan.cells.items()}
    for key in shared:
        cells[key] = _as_read(snapshot, key, moves[key[0]], cells[key], fresh.columns[key])
    notes = {key: _moved(column, moves.get(key[0])) for key, column in plan.notes.items()}
    removed = {
        tab: frozenset(_moved(dict.fromkeys(rows), moves.get(tab)))
        for tab, rows in plan.removed.items()
    }
    origins = {
        tab: {now: before for before, now in moved.items()}
        for tab, moved in moves.items()
        if moved is not None
    }
    placed = replace(
        plan,
        cells={key: column for key, column in cells.items() if column},
        notes={key: column for key, column in notes.items() if column},
        removed={tab: rows for tab, rows in removed.items() if rows},
    )
    return Placed(placed, origins)


@dataclass(frozen=True)
class _Fresh:
    """Header rows by tab, and columns below the header by tab and field, as they read now."""

    header_rows: Mapping[str, Sequence[Raw]]
    columns: Mapping[tuple[str, str], Sequence[Raw]]


def _read_fresh(
    snapshot: Snapshot,
    headed: Sequence[str],
    fields: Sequence[tuple[str, str]],
    sheets: SheetsPort,
) -> _Fresh:
    ranges = [f"{quote_title(snapshot.layouts[tab].sheet.title)}!1:1" for tab in headed]
    for tab, name in fields:
        layout = snapshot.layouts[tab]
        letters = column_letters(layout.columns[name])
        ranges.append(f"{quote_title(layout.sheet.title)}!{letters}2:{letters}")
    found = sheets.read_columns(snapshot.structure.spreadsheet_id, ranges)
    headers, columns = found[: len(headed)], found[len(headed) :]
    return _Fresh(
        {tab: header_row(row) for tab, row in zip(headed, headers, strict=True)},
        {key: column[0] if column else () for key, column in zip(fields, columns, strict=True)},
    )


def _check_headers(
    snapshot: Snapshot, tab: str, headers: Sequence[Raw], playbook: Playbook
) -> None:
    layout = snapshot.layouts[tab]
    try:
        now = find_columns(tab, playbook.tabs[tab], layout.sheet, headers)
    except StructureError as error:
        raise ConflictError(str(error)) from error
    if now.columns != layout.columns:
        raise ConflictError(f"columns of tab “{layout.sheet.title}” have moved meanwhile")


def _as_read(
    snapshot: Snapshot,
    key: tuple[str, str],
    moves: Moves | None,
    column: ColumnCells,
    now: Sequence[Raw],
) -> ColumnCells:
    """Return the changes of those cells that hold still what was read: nobody has filled them."""
    tab, name = key
    table = snapshot.tables[tab]
    origin = None if moves is None else {now: before for before, now in moves.items()}
    return {
        row: cell
        for row, cell in column.items()
        if as_text(now[row] if row < len(now) else None)
        == table.text(name, row if origin is None else origin[row])
    }


def _trimmed(keys: Sequence[str]) -> Sequence[str]:
    end = len(keys)
    while end and not keys[end - 1]:
        end -= 1
    return keys[:end]


def _moves(snapshot: Snapshot, tab: str, column_now: Sequence[Raw]) -> Moves | None:
    """Return where the rows with a key stand now; None if no row has moved."""
    table, key = snapshot.tables[tab], ROW_KEYS[tab]
    keys = table.ids if key == "id" else as_texts(table.column(key))
    if keys[: len(column_now)] == column_now and not any(keys[len(column_now) :]):
        return None
    keys_now = as_texts(column_now)
    if _trimmed(keys) == _trimmed(keys_now):
        return None
    row_now: dict[str, int] = {}
    for row, text in enumerate(keys_now):
        row_now.setdefault(text, row)
    # Rows without a key hold no record of ours: they are written only while nothing has moved.
    return {row: row_now[text] for row, text in enumerate(keys) if text and text in row_now}


def _moved(column: ColumnCells, moves: Moves | None) -> ColumnCells:
    if moves is None:
        return column
    return {moves[row]: cell for row, cell in column.items() if row in moves}
