"""Where the tabs and columns of a workbook are: found by title and header, in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rules.folder_memory import FIELDS as FOLDER_FIELDS
from rules.playbook import Locale, Name, Playbook, Tab
from rules.table import Raw, as_text
from rules.text import fold
from sync.errors import StructureError
from sync.ports import Columns, SheetInfo

RECORDS = "records"
LETTERS = "letters"

DASHBOARD = "dashboard"
BANNER_ROW = 2
"""Index of the dashboard's first row for notices; below it are its tick box, and the tables."""

HIDDEN_TABS: Mapping[str, tuple[str, ...]] = {
    RECORDS: (
        *("id", "stage", "stage_since", "trigger", "folders", "folders_made", "searched"),
        *("identity", "gone", "accepted", "score_note", "note"),
        *FOLDER_FIELDS,
    ),
    LETTERS: ("key", "message", "thread", "day", "state", "files", "posted"),
}
"""The worker's memory: hidden tabs `_records` and `_letters` with these headers.

records: a row for each ID. `stage` and `trigger` as last seen; `folders` the ids of its Drive
folder and subfolders, recorded before they are made; `folders_made` when they were; `searched`
the addresses that mailboxes are searched for, each with its mark (`sync/mailbox_state.py`);
`identity` a digest of the cells that tell a row from others; `gone` since when no row has the ID;
`note` a hash of the note on the last letter; `accepted` the warnings of a deal that are dismissed;
`score_note` which note on the ICP score was written last; what else is known of the folder:
`folder_memory.py`.
letters: a row for each message with a client in each mailbox, so that it is not fetched again and a
deleted comment stays deleted. `key` is its Message-ID; `message` its mailbox and id there; `thread`
that mailbox's id of the thread; `day` the serial date; `state` what became of it
(`rules/letter_log.py`); `files` the ids kept for its files, then what was put away
(`attachments.py`); `posted` whether it is in the deal's native comment thread.
"""


ROW_KEYS: Mapping[str, str] = {
    "deals": "id",
    "contacts": "id",
    "companies": "id",
    "comments": "letter_key",
    "events": "key",
    RECORDS: "id",
    LETTERS: "key",
}
"""The field by which a row of each tab is found again."""


@dataclass(frozen=True)
class TabLayout:
    """A tab's sheet, and the column index of each field found on it, with the header there."""

    key: str
    sheet: SheetInfo
    columns: Mapping[str, int]
    headers: Mapping[str, str]
    width: int


def hidden_title(key: str) -> str:
    """Return the title of one of the worker's hidden tabs."""
    return f"_{key}"


@dataclass(frozen=True)
class Fault:
    """Why a tab cannot be worked with: what is missing there or stands twice (`names`)."""

    tab: str
    title: str
    kind: Literal["tab_missing", "tab_doubled", "header_missing", "header_doubled"]
    names: tuple[str, ...]

    def __str__(self) -> str:
        """Return the line that an operator reads."""
        names = ", ".join(f"“{name}”" for name in self.names)
        match self.kind:
            case "tab_missing":
                return f"there is no tab {names}; `crm init --spreadsheet ID` adds what is missing"
            case "tab_doubled":
                return f"the tabs {names} are one and the same to the worker: rename or delete one"
            case "header_missing":
                return f"tab “{self.title}” has no header {names}"
            case "header_doubled":
                return f"tab “{self.title}”: the header “{self.names[0]}” stands twice " + (
                    f"(columns {' and '.join(self.names[1:])})"
                )


def match_sheets(
    playbook: Playbook, sheets: Sequence[SheetInfo]
) -> Mapping[str, Sequence[SheetInfo]]:
    """Return the sheets that may be each tab, report and hidden tab, by key."""
    wanted: dict[str, Name] = {**playbook.tabs, **playbook.reports}
    for key in HIDDEN_TABS:
        wanted[key] = Name(en=hidden_title(key), ru=hidden_title(key))
    found: dict[str, list[SheetInfo]] = {}
    for sheet in sheets:
        for key, name in wanted.items():
            if fold(sheet.title) in name.spellings:
                found.setdefault(key, []).append(sheet)
    return found


def find_sheets(playbook: Playbook, sheets: Sequence[SheetInfo]) -> Mapping[str, SheetInfo]:
    """Return the sheet of each tab, report and hidden tab that the workbook has, by key.

    Raises StructureError if two sheets may be the same tab: writing to either would be a guess.
    """
    matched = match_sheets(playbook, sheets)
    for key, several in matched.items():
        if len(several) > 1:
            raise StructureError(str(doubled_tab(key, several)))
    return {key: several[0] for key, several in matched.items()}


def doubled_tab(key: str, sheets: Sequence[SheetInfo]) -> Fault:
    """Return the fault of a tab that several sheets may be."""
    titles = tuple(sheet.title for sheet in sheets)
    return Fault(key, titles[0], "tab_doubled", titles)


def workbook_locale(playbook: Playbook, found: Mapping[str, SheetInfo]) -> Locale:
    """Return the language of the workbook: that of its tabs' titles."""
    russian = sum(
        fold(sheet.title) == fold(playbook.tabs[key].ru) != fold(playbook.tabs[key].en)
        for key, sheet in found.items()
        if key in playbook.tabs
    )
    return "ru" if russian * 2 > sum(key in playbook.tabs for key in found) else "en"


def header_row(columns: Columns) -> Sequence[Raw]:
    """Return the first row of a tab that was read column by column."""
    return [column[0] if column else None for column in columns]


def find_columns(key: str, tab: Tab, sheet: SheetInfo, headers: Sequence[Raw]) -> TabLayout:
    """Return where the tab's fields stand. A header that stands twice raises StructureError."""
    layout, faults = match_columns(key, tab, sheet, headers)
    if faults:
        raise StructureError(str(faults[0]))
    return layout


def match_columns(
    key: str, tab: Tab, sheet: SheetInfo, headers: Sequence[Raw]
) -> tuple[TabLayout, Sequence[Fault]]:
    """Return where the tab's fields stand, and the headers that stand twice."""
    field_of = {spelling: name for name, spec in tab.fields.items() for spelling in spec.spellings}
    columns: dict[str, int] = {}
    faults = []
    for index, header in enumerate(headers):
        field = field_of.get(fold(as_text(header)))
        if field is None:
            continue
        if field in columns:
            places = (column_letters(columns[field]), column_letters(index))
            names = (as_text(header), *places)
            faults.append(Fault(key, sheet.title, "header_doubled", names))
        columns[field] = index
    shown = {field: as_text(headers[index]) for field, index in columns.items()}
    return TabLayout(key, sheet, columns, shown, len(headers)), faults


def missing_headers(tab: Tab, layout: TabLayout, locale: Locale) -> list[str]:
    """Return the headers that a pass cannot do without and the tab has not."""
    return [
        spec.in_locale(locale)
        for field, spec in tab.fields.items()
        if not spec.optional and field not in layout.columns
    ]


def hidden_layout(key: str, sheet: SheetInfo) -> TabLayout:
    """Return the layout of one of the worker's hidden tabs, which nobody rearranges."""
    fields = HIDDEN_TABS[key]
    columns = {field: index for index, field in enumerate(fields)}
    return TabLayout(key, sheet, columns, {field: field for field in fields}, len(fields))


def column_letters(index: int) -> str:
    """Return the A1 letters of a column index (0 is A)."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def quote_title(title: str) -> str:
    """Return a tab's title as A1 notation wants it."""
    return "'" + title.replace("'", "''") + "'"
