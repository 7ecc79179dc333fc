"""Facts about Sheets. Each docstring quotes its fact."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.conftest import Google, Tab, reason, refusal, run


def text_cell(text: str) -> dict[str, Any]:
    return {"values": [{"userEnteredValue": {"stringValue": text}}]}


def put(tab: Tab, *texts: str) -> dict[str, Any]:
    start = {"sheetId": tab.id, "rowIndex": 0, "columnIndex": 0}
    rows = [text_cell(text) for text in texts]
    return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}


class TestBatchUpdate:
    def test_all_or_nothing(self, google: Google, tab: Tab) -> None:
        """D: "`spreadsheets.batchUpdate` is all-or-nothing and applied together atomically"; "400
        messages begin `Invalid requests[i].kind: …`"."""
        wrong = {"deleteSheet": {"sheetId": 999_999_999}}
        status, error = refusal(google.change(put(tab, "new"), wrong))
        assert (status, error["status"]) == (400, "INVALID_ARGUMENT")
        assert error["message"].startswith("Invalid requests[1].deleteSheet:")
        assert tab.read() == []

    def test_replies(self, google: Google, tab: Tab) -> None:
        """D: "`replies` answer one to one, `{}` where there is nothing"."""
        named = {
            "addNamedRange": {"namedRange": {"name": f"n{tab.id}", "range": {"sheetId": tab.id}}}
        }
        replies = run(google.change(put(tab, "x"), named, put(tab, "y")))["replies"]
        assert [list(reply) for reply in replies] == [[], ["addNamedRange"], []]

    def test_the_state_after_it(self, google: Google, tab: Tab) -> None:
        """D: "`includeSpreadsheetInResponse` with `responseRanges` and `responseIncludeGridData`
        (ignored when a field mask is set) returns the state after it"."""
        answer = run(
            google.change(
                put(tab, "after"),
                includeSpreadsheetInResponse=True,
                responseRanges=[f"{tab.title}!A1"],
                responseIncludeGridData=True,
            )
        )
        (sheet,) = answer["updatedSpreadsheet"]["sheets"]
        assert sheet["data"][0]["rowData"][0]["values"][0]["formattedValue"] == "after"

    def test_text_is_never_parsed(self, google: Google, tab: Tab) -> None:
        """D: "A `userEnteredValue.stringValue` in `updateCells`/`appendCells` is never parsed"."""
        run(google.change(put(tab, "=1+1", "007")))
        assert tab.read(valueRenderOption="FORMULA") == [["=1+1"], ["007"]]
        append = {
            "appendCells": {
                "sheetId": tab.id,
                "rows": [text_cell("=2+2")],
                "fields": "userEnteredValue",
            }
        }
        run(google.change(append))
        assert tab.read("A3", valueRenderOption="UNFORMATTED_VALUE") == [["=2+2"]]


