"""spreadsheets.values: reading and writing, and what Google refuses."""

from typing import Any

import gspread
import pytest

Ask = Any


def put(ask: Ask, place: str, values: list[list[Any]], how: str = "RAW", **params: Any) -> Any:
    return ask("PUT", f"/values/{place}", {"values": values}, valueInputOption=how, **params)


def read(ask: Ask, place: str, **params: Any) -> Any:
    return ask("GET", f"/values/{place}", **params)


def test_an_empty_range_has_no_values_key(ask: Ask) -> None:
    assert read(ask, "A1:B2") == {"range": "Sheet1!A1:B2", "majorDimension": "ROWS"}


def test_empty_rows_between_are_empty_lists_and_trailing_blanks_are_cut(ask: Ask) -> None:
    put(ask, "A1", [["a", "", "c", ""], [], ["x", "", ""], [""]])
    assert read(ask, "A1:D9")["values"] == [["a", "", "c"], [], ["x"]]


def test_range_comes_back_expanded_to_the_grid_and_quoted_only_when_needed(
    ask: Ask, book: gspread.Spreadsheet
) -> None:
    book.add_worksheet("My tab", 5, 3)
    assert read(ask, "Sheet1!A2:2")["range"] == "Sheet1!A2:Z2"
    assert read(ask, "Sheet1!B:C")["range"] == "Sheet1!B1:C1000"
    assert read(ask, "Sheet1")["range"] == "Sheet1!A1:Z1000"
    assert read(ask, "Sheet1!Y999:AC2000")["range"] == "Sheet1!Y999:Z1000"
    assert read(ask, "'My tab'!B2:C")["range"] == "'My tab'!B2:C5"
    assert read(ask, "my TAB")["range"] == "'My tab'!A1:C5"


def test_null_skips_a_cell_and_an_empty_string_clears_it(ask: Ask) -> None:
    put(ask, "A1", [["a", "b", "c"]])
    answer = put(ask, "A1", [[None, "", "C"]])
    assert read(ask, "A1:C1")["values"] == [["a", "", "C"]]
    assert answer["updatedCells"] == 2, "an emptied cell counts, a skipped one does not"


def test_update_counts(ask: Ask, book: gspread.Spreadsheet) -> None:
    assert put(ask, "B2:D", [["a"], ["b", "c"]]) == {
        "spreadsheetId": book.id,
        "updatedRange": "Sheet1!B2:C3",
        "updatedRows": 2,
        "updatedColumns": 2,
        "updatedCells": 3,
    }


def test_a_start_outside_the_grid_is_refused(refusal: Ask) -> None:
    limits = "exceeds grid limits. Max rows: 1000, max columns: 26"
    assert refusal("GET", "/values/Sheet1!A1001:B") == (400, f"Range (Sheet1!A1001:B) {limits}")
    assert refusal("GET", "/values/AA1") == (400, f"Range (Sheet1!AA1) {limits}")
    body = {"valueInputOption": "RAW", "data": [{"range": "A1"}, {"range": "A1001"}]}
    assert refusal("POST", "/values:batchUpdate", body) == (
        400,
        f"Invalid data[1]: Range (Sheet1!A1001) {limits}",
    )
    assert refusal("POST", "/values:batchClear", {"ranges": ["A1001"]}) == (
        400,
        f"Invalid range[0]: Range (Sheet1!A1001) {limits}",
    )


def test_writing_past_the_range_or_the_grid_is_refused(refusal: Ask) -> None:
    how = {"valueInputOption": "RAW"}
    assert refusal("PUT", "/values/Sheet1!A1:B2", {"values": [[1]] * 3}, **how) == (
        400,
        "Requested writing within range [Sheet1!A1:B2], but tried writing to row [3]",
    )
    assert refusal("PUT", "/values/Sheet1!A1:B2", {"values": [[1, 2, 3]]}, **how) == (
        400,
        "Requested writing within range [Sheet1!A1:B2], but tried writing to column [C]",
    )
    assert refusal("PUT", "/values/'Sheet1'!A1000", {"values": [[1]] * 2}, **how) == (
        400,
        "Requested writing within range ['Sheet1'!A1000], but tried writing to row [1001]",
    )


