"""spreadsheets: create, get, batchUpdate as a whole, sheets, developer metadata."""

from collections.abc import Callable
from typing import Any

import gspread
import pytest
import requests

from tests.sandbox.sheets.conftest import URL, send

Ask = Any


def test_a_fresh_spreadsheet_as_google_gives_it(ask: Ask, book: gspread.Spreadsheet) -> None:
    answer = ask("GET", "")
    properties = answer.pop("properties")
    assert answer == {
        "spreadsheetId": book.id,
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
        "sheets": [
            {
                "properties": {
                    "sheetId": 0,
                    "title": "Sheet1",
                    "index": 0,
                    "sheetType": "GRID",
                    "gridProperties": {"rowCount": 1000, "columnCount": 26},
                }
            }
        ],
    }
    assert set(properties) == {
        "title",
        "locale",
        "autoRecalc",
        "timeZone",
        "defaultFormat",
        "spreadsheetTheme",
    }
    assert (properties["locale"], properties["timeZone"]) == ("en_US", "Etc/GMT")
    assert properties["defaultFormat"]["textFormat"]["fontFamily"] == "arial,sans,sans-serif"
    assert len(properties["spreadsheetTheme"]["themeColors"]) == 9


def test_create_with_sheets_data_and_names(gc: gspread.Client) -> None:
    body = {
        "properties": {"title": "Made", "locale": "ru_RU", "timeZone": "Asia/Almaty"},
        "sheets": [
            {
                "properties": {"title": "Сделки", "gridProperties": {"frozenRowCount": 1}},
                "data": [{"rowData": [{"values": [{"userEnteredValue": {"numberValue": 1.5}}]}]}],
            },
            {"properties": {"title": "Two", "sheetId": 77}},
        ],
    }
    made = gc.http_client.session.request("POST", URL, json=body).json()
    assert made["properties"]["title"] == "Made"
    assert [sheet["properties"]["title"] for sheet in made["sheets"]] == ["Сделки", "Two"]
    assert made["sheets"][1]["properties"]["sheetId"] == 77
    book = gc.open_by_key(made["spreadsheetId"])
    assert book.title == "Made"
    assert book.sheet1.acell("A1").value == "1,5"
    assert book.sheet1.frozen_row_count == 1


def test_a_bad_creation_leaves_no_file(gc: gspread.Client) -> None:
    bad = {"properties": {"title": "Bad", "locale": "xx_XX"}}
    assert gc.http_client.session.request("POST", URL, json=bad).status_code == 400
    assert gc.list_spreadsheet_files() == []


def test_an_unknown_spreadsheet_is_404(gc: gspread.Client) -> None:
    response = gc.http_client.session.request("GET", f"{URL}/nothing")
    assert response.status_code == 404
    assert response.json()["error"] == {
        "code": 404,
        "message": "Requested entity was not found.",
        "status": "NOT_FOUND",
    }


def test_who_may_only_read_gets_403_on_writes(
    gc: gspread.Client, gc_as: Callable[..., gspread.Client], book: gspread.Spreadsheet
) -> None:
    for permission in book.list_permissions():
        if permission["emailAddress"] == "manager1@example.com":
            book.remove_permissions("manager1@example.com")
    book.share("manager1@example.com", "user", "reader", notify=False)
    theirs = gc_as("manager1@example.com").open_by_key(book.id)
    assert theirs.sheet1.get_all_values() == [[]]
    with pytest.raises(gspread.exceptions.APIError) as refused:
        theirs.sheet1.update([["x"]])
    assert refused.value.response.status_code == 403
    assert refused.value.error["message"] == "The caller does not have permission"


