"""Sheets: what is documented (D, G) or recorded (R). Each docstring quotes its fact."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import gspread
import pytest
import requests

from sandbox import dispatch
from tests.sandbox.sheets.conftest import send

Ask = Callable[..., Any]
Control = Callable[..., Any]
Api = Callable[..., requests.Response]

RAW = {"valueInputOption": "RAW"}
TYPED = {"valueInputOption": "USER_ENTERED"}
RAW_NUMBERS = {
    "valueRenderOption": "UNFORMATTED_VALUE",
    "dateTimeRenderOption": "SERIAL_NUMBER",
}


def write(ask: Ask, place: str, rows: list[list[Any]], how: dict[str, str] = RAW) -> Any:
    return ask("PUT", f"/values/{place}", {"values": rows}, **how)


def rows_span(start: int, end: int) -> dict[str, Any]:
    return {"dimension": "ROWS", "startIndex": start, "endIndex": end}


class TestQuota:
    def test_limits(self, control: Control, api: Api) -> None:
        """G: "300 reads and 300 writes a minute per project, 60 and 60 per user per project."."""
        limits = control("POST", "quotas", google=True)["limits"]
        assert {name: limit for name, limit in limits.items() if "Requests" in name} == {
            "ReadRequestsPerMinutePerProject": 300,
            "WriteRequestsPerMinutePerProject": 300,
            "ReadRequestsPerMinutePerUser": 60,
            "WriteRequestsPerMinutePerUser": 60,
        }
        control("POST", "clock", frozen=True)
        path = "/v4/spreadsheets/1/values/A1:clear"
        statuses = [api("POST", path).status_code for _ in range(61)]
        assert statuses == [404] * 60 + [429]
        assert api("GET", "/v4/spreadsheets/1").status_code == 404, "reads have their own limit"
        assert api("POST", path, user="lead@example.com").status_code == 404
        control("POST", "clock", advance_seconds=60)
        assert api("POST", path).status_code == 404

    def test_writes_of_the_project_are_shared(self, control: Control, api: Api) -> None:
        """G: "300 reads and 300 writes a minute per project"."""
        control("POST", "quotas", limits={"WriteRequestsPerMinutePerProject": 1})
        path = "/v4/spreadsheets/1/values/A1:clear"
        assert api("POST", path, user="lead@example.com").status_code == 404
        error = api("POST", path).json()["error"]
        assert "'Write requests per minute per project'" in error["message"]

    def test_a_batch_counts_as_one(self, control: Control, ask: Ask) -> None:
        """G: "A batch request with all its parts counts as one."."""
        control("POST", "quotas", limits={"WriteRequestsPerMinutePerUser": 2})
        data = [{"range": f"A{row}", "values": [[row]]} for row in range(1, 51)]
        ask("POST", "/values:batchUpdate", {**RAW, "data": data})
        note = {
            "repeatCell": {"range": {"endRowIndex": 1}, "cell": {"note": "n"}, "fields": "note"}
        }
        ask("POST", ":batchUpdate", {"requests": [note] * 20})
        entries = control("GET", "log", kind="write", since=1)["entries"]
        assert [entry["quota_cost"] for entry in entries] == [1, 1]

    def test_two_megabytes_are_a_recommendation(self, ask: Ask) -> None:
        """G: "2 MB payload recommended": more is taken."""
        rows = [["x" * 40_000] for _ in range(80)]
        assert write(ask, "A1:A80", rows)["updatedCells"] == 80

    @pytest.mark.parametrize(("when", "seen"), [("before", [[]]), ("after", [["x"]])])
    def test_a_long_request_times_out(
        self,
        control: Control,
        ws: gspread.Worksheet,
        monkeypatch: pytest.MonkeyPatch,
        when: str,
        seen: Any,
    ) -> None:
        """G: "a request over 180 s times out"; its effect may have come or not."""
        assert dispatch.DEADLINE_SECONDS == 180
        monkeypatch.setattr(dispatch, "DEADLINE_SECONDS", 0.05)
        control("POST", "faults", kind="latency", seconds=200, when=when)
        with pytest.raises(gspread.exceptions.APIError) as refused:
            ws.update([["x"]])
        assert (refused.value.code, refused.value.error["status"]) == (504, "DEADLINE_EXCEEDED")
        assert ws.get_all_values() == seen


class TestBatchUpdate:
    def test_all_or_nothing(self, refused: Any, ask: Ask, ws: gspread.Worksheet) -> None:
        """D: "`spreadsheets.batchUpdate` is all-or-nothing"."""
        ws.update([["kept"]])
        message = refused(
            {"addSheet": {"properties": {"title": "New"}}},
            {"updateCells": {"range": {}, "fields": "*"}},
            {"deleteSheet": {"sheetId": 99}},
        )
        assert message == "Invalid requests[2].deleteSheet: No sheet with id: 99"
        assert ws.get_all_values() == [["kept"]]
        assert len(ask("GET", "")["sheets"]) == 1

    def test_applied_together(self, book: gspread.Spreadsheet, api: Api) -> None:
        """D: "applied together atomically; collaborators' changes may come before or after it"."""
        ends = threading.Event()
        seen: set[tuple[Any, ...]] = set()
        url = f"/v4/spreadsheets/{book.id}"

        def collaborator() -> None:
            while not ends.is_set():
                (row,) = api("GET", f"{url}/values/A1:B1").json().get("values", [["", ""]])
                seen.add(tuple(row))

        thread = threading.Thread(target=collaborator)
        thread.start()
        for number in range(15):
            value = {"userEnteredValue": {"numberValue": number}}
            starts = [{"columnIndex": column} for column in (0, 1)]
            changes = [
                {"updateCells": {"start": one, "rows": [{"values": [value]}], "fields": "*"}}
                for one in starts
            ]
            api("POST", f"{url}:batchUpdate", json={"requests": changes})
        ends.set()
        thread.join()
        assert seen
        assert all(left == right for left, right in seen)

    def test_replies(self, change: Any) -> None:
        """D: "`replies` answer one to one, `{}` where there is nothing"."""
        replies = change(
            {"repeatCell": {"range": {}, "cell": {"note": "n"}, "fields": "note"}},
            {"addSheet": {"properties": {"title": "New"}}},
            {"clearBasicFilter": {"sheetId": 0}},
        )
        assert [list(reply) for reply in replies] == [[], ["addSheet"], []]

    def test_the_state_after_it(self, ask: Ask) -> None:
        """D: "`includeSpreadsheetInResponse` with `responseRanges` and `responseIncludeGridData`
        (ignored when a field mask is set) returns the state after it"."""
        value = {"userEnteredValue": {"stringValue": "new"}}
        update = {"start": {}, "rows": [{"values": [value, value]}], "fields": "*"}
        body = {
            "requests": [{"updateCells": update}, {"addSheet": {"properties": {"title": "T"}}}],
            "includeSpreadsheetInResponse": True,
            "responseRanges": ["Sheet1!A1"],
            "responseIncludeGridData": True,
        }
        (sheet,) = ask("POST", ":batchUpdate", body)["updatedSpreadsheet"]["sheets"]
        (row,) = sheet["data"][0]["rowData"]
        assert [cell["formattedValue"] for cell in row["values"]] == ["new"]
        body["requests"] = [{"updateCells": update}]
        mask = "updatedSpreadsheet(sheets(properties/title))"
        masked = ask("POST", ":batchUpdate", body, fields=mask)
        assert masked["updatedSpreadsheet"] == {"sheets": [{"properties": {"title": "Sheet1"}}]}
        body["responseIncludeGridData"] = False
        mask = "updatedSpreadsheet.sheets.data.rowData.values.formattedValue"
        masked = ask("POST", ":batchUpdate", body, fields=mask)["updatedSpreadsheet"]
        assert masked["sheets"][0]["data"][0]["rowData"] == [
            {"values": [{"formattedValue": "new"}]}
        ]