@pytest.mark.parametrize("place", ["Nowhere!A1", "nowhere", "A0", "Sheet1!A1:", "Sheet1!"])
def test_unparsable_ranges(refusal: Ask, place: str) -> None:
    assert refusal("GET", f"/values/{place}") == (400, f"Unable to parse range: {place}")


def test_value_input_option_is_required(refusal: Ask) -> None:
    code, message = refusal("PUT", "/values/A1", {"values": [[1]]})
    assert (code, message) == (400, "'valueInputOption' is required but not specified")


def test_a_value_must_be_a_scalar(refusal: Ask) -> None:
    body = {"values": [[1, {"a": 1}]]}
    code, message = refusal("PUT", "/values/A1", body, valueInputOption="RAW")
    assert code == 400
    assert message.startswith("Invalid values[0][1]: struct_value")


def test_raw_stores_what_it_gets(ask: Ask) -> None:
    put(ask, "A1", [["=1+1", "1/2/2024", "007", True, 1.0, 2.5]])
    raw = read(ask, "A1:F1", valueRenderOption="UNFORMATTED_VALUE")["values"]
    assert raw == [["=1+1", "1/2/2024", "007", True, 1, 2.5]]


def test_user_entered_parses_as_the_user_interface_does(ask: Ask) -> None:
    put(ask, "A1", [["=1+1", "1/2/2024", "007", "TRUE", "5%"]], "USER_ENTERED")
    raw = read(ask, "A1:E1", valueRenderOption="UNFORMATTED_VALUE")["values"]
    assert raw == [[2, 45293, 7, True, 0.05]]
    assert read(ask, "A1:E1")["values"] == [["2", "1/2/2024", "7", "TRUE", "5%"]]
    formulas = read(ask, "A1:E1", valueRenderOption="FORMULA")["values"]
    assert formulas == [["=1+1", 45293, 7, True, 0.05]]


def test_unformatted_reading_is_independent_of_the_locale(
    ask: Ask, book: gspread.Spreadsheet
) -> None:
    book.update_locale("ru_RU")
    put(ask, "A1", [["1,5", "02.01.2024", "=СУММ"]], "USER_ENTERED")
    put(ask, "A2", [["=IF(TRUE;1,5;2)"]], "USER_ENTERED")
    unformatted = read(ask, "A1:B2", valueRenderOption="UNFORMATTED_VALUE")["values"]
    assert unformatted == [[1.5, 45293], [1.5]]
    assert read(ask, "A1:B2")["values"] == [["1,5", "02.01.2024"], ["1,5"]]


def test_dates_as_serial_numbers_or_as_texts(ask: Ask) -> None:
    put(ask, "A1", [["1/2/2024", 5]], "USER_ENTERED")
    options = {"valueRenderOption": "UNFORMATTED_VALUE"}
    assert read(ask, "A1:B1", **options)["values"] == [[45293, 5]]
    texts = read(ask, "A1:B1", dateTimeRenderOption="FORMATTED_STRING", **options)
    assert texts["values"] == [["1/2/2024", 5]]


def test_columns_as_major_dimension(ask: Ask) -> None:
    body = {"majorDimension": "COLUMNS", "values": [[1, 2], [3]]}
    answer = ask("PUT", "/values/A1:B2", body, valueInputOption="RAW")
    assert answer["updatedCells"] == 3
    assert read(ask, "A1:B2")["values"] == [["1", "3"], ["2"]]
    columns = read(ask, "A1:B2", majorDimension="COLUMNS")
    assert columns["majorDimension"] == "COLUMNS"
    assert columns["values"] == [["1", "2"], ["3"]]


