"""The kinds of requests of batchUpdate, each by what it does to the cells."""

from typing import Any

import gspread
import pytest
from gspread.utils import ValueRenderOption

Ask = Any

FIRST_ROW = {"dimension": "ROWS", "startIndex": 0, "endIndex": 1}


def text(value: str) -> dict[str, Any]:
    return {"userEnteredValue": {"stringValue": value}}


def area(top: int, left: int, bottom: int, right: int) -> dict[str, int]:
    return {
        "startRowIndex": top,
        "startColumnIndex": left,
        "endRowIndex": bottom,
        "endColumnIndex": right,
    }


def cell_of(ask: Ask, place: str) -> dict[str, Any]:
    data = ask("GET", "", ranges=place, includeGridData=True)["sheets"][0]["data"][0]
    if "rowData" not in data:
        return {}
    cell: dict[str, Any] = data["rowData"][0]["values"][0]
    return cell


class TestCells:
    def test_a_string_value_is_never_parsed(self, change: Any, ask: Ask) -> None:
        rows = [{"values": [text("=1+1"), text("1/2/2024")]}]
        change({"updateCells": {"start": {}, "rows": rows, "fields": "userEnteredValue"}})
        values = ask("GET", "/values/A1:B1", valueRenderOption="UNFORMATTED_VALUE")["values"]
        assert values == [["=1+1", "1/2/2024"]]
        assert cell_of(ask, "A1")["userEnteredValue"] == {"stringValue": "=1+1"}

    def test_a_range_clears_what_rows_do_not_cover(
        self, change: Any, ws: gspread.Worksheet
    ) -> None:
        ws.update([["a", "b"], ["c", "d"]])
        rows = [{"values": [text("A")]}]
        change({"updateCells": {"range": area(0, 0, 2, 2), "rows": rows, "fields": "*"}})
        assert ws.get_all_values() == [["A"]]

    def test_only_masked_fields_change(self, change: Any, ask: Ask, ws: gspread.Worksheet) -> None:
        ws.update([["value"]])
        ws.format("A1", {"textFormat": {"bold": True, "italic": True}})
        mask = "userEnteredFormat.textFormat.bold,note"
        data = {"note": "n", "userEnteredValue": {"stringValue": "ignored"}}
        change({"updateCells": {"start": {}, "rows": [{"values": [data]}], "fields": mask}})
        cell = cell_of(ask, "A1")
        assert cell["note"] == "n"
        assert cell["formattedValue"] == "value"
        assert cell["userEnteredFormat"] == {"textFormat": {"italic": True}}

    def test_a_column_beyond_the_grid_is_refused(self, refused: Any) -> None:
        rows = [{"values": [text("a"), text("b")]}]
        request = {"start": {"columnIndex": 25}, "rows": rows, "fields": "*"}
        assert refused({"updateCells": request}) == (
            "Invalid requests[0].updateCells: Attempting to write column: 26, beyond the last "
            "requested column of: 25"
        )

    def test_an_unknown_field_of_a_cell_is_refused(self, refused: Any) -> None:
        message = refused({"updateCells": {"start": {}, "rows": [], "fields": "nonsense"}})
        assert message.startswith("Invalid requests[0].updateCells: ")

    def test_append_cells_grows_the_grid_and_ignores_formats(
        self, change: Any, ask: Ask, ws: gspread.Worksheet
    ) -> None:
        ws.resize(2, 2)
        ws.update([["a"]])
        ws.format("A2", {"textFormat": {"bold": True}})
        rows = [{"values": [text("b"), {"note": "n"}, text("d")]}, {"values": [text("e")]}]
        change({"appendCells": {"sheetId": 0, "rows": rows, "fields": "*"}})
        assert ws.get_all_values() == [["a", "", ""], ["b", "", "d"], ["e", "", ""]]
        grid = ask("GET", "")["sheets"][0]["properties"]["gridProperties"]
        assert grid == {"rowCount": 3, "columnCount": 3}

    def test_repeat_cell_moves_relative_references(
        self, change: Any, ws: gspread.Worksheet
    ) -> None:
        ws.update([[1, 10], [2, 20]])
        cell = {"userEnteredValue": {"formulaValue": "=A1+$B$1"}}
        mask = "userEnteredValue"
        change({"repeatCell": {"range": area(0, 2, 2, 3), "cell": cell, "fields": mask}})
        assert ws.get("C1:C2", value_render_option=ValueRenderOption.formula) == [
            ["=A1+$B$1"],
            ["=A2+$B$1"],
        ]
        assert ws.get("C1:C2") == [["11"], ["12"]]

    def test_chips_are_kept_until_a_new_value_comes(
        self, change: Any, ask: Ask, ws: gspread.Worksheet
    ) -> None:
        runs = [
            {
                "startIndex": 0,
                "chip": {"richLinkProperties": {"uri": "https://drive.google.com/file/d/1/view"}},
            }
        ]
        data = {"userEnteredValue": {"stringValue": "@"}, "chipRuns": runs}
        mask = "userEnteredValue,chipRuns"
        change({"updateCells": {"start": {}, "rows": [{"values": [data]}], "fields": mask}})
        kept = cell_of(ask, "A1")["chipRuns"]
        assert kept[0]["chip"] == runs[0]["chip"]
        ws.update([["new"]])
        assert "chipRuns" not in cell_of(ask, "A1")

    def test_validation_is_not_enforced_on_writes_of_the_api(
        self, change: Any, ask: Ask, ws: gspread.Worksheet
    ) -> None:
        """P: "The API does not enforce data validation on writes"."""
        condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "yes"}]}
        rule = {"condition": condition, "strict": True, "showCustomUi": True}
        change({"setDataValidation": {"range": area(0, 0, 2, 1), "rule": rule}})
        ws.update([["no"]])
        assert cell_of(ask, "A1")["dataValidation"] == rule
        assert ws.acell("A1").value == "no"
        change({"setDataValidation": {"range": area(0, 0, 2, 1)}})
        assert "dataValidation" not in cell_of(ask, "A1")

    def test_a_checkbox_holds_false(self, change: Any, ask: Ask, ws: gspread.Worksheet) -> None:
        rule = {"condition": {"type": "BOOLEAN"}}
        change({"setDataValidation": {"range": area(0, 0, 2, 1), "rule": rule}})
        assert ws.get("A1:A2", value_render_option=ValueRenderOption.unformatted) == [
            [False],
            [False],
        ]
        ws.update([[True]])
        assert ws.get("A1:A2") == [["TRUE"], ["FALSE"]]

    def test_borders(self, change: Any, ask: Ask) -> None:
        line = {"style": "SOLID"}
        change({"updateBorders": {"range": area(0, 0, 2, 2), "top": line, "innerVertical": line}})
        change({"updateBorders": {"range": area(0, 0, 2, 2), "bottom": line}})
        assert set(cell_of(ask, "A1")["userEnteredFormat"]["borders"]) == {"top", "right"}
        assert set(cell_of(ask, "B2")["userEnteredFormat"]["borders"]) == {"bottom", "left"}
        none = {"style": "NONE"}
        change({"updateBorders": {"range": area(0, 0, 1, 1), "top": none, "right": none}})
        assert "userEnteredFormat" not in cell_of(ask, "A1")

    def test_colours_come_in_both_forms(self, ask: Ask, ws: gspread.Worksheet) -> None:
        ws.update([["x"]])
        ws.format("A1", {"backgroundColor": {"red": 1}})
        cell = cell_of(ask, "A1")
        assert cell["userEnteredFormat"] == {
            "backgroundColor": {"red": 1},
            "backgroundColorStyle": {"rgbColor": {"red": 1}},
        }
        effective = cell["effectiveFormat"]
        assert effective["backgroundColor"] == {"red": 1}
        assert effective["horizontalAlignment"] == "LEFT"
        assert effective["textFormat"]["fontFamily"] == "Arial"
        assert effective["hyperlinkDisplayType"] == "PLAIN_TEXT"


