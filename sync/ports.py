"""What a pass needs of the outside: sheets, drive, mail and a clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from rules.letters import Letter
from rules.table import Raw
from sync.errors import SyncError

Request: TypeAlias = Mapping[str, Any]
"""One request of `spreadsheets.batchUpdate`, as the discovery document describes it."""

Columns: TypeAlias = Sequence[Sequence[Raw]]
"""A range's values, column by column, as `values.batchGet` returns them: short columns are cut."""


@dataclass(frozen=True)
class TabContent:
    """What stands on a tab: its first row, and what is below it, column by column.

    The columns are all `height` long, empty cells are None. `blank` is such a column of nothing.
    """

    headers: Sequence[Raw]
    columns: Columns
    height: int
    blank: Sequence[Raw]

    def cell(self, row: int, column: int) -> Raw:
        """Return a cell, None beyond what is filled; row 0 is the first one of the tab."""
        if column >= len(self.columns) or row > self.height:
            return None
        return self.columns[column][row - 1] if row else self.headers[column]


EMPTY_TAB = TabContent((), (), 0, [])


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
    (see `fence.py`). `remembered`: it is from an earlier pass.
    """

    spreadsheet_id: str
    title: str
    time_zone: str
    sheets: tuple[SheetInfo, ...]
    metadata: Mapping[str, str]
    commits: tuple[int, ...] = ()
    remembered: bool = False

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


@dataclass(frozen=True)
class Discussion:
    """A native comment thread; `posts` are its words, the head's first."""

    comment_id: str
    posts: tuple[str, ...]


class SheetsPort(Protocol):
    """Google Sheets; reads are retried inside."""

    def read_structure(self, spreadsheet_id: str) -> Structure:
        """Return tabs, time zone and metadata: one read."""

    def read_tabs(self, spreadsheet_id: str, titles: Sequence[str]) -> Sequence[TabContent]:
        """Return unformatted values and serial dates of each tab: one read.

        A tab, or a column, that reads as it did the last time is the same object as then.
        """

    def read_columns(self, spreadsheet_id: str, ranges: Sequence[str]) -> Sequence[Columns]:
        """Return unformatted values and serial dates of each A1 range: one read."""

    def read_discussions(self, spreadsheet_id: str) -> Sequence[Discussion]:
        """Return the native comment threads: one read."""

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


@dataclass(frozen=True)
class DriveFile:
    """A file or folder as Drive shows it to the worker.

    `trashed` also where a folder above it is; `drive_id` is the shared drive it lies in, None in
    a My Drive; `writable`: the worker may change it, and put files into a folder.
    """

    file_id: str
    name: str
    is_folder: bool
    parent: str | None
    trashed: bool
    drive_id: str | None
    writable: bool
    properties: Mapping[str, str]
    created: str = ""
    modified: str = ""


@dataclass(frozen=True)
class FileChange:
    """What is to be changed of a file: None leaves it as it is. A move names both parents."""

    file_id: str
    name: str | None = None
    parent: str | None = None
    old_parent: str | None = None
    properties: Mapping[str, str] | None = None
    trashed: bool | None = None


@dataclass(frozen=True)
class Grant:
    """A right on a file to be given: `kind` is user or group."""

    file_id: str
    email: str
    role: str
    kind: str


@dataclass(frozen=True)
class DocumentCopy:
    """A copy of a template to be made."""

    template: str
    name: str
    parent: str
    properties: Mapping[str, str]


@dataclass(frozen=True)
class Upload:
    """A file to be put into a folder, under an id that was generated for it."""

    file_id: str
    parent: str
    name: str
    content: bytes = field(repr=False)
    mime_type: str
    properties: Mapping[str, str]


@dataclass(frozen=True)
class DriveChanges:
    """Files changed since a token, each as it is now; `gone` can no longer be seen, at least there.

    `token` is the place after them.
    """

    files: Mapping[str, DriveFile]
    gone: frozenset[str]
    token: str

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self.files) + len(self.gone)


class IdSource(Protocol):
    """Where ids of new folders come from."""

    def generate_ids(self, count: int) -> Sequence[str]:
        """Return ids that new folders may be created under."""


