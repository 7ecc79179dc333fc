"""`crm plan` shows before what `crm sync` does, and `crm log` tells it afterwards."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rules.playbook import Locale
from tests.e2e.conftest import Opener, Sandbox


def planned(sandbox: Sandbox, spreadsheet_id: str) -> dict[str, Any]:
    done = sandbox.crm("plan", "--json", CRM_SPREADSHEETS=spreadsheet_id)
    assert done.returncode == 0, done.stderr
    [plan] = json.loads(done.stdout)
    found: dict[str, Any] = plan
    return found


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_what_is_planned_is_what_is_then_done(
    sandbox: Sandbox, open_workbook: Opener, locale: Locale, tmp_path: Path
) -> None:
    sandbox.reset()
    spreadsheet_id, _ = sandbox.seed(locale, 30)
    workbook = open_workbook(spreadsheet_id, locale)
    before = workbook.rows("deals")
    sandbox.forget_calls()
    plan = planned(sandbox, spreadsheet_id)
    assert not [call for call in sandbox.calls("") if call["kind"] == "write"]
    assert workbook.rows("deals") == before
    log = {"CRM_LOG_DIR": str(tmp_path)}
    done = sandbox.crm("sync", CRM_SPREADSHEETS=spreadsheet_id, **log)
    assert done.returncode == 0, done.stderr

    after = {tab: workbook.rows(tab) for tab in ("deals", "contacts", "companies", "comments")}
    for cell in plan["cells"]:
        found = after[cell["tab"]][cell["row"] - 2][cell["field"]]
        if cell["field"] == "drive":  # ids of folders are new ones at each pass
            assert str(found).startswith("https://drive.google.com/drive/folders/")
        elif isinstance(cell["after"], float):
            assert found == pytest.approx(cell["after"], abs=1)
        else:
            assert found == ("" if cell["after"] is None else cell["after"])
    letters = [row["cells"]["letter_key"] for row in plan["rows"] if row["tab"] == "comments"]
    assert sorted(letters) == sorted(row["letter_key"] for row in after["comments"])
    names = {folder["name"] for folder in plan["folders"]}
    with closing(sandbox.drive()) as drive:
        listed = drive.files().list(
            q="mimeType='application/vnd.google-apps.folder'", corpora="allDrives", pageSize=1000,
            supportsAllDrives=True, includeItemsFromAllDrives=True, fields="files(name)",
        ).execute()  # fmt: skip
    assert names <= {one["name"] for one in listed["files"]}
    nothing = planned(sandbox, spreadsheet_id)
    assert not nothing["cells"]
    assert not nothing["rows"]
    assert not nothing["folders"]

    deal = after["deals"][0]["id"]
    told = sandbox.crm("log", "--deal", deal, "--json", **log)
    entries = [json.loads(line) for line in told.stdout.splitlines()]
    written = {(entry["id"], entry["field"]) for entry in entries if entry["kind"] == "cell"}
    assert (deal, "check") in written
    assert {entry["outcome"] for entry in entries} == {"written"}
    lines = sandbox.crm("log", "--deal", deal, **log).stdout
    assert f"deals {deal}  check: — → " in lines


def test_a_plan_is_readable_by_tab_and_row(sandbox: Sandbox, open_workbook: Opener) -> None:
    spreadsheet_id, _ = sandbox.seed("en", 7)
    sandbox.crm("sync", CRM_SPREADSHEETS=spreadsheet_id)
    deals = open_workbook(spreadsheet_id, "en").worksheet("deals")
    deals.update_acell("B2", "Fine")
    done = sandbox.crm("plan", CRM_SPREADSHEETS=spreadsheet_id)
    assert done.returncode == 0, done.stderr
    assert f"Deals row 2 {deals.acell('A2').value}" in done.stdout
    assert "check: 'Fine' → " in done.stdout


def test_letters_leave_no_words_in_the_log(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.reset()
    spreadsheet_id, _ = sandbox.seed("en", 30)
    done = sandbox.crm("sync", CRM_SPREADSHEETS=spreadsheet_id, CRM_LOG_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    [path] = tmp_path.glob("changes-*.jsonl")
    assert path.stat().st_mode & 0o777 == 0o600
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    comments = [entry for entry in entries if entry["tab"] == "comments"]
    assert comments
    for entry in comments:
        assert not {"text", "subject", "sender", "to"} & set(entry["after"] or ())


def test_a_fault_of_a_tab_is_in_the_plan(sandbox: Sandbox, open_workbook: Opener) -> None:
    spreadsheet_id, _ = sandbox.seed("en", 7)
    workbook = open_workbook(spreadsheet_id, "en")
    workbook.worksheet("deals").update_acell("F1", "Whatever")
    done = sandbox.crm("plan", CRM_SPREADSHEETS=spreadsheet_id)
    assert done.returncode == 2
    assert "notice on the dashboard: Tab “Deals”: the header “Stage” is missing" in done.stdout
