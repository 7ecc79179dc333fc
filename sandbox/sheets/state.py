"""The state of all workbooks. Rows are immutable, so a workbook is forked by copying lists."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from sandbox.sheets.a1 import MAX_COLUMNS
from sandbox.sheets.cells import EMPTY_ROW, Cell, Json, Row, Shared
from sandbox.sheets.columns import PrintedBands
from sandbox.sheets.ranges import Area, GridRange, outside_grid
from sandbox.sheets.refusals import TOO_MANY_CELLS, TOO_MANY_COLUMNS, RefusedError, no_spreadsheet

MAX_CELLS = 10_000_000
"""Grid cells a workbook may have, filled or not."""

MAX_CHARACTERS = 50_000
"""Characters a cell may hold."""


@dataclass(frozen=True)
class ProtectedRange:
    """A protection; exactly one of `range` and `named_range_id` says what it protects."""

    protected_range_id: int
    range: GridRange | None
    named_range_id: str = ""
    description: str = ""
    warning_only: bool = False
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    domain_users_can_edit: bool = False
    unprotected: tuple[GridRange, ...] = ()


@dataclass(frozen=True)
class RangedFacts:
    """Something that lies on ranges and is kept as given: a conditional format, a filter."""

    ranges: tuple[GridRange, ...]
    facts: Shared | None


@dataclass(frozen=True)
class Table:
    """A table: its first row are the headers; `columns` are TableColumnProperties, one a column."""

    table_id: str
    name: str
    range: GridRange
    columns: tuple[Shared, ...]
    rows_properties: Shared | None = None


@dataclass(frozen=True)
class DimensionGroup:
    """Rows or columns start..end-1 grouped at a depth, 1 being the outermost."""

    dimension: str
    start: int
    end: int
    depth: int
    collapsed: bool = False


@dataclass(frozen=True)
class NamedRange:
    """A name for a range."""

    named_range_id: str
    name: str
    range: GridRange


@dataclass(frozen=True)
class Metadata:
    """Developer metadata.

    `place` is None for the spreadsheet; a GridRange open at all ends for a sheet, open at the
    columns' ends for a row, open at the rows' ends for a column.
    """

    metadata_id: int
    key: str
    value: str
    visibility: str
    place: GridRange | None


@dataclass(eq=False)
class Sheet:
    """A grid with its facts. `rows` holds only rows up to the last one with content.

    `looks` holds the SheetProperties that nothing here computes with (hidden, tabColorStyle,
    gridProperties.frozenRowCount …), `columns` the DimensionProperties of columns that have any.
    """

    sheet_id: int
    title: str
    row_count: int = 1000
    column_count: int = 26
    looks: Json = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    columns: dict[int, Shared] = field(default_factory=dict)
    merges: list[GridRange] = field(default_factory=list)
    protected: list[ProtectedRange] = field(default_factory=list)
    conditional_formats: list[RangedFacts] = field(default_factory=list)
    basic_filter: RangedFacts | None = None
    groups: list[DimensionGroup] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    printed: PrintedBands = field(default_factory=PrintedBands)
    """What reads by columns remember; a fork remembers the same."""

    def fork(self) -> Sheet:
        """Give an independent copy; rows are shared, being immutable."""
        return replace(
            self,
            looks=dict(self.looks),
            rows=list(self.rows),
            columns=dict(self.columns),
            merges=list(self.merges),
            protected=list(self.protected),
            conditional_formats=list(self.conditional_formats),
            groups=list(self.groups),
            tables=list(self.tables),
        )

    @property
    def grid(self) -> Area:
        """The whole grid."""
        return Area(0, 0, self.row_count, self.column_count)

    @property
    def filled(self) -> Area:
        """The grid down to the last row with content."""
        return Area(0, 0, min(len(self.rows), self.row_count), self.column_count)

    def frozen(self, name: str) -> int:
        """How many rows (`frozenRowCount`) or columns (`frozenColumnCount`) are frozen."""
        return int(self.looks.get("gridProperties", {}).get(name, 0))

    def row(self, index: int) -> Row:
        """Give the row of an index, empty beyond the stored ones."""
        return self.rows[index] if index < len(self.rows) else EMPTY_ROW

    def set_row(self, index: int, row: Row) -> None:
        """Replace a row, storing no empty rows at the end."""
        if index < len(self.rows) - 1:
            self.rows[index] = row
            return
        if not row.is_empty:
            self.rows.extend([EMPTY_ROW] * (index + 1 - len(self.rows)))
        if index < len(self.rows):
            self.rows[index] = row
        self.trim()

    def trim(self) -> None:
        """Forget empty rows at the end."""
        while self.rows and self.rows[-1].is_empty:
            self.rows.pop()

    def cell(self, row: int, column: int) -> Cell:
        """One cell."""
        return self.row(row).cell(column)

    def cells(self, area: Area) -> list[list[Cell]]:
        """Give the cells of an area, row by row."""
        return [
            self.row(index).cells(area.left, area.right) for index in range(area.top, area.bottom)
        ]

    def set_cells(self, top: int, left: int, block: list[list[Cell]]) -> None:
        """Overwrite a block of cells."""
        for offset, cells in enumerate(block):
            self.set_row(top + offset, self.row(top + offset).with_cells(left, cells))

    def placed(self, place: GridRange) -> GridRange:
        """Give a range to be kept: its ends, where they are not open, within the grid.

        Raises RefusedError when it starts outside.
        """
        area = self.area_of(place)
        return place._replace(
            bottom=None if place.bottom is None else area.bottom,
            right=None if place.right is None else area.right,
        )

    def area_of(self, place: GridRange) -> Area:
        """Give the part of a range on this grid. Raises RefusedError when it starts outside."""
        if (place.top or 0) >= self.row_count or (place.left or 0) >= self.column_count:
            raise outside_grid(self.title, place.corners(), self.row_count, self.column_count)
        return place.area(self.row_count, self.column_count)


@dataclass(eq=False)
class Workbook:
    """A spreadsheet without its title, which is the name of its file in Drive."""

    spreadsheet_id: str
    locale: str = "en_US"
    time_zone: str = "Etc/GMT"
    auto_recalc: str = "ON_CHANGE"
    other_properties: Json = field(default_factory=dict)
    sheets: list[Sheet] = field(default_factory=list)
    named_ranges: dict[str, NamedRange] = field(default_factory=dict)
    metadata: dict[int, Metadata] = field(default_factory=dict)
    comment_anchors: dict[str, GridRange] = field(default_factory=dict)
    """Cells that comments are tied to, by the anchor's id; what they say is kept by Drive."""
    dated: date | None = None
    """The day for which TODAY and NOW were last evaluated; None when no formula has them."""

    def fork(self) -> Workbook:
        """Give a copy to change; the change happens when it takes the original's place."""
        return replace(
            self,
            other_properties=dict(self.other_properties),
            sheets=[sheet.fork() for sheet in self.sheets],
            named_ranges=dict(self.named_ranges),
            metadata=dict(self.metadata),
            comment_anchors=dict(self.comment_anchors),
        )

    def sheet(self, sheet_id: int) -> Sheet:
        """Give the sheet of an id. Raises RefusedError when there is none."""
        for sheet in self.sheets:
            if sheet.sheet_id == sheet_id:
                return sheet
        raise RefusedError(f"No grid with id: {sheet_id}")

    def sheet_titled(self, title: str) -> Sheet | None:
        """Give the sheet of a title; case does not matter."""
        wanted = title.casefold()
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == wanted), None)

    def protection(self, protected_range_id: int) -> tuple[Sheet, ProtectedRange]:
        """Give a protected range with its sheet. Raises RefusedError when there is none."""
        for sheet in self.sheets:
            for protection in sheet.protected:
                if protection.protected_range_id == protected_range_id:
                    return sheet, protection
        raise RefusedError(f"No protected range with id: {protected_range_id}")

    def table(self, table_id: str) -> tuple[Sheet, Table]:
        """Give a table with its sheet. Raises RefusedError when there is none."""
        for sheet in self.sheets:
            for table in sheet.tables:
                if table.table_id == table_id:
                    return sheet, table
        raise RefusedError(f"No table with id: {table_id}")

    def check_size(self) -> None:
        """Raise RefusedError for a grid too wide, or when all together have too many cells."""
        if any(sheet.column_count > MAX_COLUMNS for sheet in self.sheets):
            raise RefusedError(TOO_MANY_COLUMNS)
        if sum(sheet.row_count * sheet.column_count for sheet in self.sheets) > MAX_CELLS:
            raise RefusedError(TOO_MANY_CELLS)

    def resize(self, sheet: Sheet, row_count: int, column_count: int) -> None:
        """Widen a grid; its cells stay. Raises RefusedError when there would be too many."""
        sheet.row_count = row_count
        sheet.column_count = column_count
        self.check_size()


