"""The ICP score in the workbook: written once, restored, its note kept up to date."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rules.playbook_file import load_playbook
from tests.rules.icp import with_example
from tests.sync.conftest import DEAL, Crm, both_locales


@pytest.fixture
def scored(crm: Crm, tmp_path: Path) -> Crm:
    """The workbook with the playbook's example of an ICP active."""
    path = tmp_path / "icp.yaml"
    path.write_text(with_example(), encoding="utf-8")
    return replace(crm, playbook=load_playbook(path))


def note(crm: Crm, row: int = 0) -> str:
    """Return the note on the row's ICP score."""
    at = list(crm.playbook.tabs["deals"].fields).index("icp_score")
    params = {"ranges": [f"'{crm.title('deals')}'"], "fields": "sheets.data.rowData.values.note"}
    found: dict[str, Any] = crm.as_manager("get", params, {})["sheets"][0]["data"][0]
    cells = found.get("rowData", [])[row + 1 : row + 2]
    values = cells[0].get("values", []) if cells else []
    return str(values[at].get("note", "")) if at < len(values) else ""


def writes(crm: Crm) -> int:
    return len(crm.calls("sheets.spreadsheets.batchUpdate"))


@both_locales
def test_a_score_and_its_note_are_written_once(scored: Crm) -> None:
    scored.fill(scored.local(DEAL))
    scored.sync()
    assert scored.row("deals")["icp_score"] == 70
    lines = note(scored).splitlines()
    assert len(lines) == 1 + 8
    assert "70" in lines[0]
    before = writes(scored)
    scored.sync()
    assert writes(scored) == before


def test_a_score_that_somebody_overwrites_is_restored(scored: Crm) -> None:
    scored.fill()
    scored.sync()
    told = note(scored)
    scored.write("deals", 0, {"icp_score": 99})
    scored.sync()
    assert scored.row("deals")["icp_score"] == 70
    assert note(scored) == told


def test_the_note_follows_its_reasons_even_where_the_score_stays(scored: Crm) -> None:
    scored.fill()
    scored.sync()
    scored.write("companies", 0, {"size": 300})
    scored.sync()
    assert scored.row("deals")["icp_score"] == 70
    assert "+15 Companies → Size: 300" in note(scored)
    before = writes(scored)
    scored.sync()
    assert writes(scored) == before


def test_a_deal_that_may_be_one_of_several_is_written_once(scored: Crm) -> None:
    scored.fill(DEAL, DEAL)
    scored.sync()
    for row in range(2):
        scored.write("deals", row, {"id": None})
    scored.write("companies", 0, {"category": "C"})
    scored.sync()
    assert [scored.row("deals", row)["id"] for row in range(2)] == [None, None]
    assert scored.row("deals")["icp_score"] == 55
    assert "55" in note(scored)
    before = writes(scored)
    scored.sync()
    assert writes(scored) == before


def test_an_advice_stands_in_the_note_and_never_in_check(scored: Crm) -> None:
    scored.fill()
    scored.write("companies", 0, {"size": 5, "niche": "Travel"})
    scored.sync()
    assert note(scored).splitlines()[-1].startswith("Scoring result says")
    assert (scored.row("deals")["check"], scored.row("deals")["problems"]) == ("OK", None)


def test_without_an_icp_the_column_stays_empty_and_notes_of_managers_stay(crm: Crm) -> None:
    crm.fill()
    crm.write("deals", 0, {"icp_score": 50})
    at = list(crm.playbook.tabs["deals"].fields).index("icp_score")
    start = {"sheetId": crm.sheet_id("deals"), "rowIndex": 1, "columnIndex": at}
    mine = {"start": start, "rows": [{"values": [{"note": "Mine"}]}], "fields": "note"}
    crm.batch_update({"updateCells": mine})
    crm.sync()
    assert crm.row("deals")["icp_score"] is None
    assert note(crm) == "Mine"


def test_score_and_note_go_when_no_icp_applies_any_more(scored: Crm, crm: Crm) -> None:
    scored.fill()
    scored.sync()
    assert note(scored)
    crm.sync()
    assert crm.row("deals")["icp_score"] is None
    assert note(crm) == ""
    before = writes(crm)
    crm.sync()
    assert writes(crm) == before


def test_a_score_without_a_record_goes_with_the_region_too(crm: Crm, tmp_path: Path) -> None:
    path = tmp_path / "regional.yaml"
    before, _, after = with_example().partition("  everywhere_else:\n")
    path.write_text(before + after[after.index("\n\n") :], encoding="utf-8")
    crm = replace(crm, playbook=load_playbook(path), outside=replace(crm.outside, known={}))
    crm.fill(DEAL, DEAL)
    crm.sync()
    for row in range(2):  # now each may be either
        crm.write("deals", row, {"id": None})
    crm.sync()
    assert [crm.row("deals", row)["icp_score"] for row in range(2)] == [70, 70]
    crm.write("companies", 0, {"region": None})
    crm.write("contacts", 0, {"region": None})
    crm.sync()
    assert [crm.row("deals", row)["icp_score"] for row in range(2)] == [None, None]


def test_memory_of_an_earlier_version_gets_its_new_column(scored: Crm) -> None:
    scored.fill()
    structure = scored.outside.sheets.read_structure(scored.spreadsheet_id)
    memory = next(sheet for sheet in structure.sheets if sheet.title == "_records")
    narrow = {"sheetId": memory.sheet_id, "dimension": "COLUMNS"}
    narrow |= {"startIndex": memory.columns - 1, "endIndex": memory.columns}
    scored.batch_update({"deleteDimension": {"range": narrow}})
    scored.sync()
    before = writes(scored)
    scored.sync()
    assert writes(scored) == before
    assert note(scored)
