"""Identity, not position: rows found again by their IDs right before a write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rules.playbook import SUBJECT_TABS, Playbook
from rules.table import as_text
from sync.errors import ConflictError
from sync.layout import column_letters, find_columns, quote_title
from sync.plan import ColumnCells, Plan
from sync.ports import SheetsPort
from sync.snapshot import Snapshot

Moves = Mapping[int, int]
"""Where a row of the snapshot stands now; a row that is gone is not in it."""


def relocate(snapshot: Snapshot, plan: Plan, sheets: SheetsPort, playbook: Playbook) -> Plan:
    """Return the plan with its rows where they stand now: one read of headers and IDs.

    Changes of rows that are gone are left out. Raises ConflictError if columns have moved, or if
    rows that have no ID yet are to get one and any row has moved.
    """
    tabs = [tab for tab in SUBJECT_TABS.values() if any(key[0] == tab for key in plan.cells)]
    if not tabs:
        return plan
    ids_now = _read_ids(snapshot, tabs, sheets, playbook)
    for tab in tabs:
        before = [as_text(value) for value in snapshot.tables[tab].column("id")]
        if (tab, "id") in plan.cells and _trimmed(before) != _trimmed(ids_now[tab]):
            raise ConflictError(f"rows of “{snapshot.layouts[tab].sheet.title}” moved meanwhile")
    moves = {tab: _moves(snapshot, tab, ids_now[tab]) for tab in tabs}
    return replace(
        plan,
        cells={key: _moved(column, moves.get(key[0])) for key, column in plan.cells.items()},
        notes={key: _moved(column, moves.get(key[0])) for key, column in plan.notes.items()},
    )


def _read_ids(
    snapshot: Snapshot, tabs: Sequence[str], sheets: SheetsPort, playbook: Playbook
) -> Mapping[str, Sequence[str]]:
    ranges = []
    for tab in tabs:
        layout = snapshot.layouts[tab]
        title, letters = quote_title(layout.sheet.title), column_letters(layout.columns["id"])
        ranges += [f"{title}!1:1", f"{title}!{letters}2:{letters}"]
    found = sheets.read_columns(snapshot.structure.spreadsheet_id, ranges)
    ids: dict[str, Sequence[str]] = {}
    for tab, headers, id_column in zip(tabs, found[::2], found[1::2], strict=True):
        layout = snapshot.layouts[tab]
        header_row = [column[0] if column else None for column in headers]
        if (
            find_columns(tab, playbook.tabs[tab], layout.sheet, header_row).columns
            != layout.columns
        ):
            raise ConflictError(f"columns of tab “{layout.sheet.title}” have moved meanwhile")
        ids[tab] = [as_text(value) for value in id_column[0]] if id_column else []
    return ids


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
    moves = {row: row_now[text] for text, row in table.row_by_id.items() if text in row_now}
    # Rows without an ID hold no record: they are written only while nothing has moved.
    if _trimmed([as_text(value) for value in table.column("id")]) == _trimmed(ids_now):
        return {row: row for row in range(table.height)}
    return moves


def _moved(column: ColumnCells, moves: Moves | None) -> ColumnCells:
    if moves is None:
        return column
    return {moves[row]: cell for row, cell in column.items() if row in moves}
