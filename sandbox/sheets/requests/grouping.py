"""Requests about groups of rows and columns.

A row's depth says in how many groups it lies, and the groups follow from the depths: at each level
the unbroken runs of rows that deep. So an overlap of two groups becomes a deeper group, as the
discovery document describes it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from sandbox.sheets.cells import Json
from sandbox.sheets.editing import Edit
from sandbox.sheets.masks import required_mask, wants
from sandbox.sheets.presentation import groups_json
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.requests.dimensions import Dimensions, dimensions_of, set_hidden
from sandbox.sheets.state import DimensionGroup

MAX_DEPTH = 8


def add_dimension_group(edit: Edit, request: Json) -> Json:
    """AddDimensionGroupRequest: everything in the range gets one level deeper.

    From then on the sheet's properties say where the control of groups stands (recorded).
    """
    answer = _deepened(edit, request, 1)
    dimensions = dimensions_of(edit, request["range"])
    control = "rowGroupControlAfter" if dimensions.by_rows else "columnGroupControlAfter"
    looks = dimensions.sheet.looks
    looks["gridProperties"] = {control: True, **looks.get("gridProperties", {})}
    return {"addDimensionGroup": answer}


def delete_dimension_group(edit: Edit, request: Json) -> Json:
    """DeleteDimensionGroupRequest: everything in the range gets one level less deep."""
    return {"deleteDimensionGroup": _deepened(edit, request, -1)}


def _deepened(edit: Edit, request: Json, step: int) -> Json:
    dimensions = dimensions_of(edit, request.get("range", {}))
    size = dimensions.size
    if dimensions.start >= size or dimensions.end > size or not dimensions.count:
        raise RefusedError("The range of the group must lie within the grid.")
    depths = _depths(dimensions)
    span = range(dimensions.start, dimensions.end)
    if step < 0 and not any(depths[index] for index in span):
        raise RefusedError("There is no group at that range.")
    for index in span:
        depths[index] = max(depths[index] + step, 0)
    if max(depths.values(), default=0) > MAX_DEPTH:
        raise RefusedError(f"Groups may be nested to a depth of {MAX_DEPTH}.")
    sheet = dimensions.sheet
    collapsed = {(group.start, group.end) for group in sheet.groups if group.collapsed}
    others = [group for group in sheet.groups if group.dimension != dimensions.dimension]
    fresh = [
        replace(group, collapsed=(group.start, group.end) in collapsed)
        for group in _groups_of(dimensions.dimension, depths)
    ]
    sheet.groups = others + fresh
    shown = groups_json(sheet, dimensions.dimension)
    return {"dimensionGroups": shown} if shown else {}


def _depths(dimensions: Dimensions) -> Counter[int]:
    """Count for each index how many groups it lies in."""
    return Counter(
        index
        for group in dimensions.sheet.groups
        if group.dimension == dimensions.dimension
        for index in range(group.start, group.end)
    )


def _groups_of(dimension: str, depths: Counter[int]) -> list[DimensionGroup]:
    """Give the runs of indexes at each depth, outer ones first."""
    groups: list[DimensionGroup] = []
    for depth in range(1, max(depths.values(), default=0) + 1):
        start = previous = -2
        deep = sorted(index for index, found in depths.items() if found >= depth)
        for index in [*deep, -2]:
            if index != previous + 1:
                if start >= 0:
                    groups.append(DimensionGroup(dimension, start, previous + 1, depth))
                start = index
            previous = index
    return sorted(groups, key=lambda group: (group.start, group.depth))


def update_dimension_group(edit: Edit, request: Json) -> Json:
    """UpdateDimensionGroupRequest: collapse (which hides) or expand the group of that depth."""
    body, mask = request.get("dimensionGroup", {}), required_mask(request)
    dimensions = dimensions_of(edit, body.get("range", {}))
    wanted = (dimensions.dimension, dimensions.start, dimensions.end, body.get("depth", 0))
    groups = dimensions.sheet.groups
    for index, group in enumerate(groups):
        if (group.dimension, group.start, group.end, group.depth) == wanted:
            if wants(mask, "collapsed"):
                collapsed = body.get("collapsed", False)
                groups[index] = replace(group, collapsed=collapsed)
                set_hidden(dimensions, hidden=collapsed)
            return {}
    raise RefusedError("There is no group at that range and depth.")
