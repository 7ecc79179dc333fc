"""What other projects saw the real service answer, word by word, kept in their tests and notes."""

from __future__ import annotations

from typing import Any

import gspread
import pytest

Ask = Any

WRITE = {"valueInputOption": "RAW"}


def named(name: str, **ends: int) -> dict[str, Any]:
    return {"addNamedRange": {"namedRange": {"name": name, "range": ends}}}


def gradient(**points: dict[str, str]) -> dict[str, Any]:
    rule = {"ranges": [{"sheetId": 0}], "gradientRule": points}
    return {"addConditionalFormatRule": {"rule": rule, "index": 0}}


class TestBodies:
    @pytest.mark.parametrize(("method", "path"), [("PUT", "A1"), ("POST", "A1:append")])
    def test_values_are_rows_of_values(self, refusal: Ask, method: str, path: str) -> None:
        code, message = refusal(method, f"/values/{path}", {"values": ["x"]}, **WRITE)
        assert (code, message) == (
            400,
            "Invalid value at 'data.values[0]' (type.googleapis.com/google.protobuf.ListValue), "
            '"x"',
        )
        _, message = refusal(method, f"/values/{path}", {"values": "x"}, **WRITE)
        assert message.startswith("Invalid value at 'data.values' (type.googleapis.com/google.p")

    def test_options_in_the_body_are_unknown_at_data(self, refusal: Ask) -> None:
        body = {"values": [["x"]], "valueInputOption": "RAW"}
        _, message = refusal("POST", "/values/A1:append", body, **WRITE)
        assert message.endswith("Unknown name \"valueInputOption\" at 'data': Cannot find field.")

    def test_structures_are_no_values(self, refusal: Ask) -> None:
        _, message = refusal("PUT", "/values/A1", {"values": [[1], [[1]]]}, **WRITE)
        assert message == (
            "Invalid values[1][0]: list_value {\n  values {\n    number_value: 1.0\n  }\n}\n"
        )
        body = {"values": [[{"a": "x", "b": [None, True]}]]}
        _, message = refusal("PUT", "/values/A1", body, **WRITE)
        assert message == (
            "Invalid values[0][0]: struct_value {\n"
            '  fields {\n    key: "a"\n    value {\n      string_value: "x"\n    }\n  }\n'
            '  fields {\n    key: "b"\n    value {\n      list_value {\n'
            "        values {\n          null_value: NULL_VALUE\n        }\n"
            "        values {\n          bool_value: true\n        }\n"
            "      }\n    }\n  }\n}\n"
        )

    def test_a_request_is_an_object_with_one_kind(self, refused: Any) -> None:
        package = "type.googleapis.com/google.apps.sheets.v4"
        assert refused("repeatCell") == (
            f"Invalid value at 'requests[0]' ({package}.BatchUpdateSpreadsheetRequest.Request), "
            '"repeatCell"'
        )
        assert refused({"clearBasicFilter": {}, "addSheet": {}}) == (
            "Invalid value at 'requests[0]' (oneof), oneof field 'kind' is already set. "
            "Cannot set 'addSheet'"
        )

    def test_a_rule_is_of_one_kind(self, refused: Any) -> None:
        both = gradient(minpoint={"type": "MIN"}, maxpoint={"type": "MAX"})
        both["addConditionalFormatRule"]["rule"]["booleanRule"] = {}
        assert refused(both) == (
            "Invalid value at 'requests[0].add_conditional_format_rule.rule' (oneof), "
            "oneof field 'rule' is already set. Cannot set 'booleanRule'"
        )

    def test_the_range_of_the_body_is_the_one_asked_for(self, refusal: Ask) -> None:
        body = {"range": "Sheet1!ZZ998", "values": [[1]]}
        _, message = refusal("PUT", "/values/Sheet1!ZZ999", body, **WRITE)
        assert message == "Request range[Sheet1!ZZ999] does not match value's range[Sheet1!ZZ998]"


