"""If a tab looks wrong, nothing is written there, the dashboard says why, and the rest goes on."""

from __future__ import annotations

from typing import Any

import pytest

from sync.errors import StructureError
from tests.sync.conftest import CONTACT, DEAL, Crm, both_locales


def the_notice(crm: Crm) -> str:
    return str(crm.values("dashboard")[2][0] or "")


def rename_header(crm: Crm, tab: str, field: str, text: str) -> None:
    header = [name or "" for name in crm.values(tab)[0]]
    at = header.index(crm.playbook.tabs[tab].fields[field].in_locale(crm.locale))
    body = {"values": [[text]]}
    cell = f"'{crm.title(tab)}'!{chr(65 + at)}1"
    crm.as_manager("values.update", {"range": cell, "valueInputOption": "RAW"}, body)


@both_locales
def test_a_renamed_header_stops_that_tab_alone(crm: Crm) -> None:
    crm.fill(crm.local({**DEAL, "stage": "MQL"}), contacts=[crm.local({**CONTACT, "phone": "?"})])
    crm.sync()
    deals = crm.values("deals")
    header = crm.playbook.tabs["deals"].fields["stage"].in_locale(crm.locale)
    rename_header(crm, "deals", "stage", "Whatever")
    crm.write("contacts", 0, {"phone": None, "position": None})
    result = crm.sync()
    assert "has no header" in result.faults[0]
    assert header in the_notice(crm)
    assert crm.title("deals") in the_notice(crm)
    assert crm.values("deals")[1:] == deals[1:]
    position = crm.playbook.tabs["contacts"].fields["position"].in_locale(crm.locale)
    assert position in crm.row("contacts")["problems"]
    assert crm.sync().cells == 0
    rename_header_back(crm, "Whatever", header)
    assert crm.sync().faults == ()
    assert the_notice(crm) == ""


def rename_header_back(crm: Crm, now: str, header: str) -> None:
    at = crm.values("deals")[0].index(now)
    cell = f"'{crm.title('deals')}'!{chr(65 + at)}1"
    crm.as_manager(
        "values.update", {"range": cell, "valueInputOption": "RAW"}, {"values": [[header]]}
    )


def test_a_doubled_header_is_named_with_its_columns(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.sync()
    rename_header(crm, "deals", "mediaform", "Budget")
    result = crm.sync()
    assert "“Budget” stands twice" in result.faults[0]
    assert "“Budget” stands twice" not in the_notice(crm)
    assert "“Budget” (K, N)" in the_notice(crm)


def delete_tab(crm: Crm, tab: str) -> None:
    crm.batch_update({"deleteSheet": {"sheetId": crm.sheet_id(tab)}})


@pytest.mark.parametrize("tab", ["contacts", "companies", "comments", "events", "lists"])
def test_a_deleted_tab_stops_what_needs_it_and_no_more(crm: Crm, tab: str) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.sync()
    delete_tab(crm, tab)
    crm.write("deals", 0, {"info": None})
    crm.letter(sender="anna@steppe.example", text="hello")
    result = crm.sync()
    assert [fault for fault in result.faults if "there is no tab" in fault]
    assert tab.title() in the_notice(crm)
    assert "Information about the Lead" in crm.row("deals")["problems"]
    assert crm.sync().cells == 0


@pytest.mark.parametrize("tab", ["_records", "_letters"])
def test_without_its_memory_the_worker_checks_and_does_no_more(crm: Crm, tab: str) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.sync()
    structure = crm.outside.sheets.read_structure(crm.spreadsheet_id)
    sheet_id = next(sheet.sheet_id for sheet in structure.sheets if sheet.title == tab)
    crm.batch_update({"deleteSheet": {"sheetId": sheet_id}})
    crm.write("deals", 0, {"info": None, "stage": "SQL"})
    crm.letter(sender="anna@steppe.example", text="hello")
    result = crm.sync()
    assert tab in result.faults[0]
    assert tab in the_notice(crm)
    assert crm.row("deals")["check"] == "Error"
    assert crm.row("deals")["id"] == "D-000001"
    assert crm.rows("comments") == []
    if tab == "_records":
        assert not crm.folders()


def test_two_tabs_that_mean_the_same_are_both_left_alone(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.batch_update({"addSheet": {"properties": {"title": "Сделки"}}})
    result = crm.sync()
    assert "“Deals”, “Сделки”" in result.faults[0]
    assert crm.row("deals")["check"] is None
    assert crm.row("contacts")["check"] == "OK"


def test_letters_that_came_while_a_tab_was_broken_are_logged_when_it_is_whole(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.sync()
    rename_header(crm, "comments", "text", "Whatever")
    crm.letter(sender="anna@steppe.example", text="meanwhile")
    crm.sync()
    values: list[list[Any]] = crm.values("comments")
    assert len(values) == 1
    at = values[0].index("Whatever")
    cell = f"'Comments'!{chr(65 + at)}1"
    crm.as_manager(
        "values.update", {"range": cell, "valueInputOption": "RAW"}, {"values": [["Text"]]}
    )
    crm.sync()
    assert [row["text"] for row in crm.rows("comments")] == ["meanwhile"]


def test_a_workbook_with_no_tab_to_work_on_is_an_error(crm: Crm) -> None:
    for tab in ("deals", "contacts", "companies"):
        delete_tab(crm, tab)
    with pytest.raises(StructureError, match="Deals"):
        crm.sync()


def test_a_spreadsheet_that_is_nearly_full_takes_no_more_letters(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.sync()
    crm.letter(sender="anna@steppe.example", text="hello")
    monkeypatch.setattr("sync.notices.MOST_CELLS", 100_000)
    crm.sync()
    assert "10,000,000" in the_notice(crm)
    assert crm.rows("comments") == []
    monkeypatch.undo()
    crm.sync()
    assert the_notice(crm) == ""
    assert [row["text"] for row in crm.rows("comments")] == ["hello"]
