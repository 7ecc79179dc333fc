"""Errors of the user's making: one clear line on stderr, exit code 2, no traceback."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Opener, Sandbox, run_crm
from worker.settings import PREFIX, Settings, load_settings


def the_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done
    [line] = done.stderr.splitlines()
    return line


def test_no_spreadsheet_is_configured(tmp_path: Path) -> None:
    line = the_line(run_crm("sync", cwd=tmp_path))
    assert "CRM_SPREADSHEETS" in line


@pytest.mark.parametrize("command", ["sync", "check", "run", "init"])
def test_the_credentials_file_is_missing(tmp_path: Path, command: str) -> None:
    line = the_line(
        run_crm(command, cwd=tmp_path, CRM_SPREADSHEETS="x", CRM_GOOGLE_CREDENTIALS="nowhere.json")
    )
    assert "nowhere.json does not exist" in line
    assert "CRM_GOOGLE_CREDENTIALS" in line


@pytest.mark.parametrize("content", ["not json", "{}", '{"type": "service_account"}', "[1]"])
def test_the_credentials_file_is_of_no_known_form(tmp_path: Path, content: str) -> None:
    (tmp_path / "credentials.json").write_text(content)
    assert "credentials.json" in the_line(run_crm("sync", cwd=tmp_path, CRM_SPREADSHEETS="x"))


def test_the_key_is_not_known_to_the_token_endpoint(sandbox: Sandbox, tmp_path: Path) -> None:
    key = json.loads((sandbox.state / "credentials.json").read_text())
    stranger = tmp_path / "stranger.json"
    stranger.write_text(json.dumps({**key, "client_email": "nobody@sandbox-project.example"}))
    line = the_line(sandbox.crm("sync", CRM_SPREADSHEETS="x", CRM_GOOGLE_CREDENTIALS=str(stranger)))
    assert "signing in as nobody@sandbox-project.example" in line


def test_the_spreadsheet_is_unknown(sandbox: Sandbox) -> None:
    line = the_line(sandbox.crm("sync", CRM_SPREADSHEETS="1nothing-like-that"))
    assert "1nothing-like-that" in line
    assert "crm-worker@" in line  # the account that it must be shared with


def test_a_tab_is_missing(sandbox: Sandbox, open_workbook: Opener) -> None:
    spreadsheet_id, _ = sandbox.seed("en", 7)
    workbook = open_workbook(spreadsheet_id, "en")
    workbook.spreadsheet.del_worksheet(workbook.worksheet("companies"))
    line = the_line(sandbox.crm("sync", CRM_SPREADSHEETS=spreadsheet_id))
    assert "no tab “Companies”" in line


def test_a_required_header_is_missing_and_another_stands_twice(
    sandbox: Sandbox, open_workbook: Opener
) -> None:
    spreadsheet_id, _ = sandbox.seed("ru", 7)
    deals = open_workbook(spreadsheet_id, "ru").worksheet("deals")
    deals.update_acell("F1", "Чепуха")
    line = the_line(sandbox.crm("sync", CRM_SPREADSHEETS=spreadsheet_id))
    assert "“Сделки”" in line
    assert "нет" not in line  # operators read English
    assert "“Этап”" in line
    deals.update_acell("F1", "Сделка")
    line = the_line(sandbox.crm("sync", CRM_SPREADSHEETS=spreadsheet_id))
    assert "“Сделка” stands twice (columns E and F)" in line


def test_the_port_is_in_use(sandbox: Sandbox, tmp_path: Path) -> None:
    port = sandbox.url.rsplit(":", 1)[1]
    for command in ("sandbox", "demo"):
        line = the_line(run_crm(command, "--port", port, "--state", "other", cwd=tmp_path))
        assert port in line


def test_a_setting_is_wrong(tmp_path: Path) -> None:
    assert "CRM_LOCALE" in the_line(run_crm("sync", cwd=tmp_path, CRM_LOCALE="de"))


def test_the_playbook_is_wrong(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("stages: {cold: {en: Cold}}")
    done = sandbox.crm("sync", CRM_SPREADSHEETS="x", CRM_PLAYBOOK=str(path))
    assert done.returncode == 2
    assert str(path) in done.stderr
    assert "stages.cold.ru" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_are_read_from_a_toml_file_and_the_environment_wins(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "crm.toml").write_text('spreadsheets = ["from-toml"]\n')
    assert "from-toml" in the_line(run_crm("sync", cwd=tmp_path, **sandbox.settings))
    (tmp_path / ".env").write_text("CRM_SPREADSHEETS=from-dotenv\n")
    assert "from-dotenv" in the_line(run_crm("sync", cwd=tmp_path, **sandbox.settings))
    settings = {**sandbox.settings, "CRM_SPREADSHEETS": "from-environment"}
    assert "from-environment" in the_line(run_crm("sync", cwd=tmp_path, **settings))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CRM_REDIS_URL", "foo://bar"),
        ("CRM_REDIS_URL", "redis://localhost:port"),
        ("CRM_TIMEZONE", "Mars/Olympus"),
        ("CRM_TIMEZONE", "America"),
        ("CRM_TIMEZONE", "../etc/passwd"),
    ],
)
@pytest.mark.parametrize("command", ["run", "sync"])
def test_an_address_or_a_time_zone_is_none(
    tmp_path: Path, command: str, name: str, value: str
) -> None:
    line = the_line(run_crm(command, cwd=tmp_path, **{"CRM_SPREADSHEETS": "x", name: value}))
    assert line.startswith(f"crm: {name}: ")


def test_the_demo_too_reads_the_settings(tmp_path: Path) -> None:
    line = the_line(run_crm("demo", "--once", "--port", "0", cwd=tmp_path, CRM_REDIS_URL="foo://"))
    assert line.startswith("crm: CRM_REDIS_URL: ")


@pytest.mark.parametrize("command", [("sandbox",), ("demo", "--once")])
@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_has_no_such_number(tmp_path: Path, command: tuple[str, ...], port: str) -> None:
    assert port in the_line(run_crm(*command, "--port", port, cwd=tmp_path))


@pytest.mark.parametrize("command", [("sandbox",), ("demo", "--once")])
@pytest.mark.parametrize("state", ["a-file", "a-file/inside"])
def test_the_state_directory_is_a_file(
    tmp_path: Path, command: tuple[str, ...], state: str
) -> None:
    (tmp_path / "a-file").touch()
    assert state in the_line(run_crm(*command, "--port", "0", "--state", state, cwd=tmp_path))


def test_an_empty_variable_is_as_if_it_were_not_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    unset = load_settings()
    for name in Settings.model_fields:
        monkeypatch.setenv(f"{PREFIX}{name.upper()}", "")
    assert load_settings() == unset