class TestRanges:
    def test_a_bare_word_is_a_named_range_before_it_is_a_sheet(
        self, ask: Ask, refusal: Ask, change: Any
    ) -> None:
        change({"addSheet": {"properties": {"sheetId": 7, "title": "Sidecar"}}})
        change(named("Sheet1", sheetId=7, endRowIndex=3, endColumnIndex=2), named("Solo"))
        assert ask("GET", "/values/Sheet1")["range"] == "Sidecar!A1:B3"
        assert ask("GET", "/values/'Sheet1'")["range"] == "Sheet1!A1:Z1000"
        assert ask("GET", "/values/Sheet1!A1:B1")["range"] == "Sheet1!A1:B1"
        for text in ("'Solo'", "Solo!A1:B1"):
            assert refusal("GET", f"/values/{text}") == (400, f"Unable to parse range: {text}")

    def test_no_column_has_four_letters(self, refusal: Ask) -> None:
        assert refusal("GET", "/values/AAAA1") == (400, "Unable to parse range: AAAA1")
        _, message = refusal("GET", "/values/ZZZ1")
        assert message.startswith("Range (Sheet1!ZZZ1) exceeds grid limits.")

    @pytest.mark.parametrize(
        ("title", "printed"),
        [
            ("Sales2", "Sales2"),
            ("Sheet_1", "Sheet_1"),
            ("TRUE", "TRUE"),
            ("x.y", "x.y"),
            ("Probe Tab", "'Probe Tab'"),
            ("A1", "'A1'"),
            ("ABC1234", "'ABC1234'"),
            ("R1C1", "'R1C1'"),
            ("2026", "'2026'"),
            ("Ünï", "'Ünï'"),
            ("a-b", "'a-b'"),
            ("It's", "'It''s'"),
        ],
    )
    def test_titles_are_quoted_when_needed(
        self, ask: Ask, change: Any, title: str, printed: str
    ) -> None:
        change({"addSheet": {"properties": {"title": title}}})
        quoted = "'" + title.replace("'", "''") + "'"
        assert ask("GET", f"/values/{quoted}!A1")["range"] == f"{printed}!A1"

    def test_names_of_ranges(self, refused: Any, change: Any) -> None:
        for name in ("Livesheet band", "Q1", "R2C3", "1st", ""):
            text = refused(named(name))
            assert text == "Invalid requests[0].addNamedRange: The name given to this range is " + (
                "invalid."
            )
        change(named("Taken"))
        assert refused(named("taken")).endswith(
            "Cannot add named range with name taken, a named range with that name already exists."
        )


class TestSheets:
    def test_titles_and_ids(self, refused: Any) -> None:
        def refused_sheet(**properties: Any) -> str:
            return str(refused({"addSheet": {"properties": properties}})).partition(": ")[2]

        assert refused_sheet(sheetId=0) == "Sheet with id 0 already exists."
        assert refused_sheet(sheetId=-1) == "Sheet id must be non-negative."
        long = "The sheet name cannot be greater than 100 characters."
        assert refused_sheet(title="x" * 101) == long
        wide = {"rowCount": 1, "columnCount": 18_279}
        assert refused_sheet(gridProperties=wide) == (
            "This action would increase the number of columns in the sheet above the limit of "
            "18278 columns."
        )

    def test_a_sheet_keeps_a_name(self, refused: Any) -> None:
        blank = {"properties": {"sheetId": 0, "title": ""}, "fields": "title"}
        assert refused({"updateSheetProperties": blank}) == (
            "Invalid requests[0].updateSheetProperties: The sheet name cannot be empty."
        )

    def test_unknown_sheets(self, refused: Any) -> None:
        unknown = {"properties": {"sheetId": 5, "title": "x"}, "fields": "title"}
        assert refused({"updateSheetProperties": unknown}).endswith(": No sheet with id: 5")
        assert refused({"deleteSheet": {"sheetId": 5}}).endswith(": No sheet with id: 5")
        cell = {"range": {"sheetId": 5}, "cell": {}, "fields": "note"}
        assert refused({"repeatCell": cell}).endswith(": No grid with id: 5")

    def test_one_sheet_remains_and_one_is_seen(self, refused: Any, change: Any) -> None:
        last = {"deleteSheet": {"sheetId": 0}}
        assert refused(last).endswith(": You can't remove all the sheets in a document.")
        change({"addSheet": {"properties": {"title": "Hidden", "hidden": True}}})
        assert refused(last).endswith(": You can't remove all the visible sheets in a document.")

    def test_an_index_counts_the_sheet_that_moves(
        self, change: Any, book: gspread.Spreadsheet
    ) -> None:
        for title in ("b", "c", "d"):
            change({"addSheet": {"properties": {"title": title}}})
        move = {"properties": {"sheetId": 0, "index": 3}, "fields": "index"}
        change({"updateSheetProperties": move})
        assert [sheet.title for sheet in book.worksheets()] == ["b", "c", "Sheet1", "d"]