class TestDimensions:
    def test_insert_shifts_what_lies_below(self, change: Any, ws: gspread.Worksheet) -> None:
        ws.update([["a"], ["b"]])
        change({"insertDimension": {"range": {**FIRST_ROW, "startIndex": 1, "endIndex": 3}}})
        assert ws.get_all_values() == [["a"], [""], [""], ["b"]]
        assert ws.row_count == 1000, "gspread remembers"
        span = {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
        change({"insertDimension": {"range": span}})
        assert ws.get_all_values()[0] == ["", "a"]

    @pytest.mark.parametrize(("before", "bold"), [(True, "A1"), (False, "A3")])
    def test_new_rows_are_dressed_like_a_neighbour(
        self, change: Any, ask: Ask, ws: gspread.Worksheet, before: bool, bold: str
    ) -> None:
        ws.update([["a"], ["b"]])
        ws.format("A1" if before else "A2", {"textFormat": {"bold": True}})
        span = {**FIRST_ROW, "startIndex": 1, "endIndex": 2}
        change({"insertDimension": {"range": span, "inheritFromBefore": before}})
        assert cell_of(ask, "A2")["userEnteredFormat"] == {"textFormat": {"bold": True}}
        assert cell_of(ask, bold)["userEnteredFormat"] == {"textFormat": {"bold": True}}

    def test_deleting_rows_that_do_not_exist_is_refused(self, refused: Any) -> None:
        span = {**FIRST_ROW, "startIndex": 1000, "endIndex": 1001}
        assert refused({"deleteDimension": {"range": span}}) == (
            "Invalid requests[0].deleteDimension: Cannot delete a row that doesn't exist. Tried "
            "to delete row index 1000 but there are only 1000 rows."
        )

    def test_all_rows_that_are_not_frozen_cannot_go(
        self, refused: Any, ws: gspread.Worksheet
    ) -> None:
        ws.freeze(rows=1)
        span = {**FIRST_ROW, "startIndex": 1, "endIndex": 1000}
        assert refused({"deleteDimension": {"range": span}}) == (
            "Invalid requests[0].deleteDimension: Sorry, it is not possible to delete all "
            "non-frozen rows."
        )

    def test_moving_rows_counts_before_the_move(self, change: Any, ws: gspread.Worksheet) -> None:
        ws.update([["a"], ["b"], ["c"], ["d"]])
        change({"moveDimension": {"source": FIRST_ROW, "destinationIndex": 3}})
        assert ws.get_all_values() == [["b"], ["c"], ["a"], ["d"]]
        last = {**FIRST_ROW, "startIndex": 3, "endIndex": 4}
        change({"moveDimension": {"source": last, "destinationIndex": 0}})
        assert ws.get_all_values() == [["d"], ["b"], ["c"], ["a"]]

    def test_moving_columns(self, change: Any, ws: gspread.Worksheet) -> None:
        ws.update([["a", "b", "c"]])
        span = {"dimension": "COLUMNS", "startIndex": 2, "endIndex": 3}
        change({"moveDimension": {"source": span, "destinationIndex": 0}})
        assert ws.get_all_values() == [["c", "a", "b"]]

    def test_sizes_and_hidden_rows(self, change: Any, ask: Ask) -> None:
        change(
            {
                "updateDimensionProperties": {
                    "range": {**FIRST_ROW, "endIndex": 2},
                    "properties": {"pixelSize": 40, "hiddenByUser": True},
                    "fields": "pixelSize,hiddenByUser",
                }
            },
            {"autoResizeDimensions": {"dimensions": FIRST_ROW}},
        )
        data = ask("GET", "", ranges="A1:A3", includeGridData=True)["sheets"][0]["data"][0]
        assert data["rowMetadata"] == [
            {"pixelSize": 21, "hiddenByUser": True},
            {"pixelSize": 40, "hiddenByUser": True},
            {"pixelSize": 21},
        ]

    def test_ranges_follow_their_cells(self, change: Any, ask: Ask, ws: gspread.Worksheet) -> None:
        ws.define_named_range("B2:C3", "Named")
        ws.merge_cells("B2:C3")
        ws.set_basic_filter("A1:D9")
        change({"insertDimension": {"range": FIRST_ROW}})
        answer = ask("GET", "")
        assert answer["namedRanges"][0]["range"] == area(2, 1, 4, 3)
        assert answer["sheets"][0]["merges"] == [area(2, 1, 4, 3)]
        assert answer["sheets"][0]["basicFilter"]["range"] == area(1, 0, 10, 4)
        span = {**FIRST_ROW, "startIndex": 2, "endIndex": 4}
        change({"deleteDimension": {"range": span}})
        answer = ask("GET", "")
        assert "namedRanges" not in answer
        assert "merges" not in answer["sheets"][0]
        assert answer["sheets"][0]["basicFilter"]["range"] == area(1, 0, 8, 4)

    def test_insert_and_delete_range(self, change: Any, ws: gspread.Worksheet) -> None:
        ws.update([["a", "b"], ["c", "d"]])
        change({"insertRange": {"range": area(0, 0, 1, 1), "shiftDimension": "ROWS"}})
        assert ws.get_all_values() == [["", "b"], ["a", "d"], ["c", ""]]
        change({"deleteRange": {"range": area(0, 0, 2, 1), "shiftDimension": "ROWS"}})
        assert ws.get_all_values() == [["c", "b"], ["", "d"]]
        change({"insertRange": {"range": area(0, 0, 1, 1), "shiftDimension": "COLUMNS"}})
        assert ws.get_all_values() == [["", "c", "b"], ["", "d", ""]]
        change({"deleteRange": {"range": area(0, 0, 1, 2), "shiftDimension": "COLUMNS"}})
        assert ws.get_all_values() == [["b", ""], ["", "d"]]


class TestMoving:
    def test_copy_repeats_and_moves_references(self, change: Any, ws: gspread.Worksheet) -> None:
        ws.update([[1, "=A1*2"], [2, ""], [3, ""]], raw=False)
        paste = {"source": area(0, 1, 1, 2), "destination": area(1, 1, 3, 2)}
        change({"copyPaste": paste})
        assert ws.get("B1:B3") == [["2"], ["4"], ["6"]]

    def test_pasting_values_only(self, change: Any, ask: Ask, ws: gspread.Worksheet) -> None:
        ws.update([["=2+3"]], raw=False)
        ws.format("A1", {"textFormat": {"bold": True}})
        paste = {"source": area(0, 0, 1, 1), "destination": area(0, 1, 1, 2)}
        change({"copyPaste": {**paste, "pasteType": "PASTE_VALUES"}})
        cell = cell_of(ask, "B1")
        assert cell["userEnteredValue"] == {"numberValue": 5}
        assert "userEnteredFormat" not in cell

    def test_transposed(self, change: Any, ws: gspread.Worksheet) -> None:
        ws.update([["a", "b"]])
        paste = {"source": area(0, 0, 1, 2), "destination": area(1, 0, 2, 1)}
        change({"copyPaste": {**paste, "pasteOrientation": "TRANSPOSE"}})
        assert ws.get_all_values() == [["a", "b"], ["a", ""], ["b", ""]]

    def test_cut_empties_the_source(self, change: Any, ws: gspread.Worksheet) -> None:
        ws.update([["a", "b"]])
        destination = {"rowIndex": 2, "columnIndex": 1}
        change({"cutPaste": {"source": area(0, 0, 1, 2), "destination": destination}})
        assert ws.get_all_values() == [["", "", ""], ["", "", ""], ["", "a", "b"]]

    def test_sort_puts_numbers_before_texts_and_blanks_last(
        self, change: Any, ws: gspread.Worksheet
    ) -> None:
        ws.update([["b"], [True], [""], [2], ["A"], [10]])
        specs = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
        change({"sortRange": {"range": area(0, 0, 9, 1), "sortSpecs": specs}})
        assert ws.col_values(1) == ["2", "10", "A", "b", "TRUE"]
        specs = [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}]
        change({"sortRange": {"range": area(0, 0, 9, 1), "sortSpecs": specs}})
        assert ws.col_values(1) == ["TRUE", "b", "A", "10", "2"]

    def test_sort_moves_only_the_range_and_carries_notes(
        self, change: Any, ws: gspread.Worksheet
    ) -> None:
        ws.update([["x", 2], ["y", 1]])
        ws.insert_note("B1", "of two")
        change({"sortRange": {"range": area(0, 1, 2, 2), "sortSpecs": [{"dimensionIndex": 1}]}})
        assert ws.get_all_values() == [["x", "1"], ["y", "2"]]
        assert ws.get_note("B2") == "of two"

    def test_sorting_by_the_basic_filter_moves_the_rows(
        self, change: Any, ws: gspread.Worksheet
    ) -> None:
        """Not verified with Google; assumed."""
        ws.update([["head"], ["b"], ["a"]])
        specs = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
        change({"setBasicFilter": {"filter": {"range": area(0, 0, 3, 1), "sortSpecs": specs}}})
        assert ws.col_values(1) == ["head", "a", "b"]

    def test_find_and_replace(self, change: Any, ws: gspread.Worksheet) -> None:
        ws.update([["one one", "=1+1"], ["ONE", "2"]], raw=False)
        (reply,) = change({"findReplace": {"find": "one", "replacement": "1", "allSheets": True}})
        assert reply["findReplace"] == {
            "valuesChanged": 2,
            "rowsChanged": 2,
            "sheetsChanged": 1,
            "occurrencesChanged": 3,
        }
        assert ws.get_all_values() == [["1 1", "2"], ["1", "2"]]
        regex = {"find": "(.) (.)", "replacement": "$2+$1", "searchByRegex": True, "sheetId": 0}
        change({"findReplace": regex})
        assert ws.acell("A1").value == "1+1"