def test_places_of_faults_and_grid_limits(refusal: Ask, refused: Any, ask: Ask) -> None:
    """D: "400 messages begin `Invalid requests[i].kind: …` or `Invalid data[i]: …`"; "A range that
    starts outside the grid: 400 `Range (T!A1001:B) exceeds grid limits. Max rows: 1000, max
    columns: 26`; append grows the grid"."""
    limits = "exceeds grid limits. Max rows: 1000, max columns: 26"
    place = {"startRowIndex": 1000, "startColumnIndex": 0, "endColumnIndex": 2}
    message = refused({"repeatCell": {"range": place, "cell": {}, "fields": "*"}})
    assert message == f"Invalid requests[0].repeatCell: Range (Sheet1!A1001:B) {limits}"
    data = [{"range": "A1", "values": [[1]]}, {"range": "A1001:B", "values": [[1]]}]
    message = refusal("POST", "/values:batchUpdate", {**RAW, "data": data})[1]
    assert message == f"Invalid data[1]: Range (Sheet1!A1001:B) {limits}"
    write(ask, "A1000", [["last"]])
    ask("POST", "/values/A1000:append", {"values": [["more"]]}, **RAW)
    assert ask("GET", "")["sheets"][0]["properties"]["gridProperties"]["rowCount"] == 1001


