"""`crm check --file`: exported files, read and checked without Google."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from rules.check import Book
from rules.playbook import Locale
from rules.table import Raw
from tests.rules.books import (
    BOTH_LOCALES,
    FINE,
    PLAYBOOK,
    TODAY,
    Cells,
    Rows,
    Verdict,
    full_rows,
    header,
    joined,
    make_book,
    verdicts,
    with_cell,
    without,
)
from worker.table_file import FileBook, TableFileError, read_table_file

CRM = str(Path(sys.executable).with_name("crm"))
DAY_ZERO = datetime(1899, 12, 30)
DATES = {"date", "date_or_text", "datetime"}


def table_rows(book: Book, tab: str) -> list[list[Raw]]:
    """Return the header row of a tab and the rows below it."""
    table = book.tables[tab]
    columns = [table.column(key) for key in table.headers]
    return [list(table.headers.values()), *map(list, zip(*columns, strict=True))]


def write_xlsx(path: Path, book: Book, tabs: Sequence[str] = tuple(PLAYBOOK.tabs)) -> Path:
    """Write the book as Google exports it: dates are date cells."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for tab in tabs:
        sheet = workbook.create_sheet(PLAYBOOK.tabs[tab].in_locale(book.locale))
        keys, rows = list(book.tables[tab].headers), table_rows(book, tab)
        kinds = [PLAYBOOK.tabs[tab].fields[key].kind for key in keys]
        sheet.append(rows[0])
        for row in rows[1:]:
            cells = zip(row, kinds, strict=True)
            sheet.append([as_date(cell) if kind in DATES else cell for cell, kind in cells])
    workbook.save(path)
    return path


def as_date(cell: Raw) -> Any:
    return DAY_ZERO + timedelta(days=cell) if isinstance(cell, int | float) else cell


def write_csv(path: Path, book: Book, tab: str, delimiter: str, encoding: str) -> Path:
    """Write one tab as Google exports it: dates as 31.12.2026, all cells text."""
    keys = list(book.tables[tab].headers)
    kinds = [PLAYBOOK.tabs[tab].fields[key].kind for key in keys]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    titles, *rows = table_rows(book, tab)
    writer.writerow(titles)
    for row in rows:
        writer.writerow(as_text(cell, kind) for cell, kind in zip(row, kinds, strict=True))
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def as_text(cell: Raw, kind: str) -> str:
    if cell is None:
        return ""
    if kind in DATES and isinstance(cell, int | float):
        return (DAY_ZERO + timedelta(days=cell)).strftime("%d.%m.%Y")
    return str(cell).upper() if isinstance(cell, bool) else str(cell)


def checked_file(path: Path) -> dict[str, Verdict]:
    return verdicts(read_table_file(path, PLAYBOOK).book, today=TODAY)


def defective_rows(locale: Locale) -> Rows:
    """Return a complete client and a second one in which this and that is wrong."""
    bad = full_rows(locale, "client", 2)
    bad = with_cell(bad, "deals", "budget", "5-6")
    bad = with_cell(bad, "deals", "next_step", "soon")
    bad = with_cell(bad, "contacts", "company", "Nobody Ltd")
    bad = without(bad, "companies", "category", "founded")
    return joined(full_rows(locale, "client", 1), bad)


# ── XLSX ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("locale", BOTH_LOCALES)
def test_xlsx_is_told_the_same_as_the_workbook(tmp_path: Path, locale: Locale) -> None:
    book = make_book(locale, defective_rows(locale))
    path = write_xlsx(tmp_path / "all.xlsx", book)
    read = read_table_file(path, PLAYBOOK)
    assert read.book.locale == locale
    assert read.notes == ()
    told = checked_file(path)
    assert told == verdicts(book)
    assert told["D-000001"] == FINE
    assert told["D-000002"].check == "error"