def test_values_of_the_response(ask: Ask) -> None:
    answer = put(
        ask,
        "A1",
        [["=2*3", "x"]],
        "USER_ENTERED",
        includeValuesInResponse=True,
        responseValueRenderOption="UNFORMATTED_VALUE",
    )
    assert answer["updatedData"] == {
        "range": "Sheet1!A1:B1",
        "majorDimension": "ROWS",
        "values": [[6, "x"]],
    }


def test_batch_update_totals(ask: Ask, book: gspread.Spreadsheet) -> None:
    book.add_worksheet("Two", 10, 10)
    data = [
        {"range": "Sheet1!A1", "values": [[1, 2]]},
        {"range": "Two!B2", "values": [["x"], ["y"]]},
    ]
    answer = ask("POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": data})
    assert {name: fact for name, fact in answer.items() if name.startswith("total")} == {
        "totalUpdatedRows": 3,
        "totalUpdatedColumns": 3,
        "totalUpdatedCells": 4,
        "totalUpdatedSheets": 2,
    }
    assert [one["updatedRange"] for one in answer["responses"]] == ["Sheet1!A1:B1", "Two!B2:B3"]


def test_a_batch_update_of_values_happens_whole_or_not_at_all(ask: Ask, refusal: Ask) -> None:
    data = [{"range": "A1", "values": [["new"]]}, {"range": "No!A1", "values": [["x"]]}]
    code, message = refusal(
        "POST", "/values:batchUpdate", {"valueInputOption": "RAW", "data": data}
    )
    assert (code, message) == (400, "Invalid data[1]: Unable to parse range: No!A1")
    assert "values" not in read(ask, "A1")


def test_clear_keeps_formats_and_notes(ask: Ask, ws: gspread.Worksheet) -> None:
    put(ask, "A1", [["5%", "x"]], "USER_ENTERED")
    ws.insert_note("A1", "keep me")
    assert ask("POST", "/values/A1:B1:clear", {})["clearedRange"] == "Sheet1!A1:B1"
    assert "values" not in read(ask, "A1:B1")
    assert ws.get_note("A1") == "keep me"
    put(ask, "A1", [[0.5]])
    assert read(ask, "A1")["values"] == [["50%"]]


def test_batch_clear(ask: Ask) -> None:
    put(ask, "A1", [["a", "b", "c"]])
    answer = ask("POST", "/values:batchClear", {"ranges": ["A1", "Sheet1!C1:C"]})
    assert answer["clearedRanges"] == ["Sheet1!A1", "Sheet1!C1:C1000"]
    assert read(ask, "A1:C1")["values"] == [["", "b"]]


def test_data_filters_read_write_and_clear(ask: Ask) -> None:
    grid = {"gridRange": {"startRowIndex": 0, "endRowIndex": 1, "endColumnIndex": 2}}
    update = {"valueInputOption": "RAW", "data": [{"dataFilter": grid, "values": [["a", "b"]]}]}
    written = ask("POST", "/values:batchUpdateByDataFilter", update)
    assert written["totalUpdatedCells"] == 2
    echoed = {"gridRange": {"endRowIndex": 1, "endColumnIndex": 2}}
    assert written["responses"][0]["dataFilter"] == echoed, "zeros are left out"
    filters = {"dataFilters": [{"a1Range": "B1"}]}
    found = ask("POST", "/values:batchGetByDataFilter", filters)
    assert found["valueRanges"] == [
        {
            "valueRange": {"range": "Sheet1!B1", "majorDimension": "ROWS", "values": [["b"]]},
            "dataFilters": [{"a1Range": "B1"}],
        }
    ]
    cleared = ask("POST", "/values:batchClearByDataFilter", filters)
    assert cleared["clearedRanges"] == ["Sheet1!B1"]
    assert read(ask, "A1:B1")["values"] == [["a"]]


