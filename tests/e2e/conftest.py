"""A sandbox as `crm sandbox` starts it, the command line as people call it, and plain gspread."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gspread
import pytest
import requests
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from gspread.utils import ValueRenderOption

from rules.playbook import Locale, Playbook
from rules.playbook_file import load_playbook
from worker.demo import TIME_ZONE, DemoOptions, seed_sandbox
from worker.demo_book import DemoBook
from worker.sandbox_process import sandbox_settings

CRM = str(Path(sys.executable).with_name("crm"))
MANAGER = "manager1@example.com"
COMMAND_SECONDS = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clean_environment() -> dict[str, str]:
    """The environment less the settings of whoever runs the tests."""
    return {key: value for key, value in os.environ.items() if not key.startswith("CRM_")}


def run_crm(*arguments: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CRM, *arguments],
        cwd=cwd,
        env={**clean_environment(), **settings},
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: its URL, its state directory, and the settings to work against it."""

    url: str
    state: Path
    settings: Mapping[str, str] = field(repr=False)
    sessions: list[requests.Session] = field(default_factory=list, repr=False)

    def crm(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return run_crm(*arguments, cwd=self.state, **{**self.settings, **more})

    def control(self, verb: str, path: str, /, **wish: object) -> Any:
        answer = requests.request(verb, f"{self.url}/sandbox/{path}", json=wish, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reset(self) -> None:
        """Forget all files and letters; people, keys and the shared drive stay."""
        self.control("POST", "reset")

    def token(self, user: str = MANAGER) -> str:
        token: str = self.control("POST", "token", user=user)["access_token"]
        return token

    def calls(self, api: str = "sheets") -> list[Mapping[str, Any]]:
        """The logged requests to an API, oldest first."""
        log = self.control("GET", "log")["entries"]
        return [call for call in log if str(call["method"]).startswith(api)]

    def forget_calls(self) -> None:
        self.control("DELETE", "log")

    def open(self, spreadsheet_id: str, user: str = MANAGER) -> gspread.Spreadsheet:
        """The workbook in plain gspread, as a manager's script would open it."""
        url = self.url

        class Redirected(gspread.HTTPClient):
            def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
                here = endpoint.replace("https://sheets.googleapis.com", url)
                here = here.replace("https://www.googleapis.com", url)
                return super().request(method, here, *args, **kwargs)

        client = gspread.Client(Credentials(self.token(user)), http_client=Redirected)
        self.sessions.append(client.http_client.session)
        return client.open_by_key(spreadsheet_id)

    def drive(self) -> Any:
        endpoint = {"api_endpoint": f"{self.url}/drive/v3/"}
        return build("drive", "v3", credentials=Credentials(self.token()), client_options=endpoint,
                     static_discovery=True, cache_discovery=False)  # fmt: skip

    def seed(self, locale: Locale, deals: int, seed: int = 7) -> tuple[str, DemoBook]:
        """Make a demo workbook with its letters; return its id and what is in it."""
        settings = sandbox_settings(
            self.state, locale=locale, timezone=TIME_ZONE, base_currency="KZT"
        )
        options = DemoOptions(0, locale, True, deals, seed, self.state, use_running=True)
        return seed_sandbox(settings, load_playbook(), options)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    state = tmp_path_factory.mktemp("sandbox")
    port = free_port()
    process = subprocess.Popen(
        [CRM, "sandbox", "--port", str(port), "--state", str(state)],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ready ")
    settings = dict(re.findall(r"^(CRM_\w+)=(.*)$", (state / "sandbox.env").read_text(), re.M))
    box = Sandbox(f"http://127.0.0.1:{port}", state, {**settings, "CRM_TIMEZONE": TIME_ZONE})
    yield box
    for session in box.sessions:
        session.close()
    process.terminate()
    assert process.wait(timeout=10) == 0
    process.stdout.close()


@pytest.fixture(scope="session")
def playbook() -> Playbook:
    return load_playbook()


@dataclass(frozen=True)
class Workbook:
    """A tab read back through plain gspread, by field key."""

    spreadsheet: gspread.Spreadsheet
    playbook: Playbook
    locale: Locale

    def worksheet(self, tab: str) -> gspread.Worksheet:
        names = {**self.playbook.reports, **self.playbook.tabs}
        return self.spreadsheet.worksheet(names[tab].in_locale(self.locale))

    def column(self, tab: str, key: str) -> int:
        """The column of a field, 1 being A."""
        header = self.playbook.tabs[tab].fields[key].in_locale(self.locale)
        return int(self.worksheet(tab).row_values(1).index(header)) + 1

    def rows(self, tab: str) -> list[dict[str, Any]]:
        fields = self.playbook.tabs[tab].fields
        key_of = {spec.in_locale(self.locale): key for key, spec in fields.items()}
        header, *rows = self.worksheet(tab).get_all_values(
            value_render_option=ValueRenderOption.unformatted
        )
        return [dict(zip(map(key_of.__getitem__, header), row, strict=True)) for row in rows]

    def report(self, key: str) -> list[list[Any]]:
        values: list[list[Any]] = self.worksheet(key).get_all_values(
            value_render_option=ValueRenderOption.unformatted
        )
        return values


Opener = Callable[[str, Locale], Workbook]


@pytest.fixture
def open_workbook(sandbox: Sandbox, playbook: Playbook) -> Opener:
    return lambda spreadsheet_id, locale: Workbook(sandbox.open(spreadsheet_id), playbook, locale)
