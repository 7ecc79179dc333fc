"""Requests about protected ranges."""

from __future__ import annotations

from dataclasses import replace

from sandbox.calls import ApiError
from sandbox.sheets.cells import Json
from sandbox.sheets.editing import Edit
from sandbox.sheets.masks import required_mask, wants
from sandbox.sheets.presentation import protection_json
from sandbox.sheets.ranges import GridRange
from sandbox.sheets.refusals import PROTECTED, RefusedError
from sandbox.sheets.state import ProtectedRange, Sheet


def add_protected_range(edit: Edit, request: Json) -> Json:
    """AddProtectedRangeRequest: who adds it is always among its editors."""
    body = request.get("protectedRange", {})
    sheet, place = _place(edit, body)
    if body.get("unprotectedRanges") and place != GridRange(sheet.sheet_id):
        raise RefusedError("Unprotected ranges are only supported on protected sheets.")
    wanted = body.get("protectedRangeId")
    if wanted and _known(edit, wanted):
        raise RefusedError(f"Protected range with ID {wanted} already exists.")
    protection = ProtectedRange(
        protected_range_id=wanted or edit.new_number(),
        range=place,
        named_range_id=body.get("namedRangeId", ""),
        description=body.get("description", ""),
        warning_only=body.get("warningOnly", False),
        unprotected=_unprotected(body),
    )
    if not protection.warning_only:
        protection = _with_editors(edit, protection, body.get("editors", {}))
    sheet.protected.append(protection)
    answer = protection_json(protection, may_edit=True)
    if "editors" in answer:
        # The reply tells the editors as they were given, later answers all of them (recorded).
        answer["editors"] = {name: fact for name, fact in body.get("editors", {}).items() if fact}
    return {"addProtectedRange": {"protectedRange": answer}}


def _place(edit: Edit, body: Json) -> tuple[Sheet, GridRange | None]:
    if name_id := body.get("namedRangeId"):
        if name_id not in edit.workbook.named_ranges:
            raise RefusedError(f"No named range with id: {name_id}")
        named = edit.workbook.named_ranges[name_id]
        return edit.sheet(named.range.sheet_id), None
    if body.get("tableId"):
        raise ApiError(501, "The sandbox does not implement ProtectedRange.tableId.")
    if "range" not in body:
        raise RefusedError("Must specify a range, namedRangeId or tableId.")
    place = GridRange.from_json(body["range"])
    sheet = edit.sheet(place.sheet_id)
    return sheet, sheet.placed(place)


def _known(edit: Edit, protected_range_id: int) -> bool:
    return any(
        protection.protected_range_id == protected_range_id
        for sheet in edit.workbook.sheets
        for protection in sheet.protected
    )


def _unprotected(body: Json) -> tuple[GridRange, ...]:
    return tuple(GridRange.from_json(place) for place in body.get("unprotectedRanges", []))


def _with_editors(edit: Edit, protection: ProtectedRange, editors: Json) -> ProtectedRange:
    users = dict.fromkeys([*editors.get("users", []), edit.user])
    return replace(
        protection,
        users=tuple(users),
        groups=tuple(editors.get("groups", [])),
        domain_users_can_edit=editors.get("domainUsersCanEdit", False),
    )


def update_protected_range(edit: Edit, request: Json) -> Json:
    """UpdateProtectedRangeRequest: only an editor of the range may."""
    body, mask = request.get("protectedRange", {}), required_mask(request)
    sheet, old = edit.workbook.protection(body.get("protectedRangeId", 0))
    _require_editor(edit, old)
    fresh = old
    if wants(mask, "range") and "range" in body:
        new_sheet, place = _place(edit, body)
        if new_sheet is not sheet:
            raise RefusedError("A protected range cannot move to another sheet.")
        fresh = replace(fresh, range=place, named_range_id="")
    if wants(mask, "description"):
        fresh = replace(fresh, description=body.get("description", ""))
    if wants(mask, "unprotectedRanges"):
        fresh = replace(fresh, unprotected=_unprotected(body))
    if wants(mask, "warningOnly"):
        fresh = replace(fresh, warning_only=body.get("warningOnly", False))
    if not fresh.warning_only and (wants(mask, "editors") or old.warning_only):
        fresh = _with_editors(edit, fresh, body.get("editors", {}))
    sheet.protected[sheet.protected.index(old)] = fresh
    return {}


def delete_protected_range(edit: Edit, request: Json) -> Json:
    """DeleteProtectedRangeRequest: only an editor of the range may."""
    sheet, protection = edit.workbook.protection(request.get("protectedRangeId", 0))
    _require_editor(edit, protection)
    sheet.protected.remove(protection)
    return {}


def _require_editor(edit: Edit, protection: ProtectedRange) -> None:
    if not protection.warning_only and not edit.may_edit(protection):
        raise RefusedError(PROTECTED)
