"""gspread's Cell and those of its utilities that work on answers."""

from __future__ import annotations

from typing import Any

import gspread
from gspread import Cell, utils


def test_a_cell_that_was_read(ws: gspread.Worksheet) -> None:
    cell = ws.acell("B2")
    assert (cell.row, cell.col, cell.address) == (2, 2, "B2")
    assert (cell.value, cell.numeric_value) == ("30", 30)
    assert ws.acell("A2").numeric_value is None
    assert cell == ws.cell(2, 2)
    assert cell == Cell.from_address("B2", "30")


def test_lists_of_cells(ws: gspread.Worksheet) -> None:
    cells = ws.range("A1:B2")
    assert utils.cell_list_to_rect(cells) == [["name", "age"], ["Ann", "30"]]
    ws.update_cells([Cell.from_address("E5", "x"), Cell.from_address("F6", "y")])
    assert ws.get("E5:F6") == [["x"], ["", "y"]], "what lies between is skipped"


def test_gaps_and_records(ws: gspread.Worksheet) -> None:
    ws.update([["Dan"]], "A5")
    values = ws.get()
    assert values[4] == ["Dan"]
    filled = utils.fill_gaps(values, rows=6, cols=4)
    assert (filled[4], filled[5]) == (["Dan", "", "", ""], [""] * 4)
    assert utils.to_records(values[0], utils.fill_gaps(values)[1:])[3] == {
        "name": "Dan",
        "age": "",
        "city": "",
    }
    assert utils.numericise_all(values[1]) == ["Ann", 30, "Oslo"]
    assert utils.finditem(lambda row: row[0] == "Bob", values)[2] == "Rome"
    assert utils.find_table(values, "B2", utils.TableDirection.right) == [["30", "Oslo"]]


def test_ranges(ws: gspread.Worksheet) -> None:
    got: Any = ws.get("B2:C3")
    assert utils.get_a1_from_absolute_range(got.range) == "B2:C3"
    assert utils.absolute_range_name(ws.title, "B2:C3") == "'Sheet1'!B2:C3"
    grid = utils.a1_range_to_grid_range("B2:C3", ws.id)
    book = ws.spreadsheet
    clear = {"updateCells": {"range": grid, "fields": "userEnteredValue"}}
    book.batch_update({"requests": [clear]})
    assert ws.get("A2:C3") == [["Ann"], ["Bob"]]


def test_merged_values(ws: gspread.Worksheet) -> None:
    ws.merge_cells("A2:B3")
    metadata = ws.spreadsheet.fetch_sheet_metadata()["sheets"][0]
    values = utils.fill_gaps(ws.get("A1:C4"))
    merged = utils.combined_merge_values(metadata, values, 0, 0)
    assert [row[:2] for row in merged[1:3]] == [["Ann", "Ann"]] * 2


def test_colours(ws: gspread.Worksheet) -> None:
    colour = utils.convert_hex_to_colors_dict("#336699")
    ws.format("A1", {"backgroundColor": colour})
    params: dict[str, Any] = {
        "fields": "sheets.data.rowData.values.userEnteredFormat",
        "ranges": "A1",
    }
    (sheet,) = ws.spreadsheet.fetch_sheet_metadata(params)["sheets"]
    (cell,) = sheet["data"][0]["rowData"][0]["values"]
    shown = cell["userEnteredFormat"]["backgroundColor"]
    assert utils.convert_colors_to_hex_value(**shown) == "#336699"
