"""Google Sheets through gspread."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import gspread
import orjson
import requests
from google.auth.transport.requests import AuthorizedSession
from gspread.http_client import FileType, ParamsType
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL, SPREADSHEET_VALUES_BATCH_URL

from rules.table import Raw
from sync.errors import TransientError, UnknownOutcomeError
from sync.fence import COMMIT
from sync.google.answers import CutOffError, TabReader, read_columns
from sync.google.auth import DRIVE_SCOPE, SHEETS_SCOPE, TIMEOUT_SECONDS, TOKENS_A_CALL, Account
from sync.google.errors import translated
from sync.google.retry import retried
from sync.layout import column_letters, quote_title
from sync.ports import (
    Columns,
    Discussion,
    Request,
    SheetInfo,
    Span,
    Structure,
    TabContent,
)

GOOGLE = "https://sheets.googleapis.com"

STRUCTURE_FIELDS = (
    "spreadsheetId,properties(title,locale,timeZone),developerMetadata(metadataKey,metadataValue),"
    "sheets.properties(sheetId,title,gridProperties(rowCount,columnCount))"
)


WRITTEN_FIELDS = (
    "spreadsheetId,updatedSpreadsheet(sheets(properties(sheetId),"
    "data(startRow,startColumn,rowData(values(effectiveValue)))))"
)
"""What a write answers: the spans asked for, as values.

A field mask takes the place of `responseIncludeGridData` (Sheets API reference, `batchUpdate`).
"""


COMPACT = {"prettyPrint": "false"}

CHUNK_BYTES = 1 << 18
"""So much of an answer is taken in at a time."""


class EndpointClient(gspread.HTTPClient):
    """gspread's transport, sent to an endpoint of choice, with a timeout."""

    endpoint = GOOGLE

    def request(
        self,
        method: str,
        endpoint: str,
        params: ParamsType | None = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: FileType = None,
        headers: MutableMapping[str, str] | None = None,
    ) -> requests.Response:
        """Send the request; raises gspread's APIError for an error answer."""
        url = self.endpoint.rstrip("/") + endpoint.removeprefix(GOOGLE)
        return super().request(method, url, params, data, json, files, headers)

    def stream(self, endpoint: str, params: ParamsType) -> requests.Response:
        """Ask for something large; its content is taken from the response piece by piece.

        Raises gspread's APIError for an error answer.
        """
        answer = self.session.request(
            "GET",
            self.endpoint.rstrip("/") + endpoint.removeprefix(GOOGLE),
            params={**params, **COMPACT},
            timeout=self.timeout,
            stream=True,
        )
        if not answer.ok:
            raise gspread.exceptions.APIError(answer)
        return answer