class TestLooks:
    def test_merging_keeps_the_first_value(
        self, change: Any, ask: Ask, ws: gspread.Worksheet
    ) -> None:
        ws.update([["a", "b"], ["c", "d"]])
        change({"mergeCells": {"range": area(0, 0, 2, 2), "mergeType": "MERGE_ALL"}})
        assert ws.get_all_values() == [["a"]]
        change({"unmergeCells": {"range": area(0, 0, 2, 2)}})
        assert "merges" not in ask("GET", "")["sheets"][0]
        change({"mergeCells": {"range": area(0, 0, 2, 2), "mergeType": "MERGE_ROWS"}})
        assert ask("GET", "")["sheets"][0]["merges"] == [area(0, 0, 1, 2), area(1, 0, 2, 2)]

    def test_conditional_formats(self, change: Any, refused: Any, ask: Ask) -> None:
        def rule(text: str) -> dict[str, Any]:
            values = [{"userEnteredValue": text}]
            condition = {"type": "TEXT_EQ", "values": values}
            return {
                "ranges": [area(0, 0, 9, 1)],
                "booleanRule": {"condition": condition, "format": {"textFormat": {"bold": True}}},
            }

        change(
            {"addConditionalFormatRule": {"rule": rule("a"), "index": 0}},
            {"addConditionalFormatRule": {"rule": rule("b"), "index": 0}},
        )
        (reply,) = change({"updateConditionalFormatRule": {"index": 0, "newIndex": 1}})
        assert reply["updateConditionalFormatRule"]["newRule"] == rule("b")
        (reply,) = change({"deleteConditionalFormatRule": {"index": 0}})
        assert reply["deleteConditionalFormatRule"]["rule"] == rule("a")
        assert ask("GET", "")["sheets"][0]["conditionalFormats"] == [rule("b")]
        message = refused({"deleteConditionalFormatRule": {"index": 5}})
        assert message.endswith("No conditional format on sheet at index: 5")

    def test_named_ranges(self, change: Any, refused: Any, ask: Ask) -> None:
        named = {"name": "Mine", "range": area(0, 0, 2, 2)}
        (reply,) = change({"addNamedRange": {"namedRange": named}})
        made = reply["addNamedRange"]["namedRange"]
        assert made["range"] == area(0, 0, 2, 2), "sheet 0 is not named"
        assert refused({"addNamedRange": {"namedRange": named}}) == (
            "Invalid requests[0].addNamedRange: Cannot add named range with name Mine, a named "
            "range with that name already exists."
        )
        fresh = {"namedRangeId": made["namedRangeId"], "name": "Yours"}
        change({"updateNamedRange": {"namedRange": fresh, "fields": "name"}})
        assert ask("GET", "")["namedRanges"][0]["name"] == "Yours"
        change({"deleteNamedRange": {"namedRangeId": made["namedRangeId"]}})
        assert "namedRanges" not in ask("GET", "")

    def test_frozen_rows_tab_colours_and_hidden_sheets(
        self, change: Any, ask: Ask, refused: Any
    ) -> None:
        properties = {"gridProperties": {"frozenRowCount": 2}, "tabColor": {"red": 1}}
        mask = "gridProperties.frozenRowCount,tabColor"
        change({"updateSheetProperties": {"properties": properties, "fields": mask}})
        shown = ask("GET", "")["sheets"][0]["properties"]
        assert shown["gridProperties"]["frozenRowCount"] == 2
        assert shown["tabColorStyle"] == {"rgbColor": {"red": 1}}
        hide = {"properties": {"hidden": True}, "fields": "hidden"}
        assert "hide all the sheets" in refused({"updateSheetProperties": hide})

    def test_locale_and_time_zone_must_be_known(self, refused: Any, change: Any, ask: Ask) -> None:
        properties = {"locale": "ru_RU", "timeZone": "Asia/Almaty"}
        mask = "locale,timeZone"
        change({"updateSpreadsheetProperties": {"properties": properties, "fields": mask}})
        shown = ask("GET", "")["properties"]
        assert (shown["locale"], shown["timeZone"]) == ("ru_RU", "Asia/Almaty")
        bad = {"properties": {"locale": "xx_YY"}, "fields": "locale"}
        assert "xx_YY" in refused({"updateSpreadsheetProperties": bad})
        bad = {"properties": {"timeZone": "Mars/North"}, "fields": "timeZone"}
        assert "Mars/North" in refused({"updateSpreadsheetProperties": bad})