class TestValues:
    def test_empty(self, tab: Tab) -> None:
        """R, D: "an empty range has no `values` key"; "`range` comes back expanded to the grid and
        quoted only when needed"."""
        answer = tab.answer("A1:B")
        assert "values" not in answer
        assert answer["range"] == f"{tab.title}!A1:B1000" or answer["range"].endswith("!A1:B1000")

    def test_blanks(self, tab: Tab) -> None:
        """R, D: "empty rows in between are `[]`; trailing empty cells and rows are cut"."""
        tab.write([["a", "", ""], ["", ""], ["b", "c"], [""]])
        assert tab.read() == [["a"], [], ["b", "c"]]

    def test_null_and_empty(self, tab: Tab) -> None:
        """R, D: "`null` skips a cell, `""` clears it; `updatedCells` counts `""`"."""
        tab.write([["a", "b", "c"]])
        answer = tab.write([[None, "", "z"]])
        assert tab.read() == [["a", "", "z"]]
        assert answer["updatedCells"] == 2

    def test_raw_and_typed(self, tab: Tab) -> None:
        """D: "RAW stores what it gets; USER_ENTERED parses as the user interface does, so text from
        outside becomes a formula"."""
        tab.write([["=1+1", "5"]])
        assert tab.read(valueRenderOption="UNFORMATTED_VALUE") == [["=1+1", "5"]]
        tab.write([["=1+1", "5"]], how="USER_ENTERED")
        assert tab.read(valueRenderOption="UNFORMATTED_VALUE") == [[2, 5]]

    def test_serial_dates(self, tab: Tab) -> None:
        """D: "`UNFORMATTED_VALUE` with `SERIAL_NUMBER` gives numbers and serial dates"."""
        tab.write([["2026-11-05"]], how="USER_ENTERED")
        read = tab.read(valueRenderOption="UNFORMATTED_VALUE", dateTimeRenderOption="SERIAL_NUMBER")
        assert read == [[46331]]

    def test_outside_the_grid(self, google: Google) -> None:
        """D: "A range that starts outside the grid: 400 `Range (T!A1001:B) exceeds grid limits. Max
        rows: 1000, max columns: 26`; append grows the grid"."""
        tab = google.tab(rows=3, columns=2)
        status, error = refusal(google.values.get(**tab.at("A4:B")))
        assert status == 400
        assert "exceeds grid limits. Max rows: 3, max columns: 2" in error["message"]
        tab.write([["1"], ["2"], ["3"]])
        call = google.values.append(
            **tab.at("A1"), body={"values": [["4"]]}, valueInputOption="RAW"
        )
        run(call)
        assert tab.read("A4") == [["4"]]

    def test_unparsable(self, google: Google, tab: Tab) -> None:
        """R: "400 `Unable to parse range: …`/INVALID_ARGUMENT"."""
        book = google.scratch.spreadsheet_id
        call = google.values.get(spreadsheetId=book, range="Nowhere at all!A1")
        status, error = refusal(call)
        assert (status, error["status"]) == (400, "INVALID_ARGUMENT")
        assert error["message"] == "Unable to parse range: Nowhere at all!A1"

    def test_places_in_data(self, google: Google, tab: Tab) -> None:
        """D: "or `Invalid data[i]: …`"."""
        data = [{"range": f"{tab.title}!A1", "values": [["x"]]},
                {"range": f"{tab.title}!A1:A2", "values": [["1"], ["2"], ["3"]]}]  # fmt: skip
        body = {"data": data, "valueInputOption": "RAW"}
        book = google.scratch.spreadsheet_id
        _, error = refusal(google.values.batchUpdate(spreadsheetId=book, body=body))
        assert error["message"].startswith("Invalid data[1]: ")


class TestMetadata:
    def find(self, google: Google, key: str) -> list[Any]:
        book = google.scratch.spreadsheet_id
        filters = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": key}}]}
        call = google.sheets.spreadsheets().developerMetadata()
        found = run(call.search(spreadsheetId=book, body=filters))
        return [one["developerMetadata"] for one in found.get("matchedDeveloperMetadata", [])]

    def test_it_follows_its_row_and_dies_with_it(self, google: Google, tab: Tab) -> None:
        """D: "Developer metadata on a row follows row insert and delete and dies with its row"."""
        key = f"follows-{tab.id}"
        span = {"sheetId": tab.id, "dimension": "ROWS"}
        made = {
            "metadataKey": key,
            "visibility": "DOCUMENT",
            "location": {"dimensionRange": {**span, "startIndex": 1, "endIndex": 2}},
        }
        run(google.change({"createDeveloperMetadata": {"developerMetadata": made}}))
        first = {**span, "startIndex": 0, "endIndex": 1}
        run(google.change({"insertDimension": {"range": first, "inheritFromBefore": False}}))
        (found,) = self.find(google, key)
        assert found["location"]["dimensionRange"]["startIndex"] == 2
        third = {**span, "startIndex": 2, "endIndex": 3}
        run(google.change({"deleteDimension": {"range": third}}))
        assert self.find(google, key) == []


