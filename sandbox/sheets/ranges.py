"""Rectangles on a sheet: as the API writes them (GridRange) and as they lie on the grid (Area)."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.sheets.a1 import Corners, format_range
from sandbox.sheets.cells import Json
from sandbox.sheets.refusals import RefusedError

ROWS = "ROWS"
COLUMNS = "COLUMNS"

UNBOUNDED = (1 << 40, 1 << 40)
"""The size of a grid that ends nowhere, to compare ranges whatever the grid."""


class Area(NamedTuple):
    """A rectangle with all its ends known: 0-based, end-exclusive."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """Number of rows."""
        return max(self.bottom - self.top, 0)

    @property
    def width(self) -> int:
        """Number of columns."""
        return max(self.right - self.left, 0)

    @property
    def rows(self) -> tuple[int, int]:
        """The first row and the one after the last."""
        return self.top, max(self.bottom, self.top)

    def overlap(self, other: Area) -> Area:
        """Give the common rectangle, of no height or width when there is none."""
        return Area(
            max(self.top, other.top),
            max(self.left, other.left),
            min(self.bottom, other.bottom),
            min(self.right, other.right),
        )

    def meets(self, other: Area) -> bool:
        """Give true when at least one cell is common."""
        common = self.overlap(other)
        return common.height > 0 and common.width > 0

    def contains(self, other: Area) -> bool:
        """Give true when no cell of the other lies outside."""
        return self.overlap(other) == other

    def corners(self) -> Corners:
        """Give the same for printing."""
        return Corners(self.top, self.left, self.bottom, self.right)


class GridRange(NamedTuple):
    """A rectangle of a sheet whose ends may be open (None), as in GridRange of the API."""

    sheet_id: int
    top: int | None = None
    left: int | None = None
    bottom: int | None = None
    right: int | None = None

    @classmethod
    def of_area(cls, sheet_id: int, area: Area) -> GridRange:
        """Give the range of a rectangle with all ends known."""
        return cls(sheet_id, area.top, area.left, area.bottom, area.right)

    @classmethod
    def from_json(cls, body: Json) -> GridRange:
        """Read a GridRange object; a missing sheetId is 0. Raises RefusedError on crossed ends."""
        fresh = cls(
            body.get("sheetId", 0),
            body.get("startRowIndex"),
            body.get("startColumnIndex"),
            body.get("endRowIndex"),
            body.get("endColumnIndex"),
        )
        _check_order("row", fresh.top, fresh.bottom)
        _check_order("column", fresh.left, fresh.right)
        return fresh

    @classmethod
    def at(cls, coordinate: Json) -> GridRange:
        """Give the one cell of a GridCoordinate object. Raises RefusedError when negative."""
        row, column = coordinate.get("rowIndex", 0), coordinate.get("columnIndex", 0)
        if row < 0 or column < 0:
            _check_order("row", row, row + 1)
            _check_order("column", column, column + 1)
        return cls(coordinate.get("sheetId", 0), row, column, row + 1, column + 1)

    def to_json(self) -> Json:
        """Write it as Google does: sheetId 0 and open ends are left out."""
        ends = {
            "sheetId": self.sheet_id or None,
            "startRowIndex": self.top,
            "endRowIndex": self.bottom,
            "startColumnIndex": self.left,
            "endColumnIndex": self.right,
        }
        return {name: end for name, end in ends.items() if end is not None}

    def area(self, row_count: int, column_count: int) -> Area:
        """Give the cells of it that a grid of this size has."""
        return Area(
            self.top or 0,
            self.left or 0,
            row_count if self.bottom is None else min(self.bottom, row_count),
            column_count if self.right is None else min(self.right, column_count),
        )

    def corners(self) -> Corners:
        """Give the same for printing."""
        return Corners(self.top, self.left, self.bottom, self.right)


def _check_order(name: str, start: int | None, end: int | None) -> None:
    for index in (start, end):
        if index is not None and index < 0:
            raise RefusedError(f"{name} index must be non-negative: {index}")
    if start is not None and end is not None and end < start:
        raise RefusedError(
            f"end{name.title()}Index[{end}] is less than start{name.title()}Index[{start}]."
        )


def outside_grid(title: str, corners: Corners, row_count: int, column_count: int) -> RefusedError:
    """Give the refusal of a range that starts past the grid."""
    return RefusedError(
        f"Range ({format_range(title, corners)}) exceeds grid limits. "
        f"Max rows: {row_count}, max columns: {column_count}"
    )
