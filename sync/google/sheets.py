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

from sync.errors import TransientError, UnknownOutcomeError
from sync.google.auth import DRIVE_SCOPE, SHEETS_SCOPE, TIMEOUT_SECONDS, Account
from sync.google.errors import translated
from sync.google.retry import retried
from sync.ports import Columns, Request, SheetInfo, Structure

GOOGLE = "https://sheets.googleapis.com"

STRUCTURE_FIELDS = (
    "spreadsheetId,properties(title,locale,timeZone),developerMetadata(metadataKey,metadataValue),"
    "sheets.properties(sheetId,title,gridProperties(rowCount,columnCount))"
)


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


class GoogleSheets:
    """The sheets port. One instance per thread."""

    def __init__(self, account: Account, endpoint: str | None = None) -> None:
        session = AuthorizedSession(account.scoped([SHEETS_SCOPE, DRIVE_SCOPE]))
        self._client = EndpointClient(session.credentials, session=session)
        self._client.endpoint = endpoint or GOOGLE
        self._client.set_timeout((10, TIMEOUT_SECONDS))
        self._account = account.email

    def close(self) -> None:
        """Close the connections."""
        self._client.session.close()

    def read_structure(self, spreadsheet_id: str) -> Structure:
        """Return tabs, time zone and metadata: one read."""
        found = self._read(
            SPREADSHEET_URL % spreadsheet_id, {"fields": STRUCTURE_FIELDS}, spreadsheet_id
        )
        return Structure(
            spreadsheet_id=found["spreadsheetId"],
            title=found["properties"]["title"],
            time_zone=found["properties"].get("timeZone", "Etc/GMT"),
            sheets=tuple(
                _sheet_info(sheet["properties"])
                for sheet in found["sheets"]
                if "gridProperties" in sheet["properties"]
            ),
            metadata={
                item["metadataKey"]: item.get("metadataValue", "")
                for item in found.get("developerMetadata", ())
            },
        )

    def read_columns(self, spreadsheet_id: str, ranges: Sequence[str]) -> Sequence[Columns]:
        """Return unformatted values and serial dates of each A1 range: one read."""
        params: ParamsType = {
            "ranges": list(ranges),
            "majorDimension": "COLUMNS",
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
        }
        found = self._read(SPREADSHEET_VALUES_BATCH_URL % spreadsheet_id, params, spreadsheet_id)
        return [value_range.get("values", ()) for value_range in found["valueRanges"]]

    def write(self, spreadsheet_id: str, requests_: Sequence[Request]) -> None:
        """Apply all requests or none: one write.

        Raises UnknownOutcomeError if the answer was lost.
        """
        try:
            with translated(f"spreadsheet {spreadsheet_id}", self._account):
                self._client.request(
                    "post",
                    SPREADSHEET_BATCH_UPDATE_URL % spreadsheet_id,
                    params={"prettyPrint": "false", "fields": "spreadsheetId"},
                    data=orjson.dumps({"requests": list(requests_)}),
                    headers={"Content-Type": "application/json"},
                )
        except TransientError as error:
            raise UnknownOutcomeError(str(error)) from error

    @retried
    def _read(self, url: str, params: ParamsType, spreadsheet_id: str) -> dict[str, Any]:
        with translated(f"spreadsheet {spreadsheet_id}", self._account):
            answer = self._client.request("get", url, params={**params, "prettyPrint": "false"})
        try:
            found: dict[str, Any] = orjson.loads(answer.content)
        except orjson.JSONDecodeError as error:
            raise TransientError(f"spreadsheet {spreadsheet_id}: an answer was cut off") from error
        return found


def _sheet_info(properties: Mapping[str, Any]) -> SheetInfo:
    grid = properties["gridProperties"]
    return SheetInfo(
        properties["sheetId"], properties["title"], grid["rowCount"], grid["columnCount"]
    )
