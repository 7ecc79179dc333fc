"""Probes of what nobody has verified about Google: each tries one fact on scratch files.

A probe states what this product and its sandbox assume, and tells whether Google does so. All run
in a scratch folder with a scratch spreadsheet, which are removed in the end, whatever happens; a
mailbox is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sync.errors import PermanentError, SyncError
from sync.google.drive import FOLDER_TYPE, SPREADSHEET_TYPE
from sync.google.errors import make_error
from sync.google.raw import Answer, RawGoogle

ALL = {"supportsAllDrives": "true"}
FILES = "/drive/v3/files"


@dataclass(frozen=True)
class Verdict:
    """What a probe saw: whether it is as assumed (None: it could not be told), and what it was."""

    holds: bool | None
    seen: str


@dataclass(frozen=True)
class Scratch:
    """Where probes work."""

    google: RawGoogle
    folder_id: str
    spreadsheet_id: str
    mailbox: str | None = None

    def sheets(self, method: str, path: str, body: Any = None, **params: Any) -> Answer:
        """Ask about the scratch spreadsheet."""
        url = f"/v4/spreadsheets/{self.spreadsheet_id}{path}"
        return self.google.ask(method, "sheets", url, body, **params)

    def change(self, *requests: Any) -> Answer:
        """Send one batchUpdate."""
        return self.sheets("POST", ":batchUpdate", {"requests": list(requests)})

    def add_sheet(self, rows: Sequence[Sequence[Any]] = (), **properties: Any) -> tuple[int, str]:
        """Add a tab with these values at its top; its id and title."""
        made = self.change({"addSheet": {"properties": properties}})
        self.must(made, "a scratch tab")
        found = made.body["replies"][0]["addSheet"]["properties"]
        if rows:
            path = f"/values/{found['title']}!A1"
            written = self.sheets("PUT", path, {"values": rows}, valueInputOption="RAW")
            self.must(written, "scratch values")
        return found["sheetId"], found["title"]

    def values(self, title: str) -> list[list[Any]]:
        """Return a tab's values."""
        answer = self.sheets("GET", f"/values/{title}")
        self.must(answer, "scratch values")
        rows: list[list[Any]] = answer.body.get("values", [])
        return rows

    def drive(self, method: str, path: str = "", body: Any = None, **params: Any) -> Answer:
        """Ask Drive about files."""
        return self.google.ask(method, "drive", FILES + path, body, **{**ALL, **params})

    def make_folder(self, name: str, **more: Any) -> Answer:
        """Create a folder in the scratch folder."""
        body = {"name": name, "mimeType": FOLDER_TYPE, "parents": [self.folder_id], **more}
        return self.drive("POST", body=body, fields="id")

    def gmail(self, path: str, **params: Any) -> Answer:
        """Read the mailbox."""
        url = f"/gmail/v1/users/me{path}"
        return self.google.ask("GET", "gmail", url, subject=self.mailbox, **params)

    def must(self, answer: Answer, what: str) -> None:
        """Raise SyncError for a refusal of what a probe needs to begin with."""
        if not answer.ok:
            account = self.google.account.email
            raise make_error(answer.status, answer.content, what, account)


@dataclass(frozen=True)
class Probe:
    """One unverified fact."""

    key: str
    assumed: str
    """What is taken to be so, in a sentence."""
    run: Callable[[Scratch], Verdict]
    reads_mail: bool = False


PROBES: list[Probe] = []


def _probe(
    key: str, assumed: str, *, reads_mail: bool = False
) -> Callable[[Callable[[Scratch], Verdict]], Callable[[Scratch], Verdict]]:
    def note(run: Callable[[Scratch], Verdict]) -> Callable[[Scratch], Verdict]:
        PROBES.append(Probe(key, assumed, run, reads_mail))
        return run

    return note


def run_probe(probe: Probe, scratch: Scratch) -> Verdict:
    """Return the probe's verdict; trouble on the way is one that tells nothing."""
    if probe.reads_mail and scratch.mailbox is None:
        return Verdict(None, "no mailbox is configured")
    try:
        return probe.run(scratch)
    except SyncError as error:
        return Verdict(None, str(error))
    except (KeyError, IndexError, TypeError) as error:
        return Verdict(None, f"an answer of another form: {error!r}")