@pytest.mark.parametrize("locale", BOTH_LOCALES)
def test_what_refers_to_tabs_that_an_xlsx_lacks_is_not_judged(
    tmp_path: Path, locale: Locale
) -> None:
    rows = with_cell(full_rows(locale, "client"), "deals", "channel", "Unheard of")
    rows = with_cell(rows, "deals", "other_contacts", "nobody@example.com")
    path = write_xlsx(tmp_path / "deals.xlsx", make_book(locale, rows), ["deals"])
    assert checked_file(path) == {"D-000001": FINE}
    [note] = read_table_file(path, PLAYBOOK).notes
    for tab in ("contacts", "companies", "comments", "events", "lists"):
        assert f"“{PLAYBOOK.tabs[tab].in_locale(locale)}”" in note


def test_decision_makers_are_not_missed_where_contacts_are_not_known(tmp_path: Path) -> None:
    book = make_book("en", full_rows("en", "sql"))
    tabs = ["deals", "companies", "lists"]
    assert set(checked_file(write_xlsx(tmp_path / "a.xlsx", book, tabs)).values()) == {FINE}


def test_lists_that_an_xlsx_has_are_minded(tmp_path: Path) -> None:
    rows = with_cell(full_rows("en", "client"), "deals", "channel", "Unheard of")
    path = write_xlsx(tmp_path / "a.xlsx", make_book("en", rows), ["deals", "lists"])
    assert checked_file(path)["D-000001"].named == ("Acquisition channel",)


def test_cells_of_an_xlsx_read_as_the_sheets_api_gives_them(tmp_path: Path) -> None:
    typed: Mapping[str, Any] = {
        "id": "D-000001",
        "title": 2026,
        "budget": 1200.5,
        "tender": True,
        "accepted": False,
        "campaign_date": date(2026, 3, 10),
        "next_step": datetime(2026, 3, 10, 18),
        "brief_received": time(6),
        "contract_signed": timedelta(days=2, hours=12),
        "info": "",
        "mediaform": "=1/0",
    }
    fields = PLAYBOOK.tabs["deals"].fields
    workbook = openpyxl.Workbook()
    assert workbook.active
    workbook.active.title = "ДЕЛА"
    sheet = workbook.create_sheet(" deals ")
    sheet.append([fields[key].en for key in typed])
    sheet.append(list(typed.values()))
    sheet.cell(row=60, column=3).number_format = "0.00"  # formatted, and nothing in it
    workbook.save(tmp_path / "a.xlsx")
    table = read_table_file(tmp_path / "a.xlsx", PLAYBOOK).book.tables["deals"]
    assert table.height == 1
    assert {key: table.column(key)[0] for key in typed} == {
        **typed,
        "campaign_date": TODAY,
        "next_step": TODAY + 0.75,
        "brief_received": 0.25,
        "contract_signed": 2.5,
        "info": None,
        "mediaform": None,  # a formula that nobody has calculated has no value
    }


