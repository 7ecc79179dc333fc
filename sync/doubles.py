"""Rows that two writers wrote at once, found by their keys and removed.

Two commits with one number stand in the metadata only if Sheets let two writers through that
started from the same state (see `fence.py`). Then the rows that both appended stand twice.
"""

from __future__ import annotations

from rules.table import Raw, as_text
from sync.fence import doubled_numbers
from sync.layout import LETTERS, RECORDS, ROW_KEYS
from sync.plan import Plan
from sync.snapshot import Snapshot

APPENDED_TABS = ("comments", "events", RECORDS, LETTERS)


def plan_doubles(snapshot: Snapshot) -> Plan:
    """Plan to remove the second of two rows that are equal in every cell, their key included."""
    if not doubled_numbers(snapshot.structure.commits):
        return Plan()
    removed = {tab: _doubles(snapshot, tab) for tab in APPENDED_TABS if snapshot.has(tab)}
    return Plan(removed={tab: rows for tab, rows in removed.items() if rows})


def _doubles(snapshot: Snapshot, tab: str) -> frozenset[int]:
    table = snapshot.tables[tab]
    keys = table.column(ROW_KEYS[tab])
    seen: set[tuple[Raw, ...]] = set()
    doubles = set()
    for row, key in enumerate(keys):
        if not as_text(key):
            continue
        content = tuple(column[row] for column in table.columns.values())
        if content in seen:
            doubles.add(row)
        seen.add(content)
    return frozenset(doubles)
