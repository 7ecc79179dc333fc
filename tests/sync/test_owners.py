"""Promise: a cell that is yours is never changed; what is the worker's is restored."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.playbook import SUBJECT_TABS
from tests.sync.conftest import CONTACT, DEAL, Crm, both_locales

NONSENSE = ["???", 123456789.5, True, "нет", "=A1", " ", "#REF!", -1, "x" * 5000, "\u200b"]


def managers_cells(crm: Crm, tab: str) -> list[dict[str, Any]]:
    """What managers own on a tab: their fields, foreign columns, and links they typed."""
    owners = {key: spec.owner for key, spec in crm.playbook.tabs[tab].fields.items()}
    return [
        {key: value for key, value in row.items() if owners.get(key, "managers") == "managers"}
        for row in crm.rows(tab)
    ]


def everything(crm: Crm) -> dict[str, list[dict[str, Any]]]:
    return {tab: managers_cells(crm, tab) for tab in (*SUBJECT_TABS.values(), "lists")}


cells = st.one_of(
    st.sampled_from(NONSENSE),
    st.text(max_size=30).filter(lambda text: "\x00" not in text),
    st.floats(-1e9, 1e12, allow_nan=False),
    st.booleans(),
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["title", "stage", "company", "budget", "tender", "channel", "info",
                             "next_step", "brief_received", "other_contacts", "currency"]),
            cells,
            max_size=6,
        ),
        min_size=1,
        max_size=3,
    )
)  # fmt: skip
def test_whatever_managers_type_no_cell_of_theirs_changes(
    crm: Crm, typed: list[dict[str, Any]]
) -> None:
    crm.fill(*({**DEAL, **row} for row in typed))
    before = everything(crm)
    crm.sync()
    crm.sync()
    assert everything(crm) == before


def test_foreign_columns_tabs_and_notes_stay(crm: Crm) -> None:
    crm.fill()
    deals = crm.sheet_id("deals")
    column = {"sheetId": deals, "dimension": "COLUMNS", "startIndex": 2, "endIndex": 4}
    crm.batch_update(
        {"insertDimension": {"range": column}},
        {"addSheet": {"properties": {"title": "My own"}}},
    )
    crm.as_manager(
        "values.batchUpdate",
        {},
        {
            "valueInputOption": "USER_ENTERED",
            "data": [
                {"range": "'Deals'!C1:D3", "values": [["Mine", ""], ["a", 5], ["=1+1", "b"]]},
                {"range": "'My own'!A1", "values": [["private"]]},
            ],
        },
    )
    crm.sync()
    crm.sync()
    params = {"ranges": ["'Deals'!C1:D3", "'My own'"], "valueRenderOption": "FORMULA"}
    found = crm.as_manager("values.batchGet", params, {})["valueRanges"]
    assert found[0]["values"] == [["Mine"], ["a", 5], ["=1+1", "b"]]
    assert found[1]["values"] == [["private"]]
    assert crm.row("deals")["check"] == "OK"


@both_locales
def test_columns_may_stand_in_any_order_and_in_either_language(crm: Crm) -> None:
    crm.fill(crm.local(DEAL))
    deals, other = crm.sheet_id("deals"), "ru" if crm.locale == "en" else "en"
    header = crm.playbook.tabs["deals"].fields["budget"].in_locale(other)  # type: ignore[arg-type]
    at = list(crm.playbook.tabs["deals"].fields).index("budget")
    source = {"sheetId": deals, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
    crm.as_manager(
        "values.update",
        {"range": f"'{crm.title('deals')}'!{chr(65 + at)}1", "valueInputOption": "RAW"},
        {"values": [[f"  {header.upper()} "]]},
    )
    crm.batch_update({"moveDimension": {"source": source, "destinationIndex": 0}})
    result = crm.sync()
    assert result.rows["deal"] == (1, 0, 0)


@both_locales
def test_nonsense_in_every_cell_gives_problems_on_that_row_and_all_others_are_done(
    crm: Crm,
) -> None:
    good = crm.local(DEAL)
    fields = crm.playbook.tabs["deals"].fields
    bad = {key: f"?{key}" for key, spec in fields.items() if spec.owner == "managers"}
    crm.fill(good, bad, crm.local({**DEAL, "title": "Third", "service": "Strategy"}))
    crm.sync()
    words = crm.playbook.choices["check"]
    checks = [row["check"] for row in crm.rows("deals")]
    assert checks == [words[key].in_locale(crm.locale) for key in ("ok", "error", "ok")]
    assert fields["budget"].in_locale(crm.locale) in crm.row("deals", 1)["problems"]


def test_worker_owned_cells_are_restored(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    before = crm.row("deals")
    crm.write("deals", 0, {"check": "fine", "problems": "none", "stage_since": 1, "last_letter": 2})
    crm.sync()
    assert crm.row("deals") == before


def test_rows_of_unticked_checkboxes_are_no_deals(crm: Crm) -> None:
    crm.fill()
    for number in range(1, 30):
        crm.write("deals", number, {"tender": False})
    assert crm.sync().rows["deal"] == (1, 0, 0)


def test_an_unticked_checkbox_is_the_answer_no(crm: Crm) -> None:
    crm.fill({**DEAL, "tender": False}, contacts=[{**CONTACT, "decision_maker": True}])
    crm.sync()
    assert crm.row("deals")["check"] == "OK"


def test_company_cells_are_collected_from_deals_and_contacts(crm: Crm) -> None:
    crm.fill(DEAL, {**DEAL, "title": "Other", "accountable": "Bek"})
    crm.sync()
    company = crm.row("companies")
    assert company["responsible"] == "Bek, Dana"
    assert company["decision_makers"] == "Anna Smith"


@pytest.mark.parametrize("rows", [1, 3])
def test_rows_moved_by_others_while_the_worker_is_busy_get_their_own_verdicts(
    crm: Crm, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others insert rows between the read and the write; the IDs are read again and followed."""
    crm.fill(DEAL, {**DEAL, "title": "Bad", "service": "Strategy", "budget": None})
    crm.sync()
    crm.write("deals", 0, {"budget": None})
    crm.write("deals", 1, {"budget": 5})
    monkeypatch.setattr("sync.committing.FRESH_SECONDS", -1.0)
    deals = crm.sheet_id("deals")
    inserted = {"sheetId": deals, "dimension": "ROWS", "startIndex": 1, "endIndex": 1 + rows}
    crm.control(
        "POST",
        "act",
        user="manager2@example.com",
        method="sheets.spreadsheets.batchUpdate",
        params={"spreadsheetId": crm.spreadsheet_id},
        body={"requests": [{"insertDimension": {"range": inserted}}]},
        after={"method": "sheets.spreadsheets.values.batchGet"},
    )
    crm.sync()
    found = {row["title"]: row["check"] for row in crm.rows("deals") if row["id"]}
    assert found == {"Spring campaign": "Error", "Bad": "OK"}
