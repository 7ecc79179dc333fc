"""A tab's content, column by column, as the Sheets API returns it unformatted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

Raw: TypeAlias = str | float | int | bool | None
"""A cell as read: text, number (dates are serial numbers), checkbox, or None when empty."""


@dataclass(frozen=True)
class Table:
    """The rows below a tab's header row.

    `columns` holds one list per field key, all `height` long, row 0 being the first below the
    header. `headers` holds the header of each found column as it stands in the workbook.
    """

    tab: str
    headers: Mapping[str, str]
    columns: Mapping[str, Sequence[Raw]]
    height: int

    def column(self, field: str) -> Sequence[Raw]:
        """Return the column of that field; a column that is not there reads as empty."""
        found = self.columns.get(field)
        return found if found is not None else [None] * self.height

    def text(self, field: str, row: int) -> str:
        """Return the cell as text, "" when empty."""
        found = self.columns.get(field)
        return as_text(found[row]) if found is not None else ""

    def rows_with_content(self, content_fields: Sequence[str]) -> Sequence[int]:
        """Return the rows that hold anything in one of the fields.

        An unticked checkbox (False) is no content: a column of them reaches down the whole tab.
        """
        empty: Sequence[int] = range(self.height)
        for field in content_fields:
            column = self.columns.get(field)
            if column is not None and all(column):
                return range(self.height)
            if empty and column is not None:
                empty = [row for row in empty if is_blank(column[row])]
        if not empty:
            return range(self.height)
        blank = frozenset(empty)
        return [row for row in range(self.height) if row not in blank]

    def take(self, rows: Sequence[int]) -> Table:
        """Return the table of these rows alone, in that order."""
        columns = {key: [column[row] for row in rows] for key, column in self.columns.items()}
        return Table(self.tab, self.headers, columns, len(rows))

    @cached_property
    def row_by_id(self) -> Mapping[str, int]:
        """The first row that holds each ID."""
        rows: dict[str, int] = {}
        for row, value in enumerate(self.column("id")):
            if isinstance(value, str) and value.strip():
                rows.setdefault(value.strip(), row)
        return rows


def is_blank(cell: Raw) -> bool:
    """Return whether a cell says nothing; an unticked checkbox does not."""
    return cell is None or cell is False or cell == ""


def as_text(value: Raw) -> str:
    """Return the cell as a person would read it; whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(int(value)) if value == int(value) else repr(value)


def as_texts(column: Sequence[Raw]) -> list[str]:
    """Return `as_text` of each cell."""
    return [
        cell.strip() if isinstance(cell, str) else "" if cell is None else as_text(cell)
        for cell in column
    ]
