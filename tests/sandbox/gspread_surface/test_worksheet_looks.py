"""gspread.Worksheet: formats, notes, colours, filters, validation, names, protection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError
from gspread.utils import ValidationConditionType

MANAGER = "manager1@example.com"


def cell_of(book: gspread.Spreadsheet, place: str) -> dict[str, Any]:
    params: dict[str, Any] = {"includeGridData": True, "ranges": place}
    data = book.fetch_sheet_metadata(params)["sheets"][0]["data"][0]
    cell: dict[str, Any] = data["rowData"][0]["values"][0]
    return cell


def test_format(ws: gspread.Worksheet, book: gspread.Spreadsheet) -> None:
    ws.format("A1:C1", {"textFormat": {"bold": True}, "horizontalAlignment": "CENTER"})
    ws.format(["B2", "B3"], {"numberFormat": {"type": "NUMBER", "pattern": "0.00"}})
    assert cell_of(book, "C1")["userEnteredFormat"] == {
        "textFormat": {"bold": True},
        "horizontalAlignment": "CENTER",
    }
    assert ws.col_values(2) == ["age", "30.00", "25.00", "41"]
    ws.batch_format(
        [
            {"range": "B2:B3", "format": {"backgroundColor": {"red": 1}}},
            {"range": "A1", "format": {"textFormat": {"italic": True}}},
        ]
    )
    assert set(cell_of(book, "B2")["userEnteredFormat"]) == {
        "backgroundColor",
        "backgroundColorStyle",
        "numberFormat",
    }, "only what is named changes"
    assert cell_of(book, "A1")["userEnteredFormat"]["textFormat"] == {"italic": True}


def test_notes(ws: gspread.Worksheet) -> None:
    ws.insert_note("A1", "first")
    ws.update_note("A1", "one")
    ws.insert_notes({"B2": "two", "C4": "three"})
    ws.update_notes({"C4": "drei"})
    assert (ws.get_note("A1"), ws.get_note("A2")) == ("one", "")
    assert ws.get_notes() == [["one"], ["", "two"], [], ["", "", "drei"]]
    assert ws.get_notes(grid_range="B2:C2") == [["two"]]
    ws.clear_note("A1")
    ws.clear_notes(["B2", "C4"])
    assert ws.get_notes() == [[]]


def test_tab_colour(ws: gspread.Worksheet, book: gspread.Spreadsheet) -> None:
    ws.update_tab_color("#FF8000")
    assert ws.get_tab_color() == "#FF8000"
    shown = book.fetch_sheet_metadata()["sheets"][0]["properties"]
    assert shown["tabColorStyle"]["rgbColor"]["red"] == 1
    ws.clear_tab_color()
    assert ws.get_tab_color() is None
    assert "tabColor" not in book.fetch_sheet_metadata()["sheets"][0]["properties"]


def test_basic_filter(ws: gspread.Worksheet, book: gspread.Spreadsheet) -> None:
    ws.set_basic_filter("A1:C4")
    there = book.fetch_sheet_metadata()["sheets"][0]["basicFilter"]["range"]
    assert (there["endRowIndex"], there["endColumnIndex"]) == (4, 3)
    ws.set_basic_filter()
    ws.clear_basic_filter()
    assert "basicFilter" not in book.fetch_sheet_metadata()["sheets"][0]


def test_validation(ws: gspread.Worksheet, book: gspread.Spreadsheet) -> None:
    ws.add_validation(
        "A2:A4",
        ValidationConditionType.one_of_list,
        ["Ann", "Bob"],
        inputMessage="Who?",
        strict=True,
        showCustomUi=True,
    )
    assert cell_of(book, "A3")["dataValidation"] == {
        "condition": {
            "type": "ONE_OF_LIST",
            "values": [{"userEnteredValue": "Ann"}, {"userEnteredValue": "Bob"}],
        },
        "inputMessage": "Who?",
        "strict": True,
        "showCustomUi": True,
    }
    ws.add_validation("D1:D2", ValidationConditionType.boolean, [])
    assert ws.get("D1:D2") == [["FALSE"], ["FALSE"]]


def test_named_ranges(ws: gspread.Worksheet, book: gspread.Spreadsheet) -> None:
    answer = ws.define_named_range("A2:A4", "People")
    named = answer["replies"][0]["addNamedRange"]["namedRange"]
    assert [cell.value for cell in ws.range("People")] == ["Ann", "Bob", "Cid"]
    assert ws.get("People") == [["Ann"], ["Bob"], ["Cid"]]
    ws.delete_named_range(named["namedRangeId"])
    assert book.list_named_ranges() == []
    with pytest.raises(APIError) as refused:
        ws.get("People")
    assert "Unable to parse range" in refused.value.error["message"]


def test_protected_ranges(
    ws: gspread.Worksheet,
    book: gspread.Spreadsheet,
    gc_as: Callable[[str], gspread.Client],
) -> None:
    answer = ws.add_protected_range("A1:C1", [], description="head")
    protected = answer["replies"][0]["addProtectedRange"]["protectedRange"]
    theirs = gc_as(MANAGER).open_by_key(book.id).sheet1
    with pytest.raises(APIError) as refused:
        theirs.update_acell("A1", "x")
    assert refused.value.code == 400
    assert "protected cell or object" in refused.value.error["message"]
    ws.delete_protected_range(protected["protectedRangeId"])
    theirs.update_acell("A1", "theirs")
    ws.add_protected_range("A2:A2", warning_only=True)
    theirs.update_acell("A2", "too")
    assert ws.get("A1:A2") == [["theirs"], ["too"]]