class TestValues:
    def test_an_empty_range(self, ask: Ask) -> None:
        """R, D: "an empty range has no `values` key"."""
        assert ask("GET", "/values/B2:C3") == {"range": "Sheet1!B2:C3", "majorDimension": "ROWS"}
        (one,) = ask("GET", "/values:batchGet", ranges="B2")["valueRanges"]
        assert one == {"range": "Sheet1!B2", "majorDimension": "ROWS"}

    def test_blanks(self, ask: Ask) -> None:
        """R, D: "empty rows in between are `[]`; trailing empty cells and rows are cut"."""
        write(ask, "A1", [["a", "", "c", ""], ["", ""], ["", "y"], [""]])
        assert ask("GET", "/values/A1:D9")["values"] == [["a", "", "c"], [], ["", "y"]]

    @pytest.mark.parametrize(
        ("asked", "answered"),
        [
            ("Sheet1", "Sheet1!A1:Z1000"),
            ("A:B", "Sheet1!A1:B1000"),
            ("2:3", "Sheet1!A2:Z3"),
            ("B5:C", "Sheet1!B5:C1000"),
            ("'My tab'!A1:B2", "'My tab'!A1:B2"),
            ("My tab", "'My tab'!A1:C5"),
            ("Сделки!A:A", "'Сделки'!A1:A5"),
        ],
    )
    def test_range(self, ask: Ask, book: gspread.Spreadsheet, asked: str, answered: str) -> None:
        """R, D: "`range` comes back expanded to the grid and quoted only when needed"."""
        for title in ("My tab", "Сделки"):
            book.add_worksheet(title, 5, 3)
        assert ask("GET", f"/values/{asked}")["range"] == answered

    def test_null_and_empty_text(self, ask: Ask) -> None:
        """R, D: "`null` skips a cell, `""` clears it; `updatedCells` counts `""`"."""
        write(ask, "A1", [["a", "b", "c"]])
        answer = write(ask, "A1", [[None, "", "C"]])
        assert (answer["updatedCells"], answer["updatedColumns"]) == (2, 2)
        assert ask("GET", "/values/A1:C1")["values"] == [["a", "", "C"]]

    def test_append_finds_a_table_by_itself(self, ask: Ask) -> None:
        """R: "`values.append` finds a table by itself: with a blank cell in the last row it can
        shift columns"."""
        for start in ("A1", "C2"):
            answer = ask("POST", "/values/Sheet1:append", {"values": [["a", "", "c"]]}, **RAW)
            assert answer["updates"]["updatedRange"].startswith(f"Sheet1!{start}:")

    def test_a_repeated_append_doubles(self, ask: Ask, control: Control) -> None:
        """P: "a retried append duplicates"."""
        control("POST", "faults", kind="error", code=503, when="after", method="*.append")
        session_body = {"values": [["once"]]}
        with pytest.raises(AssertionError):
            ask("POST", "/values/A1:append", session_body, **RAW)
        ask("POST", "/values/A1:append", session_body, **RAW)
        assert ask("GET", "/values/A1:A5")["values"] == [["once"], ["once"]]

    def test_raw_and_user_entered(self, ask: Ask) -> None:
        """D: "RAW stores what it gets; USER_ENTERED parses as the user interface does, so text from
        outside becomes a formula"."""
        texts = [["=1+1", "5%", "TRUE", "1/2/2024"]]
        write(ask, "A1", texts)
        assert ask("GET", "/values/A1:D1", **RAW_NUMBERS)["values"] == texts
        write(ask, "A1", texts, TYPED)
        assert ask("GET", "/values/A1:D1", **RAW_NUMBERS)["values"] == [[2, 0.05, True, 45293]]

    @pytest.mark.parametrize("kind", ["updateCells", "appendCells"])
    def test_a_string_value_is_never_parsed(self, change: Any, ask: Ask, kind: str) -> None:
        """D: "A `userEnteredValue.stringValue` in `updateCells`/`appendCells` is never parsed"."""
        cells = [{"userEnteredValue": {"stringValue": text}} for text in ("=1+1", "5%", "TRUE")]
        place: dict[str, Any] = {"start": {}} if kind == "updateCells" else {"sheetId": 0}
        change({kind: {**place, "rows": [{"values": cells}], "fields": "userEnteredValue"}})
        assert ask("GET", "/values/A1:C1", **RAW_NUMBERS)["values"] == [["=1+1", "5%", "TRUE"]]

    def test_reading_without_the_locale(self, ask: Ask, book: gspread.Spreadsheet) -> None:
        """D: "`UNFORMATTED_VALUE` with `SERIAL_NUMBER` gives numbers and serial dates, independent
        of the locale. Formatted text depends on the spreadsheet's locale (`ru_RU`: decimal comma,
        `;` between formula arguments …)"."""
        book.update_locale("ru_RU")
        write(ask, "A1", [["1,5", "02.01.2024", "=SUM(A1;2)"]], TYPED)
        assert ask("GET", "/values/A1:C1", **RAW_NUMBERS)["values"] == [[1.5, 45293, 3.5]]
        assert ask("GET", "/values/A1:C1")["values"] == [["1,5", "02.01.2024", "3,5"]]