def test_grid_data_only_when_asked_for(ask: Ask, ws: gspread.Worksheet) -> None:
    ws.update([["a"]], "B2")
    assert "data" not in ask("GET", "")["sheets"][0]
    data = ask("GET", "", includeGridData=True, ranges="A1:B3")["sheets"][0]["data"][0]
    assert data["rowData"][0] == {}
    cell = data["rowData"][1]["values"][1]
    assert cell["userEnteredValue"] == cell["effectiveValue"] == {"stringValue": "a"}
    assert cell["formattedValue"] == "a"
    assert len(data["rowMetadata"]) == 3
    assert data["columnMetadata"] == [{"pixelSize": 100}] * 2


def test_a_field_mask_decides_about_grid_data(ask: Ask, ws: gspread.Worksheet) -> None:
    ws.update_note("B1", "note")
    mask = "sheets.data.rowData.values.note"
    assert ask("GET", "", fields=mask) == {
        "sheets": [{"data": [{"rowData": [{"values": [{}, {"note": "note"}]}]}]}]
    }
    assert (
        "data" not in ask("GET", "", fields="sheets.properties", includeGridData=True)["sheets"][0]
    )


def test_the_grid_data_of_nothing_is_an_empty_object(ask: Ask) -> None:
    assert ask("GET", "", fields="sheets.data.rowData.values.note") == {"sheets": [{"data": [{}]}]}


def test_ranges_choose_sheets(ask: Ask, book: gspread.Spreadsheet) -> None:
    book.add_worksheet("Two", 10, 5)
    answer = ask("GET", "", ranges=["Two!B2:C3"], includeGridData=True)
    (sheet,) = answer["sheets"]
    assert sheet["properties"]["title"] == "Two"
    assert sheet["data"][0]["startRow"] == sheet["data"][0]["startColumn"] == 1


def test_get_by_data_filter(ask: Ask, ws: gspread.Worksheet) -> None:
    ws.update([["a", "b"]])
    body = {"dataFilters": [{"a1Range": "B1"}], "includeGridData": True}
    (sheet,) = ask("POST", ":getByDataFilter", body)["sheets"]
    (cell,) = sheet["data"][0]["rowData"][0]["values"]
    assert cell["formattedValue"] == "b"