class TestGrids:
    def test_rows_are_inserted_within_the_grid_or_at_its_end(self, refused: Any) -> None:
        def refused_at(start: int) -> str:
            span = {"sheetId": 0, "dimension": "ROWS", "startIndex": start, "endIndex": start + 1}
            return str(refused({"insertDimension": {"range": span}})).partition(": ")[2]

        assert refused_at(1001) == "range.startIndex is larger than current grid size (1000)"
        assert refused_at(1000) == (
            "range.startIndex must be less than the grid size (1000) if inheritFromBefore is false."
        )

    def test_merges_stay_on_one_side_of_what_is_frozen(self, refused: Any, change: Any) -> None:
        frozen = {"frozenRowCount": 1, "frozenColumnCount": 1}
        properties = {"sheetId": 0, "gridProperties": frozen}
        fields = "gridProperties.frozenRowCount,gridProperties.frozenColumnCount"
        change({"updateSheetProperties": {"properties": properties, "fields": fields}})
        rows = {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 2, "endColumnIndex": 3}
        columns = {"startRowIndex": 3, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 2}
        for place, what in ((rows, "rows"), (columns, "columns")):
            text = refused({"mergeCells": {"range": place, "mergeType": "MERGE_ALL"}})
            assert text.endswith(f": You can't merge frozen and non-frozen {what}.")
        change({"mergeCells": {"range": rows, "mergeType": "MERGE_ROWS"}})

    def test_merges_are_not_torn_apart(self, refused: Any, change: Any) -> None:
        place = {"startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 9}
        change({"mergeCells": {"range": place, "mergeType": "MERGE_ALL"}})

        def refused_move(start: int, destination: int) -> str:
            source = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": start}
            source["endIndex"] = start + 1
            move = {"source": source, "destinationIndex": destination}
            return str(refused({"moveDimension": move})).partition(": ")[2]

        text = (
            "Sorry, it is not possible to move a column to a position that crosses a merged cell. "
            "Please unmerge and try again."
        )
        assert refused_move(4, 15) == refused_move(12, 5) == text
        grid = {"sheetId": 0, "gridProperties": {"frozenColumnCount": 2}}
        freeze = {"properties": grid, "fields": "gridProperties.frozenColumnCount"}
        assert refused({"updateSheetProperties": freeze}).endswith(
            ": Sorry, you can't freeze columns which contain only part of a merged cell."
        )

    def test_colour_scales(self, refused: Any, change: Any, ask: Ask) -> None:
        low, high = {"type": "MIN", "value": "2"}, {"type": "MAX"}
        no_type = ": No interpolationPointType specified."
        assert refused(gradient(minpoint=low)).endswith(no_type)
        assert refused(gradient(minpoint={"value": "1"}, maxpoint=high)).endswith(no_type)
        no_value = ": InterpolationPoint.value is required."
        assert refused(gradient(minpoint={"type": "NUMBER"}, maxpoint=high)).endswith(no_value)
        middle = {"type": "PERCENTILE"}
        without = gradient(minpoint=low, midpoint=middle, maxpoint=high)
        assert refused(without).endswith(no_value)
        change(gradient(minpoint=low, midpoint={"type": "PERCENT", "value": "50"}, maxpoint=high))
        (rule,) = ask("GET", "")["sheets"][0]["conditionalFormats"]
        assert rule["gradientRule"]["minpoint"] == {"type": "MIN"}, "a value without use is dropped"
        assert rule["gradientRule"]["midpoint"]["value"] == "50"

    def test_numbers_of_colour_scales_are_of_the_locale(self, refused: Any, change: Any) -> None:
        locale = {"properties": {"locale": "ru_RU"}, "fields": "locale"}
        change({"updateSpreadsheetProperties": locale})
        wrong = gradient(minpoint={"type": "NUMBER", "value": "x1.5"}, maxpoint={"type": "MAX"})
        assert refused(wrong).endswith(": Invalid InterpolationPoint.value: x1.5")
        change(gradient(minpoint={"type": "NUMBER", "value": "1,5"}, maxpoint={"type": "MAX"}))


class TestKeptRanges:
    """From gspread's recorded traffic."""

    def test_a_group_shows_in_the_sheet_s_properties(self, ask: Ask, change: Any) -> None:
        span = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}
        kept = {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}
        group = {"range": kept, "depth": 1}
        (reply,) = change({"addDimensionGroup": {"range": span}})
        assert reply == {"addDimensionGroup": {"dimensionGroups": [group]}}
        sheet = ask("GET", "")["sheets"][0]
        assert sheet["columnGroups"] == [group]
        grid = {"rowCount": 1000, "columnCount": 26, "columnGroupControlAfter": True}
        assert sheet["properties"]["gridProperties"] == grid
        assert change({"deleteDimensionGroup": {"range": span}}) == [{"deleteDimensionGroup": {}}]
        assert ask("GET", "")["sheets"][0]["properties"]["gridProperties"] == grid

    def test_a_filter_of_a_whole_sheet_has_all_its_ends(self, ask: Ask, change: Any) -> None:
        change({"setBasicFilter": {"filter": {"range": {"sheetId": 0}}}})
        place = {"startRowIndex": 0, "endRowIndex": 1000}
        place |= {"startColumnIndex": 0, "endColumnIndex": 26}
        assert ask("GET", "")["sheets"][0]["basicFilter"] == {"range": place}

    def test_who_protects_shows_among_the_editors_afterwards(
        self, ask: Ask, change: Any, book: gspread.Spreadsheet
    ) -> None:
        place = {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
        wanted: dict[str, Any] = {"range": {**place, "sheetId": 0}, "description": None}
        wanted |= {"warningOnly": False, "requestingUserCanEdit": False}
        wanted |= {"editors": {"users": [], "groups": []}}
        (reply,) = change({"addProtectedRange": {"protectedRange": wanted}})
        made = reply["addProtectedRange"]["protectedRange"]
        number = made["protectedRangeId"]
        kept = {"protectedRangeId": number, "range": place, "requestingUserCanEdit": True}
        assert made == {**kept, "editors": {}}
        (later,) = ask("GET", "")["sheets"][0]["protectedRanges"]
        (editor,) = later["editors"]["users"]
        assert later == {**kept, "editors": {"users": [editor]}}
        assert editor.endswith(".iam.gserviceaccount.com")


class TestAppending:
    """An append at A1 finds the first block, one at a whole sheet the last."""

    @pytest.fixture
    def two_blocks(self, ask: Ask) -> None:
        rows = [["a", 1], ["b", 2], ["c", 3], [], [], ["x", 8], ["y", 9]]
        ask("PUT", "/values/A1", {"values": rows}, **WRITE)

    @pytest.mark.parametrize(
        ("place", "table", "written"),
        [
            ("A1", "Sheet1!A1:B3", "Sheet1!A4:B5"),
            ("A6", "Sheet1!A6:B7", "Sheet1!A8:B9"),
            ("Sheet1", "Sheet1!A6:B7", "Sheet1!A8:B9"),
        ],
    )
    def test_the_range_chooses_the_table(
        self, ask: Ask, two_blocks: None, place: str, table: str, written: str
    ) -> None:
        answer = ask("POST", f"/values/{place}:append", {"values": [["n", 1], ["m", 2]]}, **WRITE)
        assert answer["tableRange"] == table
        assert answer["updates"]["updatedRange"] == written

    def test_inserted_rows_push_the_next_block_down(self, ask: Ask, two_blocks: None) -> None:
        body = {"values": [["n", 1], ["m", 2]]}
        ask("POST", "/values/A1:append", body, **WRITE, insertDataOption="INSERT_ROWS")
        column = ask("GET", "/values/A1:A9", majorDimension="COLUMNS")["values"]
        assert column == [["a", "b", "c", "n", "m", "", "", "x", "y"]]


class TestMetadata:
    @pytest.fixture
    def anchored(self, ask: Ask, change: Any) -> None:
        rows = [["h"], ["c"], ["a"], ["b"]]
        ask("PUT", "/values/A1", {"values": rows}, **WRITE)
        row = {"sheetId": 0, "dimension": "ROWS", "startIndex": 2, "endIndex": 3}
        for location in ({"dimensionRange": row}, {"sheetId": 0}, {"spreadsheet": True}):
            fact = {"metadataKey": "k", "visibility": "DOCUMENT", "location": location}
            change({"createDeveloperMetadata": {"developerMetadata": fact}})

    def found(self, ask: Ask, **lookup: Any) -> list[Any]:
        body = {"dataFilters": [{"developerMetadataLookup": lookup}]}
        answer = ask("POST", "/developerMetadata:search", body)
        matched = answer.get("matchedDeveloperMetadata", [])
        return [one["developerMetadata"]["location"] for one in matched]

    def test_an_empty_lookup_finds_all(self, ask: Ask, anchored: None) -> None:
        kinds = [location["locationType"] for location in self.found(ask)]
        assert sorted(kinds) == ["ROW", "SHEET", "SPREADSHEET"]

    def test_rows_keep_theirs_when_they_are_sorted(
        self, ask: Ask, change: Any, anchored: None
    ) -> None:
        place = {"sheetId": 0, "startRowIndex": 1}
        change({"sortRange": {"range": place, "sortSpecs": [{"dimensionIndex": 0}]}})
        (location,) = self.found(ask, locationType="ROW")
        row = location["dimensionRange"]["startIndex"]
        assert ask("GET", f"/values/A{row + 1}")["values"] == [["a"]]
        assert row == 1

    def test_a_place_is_one_row(self, refused: Any) -> None:
        def refused_at(**ends: int) -> str:
            location = {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", **ends}}
            fact = {"metadataKey": "k", "visibility": "DOCUMENT", "location": location}
            made = {"createDeveloperMetadata": {"developerMetadata": fact}}
            return str(refused(made)).partition(": ")[2]

        one = "DimensionRange must represent a single row or column"
        assert refused_at(startIndex=1, endIndex=3) == one
        ends = "DimensionRange must specify both a startIndex and an endIndex"
        assert refused_at(startIndex=1) == ends

    def test_nothing_intersects_a_spreadsheet(self, refusal: Ask) -> None:
        lookup = {
            "locationMatchingStrategy": "INTERSECTING_LOCATION",
            "metadataLocation": {"spreadsheet": True},
        }
        body = {"dataFilters": [{"developerMetadataLookup": lookup}]}
        _, message = refusal("POST", "/developerMetadata:search", body)
        assert message.endswith(
            "DeveloperMetadataLookup.spreadsheet is true, but locationMatchingStrategy was "
            "specified as INTERSECTING"
        )


class TestTables:
    def add(self, *columns: dict[str, Any]) -> dict[str, Any]:
        ends = {"sheetId": 0, "endRowIndex": 4, "endColumnIndex": 2}
        table = {"tableId": "t", "name": "T", "range": ends, "columnProperties": list(columns)}
        return {"addTable": {"table": table}}

    def columns(self, ask: Ask) -> Any:
        (table,) = ask("GET", "")["sheets"][0]["tables"]
        return table["columnProperties"]

    def test_columns_without_a_name(self, ask: Ask, change: Any) -> None:
        ask("PUT", "/values/A1", {"values": [["Left", "Old"]]}, **WRITE)
        change(self.add({"columnIndex": 1, "columnType": "DATE"}))
        typed = {"columnIndex": 1, "columnType": "DATE", "columnName": "Column 1"}
        assert self.columns(ask) == [{"columnName": "Left"}, typed]
        assert ask("GET", "/values/A1:B1")["values"] == [["Left", "Column 1"]]

    def test_an_update_names_its_columns_and_replaces_all(
        self, ask: Ask, change: Any, refused: Any
    ) -> None:
        change(self.add({"columnName": "A", "columnType": "DATE"}))

        def update(**column: Any) -> dict[str, Any]:
            table = {"tableId": "t", "columnProperties": [{"columnIndex": 1, **column}]}
            return {"updateTable": {"table": table, "fields": "columnProperties"}}

        assert refused(update(columnType="TEXT")) == (
            "Invalid requests[0].updateTable: Table header row cell must have a value."
        )
        change(update(columnName="B", columnType="TEXT"))
        typed = {"columnIndex": 1, "columnName": "B", "columnType": "TEXT"}
        assert self.columns(ask) == [{"columnName": "A"}, typed], "the type left out is gone"

    def test_only_drop_downs_have_a_condition(self, refused: Any) -> None:
        condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "x"}]}
        rule = {"dataValidationRule": {"condition": condition}}
        assert refused(self.add({"columnType": "DOUBLE", **rule})).endswith(
            ": Cannot set condition for non-dropdown column type."
        )
        assert refused(self.add({"columnType": "DROPDOWN"})).endswith(
            ": Condition must be set for dropdown column type."
        )

    def test_typed_columns_take_no_validation(self, change: Any, refused: Any) -> None:
        change(self.add({"columnType": "DATE"}))
        place = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2, "endColumnIndex": 1}
        assert refused({"setDataValidation": {"range": place}}).endswith(
            ": This operation is not allowed on cells in typed columns."
        )

    def test_a_boolean_column_holds_nothing_else(self, ask: Ask, change: Any) -> None:
        values = [["Flag"], ["maybe"], [""], [True]]
        ask("PUT", "/values/A1", {"values": values}, **WRITE)
        change(self.add({"columnName": "Flag", "columnType": "BOOLEAN"}))
        seen = ask("GET", "/values/A2:A4", valueRenderOption="UNFORMATTED_VALUE")["values"]
        assert seen == [[False], [False], [True]]

    def test_a_table_takes_its_conditional_formats_along(self, ask: Ask, change: Any) -> None:
        inside = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 3, "endColumnIndex": 1}
        for place in (inside, {"sheetId": 0}):
            rule = {
                "ranges": [place],
                "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {}},
            }
            change({"addConditionalFormatRule": {"rule": rule, "index": 0}})
        change(self.add())
        assert len(ask("GET", "")["sheets"][0]["conditionalFormats"]) == 2
        change({"deleteTable": {"tableId": "t"}})
        (left,) = ask("GET", "")["sheets"][0]["conditionalFormats"]
        assert "startRowIndex" not in left["ranges"][0]


def test_formats_list_their_fields_in_one_order(ask: Ask, change: Any) -> None:
    form = {"textFormat": {"bold": True}, "horizontalAlignment": "CENTER"}
    form |= {"numberFormat": {"type": "TEXT"}, "backgroundColor": {"red": 1}}
    place = {"sheetId": 0, "endRowIndex": 1, "endColumnIndex": 1}
    cell = {"userEnteredFormat": form, "userEnteredValue": {"stringValue": "x"}}
    change({"repeatCell": {"range": place, "cell": cell, "fields": "*"}})
    grid = ask("GET", "", ranges="A1", includeGridData=True)["sheets"][0]["data"][0]
    shown = grid["rowData"][0]["values"][0]
    assert list(shown["userEnteredFormat"]) == [
        "numberFormat",
        "backgroundColor",
        "horizontalAlignment",
        "textFormat",
        "backgroundColorStyle",
    ]
    assert list(shown["effectiveFormat"]) == [
        "numberFormat",
        "backgroundColor",
        "padding",
        "horizontalAlignment",
        "verticalAlignment",
        "wrapStrategy",
        "textFormat",
        "hyperlinkDisplayType",
        "backgroundColorStyle",
    ]