class TestDeveloperMetadata:
    def put(self, change: Any, row: int, metadata_id: int) -> None:
        body = {
            "metadataId": metadata_id,
            "metadataKey": "k",
            "visibility": "DOCUMENT",
            "location": {"dimensionRange": rows_span(row, row + 1)},
        }
        change({"createDeveloperMetadata": {"developerMetadata": body}})

    def row_of(self, ask: Ask, metadata_id: int) -> int:
        place = ask("GET", f"/developerMetadata/{metadata_id}")["location"]["dimensionRange"]
        return int(place["startIndex"])

    def test_it_lives_and_dies_with_its_row(
        self, change: Any, ask: Ask, book: gspread.Spreadsheet
    ) -> None:
        """D: "Developer metadata on a row follows row insert and delete and dies with its row"."""
        self.put(change, 4, 7)
        change({"insertDimension": {"range": rows_span(0, 2)}})
        assert self.row_of(ask, 7) == 6
        change({"deleteDimension": {"range": rows_span(0, 1)}})
        assert self.row_of(ask, 7) == 5
        change({"moveDimension": {"source": rows_span(5, 6), "destinationIndex": 1}})
        assert self.row_of(ask, 7) == 1
        change({"deleteDimension": {"range": rows_span(1, 2)}})
        assert send(book, "GET", "/developerMetadata/7").status_code == 404

    def test_a_known_id_is_refused(self, change: Any, refused: Any) -> None:
        """D: "ids are unique in the spreadsheet"; NV: "Creating metadata with a `metadataId` that
        exists already should be refused"."""
        self.put(change, 1, 7)
        with pytest.raises(AssertionError):
            self.put(change, 2, 7)
        location = {"sheetId": 0}
        body = {"metadataId": 7, "metadataKey": "x", "visibility": "PROJECT", "location": location}
        assert refused({"createDeveloperMetadata": {"developerMetadata": body}}).startswith(
            "Invalid requests[0].createDeveloperMetadata: "
        )


class TestChips:
    def write(self, uri: str) -> dict[str, Any]:
        run = {"chip": {"richLinkProperties": {"uri": uri}}}
        cell = {"userEnteredValue": {"stringValue": "@"}, "chipRuns": [run]}
        rows = [{"values": [cell]}]
        return {"updateCells": {"start": {}, "rows": rows, "fields": "userEnteredValue,chipRuns"}}

    def test_only_drive_files(self, change: Any, refused: Any) -> None:
        """D: "Drive files can be written as rich-link chips (`chipRuns`, URI at most 2,000 bytes
        …)"."""
        stem = "https://drive.google.com/file/d/"
        change(self.write(stem + "x" * (2000 - len(stem))))
        assert "2000 bytes" in refused(self.write(stem + "x" * (2001 - len(stem))))
        assert "Only Drive files" in refused(self.write("https://www.youtube.com/watch?v=1"))

    def test_a_drive_scope_is_needed(
        self, book: gspread.Spreadsheet, api: Api, token_of: Callable[..., str]
    ) -> None:
        """D: "needs a Drive scope"."""
        token = token_of("manager1@example.com", "https://www.googleapis.com/auth/spreadsheets")
        body = {"requests": [self.write("https://drive.google.com/file/d/1")]}
        path = f"/v4/spreadsheets/{book.id}:batchUpdate"
        answer = api("POST", path, json=body, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 400
        assert "Drive scope" in answer.json()["error"]["message"]

    def test_a_new_value_erases_runs(self, change: Any, ask: Ask, ws: gspread.Worksheet) -> None:
        """D: "a new value erases runs"."""
        change(self.write("https://drive.google.com/file/d/1"))
        asked = {"ranges": "A1", "includeGridData": True}
        cells = ask("GET", "", **asked)["sheets"][0]["data"][0]["rowData"][0]["values"]
        assert cells[0]["chipRuns"]
        ws.update([["new"]])
        cells = ask("GET", "", **asked)["sheets"][0]["data"][0]["rowData"][0]["values"]
        assert "chipRuns" not in cells[0]
