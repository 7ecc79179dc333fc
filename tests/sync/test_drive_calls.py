"""How many calls to Drive a pass makes, also when Drive refuses them."""

from __future__ import annotations

import logging

import pytest

from tests.sync import drive_hands as hands
from tests.sync.conftest import DEAL, Crm


def drive_calls(crm: Crm) -> list[str]:
    """What was asked of Drive since the last look, by method."""
    calls = [call["method"].removeprefix("drive.") for call in crm.calls("drive.*")]
    crm.control("DELETE", "log")
    return calls


def fill_many(crm: Crm, deals: int) -> None:
    """Deals of one company, typed in one go."""
    crm.fill({**DEAL, "title": "Deal 0"})
    header = [name or "" for name in crm.values("deals")[0]]
    spec = crm.playbook.tabs["deals"].fields
    key_of = {spec[key].in_locale(crm.locale): key for key in spec}
    rows = [
        [{**DEAL, "title": f"Deal {number}"}.get(key_of[name], "") for name in header]
        for number in range(deals)
    ]
    data = [{"range": f"'{crm.title('deals')}'!A2", "values": rows}]
    crm.as_manager("values.batchUpdate", {}, {"valueInputOption": "RAW", "data": data})


def test_new_folders_take_a_call_each(crm: Crm, caplog: pytest.LogCaptureFixture) -> None:
    fill_many(crm, 60)
    drive_calls(crm)
    with caplog.at_level(logging.INFO, logger="sync.folders"):
        result = crm.sync()
    assert (result.failures, result.deal_folders, result.folders_waiting) == ((), 60, 0)
    calls = drive_calls(crm)
    assert calls.count("files.create") == 1 + 60 * 6
    # Ids in one call; the root and its log; the news afterwards, one call for 1,000 entries.
    others = [call for call in calls if call != "files.create"]
    assert sorted(others) == [
        "changes.getStartPageToken", "changes.list", "files.generateIds", "files.get",
    ]  # fmt: skip
    assert "50 of 60 folders of deals made" in caplog.text


def test_a_pass_with_nothing_to_do_asks_once_and_writes_nothing(crm: Crm) -> None:
    fill_many(crm, 20)
    crm.sync()
    drive_calls(crm)
    for _ in range(3):
        assert crm.sync().cells == 0
        assert drive_calls(crm) == ["changes.list"]


def test_a_renamed_company_costs_a_call_for_each_folder(crm: Crm) -> None:
    fill_many(crm, 20)
    crm.sync()
    for number in range(20):
        crm.write("deals", number, {"company": "C-000001"})
    crm.write("companies", 0, {"title": "Prairie Bank"})
    drive_calls(crm)
    assert crm.sync().folders_changed == 21
    assert drive_calls(crm) == ["changes.list", *["files.update"] * 21, "changes.list"]


def test_what_colleagues_do_elsewhere_makes_no_write(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    writes = len(crm.calls("sheets.spreadsheets.batchUpdate"))
    for number in range(5):
        hands.make_folder(crm, f"something else {number}")
        assert crm.sync().cells == 0
    assert len(crm.calls("sheets.spreadsheets.batchUpdate")) == writes


# ── Quota ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["rate", "quota"])
def test_a_rate_refused_for_hours_costs_a_few_calls_a_pass(crm: Crm, kind: str) -> None:
    fill_many(crm, 60)
    crm.sync()
    crm.write("companies", 0, {"title": "Prairie Bank"})
    fill_many_more(crm, 60)
    crm.fault(kind, "drive.files.*", limit=None)
    for _ in range(3):
        drive_calls(crm)
        result = crm.sync()
        assert len(result.failures) <= 2
        assert len(drive_calls(crm)) < 10
    crm.control("DELETE", "faults")
    for _ in range(2):
        result = crm.sync()
    assert (result.failures, result.folders_waiting) == ((), 0)


def fill_many_more(crm: Crm, first: int) -> None:
    for number in range(first, first + 2):
        crm.write("deals", number, {**DEAL, "company": "C-000001", "title": f"Deal {number}"})


@pytest.mark.usefixtures("impatient")
def test_what_the_quota_leaves_over_is_done_by_the_next_passes(crm: Crm) -> None:
    fill_many(crm, 20)
    crm.control("POST", "quotas", limits={"DriveUnitsPerMinutePerUser": 3_000})
    made = 0
    for _ in range(10):
        result = crm.sync()
        made += result.deal_folders
        if not result.folders_waiting:
            break
        crm.control("POST", "clock", advance_seconds=61)
    assert (result.failures, result.folders_waiting, made) == ((), 0, 20)
    assert len(crm.folders()) == 1 + 20 * 6
    successes = [call for call in crm.calls("drive.files.create") if call["status"] == 200]
    assert len(successes) == 1 + 20 * 6
