"""gspread's everyday surface, driven as its users drive it."""

from typing import Any

import gspread
import pytest
from gspread.utils import ValueInputOption, ValueRenderOption

TABLE: list[list[Any]] = [["name", "age", "city"], ["Ann", 30, "Oslo"], ["Bob", 25, "Rome"]]


@pytest.fixture
def table(ws: gspread.Worksheet) -> gspread.Worksheet:
    ws.update(TABLE)
    return ws


class TestReading:
    def test_values(self, table: gspread.Worksheet) -> None:
        assert table.get_all_values() == [
            ["name", "age", "city"],
            ["Ann", "30", "Oslo"],
            ["Bob", "25", "Rome"],
        ]
        assert table.get("A2:B3") == [["Ann", "30"], ["Bob", "25"]]
        assert table.get_values("B2", value_render_option=ValueRenderOption.unformatted) == [[30]]
        assert table.batch_get(["A1:A2", "C3"]) == [[["name"], ["Ann"]], [["Rome"]]]
        assert table.row_values(2) == ["Ann", "30", "Oslo"]
        assert table.col_values(2) == ["age", "30", "25"]
        assert table.acell("C2").value == "Oslo"
        assert table.cell(2, 2).numeric_value == 30
        assert [cell.value for cell in table.range("A1:C1")] == ["name", "age", "city"]
        assert len(table.get_all_cells()) == 26_000

    def test_records(self, table: gspread.Worksheet) -> None:
        assert table.get_all_records() == [
            {"name": "Ann", "age": 30, "city": "Oslo"},
            {"name": "Bob", "age": 25, "city": "Rome"},
        ]

    def test_find(self, table: gspread.Worksheet) -> None:
        found = table.find("Bob")
        assert found is not None
        assert (found.row, found.col) == (3, 1)
        assert table.find("nobody") is None
        assert len(table.findall("Rome", in_column=3)) == 1

    def test_the_whole_spreadsheet(self, table: gspread.Worksheet) -> None:
        book = table.spreadsheet
        assert book.values_get("Sheet1!A1")["values"] == [["name"]]
        ranges = book.values_batch_get(["Sheet1!A1", "Sheet1!B2"])["valueRanges"]
        assert [one["values"] for one in ranges] == [[["name"]], [["30"]]]
        assert book.timezone == "Etc/GMT"
        assert book.locale == "en_US"
        assert book.url == f"https://docs.google.com/spreadsheets/d/{book.id}"


class TestWriting:
    def test_update(self, ws: gspread.Worksheet) -> None:
        ws.update_acell("B2", "text")
        ws.update_cell(3, 1, 42)
        ws.update([["=1+1"]], "C1", value_input_option=ValueInputOption.user_entered)
        assert ws.get_all_values() == [["", "", "2"], ["", "text", ""], ["42", "", ""]]

    def test_update_cells(self, table: gspread.Worksheet) -> None:
        cells = table.range("A2:A3")
        for cell in cells:
            cell.value = str(cell.value).upper()
        table.update_cells(cells)
        assert table.col_values(1) == ["name", "ANN", "BOB"]

    def test_batch_update_and_clear(self, table: gspread.Worksheet) -> None:
        table.batch_update(
            [{"range": "A2", "values": [["Zoe"]]}, {"range": "C2:C3", "values": [[""], ["Bonn"]]}]
        )
        assert table.get("A2:C3") == [["Zoe", "30"], ["Bob", "25", "Bonn"]]
        table.batch_clear(["A1:A3"])
        assert table.col_values(1) == []
        table.clear()
        assert table.get_all_values() == [[]]

    def test_append(self, table: gspread.Worksheet) -> None:
        answer = table.append_row(["Cid", 40, "Bern"])
        assert answer["updates"]["updatedRange"] == "Sheet1!A4:C4"
        answer = table.append_rows([["Dan"], ["Eve"]], table_range="A1:C1")
        assert answer["tableRange"] == "Sheet1!A1:C4"
        assert table.col_values(1) == ["name", "Ann", "Bob", "Cid", "Dan", "Eve"]

    def test_insert_and_delete_rows(self, table: gspread.Worksheet) -> None:
        table.insert_row(["Aaron"], 2)
        table.insert_rows([["x"], ["y"]], 5)
        assert table.col_values(1) == ["name", "Aaron", "Ann", "Bob", "x", "y"]
        table.delete_rows(2)
        table.delete_rows(4, 5)
        assert table.col_values(1) == ["name", "Ann", "Bob"]

    def test_columns(self, table: gspread.Worksheet) -> None:
        table.insert_cols([["id", 1, 2]], 1)
        assert table.row_values(1) == ["id", "name", "age", "city"]
        table.delete_columns(1, 2)
        assert table.row_values(1) == ["age", "city"]
        table.add_cols(2)
        table.add_rows(5)
        meta = table.spreadsheet.fetch_sheet_metadata()["sheets"][0]["properties"]
        assert meta["gridProperties"] == {"rowCount": 1005, "columnCount": 27}

    def test_sort(self, table: gspread.Worksheet) -> None:
        table.sort((2, "asc"), range="A2:C3")
        assert table.col_values(1) == ["name", "Bob", "Ann"]

    def test_resize_cuts(self, table: gspread.Worksheet) -> None:
        table.resize(2, 2)
        assert table.get_all_values() == [["name", "age"], ["Ann", "30"]]


