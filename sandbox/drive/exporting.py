"""``files.export``: a spreadsheet's first sheet as text, or all of it as XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.calls import ApiError, Call, Json, Media
from sandbox.drive.converting import DELIMITERS
from sandbox.drive.files import find_file
from sandbox.drive.model import SPREADSHEET
from sandbox.drive.resources import EXPORT_TYPES
from sandbox.drive.setting import aware_of_drives
from sandbox.drive.xlsx import write_workbook
from sandbox.printing import as_plain
from sandbox.sheets.locales import locale_facts
from sandbox.sheets.methods import METHODS as SHEETS_METHODS

if TYPE_CHECKING:
    from sandbox.world import World

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export(world: World, call: Call) -> Media:
    """``files.export``; 403 for a file that is no Docs editors file, 501 for other types."""
    file = find_file(world.drive, aware_of_drives(call))
    if file.mime_type != SPREADSHEET:
        raise ApiError(403, "Export only supports Docs Editors files.", reason="fileNotExportable")
    mime_type = call.params["mimeType"]
    if mime_type in DELIMITERS:
        return Media(_write_table(_first_sheet(world, call), DELIMITERS[mime_type]), mime_type)
    if mime_type == XLSX:
        return Media(_write_workbook(world, call), mime_type)
    if mime_type in EXPORT_TYPES[SPREADSHEET]:
        raise ApiError(501, f"The sandbox does not export spreadsheets as {mime_type}.")
    raise ApiError(
        400,
        "The requested conversion is not supported.",
        reason="badRequest",
        location="convertTo",
        location_type="parameter",
    )


def _write_workbook(world: World, call: Call) -> bytes:
    spreadsheet = as_plain(_ask(world, call, "sheets.spreadsheets.get", {"includeGridData": True}))
    return write_workbook(spreadsheet, locale_facts(spreadsheet["properties"]["locale"]).patterns)


def _first_sheet(world: World, call: Call) -> list[Sequence[Any]]:
    """Return the first sheet as people see it, asked of the Sheets API itself."""
    workbook = _ask(world, call, "sheets.spreadsheets.get", {})
    title = workbook["sheets"][0]["properties"]["title"].replace("'", "''")
    values = _ask(world, call, "sheets.spreadsheets.values.get", {"range": f"'{title}'"})
    return list(values["values"].rows) if "values" in values else []


def _ask(world: World, call: Call, method: str, params: Mapping[str, Any]) -> Json:
    named = {"spreadsheetId": call.params["fileId"], **params}
    answer = SHEETS_METHODS[method](world, replace(call, method=method, params=named))
    assert isinstance(answer, dict)
    return answer


def _write_table(rows: list[Sequence[Any]], delimiter: str) -> bytes:
    """Rows of equal length, CRLF between them and none at the end, as Google writes them."""
    width = max((len(row) for row in rows), default=0)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([*row, *[""] * (width - len(row))] for row in rows)
    return text.getvalue().removesuffix("\r\n").encode()