@contextmanager
def scratch_space(
    google: RawGoogle, parent: str | None, mailbox: str | None = None
) -> Iterator[Scratch]:
    """Yield a scratch folder with a spreadsheet under `parent`; both are gone afterwards.

    Raises SyncError if they cannot be made, or cannot be removed.
    """
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    folder_id = _create(google, f"crm doctor {moment}", FOLDER_TYPE, parent)
    try:
        spreadsheet_id = _create(google, "probes", SPREADSHEET_TYPE, folder_id)
        yield Scratch(google, folder_id, spreadsheet_id, mailbox)
    finally:
        _remove(google, folder_id)


def _create(google: RawGoogle, name: str, mime_type: str, parent: str | None) -> str:
    body = {"name": name, "mimeType": mime_type, **({"parents": [parent]} if parent else {})}
    answer = google.ask("POST", "drive", FILES, body, fields="id", **ALL)
    if not answer.ok:
        where = f"in {parent}" if parent else "in the account's own Drive"
        what = f"creating “{name}” {where}"
        raise make_error(answer.status, answer.content, what, google.account.email)
    return str(answer.body["id"])


def _remove(google: RawGoogle, folder_id: str) -> None:
    """Delete the folder with all in it, or put it into the trash where deleting is not allowed."""
    path = f"{FILES}/{folder_id}"
    if google.ask("DELETE", "drive", path, **ALL).ok:
        return
    trashed = google.ask("PATCH", "drive", path, {"trashed": True}, **ALL)
    if not trashed.ok:
        raise PermanentError(
            f"the scratch folder {folder_id} could not be removed ({trashed.shown}): "
            "delete it by hand"
        )


def _refused(answer: Answer, status: int) -> Verdict:
    return Verdict(answer.status == status, answer.shown)


# Sheets


def _metadata(key: str, location: Any, **more: Any) -> Any:
    body = {"metadataKey": key, "metadataValue": "x", "visibility": "DOCUMENT", **more}
    return {"createDeveloperMetadata": {"developerMetadata": {**body, "location": location}}}


def _row(sheet_id: int, index: int) -> Any:
    span = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": index, "endIndex": index + 1}
    return {"dimensionRange": span}


@_probe("metadata-id", "creating developer metadata under a metadataId that exists is refused: 400")
def metadata_id(scratch: Scratch) -> Verdict:
    """Tell; a refusal would make a compare-and-set inside batchUpdate."""
    request = _metadata("crm.probe.id", {"spreadsheet": True}, metadataId=482_915)
    scratch.must(scratch.change(request), "metadata")
    return _refused(scratch.change(request), 400)


def _row_of_metadata(scratch: Scratch, key: str) -> int | None:
    filters = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": key}}]}
    found = scratch.sheets("POST", "/developerMetadata:search", filters).body
    matched = found.get("matchedDeveloperMetadata", [])
    if not matched:
        return None
    span = matched[0]["developerMetadata"]["location"]["dimensionRange"]
    return int(span.get("startIndex", 0))


@_probe("metadata-sort", "a row's metadata moves with its row when rows are sorted by sortRange")
def metadata_sort(scratch: Scratch) -> Verdict:
    """Tell; the worker relies on an ID column and not on this."""
    sheet_id, title = scratch.add_sheet([["c"], ["b"], ["a"]])
    scratch.must(scratch.change(_metadata("crm.probe.sort", _row(sheet_id, 0))), "metadata")
    place = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": 3}
    order = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    scratch.must(scratch.change({"sortRange": {"range": place, "sortSpecs": order}}), "sorting")
    row = _row_of_metadata(scratch, "crm.probe.sort")
    values = [value for (value,) in scratch.values(title)]
    at = "is gone" if row is None else f"is at row {row + 1}, beside “{values[row]}”"
    follows = row is not None and values[row] == "c"
    return Verdict(follows, f"it was at row 1, beside “c”; after the sort it {at}")


@_probe("filter-sort", "a sort through the basic filter moves the rows for everybody")
def filter_sort(scratch: Scratch) -> Verdict:
    """Tell; if so, rows can move under a pass at any time."""
    sheet_id, title = scratch.add_sheet([["head"], ["b"], ["a"]])
    place = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": 3, "endColumnIndex": 1}
    specs = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    answer = scratch.change({"setBasicFilter": {"filter": {"range": place, "sortSpecs": specs}}})
    if not answer.ok:
        return Verdict(None, answer.shown)
    rows = scratch.values(title)
    return Verdict(rows == [["head"], ["a"], ["b"]], f"values read afterwards: {rows}")


