"""Reads by columns remember how rows were turned; they always say what reads by rows say."""

from __future__ import annotations

from typing import Any

import gspread
import pytest

Ask = Any

WINDOWS = ("A1:F", "A2:F", "C1:D", "B499:E502", "A501:A501", "D1:F20", "Sheet1", "E1:F3")
HEIGHT = 1_203


@pytest.fixture
def long_sheet(ask: Ask, book: gspread.Spreadsheet) -> None:
    book.sheet1.resize(HEIGHT + 10, 6)
    rows = [[n, f"t{n}" if n % 3 else "", n % 2 == 0, 1.5, "x"][: 2 + n % 4] for n in range(HEIGHT)]
    ask("PUT", "/values/A1", {"values": rows}, valueInputOption="RAW")


def turned(rows: list[list[Any]]) -> list[list[Any]]:
    width = max(map(len, rows), default=0)
    columns = [[row[at] if at < len(row) else "" for row in rows] for at in range(width)]
    for column in columns:
        while column and column[-1] == "":
            column.pop()
    return columns


def check_all_windows(ask: Ask) -> None:
    for render in ("UNFORMATTED_VALUE", "FORMATTED_VALUE", "FORMULA"):
        params = {"ranges": list(WINDOWS), "valueRenderOption": render}
        by_rows = ask("GET", "/values:batchGet", **params)["valueRanges"]
        by_columns = ask("GET", "/values:batchGet", majorDimension="COLUMNS", **params)
        for rows, columns in zip(by_rows, by_columns["valueRanges"], strict=True):
            assert columns["range"] == rows["range"]
            assert ("values" in columns) == ("values" in rows)
            # Compared as text: 1 and TRUE are not the same here.
            assert repr(columns.get("values", [])) == repr(turned(rows.get("values", [])))


def test_columns_are_those_of_the_rows_after_any_change(
    ask: Ask, change: Any, long_sheet: None
) -> None:
    check_all_windows(ask)
    ask("PUT", "/values/A501", {"values": [[True, 1, "", "new"]]}, valueInputOption="RAW")
    check_all_windows(ask)
    ask("PUT", "/values/A501", {"values": [[1, True]]}, valueInputOption="RAW")
    check_all_windows(ask)
    rows = {"sheetId": 0, "dimension": "ROWS", "startIndex": 498, "endIndex": 501}
    change({"insertDimension": {"range": rows}})
    check_all_windows(ask)
    change({"sortRange": {"range": {"sheetId": 0}, "sortSpecs": [{"dimensionIndex": 1}]}})
    check_all_windows(ask)
    change({"deleteDimension": {"range": rows | {"startIndex": 20, "endIndex": 700}}})
    check_all_windows(ask)


def test_a_change_of_locale_shows_in_columns(ask: Ask, change: Any, long_sheet: None) -> None:
    assert ask("GET", "/values/D3", majorDimension="COLUMNS")["values"] == [["1.5"]]
    new = {"properties": {"locale": "ru_RU"}, "fields": "locale"}
    change({"updateSpreadsheetProperties": new})
    assert ask("GET", "/values/D3", majorDimension="COLUMNS")["values"] == [["1,5"]]
    check_all_windows(ask)


def test_a_copied_sheet_and_its_original_go_their_own_ways(
    ask: Ask, change: Any, long_sheet: None
) -> None:
    check_all_windows(ask)
    change({"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Copy"}})
    ask("PUT", "/values/Copy!A1", {"values": [["other"]]}, valueInputOption="RAW")
    first = {"majorDimension": "COLUMNS", "ranges": ["Sheet1!A1:A2", "Copy!A1:A2", "Sheet1!A1:A2"]}
    answer = ask("GET", "/values:batchGet", **first)["valueRanges"]
    assert [part["values"] for part in answer] == [[["0", "1"]], [["other", "1"]], [["0", "1"]]]
