"""Rows of a table, as ascending sequences of their numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import TypeVar

T = TypeVar("T")


def is_among(rows: Sequence[int], row: int) -> bool:
    """Return whether a row is one of several in ascending order."""
    if isinstance(rows, range):
        return row in rows
    at = bisect_left(rows, row)
    return at < len(rows) and rows[at] == row


def cells_at(column: Sequence[T], rows: Collection[int]) -> list[T]:
    """Return the cells of these rows; of many it walks through the column once."""
    if rows == range(len(column)):
        return list(column)
    cells = list(column) if 4 * len(rows) > len(column) else column
    return [cells[row] for row in rows]
