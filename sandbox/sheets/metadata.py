"""Developer metadata: where it lies and how lookups find it."""

from __future__ import annotations

from sandbox.sheets.cells import Json
from sandbox.sheets.ranges import ROWS, GridRange
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.resolving import Target, resolve, target_of_range
from sandbox.sheets.state import Metadata, Workbook

_UNBOUNDED = (1 << 40, 1 << 40)


def place_of(workbook: Workbook, location: Json) -> GridRange | None:
    """Read a DeveloperMetadataLocation; None is the spreadsheet.

    Raises RefusedError for no location, an unknown sheet, or more than one row or column.
    """
    if location.get("spreadsheet"):
        return None
    if span := location.get("dimensionRange"):
        return _dimension_place(workbook, span)
    if "sheetId" in location:
        return GridRange(workbook.sheet(location["sheetId"]).sheet_id)
    raise RefusedError("No location specified for the developer metadata.")


def _dimension_place(workbook: Workbook, span: Json) -> GridRange:
    sheet = workbook.sheet(span.get("sheetId", 0))
    start, end = span.get("startIndex", 0), span.get("endIndex")
    by_rows = span.get("dimension") == ROWS
    if end is None or end - start != 1:
        raise RefusedError("Developer metadata can only be associated with a single row or column.")
    if start < 0 or end > (sheet.row_count if by_rows else sheet.column_count):
        raise RefusedError("The row or column of the developer metadata does not exist.")
    if by_rows:
        return GridRange(sheet.sheet_id, top=start, bottom=end)
    return GridRange(sheet.sheet_id, left=start, right=end)


def location_type(metadata: Metadata) -> str:
    """Name the kind of place: SPREADSHEET, SHEET, ROW or COLUMN."""
    place = metadata.place
    if place is None:
        return "SPREADSHEET"
    if place.top is not None:
        return "ROW"
    return "SHEET" if place.left is None else "COLUMN"


def find_metadata(workbook: Workbook, data_filter: Json) -> list[Metadata]:
    """Give the metadata that a DataFilter selects, in the order of their making."""
    if lookup := data_filter.get("developerMetadataLookup"):
        return _looked_up(workbook, lookup)
    wanted = _filter_target(workbook, data_filter).range
    return [one for one in workbook.metadata.values() if one.place and _meets(one.place, wanted)]


def _looked_up(workbook: Workbook, lookup: Json) -> list[Metadata]:
    candidates = list(workbook.metadata.values())
    if "metadataId" in lookup:
        known = workbook.metadata.get(lookup["metadataId"])
        candidates = [known] if known else []
    return [one for one in candidates if _matches(workbook, one, lookup)]


def _filter_target(workbook: Workbook, data_filter: Json) -> Target:
    if "a1Range" in data_filter:
        return resolve(workbook, data_filter["a1Range"])
    if "gridRange" in data_filter:
        return target_of_range(workbook, GridRange.from_json(data_filter["gridRange"]))
    raise RefusedError("Must specify at least one filter.")


def _matches(workbook: Workbook, metadata: Metadata, lookup: Json) -> bool:
    facts = {
        "metadataId": metadata.metadata_id,
        "metadataKey": metadata.key,
        "metadataValue": metadata.value,
        "visibility": metadata.visibility,
        "locationType": location_type(metadata),
    }
    if any(name in lookup and lookup[name] != fact for name, fact in facts.items()):
        return False
    if "metadataLocation" not in lookup:
        return True
    wanted = place_of(workbook, lookup["metadataLocation"])
    if metadata.place == wanted:
        return True
    if lookup.get("locationMatchingStrategy") == "EXACT_LOCATION":
        return False
    return wanted is None or (metadata.place is not None and _meets(metadata.place, wanted))


def _meets(one: GridRange, other: GridRange) -> bool:
    if one.sheet_id != other.sheet_id:
        return False
    return one.area(*_UNBOUNDED).meets(other.area(*_UNBOUNDED))


def targets_of_filter(workbook: Workbook, data_filter: Json) -> list[Target]:
    """Give the ranges that a DataFilter selects: its own, or those its metadata lie on."""
    if lookup := data_filter.get("developerMetadataLookup"):
        places = [one.place for one in _looked_up(workbook, lookup)]
        return [target_of_range(workbook, place) for place in places if place]
    return [_filter_target(workbook, data_filter)]
