"""What a process remembers of its passes says no more than what stands in the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from sync.layout import HIDDEN_TABS, column_letters
from sync.ports import TabContent
from tests.sync.conftest import CONTACT, DEAL, Crm
from tests.sync.passed_through import PassedThrough


@pytest.fixture
def service(crm: Crm) -> Crm:
    """A worker that keeps what it knows from pass to pass, at rest."""
    crm.fill({**DEAL, "stage": "MQL"})
    service = replace(crm, outside=replace(crm.outside, known={}))
    for _ in range(3):
        service.sync()
    return service


def assert_a_new_process_agrees(service: Crm) -> None:
    new = replace(service, outside=replace(service.outside, known=None))
    assert new.sync().cells == 0


def test_counts_that_were_not_worth_a_write_are_written_with_the_next(service: Crm) -> None:
    """Else a column that is emptied in mass after a restart would not be noticed."""
    people = [
        {**CONTACT, "email": f"a{i}@steppe.example", "phone": f"+7701123{i:04d}"} for i in range(12)
    ]
    service.type_rows("contacts", *people)
    service.write("deals", 0, {"contact": "a1@steppe.example"})
    for _ in range(2):
        service.sync()
    service.type_rows("contacts", *({"messenger": "@x"} for _ in people))
    service.sync()
    service.write("deals", 0, {"title": "Another title"})
    service.sync()
    assert service.outside.known is not None
    service.outside.known.clear()
    service.type_rows("contacts", *({"messenger": None} for _ in people))
    assert service.sync().held == ("column emptied on contacts.messenger: 12 of 12 at once",)


def test_what_was_done_is_told_once(service: Crm) -> None:
    service.write("deals", 0, {"stage": "SQL"})
    first = service.sync()
    assert (first.deal_folders, first.company_folders, first.events) == (1, 1, 1)
    service.letter(sender="anna@steppe.example", text="hello")
    second = service.sync()
    assert (second.letters, second.events, second.deal_folders) == (1, 0, 0)
    third = service.sync()
    assert (third.letters, third.deal_folders, third.company_folders, third.cells) == (0, 0, 0, 0)


def test_a_day_that_somebody_wrote_over_changes_no_verdict(service: Crm) -> None:
    event = service.row("events")
    service.write("events", 0, dict.fromkeys(event))
    for _ in range(2):
        service.sync()
    before = service.row("deals")["problems"]
    service.write("deals", 0, {"stage_since": 40_000})
    service.sync()
    assert service.row("deals")["problems"] == before
    assert_a_new_process_agrees(service)


def test_a_tick_in_place_of_a_one_is_seen(service: Crm) -> None:
    service.write("deals", 0, {"title": 1})
    service.sync()
    service.write("deals", 0, {"title": True})
    service.sync()
    assert_a_new_process_agrees(service)


def test_a_tick_over_a_figure_of_a_report_is_put_right(service: Crm) -> None:
    rows = service.values("dashboard")
    row, column = next(
        (i, j) for i, one in enumerate(rows) for j, cell in enumerate(one) if cell == 1
    )
    data = [
        {
            "range": f"'{service.title('dashboard')}'!{column_letters(column)}{row + 1}",
            "values": [[True]],
        }
    ]
    service.as_manager("values.batchUpdate", {}, {"valueInputOption": "RAW", "data": data})
    service.sync()
    figure = service.values("dashboard")[row][column]
    assert (figure, type(figure)) == (1, int)


def test_a_gap_that_was_filled_is_counted_no_more(service: Crm) -> None:
    """A name, or none, that no cell holds any more may still be in the palette of a column."""
    service.type_rows("deals", *({**DEAL, "title": f"Deal {row}"} for row in range(12)))
    for accountable in (None, "Dana"):
        service.sync()
        service.write("deals", 1, {"accountable": accountable})
    service.sync()
    place = {"sheetId": service.sheet_id("deals"), "dimension": "ROWS"}
    service.batch_update({"deleteDimension": {"range": {**place, "startIndex": 3, "endIndex": 4}}})
    service.sync()
    assert_a_new_process_agrees(service)


@dataclass
class Broken(PassedThrough):
    """Sheets in whose client something is wrong that nobody has thought of."""

    def read_tabs(self, spreadsheet_id: str, titles: Sequence[str]) -> Sequence[TabContent]:
        raise KeyError(titles[0])


def test_after_what_nobody_expected_a_process_starts_from_nothing(service: Crm) -> None:
    sheets = Broken(service.outside.sheets)
    with pytest.raises(KeyError):
        replace(service, outside=replace(service.outside, sheets=sheets)).sync()
    assert service.outside.known == {}
    assert service.sync().cells == 0


def test_a_memory_of_an_earlier_version_grows_once(service: Crm) -> None:
    width = len(HIDDEN_TABS["records"])

    def columns() -> int:
        sheets = service.outside.sheets.read_structure(service.spreadsheet_id).sheets
        return next(sheet.columns for sheet in sheets if sheet.title == "_records")

    sheets = service.outside.sheets.read_structure(service.spreadsheet_id).sheets
    records = next(sheet for sheet in sheets if sheet.title == "_records")
    place = {"sheetId": records.sheet_id, "dimension": "COLUMNS", "startIndex": width - 2}
    service.batch_update({"deleteDimension": {"range": {**place, "endIndex": records.columns}}})
    assert service.outside.known is not None
    service.outside.known.clear()
    for number in range(3):
        service.write("deals", 0, {"title": f"Title {number}"})
        service.sync()
        assert columns() == width


def test_a_tab_that_was_exchanged_for_its_copy_is_left_alone(service: Crm) -> None:
    old = service.sheet_id("deals")
    service.batch_update({"duplicateSheet": {"sourceSheetId": old, "newSheetName": "Copy"}})
    sheets = service.outside.sheets.read_structure(service.spreadsheet_id).sheets
    new = next(sheet.sheet_id for sheet in sheets if sheet.title == "Copy")
    for sheet, title in ((old, "Backup"), (new, service.title("deals"))):
        properties = {"sheetId": sheet, "title": title}
        service.batch_update(
            {"updateSheetProperties": {"properties": properties, "fields": "title"}}
        )
    backup = service.outside.sheets.read_columns(service.spreadsheet_id, ["'Backup'"])
    service.write("deals", 0, {"info": None})
    service.sync()
    assert "Information about the Lead" in service.row("deals")["problems"]
    assert service.outside.sheets.read_columns(service.spreadsheet_id, ["'Backup'"]) == backup


def test_reports_that_go_on_are_those_that_a_new_process_makes(service: Crm) -> None:
    service.write("deals", 1, {**DEAL, "stage": "MQL", "title": "Second", "budget": 0.1})
    service.sync()
    assert_a_new_process_agrees(service)
    for typed in ({"stage": "Lost", "outcome_reason": "Price"}, {"budget": 0.2}, {"stage": "SQL"}):
        service.write("deals", 1, typed)
        service.sync()
        assert_a_new_process_agrees(service)
