"""Changes in mass: folders, letters and history wait until a person confirms or undoes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.playbook import LOCALES, Locale
from sync.run import PassResult, rehearse
from tests.sync.conftest import DEAL, Crm, both_locales

DEALS = 12


@pytest.fixture
def filled(crm: Crm) -> Crm:
    crm.fill(
        *(crm.local({**DEAL, "title": f"Deal {number}", "stage": "MQL"}) for number in range(DEALS))
    )
    crm.sync()
    return crm


def set_column(crm: Crm, field: str, value: str | None, rows: int = DEALS) -> None:
    for number in range(rows):
        crm.write("deals", number, {field: value})


def dashboard(crm: Crm) -> list[object]:
    return [row[0] for row in crm.values("dashboard")]


def the_notice(crm: Crm) -> str:
    return str(dashboard(crm)[2] or "")


def tick(crm: Crm) -> None:
    at = f"'{crm.title('dashboard')}'!B4"
    body = {"valueInputOption": "RAW", "data": [{"range": at, "values": [[True]]}]}
    crm.as_manager("values.batchUpdate", {}, body)


def all_to_sql(crm: Crm) -> PassResult:
    sql = crm.playbook.stages["sql"].in_locale(crm.locale)
    set_column(crm, "stage", sql)
    return crm.sync()


@both_locales
def test_stages_changed_in_mass_make_no_folders_and_say_why(filled: Crm) -> None:
    events = len(filled.rows("events"))
    result = all_to_sql(filled)
    assert result.held
    assert not filled.folders()
    assert len(filled.rows("events")) == events
    assert "12" in the_notice(filled)
    assert filled.title("deals") in the_notice(filled)
    checks = {row["check"] for row in filled.rows("deals")}
    assert checks == {filled.playbook.choices["check"]["error"].in_locale(filled.locale)}
    assert filled.sync().cells == 0, "a hold that lasts writes nothing"


def test_a_tick_confirms_and_all_goes_on(filled: Crm) -> None:
    all_to_sql(filled)
    tick(filled)
    result = filled.sync()
    assert not result.held
    assert result.deal_folders == DEALS
    assert the_notice(filled) == ""
    assert not dashboard(filled)[3]
    moves = [row for row in filled.rows("events") if row["to"] == "SQL"]
    assert len(moves) == DEALS
    assert filled.sync().cells == 0


def test_a_process_that_knows_the_pass_before_counts_as_a_new_one(filled: Crm) -> None:
    """A stage that cannot be read counts as changed for as long as it stands there."""
    service = replace(filled, outside=replace(filled.outside, known={}))
    filled.write("deals", 0, {"stage": "no stage"})
    filled.write("deals", 1, {"stage": None})
    for _ in range(2):
        assert not service.sync().held
    told = ("stages changed on deals.stage: 11 of 12 at once",)
    set_column(filled, "stage", "SQL", DEALS - 1)
    filled.write("deals", 0, {"stage": "no stage"})
    new = rehearse(filled.spreadsheet_id, filled.playbook, filled.outside)
    assert new.result.held == told
    assert service.sync().held == told
    assert filled.sync().cells == service.sync().cells == 0
    tick(filled)
    result = service.sync()
    assert (result.held, result.events) == ((), 10)
    assert filled.sync().cells == service.sync().cells == 0


def test_what_is_undone_goes_on_by_itself_and_leaves_no_trace(filled: Crm) -> None:
    before = filled.rows("deals"), filled.rows("events")
    all_to_sql(filled)
    set_column(filled, "stage", "MQL")
    assert not filled.sync().held
    assert the_notice(filled) == ""
    assert (filled.rows("deals"), filled.rows("events")) == before


def test_a_tick_below_another_notice_confirms_nothing(filled: Crm) -> None:
    all_to_sql(filled)
    tick(filled)
    set_column(filled, "budget", None)
    assert filled.sync().held
    assert not filled.folders()
    assert filled.values("dashboard")[3][1] is False


@both_locales
def test_a_column_emptied_is_named_by_its_header(filled: Crm) -> None:
    set_column(filled, "service", None)
    result = filled.sync()
    assert result.held
    header = filled.playbook.tabs["deals"].fields["service"].in_locale(filled.locale)
    assert header in the_notice(filled)


def test_rows_deleted_in_mass_are_not_forgotten_before_a_word(filled: Crm) -> None:
    before = filled.rows("deals")
    rows = {"sheetId": filled.sheet_id("deals"), "dimension": "ROWS"}
    gone = {"range": {**rows, "startIndex": 1, "endIndex": DEALS - 1}}
    filled.batch_update({"deleteDimension": gone})
    assert filled.sync().held
    assert "10" in the_notice(filled)
    filled.type_rows("deals", *({k: v for k, v in row.items() if v is not None} for row in before))
    assert not filled.sync().held
    assert filled.rows("deals") == before


def test_letters_wait_while_changes_wait_and_are_not_lost(filled: Crm) -> None:
    all_to_sql(filled)
    filled.letter(sender="anna@steppe.example", text="meanwhile")
    filled.sync()
    assert filled.rows("comments") == []
    set_column(filled, "stage", "MQL")
    filled.sync()
    assert [row["text"] for row in filled.rows("comments")] == ["meanwhile"]


def test_an_import_is_no_mass_change(filled: Crm) -> None:
    for number in range(DEALS, 4 * DEALS):
        filled.write("deals", number, {**DEAL, "title": f"Imported {number}", "stage": "MQL"})
    result = filled.sync()
    assert not result.held
    assert len({row["id"] for row in filled.rows("deals")}) == 4 * DEALS


def test_few_rows_are_never_too_many(crm: Crm) -> None:
    crm.fill(*({**DEAL, "title": f"Deal {number}", "stage": "MQL"} for number in range(5)))
    crm.sync()
    set_column(crm, "stage", "SQL", rows=5)
    result = crm.sync()
    assert not result.held
    assert result.deal_folders == 5


@pytest.mark.parametrize("locale", LOCALES)
def test_the_notice_stands_above_the_figures(filled: Crm, locale: Locale) -> None:
    figures = [row for row in dashboard(filled)[5:] if row]
    all_to_sql(filled)
    assert [row for row in dashboard(filled)[5:] if row] == figures
