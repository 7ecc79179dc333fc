"""From a range text or a data filter to cells of a workbook."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.sheets.a1 import Corners, NotA1Error, Reference, format_range, parse_reference
from sandbox.sheets.ranges import Area, GridRange
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.state import Sheet, Workbook


class Target(NamedTuple):
    """A range on a sheet of a workbook, as it was asked for."""

    sheet: Sheet
    corners: Corners
    text: str

    @property
    def range(self) -> GridRange:
        """The range with its open ends."""
        corners = self.corners
        return GridRange(
            self.sheet.sheet_id, corners.top, corners.left, corners.bottom, corners.right
        )

    @property
    def area(self) -> Area:
        """The cells the grid has of it. Raises RefusedError when it starts outside."""
        return self.sheet.area_of(self.range)

    def print(self) -> str:
        """Give the range expanded to the grid, as answers name it."""
        return format_range(self.sheet.title, self.area.corners())


def resolve(workbook: Workbook, text: str) -> Target:
    """Find what a range text names: cells, whole rows or columns, a sheet, or a named range.

    Raises RefusedError when it names nothing here.
    """
    try:
        reference = parse_reference(text)
    except NotA1Error:
        raise _unparsable(text) from None
    sheet, corners = _sheet_and_corners(workbook, reference) or (None, None)
    if sheet is None or corners is None:
        raise _unparsable(text)
    return Target(sheet, corners, text)


def target_of_range(workbook: Workbook, place: GridRange) -> Target:
    """Find the sheet of a GridRange. Raises RefusedError when there is none."""
    sheet = workbook.sheet(place.sheet_id)
    return Target(sheet, place.corners(), format_range(sheet.title, place.corners()))


def _sheet_and_corners(
    workbook: Workbook, reference: Reference
) -> tuple[Sheet | None, Corners] | None:
    name = reference.name or ""
    if reference.title is not None:
        sheet = workbook.sheet_titled(reference.title)
        if not name:
            return sheet, reference.corners or Corners()
        found = _named(workbook, name)
        return found if found and found[0] is sheet else None
    if reference.corners is not None:
        return workbook.sheets[0], reference.corners
    if found := _named(workbook, name):
        return found
    sheet = workbook.sheet_titled(name)
    return (sheet, Corners()) if sheet else None


def _named(workbook: Workbook, name: str) -> tuple[Sheet, Corners] | None:
    for named in workbook.named_ranges.values():
        if named.name.casefold() == name.casefold():
            return workbook.sheet(named.range.sheet_id), named.range.corners()
    return None


def _unparsable(text: str) -> RefusedError:
    return RefusedError(f"Unable to parse range: {text}")
