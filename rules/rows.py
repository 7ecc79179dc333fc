"""Rows of a table, as ascending sequences of their numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def is_among(rows: Sequence[int], row: int) -> bool:
    """Return whether a row is one of several in ascending order."""
    if isinstance(rows, range):
        return row in rows
    at = bisect_left(rows, row)
    return at < len(rows) and rows[at] == row
