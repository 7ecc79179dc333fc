"""What a pass is going to change, as values; nothing here touches the outside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import ne
from typing import TypeAlias

from rules.rows import cells_at
from rules.table import Raw, differing
from sync.ports import TabContent

Cell: TypeAlias = str | float | int | bool | None
"""A value to be written: text, a number (dates are serial numbers), a tick, None to clear."""

ColumnCells: TypeAlias = Mapping[int, Cell]
"""New values of one column by row; row 0 is the first below the header."""

Row: TypeAlias = Mapping[str, Cell]
"""A row to be appended, by field."""

GridRow: TypeAlias = tuple[Sequence[Cell], Sequence[str]]
"""A row of a report tab: its cells, and the names of their styles."""

Grid: TypeAlias = Sequence[GridRow]
"""Rows of one width, from the first of the tab."""


@dataclass(frozen=True)
class Plan:
    """Changes of one workbook.

    `cells` and `notes` are keyed by (tab, field); `appended` and `removed` by tab; `reports` hold
    the whole new content of a report tab; `banner` the two rows for notices on the dashboard;
    `metadata` the worker's developer metadata by key.
    """

    cells: Mapping[tuple[str, str], ColumnCells] = field(default_factory=dict)
    notes: Mapping[tuple[str, str], ColumnCells] = field(default_factory=dict)
    appended: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    removed: Mapping[str, frozenset[int]] = field(default_factory=dict)
    reports: Mapping[str, Grid] = field(default_factory=dict)
    banner: Grid = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether there is anything to do."""
        return any(
            (
                *(self.cells, self.notes, self.appended, self.removed),
                *(self.reports, self.banner, self.metadata),
            )
        )

    def then(self, later: Plan) -> Plan:
        """Return both plans as one; where both set a cell, the later one wins."""
        return Plan(
            cells=_merged(self.cells, later.cells),
            notes=_merged(self.notes, later.notes),
            appended={
                tab: [*self.appended.get(tab, ()), *later.appended.get(tab, ())]
                for tab in {**self.appended, **later.appended}
            },
            removed={
                tab: self.removed.get(tab, frozenset()) | later.removed.get(tab, frozenset())
                for tab in {**self.removed, **later.removed}
            },
            reports={**self.reports, **later.reports},
            banner=later.banner or self.banner,
            metadata={**self.metadata, **later.metadata},
        )


def _merged(
    first: Mapping[tuple[str, str], ColumnCells], second: Mapping[tuple[str, str], ColumnCells]
) -> Mapping[tuple[str, str], ColumnCells]:
    return {key: {**first.get(key, {}), **second.get(key, {})} for key in {**first, **second}}


def same_value(present: Raw, wanted: Cell) -> bool:
    """Return whether a cell already holds what is wanted; empty text and no value are the same."""
    if present is None or present == "" or wanted is None or wanted == "":
        return (present is None or present == "") and (wanted is None or wanted == "")
    if isinstance(present, bool | str) or isinstance(wanted, str):
        return type(present) is type(wanted) and present == wanted
    return math.isclose(present, wanted, rel_tol=0, abs_tol=1e-7)


def differing_cells(
    column: Sequence[Raw], rows: Sequence[int], wanted: Sequence[Cell]
) -> ColumnCells:
    """Return those of the cells wanted in these rows that the column does not hold yet."""
    present = cells_at(column, rows)
    others = list(map(ne, present, wanted))
    if True not in others:
        return {}
    trios = compress(zip(rows, present, wanted, strict=True), others)
    return {row: cell for row, held, cell in trios if not same_value(held, cell)}


def changed_cells(present: Sequence[Raw], wanted: ColumnCells) -> ColumnCells:
    """Return those of the wanted cells that the column does not hold yet."""
    return {row: cell for row, cell in wanted.items() if not same_value(present[row], cell)}


def differing_rows(present: TabContent, grid: Grid) -> Sequence[int]:
    """Return the rows, of the grid and of what stands below it, that do not read as the grid."""
    rows: set[int] = set()
    for index, wanted in enumerate(zip(*(cells for cells, _ in grid), strict=True)):
        filled = index < len(present.columns)
        column = (present.headers[index], *present.columns[index]) if filled else ()
        height = max(len(column), len(wanted))
        known = [*column, *[None] * (height - len(column))]
        cells = [*wanted, *[None] * (height - len(wanted))]
        changed = differing(known, cells)
        rows.update(row for row in changed if not same_value(known[row], cells[row]))
    return sorted(rows)
