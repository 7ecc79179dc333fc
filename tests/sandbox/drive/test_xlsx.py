"""Spreadsheets exported as XLSX, read by a library that is not ours."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import gspread
import openpyxl
import pytest
from gspread.utils import ExportFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.calls import Json
from sandbox.drive.xlsx import write_workbook

Read = Callable[..., Any]


@pytest.fixture
def book(gc: gspread.Client) -> gspread.Spreadsheet:
    made = gc.create("Book")
    sheet = made.sheet1
    rows: list[list[Any]] = [
        ["Name", "Sum", "Day", "Yes"],
        ['Ольга <&> "x"', 2, "2026-03-14", "TRUE"],
        ["", "=B2*2.5", "=1/0", '="a"&"б"'],
    ]
    sheet.update(rows, "A1", raw=False)
    sheet.freeze(rows=1, cols=1)
    sheet.format("A1:D1", {"textFormat": {"bold": True}})
    sheet.merge_cells("B5:C6")
    other = made.add_worksheet("Hidden & quiet", 5, 5)
    other.hide()
    return made


def load(book: gspread.Spreadsheet, **options: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(book.export(ExportFormat.EXCEL)), **options)


def test_values_also_those_of_formulas(book: gspread.Spreadsheet) -> None:
    sheet = load(book, data_only=True)["Sheet1"]
    assert [cell.value for cell in sheet[2]] == [
        "Ольга <&> \"x\"", 2, datetime(2026, 3, 14), True
    ]  # fmt: skip
    assert [cell.value for cell in sheet[3]] == [None, 5, "#DIV/0!", "aб"]


def test_formulas(book: gspread.Spreadsheet) -> None:
    sheet = load(book)["Sheet1"]
    assert [cell.value for cell in sheet[3]] == [None, "=B2*2.5", "=1/0", '="a"&"б"']


def test_looks(book: gspread.Spreadsheet) -> None:
    workbook = load(book)
    sheet = workbook["Sheet1"]
    assert sheet.freeze_panes == "B2"
    assert [cell.font.bold for cell in (sheet["A1"], sheet["A2"])] == [True, False]
    assert sheet["C2"].is_date
    assert [str(area) for area in sheet.merged_cells.ranges] == ["B5:C6"]
    assert workbook["Hidden & quiet"].sheet_state == "hidden"


NASTY = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.lists(NASTY | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()),
        max_size=4,
    )
)
def test_any_value_comes_back(rows: list[list[Any]]) -> None:
    kinds: dict[type, str] = {str: "stringValue", float: "numberValue", bool: "boolValue"}
    row_data: list[Json] = [
        {"values": [{"effectiveValue": {kinds[type(value)]: value}} for value in row]}
        for row in rows
    ]
    properties = {"title": "T", "gridProperties": {"rowCount": 9, "columnCount": 9}}
    content = write_workbook(
        {"sheets": [{"properties": properties, "data": [{"rowData": row_data}]}]}, {}
    )
    sheet = openpyxl.load_workbook(io.BytesIO(content))["T"]
    for row_index, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            found = sheet.cell(row_index, column).value
            if isinstance(value, str):
                assert (found or "") == _as_xml_keeps(value)
            else:
                assert found == value


def _as_xml_keeps(text: str) -> str:
    """Without what XML cannot hold; its readers turn every line end into a line feed."""
    allowed = "".join(c for c in text if c >= " " or c in "\t\n\r")
    return (
        allowed.replace("\ufffe", "")
        .replace("\uffff", "")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )
