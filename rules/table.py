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

    def rows_with_content(self, content_fields: Sequence[str]) -> list[int]:
        """Return the rows that hold anything in one of the fields.

        An unticked checkbox (False) is no content: a column of them reaches down the whole tab.
        """
        columns = [self.columns[field] for field in content_fields if field in self.columns]
        filled = bytearray(self.height)
        for column in columns:
            if all(filled):
                break
            for row, value in enumerate(column):
                if value is not None and value is not False and value != "":
                    filled[row] = 1
        return [row for row, yes in enumerate(filled) if yes]

    @cached_property
    def row_by_id(self) -> Mapping[str, int]:
        """The first row that holds each ID."""
        rows: dict[str, int] = {}
        for row, value in enumerate(self.column("id")):
            if isinstance(value, str) and value.strip():
                rows.setdefault(value.strip(), row)
        return rows


def as_text(value: Raw) -> str:
    """Return the cell as a person would read it; whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(int(value)) if value == int(value) else repr(value)
