"""Sheets: tables and comments, as documented (D). Each docstring quotes its fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gspread
import pytest
import requests

from sandbox.server import Box

Ask = Callable[..., Any]
Api = Callable[..., requests.Response]

MANAGER = "manager1@example.com"
LEAD = "lead@example.com"
INCLUDED = "COMMENTS_VIEW_MODE_INCLUDED"


def area(top: int, left: int, bottom: int, right: int) -> dict[str, int]:
    return {
        "startRowIndex": top,
        "startColumnIndex": left,
        "endRowIndex": bottom,
        "endColumnIndex": right,
    }


def row_of(*texts: str) -> dict[str, Any]:
    return {"values": [{"userEnteredValue": {"stringValue": text}} for text in texts]}


class TestTables:
    def choices(self, kind: str = "ONE_OF_LIST") -> dict[str, Any]:
        return {"condition": {"type": kind, "values": [{"userEnteredValue": "New"}]}}

    @pytest.fixture
    def table(self, change: Any) -> dict[str, Any]:
        """The guide's table: a percent column, a drop-down column, and others."""
        columns = [
            {"columnIndex": 0, "columnName": "Share", "columnType": "PERCENT"},
            {
                "columnIndex": 1,
                "columnName": "State",
                "columnType": "DROPDOWN",
                "dataValidationRule": self.choices(),
            },
        ]
        body = {"name": "Tracker", "tableId": "123", "range": area(0, 0, 4, 3)}
        (reply,) = change({"addTable": {"table": {**body, "columnProperties": columns}}})
        made: dict[str, Any] = reply["addTable"]["table"]
        return made

    def test_typed_columns(self, table: Any, ask: Ask, ws: gspread.Worksheet) -> None:
        """D: "Tables (`addTable`): typed columns"."""
        assert [column.get("columnType") for column in table["columnProperties"]] == [
            "PERCENT",
            "DROPDOWN",
            None,
        ]
        assert ws.row_values(1) == ["Share", "State", "Column 3"]
        assert ask("GET", "")["sheets"][0]["tables"] == [table]

    @pytest.mark.parametrize("kind", ["NUMBER_GREATER", "ONE_OF_RANGE", None])
    def test_drop_downs_need_a_list(self, refused: Any, kind: str | None) -> None:
        """D: "drop-down columns need `ONE_OF_LIST`"."""
        column = {"columnType": "DROPDOWN"}
        if kind:
            column["dataValidationRule"] = self.choices(kind)  # type: ignore[assignment]
        body = {"range": area(0, 0, 4, 3), "columnProperties": [column]}
        wanted = "ONE_OF_LIST" if kind else "Condition must be set for dropdown column type."
        assert wanted in refused({"addTable": {"table": body}})

    def test_append_cells_to_a_table(
        self, table: Any, change: Any, ask: Ask, ws: gspread.Worksheet
    ) -> None:
        """D: "`appendCells` takes `tableId`": only its body gets the data, and it grows."""
        ws.update([["below"]], "A8")
        append = {"tableId": "123", "fields": "userEnteredValue"}
        change({"appendCells": {**append, "rows": [row_of("1"), row_of("2")]}})
        assert ws.col_values(1)[:3] == ["Share", "1", "2"]
        change({"appendCells": {**append, "rows": [row_of("3"), row_of("4"), row_of("5")]}})
        assert ws.col_values(1) == ["Share", "1", "2", "3", "4", "5", "", "below"]
        (grown,) = ask("GET", "")["sheets"][0]["tables"]
        assert grown["range"]["endRowIndex"] == 6
        change({"appendCells": {**append, "rows": [row_of("6"), row_of("7"), row_of("8")]}})
        assert ws.col_values(1)[6:] == ["6", "7", "8", "", "below"]

    def test_validation_of_a_typed_column(self, table: Any, change: Any, refused: Any) -> None:
        """D, P: "`setDataValidation` on a typed column is refused"."""
        rule = {"condition": {"type": "BOOLEAN"}}
        message = refused({"setDataValidation": {"range": area(1, 0, 3, 1), "rule": rule}})
        assert message.startswith("Invalid requests[0].setDataValidation: ")
        change({"setDataValidation": {"range": area(1, 2, 3, 3), "rule": rule}})

    def test_a_name_is_no_range(self, table: Any, refusal: Ask) -> None:
        """D, P: "a table's name is no A1 syntax"."""
        assert refusal("GET", "/values/Tracker") == (400, "Unable to parse range: Tracker")

    def test_its_life(self, table: Any, change: Any, refused: Any, ask: Ask) -> None:
        """D: names are unique in the spreadsheet; what is on a range moves with it."""
        other = {"name": "tracker", "range": area(10, 0, 12, 2)}
        assert "already exists" in refused({"addTable": {"table": other}})
        overlapping = {"name": "Other", "range": area(3, 0, 12, 2)}
        assert "overlap" in refused({"addTable": {"table": overlapping}})
        span = {"dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
        change({"insertDimension": {"range": span}})
        (moved,) = ask("GET", "")["sheets"][0]["tables"]
        assert moved["range"]["endColumnIndex"] == 4
        names = [column["columnName"] for column in moved["columnProperties"]]
        assert names == ["Share", "Column 2", "State", "Column 3"]
        change({"updateTable": {"table": {"tableId": "123", "name": "New"}, "fields": "name"}})
        assert ask("GET", "")["sheets"][0]["tables"][0]["name"] == "New"
        change({"duplicateSheet": {"newSheetName": "Copy"}})
        copied = [one["tables"][0]["name"] for one in ask("GET", "")["sheets"]]
        assert sorted(copied) == ["New", "New_1"]
        change({"deleteTable": {"tableId": "123"}})
        assert "No table with id" in refused({"deleteTable": {"tableId": "123"}})


class TestComments:
    @pytest.fixture
    def thread(self, change: Any, ws: gspread.Worksheet) -> dict[str, Any]:
        ws.update([["Deal"]], "B3")
        place = {"rowIndex": 2, "columnIndex": 1}
        (reply,) = change({"insertComment": {"coordinate": place, "content": "Call <him>"}})
        made: dict[str, Any] = reply["insertComment"]["commentThread"]
        return made

    def threads(self, ask: Ask) -> Any:
        return ask("GET", "", commentsViewMode=INCLUDED).get("comments", [])

    def test_at_a_cell(self, thread: Any, ask: Ask, change: Any) -> None:
        """D: "`insertComment` (at a cell …)"."""
        assert thread["status"] == "OPEN"
        assert thread["plainTextQuote"] == "Deal"
        assert thread["headPost"]["content"] == "Call <him>"
        assert thread["headPost"]["contentHtml"] == "Call &lt;him&gt;"
        change({"insertDimension": {"range": {"dimension": "ROWS", "endIndex": 1}}})
        (sheet,) = ask("GET", "", commentsViewMode=INCLUDED)["sheets"]
        assert sheet["commentAnchors"] == [
            {"anchorId": thread["anchorId"], "range": area(3, 1, 4, 2)}
        ]

    @pytest.mark.parametrize(("text", "is_taken"), [("я" * 1024, True), ("я" * 1024 + "x", False)])
    def test_length(self, ask: Ask, refused: Any, text: str, is_taken: bool) -> None:
        """D: "text at most 2,048 UTF-8 code units"."""
        request = {"insertComment": {"coordinate": {}, "content": text}}
        if is_taken:
            ask("POST", ":batchUpdate", {"requests": [request]})
        else:
            assert "2048" in refused(request)
        assert len(self.threads(ask)) == is_taken

    def test_replies_changes_and_removal(
        self, thread: Any, change: Any, refused: Any, ask: Ask
    ) -> None:
        """D: "`addCommentReply`, `updateCommentPost`, `deleteComment`"."""
        name = {"commentId": thread["commentId"]}
        (reply,) = change({"addCommentReply": {**name, "post": {"content": "Done"}}})
        post_id = reply["addCommentReply"]["post"]["postId"]
        change(
            {"updateCommentPost": {**name, "postId": post_id, "content": "Done!"}},
            {"addCommentReply": {**name, "post": {"commentAction": "RESOLVE"}}},
        )
        (read,) = self.threads(ask)
        assert read["status"] == "RESOLVED"
        assert [post.get("content", "") for post in read["replies"]] == ["Done!", ""]
        assert read["replies"][1]["commentAction"] == "RESOLVE"
        change({"deleteCommentReply": {**name, "postId": post_id}})
        assert self.threads(ask)[0]["replies"][0]["deleted"] is True
        assert "must not be empty" in refused({"addCommentReply": {**name, "post": {}}})
        change({"deleteComment": name})
        assert self.threads(ask) == []
        assert "No comment with id" in refused({"deleteComment": name})

    def test_only_its_author_changes_a_post(
        self, thread: Any, book: gspread.Spreadsheet, api: Api
    ) -> None:
        """D: "Returns a 400 bad request error if: The requesting user is not the author"."""
        for request in (
            {"deleteComment": {"commentId": thread["commentId"]}},
            {
                "updateCommentPost": {
                    "commentId": thread["commentId"],
                    "postId": thread["headPost"]["postId"],
                    "content": "x",
                }
            },
        ):
            path = f"/v4/spreadsheets/{book.id}:batchUpdate"
            assert api("POST", path, json={"requests": [request]}).status_code == 400

    def test_reading_needs_a_view_mode(
        self,
        thread: Any,
        ask: Ask,
        book: gspread.Spreadsheet,
        gc_as: Callable[[str], gspread.Client],
    ) -> None:
        """D: "reading needs `commentsViewMode=COMMENTS_VIEW_MODE_INCLUDED`"."""
        assert "comments" not in ask("GET", "")
        assert [one["commentId"] for one in self.threads(ask)] == [thread["commentId"]]
        body: dict[str, Any] = {"commentsViewMode": "COMMENTS_VIEW_MODE_DEFAULT_FOR_CURRENT_ACCESS"}
        assert ask("POST", ":getByDataFilter", body)["comments"]
        owned = gc_as(MANAGER).create("Theirs")
        owned.share(LEAD, "user", "reader", notify=False)
        seen = gc_as(LEAD).open_by_key(owned.id)
        assert "comments" not in seen.fetch_sheet_metadata(body)
        with pytest.raises(gspread.exceptions.APIError) as refused:
            seen.fetch_sheet_metadata({"commentsViewMode": INCLUDED})
        assert refused.value.code == 403

    def test_state_of_the_update(self, thread: Any, ask: Ask) -> None:
        """D: "the response carries `commentUpdateState`"."""
        reply = {"commentId": thread["commentId"], "post": {"content": "Yes"}}
        body = {
            "requests": [{"addCommentReply": reply}],
            "includeSpreadsheetInResponse": True,
            "commentsViewMode": INCLUDED,
        }
        answer = ask("POST", ":batchUpdate", body)
        assert answer["commentUpdateState"] == "ALL_SAVED"
        assert len(answer["updatedSpreadsheet"]["comments"][0]["replies"]) == 1

    def test_a_refused_batch_leaves_no_comment(self, thread: Any, refused: Any, ask: Ask) -> None:
        """D: "`spreadsheets.batchUpdate` is all-or-nothing"."""
        name = {"commentId": thread["commentId"]}
        refused(
            {"addCommentReply": {**name, "post": {"content": "lost"}}},
            {"deleteSheet": {"sheetId": 99}},
        )
        assert "replies" not in self.threads(ask)[0]

    def test_editors_are_notified_but_not_of_notes(
        self, thread: Any, storage_box: Box, ws: gspread.Worksheet
    ) -> None:
        """D: "editors are notified as for any comment"; "Cell notes … notify nobody"."""
        told = [letter["to"] for letter in storage_box.world.drive.notifications]
        assert sorted(told) == [LEAD, MANAGER, "manager2@example.com"]
        ws.insert_note("A1", "quiet")
        assert len(storage_box.world.drive.notifications) == 3

    def test_drive_shows_the_same_comment(
        self, thread: Any, book: gspread.Spreadsheet, api: Api
    ) -> None:
        """D: one comment, two interfaces."""
        path = f"/drive/v3/files/{book.id}/comments?fields=comments(id,content,quotedFileContent)"
        assert api("GET", path).json()["comments"] == [
            {
                "id": thread["commentId"],
                "content": "Call <him>",
                "quotedFileContent": {"mimeType": "text/html", "value": "Deal"},
            }
        ]
