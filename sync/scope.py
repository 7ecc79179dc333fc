"""Which rows a pass may have to plan for, in a process that knows the pass before.

A pass leaves the workbook as it wants it: planned again, what it left would ask for nothing. So
what looks at rows by themselves need look at none but those that differ from what was left. As soon
as rows stand elsewhere, all are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from operator import is_not

from rules.check import Checked, RowFindings
from rules.playbook import SUBJECT_TABS, Subject
from rules.records import Records
from rules.reports import Reported
from rules.rows import cells_at, is_among
from rules.table import Raw, Table, differing, is_same_column
from sync.layout import RECORDS
from sync.snapshot import Snapshot


@dataclass(frozen=True)
class Left:
    """What a pass left behind: the workbook as it reads, its check, and what was found out of it.

    `shown` are the findings that the rows tell of, `counts` the rows by verdict,
    `reported` the reports.
    """

    snapshot: Snapshot
    checked: Checked
    shown: Mapping[Subject, RowFindings]
    counts: Mapping[Subject, tuple[int, int, int]]
    reported: Reported | None


class Scope:
    """The rows of a workbook that may have to be planned for: all, or what differs from `left`."""

    def __init__(self, now: Snapshot, checked: Checked, left: Left | None) -> None:
        self.left = left if left is not None and _same_rows(now, checked, left) else None
        self._now = now
        self._known: dict[tuple[str, str], Sequence[int]] = {}

    def differing(self, tab: str, *fields: str) -> set[int]:
        """Return the rows of a tab in which one of these fields is not as it was `left`."""
        return {row for field in fields for row in self._differing(tab, field)}

    def rows(self, records: Records, *fields: str, recorded: Sequence[str] = ()) -> Sequence[int]:
        """Return the records in which one of these fields differs, or what is `recorded` of them.

        All records, if nothing is known to be left.
        """
        if self.left is None:
            return records.rows
        rows = self.differing(records.table.tab, *fields)
        if memory := self.differing(RECORDS, *recorded):
            ids, row_by_id = self._now.tables[RECORDS].ids, records.table.row_by_id
            rows.update(row for at in memory if (row := row_by_id.get(ids[at])) is not None)
        return [row for row in sorted(rows) if is_among(records.rows, row)]

    def _differing(self, tab: str, field: str) -> Sequence[int]:
        rows = self._known.get((tab, field))
        if rows is None:
            rows = self._known[tab, field] = list(differing(*self._columns(tab, field)))
        return rows

    def _columns(self, tab: str, field: str) -> tuple[Sequence[Raw], Sequence[Raw]]:
        """Return a column as it was left and as it is; two empty ones if they are the same."""
        if self.left is None:
            raise ValueError("nothing is known to be left")
        before = self.left.snapshot.tables[tab].columns.get(field)
        now = self._now.tables[tab].columns.get(field)
        return ((), ()) if now is before or now is None or before is None else (before, now)


def recorded_rows(
    rows: Sequence[int], table: Table, records: Table
) -> tuple[Sequence[int], Sequence[int]]:
    """Return those of the rows of a table that have a record, and the rows of their records."""
    places = cells_at(records.rows_for(table), rows)
    known = [at for at in places if at is not None]
    if len(known) < len(places):
        rows = list(compress(rows, map(is_not, places, repeat(None))))
    return rows, known


def _same_rows(now: Snapshot, checked: Checked, left: Left) -> bool:
    """Return whether each row is the one that it was, and a record if it was one."""
    before = left.snapshot.tables
    return all(
        before[tab].height == now.tables[tab].height
        and is_same_column(before[tab].column("id"), now.tables[tab].column("id"))
        for tab in (*SUBJECT_TABS.values(), RECORDS)
    ) and all(
        left.checked.records(subject).rows == checked.records(subject).rows
        for subject in SUBJECT_TABS
    )
