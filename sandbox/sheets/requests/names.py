"""Requests about named ranges."""

from __future__ import annotations

import re
from dataclasses import replace

from sandbox.sheets.a1 import NotA1Error, parse_reference
from sandbox.sheets.cells import Json
from sandbox.sheets.editing import Edit
from sandbox.sheets.masks import required_mask, wants
from sandbox.sheets.ranges import GridRange
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.state import NamedRange

_NAME = re.compile(r"[^\W\d][\w.]{0,249}")


def add_named_range(edit: Edit, request: Json) -> Json:
    """AddNamedRangeRequest: the name must be free and be no cell reference."""
    body = request.get("namedRange", {})
    named = NamedRange(
        body.get("namedRangeId") or str(edit.new_number()),
        _checked_name(edit, body.get("name", "")),
        _checked_place(edit, body),
    )
    if named.named_range_id in edit.workbook.named_ranges:
        raise RefusedError(f"Named range with ID {named.named_range_id} already exists.")
    edit.workbook.named_ranges[named.named_range_id] = named
    answer = {
        "namedRangeId": named.named_range_id,
        "name": named.name,
        "range": named.range.to_json(),
    }
    return {"addNamedRange": {"namedRange": answer}}


def _checked_name(edit: Edit, name: str, allowed_id: str = "") -> str:
    if not _NAME.fullmatch(name) or _is_cell_reference(name):
        raise RefusedError("The name given to this range is invalid.")
    for named in edit.workbook.named_ranges.values():
        if named.name.casefold() == name.casefold() and named.named_range_id != allowed_id:
            raise RefusedError(
                f"Cannot add named range with name {name}, a named range with that name "
                "already exists."
            )
    return name


def _is_cell_reference(name: str) -> bool:
    try:
        return parse_reference(name).corners is not None
    except NotA1Error:
        return False


def _checked_place(edit: Edit, body: Json) -> GridRange:
    place = GridRange.from_json(body.get("range", {}))
    return edit.sheet(place.sheet_id).placed(place)


def update_named_range(edit: Edit, request: Json) -> Json:
    """UpdateNamedRangeRequest: name and range by the mask."""
    body, mask = request.get("namedRange", {}), required_mask(request)
    named = _named(edit, body.get("namedRangeId", ""))
    if wants(mask, "name") and "name" in body:
        named = replace(named, name=_checked_name(edit, body["name"], named.named_range_id))
    if wants(mask, "range") and "range" in body:
        named = replace(named, range=_checked_place(edit, body))
    edit.workbook.named_ranges[named.named_range_id] = named
    return {}


def delete_named_range(edit: Edit, request: Json) -> Json:
    """DeleteNamedRangeRequest: protections backed by it go as well."""
    named = _named(edit, request.get("namedRangeId", ""))
    del edit.workbook.named_ranges[named.named_range_id]
    for sheet in edit.workbook.sheets:
        sheet.protected = [
            protection
            for protection in sheet.protected
            if protection.named_range_id != named.named_range_id
        ]
    return {}


def _named(edit: Edit, named_range_id: str) -> NamedRange:
    try:
        return edit.workbook.named_ranges[named_range_id]
    except KeyError:
        raise RefusedError(f"No named range with id: {named_range_id}") from None