class FoldersPort(IdSource, Protocol):
    """What the folder work of a pass needs of Google Drive.

    What takes several things answers one to one: an error in a thing's place is that thing's own,
    and the others are done. A TransientError there leaves open whether it was done, unless it is
    a BusyError.
    """

    @property
    def account(self) -> str:
        """Whom people share folders with for the worker to see them."""

    def make_folders(self, folders: Sequence[Folder]) -> Sequence[DriveFile | SyncError]:
        """Create folders under their ids; where one is there already, look at it instead."""

    def look(self, file_ids: Sequence[str]) -> Sequence[DriveFile | SyncError]:
        """Return the files; GoneError in the place of one that cannot be seen."""

    def change(self, changes: Sequence[FileChange]) -> Sequence[DriveFile | SyncError]:
        """Rename, move, mark or trash files; return them as they are then."""

    def grant(self, grants: Sequence[Grant]) -> Sequence[str | SyncError]:
        """Give rights, without notification mails; return the ids of the permissions."""

    def revoke(self, rights: Sequence[tuple[str, str]]) -> Sequence[SyncError | None]:
        """Take back rights, by file and permission id; one that is not there is taken back."""

    def list_children(self, folder_ids: Sequence[str], drive_id: str | None) -> Sequence[DriveFile]:
        """Return what lies directly in the folders, which lie in that shared drive (or in none)."""

    def copy(self, copies: Sequence[DocumentCopy]) -> Sequence[str | SyncError]:
        """Copy templates, never twice by itself; return the ids of the copies."""

    def start_token(self, drive_id: str | None) -> str:
        """Return the present end of a change log: of a shared drive, or the account's own."""

    def read_changes(self, drive_id: str | None, token: str) -> DriveChanges:
        """Return what changed since the token in that log."""

    def upload_file(self, upload: Upload) -> str:
        """Put a file into a folder, unless one of that content is there; return that one's id."""


class DrivePort(FoldersPort, Protocol):
    """Google Drive."""

    def create_spreadsheet(self, title: str, parent: str | None) -> str:
        """Create an empty spreadsheet and return its id."""

    def share(self, file_id: str, email: str) -> None:
        """Let that person edit the file, without a notification mail."""


@dataclass(frozen=True)
class LabelNames:
    """The labels of a mailbox that matter: `skip` keeps a letter out; `count` lets it in."""

    skip: str
    count: str | None = None


@dataclass(frozen=True)
class MessageRef:
    """A message of a mailbox, by Gmail's ids of it and its thread."""

    message_id: str
    thread_id: str


@dataclass(frozen=True)
class MailChanges:
    """What happened in a mailbox since a cursor, oldest first, and the cursor after it.

    `messages` came, or changed their labels so that they may count now; `skipped` got the label
    that keeps them out. Not `complete`: there is more than was asked for.
    """

    messages: tuple[MessageRef, ...]
    skipped: tuple[MessageRef, ...]
    cursor: str
    complete: bool = True


@dataclass(frozen=True)
class MailPage:
    """Messages that a search found; not `complete`: there are more."""

    messages: tuple[MessageRef, ...]
    complete: bool


@dataclass(frozen=True)
class Fetched:
    """What came of fetching messages: letters by message id, in the order asked for.

    `gone`: drafts, spam, trash, and what is not there any more. `failed`: Google gives the message
    to nobody, while it gives others. `postponed`: not now, because of a quota; `busy_until` tells
    how long.
    """

    letters: Mapping[str, Letter]
    gone: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    postponed: frozenset[str] = frozenset()
    busy_until: datetime | None = None


class MailPort(Protocol):
    """Gmail, over several mailboxes.

    Every method raises QuotaUsedUpError, without a call, while the mailbox's quota is used up.
    """

    def address(self, mailbox: str) -> str:
        """Return the mailbox's address, also for `me`."""

    def read_cursor(self, mailbox: str) -> str:
        """Return the mailbox's present history id."""

    def read_changes(self, mailbox: str, cursor: str, labels: LabelNames, most: int) -> MailChanges:
        """Return what happened since the cursor, up to about `most` messages.

        Raises CursorExpiredError.
        """

    def search(
        self,
        mailbox: str,
        addresses: Sequence[str],
        since: datetime,
        before: datetime | None,
        label: str | None,
    ) -> MailPage:
        """Return a page of messages with any of the addresses, and with the label if one is given.

        They are not older than `since` and older than `before`; a second's worth is whole.
        """

    def latest(self, mailbox: str, most: int) -> Sequence[MessageRef]:
        """Return the latest messages, the newest first."""

    def with_addresses(
        self, mailbox: str, addresses: Sequence[str], wanted: Collection[str]
    ) -> frozenset[str]:
        """Return which of the wanted message ids are with any of the addresses."""

    def labelled(self, mailbox: str, label: str) -> Sequence[MessageRef]:
        """Return all messages with the label; none if there is no such label."""

    def fetch_headers(self, mailbox: str, message_ids: Sequence[str]) -> Fetched:
        """Return the letters without text and attachments."""

    def fetch(self, mailbox: str, message_ids: Sequence[str]) -> Fetched:
        """Return the letters."""

    def fetch_attachment(self, mailbox: str, message_id: str, part: str) -> bytes:
        """Return the content of a file that came with a message."""


class ChangeLog(Protocol):
    """Where the worker's changes are written down."""

    def record(self, spreadsheet_id: str, outcome: str, changes: Iterable[Change]) -> None:
        """Keep the changes of one write and what became of it: written, unknown, or repaired."""


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the present moment, aware."""