def test_named_ranges_are_ranges(ask: Ask, ws: gspread.Worksheet) -> None:
    put(ask, "A1", [[1, 2], [3, 4]])
    ws.define_named_range("A1:B1", "Header")
    assert read(ask, "Header")["range"] == "Sheet1!A1:B1"
    assert read(ask, "header")["values"] == [["1", "2"]]


def test_fifty_thousand_characters_a_cell(ask: Ask, refusal: Ask) -> None:
    """P: "50,000 characters a cell"."""
    put(ask, "A1", [["x" * 50_000]])
    code, message = refusal(
        "PUT", "/values/A1", {"values": [["x" * 50_001]]}, valueInputOption="RAW"
    )
    assert code == 400
    assert "50000 characters" in message


class TestAppend:
    def append(self, ask: Ask, place: str, rows: list[list[Any]], **params: Any) -> Any:
        options = {"valueInputOption": "RAW", **params}
        return ask("POST", f"/values/{place}:append", {"values": rows}, **options)

    def test_the_first_row_has_no_table_before_it(self, ask: Ask) -> None:
        answer = self.append(ask, "Sheet1", [["a", "", "c"]])
        assert "tableRange" not in answer
        assert answer["updates"]["updatedRange"] == "Sheet1!A1:C1"

    def test_a_blank_cell_in_the_only_row_shifts_the_next_one(self, ask: Ask) -> None:
        """As recorded: the last table of the row is C1 alone."""
        self.append(ask, "Sheet1", [["a", "", "c"]])
        answer = self.append(ask, "Sheet1", [["a", "", "c"]])
        assert answer["tableRange"] == "Sheet1!C1"
        assert answer["updates"]["updatedRange"] == "Sheet1!C2:E2"

    def test_a_table_range_keeps_it_in_place(self, ask: Ask) -> None:
        """As recorded."""
        self.append(ask, "Sheet1", [["a", "", "c"]])
        answer = self.append(ask, "Sheet1!A1", [["a", "", "c"]])
        assert answer["tableRange"] == "Sheet1!A1"
        assert answer["updates"]["updatedRange"] == "Sheet1!A2:C2"

    @pytest.mark.parametrize(
        ("place", "table", "start"),
        [
            ("Sheet1", "Sheet1!B4:D6", "Sheet1!B7"),
            ("B4", "Sheet1!B4:D6", "Sheet1!B7"),
            ("C5:D5", "Sheet1!B4:D6", "Sheet1!B7"),
            ("B2:D4", "Sheet1!B4:D6", "Sheet1!B7"),
            ("A3:G10", "Sheet1!B4:D6", "Sheet1!B7"),
            ("A1", "Sheet1!A1:C2", "Sheet1!A3"),
            ("E4", None, "Sheet1!E4"),
        ],
    )
    def test_the_guides_example(self, ask: Ask, place: str, table: str | None, start: str) -> None:
        """The two tables of the guide's page on appending values."""
        put(ask, "A1", [["x", "y", "z"], ["x", "y", "z"]])
        put(ask, "B4", [["x", "y"], ["y", "z"], ["x", "y", "z"]])
        answer = self.append(ask, place, [["n"]])
        assert answer.get("tableRange") == table
        assert answer["updates"]["updatedRange"] == start

    def test_append_grows_the_grid(self, ask: Ask, ws: gspread.Worksheet) -> None:
        ws.resize(2, 2)
        put(ask, "A1", [["a", "b"], ["c", "d"]])
        self.append(ask, "A1", [["e", "f", "g"]])
        grid = ask("GET", "")["sheets"][0]["properties"]["gridProperties"]
        assert grid == {"rowCount": 3, "columnCount": 3}

    def test_insert_rows_moves_what_is_below(self, ask: Ask) -> None:
        put(ask, "A1", [["a"], [], ["below"]])
        self.append(ask, "A1", [["b"]], insertDataOption="INSERT_ROWS")
        assert read(ask, "A1:A9")["values"] == [["a"], ["b"], [], ["below"]]