class TestBatchUpdate:
    def test_replies_answer_one_to_one(self, change: Any) -> None:
        replies = change(
            {"addSheet": {"properties": {"title": "New", "sheetId": 5}}},
            {"updateCells": {"start": {"sheetId": 5}, "fields": "note", "rows": []}},
        )
        assert replies[0]["addSheet"]["properties"]["index"] == 1
        assert replies[1] == {}

    def test_it_is_all_or_nothing(self, ask: Ask, refused: Any, ws: gspread.Worksheet) -> None:
        ws.update([["before"]])
        message = refused(
            {"addSheet": {"properties": {"title": "New"}}},
            {"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 1}}},
            {"repeatCell": {"range": {"sheetId": 99}, "cell": {}, "fields": "*"}},
        )
        assert message == "Invalid requests[2].repeatCell: No grid with id: 99"
        assert [sheet["properties"]["title"] for sheet in ask("GET", "")["sheets"]] == ["Sheet1"]
        assert ws.get_all_values() == [["before"]]

    def test_a_range_that_starts_outside_the_grid(self, refused: Any) -> None:
        place = {"startRowIndex": 1000, "startColumnIndex": 0, "endColumnIndex": 2}
        message = refused({"repeatCell": {"range": place, "cell": {}, "fields": "note"}})
        assert message == (
            "Invalid requests[0].repeatCell: Range (Sheet1!A1001:B) exceeds grid limits. "
            "Max rows: 1000, max columns: 26"
        )

    def test_a_range_that_ends_outside_is_taken(self, change: Any, ask: Ask) -> None:
        place = {"startRowIndex": 999, "endRowIndex": 1003, "endColumnIndex": 1}
        change({"repeatCell": {"range": place, "cell": {"note": "n"}, "fields": "note"}})
        grid = ask("GET", "")["sheets"][0]["properties"]["gridProperties"]
        assert grid["rowCount"] == 1000

    def test_fields_are_required(self, refused: Any) -> None:
        message = refused({"updateCells": {"start": {}, "rows": []}})
        assert message.startswith(
            "Invalid requests[0].updateCells: At least one field must be listed in 'fields'."
        )

    def test_no_request_at_all(self, refused: Any) -> None:
        assert refused() == "Must specify at least one request."

    def test_a_kind_that_is_not_here_answers_501_with_its_name(self, refusal: Ask) -> None:
        body: dict[str, Any] = {"requests": [{"addChart": {"chart": {}}}]}
        code, message = refusal("POST", ":batchUpdate", body)
        assert code == 501
        assert "addChart" in message

    def test_the_state_after_it(self, ask: Ask, ws: gspread.Worksheet) -> None:
        ws.update([["a", "b"]])
        value = {"userEnteredValue": {"stringValue": "A"}}
        body: dict[str, Any] = {
            "requests": [
                {"updateCells": {"start": {}, "rows": [{"values": [value]}], "fields": "*"}}
            ],
            "includeSpreadsheetInResponse": True,
            "responseIncludeGridData": True,
            "responseRanges": ["A1:B1"],
        }
        answer = ask("POST", ":batchUpdate", body)
        (row,) = answer["updatedSpreadsheet"]["sheets"][0]["data"][0]["rowData"]
        assert [cell["formattedValue"] for cell in row["values"]] == ["A", "b"]
        mask = "updatedSpreadsheet.sheets.properties.title"
        bare = ask("POST", ":batchUpdate", body, fields=mask)
        assert bare == {"updatedSpreadsheet": {"sheets": [{"properties": {"title": "Sheet1"}}]}}

    def test_ten_million_grid_cells_a_workbook(self, refused: Any) -> None:
        """P: "10,000,000 grid cells a workbook (counted as grid, not as filled)"."""
        grid = {"rowCount": 1_000_000, "columnCount": 10}
        message = refused({"addSheet": {"properties": {"gridProperties": grid}}})
        assert "10000000 cells" in message


class TestSheets:
    def test_titles_are_unique_without_regard_to_case(self, refused: Any) -> None:
        message = refused({"addSheet": {"properties": {"title": "sheet1"}}})
        assert message == (
            'Invalid requests[0].addSheet: A sheet with the name "sheet1" already exists. '
            "Please enter another name."
        )

    def test_the_last_sheet_stays(self, refused: Any) -> None:
        message = refused({"deleteSheet": {"sheetId": 0}})
        assert message.startswith("Invalid requests[0].deleteSheet: You can't remove all")

    def test_moving_counts_before_the_move(self, change: Any, ask: Ask) -> None:
        change(
            {"addSheet": {"properties": {"title": "B", "sheetId": 2}}},
            {"addSheet": {"properties": {"title": "C", "sheetId": 3}}},
        )
        move = {"properties": {"sheetId": 0, "index": 2}, "fields": "index"}
        change({"updateSheetProperties": move})
        titles = [sheet["properties"]["title"] for sheet in ask("GET", "")["sheets"]]
        assert titles == ["B", "Sheet1", "C"]

    def test_an_excluded_index_moves_to_the_end(self, change: Any, ask: Ask) -> None:
        """D: "if this field is excluded then the sheet is added or moved to the end"."""
        change({"addSheet": {"properties": {"title": "B"}}})
        move = {"properties": {"sheetId": 0}, "fields": "index"}
        change({"updateSheetProperties": move})
        titles = [sheet["properties"]["title"] for sheet in ask("GET", "")["sheets"]]
        assert titles == ["B", "Sheet1"]

    def test_a_title_shows_in_drive_and_back(
        self, gc: gspread.Client, book: gspread.Spreadsheet
    ) -> None:
        book.update_title("Renamed")
        assert [one["name"] for one in gc.list_spreadsheet_files()] == ["Renamed"]
        path = f"https://www.googleapis.com/drive/v3/files/{book.id}"
        assert (
            gc.http_client.session.request("PATCH", path, json={"name": "Again"}).status_code == 200
        )
        assert gc.open_by_key(book.id).title == "Again"

    def test_copy_to_another_spreadsheet(
        self, gc: gspread.Client, book: gspread.Spreadsheet, ws: gspread.Worksheet
    ) -> None:
        ws.update([["copied"]])
        other = gc.create("Other")
        properties = ws.copy_to(other.id)
        assert properties["title"] == "Copy of Sheet1"
        assert properties["index"] == 1
        assert other.worksheet("Copy of Sheet1").acell("A1").value == "copied"

    def test_drive_copies_a_workbook(self, gc: gspread.Client, ws: gspread.Worksheet) -> None:
        ws.update([["x"]])
        copy = gc.copy(ws.spreadsheet_id, "Copy")
        copy.sheet1.update([["changed"]])
        assert ws.acell("A1").value == "x"
        assert (copy.title, copy.sheet1.acell("A1").value) == ("Copy", "changed")


class TestDeveloperMetadata:
    def create(self, change: Any, place: dict[str, Any], **facts: Any) -> Any:
        body: dict[str, Any] = {
            "metadataKey": "k",
            "visibility": "DOCUMENT",
            "location": place,
            **facts,
        }
        (reply,) = change({"createDeveloperMetadata": {"developerMetadata": body}})
        return reply["createDeveloperMetadata"]["developerMetadata"]

    def row(self, index: int) -> dict[str, Any]:
        return {"dimensionRange": {"dimension": "ROWS", "startIndex": index, "endIndex": index + 1}}

    def test_on_a_row_it_follows_inserts_and_deletes(self, change: Any, ask: Ask) -> None:
        made = self.create(change, self.row(4), metadataId=7, metadataValue="v")
        assert made["location"]["locationType"] == "ROW"
        span = {"dimension": "ROWS", "startIndex": 0, "endIndex": 2}
        change({"insertDimension": {"range": span}})
        there = ask("GET", "/developerMetadata/7")["location"]["dimensionRange"]
        assert (there["startIndex"], there["endIndex"]) == (6, 7)
        change({"deleteDimension": {"range": span}})
        assert ask("GET", "/developerMetadata/7")["location"]["dimensionRange"]["startIndex"] == 4

    def test_it_dies_with_its_row(self, change: Any, refusal: Ask) -> None:
        self.create(change, self.row(4), metadataId=7)
        span = {"dimension": "ROWS", "startIndex": 4, "endIndex": 5}
        change({"deleteDimension": {"range": span}})
        assert refusal("GET", "/developerMetadata/7") == (404, "Requested entity was not found.")

    def test_a_doubled_id_is_refused(self, change: Any, refused: Any) -> None:
        """Not verified with Google; the discovery document says that ids are unique."""
        self.create(change, {"spreadsheet": True}, metadataId=7)
        body = {
            "metadataId": 7,
            "metadataKey": "other",
            "visibility": "DOCUMENT",
            "location": {"spreadsheet": True},
        }
        message = refused({"createDeveloperMetadata": {"developerMetadata": body}})
        assert "with that ID already exists" in message

    def test_search_update_and_delete(self, change: Any, ask: Ask) -> None:
        self.create(change, self.row(1), metadataId=1, metadataKey="a")
        self.create(change, {"sheetId": 0}, metadataId=2, metadataKey="b")
        self.create(change, {"spreadsheet": True}, metadataId=3, metadataKey="b")
        by_key = {"developerMetadataLookup": {"metadataKey": "b"}}
        found = ask("POST", "/developerMetadata:search", {"dataFilters": [by_key]})
        ids = [one["developerMetadata"]["metadataId"] for one in found["matchedDeveloperMetadata"]]
        assert ids == [2, 3]
        update = {
            "dataFilters": [by_key],
            "developerMetadata": {"metadataValue": "new"},
            "fields": "metadataValue",
        }
        (reply,) = change({"updateDeveloperMetadata": update})
        values = [
            one["metadataValue"] for one in reply["updateDeveloperMetadata"]["developerMetadata"]
        ]
        assert values == ["new", "new"]
        (reply,) = change({"deleteDeveloperMetadata": {"dataFilter": by_key}})
        assert len(reply["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]) == 2
        assert "developerMetadata" not in ask("GET", "")

    def test_a_row_is_read_by_its_metadata(
        self, change: Any, ask: Ask, ws: gspread.Worksheet
    ) -> None:
        ws.update([["first"], ["second"]])
        self.create(change, self.row(1), metadataId=9)
        lookup = {"developerMetadataLookup": {"metadataId": 9}}
        found = ask("POST", "/values:batchGetByDataFilter", {"dataFilters": [lookup]})
        assert found["valueRanges"][0]["valueRange"]["values"] == [["second"]]


def test_errors_have_the_form_of_sheets(book: gspread.Spreadsheet) -> None:
    response: requests.Response = send(book, "GET", "/values/No!A1")
    assert response.status_code == 400
    assert response.json() == {
        "error": {
            "code": 400,
            "message": "Unable to parse range: No!A1",
            "status": "INVALID_ARGUMENT",
        }
    }


def test_a_spreadsheet_is_created_with_all_that_its_body_says(
    gc: gspread.Client, book: gspread.Spreadsheet
) -> None:
    ends = {"startRowIndex": 3, "endRowIndex": 5, "startColumnIndex": 0, "endColumnIndex": 2}
    span = {"sheetId": 5, "dimension": "ROWS", "startIndex": 6, "endIndex": 8}
    cells = [
        {"userEnteredValue": {"numberValue": 1.5}},
        {"userEnteredValue": {"formulaValue": "=B2*2"}},
    ]
    data = {"startRow": 1, "startColumn": 1, "rowData": [{"values": cells}]}
    data["columnMetadata"] = [{"pixelSize": 50}]
    rule = {"condition": {"type": "BLANK"}, "format": {}}
    sheet = {
        "properties": {"sheetId": 5, "title": "First", "gridProperties": {"columnCount": 4}},
        "data": [data],
        "merges": [{"sheetId": 5, **ends}],
        "basicFilter": {"range": {"sheetId": 5, **ends}},
        "conditionalFormats": [{"ranges": [{"sheetId": 5}], "booleanRule": rule}],
        "protectedRanges": [{"range": {"sheetId": 5, **ends}, "warningOnly": True}],
        "rowGroups": [{"range": span}],
        "developerMetadata": [
            {"metadataKey": "k", "visibility": "DOCUMENT", "location": {"sheetId": 5}}
        ],
    }
    body = {"sheets": [sheet, {"properties": {"title": "Second"}}]}
    answer = book.client.session.post(URL, json=body).json()
    made = answer["sheets"][0]
    assert made["merges"] == [{"sheetId": 5, **ends}]
    assert made["basicFilter"] == {"range": {"sheetId": 5, **ends}}
    assert len(made["conditionalFormats"]) == len(made["developerMetadata"]) == 1
    assert made["protectedRanges"][0]["warningOnly"]
    assert made["rowGroups"] == [{"range": span, "depth": 1}]
    assert answer["sheets"][1]["properties"]["title"] == "Second"
    again = gc.open_by_key(answer["spreadsheetId"])
    assert again.sheet1.get("B2:C2") == [["1.5", "3"]]
    grid = again.fetch_sheet_metadata({"includeGridData": True, "ranges": "First!A1:C1"})
    widths = grid["sheets"][0]["data"][0]["columnMetadata"]
    assert [width["pixelSize"] for width in widths] == [100, 50, 100]


def test_what_cannot_be_created_is_not_dropped_in_silence(book: gspread.Spreadsheet) -> None:
    body = {"sheets": [{"charts": [{"chartId": 1}]}]}
    answer = book.client.session.post(URL, json=body)
    assert answer.status_code == 501
    assert "charts" in answer.json()["error"]["message"]