class TestTables:
    def test_typed_columns(self, google: Google, tab: Tab) -> None:
        """D: "Tables (`addTable`): typed columns, drop-down columns need `ONE_OF_LIST`;
        `appendCells` takes `tableId`; `setDataValidation` on a typed column is refused"."""
        place = tab.area((0, 3), (0, 1))

        def table(rule: Any) -> Any:
            column = {
                "columnIndex": 0,
                "columnName": "Stage",
                "columnType": "DROPDOWN",
                "dataValidationRule": rule,
            }
            body = {"name": f"T{tab.id}", "range": place, "columnProperties": [column]}
            return google.change({"addTable": {"table": body}})

        assert refusal(table({"condition": {"type": "NOT_BLANK"}}))[0] == 400
        listed = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Lead"}]}
        made = run(table({"condition": listed}))["replies"][0]["addTable"]["table"]
        append = {
            "sheetId": tab.id,
            "tableId": made["tableId"],
            "rows": [text_cell("Lead")],
            "fields": "userEnteredValue",
        }
        run(google.change({"appendCells": append}))
        assert ["Lead"] in tab.read()
        rule = {"condition": {"type": "NOT_BLANK"}}
        wish = {"range": tab.area((1, 2), (0, 1)), "rule": rule}
        assert refusal(google.change({"setDataValidation": wish}))[0] == 400


class TestNotesAndLocale:
    def test_notes_are_cells_of_their_own(self, google: Google, tab: Tab) -> None:
        """D: "Cell notes (`note` of CellData) notify nobody": they are read with the cell."""
        place = tab.area((0, 1), (0, 1))
        note = {"repeatCell": {"range": place, "cell": {"note": "why"}, "fields": "note"}}
        run(google.change(note))
        call = google.sheets.spreadsheets().get(
            spreadsheetId=google.scratch.spreadsheet_id,
            ranges=f"{tab.title}!A1",
            fields="sheets.data.rowData.values.note",
        )
        assert run(call)["sheets"][0]["data"][0]["rowData"][0]["values"][0] == {"note": "why"}

    def test_formatted_text_depends_on_the_locale(self, google: Google, tab: Tab) -> None:
        """D: "Formatted text depends on the spreadsheet's locale (`ru_RU`: decimal comma, `;`
        between formula arguments)"; unformatted values do not."""
        tab.write([[1.5]])

        def speak(locale: str) -> None:
            wish = {"properties": {"locale": locale}, "fields": "locale"}
            run(google.change({"updateSpreadsheetProperties": wish}))

        speak("ru_RU")
        try:
            tab.write([["=SUM(1;2)"]], "B1", how="USER_ENTERED")
            assert tab.read() == [["1,5", "3"]]
            assert tab.read(valueRenderOption="UNFORMATTED_VALUE") == [[1.5, 3]]
        finally:
            speak("en_US")


class TestComments:
    def threads(self, google: Google, **mode: str) -> list[Any]:
        book = google.scratch.spreadsheet_id
        found: list[Any] = run(google.sheets.spreadsheets().get(spreadsheetId=book, **mode)).get(
            "comments", []
        )
        return found

    def test_life(self, google: Google, tab: Tab) -> None:
        """D: "since 2026 batchUpdate has `insertComment` (at a cell; text at most 2,048 UTF-8 code
        units), `addCommentReply`, `updateCommentPost`, `deleteComment`; reading needs
        `commentsViewMode=COMMENTS_VIEW_MODE_INCLUDED`; the response carries
        `commentUpdateState`"."""
        place = {"sheetId": tab.id, "rowIndex": 0, "columnIndex": 0}

        def insert(text: str) -> Any:
            return google.change({"insertComment": {"content": text, "coordinate": place}})

        assert refusal(insert("x" * 2_049))[0] == 400
        answer = run(insert("why"))
        assert answer["commentUpdateState"]
        name = {"commentId": answer["replies"][0]["insertComment"]["commentThread"]["commentId"]}
        run(google.change({"addCommentReply": {**name, "post": {"content": "so"}}}))
        assert self.threads(google) == []
        shown = {"commentsViewMode": "COMMENTS_VIEW_MODE_INCLUDED"}
        (thread,) = self.threads(google, **shown)
        assert thread["headPost"]["content"] == "why"
        assert [post["content"] for post in thread["replies"]] == ["so"]
        run(google.change({"deleteComment": name}))
        assert self.threads(google, **shown) == []


