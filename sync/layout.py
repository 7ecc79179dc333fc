"""Where the tabs and columns of a workbook are: found by title and header, in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rules.playbook import Locale, Name, Playbook, Tab
from rules.table import Raw, as_text
from rules.text import fold
from sync.errors import StructureError
from sync.ports import Columns, SheetInfo

RECORDS = "records"
LETTERS = "letters"

HIDDEN_TABS: Mapping[str, tuple[str, ...]] = {
    RECORDS: (
        *("id", "stage", "stage_since", "trigger", "folders", "folders_made", "searched"),
        "note",
    ),
    LETTERS: ("key", "message", "thread", "day", "state"),
}
"""The worker's memory: hidden tabs `_records` and `_letters` with these headers.

records: a row for each ID. `stage` and `trigger` as last seen; `folders` the ids of its Drive
folder and subfolders, recorded before they are made; `folders_made` when they were; `searched`
the addresses that mailboxes are searched for, each with its mark (`sync/mailbox_state.py`); `note`
a hash of the note on the last letter.
letters: a row for each message with a client in each mailbox, so that it is not fetched again and a
deleted comment stays deleted. `key` is its Message-ID; `message` its mailbox and id there; `thread`
that mailbox's id of the thread; `day` the serial date; `state` what became of it
(`rules/letter_log.py`).
"""


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


def find_sheets(playbook: Playbook, sheets: Sequence[SheetInfo]) -> Mapping[str, SheetInfo]:
    """Return the sheet of each tab, report and hidden tab that the workbook has, by key.

    Raises StructureError if two sheets may be the same tab: writing to either would be a guess.
    """
    wanted: dict[str, Name] = {**playbook.tabs, **playbook.reports}
    for key in HIDDEN_TABS:
        wanted[key] = Name(en=hidden_title(key), ru=hidden_title(key))
    found: dict[str, SheetInfo] = {}
    for sheet in sheets:
        for key, name in wanted.items():
            if fold(sheet.title) not in name.spellings:
                continue
            if key in found:
                raise StructureError(
                    f"the tabs “{found[key].title}” and “{sheet.title}” are one and the same to "
                    "the worker: rename or delete one of them"
                )
            found[key] = sheet
    return found


def missing_tabs(playbook: Playbook, found: Mapping[str, SheetInfo], locale: Locale) -> list[str]:
    """Return the titles of the tabs that a pass cannot do without and the workbook has not."""
    return [name.in_locale(locale) for key, name in playbook.tabs.items() if key not in found]


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
    field_of = {spelling: name for name, spec in tab.fields.items() for spelling in spec.spellings}
    columns: dict[str, int] = {}
    for index, header in enumerate(headers):
        field = field_of.get(fold(as_text(header)))
        if field is None:
            continue
        if field in columns:
            raise StructureError(
                f"tab “{sheet.title}”: the header “{as_text(header)}” stands twice "
                f"(columns {column_letters(columns[field])} and {column_letters(index)})"
            )
        columns[field] = index
    shown = {field: as_text(headers[index]) for field, index in columns.items()}
    return TabLayout(key, sheet, columns, shown, len(headers))


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