class TestDressing:
    def test_format(self, table: gspread.Worksheet) -> None:
        table.format("B2:B3", {"numberFormat": {"type": "NUMBER", "pattern": "0.00"}})
        table.batch_format([{"range": "A1:C1", "format": {"textFormat": {"bold": True}}}])
        assert table.col_values(2) == ["age", "30.00", "25.00"]

    def test_freeze_and_colour(self, table: gspread.Worksheet) -> None:
        table.freeze(rows=1, cols=1)
        table.update_tab_color("#FF8000")
        fresh = table.spreadsheet.get_worksheet(0)
        assert (fresh.frozen_row_count, fresh.frozen_col_count) == (1, 1)
        assert fresh.get_tab_color() == "#FF8000"
        fresh.clear_tab_color()
        assert fresh.spreadsheet.get_worksheet(0).get_tab_color() is None

    def test_notes(self, table: gspread.Worksheet) -> None:
        table.update_note("A1", "first")
        table.insert_notes({"B2": "second", "C3": "third"})
        assert table.get_note("A1") == "first"
        assert table.get_notes() == [["first"], ["", "second"], ["", "", "third"]]
        table.clear_notes(["A1"])
        assert table.get_note("A1") == ""

    def test_merges(self, table: gspread.Worksheet) -> None:
        table.merge_cells("A1:B1")
        assert table.get("A1:C1", combine_merged_cells=True) == [["name", "name", "city"]]
        table.unmerge_cells("A1:B1")
        assert "merges" not in table.spreadsheet.fetch_sheet_metadata()["sheets"][0]

    def test_hidden_things(self, table: gspread.Worksheet) -> None:
        table.hide_rows(0, 1)
        table.hide_columns(1, 2)
        table.unhide_rows(0, 1)
        table.hide_gridlines()
        book = table.spreadsheet
        book.add_worksheet("Other", 5, 5).hide()
        assert [sheet.title for sheet in book.worksheets(exclude_hidden=True)] == ["Sheet1"]
        book.worksheet("Other").show()
        assert len(book.worksheets(exclude_hidden=True)) == 2

    def test_protection_and_filter(self, table: gspread.Worksheet) -> None:
        made: Any = table.add_protected_range("A1:C1", ["manager1@example.com"], [], "head", False)
        protection = made["replies"][0]["addProtectedRange"]["protectedRange"]
        assert protection["description"] == "head"
        table.set_basic_filter("A1:C3")
        sheet = table.spreadsheet.fetch_sheet_metadata()["sheets"][0]
        assert sheet["basicFilter"]["range"]["endRowIndex"] == 3
        assert len(sheet["protectedRanges"]) == 1
        table.clear_basic_filter()
        table.delete_protected_range(protection["protectedRangeId"])
        assert set(table.spreadsheet.fetch_sheet_metadata()["sheets"][0]) == {"properties"}

    def test_validation(self, table: gspread.Worksheet) -> None:
        from gspread.utils import ValidationConditionType

        table.add_validation(
            "A2:A3", ValidationConditionType.one_of_list, ["Ann", "Bob"], showCustomUi=True
        )
        table.update_acell("A2", "Carl")
        assert table.acell("A2").value == "Carl"


class TestSheets:
    def test_add_find_and_remove(self, book: gspread.Spreadsheet) -> None:
        added = book.add_worksheet("Второй", rows=10, cols=5)
        assert (added.title, added.row_count, added.col_count, added.index) == ("Второй", 10, 5, 1)
        assert book.worksheet("Второй").id == added.id
        assert book.get_worksheet_by_id(added.id).title == "Второй"
        book.del_worksheet(added)
        with pytest.raises(gspread.WorksheetNotFound):
            book.worksheet("Второй")

    def test_duplicate_rename_and_reorder(self, table: gspread.Worksheet) -> None:
        book = table.spreadsheet
        copy = table.duplicate(new_sheet_name="Copy", insert_sheet_index=1)
        assert copy.get_all_values() == table.get_all_values()
        copy.update_title("Renamed")
        copy.update_index(0)
        assert [sheet.title for sheet in book.worksheets()] == ["Renamed", "Sheet1"]
        book.reorder_worksheets([table, copy])
        assert [sheet.title for sheet in book.worksheets()] == ["Sheet1", "Renamed"]

    def test_named_ranges(self, table: gspread.Worksheet) -> None:
        table.define_named_range("A1:C1", "Head")
        (named,) = table.spreadsheet.list_named_ranges()
        assert table.get("Head") == [["name", "age", "city"]]
        table.delete_named_range(named["namedRangeId"])
        assert table.spreadsheet.list_named_ranges() == []

    def test_cut_and_copy(self, table: gspread.Worksheet) -> None:
        table.copy_range("A1:A3", "E1")
        assert table.col_values(5) == ["name", "Ann", "Bob"]
        table.cut_range("A1:A3", "F1")
        assert table.col_values(1) == []
        assert table.col_values(6) == ["name", "Ann", "Bob"]
