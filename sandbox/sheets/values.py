"""The methods of spreadsheets.values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.calls import Call
from sandbox.sheets.a1 import format_range
from sandbox.sheets.appending import find_table
from sandbox.sheets.cells import Json
from sandbox.sheets.editing import Edit, editing, opened
from sandbox.sheets.locales import locale_facts
from sandbox.sheets.metadata import targets_of_filter, without_zeros
from sandbox.sheets.ranges import Area, GridRange
from sandbox.sheets.reading import Reading, value_range
from sandbox.sheets.refusals import RefusedError, refused_as
from sandbox.sheets.requests.dimensions import insert_dimension
from sandbox.sheets.resolving import Target, resolve, target_of_range
from sandbox.sheets.state import Sheet, Workbook
from sandbox.sheets.writing import clear_values, incoming_rows, write_values

if TYPE_CHECKING:
    from sandbox.world import World


def get(world: World, call: Call) -> Json:
    """values.get."""
    workbook = opened(world, call).workbook
    with refused_as(""):
        target = resolve(workbook, call.params["range"])
        return value_range(target, Reading.from_params(call.params), locale_facts(workbook.locale))


def batch_get(world: World, call: Call) -> Json:
    """values.batchGet: the ranges in the order they were asked for."""
    workbook = opened(world, call).workbook
    reading, locale = Reading.from_params(call.params), locale_facts(workbook.locale)
    with refused_as(""):
        targets = [resolve(workbook, text) for text in call.params.get("ranges", [])]
        answers = [value_range(target, reading, locale) for target in targets]
    answer: Json = {"spreadsheetId": workbook.spreadsheet_id}
    return answer | ({"valueRanges": answers} if answers else {})


def batch_get_by_data_filter(world: World, call: Call) -> Json:
    """values.batchGetByDataFilter: each range with the filters that select it."""
    workbook = opened(world, call).workbook
    reading, locale = Reading.from_params(call.body), locale_facts(workbook.locale)
    filters = call.body.get("dataFilters", [])
    answers: list[Json] = []
    for index, data_filter in enumerate(filters):
        with refused_as(f"Invalid dataFilters[{index}]: "):
            answers += [
                {
                    "valueRange": value_range(target, reading, locale),
                    "dataFilters": [without_zeros(data_filter)],
                }
                for target in targets_of_filter(workbook, data_filter)
            ]
    answer: Json = {"spreadsheetId": workbook.spreadsheet_id}
    return answer | ({"valueRanges": answers} if answers else {})


def update(world: World, call: Call) -> Json:
    """values.update."""
    with editing(world, call) as edit, refused_as(""):
        target = resolve(edit.workbook, call.params["range"])
        _check_same_range(edit.workbook, target, call.body)
        answer = write_values(edit, target, call.body, call.params.get("valueInputOption", ""))
    return answer | _echo(world, call, answer)


def _check_same_range(workbook: Workbook, target: Target, body: Json) -> None:
    if "range" in body:
        other = resolve(workbook, body["range"])
        if other.range != target.range:
            raise RefusedError(
                f"Request range[{target.text}] does not match value's range[{other.text}]"
            )


def _echo(world: World, call: Call, answer: Json) -> Json:
    """Give the values as they read after the change, when they were asked for."""
    options = call.params if "includeValuesInResponse" in call.params else call.body
    if not options.get("includeValuesInResponse"):
        return {}
    workbook = world.sheets.workbook(call.params["spreadsheetId"])
    reading = Reading.from_params(
        {**options, "majorDimension": call.body.get("majorDimension", "ROWS")}, "response"
    )
    target = resolve(workbook, answer["updatedRange"])
    return {"updatedData": value_range(target, reading, locale_facts(workbook.locale))}


def batch_update(world: World, call: Call) -> Json:
    """values.batchUpdate: all parts or none."""
    responses = []
    option = call.body.get("valueInputOption", "")
    with editing(world, call) as edit:
        for index, part in enumerate(call.body.get("data", [])):
            try:
                target = resolve(edit.workbook, part.get("range", ""))
                responses.append(write_values(edit, target, part, option))
            except RefusedError as refusal:
                raise refusal.at(f"Invalid data[{index}]: ") from refusal
    return _totals(world, call, responses)


def _totals(world: World, call: Call, responses: list[Json]) -> Json:
    echoed = responses
    if call.body.get("includeValuesInResponse"):
        echoed = [response | _echo(world, call, response) for response in responses]
    workbook = world.sheets.workbook(call.params["spreadsheetId"])
    touched = {
        response["updatedRange"].rpartition("!")[0]
        for response in responses
        if "updatedCells" in response
    }
    totals = {
        "totalUpdatedRows": sum(response.get("updatedRows", 0) for response in responses),
        "totalUpdatedColumns": sum(response.get("updatedColumns", 0) for response in responses),
        "totalUpdatedCells": sum(response.get("updatedCells", 0) for response in responses),
        "totalUpdatedSheets": len(touched),
        "responses": echoed,
    }
    return {"spreadsheetId": workbook.spreadsheet_id} | {k: v for k, v in totals.items() if v}


def batch_update_by_data_filter(world: World, call: Call) -> Json:
    """values.batchUpdateByDataFilter: every range that a filter selects gets its values."""
    responses = []
    with editing(world, call) as edit:
        for index, part in enumerate(call.body.get("data", [])):
            with refused_as(f"Invalid data[{index}]: "):
                data_filter = part.get("dataFilter", {})
                for target in targets_of_filter(edit.workbook, data_filter):
                    answer = write_values(edit, target, part, call.body.get("valueInputOption", ""))
                    responses.append(answer | {"dataFilter": without_zeros(data_filter)})
    answer = _totals(world, call, responses)
    for response in answer.get("responses", []):
        response.pop("spreadsheetId")
    return answer


def append(world: World, call: Call) -> Json:
    """values.append: below the last table of the range; the grid grows as needed."""
    answer: Json = {"spreadsheetId": call.params["spreadsheetId"]}
    with editing(world, call) as edit, refused_as(""):
        asked = resolve(edit.workbook, call.params["range"])
        area = asked.area
        table = find_table(asked.sheet, area)
        if table is not None:
            answer["tableRange"] = format_range(asked.sheet.title, table.corners())
        top, left = (table.bottom, table.left) if table else (area.top, area.left)
        rows = incoming_rows(call.body)
        width = max((len(row) for row in rows), default=0)
        place = GridRange.of_area(
            asked.sheet.sheet_id,
            Area(top, left, top + max(len(rows), 1), left + max(width, 1)),
        )
        if table and call.params.get("insertDataOption") == "INSERT_ROWS":
            _insert_rows(edit, asked.sheet, top, len(rows))
        _grow(edit, asked.sheet, place)
        target = target_of_range(edit.workbook, place)
        updates = write_values(edit, target, call.body, call.params.get("valueInputOption", ""))
    answer["updates"] = updates | _echo(world, call, updates)
    return answer


def _insert_rows(edit: Edit, sheet: Sheet, top: int, count: int) -> None:
    if top < sheet.row_count and count:
        span = {"sheetId": sheet.sheet_id, "dimension": "ROWS"}
        span |= {"startIndex": top, "endIndex": top + count}
        insert_dimension(edit, {"range": span, "inheritFromBefore": True})


def _grow(edit: Edit, sheet: Sheet, place: GridRange) -> None:
    edit.workbook.resize(
        sheet,
        max(sheet.row_count, place.bottom or 0),
        max(sheet.column_count, place.right or 0),
    )


def clear(world: World, call: Call) -> Json:
    """values.clear."""
    with editing(world, call) as edit, refused_as(""):
        cleared = clear_values(edit, resolve(edit.workbook, call.params["range"]))
    return {"spreadsheetId": edit.workbook.spreadsheet_id, "clearedRange": cleared}


def batch_clear(world: World, call: Call) -> Json:
    """values.batchClear: all ranges or none."""
    cleared = []
    with editing(world, call) as edit:
        for index, text in enumerate(call.body.get("ranges", [])):
            with refused_as(f"Invalid range[{index}]: "):
                cleared.append(clear_values(edit, resolve(edit.workbook, text)))
    return _cleared(edit.workbook, cleared)


def batch_clear_by_data_filter(world: World, call: Call) -> Json:
    """values.batchClearByDataFilter."""
    cleared = []
    with editing(world, call) as edit:
        for index, data_filter in enumerate(call.body.get("dataFilters", [])):
            with refused_as(f"Invalid dataFilters[{index}]: "):
                targets = targets_of_filter(edit.workbook, data_filter)
                cleared += [clear_values(edit, target) for target in targets]
    return _cleared(edit.workbook, cleared)


def _cleared(workbook: Workbook, ranges: list[str]) -> Json:
    answer: Json = {"spreadsheetId": workbook.spreadsheet_id}
    return answer | ({"clearedRanges": ranges} if ranges else {})
