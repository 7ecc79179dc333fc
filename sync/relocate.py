"""Identity, not position: rows found again by their IDs right before a write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rules.playbook import SUBJECT_TABS, Playbook
from rules.table import Raw, as_text
from sync.errors import ConflictError
from sync.layout import column_letters, find_columns, header_row, quote_title
from sync.plan import ColumnCells, Plan
from sync.ports import SheetsPort
from sync.snapshot import Snapshot

Moves = Mapping[int, int]
"""Where a row of the snapshot stands now; a row that is gone is not in it."""


IDENTITY = {**dict.fromkeys(SUBJECT_TABS.values(), "id"), "comments": "letter_key"}
"""The field by which the rows of a tab are known."""


def fills_managers_cells(plan: Plan, playbook: Playbook) -> bool:
    """Return whether the plan fills cells that a manager may have filled, or removes rows."""
    return bool(plan.removed) or any(_is_shared(playbook, key) for key in plan.cells)


def _is_shared(playbook: Playbook, key: tuple[str, str]) -> bool:
    tab, field = key
    return tab in playbook.tabs and playbook.tabs[tab].fields[field].owner == "both"


def relocate(snapshot: Snapshot, plan: Plan, sheets: SheetsPort, playbook: Playbook) -> Plan:
    """Return the plan with its rows where they stand now: one read of headers, IDs, shared cells.

    Changes of rows that are gone, and of cells that a manager filled meanwhile, are left out.
    Raises ConflictError if columns have moved, or if rows that have no ID yet are to get one and
    any row has moved.
    """
    touched = {key[0] for key in plan.cells} | set(plan.removed)
    tabs = [tab for tab in IDENTITY if tab in touched]
    headed = [tab for tab in playbook.tabs if tab in tabs or tab in plan.appended]
    shared = [key for key in plan.cells if _is_shared(playbook, key)]
    if not headed:
        return plan
    identities = [(tab, IDENTITY[tab]) for tab in tabs]
    fresh = _read_fresh(snapshot, headed, [*identities, *shared], sheets)
    for tab in headed:
        _check_headers(snapshot, tab, fresh.header_rows[tab], playbook)
    ids_now = {
        tab: [as_text(value) for value in fresh.columns[tab, field]] for tab, field in identities
    }
    for tab in tabs:
        before = [as_text(value) for value in snapshot.tables[tab].column("id")]
        if (tab, "id") in plan.cells and _trimmed(before) != _trimmed(ids_now[tab]):
            raise ConflictError(f"rows of “{snapshot.layouts[tab].sheet.title}” moved meanwhile")
    moves = {tab: _moves(snapshot, tab, ids_now[tab]) for tab in tabs}
    cells = {key: _moved(column, moves.get(key[0])) for key, column in plan.cells.items()}
    for key in shared:
        cells[key] = _still_empty(cells[key], fresh.columns[key])
    notes = {key: _moved(column, moves.get(key[0])) for key, column in plan.notes.items()}
    removed = {
        tab: frozenset(moves[tab][row] for row in rows if row in moves[tab])
        for tab, rows in plan.removed.items()
    }
    return replace(plan, cells=_not_empty(cells), notes=_not_empty(notes), removed=removed)


def _not_empty(
    columns: Mapping[tuple[str, str], ColumnCells],
) -> Mapping[tuple[str, str], ColumnCells]:
    return {key: column for key, column in columns.items() if column}


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
    for tab, field in fields:
        layout = snapshot.layouts[tab]
        letters = column_letters(layout.columns[field])
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
    if find_columns(tab, playbook.tabs[tab], layout.sheet, headers).columns != layout.columns:
        raise ConflictError(f"columns of tab “{layout.sheet.title}” have moved meanwhile")


def _still_empty(column: ColumnCells, now: Sequence[Raw]) -> ColumnCells:
    """Return the cells to be filled that nobody has filled since, and those to be cleared."""
    return {
        row: cell
        for row, cell in column.items()
        if cell is None or row >= len(now) or now[row] in (None, "")
    }


def _trimmed(ids: Sequence[str]) -> Sequence[str]:
    end = len(ids)
    while end and not ids[end - 1]:
        end -= 1
    return ids[:end]


def _moves(snapshot: Snapshot, tab: str, ids_now: Sequence[str]) -> Moves:
    row_now: dict[str, int] = {}
    for row, text in enumerate(ids_now):
        row_now.setdefault(text, row)
    table = snapshot.tables[tab]
    before = [as_text(value) for value in table.column(IDENTITY[tab])]
    # Rows without an ID hold no record: they are written only while nothing has moved.
    if _trimmed(before) == _trimmed(ids_now):
        return {row: row for row in range(table.height)}
    first: dict[str, int] = {}
    for row, text in enumerate(before):
        first.setdefault(text, row)
    return {row: row_now[text] for text, row in first.items() if text and text in row_now}


def _moved(column: ColumnCells, moves: Moves | None) -> ColumnCells:
    if moves is None:
        return column
    return {moves[row]: cell for row, cell in column.items() if row in moves}