def test_dates_of_an_old_mac_workbook(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    assert workbook.active
    workbook.active.title = "Deals"
    workbook.active.append(["Next step"])
    workbook.active.append([datetime(2026, 3, 10)])
    workbook.save(tmp_path / "a.xlsx")
    table = read_table_file(tmp_path / "a.xlsx", PLAYBOOK).book.tables["deals"]
    assert table.column("next_step") == [TODAY]


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("locale", BOTH_LOCALES)
def test_csv_is_told_the_same_as_the_tab_alone(
    tmp_path: Path, locale: Locale, delimiter: str, encoding: str
) -> None:
    rows = defective_rows(locale)
    rows = with_cell(rows, "deals", "info", 'Звонили, "думают";\nперезвонить\tзавтра')
    path = write_csv(tmp_path / "a.csv", make_book(locale, rows), "deals", delimiter, encoding)
    read = read_table_file(path, PLAYBOOK)
    assert read.book.locale == locale
    assert read.book.tables["deals"].text("info", 0) == rows["deals"][0]["info"]
    told = checked_file(path)
    assert told["D-000001"] == FINE
    assert set(told["D-000002"].named) == {
        header("deals", key, locale) for key in ("budget", "next_step")
    }


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize(("tab", "row_id"), [("contacts", "P-000001"), ("companies", "C-000001")])
def test_tab_of_a_csv_is_recognised_by_its_headers(
    tmp_path: Path, locale: Locale, tab: str, row_id: str
) -> None:
    book = make_book(locale, full_rows(locale, "client"))
    path = write_csv(tmp_path / "export.csv", book, tab, ",", "utf-8")
    read = read_table_file(path, PLAYBOOK)
    assert read.book.absent == PLAYBOOK.tabs.keys() - {tab}
    assert [key for key, table in read.book.tables.items() if table.height] == [tab]
    assert checked_file(path)[row_id] == FINE


def read_text(tmp_path: Path, text: str) -> FileBook:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    return read_table_file(path, PLAYBOOK)


def test_few_columns_in_any_order_are_enough_and_the_others_are_named(tmp_path: Path) -> None:
    read = read_text(tmp_path, "Amount;STAGE;What else\n1 200 000 ₸;mql;x\n\nmany;lead\n")
    assert read.notes[0].count("\n") == 0
    assert "has no header" in read.notes[1]
    assert "“Acquisition channel”" in read.notes[1]
    assert "“Stage since”" not in read.notes[1]  # the worker's own
    table = read.book.tables["deals"]
    assert table.column("budget") == ["1 200 000 ₸", None, "many"]
    assert table.column("stage") == ["mql", None, "lead"]
    assert table.headers["budget"] == "Amount"


def test_ticks_of_a_csv_are_checkboxes_and_unticked_ones_make_no_row(tmp_path: Path) -> None:
    read = read_text(tmp_path, "Сделка,Принято,Тендер\nx,TRUE,ЛОЖЬ\n,FALSE,\n,FALSE,\n")
    table = read.book.tables["deals"]
    assert table.column("accepted") == [True, False, False]
    assert table.rows_with_content(["title", "accepted", "tender"]) == [0]


def test_numbers_and_ids_of_a_csv_stay_as_they_are_written(tmp_path: Path) -> None:
    read = read_text(tmp_path, "First name,Phone\nАнна,0077011234567\nОлег,+7 701\n")
    assert read.book.tables["contacts"].column("phone") == ["0077011234567", "+7 701"]


# ── Files that cannot be read ────────────────────────────────────────────────────────────────────


def a_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("hello.txt", "hello")
    return content.getvalue()


def an_xlsx(*titles: str) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for title in titles:
        workbook.create_sheet(title)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no header of the tab “Deals” or “Contacts” or “Companies”"),
        (b"a,b\n1,2\n", "no header of the tab"),
        (b"\x89PNG\r\n\x1a\n\x00\x98", "neither an XLSX file nor a CSV file"),
        (b"Email,Phone\n1,2\n", "“Contacts” or “Companies”"),
        (b"Stage,Deal,Budget,Amount\n", "“Amount” stands twice (columns C and D)"),
        (b'Stage,Deal,Budget\nmql,"x,1\nmql,y,2\n', "not a CSV file that can be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as plain XLSX or as CSV"),
        (a_zip(), "not an XLSX file that can be read"),
        (an_xlsx("Deals")[:700], "not an XLSX file that can be read"),
        (an_xlsx("Sheet1", "Lists"), "no tab “Deals” or “Contacts” or “Companies”"),
    ],
)
def test_file_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "deals.xlsx"
    path.write_bytes(content)
    with pytest.raises(TableFileError) as caught:
        read_table_file(path, PLAYBOOK)
    [line] = str(caught.value).splitlines()
    assert str(path) in line
    assert told in line


def test_empty_tabs_are_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(an_xlsx("Deals", "Contacts"))
    assert checked_file(path) == {}


# ── The command ──────────────────────────────────────────────────────────────────────────────────


