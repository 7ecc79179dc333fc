"""Trouble outside, and other people's edits in the middle of a pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.playbook import LOCALES
from sync.errors import PermanentError, TransientError
from sync.google.auth import Accounts, load_account
from sync.google.drive import GoogleDrive
from sync.google.gmail import GoogleMail
from sync.google.sheets import GoogleSheets
from sync.google.units import Units
from sync.ports import Folder
from tests.sync.conftest import DEAL, MAILBOXES, Crm
from worker.setup import extend_workbook

CLIENT = "anna@steppe.example"
NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.mark.usefixtures("impatient")
def test_a_drive_that_does_not_answer_is_trouble_for_the_next_pass(crm: Crm) -> None:
    crm.fill()
    drive = GoogleDrive(load_account(crm.credentials), NOBODY_LISTENS)
    crm.outside = replace(crm.outside, drive=drive)
    failures = crm.sync().failures
    assert all("no answer" in failure for failure in failures)
    assert len(failures) == 2
    assert "Google Drive: the folder appears by itself" in crm.row("deals")["problems"]
    drive.close()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["cut", "close", "error"])
def test_trouble_with_one_letter_or_folder_stops_no_verdict(crm: Crm, kind: str) -> None:
    crm.fill()
    crm.letter(sender=CLIENT, text="hello")
    crm.fault(kind, "drive.files.create", limit=None)
    crm.fault(kind, "gmail.users.messages.get", limit=None)
    result = crm.sync()
    assert {failure.split(":")[0] for failure in result.failures} == {
        "C-000001", f"mailbox {MAILBOXES[0]}",
    }  # fmt: skip
    assert crm.row("deals")["check"] == "Error"
    crm.control("DELETE", "faults")
    assert crm.sync().failures == ()
    assert crm.row("deals")["check"] == "OK"
    assert [row["text"] for row in crm.rows("comments")] == ["hello"]


@pytest.mark.usefixtures("impatient")
def test_a_connection_that_was_cut_is_not_used_again(crm: Crm) -> None:
    drive, root = crm.outside.drive, crm.outside.drive_root or ""
    folder = Folder(drive.generate_ids(1)[0], "Spring", root, {})
    crm.fault("cut", "drive.files.create", limit=None)
    assert isinstance(drive.make_folders([folder])[0], TransientError)
    crm.control("DELETE", "faults")
    attempts = len(crm.calls("drive.files.create"))
    assert not isinstance(drive.make_folders([folder])[0], Exception)
    assert len(crm.calls("drive.files.create")) == attempts + 1


@pytest.mark.usefixtures("impatient")
def test_mail_that_does_not_answer_stops_no_verdict(crm: Crm) -> None:
    crm.fill()
    mail = GoogleMail(
        Accounts(load_account(crm.credentials)), Units(crm.outside.clock.now), NOBODY_LISTENS
    )
    crm.outside = replace(crm.outside, mail=mail)
    assert len(crm.sync().failures) == 2
    assert crm.row("deals")["check"] == "OK"
    mail.close()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("endpoint", "error"), [(NOBODY_LISTENS, TransientError), ("nonsense", PermanentError)]
)
def test_sheets_that_cannot_be_reached_are_one_error(
    crm: Crm, endpoint: str, error: type[Exception]
) -> None:
    sheets = GoogleSheets(load_account(crm.credentials), endpoint)
    crm.outside = replace(crm.outside, sheets=sheets)
    with pytest.raises(error):
        crm.sync()
    sheets.close()


@pytest.mark.parametrize("kind", ["cut", "close", "error", "quota"])
def test_a_read_that_fails_once_is_read_again(crm: Crm, kind: str) -> None:
    crm.fill()
    crm.fault(kind, "sheets.spreadsheets.values.batchGet")
    assert crm.sync().failures == ()
    assert crm.row("deals")["check"] == "OK"


def after_the_next_read(crm: Crm, *requests: dict[str, Any]) -> None:
    """Let a colleague edit right after the worker has read all values."""
    crm.control(
        "POST",
        "act",
        user=MAILBOXES[1],
        method="sheets.spreadsheets.batchUpdate",
        params={"spreadsheetId": crm.spreadsheet_id},
        body={"requests": requests},
        after={"method": "sheets.spreadsheets.values.batchGet"},
    )


def test_a_link_that_a_manager_pastes_meanwhile_is_kept(crm: Crm) -> None:
    crm.fill()
    at = list(crm.playbook.tabs["deals"].fields).index("drive")
    own = "https://drive.google.com/drive/folders/1AbCdEfGhIjKlMnOp"
    cell = {"userEnteredValue": {"stringValue": own}}
    after_the_next_read(
        crm,
        {
            "updateCells": {
                "start": {"sheetId": crm.sheet_id("deals"), "rowIndex": 1, "columnIndex": at},
                "rows": [{"values": [cell]}],
                "fields": "userEnteredValue",
            }
        },
    )
    crm.sync()
    assert crm.row("deals")["drive"] == own


def test_a_row_that_is_deleted_meanwhile_is_left_out_and_the_rest_is_written(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.sync()
    crm.letter(sender=CLIENT, text="hello")
    monkeypatch.setattr("sync.committing.FRESH_SECONDS", -1.0)
    rows = {"sheetId": crm.sheet_id("deals"), "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    after_the_next_read(crm, {"deleteDimension": {"range": rows}})
    assert crm.sync().failures == ()
    assert [row["text"] for row in crm.rows("comments")] == ["hello"]


def test_a_column_inserted_into_comments_meanwhile_puts_no_letter_into_wrong_columns(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.sync()
    crm.letter(sender=CLIENT, text="hello")
    monkeypatch.setattr("sync.committing.FRESH_SECONDS", -1.0)
    column = {"sheetId": crm.sheet_id("comments"), "dimension": "COLUMNS"}
    after_the_next_read(
        crm, {"insertDimension": {"range": {**column, "startIndex": 1, "endIndex": 2}}}
    )
    assert crm.sync().failures == ()
    assert [row["text"] for row in crm.rows("comments")] == ["hello"]


def test_letters_that_came_while_a_deal_was_lost_are_logged_when_it_is_reopened(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.letter(sender=CLIENT, text="before")
    crm.sync()
    crm.write("deals", 0, {"stage": "Lost"})
    crm.letter(sender=CLIENT, text="meanwhile")
    crm.sync()
    crm.write("deals", 0, {"stage": "MQL"})
    crm.sync()
    assert [row["text"] for row in crm.rows("comments")] == ["before", "meanwhile"]


def test_a_mailbox_that_failed_is_searched_for_everything_when_it_is_back(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.letter(sender="bob@steppe.example", text="from Bob")
    crm.sync()
    crm.write("contacts", 0, {"additional_email": "bob@steppe.example"})
    crm.fault("error", "gmail.users.history.list", code=400)
    assert len(crm.sync().failures) == 1
    searches = len(crm.calls("gmail.users.messages.list"))
    crm.sync()
    assert len(crm.calls("gmail.users.messages.list")) == searches + 1
    assert [row["text"] for row in crm.rows("comments")] == ["from Bob"]


@pytest.mark.parametrize("when", [1e9, -5, "yesterday", True])
def test_an_odd_time_on_a_comment_or_an_event_stops_nothing(crm: Crm, when: Any) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.letter(sender=CLIENT, text="hello")
    crm.sync()
    crm.write("comments", 0, {"when": when})
    crm.write("events", 0, {"when": when})
    assert crm.sync().failures == ()
    assert crm.sync().cells == 0


def test_amounts_beyond_reason_are_problems_and_leave_the_second_pass_nothing(crm: Crm) -> None:
    crm.fill({**DEAL, "budget": 1e308}, {**DEAL, "budget": 1e308, "title": "Second"})
    crm.sync()
    assert "Budget" in crm.row("deals")["problems"]
    result = crm.sync()
    assert (result.cells, result.reports) == (0, ())


def test_a_zone_given_as_an_offset_is_understood_and_an_unknown_one_named(crm: Crm) -> None:
    crm.fill()
    crm.outside = replace(crm.outside, time_zone="GMT+05:00")
    assert crm.sync().failures == ()
    crm.outside = replace(crm.outside, time_zone="Mars/Phobos")
    with pytest.raises(PermanentError, match="Mars/Phobos"):
        crm.sync()


@pytest.mark.parametrize("locale", LOCALES)
def test_what_init_adds_is_in_the_workbooks_language_and_takes_no_column_with_notes(
    crm: Crm,
) -> None:
    crm.fill()
    crm.sync()
    deals = crm.sheet_id("deals")
    last = len(crm.playbook.tabs["deals"].fields) - 1
    column = {"sheetId": deals, "dimension": "COLUMNS", "startIndex": last, "endIndex": last + 1}
    crm.batch_update(
        {"deleteDimension": {"range": column}},
        {"appendDimension": {"sheetId": deals, "dimension": "COLUMNS", "length": 1}},
    )
    note = {"range": f"'{crm.title('deals')}'!AE2", "values": [["my note"]]}
    crm.as_manager("values.batchUpdate", {}, {"valueInputOption": "RAW", "data": [note]})
    extend_workbook(crm.spreadsheet_id, crm.playbook, crm.outside, None, "en")
    crm.sync()
    values = crm.values("deals")
    added = crm.playbook.tabs["deals"].fields["last_letter"].in_locale(crm.locale)
    assert (values[0][last] or None, values[0][last + 1]) == (None, added)
    assert values[1][last] == "my note"
