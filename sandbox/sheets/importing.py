"""A whole spreadsheet replaced by one table, as when Drive converts an uploaded file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.calls import Call
from sandbox.sheets.editing import editing
from sandbox.sheets.ranges import Area, GridRange
from sandbox.sheets.refusals import refused_as
from sandbox.sheets.resolving import target_of_range
from sandbox.sheets.state import Sheet
from sandbox.sheets.writing import write_values

if TYPE_CHECKING:
    from sandbox.world import World


def import_rows(world: World, call: Call, rows: list[list[str]]) -> None:
    """Leave one sheet with these rows, read as if typed. ApiError 400 for too many of them."""
    width = max(map(len, rows), default=0)
    with editing(world, call) as edit, refused_as(""):
        book = edit.workbook
        first = Sheet(book.sheets[0].sheet_id, book.sheets[0].title)
        book.sheets, book.named_ranges, book.comment_anchors = [first], {}, {}
        book.metadata = {key: one for key, one in book.metadata.items() if one.place is None}
        size = max(first.row_count, len(rows)), max(first.column_count, width)
        book.resize(first, *size)
        if width:
            place = GridRange.of_area(first.sheet_id, Area(0, 0, len(rows), width))
            write_values(edit, target_of_range(book, place), {"values": rows}, "USER_ENTERED")