class TestGroups:
    def span(self, start: int, end: int) -> dict[str, Any]:
        return {"dimension": "COLUMNS", "startIndex": start, "endIndex": end}

    def test_an_overlap_becomes_a_deeper_group(self, change: Any, ask: Ask) -> None:
        """The example of the discovery document: B:D and then C:E."""
        change({"addDimensionGroup": {"range": self.span(1, 4)}})
        (reply,) = change({"addDimensionGroup": {"range": self.span(2, 5)}})
        assert reply["addDimensionGroup"]["dimensionGroups"] == [
            {"range": self.span(1, 5), "depth": 1},
            {"range": self.span(2, 4), "depth": 2},
        ]
        (reply,) = change({"deleteDimensionGroup": {"range": self.span(2, 4)}})
        remaining = [{"range": self.span(1, 5), "depth": 1}]
        assert reply["deleteDimensionGroup"]["dimensionGroups"] == remaining
        assert ask("GET", "")["sheets"][0]["columnGroups"] == remaining

    def test_a_collapsed_group_is_hidden_and_follows_its_columns(
        self, change: Any, ask: Ask
    ) -> None:
        group = {"range": self.span(1, 3), "depth": 1, "collapsed": True}
        change(
            {"addDimensionGroup": {"range": self.span(1, 3)}},
            {"updateDimensionGroup": {"dimensionGroup": group, "fields": "collapsed"}},
            {"insertDimension": {"range": self.span(0, 1)}},
        )
        sheet = ask("GET", "", ranges="A1:D1", includeGridData=True)["sheets"][0]
        assert sheet["columnGroups"] == [{**group, "range": self.span(2, 4)}]
        hidden = [one.get("hiddenByUser", False) for one in sheet["data"][0]["columnMetadata"]]
        assert hidden == [False, False, True, True]

    def test_a_group_that_is_not_there(self, refused: Any) -> None:
        message = refused({"deleteDimensionGroup": {"range": self.span(1, 3)}})
        assert message.startswith("Invalid requests[0].deleteDimensionGroup: ")


def test_repeating_a_format_keeps_every_value_as_it_is(change: Any, ws: gspread.Worksheet) -> None:
    ws.update([[1, True, "x", "=1=1"], [True, 0, "", False]], raw=False)
    cell = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    mask = "userEnteredFormat.textFormat"
    change({"repeatCell": {"range": area(0, 0, 2, 4), "cell": cell, "fields": mask}})
    values = ws.get("A1:D2", value_render_option=ValueRenderOption.unformatted)
    assert values == [[1, True, "x", True], [True, 0, "", False]]
    assert [type(one) for one in values[0]] == [int, bool, str, bool]