@_probe("validation", "writes by the API are not held to data validation")
def validation(scratch: Scratch) -> Verdict:
    """Tell whether it is as other projects report."""
    sheet_id, title = scratch.add_sheet()
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "a"}]}}
    place = {"sheetId": sheet_id, "endRowIndex": 1, "endColumnIndex": 1}
    wish = {"setDataValidation": {"range": place, "rule": {**rule, "strict": True}}}
    scratch.must(scratch.change(wish), "validation")
    path = f"/values/{title}!A1"
    answer = scratch.sheets("PUT", path, {"values": [["z"]]}, valueInputOption="RAW")
    return Verdict(answer.ok, answer.shown)


@_probe("many-ranges", "a batchUpdate answers 3,000 response ranges")
def many_ranges(scratch: Scratch) -> Verdict:
    """Tell; a pass asks how the rows that it touched read, span by span."""
    sheet_id, title = scratch.add_sheet([["x"]] * 9_000, gridProperties={"rowCount": 9_000})
    here = {"sheetId": sheet_id, "rowIndex": 0, "columnIndex": 0}
    cell = {"values": [{"userEnteredValue": {"stringValue": "y"}}]}
    request = {"updateCells": {"start": here, "rows": [cell], "fields": "userEnteredValue"}}
    body = {
        "requests": [request],
        "includeSpreadsheetInResponse": True,
        "responseRanges": [f"{title}!A{row}" for row in range(1, 9_000, 3)],
    }
    mask = "updatedSpreadsheet(sheets(data(rowData(values(effectiveValue)))))"
    answer = scratch.sheets("POST", ":batchUpdate", body, fields=mask)
    if not answer.ok:
        return Verdict(False, answer.shown)
    sheets = answer.body["updatedSpreadsheet"]["sheets"]
    count = sum(len(sheet.get("data", ())) for sheet in sheets)
    return Verdict(count == 3_000, f"{count} ranges came back")


@_probe("long-cell", "a cell takes 50,000 characters and no more: 400")
def long_cell(scratch: Scratch) -> Verdict:
    """Tell whether it is as other projects report."""
    _, title = scratch.add_sheet()

    def write(length: int) -> Answer:
        body = {"values": [["x" * length]]}
        return scratch.sheets("PUT", f"/values/{title}!A1", body, valueInputOption="RAW")

    fits, too_long = write(50_000), write(50_001)
    seen = f"50,000: {fits.shown}; 50,001: {too_long.shown}"
    return Verdict(fits.ok and too_long.status == 400, seen)


@_probe("insert-range-grows", "insertRange grows the grid where what is moved would fall off it")
def insert_range_grows(scratch: Scratch) -> Verdict:
    """Tell whether the sandbox assumes it rightly."""
    grid = {"rowCount": 3, "columnCount": 3}
    sheet_id, _ = scratch.add_sheet([["a"], ["b"], ["c"]], gridProperties=grid)
    place = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": 2, "endColumnIndex": 1}
    answer = scratch.change({"insertRange": {"range": place, "shiftDimension": "ROWS"}})
    if not answer.ok:
        return Verdict(False, answer.shown)
    found = scratch.sheets("GET", "", fields="sheets.properties(sheetId,gridProperties)").body
    rows = next(
        sheet["properties"]["gridProperties"]["rowCount"]
        for sheet in found["sheets"]
        if sheet["properties"].get("sheetId", 0) == sheet_id
    )
    return Verdict(rows == 5, f"3 rows became {rows}")


@_probe("delete-table", "deleteTable empties the table's cells")
def delete_table(scratch: Scratch) -> Verdict:
    """Tell whether the sandbox assumes it rightly."""
    sheet_id, title = scratch.add_sheet([["Name"], ["x"]])
    place = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0,
             "endColumnIndex": 1}  # fmt: skip
    made = scratch.change({"addTable": {"table": {"name": "Probe", "range": place}}})
    if not made.ok:
        return Verdict(None, made.shown)
    table_id = made.body["replies"][0]["addTable"]["table"]["tableId"]
    answer = scratch.change({"deleteTable": {"tableId": table_id}})
    rows = scratch.values(title)
    return Verdict(answer.ok and not rows, f"{answer.shown}; values read afterwards: {rows}")


