"""Developer metadata: where it lies and how lookups find it."""

from __future__ import annotations

from sandbox.sheets.cells import Json
from sandbox.sheets.ranges import ROWS, UNBOUNDED, GridRange
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.resolving import Target, resolve, target_of_range
from sandbox.sheets.state import Metadata, Workbook

EXACT, INTERSECTING = "EXACT_LOCATION", "INTERSECTING_LOCATION"


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
    start, end = span.get("startIndex"), span.get("endIndex")
    by_rows = span.get("dimension") == ROWS
    if start is None or end is None:
        raise RefusedError("DimensionRange must specify both a startIndex and an endIndex")
    if end - start != 1:
        raise RefusedError("DimensionRange must represent a single row or column")
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
    if "developerMetadataLookup" in data_filter:
        return _looked_up(workbook, data_filter["developerMetadataLookup"])
    wanted = _filter_target(workbook, data_filter).range
    return [one for one in workbook.metadata.values() if one.place and _meets(one.place, wanted)]


def _looked_up(workbook: Workbook, lookup: Json) -> list[Metadata]:
    location, strategy = lookup.get("metadataLocation", {}), lookup.get("locationMatchingStrategy")
    if location.get("spreadsheet") and strategy == INTERSECTING:
        raise RefusedError(
            "DeveloperMetadataLookup.spreadsheet is true, but locationMatchingStrategy was "
            "specified as INTERSECTING"
        )
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
    if lookup.get("locationMatchingStrategy") == EXACT:
        return False
    return wanted is None or (metadata.place is not None and _meets(metadata.place, wanted))


def _meets(one: GridRange, other: GridRange) -> bool:
    if one.sheet_id != other.sheet_id:
        return False
    return one.area(*UNBOUNDED).meets(other.area(*UNBOUNDED))


def without_zeros(data_filter: Json) -> Json:
    """Give a DataFilter as answers echo it: numbers that are 0 are left out (observed)."""
    return {
        name: without_zeros(fact) if isinstance(fact, dict) else fact
        for name, fact in data_filter.items()
        if fact != 0
    }


def targets_of_filter(workbook: Workbook, data_filter: Json) -> list[Target]:
    """Give the ranges that a DataFilter selects: its own, or those its metadata lie on."""
    if "developerMetadataLookup" in data_filter:
        places = [one.place for one in _looked_up(workbook, data_filter["developerMetadataLookup"])]
        return [target_of_range(workbook, place) for place in places if place]
    return [_filter_target(workbook, data_filter)]
