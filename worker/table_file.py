"""An exported XLSX or CSV file, read as a workbook that the rules can check."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeAlias

import openpyxl

from rules.check import Book
from rules.playbook import SUBJECT_TABS, Locale, Playbook, Tab
from rules.table import Raw, Table
from rules.text import fold
from rules.values import SERIAL_EPOCH
from sync.errors import StructureError
from sync.layout import TabLayout, find_columns, find_sheets, missing_headers, workbook_locale
from sync.ports import SheetInfo

Row: TypeAlias = Sequence[Raw]

DELIMITERS = ",;\t"
ENCODINGS = ("utf-8-sig", "windows-1251")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
ZIP_MARK = b"PK\x03\x04"
OLD_EXCEL_MARK = b"\xd0\xcf\x11\xe0"

CHECKED_TABS = (*SUBJECT_TABS.values(), "lists")
"""The tabs whose columns the check reads; the others are there for their own sake."""

TICKS = {"TRUE": True, "FALSE": False, "ИСТИНА": True, "ЛОЖЬ": False}
"""How a checkbox stands in a CSV file; an unticked one is no content of its row."""


class TableFileError(Exception):
    """The file cannot be read as tabs of a workbook; the message is one line."""


@dataclass(frozen=True)
class FileBook:
    """The workbook in a file; `notes` say, a line each, what the file lacks."""

    book: Book
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """The tabs found in a file, by key: where their columns stand, and the rows below these."""

    locale: Locale
    layouts: Mapping[str, TabLayout]
    rows: Mapping[str, Sequence[Row]]


def read_table_file(path: Path, playbook: Playbook) -> FileBook:
    """Return the workbook in an XLSX or CSV file, told apart by their content.

    Tabs of an XLSX file are found by their titles; a CSV file is one tab, found by its headers.
    Raises TableFileError.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableFileError(f"{path} cannot be read: {error.strerror}") from error
    try:
        if content.startswith(OLD_EXCEL_MARK):
            raise TableFileError("an old or encrypted Excel file; save it as plain XLSX or as CSV")
        read = _read_xlsx if content.startswith(ZIP_MARK) else _read_csv
        found = read(content, playbook)
    except (TableFileError, StructureError) as error:
        raise TableFileError(f"{path} cannot be checked: {error}") from error
    return FileBook(_book(playbook, found), tuple(_notes(path, playbook, found)))


# ── XLSX ─────────────────────────────────────────────────────────────────────────────────────────


def _read_xlsx(content: bytes, playbook: Playbook) -> _Found:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that do not touch values
            sheets = _read_sheets(content, playbook)
    except (TableFileError, MemoryError):
        raise
    except Exception as error:  # a broken file raises whatever openpyxl's parts stumble over
        told = " ".join(str(error).split()) or type(error).__name__
        raise TableFileError(f"not an XLSX file that can be read ({told})") from error
    infos = {key: sheet for key, (sheet, _) in sheets.items()}
    rows = {key: rows for key, (_, rows) in sheets.items()}
    layouts = {
        key: find_columns(key, playbook.tabs[key], sheet, rows[key][0] if rows[key] else ())
        for key, sheet in infos.items()
    }
    return _Found(workbook_locale(playbook, infos), layouts, {key: rows[key][1:] for key in rows})


def _read_sheets(
    content: bytes, playbook: Playbook
) -> Mapping[str, tuple[SheetInfo, Sequence[Row]]]:
    """Return sheet and rows of each of the playbook's tabs that the file has, by key."""
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        worksheets = workbook.worksheets
        infos = [SheetInfo(at, sheet.title, 0, 0) for at, sheet in enumerate(worksheets)]
        found = find_sheets(playbook, infos)
        if not any(tab in found for tab in SUBJECT_TABS.values()):
            titles = ", ".join(f"“{info.title}”" for info in infos) or "none"
            raise TableFileError(f"it has no tab {_subject_tabs(playbook)}; its tabs: {titles}")
        sheets = {}
        for key, info in found.items():
            if key in playbook.tabs:
                worksheet = worksheets[info.sheet_id]
                worksheet.reset_dimensions()  # what the file says of its size may be wrong
                rows = worksheet.iter_rows(values_only=True)
                sheets[key] = (info, _trimmed([tuple(map(_raw, row)) for row in rows]))
        return sheets
    finally:
        workbook.close()


def _raw(value: object) -> Raw:
    """Return a cell of an XLSX file as the Sheets API would: dates and times as numbers."""
    match value:
        case None | "":
            return None
        case str() | bool() | int() | float():
            return value
        case datetime():
            return _days(value.replace(tzinfo=None) - datetime.combine(SERIAL_EPOCH, time()))
        case date():
            return _days(value - SERIAL_EPOCH)
        case time():
            return _days(
                datetime.combine(SERIAL_EPOCH, value) - datetime.combine(SERIAL_EPOCH, time())
            )
        case timedelta():
            return _days(value)
        case _:
            return str(value)


