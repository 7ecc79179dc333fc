"""Promise: one deal, one folder; made where it belongs, linked, and found again after trouble."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.sync.conftest import COMPANY, CONTACT, DEAL, Crm, both_locales
from tests.sync.drive_hands import link_to, make_folder

LINK = re.compile(r"https://drive\.google\.com/drive/folders/([\w-]+)$")


@both_locales
def test_a_deal_at_sql_has_a_folder_with_five_subfolders_in_its_company_folder(crm: Crm) -> None:
    crm.fill(crm.local(DEAL))
    result = crm.sync()
    assert (result.deal_folders, result.company_folders) == (1, 1)
    made = crm.folders()
    deal, company = crm.row("deals"), crm.row("companies")
    deal_folder, company_folder = (LINK.match(row["drive"]) for row in (deal, company))
    assert deal_folder
    assert company_folder
    assert made[company_folder[1]] == {
        "name": "Steppe Bank",
        "parent": crm.outside.drive_root,
        "app": {"crmCompany": company["id"], "crmWorkbook": crm.spreadsheet_id},
    }
    service = crm.local({"service": "Campaign"})["service"]
    assert made[deal_folder[1]]["name"] == f"{deal['id']} Steppe Bank — {service}"
    assert made[deal_folder[1]]["parent"] == company_folder[1]
    inside = {folder["name"] for folder in made.values() if folder["parent"] == deal_folder[1]}
    assert inside == {
        name.in_locale(crm.locale) for name in crm.playbook.folders.subfolders.values()
    }
    assert len(made) == 7


@pytest.mark.parametrize(
    ("stage", "has_folder"),
    [
        ("Cold Lead", False),
        ("MQL", False),
        ("SQL", True),
        ("Negotiations", True),
        ("Client", True),
        ("Lost", False),
        ("Unqualified", False),
    ],
)
def test_folders_are_made_from_sql_to_client(crm: Crm, stage: str, has_folder: bool) -> None:
    crm.fill({**DEAL, "stage": stage})
    crm.sync()
    assert bool(crm.row("deals")["drive"]) is has_folder
    assert bool(crm.folders()) is has_folder


def test_deals_of_one_company_share_its_folder(crm: Crm) -> None:
    crm.fill(DEAL, {**DEAL, "title": "Autumn"}, {**DEAL, "title": "Winter", "company": "C-000001"})
    result = crm.sync()
    assert (result.deal_folders, result.company_folders) == (3, 1)
    links = {row["drive"] for row in crm.rows("deals")}
    assert len(links) == 3
    assert len({f["parent"] for f in crm.folders().values() if "crmPart" not in f["app"]}) == 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", range(7))
def test_a_lost_answer_at_any_call_never_makes_a_second_folder(
    crm: Crm, when: str, call: int
) -> None:
    crm.fill()
    crm.fault("close", "drive.files.create", calls=[call], when=when)
    crm.sync()
    crm.sync()
    assert len(crm.folders()) == 7
    assert LINK.match(crm.row("deals")["drive"])
    assert crm.row("deals")["check"] == "OK"


def test_a_folder_that_cannot_be_made_is_tried_again_by_the_next_pass(crm: Crm) -> None:
    crm.fill()
    crm.fault("error", "drive.files.create", code=400, limit=None)
    result = crm.sync()
    (failure,) = result.failures  # the deal's folder waits for its company's
    assert "C-000001: folder not made" in failure
    assert result.folders_waiting == 1
    assert crm.row("deals")["check"] == "Error"
    assert "Google Drive" in crm.row("deals")["problems"]
    recorded = {row[4] for row in crm.values_of_memory()}
    crm.control("DELETE", "faults")
    assert crm.sync().failures == ()
    assert {row[4] for row in crm.values_of_memory()} == recorded
    assert crm.row("deals")["check"] == "OK"
    assert len(crm.folders()) == 7


def test_a_crash_after_the_ids_were_recorded_leads_to_the_same_folder(crm: Crm) -> None:
    crm.fill()
    crm.fault("error", "sheets.spreadsheets.batchUpdate", calls=[1, 2, 3], limit=3, code=503)
    with pytest.raises(Exception, match="503"):
        crm.sync()
    made = set(crm.folders())
    assert len(made) == 7
    assert crm.row("deals")["drive"] is None
    crm.sync()
    assert set(crm.folders()) == made
    assert LINK.match(crm.row("deals")["drive"])


def test_a_link_that_a_manager_typed_is_respected(crm: Crm) -> None:
    own = link_to(make_folder(crm, "Our own"))
    crm.fill({**DEAL, "drive": own})
    result = crm.sync()
    assert result.deal_folders == 0
    assert crm.row("deals")["drive"] == own
    assert crm.row("deals")["check"] == "OK"


def test_what_is_no_folder_link_is_named(crm: Crm) -> None:
    crm.fill({**DEAL, "drive": "on my disk"})
    crm.sync()
    assert crm.row("deals")["drive"] == "on my disk"
    assert (
        "Google Drive: “on my disk” is not the address of a Drive folder"
        in (crm.row("deals")["problems"])
    )


def test_a_cleared_link_comes_back_and_makes_no_second_folder(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    link = crm.row("deals")["drive"]
    crm.write("deals", 0, {"drive": None})
    crm.sync()
    assert crm.row("deals")["drive"] == link
    assert len(crm.folders()) == 7


def test_a_company_without_a_title_or_unknown_makes_the_folder_wait(crm: Crm) -> None:
    crm.fill({**DEAL, "company": "Unheard-of"}, {**DEAL, "company": "C-000002"})
    crm.write("companies", 1, {**COMPANY, "title": None})
    crm.sync()
    first, second = crm.rows("deals")
    assert not crm.folders()
    assert "Company: there is no “Unheard-of”" in first["problems"]
    assert "Companies C-000002 → Title: fill it in." in second["problems"]
    assert "Google Drive: the folder appears by itself" in first["problems"]
    assert "Google Drive: the folder waits for the company's title." in second["problems"]


@pytest.mark.parametrize(
    "title",
    ["A/B \\ C", 'O\'Neil "and" sons', "tab\tand\nline", "x" * 300, "🚀 рекламa", "...", "{id} %s"],
)
def test_odd_company_titles_make_one_readable_folder(crm: Crm, title: str) -> None:
    crm.type_rows("companies", {**COMPANY, "title": title})
    crm.type_rows("contacts", {**CONTACT, "company": "C-000001"})
    crm.type_rows("deals", {**DEAL, "company": "C-000001"})
    assert crm.sync().failures == ()
    names = [folder["name"] for folder in crm.folders().values()]
    assert len(names) == 7
    assert all(name and len(name) <= 200 and name.isprintable() for name in names)


def test_without_a_drive_root_there_are_no_folders_and_no_failure(crm: Crm) -> None:
    crm.fill()
    crm.outside = replace(crm.outside, drive_root=None)
    assert crm.sync().failures == ()
    assert not crm.folders()
    assert "Google Drive" in crm.row("deals")["problems"]


def test_a_root_that_is_not_there_is_named(crm: Crm) -> None:
    crm.fill()
    crm.outside = replace(crm.outside, drive_root="1nothing")
    result = crm.sync()
    assert "1nothing" in result.failures[0]
    assert "crm-worker@" in result.failures[0]


def test_what_one_pass_has_no_time_for_is_left_to_the_next(crm: Crm) -> None:
    crm.fill(DEAL, {**DEAL, "title": "Second"})
    crm.outside = replace(crm.outside, effect_seconds=-1.0)
    result = crm.sync()
    assert (result.deal_folders, result.folders_waiting) == (0, 2)
    assert crm.row("deals")["drive"] is None
    crm.outside = replace(crm.outside, effect_seconds=None)
    result = crm.sync()
    assert (result.deal_folders, result.folders_waiting) == (2, 0)
    assert len(crm.folders()) == 13
