"""gspread.Worksheet: reading, writing, finding, sorting."""

from __future__ import annotations

import re
from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError
from gspread.utils import (
    DateTimeOption,
    Dimension,
    GridRangeType,
    InsertDataOption,
    TableDirection,
    ValueInputOption,
    ValueRenderOption,
)

UNFORMATTED = ValueRenderOption.unformatted
TYPED = ValueInputOption.user_entered
TEXTS = [
    ["name", "age", "city"],
    ["Ann", "30", "Oslo"],
    ["Bob", "25", "Rome"],
    ["Cid", "41", "Oslo"],
]


def test_cells(ws: gspread.Worksheet) -> None:
    assert ws.acell("B2").value == "30"
    unformatted: list[Any] = [ws.acell("B2", UNFORMATTED).value, ws.cell(2, 2, UNFORMATTED).value]
    assert unformatted == [30, 30]
    assert ws.cell(2, 2).value == "30"
    assert ws.cell(9, 9).value is None
    assert [cell.value for cell in ws.range("A2:B3")] == ["Ann", "30", "Bob", "25"]
    ws.resize(4, 3)
    assert [cell.value for cell in ws.get_all_cells()] == [text for row in TEXTS for text in row]


def test_rows_and_columns(ws: gspread.Worksheet) -> None:
    assert ws.row_values(2) == ["Ann", "30", "Oslo"]
    assert ws.row_values(9) == []
    assert ws.col_values(2) == ["age", "30", "25", "41"]
    assert ws.col_values(2, value_render_option=UNFORMATTED) == ["age", 30, 25, 41]


def test_get(ws: gspread.Worksheet) -> None:
    assert ws.get_all_values() == ws.get_values() == ws.get() == TEXTS
    got: Any = ws.get("B2:D3", value_render_option=UNFORMATTED)
    assert (got, got.range, got.major_dimension) == (
        [[30, "Oslo"], [25, "Rome"]],
        "Sheet1!B2:D3",
        "ROWS",
    )
    assert ws.get("A2:B3", major_dimension=Dimension.cols) == [["Ann", "Bob"], ["30", "25"]]
    assert ws.get("A2:D2", maintain_size=True) == [["Ann", "30", "Oslo", ""]]
    lists = ws.get("C4", return_type=GridRangeType.ListOfLists)
    assert (lists, type(lists)) == ([["Oslo"]], list)
    ws.merge_cells("A2:A4")
    merged = ws.get("A2:C4", combine_merged_cells=True)
    assert [row[0] for row in merged] == ["Ann", "Ann", "Ann"]


def test_dates_and_formulas(ws: gspread.Worksheet) -> None:
    ws.update([["1/2/2024", "=1+1"]], "E1", value_input_option=TYPED)
    as_text = DateTimeOption.formatted_string
    assert ws.get("E1:F1") == [["1/2/2024", "2"]]
    assert ws.get("E1", value_render_option=UNFORMATTED) == [[45293]]
    read = ws.get("E1", value_render_option=UNFORMATTED, date_time_render_option=as_text)
    assert read == [["1/2/2024"]]
    assert ws.get("F1", value_render_option=ValueRenderOption.formula) == [["=1+1"]]


def test_batch_get(ws: gspread.Worksheet) -> None:
    assert ws.batch_get(["A1", "B2:C3", "Z9"]) == [[["name"]], [["30", "Oslo"], ["25", "Rome"]], []]
    (columns,) = ws.batch_get(["A1:B2"], major_dimension=Dimension.cols)
    assert columns == [["name", "Ann"], ["age", "30"]]


def test_records(ws: gspread.Worksheet) -> None:
    assert ws.get_all_records()[1] == {"name": "Bob", "age": 25, "city": "Rome"}
    asked = ws.get_all_records(expected_headers=["name"], numericise_ignore=["all"])
    assert asked[0] == {"name": "Ann", "age": "30", "city": "Oslo"}


def test_expand(ws: gspread.Worksheet) -> None:
    ws.update([["far"]], "E2")
    assert ws.expand("A1") == TEXTS
    assert ws.expand("B2", TableDirection.right) == [["30", "Oslo"]]
    assert ws.expand("B2", TableDirection.down) == [["30"], ["25"], ["41"]]


def test_find(ws: gspread.Worksheet) -> None:
    found = ws.find("Oslo")
    assert found is not None
    assert found.address == "C2"
    assert ws.find("oslo") is None
    assert ws.find("oslo", case_sensitive=False, in_column=3) is not None
    assert [cell.address for cell in ws.findall("Oslo")] == ["C2", "C4"]
    assert [cell.value for cell in ws.findall(re.compile(r"^[A-C]\w\w$"))] == ["Ann", "Bob", "Cid"]
    assert ws.findall("Oslo", in_row=3) == []