class GoogleSheets:
    """The sheets port. One instance per thread."""

    def __init__(self, account: Account, endpoint: str | None = None) -> None:
        session = AuthorizedSession(
            account.scoped([SHEETS_SCOPE, DRIVE_SCOPE]), max_refresh_attempts=TOKENS_A_CALL
        )
        self._client = EndpointClient(session.credentials, session=session)
        self._client.endpoint = endpoint or GOOGLE
        self._client.set_timeout((10, TIMEOUT_SECONDS))
        self._account = account.email
        self._readers: dict[str, TabReader] = {}

    def close(self) -> None:
        """Close the connections."""
        self._client.session.close()

    def read_structure(self, spreadsheet_id: str) -> Structure:
        """Return tabs, time zone and metadata: one read."""
        found = self._read(
            SPREADSHEET_URL % spreadsheet_id, {"fields": STRUCTURE_FIELDS}, spreadsheet_id
        )
        metadata = [
            (item["metadataKey"], item.get("metadataValue", ""))
            for item in found.get("developerMetadata", ())
        ]
        return Structure(
            spreadsheet_id=found["spreadsheetId"],
            title=found["properties"]["title"],
            time_zone=found["properties"].get("timeZone", "Etc/GMT"),
            sheets=tuple(
                _sheet_info(sheet["properties"])
                for sheet in found["sheets"]
                if "gridProperties" in sheet["properties"]
            ),
            metadata={key: value for key, value in metadata if key != COMMIT},
            commits=tuple(int(value) for key, value in metadata if key == COMMIT),
        )

    @retried
    def read_tabs(self, spreadsheet_id: str, titles: Sequence[str]) -> Sequence[TabContent]:
        """Return unformatted values and serial dates of each tab: one read."""
        reader = self._readers.setdefault(spreadsheet_id, TabReader())
        what = f"spreadsheet {spreadsheet_id}"
        with translated(what, self._account):
            answer = self._client.stream(
                SPREADSHEET_VALUES_BATCH_URL % spreadsheet_id,
                _values_of([quote_title(title) for title in titles]),
            )
            try:
                return reader.read(answer.iter_content(CHUNK_BYTES), titles)
            except CutOffError as error:
                raise TransientError(f"{what}: {error}") from error
            finally:
                answer.close()

    @retried
    def read_columns(self, spreadsheet_id: str, ranges: Sequence[str]) -> Sequence[Columns]:
        """Return unformatted values and serial dates of each A1 range: one read."""
        content = self._send(
            SPREADSHEET_VALUES_BATCH_URL % spreadsheet_id, _values_of(ranges), spreadsheet_id
        )
        try:
            return read_columns(content, ranges)
        except CutOffError as error:
            raise TransientError(f"spreadsheet {spreadsheet_id}: {error}") from error

    def read_discussions(self, spreadsheet_id: str) -> Sequence[Discussion]:
        """Return the native comment threads: one read."""
        params: ParamsType = {
            "commentsViewMode": "COMMENTS_VIEW_MODE_INCLUDED",
            "fields": "comments(commentId,headPost.content,replies.content)",
        }
        found = self._read(SPREADSHEET_URL % spreadsheet_id, params, spreadsheet_id)
        return [
            Discussion(
                str(thread["commentId"]),
                tuple(
                    str(post.get("content", ""))
                    for post in (thread.get("headPost", {}), *thread.get("replies", ()))
                ),
            )
            for thread in found.get("comments", ())
        ]

    def write(
        self, spreadsheet_id: str, requests_: Sequence[Request], spans: Sequence[Span] = ()
    ) -> Sequence[Sequence[Raw]]:
        """Apply all requests or none, and return how each span reads afterwards: one write.

        Raises UnknownOutcomeError if the answer was lost, RefusedError if something in the requests
        does not fit the spreadsheet.
        """
        body: dict[str, Any] = {"requests": list(requests_)}
        if spans:
            ranges = [_a1(span) for span in spans]
            body |= {"includeSpreadsheetInResponse": True, "responseRanges": ranges}
        try:
            with translated(f"spreadsheet {spreadsheet_id}", self._account):
                answer = self._client.request(
                    "post",
                    SPREADSHEET_BATCH_UPDATE_URL % spreadsheet_id,
                    params={
                        "prettyPrint": "false",
                        "fields": WRITTEN_FIELDS if spans else "spreadsheetId",
                    },
                    data=orjson.dumps(body),
                    headers={"Content-Type": "application/json"},
                )
            return _read_back(orjson.loads(answer.content), spans)
        except TransientError as error:
            raise UnknownOutcomeError(str(error)) from error
        except orjson.JSONDecodeError as error:
            told = f"spreadsheet {spreadsheet_id}: an answer was cut off"
            raise UnknownOutcomeError(told) from error

    @retried
    def _read(self, url: str, params: ParamsType, spreadsheet_id: str) -> dict[str, Any]:
        content = self._send(url, params, spreadsheet_id)
        try:
            found: dict[str, Any] = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise TransientError(f"spreadsheet {spreadsheet_id}: an answer was cut off") from error
        return found

    def _send(self, url: str, params: ParamsType, spreadsheet_id: str) -> bytes:
        with translated(f"spreadsheet {spreadsheet_id}", self._account):
            answer = self._client.request("get", url, params={**params, **COMPACT})
            content: bytes = answer.content
            return content


def _values_of(ranges: Sequence[str]) -> ParamsType:
    return {
        "ranges": list(ranges),
        "majorDimension": "COLUMNS",
        "valueRenderOption": "UNFORMATTED_VALUE",
        "dateTimeRenderOption": "SERIAL_NUMBER",
    }


def _sheet_info(properties: Mapping[str, Any]) -> SheetInfo:
    grid = properties["gridProperties"]
    return SheetInfo(
        properties["sheetId"], properties["title"], grid["rowCount"], grid["columnCount"]
    )


def _a1(span: Span) -> str:
    letters = column_letters(span.column)
    return f"{quote_title(span.sheet.title)}!{letters}{span.first + 2}:{letters}{span.last + 2}"


def _read_back(answer: Mapping[str, Any], spans: Sequence[Span]) -> Sequence[Sequence[Raw]]:
    grids = {
        (
            sheet["properties"].get("sheetId", 0),
            grid.get("startColumn", 0),
            grid.get("startRow", 0),
        ): grid
        for sheet in answer.get("updatedSpreadsheet", {}).get("sheets", ())
        for grid in sheet.get("data", ())
    }
    places = [(span.sheet.sheet_id, span.column, span.first + 1) for span in spans]
    if any(place not in grids for place in places):
        raise UnknownOutcomeError("a write did not answer how the rows read afterwards")
    return [[_value_of(row) for row in grids[place].get("rowData", ())] for place in places]


def _value_of(row: Mapping[str, Any]) -> Raw:
    cells: Sequence[Mapping[str, Any]] = row.get("values", ())
    value: Mapping[str, Raw] = cells[0].get("effectiveValue", {}) if cells else {}
    return "#ERROR!" if "errorValue" in value else next(iter(value.values()), None)
