"""`crm doctor`: a line for everything that is needed, and probes that leave nothing behind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sandbox.people import SERVICE_ACCOUNT
from sync.google.probes import PROBES
from tests.e2e.conftest import MANAGER, Opener, Sandbox, run_crm
from worker.doctor import is_local

WORKER = SERVICE_ACCOUNT.email
FOLDER = "application/vnd.google-apps.folder"
CHECKS = ("credentials", "scopes", "Drive API", "workbook", "Drive root", "mailbox", "broker")


@pytest.fixture(scope="module")
def workbook_id(sandbox: Sandbox) -> str:
    sandbox.reset()
    return sandbox.crm("init").stdout.split()[-1]


def findings(sandbox: Sandbox, expected: int, **more: str) -> Sequence[Mapping[str, str]]:
    done = sandbox.crm("doctor", "--json", **more)
    assert done.returncode == expected, done
    found: Sequence[Mapping[str, str]] = json.loads(done.stdout)["checks"]
    return found


def of(check: str, found: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    return [finding for finding in found if finding["check"].startswith(check)]


def test_all_is_well(sandbox: Sandbox, workbook_id: str) -> None:
    done = sandbox.crm("doctor", CRM_SPREADSHEETS=workbook_id)
    assert done.returncode == 0, done
    lines = done.stdout.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    for check in CHECKS:
        assert any(f" {check}" in line for line in lines), check
    assert f"workbook {workbook_id}: “CRM” has all tabs and columns" in done.stdout


def test_what_became_of_the_letters_is_told_by_mailbox_and_day(sandbox: Sandbox) -> None:
    spreadsheet_id, _ = sandbox.seed("en", 30)
    assert sandbox.crm("sync", CRM_SPREADSHEETS=spreadsheet_id).returncode == 0
    found = of(
        "letters manager1@example.com", findings(sandbox, 0, CRM_SPREADSHEETS=spreadsheet_id)
    )
    assert found
    assert all(" logged" in finding["detail"] for finding in found)


def test_no_credentials(tmp_path: Path) -> None:
    done = run_crm("doctor", cwd=tmp_path, CRM_GOOGLE_CREDENTIALS="nowhere.json")
    assert done.returncode == 1
    assert "failed   credentials: credentials file nowhere.json does not exist" in done.stdout
    assert "→ see README" in done.stdout
    assert "ok       broker" in done.stdout, "what can be looked at is looked at"


def test_a_key_that_others_can_read(sandbox: Sandbox, workbook_id: str, tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    shutil.copy(sandbox.state / "credentials.json", key)
    key.chmod(0o644)
    found = findings(sandbox, 0, CRM_SPREADSHEETS=workbook_id, CRM_GOOGLE_CREDENTIALS=str(key))
    (warning,) = [one for one in of("credentials", found) if one["status"] == "warning"]
    assert "mode 644" in warning["detail"]
    assert warning["advice"] == f"chmod 600 {key}"


def test_a_key_that_is_not_known(sandbox: Sandbox, tmp_path: Path) -> None:
    key = json.loads((sandbox.state / "credentials.json").read_text())
    stranger = tmp_path / "stranger.json"
    stranger.write_text(json.dumps({**key, "client_email": "nobody@sandbox-project.example"}))
    found = findings(sandbox, 1, CRM_GOOGLE_CREDENTIALS=str(stranger))
    (scopes,) = of("scopes", found)
    assert scopes["status"] == "failed"
    assert "nobody@sandbox-project.example" in scopes["detail"]


def test_no_workbook_and_an_unknown_one(sandbox: Sandbox) -> None:
    (none,) = of("workbook", findings(sandbox, 1))
    assert "CRM_SPREADSHEETS" in none["advice"]
    unknown = of("workbook", findings(sandbox, 1, CRM_SPREADSHEETS="1nothing"))
    assert {finding["status"] for finding in unknown} == {"failed"}
    assert "share it with crm-worker@" in unknown[0]["advice"]


def test_a_tab_is_missing(sandbox: Sandbox, open_workbook: Opener) -> None:
    spreadsheet_id, _ = sandbox.seed("en", 5)
    workbook = open_workbook(spreadsheet_id, "en")
    workbook.spreadsheet.del_worksheet(workbook.worksheet("companies"))
    (finding,) = of("workbook", findings(sandbox, 1, CRM_SPREADSHEETS=spreadsheet_id))
    assert "no tab “Companies”" in finding["detail"]
    assert finding["advice"] == f"crm init --spreadsheet {spreadsheet_id} adds what is missing"


def test_a_workbook_that_anybody_can_open(sandbox: Sandbox) -> None:
    workbook_id = sandbox.crm("init").stdout.split()[-1]
    right = {"type": "anyone", "role": "reader"}
    with closing(sandbox.drive()) as drive:
        call = drive.permissions().create(fileId=workbook_id, body=right, supportsAllDrives=True)
        call.execute()
    found = of("workbook", findings(sandbox, 0, CRM_SPREADSHEETS=workbook_id))
    (warning,) = [finding for finding in found if finding["status"] == "warning"]
    assert warning["detail"] == "anybody with the link is its reader"


def test_the_drive_root(sandbox: Sandbox, workbook_id: str) -> None:
    more = {"CRM_SPREADSHEETS": workbook_id}
    for root, detail, advice in bad_roots(sandbox, workbook_id):
        (found,) = of("Drive root", findings(sandbox, 1, CRM_DRIVE_ROOT=root, **more))
        assert (found["status"], root in found["detail"]) == ("failed", True)
        assert detail in found["detail"]
        assert advice in found["advice"]
    (none,) = of("Drive root", findings(sandbox, 0, CRM_DRIVE_ROOT="", **more))
    assert none["status"] == "skipped"


def bad_roots(sandbox: Sandbox, workbook_id: str) -> Iterator[tuple[str, str, str]]:
    """Roots under which no folders can be made, with what is said of each and what to do."""
    yield "1nothing", "does not exist, or is not shared with crm-worker@", "content manager"
    yield workbook_id, "is a file", "Give the id of a folder or of a shared drive"
    trashed = make_folder(sandbox, WORKER, sandbox.settings["CRM_DRIVE_ROOT"])
    act(sandbox, WORKER, "files.update", {"trashed": True}, fileId=trashed)
    yield trashed, "is in the trash", "Restore it"
    mine = make_folder(sandbox, MANAGER, "root")
    yield mine, "does not exist, or is not shared with crm-worker@", "Share it"
    reader = {"type": "user", "role": "reader", "emailAddress": WORKER}
    act(sandbox, MANAGER, "permissions.create", reader, fileId=mine)
    yield mine, "may only look into the Drive folder", "Let it edit there"


def make_folder(sandbox: Sandbox, user: str, parent: str) -> str:
    body = {"name": "CRM", "mimeType": FOLDER, "parents": [parent]}
    return str(act(sandbox, user, "files.create", body)["id"])


def act(sandbox: Sandbox, user: str, method: str, body: Mapping[str, Any], **params: Any) -> Any:
    wish = {"user": user, "method": f"drive.{method}", "body": body}
    return sandbox.control("POST", "act", **wish, params={"supportsAllDrives": True, **params})


def test_a_mailbox_without_delegation(sandbox: Sandbox, workbook_id: str) -> None:
    addresses = "manager1@example.com,nobody@example.com"
    found = of(
        "mailbox", findings(sandbox, 1, CRM_SPREADSHEETS=workbook_id, CRM_MAILBOXES=addresses)
    )
    assert [finding["status"] for finding in found] == ["ok", "failed"]
    assert "delegation" in found[1]["advice"]


def test_no_broker_there(sandbox: Sandbox, workbook_id: str) -> None:
    url = "redis://:secret@127.0.0.1:1/0"
    (broker,) = of("broker", findings(sandbox, 1, CRM_SPREADSHEETS=workbook_id, CRM_REDIS_URL=url))
    assert broker["status"] == "failed"
    assert broker["detail"].startswith("redis://127.0.0.1:1")
    assert "secret" not in broker["detail"]


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("redis://localhost:6379", True),
        ("redis://127.0.0.2:6379", True),
        ("redis://[::1]:6379", True),
        ("unix:///run/redis.sock", True),
        ("redis://10.0.0.7:6379", False),
        ("rediss://redis.example.com", False),
    ],
)
def test_where_a_redis_needs_a_password(url: str, local: bool) -> None:
    assert is_local(url) == local


def files(sandbox: Sandbox) -> list[str]:
    with closing(sandbox.drive()) as drive:
        call = drive.files().list(
            corpora="allDrives", includeItemsFromAllDrives=True, supportsAllDrives=True
        )
        return sorted(file["name"] for file in call.execute()["files"])


def test_probes(sandbox: Sandbox, workbook_id: str) -> None:
    sandbox.control("DELETE", "faults")
    before = files(sandbox)
    done = sandbox.crm("doctor", "--probe", "--json", CRM_SPREADSHEETS=workbook_id)
    assert done.returncode == 0, done
    probed = json.loads(done.stdout)["probes"]
    assert [one["probe"] for one in probed] == [probe.key for probe in PROBES]
    assert all(one["holds"] for one in probed), "the sandbox does what it assumes of Google"
    assert files(sandbox) == before


def test_probes_in_words(sandbox: Sandbox, workbook_id: str) -> None:
    done = sandbox.crm("doctor", "--probe", CRM_SPREADSHEETS=workbook_id)
    assert "as assumed metadata-sort: a row's metadata moves with its row" in done.stdout


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "code": 500, "method": "sheets.*", "limit": None},
        {"kind": "close", "method": "sheets.spreadsheets.batchUpdate", "limit": None},
        {"kind": "error", "code": 403, "method": "drive.files.create", "calls": [1]},
        {"kind": "cut", "method": "sheets.spreadsheets.values.get", "limit": None},
    ],
)
def test_probes_clean_up_after_trouble(sandbox: Sandbox, fault: dict[str, Any]) -> None:
    before = files(sandbox)
    sandbox.control("POST", "faults", **fault)
    try:
        done = sandbox.crm("doctor", "--probe")
    finally:
        sandbox.control("DELETE", "faults")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert files(sandbox) == before