def _days(duration: timedelta) -> float:
    return round(duration / timedelta(days=1), 8)


def _trimmed(rows: list[Row]) -> list[Row]:
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    return rows


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────


def _read_csv(content: bytes, playbook: Playbook) -> _Found:
    text = _decode(content)
    delimiter = max(DELIMITERS, key=lambda one: max(_known_headers(text, one, playbook).values()))
    key = _recognised_tab(playbook, _known_headers(text, delimiter, playbook))
    try:
        header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise TableFileError(f"not a CSV file that can be read ({error})") from error
    tab = playbook.tabs[key]
    layout = find_columns(key, tab, SheetInfo(0, tab.en, 0, 0), header)
    return _Found(
        _headers_locale(tab, layout), {key: layout}, {key: _typed_rows(tab, layout, rows)}
    )


def _decode(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith(UTF_16_MARKS) else ENCODINGS
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableFileError("neither an XLSX file nor a CSV file in UTF-8 or windows-1251")


def _known_headers(text: str, delimiter: str, playbook: Playbook) -> Mapping[str, int]:
    """Return how many headers each tab of records would have, were that the delimiter."""
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        header = []
    names = set(map(fold, header))
    return {
        key: sum(
            not names.isdisjoint(spec.spellings) for spec in playbook.tabs[key].fields.values()
        )
        for key in SUBJECT_TABS.values()
    }


def _recognised_tab(playbook: Playbook, known_headers: Mapping[str, int]) -> str:
    most = max(known_headers.values())
    if not most:
        raise TableFileError(f"its first row holds no header of the tab {_subject_tabs(playbook)}")
    best = [key for key, count in known_headers.items() if count == most]
    if len(best) > 1:
        titles = " or ".join(f"“{playbook.tabs[key].en}”" for key in best)
        raise TableFileError(f"its headers may be those of the tab {titles}")
    return best[0]


def _headers_locale(tab: Tab, layout: TabLayout) -> Locale:
    """Return the language of most headers."""
    lead = 0
    for field, header in layout.headers.items():
        spec = tab.fields[field]
        lead += (fold(header) == fold(spec.ru)) - (fold(header) == fold(spec.en))
    return "ru" if lead > 0 else "en"


def _typed_rows(tab: Tab, layout: TabLayout, rows: Sequence[Sequence[str]]) -> list[Row]:
    yes_no = {at for field, at in layout.columns.items() if tab.fields[field].kind == "yes_no"}
    return _trimmed(
        [
            [TICKS.get(cell, cell) if at in yes_no else cell or None for at, cell in enumerate(row)]
            for row in rows
        ]
    )


# ── The book ─────────────────────────────────────────────────────────────────────────────────────


def _book(playbook: Playbook, found: _Found) -> Book:
    tables = {key: _table(key, tab, found) for key, tab in playbook.tabs.items()}
    absent = frozenset(key for key in playbook.tabs if key not in found.layouts)
    return Book(found.locale, tables, absent)


def _table(key: str, tab: Tab, found: _Found) -> Table:
    """Return the tab; headers that it lacks are as they should be, since messages name them."""
    rows = found.rows.get(key, ())
    headers = {field: spec.in_locale(found.locale) for field, spec in tab.fields.items()}
    if layout := found.layouts.get(key):
        headers |= layout.headers
    columns = {
        field: [row[at] if at < len(row) else None for row in rows]
        for field, at in (layout.columns if layout else {}).items()
    }
    return Table(key, headers, columns, len(rows))


def _notes(path: Path, playbook: Playbook, found: _Found) -> Iterator[str]:
    locale = found.locale
    absent = [tab.in_locale(locale) for key, tab in playbook.tabs.items() if key not in found.rows]
    if absent:
        yield (
            f"{path} has no tab {_quoted(absent)}: it reads as empty, "
            "and what refers to it is not checked"
        )
    for key, layout in found.layouts.items():
        if key not in CHECKED_TABS:
            continue
        missing = missing_headers(_without_worker_columns(playbook.tabs[key]), layout, locale)
        if missing:
            title = playbook.tabs[key].in_locale(locale)
            yield f"{path}: tab “{title}” has no header {_quoted(missing)}: read as empty"


def _without_worker_columns(tab: Tab) -> Tab:
    fields = {key: spec for key, spec in tab.fields.items() if spec.owner != "worker"}
    return tab.model_copy(update={"fields": fields})


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _subject_tabs(playbook: Playbook) -> str:
    return " or ".join(f"“{playbook.tabs[key].en}”" for key in SUBJECT_TABS.values())