def test_update(ws: gspread.Worksheet) -> None:
    answer = ws.update([["x", None, ""]], "A2", include_values_in_response=True)
    assert answer["updatedCells"] == 2, "null skips a cell"
    assert answer["updatedData"]["values"] == [["x", "30"]]
    ws.update([["a", "b"], ["c", "d"]], "E1", major_dimension=Dimension.cols)
    assert ws.get("E1:F2") == [["a", "c"], ["b", "d"]]
    ws.update_acell("A1", "=2*3")
    ws.update_cell(1, 2, 7)
    assert ws.get("A1:B1") == [["6", "7"]]
    with pytest.raises(APIError) as refused:
        ws.update([["x"]], "AB1")
    assert "exceeds grid limits" in refused.value.error["message"]


def test_update_cells(ws: gspread.Worksheet) -> None:
    cells = ws.range("A2:A3")
    for cell in cells:
        cell.value = f"={cell.row}+1"
    ws.update_cells(cells, value_input_option=TYPED)
    assert ws.col_values(1) == ["name", "3", "4", "Cid"]
    ws.update_cells([gspread.Cell(6, 4, "far"), gspread.Cell(5, 5, "1.5")])
    assert ws.get("D5:E6", value_render_option=UNFORMATTED) == [["", "1.5"], ["far"]]


def test_batch_update(ws: gspread.Worksheet) -> None:
    data = [{"range": "A2", "values": [["Zoe"]]}, {"range": "C2:C3", "values": [["Bonn"], ["=1"]]}]
    answer = ws.batch_update(data, value_input_option=TYPED, include_values_in_response=True)
    assert answer["totalUpdatedCells"] == 3
    assert answer["responses"][1]["updatedData"]["values"] == [["Bonn"], ["1"]]
    assert ws.row_values(2) == ["Zoe", "30", "Bonn"]


def test_clear(ws: gspread.Worksheet) -> None:
    assert ws.batch_clear(["A2:A3", "C1"])["clearedRanges"] == ["Sheet1!A2:A3", "Sheet1!C1"]
    assert ws.get_all_values() == [
        ["name", "age", ""],
        ["", "30", "Oslo"],
        ["", "25", "Rome"],
        ["Cid", "41", "Oslo"],
    ]
    assert ws.clear()["clearedRange"] == "Sheet1!A1:Z1000"
    assert ws.get_all_values() == [[]]


def test_append(ws: gspread.Worksheet) -> None:
    one = ws.append_row(["Dan", 50], value_input_option=TYPED)
    assert (one["tableRange"], one["updates"]["updatedRange"]) == ("Sheet1!A1:C4", "Sheet1!A5:B5")
    ws.update([["note"]], "A8")
    many = ws.append_rows(
        [["Eve"], ["Fay"]],
        insert_data_option=InsertDataOption.insert_rows,
        table_range="A1:C1",
        include_values_in_response=True,
    )
    assert many["updates"]["updatedData"]["values"] == [["Eve"], ["Fay"]]
    people = ["name", "Ann", "Bob", "Cid", "Dan", "Eve", "Fay"]
    assert ws.col_values(1) == [*people, "", "", "note"]


def test_insert_and_delete(ws: gspread.Worksheet) -> None:
    ws.insert_row(["Abe", "=1+1"], 2, value_input_option=TYPED)
    ws.insert_rows([["x"], ["y"]], row=4, inherit_from_before=True)
    assert ws.col_values(1) == ["name", "Abe", "Ann", "x", "y", "Bob", "Cid"]
    ws.delete_rows(4, 5)
    ws.delete_rows(2)
    assert ws.get_all_values() == TEXTS
    ws.insert_cols([["id", 1, 2], ["zip"]], col=2)
    assert ws.row_values(1) == ["name", "id", "zip", "age", "city"]
    ws.delete_columns(2, 3)
    ws.delete_dimension(Dimension.cols, 1)
    assert ws.row_values(1) == ["age", "city"]


def test_sort(ws: gspread.Worksheet) -> None:
    ws.sort((3, "asc"), (2, "des"), range="A2:C4")
    assert ws.col_values(1) == ["name", "Cid", "Ann", "Bob"]
    ws.freeze(rows=1)
    ws.sort((2, "asc"))
    assert ws.col_values(1) == ["name", "Bob", "Ann", "Cid"]