@_probe("sheets-without-storage", "an account without storage gets a plain 403 from Sheets' create")
def sheets_without_storage(scratch: Scratch) -> Verdict:
    """Tell; it says PERMISSION_DENIED and nothing of storage."""
    answer = scratch.google.ask("POST", "sheets", "/v4/spreadsheets", {})
    if answer.ok:
        file_id = answer.body["spreadsheetId"]
        gone = scratch.drive("DELETE", f"/{file_id}")
        return Verdict(None, f"the account has storage of its own (removed again: {gone.status})")
    is_plain = answer.body["error"].get("status") == "PERMISSION_DENIED"
    return Verdict(answer.status == 403 and is_plain, answer.shown)


# Drive


@_probe("used-id", "an id of files.generateIds stays used after its folder is deleted: 409")
def used_id(scratch: Scratch) -> Verdict:
    """Tell; if so, a folder is made once, even if somebody removed it meanwhile."""
    (new_id,) = scratch.drive("GET", "/generateIds", count=1, type="files").body["ids"]
    scratch.must(scratch.make_folder("once", id=new_id), "folder")
    again = scratch.make_folder("twice", id=new_id)
    scratch.drive("DELETE", f"/{new_id}")
    after = scratch.make_folder("thrice", id=new_id)
    seen = f"while it is there: {again.shown}; after deletion: {after.shown}"
    return Verdict((again.status, after.status) == (409, 409), seen)


@_probe("drive-unknown", "Drive ignores parameters and fields that it does not know")
def drive_unknown(scratch: Scratch) -> Verdict:
    """Tell; Sheets and Gmail refuse them."""
    body = {"name": "odd", "mimeType": FOLDER_TYPE, "parents": [scratch.folder_id], "odd": 1}
    answer = scratch.drive("POST", body=body, odd="1", fields="id")
    return Verdict(answer.ok, answer.shown)


@_probe("created-time", "createdTime cannot be changed by files.update: 403 fieldNotWritable")
def created_time(scratch: Scratch) -> Verdict:
    """Tell whether the sandbox assumes it rightly."""
    body = {"createdTime": "2020-01-01T00:00:00Z"}
    return _refused(scratch.drive("PATCH", f"/{scratch.folder_id}", body), 403)


@_probe("mime-prefix", "`mimeType contains` in a search looks at beginnings only")
def mime_prefix(scratch: Scratch) -> Verdict:
    """Tell whether the sandbox assumes it rightly."""
    place = f"'{scratch.folder_id}' in parents"
    flags = {"includeItemsFromAllDrives": "true"}

    def count(text: str) -> int:
        query = f"{place} and mimeType contains '{text}'"
        return len(scratch.drive("GET", q=query, **flags).body["files"])

    whole, inner = count("application/vnd.google-apps.spread"), count("google-apps.spreadsheet")
    return Verdict((whole, inner) == (1, 0), f"by a beginning: {whole}, by an inner part: {inner}")


@_probe("list-lag", "files.list may be late for a new folder, files.get is not")
def list_lag(scratch: Scratch) -> Verdict:
    """Tell; the worker relies on ids and on no search."""
    made = scratch.make_folder("late")
    scratch.must(made, "folder")
    got = scratch.drive("GET", f"/{made.body['id']}")
    query = f"name = 'late' and '{scratch.folder_id}' in parents"
    found = scratch.drive("GET", q=query, includeItemsFromAllDrives="true").body["files"]
    return Verdict(got.ok, f"get at once: {got.status}; list at once finds {len(found)} of 1")


# Gmail, by reading only


@_probe(
    "future-history", "history.list from beyond the latest id gives an empty page", reads_mail=True
)
def future_history(scratch: Scratch) -> Verdict:
    """Tell; if so, a cursor of another mailbox goes unnoticed."""
    latest = int(scratch.gmail("/profile").body["historyId"])
    answer = scratch.gmail("/history", startHistoryId=str(latest + 10**6))
    return Verdict(answer.ok and "history" not in answer.body, answer.shown)


@_probe(
    "large-page", "messages.list takes maxResults over 500 and gives 500 at most", reads_mail=True
)
def large_page(scratch: Scratch) -> Verdict:
    """Tell; the maximum is 500 (D), and whether more is refused is not said."""
    answer = scratch.gmail("/messages", maxResults=501)
    count = len((answer.body or {}).get("messages", ())) if answer.ok else 0
    return Verdict(answer.ok and count <= 500, f"{answer.shown}, {count} messages")
