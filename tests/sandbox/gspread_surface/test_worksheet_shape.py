"""gspread.Worksheet: its size and place, rows and columns, groups, merges, moving of cells."""

from __future__ import annotations

from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError
from gspread.utils import MergeType, PasteOrientation, PasteType, ValueRenderOption


def grid_of(book: gspread.Spreadsheet) -> dict[str, Any]:
    metadata = book.fetch_sheet_metadata()
    grid: dict[str, Any] = metadata["sheets"][0]["properties"]["gridProperties"]
    return grid


def dimensions_of(book: gspread.Spreadsheet, kind: str) -> list[Any]:
    params: dict[str, Any] = {"fields": f"sheets.data.{kind}", "ranges": "Sheet1!A1:D4"}
    found: list[Any] = book.fetch_sheet_metadata(params)["sheets"][0]["data"][0][kind]
    return found


def test_size(ws: gspread.Worksheet, book: gspread.Spreadsheet) -> None:
    ws.resize(rows=10, cols=4)
    ws.add_rows(5)
    ws.add_cols(1)
    assert (ws.row_count, ws.col_count, ws.column_count) == (15, 5, 5)
    assert grid_of(book) == {"rowCount": 15, "columnCount": 5}
    ws.resize(rows=2)
    assert ws.get_all_values() == [["name", "age", "city"], ["Ann", "30", "Oslo"]]


def test_freeze(ws: gspread.Worksheet, book: gspread.Spreadsheet) -> None:
    ws.freeze(rows=1, cols=2)
    assert (ws.frozen_row_count, ws.frozen_col_count) == (1, 2)
    assert grid_of(book)["frozenRowCount"] == 1
    ws.freeze(rows=0)
    assert "frozenRowCount" not in grid_of(book)
    with pytest.raises(APIError) as refused:
        ws.freeze(rows=1000)
    assert refused.value.code == 400


def test_title_place_and_visibility(ws: gspread.Worksheet, book: gspread.Spreadsheet) -> None:
    book.add_worksheet("Other", 5, 5)
    ws.update_title("Mine")
    ws.update_index(2)
    assert [one.title for one in book.worksheets()] == ["Other", "Mine"]
    assert (ws.title, ws.id) == ("Mine", 0)
    assert ws.url.endswith("#gid=0")
    ws.hide()
    assert ws.isSheetHidden is book.worksheet("Mine").isSheetHidden is True
    ws.show()
    assert book.worksheet("Mine").isSheetHidden is False
    with pytest.raises(APIError) as refused:
        ws.update_title("other")
    assert 'sheet with the name "other" already exists' in refused.value.error["message"]


def test_gridlines(ws: gspread.Worksheet, book: gspread.Spreadsheet) -> None:
    ws.hide_gridlines()
    hidden = [ws.is_gridlines_hidden]
    assert grid_of(book)["hideGridlines"] is True
    ws.show_gridlines()
    hidden.append(ws.is_gridlines_hidden)
    assert hidden == [True, False]
    assert "hideGridlines" not in grid_of(book)


def test_hidden_rows_and_columns(ws: gspread.Worksheet, book: gspread.Spreadsheet) -> None:
    ws.hide_rows(1, 3)
    ws.hide_columns(0, 1)
    rows = [row.get("hiddenByUser", False) for row in dimensions_of(book, "rowMetadata")]
    columns = [one.get("hiddenByUser", False) for one in dimensions_of(book, "columnMetadata")]
    assert (rows, columns) == ([False, True, True, False], [True, False, False, False])
    ws.unhide_rows(1, 3)
    ws.unhide_columns(0, 1)
    assert dimensions_of(book, "rowMetadata") == [{"pixelSize": 21}] * 4
    assert dimensions_of(book, "columnMetadata") == [{"pixelSize": 100}] * 4


def test_auto_resize(ws: gspread.Worksheet, book: gspread.Spreadsheet) -> None:
    """Sizes by content are not computed: the usual ones come back."""
    span = {"sheetId": ws.id, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
    change = {"range": span, "properties": {"pixelSize": 300}, "fields": "pixelSize"}
    book.batch_update({"requests": [{"updateDimensionProperties": change}]})
    assert dimensions_of(book, "columnMetadata")[0] == {"pixelSize": 300}
    assert ws.columns_auto_resize(0, 2)["replies"] == [{}]
    assert dimensions_of(book, "columnMetadata")[0] == {"pixelSize": 100}
    assert ws.rows_auto_resize(0, 2)["replies"] == [{}]


def test_groups(ws: gspread.Worksheet) -> None:
    ws.add_dimension_group_rows(1, 4)
    ws.add_dimension_group_rows(2, 3)
    depths = [(one["range"]["startIndex"], one["depth"]) for one in ws.list_dimension_group_rows()]
    assert depths == [(1, 1), (2, 2)]
    ws.delete_dimension_group_rows(2, 3)
    assert len(ws.list_dimension_group_rows()) == 1
    ws.add_dimension_group_columns(0, 2)
    (group,) = ws.list_dimension_group_columns()
    assert (group["range"]["endIndex"], group["depth"]) == (2, 1)
    ws.delete_dimension_group_columns(0, 2)
    assert ws.list_dimension_group_columns() == []


def test_merges(ws: gspread.Worksheet, book: gspread.Spreadsheet) -> None:
    ws.merge_cells("A1:B2")
    assert ws.get("A1:B2") == [["name"]], "only the first value stays"
    ws.unmerge_cells("A1:B2")
    ws.batch_merge(
        [{"range": "A1:C2", "mergeType": MergeType.merge_rows}, {"range": "E1:E2"}],
        merge_type=MergeType.merge_all,
    )
    merges = book.fetch_sheet_metadata()["sheets"][0]["merges"]
    assert [(one["startRowIndex"], one["endColumnIndex"]) for one in merges] == [
        (0, 3),
        (1, 3),
        (0, 5),
    ]
    with pytest.raises(APIError) as refused:
        ws.unmerge_cells("A1:B1")
    assert "all cells in a merged range" in refused.value.error["message"]


def test_copy_range(ws: gspread.Worksheet) -> None:
    ws.copy_range("A2:B3", "E1")
    assert ws.get("E1:F2") == [["Ann", "30"], ["Bob", "25"]]
    turned = PasteOrientation.transpose
    ws.copy_range("A1:A4", "A6", paste_type=PasteType.values, paste_orientation=turned)
    assert ws.row_values(6) == ["name", "Ann", "Bob", "Cid"]


def test_cut_range_takes_references_along(ws: gspread.Worksheet) -> None:
    ws.update([["=B2*2", "=SUM(B2:B4)"]], "E1", raw=False)
    ws.cut_range("B2:B4", "G5")
    assert ws.get("E1:F1", value_render_option=ValueRenderOption.formula) == [
        ["=G5*2", "=SUM(G5:G7)"]
    ]
    assert ws.get("E1:F1") == [["60", "96"]]
    assert ws.col_values(2) == ["age"]


def test_copy_to_and_duplicate(
    ws: gspread.Worksheet, book: gspread.Spreadsheet, gc: gspread.Client
) -> None:
    other = gc.create("Other")
    properties = ws.copy_to(other.id)
    assert (properties["title"], properties["index"]) == ("Copy of Sheet1", 1)
    assert other.get_worksheet(1).get_all_values() == ws.get_all_values()
    copy = ws.duplicate(insert_sheet_index=1, new_sheet_id=5, new_sheet_name="Twin")
    assert (copy.id, copy.title, copy.index) == (5, "Twin", 1)
    assert len(book.worksheets()) == 2
