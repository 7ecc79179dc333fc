"""Rows and columns coming, going and moving: where every index and every range ends up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sandbox.sheets.cells import Shared, share
from sandbox.sheets.ranges import ROWS, UNBOUNDED, Area, GridRange
from sandbox.sheets.state import (
    DimensionGroup,
    Metadata,
    ProtectedRange,
    RangedFacts,
    Sheet,
    Table,
    Workbook,
)

Span = tuple[int, int]


@dataclass(frozen=True)
class Insertion:
    """`count` rows or columns come before index `at`."""

    at: int
    count: int

    def span(self, start: int, end: int) -> Span | None:
        """Where indexes start..end-1 lie afterwards; None when they are gone."""
        return (
            start + self.count if start >= self.at else start,
            end + self.count if end > self.at else end,
        )


@dataclass(frozen=True)
class Deletion:
    """Rows or columns start..end-1 go."""

    start: int
    end: int

    def span(self, start: int, end: int) -> Span | None:
        """Where indexes start..end-1 lie afterwards; None when they are gone."""
        new_start, new_end = self._index(start), self._index(end)
        return (new_start, new_end) if new_start < new_end else None

    def _index(self, index: int) -> int:
        return index - max(0, min(index, self.end) - self.start)


@dataclass(frozen=True)
class Move:
    """Rows or columns start..end-1 go before index `destination`, counted before the move."""

    start: int
    end: int
    destination: int

    def span(self, start: int, end: int) -> Span | None:
        """Where indexes start..end-1 lie afterwards."""
        count = self.end - self.start
        target = self.destination - (count if self.destination > self.start else 0)
        if self.start <= start and end <= self.end:
            return start - self.start + target, end - self.start + target
        rest = Deletion(self.start, self.end).span(start, end)
        return Insertion(target, count).span(*rest) if rest else None


Shift = Insertion | Deletion | Move


@dataclass(frozen=True)
class GridShift:
    """A shift of the rows or of the columns of one sheet.

    With a `band`, only the cells within these columns (or rows, when columns shift) go along: what
    insertRange and deleteRange do. A range that reaches out of the band stays as it is.
    """

    sheet_id: int
    dimension: str
    shift: Shift
    band: Span | None = None

    def place(self, place: GridRange) -> GridRange | None:
        """Where a range lies afterwards; None when nothing of it is left."""
        if place.sheet_id != self.sheet_id or not self._is_in_band(place):
            return place
        by_rows = self.dimension == ROWS
        start, end = (place.top, place.bottom) if by_rows else (place.left, place.right)
        if start is None and end is None:
            return place
        span = self.shift.span(start or 0, UNBOUNDED[0] if end is None else end)
        if span is None:
            return None
        new_start = None if start is None else span[0]
        new_end = None if end is None else span[1]
        if by_rows:
            return place._replace(top=new_start, bottom=new_end)
        return place._replace(left=new_start, right=new_end)

    def _is_in_band(self, place: GridRange) -> bool:
        if self.band is None:
            return True
        across = (place.left, place.right) if self.dimension == ROWS else (place.top, place.bottom)
        start, end = across
        if start is None or end is None:
            return False
        return self.band[0] <= start and end <= self.band[1]

    def places(self, places: Iterable[GridRange]) -> tuple[GridRange, ...]:
        """Give the ranges that are left."""
        return tuple(moved for place in places if (moved := self.place(place)))


@dataclass(frozen=True)
class CellMove:
    """A block of cells that was cut and pasted; what lies on cells beside it stays."""

    sheet_id: int
    source: Area
    target_sheet_id: int
    down: int
    right: int

    def place(self, place: GridRange) -> GridRange:
        """Where a range lies afterwards: it goes along when it lies within the block."""
        ends = (place.top, place.left, place.bottom, place.right)
        if place.sheet_id != self.sheet_id or None in ends:
            return place
        area = Area(*(end or 0 for end in ends))
        if not self.source.contains(area):
            return place
        moved = Area(
            area.top + self.down,
            area.left + self.right,
            area.bottom + self.down,
            area.right + self.right,
        )
        return GridRange.of_area(self.target_sheet_id, moved)


def move_names(workbook: Workbook, change: CellMove) -> None:
    """Let named ranges and comments follow cells that were cut and pasted."""
    workbook.named_ranges = {
        key: replace(named, range=change.place(named.range))
        for key, named in workbook.named_ranges.items()
    }
    workbook.comment_anchors = {
        key: change.place(anchor) for key, anchor in workbook.comment_anchors.items()
    }


def shift_ranges(workbook: Workbook, change: GridShift) -> None:
    """Let everything that lies on ranges of the sheet follow its cells, or die with them."""
    _shift_sheet(workbook.sheet(change.sheet_id), change)
    workbook.named_ranges = {
        named.named_range_id: replace(named, range=moved)
        for named in workbook.named_ranges.values()
        if (moved := change.place(named.range))
    }
    workbook.comment_anchors = {
        comment_id: moved
        for comment_id, anchor in workbook.comment_anchors.items()
        if (moved := change.place(anchor))
    }
    workbook.metadata = {
        metadata.metadata_id: moved_metadata
        for metadata in workbook.metadata.values()
        if (moved_metadata := _shifted_metadata(metadata, change))
    }


def _shift_sheet(sheet: Sheet, change: GridShift) -> None:
    sheet.merges = list(change.places(sheet.merges))
    sheet.protected = [
        moved for one in sheet.protected if (moved := _shifted_protection(one, change))
    ]
    sheet.conditional_formats = [
        moved_rule
        for rule in sheet.conditional_formats
        if (moved_rule := _shifted_facts(rule, change))
    ]
    sheet.groups = [kept for one in sheet.groups if (kept := _shifted_group(one, change))]
    sheet.tables = [left for one in sheet.tables if (left := _shifted_table(one, change))]
    sheet.basic_filter = sheet.basic_filter and _shifted_facts(sheet.basic_filter, change)


def _shifted_table(table: Table, change: GridShift) -> Table | None:
    """Give the table with its columns; those that come in are named by their number."""
    moved = change.place(table.range)
    if moved is None:
        return None
    if moved == table.range:
        return table
    left, width = moved.left or 0, (moved.right or 0) - (moved.left or 0)
    columns = table.columns
    if change.dimension != ROWS and change.band is None:
        places = {
            span[0] - left: column
            for index, column in enumerate(table.columns, table.range.left or 0)
            if (span := change.shift.span(index, index + 1))
        }
        columns = tuple(places.get(index) or unnamed_column(index) for index in range(width))
    return replace(table, range=moved, columns=columns)


def unnamed_column(index: int) -> Shared:
    """Give the TableColumnProperties of a column that nobody named."""
    column = share({"columnName": f"Column {index + 1}"})
    assert column is not None
    return column


def _shifted_group(group: DimensionGroup, change: GridShift) -> DimensionGroup | None:
    if group.dimension != change.dimension or change.band is not None:
        return group
    span = change.shift.span(group.start, group.end)
    return replace(group, start=span[0], end=span[1]) if span else None


def _shifted_facts(ranged: RangedFacts, change: GridShift) -> RangedFacts | None:
    ranges = change.places(ranged.ranges)
    return replace(ranged, ranges=ranges) if ranges else None


def _shifted_protection(protection: ProtectedRange, change: GridShift) -> ProtectedRange | None:
    if protection.range is None:
        return protection
    moved = change.place(protection.range)
    if moved is None:
        return None
    return replace(protection, range=moved, unprotected=change.places(protection.unprotected))


def _shifted_metadata(metadata: Metadata, change: GridShift) -> Metadata | None:
    if metadata.place is None:
        return metadata
    moved = change.place(metadata.place)
    return replace(metadata, place=moved) if moved else None
