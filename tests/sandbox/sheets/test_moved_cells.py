"""Where references and ranges go when a block of cells moves."""

from __future__ import annotations

from typing import Any

import gspread
import pytest
from gspread.utils import ValueRenderOption

FORMULA = ValueRenderOption.formula


def area(top: int, left: int, bottom: int, right: int) -> dict[str, int]:
    return {
        "startRowIndex": top,
        "startColumnIndex": left,
        "endRowIndex": bottom,
        "endColumnIndex": right,
    }


def formulas(ws: gspread.Worksheet, place: str) -> list[Any]:
    return [value for row in ws.get(place, value_render_option=FORMULA) for value in row]


@pytest.fixture
def sheet(ws: gspread.Worksheet) -> gspread.Worksheet:
    """Numbers in A1:B3, formulas in E1:E5 that look at them."""
    ws.update([[1, 10], [2, 20], [3, 30]])
    texts = ["=A2", "=$A$2+B2", "=SUM(A1:A3)", "=SUM(A2:B3)", "=Sheet1!A3"]
    ws.update([[text] for text in texts], "E1", raw=False)
    return ws


def test_inserted_cells_push_references_down(sheet: gspread.Worksheet, change: Any) -> None:
    """Only what lies wholly in the columns that move goes along."""
    change({"insertRange": {"range": area(1, 0, 3, 1), "shiftDimension": "ROWS"}})
    assert formulas(sheet, "E1:E5") == [
        "=A4",
        "=$A$4+B2",
        "=SUM(A1:A5)",
        "=SUM(A2:B3)",
        "=Sheet1!A5",
    ]
    assert sheet.get("E1:E3") == [["2"], ["22"], ["6"]]


def test_deleted_cells_pull_references_up(sheet: gspread.Worksheet, change: Any) -> None:
    change({"deleteRange": {"range": area(1, 0, 2, 1), "shiftDimension": "ROWS"}})
    assert formulas(sheet, "E1:E5") == [
        "=#REF!",
        "=#REF!+B2",
        "=SUM(A1:A2)",
        "=SUM(A2:B3)",
        "=Sheet1!A2",
    ]
    assert sheet.acell("E1").value == "#REF!"


def test_cells_to_the_right(sheet: gspread.Worksheet, change: Any) -> None:
    change({"insertRange": {"range": area(1, 0, 2, 1), "shiftDimension": "COLUMNS"}})
    assert sheet.acell("F2", FORMULA).value == "=$B$2+C2", "the formula moved as well"
    assert formulas(sheet, "E1") == ["=B2"]
    change({"deleteRange": {"range": area(1, 0, 2, 1), "shiftDimension": "COLUMNS"}})
    assert formulas(sheet, "E1:E2") == ["=A2", "=$A$2+B2"]


def test_names_follow_their_cells(
    sheet: gspread.Worksheet, change: Any, book: gspread.Spreadsheet
) -> None:
    sheet.define_named_range("A2:A3", "Down")
    sheet.define_named_range("A2:B3", "Across")
    change({"insertRange": {"range": area(0, 0, 1, 1), "shiftDimension": "ROWS"}})
    ranges = {one["name"]: one["range"] for one in book.list_named_ranges()}
    assert ranges == {"Down": area(2, 0, 4, 1), "Across": area(1, 0, 3, 2)}
    cut = {"source": area(2, 0, 4, 1), "destination": {"rowIndex": 6, "columnIndex": 2}}
    change({"cutPaste": cut})
    ranges = {one["name"]: one["range"] for one in book.list_named_ranges()}
    assert ranges["Down"] == area(6, 2, 8, 3)


def test_metadata_of_a_row_stays_when_cells_shift(change: Any, ask: Any) -> None:
    span = {"dimension": "ROWS", "startIndex": 4, "endIndex": 5}
    body = {
        "metadataId": 7,
        "metadataKey": "k",
        "visibility": "DOCUMENT",
        "location": {"dimensionRange": span},
    }
    change({"createDeveloperMetadata": {"developerMetadata": body}})
    change({"insertRange": {"range": area(0, 0, 2, 1), "shiftDimension": "ROWS"}})
    place = ask("GET", "/developerMetadata/7")["location"]["dimensionRange"]
    assert place["startIndex"] == 4


def test_cut_cells_take_references_along(sheet: gspread.Worksheet, change: Any) -> None:
    cut = {"source": area(1, 0, 3, 1), "destination": {"rowIndex": 9, "columnIndex": 2}}
    change({"cutPaste": cut})
    assert formulas(sheet, "E1:E5") == [
        "=C10",
        "=$C$10+B2",
        "=SUM(A1:A3)",
        "=SUM(A2:B3)",
        "=Sheet1!C11",
    ]
    assert sheet.get("E1:E5") == [["2"], ["22"], ["1"], ["50"], ["3"]]


def test_cut_formulas_keep_their_references(sheet: gspread.Worksheet, change: Any) -> None:
    cut = {"source": area(0, 4, 2, 5), "destination": {"rowIndex": 9, "columnIndex": 7}}
    change({"cutPaste": cut})
    assert formulas(sheet, "H10:H11") == ["=A2", "=$A$2+B2"]


def test_cut_to_another_sheet(
    sheet: gspread.Worksheet, change: Any, book: gspread.Spreadsheet
) -> None:
    other = book.add_worksheet("My other", 20, 20)
    corner = {"sheetId": other.id, "rowIndex": 0, "columnIndex": 0}
    change({"cutPaste": {"source": area(1, 0, 2, 5), "destination": corner}})
    assert formulas(other, "A1:E1") == [2, 20, "", "", "=$A$1+B1"]
    assert formulas(sheet, "E1") == ["='My other'!A1"]
    assert formulas(sheet, "E3:E5") == ["=SUM(A1:A3)", "=SUM(A2:B3)", "=Sheet1!A3"]
    change({"cutPaste": {"source": area(2, 4, 3, 5), "destination": {**corner, "rowIndex": 4}}})
    assert formulas(other, "A5") == ["=SUM(Sheet1!A1:A3)"]
