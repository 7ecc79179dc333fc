"""Requests about what lies over cells: merges, conditional formats, the basic filter."""

from __future__ import annotations

from sandbox.sheets.cells import Cell, Json, share
from sandbox.sheets.editing import Edit
from sandbox.sheets.entering import read_number
from sandbox.sheets.locales import LocaleFacts
from sandbox.sheets.ordering import sorted_by_specs
from sandbox.sheets.presentation import ranged_json
from sandbox.sheets.ranges import Area, GridRange
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.state import RangedFacts, Sheet

UNTYPED_POINT = "INTERPOLATION_POINT_TYPE_UNSPECIFIED"


def merge_cells(edit: Edit, request: Json) -> Json:
    """MergeCellsRequest: all cells, or each row, or each column; only the first keeps its value."""
    place = GridRange.from_json(request.get("range", {}))
    sheet = edit.sheet(place.sheet_id)
    area = sheet.area_of(place)
    edit.require_editable(place)
    blocks = _merged_blocks(area, request.get("mergeType", "MERGE_ALL"))
    for block in blocks:
        _check_frozen_edge(block, sheet)
    for merge in list(sheet.merges):
        old = sheet.area_of(merge)
        if area.contains(old):
            sheet.merges.remove(merge)
        elif area.meets(old):
            raise RefusedError(
                "You must select all cells in a merged range to merge or unmerge them."
            )
    for block in blocks:
        if block.height * block.width > 1:
            _empty_but_first(sheet, block)
            sheet.merges.append(GridRange.of_area(sheet.sheet_id, block))
    return {}


def _check_frozen_edge(block: Area, sheet: Sheet) -> None:
    """Refuse a merge of cells that scroll with ones that do not."""
    if block.top < sheet.frozen("frozenRowCount") < block.bottom:
        raise RefusedError("You can't merge frozen and non-frozen rows.")
    if block.left < sheet.frozen("frozenColumnCount") < block.right:
        raise RefusedError("You can't merge frozen and non-frozen columns.")


def _merged_blocks(area: Area, kind: str) -> list[Area]:
    if kind == "MERGE_ROWS":
        return [Area(row, area.left, row + 1, area.right) for row in range(area.top, area.bottom)]
    if kind == "MERGE_COLUMNS":
        columns = range(area.left, area.right)
        return [Area(area.top, column, area.bottom, column + 1) for column in columns]
    return [area]


def _empty_but_first(sheet: Sheet, block: Area) -> None:
    first = sheet.cell(block.top, block.left)
    cells = [[Cell(mark=first.mark)] * block.width for _ in range(block.height)]
    cells[0][0] = first
    sheet.set_cells(block.top, block.left, cells)


def unmerge_cells(edit: Edit, request: Json) -> Json:
    """UnmergeCellsRequest: every merge within the range; one that is cut by it is refused."""
    place = GridRange.from_json(request.get("range", {}))
    sheet = edit.sheet(place.sheet_id)
    area = sheet.area_of(place)
    edit.require_editable(place)
    met = [merge for merge in sheet.merges if area.meets(sheet.area_of(merge))]
    if not all(area.contains(sheet.area_of(merge)) for merge in met):
        raise RefusedError("You must select all cells in a merged range to merge or unmerge them.")
    sheet.merges = [merge for merge in sheet.merges if merge not in met]
    return {}


def _rule_of(edit: Edit, rule: Json) -> RangedFacts:
    ranges = tuple(GridRange.from_json(place) for place in rule.get("ranges", []))
    if not ranges:
        raise RefusedError("No range specified for the conditional format rule.")
    if "booleanRule" not in rule and "gradientRule" not in rule:
        raise RefusedError("No rule type specified for the conditional format rule.")
    ranges = tuple(edit.sheet(place.sheet_id).placed(place) for place in ranges)
    facts = {name: rule[name] for name in rule if name != "ranges"}
    if gradient := facts.get("gradientRule"):
        facts["gradientRule"] = _gradient(gradient, edit.locale)
    return RangedFacts(ranges, share(facts))