class SheetsState:
    """All workbooks by spreadsheet id."""

    def __init__(self) -> None:
        self._workbooks: dict[str, Workbook] = {}

    def create(
        self, file_id: str, title: str, *, locale: str = "en_US", time_zone: str = "Etc/GMT"
    ) -> None:
        """Make the fresh workbook of a new file; its title is the file's name, kept by Drive."""
        del title
        first = Sheet(0, "Лист1" if locale.startswith("ru") else "Sheet1")
        self._workbooks[file_id] = Workbook(file_id, locale, time_zone, sheets=[first])

    def copy(self, source_id: str, copy_id: str, title: str) -> None:
        """Make the workbook of a file that was copied."""
        del title
        fork = self.workbook(source_id).fork()
        # Comments stay with the original, and so do their anchors.
        self._workbooks[copy_id] = replace(fork, spreadsheet_id=copy_id, comment_anchors={})

    def delete(self, file_id: str) -> None:
        """Forget a workbook; nothing happens when there is none."""
        self._workbooks.pop(file_id, None)

    def workbook(self, file_id: str) -> Workbook:
        """Give the workbook of a file. Raises ApiError 400 for a file that is no spreadsheet."""
        try:
            return self._workbooks[file_id]
        except KeyError:
            raise no_spreadsheet() from None

    def put(self, workbook: Workbook) -> None:
        """Let a changed fork take its original's place."""
        self._workbooks[workbook.spreadsheet_id] = workbook