def crm_check(cwd: Path, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command with no settings but those given, and no credentials."""
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("CRM_") and key != "COLUMNS"
    }
    return subprocess.run(
        [CRM, "check", *map(str, arguments)],
        cwd=cwd,
        env={**environment, **more},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def future(rows: Rows) -> Rows:
    """Return the rows with next steps that will not pass while this test lives."""
    deals: list[Cells] = [{**deal, "next_step": "31.12.2150"} for deal in rows["deals"]]
    return {**rows, "deals": deals}


def test_file_without_errors(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", make_book("en", future(full_rows("en", "client"))))
    done = crm_check(tmp_path, "--file", "a.xlsx")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "4 rows checked, 0 with errors, 0 with warnings\n"


def test_warnings_are_no_errors(tmp_path: Path) -> None:
    rows = without(future(full_rows("en", "mql")), "contacts", "group")
    write_xlsx(tmp_path / "a.xlsx", make_book("en", rows))
    done = crm_check(tmp_path, "--file", "a.xlsx")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "Verdict  Tab       Row  ID        Problem",
        "───────  ────────  ───  ────────  ───────",
        "Warning  Deals     2    D-000001  Contacts P-000001 → Group: fill it in.",
        "Warning  Contacts  2    P-000001  Group: fill it in.",
        "",
        "4 rows checked, 0 with errors, 2 with warnings",
    ]


def test_errors_in_a_russian_file(tmp_path: Path) -> None:
    rows = future(full_rows("ru", "client"))
    rows = with_cell(without(rows, "deals", "learnings"), "deals", "budget", "5-6 млн")
    write_csv(tmp_path / "сделки.csv", make_book("ru", rows), "deals", ";", "windows-1251")
    done = crm_check(tmp_path, "--file", "сделки.csv")
    assert done.returncode == 1
    [note] = done.stderr.splitlines()
    assert "“Контакты”, “Контрагенты”" in note
    _, _, first, second, _, total = done.stdout.splitlines()
    assert first.startswith("Error    Сделки  2    D-000001  Сумма: «5-6 млн»")
    assert second.strip().startswith("Ключевые выводы: ")
    assert total == "1 rows checked, 1 with errors, 0 with warnings"


def test_table_keeps_to_the_terminals_width(tmp_path: Path) -> None:
    rows = with_cell(full_rows("en", "client"), "deals", "stage", "nothing like that")
    write_csv(tmp_path / "a.csv", make_book("en", rows), "deals", ",", "utf-8")
    narrow = crm_check(tmp_path, "--file", "a.csv", COLUMNS="72").stdout
    assert max(map(len, narrow.splitlines())) in range(60, 73)
    wide = crm_check(tmp_path, "--file", "a.csv").stdout
    assert "“nothing like that” is not one of: Cold Lead, MQL, SQL, Negotiations, Client" in wide
    assert wide.split() == narrow.split()


def test_json_for_machines(tmp_path: Path) -> None:
    rows = without(future(full_rows("en", "client")), "companies", "category")
    write_xlsx(tmp_path / "a.xlsx", make_book("en", rows), ["companies", "deals"])
    done = crm_check(tmp_path, "--json", "--file", "a.xlsx")
    assert done.returncode == 1
    assert json.loads(done.stdout) == [
        {
            "file": "a.xlsx",
            "tab": tab,
            "row": 2,
            "id": row_id,
            "verdict": "error",
            "problems": [problem],
        }
        for tab, row_id, problem in (
            ("deals", "D-000001", "Companies C-000001 → Category: fill it in."),
            ("companies", "C-000001", "Category: fill it in."),
        )
    ]


@pytest.mark.parametrize("name", ["nowhere.csv", ".", "empty.csv"])
def test_file_that_cannot_be_read_is_wrong_use(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    done = crm_check(tmp_path, "--file", name)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"crm: {name} ")


def test_mistakes_of_the_playbook_are_a_line_each(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("stages: {cold: {en: Cold}}", encoding="utf-8")
    done = crm_check(tmp_path, "--file", "a.csv", CRM_PLAYBOOK="mine.yaml")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert "crm: mine.yaml:1: stages.cold.ru: is missing" in lines
    assert all(line.startswith("crm: mine.yaml:1: ") for line in lines)
