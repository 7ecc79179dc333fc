"""What a pass needs of the outside: sheets, drive, mail and a clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from rules.letters import Letter
from rules.table import Raw

Request: TypeAlias = Mapping[str, Any]
"""One request of `spreadsheets.batchUpdate`, as the discovery document describes it."""

Columns: TypeAlias = Sequence[Sequence[Raw]]
"""A range's values, column by column, as `values.batchGet` returns them: short columns are cut."""


@dataclass(frozen=True)
class SheetInfo:
    """A tab of a spreadsheet; `rows` and `columns` are the size of its grid."""

    sheet_id: int
    title: str
    rows: int
    columns: int


@dataclass(frozen=True)
class Structure:
    """A spreadsheet without its cells.

    `metadata` is its developer metadata by key, `commits` the numbers of the worker's last commits
    (see `fence.py`).
    """

    spreadsheet_id: str
    title: str
    time_zone: str
    sheets: tuple[SheetInfo, ...]
    metadata: Mapping[str, str]
    commits: tuple[int, ...] = ()

    @property
    def last_commit(self) -> int:
        """The number of the worker's last commit, 0 before the first."""
        return max(self.commits, default=0)


@dataclass(frozen=True)
class Span:
    """Rows `first` to `last` of one column of a tab; row 0 is the first below the header."""

    sheet: SheetInfo
    column: int
    first: int
    last: int


@dataclass(frozen=True)
class Change:
    """One cell, or one new or removed row of a tab; row 0 is the first below the header.

    `kind` is cell, row or removed. `key` is the ID of the record, or what else the tab's rows are
    found by. Of a new row `after` tells the cells by field.
    """

    kind: str
    tab: str
    row: int | None
    key: str
    field: str = ""
    before: Raw = None
    after: Raw | Mapping[str, Raw] = None


class SheetsPort(Protocol):
    """Google Sheets; reads are retried inside."""

    def read_structure(self, spreadsheet_id: str) -> Structure:
        """Return tabs, time zone and metadata: one read."""

    def read_columns(self, spreadsheet_id: str, ranges: Sequence[str]) -> Sequence[Columns]:
        """Return unformatted values and serial dates of each A1 range: one read."""

    def write(
        self, spreadsheet_id: str, requests: Sequence[Request], spans: Sequence[Span] = ()
    ) -> Sequence[Sequence[Raw]]:
        """Apply all requests or none, and return how each span reads afterwards: one write.

        Raises UnknownOutcomeError if the answer was lost, RefusedError if something in the requests
        does not fit the spreadsheet.
        """


@dataclass(frozen=True)
class Folder:
    """A Drive folder to be; `properties` tell whose it is and are kept as appProperties."""

    folder_id: str
    name: str
    parent: str
    properties: Mapping[str, str]


class IdSource(Protocol):
    """Where ids of new folders come from."""

    def generate_ids(self, count: int) -> Sequence[str]:
        """Return ids that new folders may be created under."""


class DrivePort(IdSource, Protocol):
    """Google Drive."""

    def make_folder(self, folder: Folder) -> None:
        """Create the folder under its id, or find it made already.

        Raises PermanentError if something else has that id, or it is in the trash.
        """

    def create_spreadsheet(self, title: str, parent: str | None) -> str:
        """Create an empty spreadsheet and return its id."""

    def share(self, file_id: str, email: str) -> None:
        """Let that person edit the file, without a notification mail."""


@dataclass(frozen=True)
class MailChanges:
    """Ids of messages added since a cursor, and the cursor after them."""

    message_ids: tuple[str, ...]
    cursor: str


class MailPort(Protocol):
    """Gmail, over several mailboxes."""

    def read_cursor(self, mailbox: str) -> str:
        """Return the mailbox's present history id."""

    def search(self, mailbox: str, addresses: Sequence[str], after: datetime) -> Sequence[str]:
        """Return ids of messages from or to any of the addresses, later than `after`."""

    def read_changes(self, mailbox: str, cursor: str) -> MailChanges:
        """Return what was added since the cursor. Raises CursorExpiredError."""

    def fetch(self, mailbox: str, message_id: str) -> Letter | None:
        """Return the letter; None for a draft, spam, trash, or one that is gone."""


class ChangeLog(Protocol):
    """Where the worker's changes are written down."""

    def record(self, spreadsheet_id: str, outcome: str, changes: Iterable[Change]) -> None:
        """Keep the changes of one write and what became of it: written, unknown, or repaired."""


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the present moment, aware."""