def _gradient(given: Json, locale: LocaleFacts) -> Json:
    """Check a colour scale as Google was seen to: two ends at least, a value where one is needed.

    A value that the kind of point has no use for is dropped.
    """
    needed = ("minpoint", *(("midpoint",) if "midpoint" in given else ()), "maxpoint")
    points = {name: _point(given.get(name, {}), locale) for name in needed}
    return given | points


def _point(point: Json, locale: LocaleFacts) -> Json:
    kind, value = point.get("type", UNTYPED_POINT), point.get("value", "")
    if kind == UNTYPED_POINT:
        raise RefusedError("No interpolationPointType specified.")
    if kind in {"MIN", "MAX"}:
        return {name: fact for name, fact in point.items() if name != "value"}
    if not value:
        raise RefusedError("InterpolationPoint.value is required.")
    if not value.startswith("=") and read_number(value, locale) is None:
        raise RefusedError(f"Invalid InterpolationPoint.value: {value}")
    return point


def add_conditional_format_rule(edit: Edit, request: Json) -> Json:
    """AddConditionalFormatRuleRequest: at its index, rules after it move on."""
    rule = _rule_of(edit, request.get("rule", {}))
    sheet = edit.sheet(rule.ranges[0].sheet_id)
    index = request.get("index", 0)
    if index > len(sheet.conditional_formats):
        raise _no_rule(index)
    sheet.conditional_formats.insert(index, rule)
    return {}


def _no_rule(index: int) -> RefusedError:
    return RefusedError(f"No conditional format on sheet at index: {index}")


def _rule_at(sheet: Sheet, index: int) -> RangedFacts:
    if not 0 <= index < len(sheet.conditional_formats):
        raise _no_rule(index)
    return sheet.conditional_formats[index]


def update_conditional_format_rule(edit: Edit, request: Json) -> Json:
    """UpdateConditionalFormatRuleRequest: replace the rule at an index, or move it."""
    fresh = _rule_of(edit, request["rule"]) if "rule" in request else None
    sheet = edit.sheet(fresh.ranges[0].sheet_id if fresh else request.get("sheetId", 0))
    index = request.get("index", 0)
    old = _rule_at(sheet, index)
    answer: Json = {"oldRule": ranged_json(old), "oldIndex": index}
    if fresh:
        sheet.conditional_formats[index] = fresh
        new, new_index = fresh, index
    else:
        new, new_index = old, request.get("newIndex", 0)
        _rule_at(sheet, new_index)
        sheet.conditional_formats.insert(new_index, sheet.conditional_formats.pop(index))
    answer |= {"newRule": ranged_json(new), "newIndex": new_index}
    return {"updateConditionalFormatRule": answer}


def delete_conditional_format_rule(edit: Edit, request: Json) -> Json:
    """DeleteConditionalFormatRuleRequest: rules after it move up."""
    sheet = edit.sheet(request.get("sheetId", 0))
    rule = _rule_at(sheet, request.get("index", 0))
    sheet.conditional_formats.pop(request.get("index", 0))
    return {"deleteConditionalFormatRule": {"rule": ranged_json(rule)}}


def set_basic_filter(edit: Edit, request: Json) -> Json:
    """SetBasicFilterRequest: the sheet's filter; its sortSpecs sort the rows below the header."""
    body = request.get("filter", {})
    place = GridRange.from_json(body.get("range", {}))
    sheet = edit.sheet(place.sheet_id)
    area = sheet.area_of(place)
    edit.require_editable(place)
    facts = {name: fact for name, fact in body.items() if name != "range"}
    # Kept with all its ends, also where they were open (recorded).
    sheet.basic_filter = RangedFacts((GridRange.of_area(sheet.sheet_id, area),), share(facts))
    if specs := body.get("sortSpecs"):
        sorted_by_specs(edit.workbook, sheet, area._replace(top=area.top + 1), specs)
    return {}


def clear_basic_filter(edit: Edit, request: Json) -> Json:
    """ClearBasicFilterRequest: no filter, no harm."""
    edit.sheet(request.get("sheetId", 0)).basic_filter = None
    return {}
