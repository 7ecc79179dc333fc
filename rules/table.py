"""A tab's content, column by column, as the Sheets API returns it unformatted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rules.chunks import Column, Raw, differing_cells

__all__ = ["Raw", "Table", "as_text", "as_texts", "differing", "is_blank", "is_same_column"]


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
        return found if found is not None else Column.blank(self.height)

    def text(self, field: str, row: int) -> str:
        """Return the cell as text, "" when empty."""
        if field == "id":
            return self.ids[row]
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

    def take(self, rows: Sequence[int], fields: Collection[str]) -> Table:
        """Return the table of these rows and fields alone, the rows in that order."""
        columns = {
            key: [column[row] for row in rows]
            for key, column in self.columns.items()
            if key in fields
        }
        return Table(self.tab, self.headers, columns, len(rows))

    @cached_property
    def ids(self) -> Sequence[str]:
        """What stands as the ID of each row, "" for nothing."""
        return as_texts(self.column("id"))

    @cached_property
    def row_by_id(self) -> Mapping[str, int]:
        """The first row that holds each ID."""
        rows = dict(zip(self.ids, range(self.height), strict=True))
        if len(rows) < self.height:  # some stand twice: the first counts
            rows.update(zip(reversed(self.ids), reversed(range(self.height)), strict=True))
        rows.pop("", None)
        return rows

    def rows_for(self, other: Table) -> Sequence[int | None]:
        """Return, by row of the other table, the row here that has its ID."""
        known = self._rows_for.get(other.tab)
        if known is None or known[0] is not other.ids:
            known = other.ids, list(map(self.row_by_id.get, other.ids))
            self._rows_for[other.tab] = known
        return known[1]

    @cached_property
    def _rows_for(self) -> dict[str, tuple[Sequence[str], Sequence[int | None]]]:
        return {}

    def filled(self, field: str) -> int:
        """Return how many cells of a column say something; nothing, a tick missing and 0 do not."""
        return Column.of(self.column(field)).filled()

    def changed(self, columns: Mapping[str, Sequence[Raw]], height: int) -> Table:
        """Return the table with these columns; what is known of the same ones is kept."""
        table = Table(self.tab, self.headers, columns, height)
        if columns.get("id") is self.columns.get("id") and height == self.height:
            kept = ("ids", "row_by_id", "_rows_for")
            vars(table).update({name: vars(self)[name] for name in kept if name in vars(self)})
        return table


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
    cells = list(column)
    kinds = set(map(type, cells))
    if kinds == {str}:
        return list(map(str.strip, cells))  # type: ignore[arg-type]  # as was just seen
    if kinds == {str, type(None)}:
        return [cell.strip() if cell else "" for cell in cells]  # type: ignore[union-attr]  # too
    return list(map(as_text, cells))


def differing(one: Sequence[Raw], other: Sequence[Raw]) -> Iterator[int]:
    """Yield the rows, as far as both columns reach, whose cells differ; True is not 1 here."""
    if isinstance(one, Column) and isinstance(other, Column):
        return one.differing(other)
    return differing_cells(one, other)


def is_same_column(one: Sequence[Raw], other: Sequence[Raw]) -> bool:
    """Return whether all cells of two columns are the same; True is not 1 here."""
    if isinstance(one, Column) and isinstance(other, Column):
        return one.is_same(other)
    same_height = len(one) == len(other)
    return one is other or (same_height and next(differing(one, other), None) is None)