def test_append_goes_after_the_table_that_it_finds(google: Google, tab: Tab) -> None:
    """R: "`values.append` finds a table by itself: with a blank cell in the last row it can shift
    columns"."""

    def append(row: list[str]) -> str:
        body = {"values": [row]}
        call = google.values.append(**tab.at(""), body=body, valueInputOption="RAW")
        return str(run(call)["updates"]["updatedRange"]).rpartition("!")[2].partition(":")[0]

    assert [append(["a", "", "c"]) for _ in range(2)] == ["A1", "C2"]


def test_a_chip_is_erased_by_a_new_value(google: Google, tab: Tab) -> None:
    """D: "Drive files can be written as rich-link chips (`chipRuns` …); a new value erases
    runs"."""
    uri = f"https://drive.google.com/drive/folders/{google.scratch.folder_id}"
    cell = {
        "userEnteredValue": {"stringValue": "@"},
        "chipRuns": [{"chip": {"richLinkProperties": {"uri": uri}}}],
    }
    start = {"sheetId": tab.id, "rowIndex": 0, "columnIndex": 0}
    rows = [{"values": [cell]}]
    fields = "userEnteredValue,chipRuns"
    run(google.change({"updateCells": {"start": start, "rows": rows, "fields": fields}}))

    def runs() -> list[Any]:
        call = google.sheets.spreadsheets().get(
            spreadsheetId=google.scratch.spreadsheet_id,
            ranges=f"{tab.title}!A1",
            fields="sheets.data.rowData.values.chipRuns",
        )
        data = run(call)["sheets"][0].get("data", [{}])[0]
        cells = [cell for row in data.get("rowData", ()) for cell in row.get("values", ())]
        return [cell["chipRuns"] for cell in cells if cell.get("chipRuns")]

    assert len(runs()) == 1
    tab.write([["plain"]])
    assert runs() == []


class TestErrors:
    def test_not_found(self, google: Google) -> None:
        """R: "404 `Requested entity was not found.`/NOT_FOUND"."""
        call = google.sheets.spreadsheets().get(spreadsheetId="1nothing")
        status, error = refusal(call)
        assert (status, error) == (
            404,
            {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"},
        )

    def test_form(self, google: Google) -> None:
        """R: "Drive and Gmail: `{"error": {"errors": [{"domain", "reason", "message", …}], "code",
        "message"}}`. 404 `notFound`"."""
        call = google.drive.files().get(fileId="nothing", supportsAllDrives=True)
        _, error = refusal(call)
        assert error["code"] == 404
        assert error["message"] == "File not found: nothing."
        assert {"domain", "reason", "message"} <= error["errors"][0].keys()
        assert reason(call) == (404, "notFound")


@pytest.mark.parametrize("count", [1, 40])
def test_a_long_get_is_sent_as_a_post(google: Google, tab: Tab, count: int) -> None:
    """C: "a GET longer than 2,048 characters becomes a POST with `x-http-method-override: GET`"."""
    ranges = [f"{tab.title}!A{row}:Z{row}" for row in range(1, count + 1)] * 4
    book = google.scratch.spreadsheet_id
    answer = run(google.values.batchGet(spreadsheetId=book, ranges=ranges))
    assert len(answer["valueRanges"]) == len(ranges)
