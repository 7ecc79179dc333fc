"""One workbook in a sandbox, passes over it in this process, and people who type into it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
from google.auth.transport.requests import AuthorizedSession

from rules.playbook import LOCALES, Locale, Playbook
from rules.playbook_file import load_playbook
from sandbox.server import Box, running
from sandbox.tokens import ServiceKey
from sync.google.auth import DRIVE_SCOPE, ServiceAccount
from sync.layout import column_letters
from sync.outside import Outside
from sync.run import PassResult, run_pass
from worker.settings import Settings
from worker.setup import create_workbook
from worker.wiring import connected

MAILBOXES = ("manager1@example.com", "manager2@example.com")
MANAGER = MAILBOXES[0]

Typed = Mapping[str, str | float | bool | None]

COMPANY: Typed = {
    "title": "Steppe Bank",
    "region": "Kazakhstan",
    "niche": "Banking",
    "info": "Plans a quarter ahead",
    "site": "steppe.example",
    "category": "A",
    "size": "200",
    "group": "Agency",
}
CONTACT: Typed = {
    "first_name": "Anna",
    "last_name": "Smith",
    "email": "anna@steppe.example",
    "phone": "+77011234567",
    "position": "CEO",
    "company": "Steppe Bank",
    "decision_maker": "Yes",
    "group": "Agency",
    "region": "Kazakhstan",
    "info": "Met at a fair",
}
DEAL: Typed = {
    "title": "Spring campaign",
    "stage": "SQL",
    "company": "Steppe Bank",
    "contact": "anna@steppe.example",
    "service": "Campaign",
    "budget": 1_000_000,
    "tender": "No",
    "mediaform": "form 1",
    "channel": "Website",
    "direction": "Incoming",
    "traffic_source": "google",
    "campaign_date": "spring",
    "accountable": "Dana",
    "scoring_result": "Qualified",
    "brief_received": 46_000,
    "next_step": 70_000,
    "info": "Wants a plan",
}


@dataclass
class Crm:
    """A workbook with its worker; `rows` and `type_rows` speak of fields by key."""

    box: Box
    playbook: Playbook
    locale: Locale
    outside: Outside
    spreadsheet_id: str
    credentials: Path

    def sync(self) -> PassResult:
        return run_pass(self.spreadsheet_id, self.playbook, self.outside)

    def control(self, verb: str, path: str, /, **wish: object) -> Any:
        url = f"{self.box.url}/sandbox/{path}"
        answer = requests.request(verb, url, json=wish, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, kind: str, method: str, **more: object) -> None:
        self.control("POST", "faults", kind=kind, method=method, **more)

    def calls(self, method: str = "*") -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.control("GET", "log", method=method)["entries"]
        return entries

    def title(self, tab: str) -> str:
        return {**self.playbook.tabs, **self.playbook.reports}[tab].in_locale(self.locale)

    def as_manager(self, method: str, params: Mapping[str, Any], body: Mapping[str, Any]) -> Any:
        """A call of the Sheets API in a manager's name."""
        return self.control(
            "POST",
            "act",
            user=MANAGER,
            method=f"sheets.spreadsheets.{method}",
            params={"spreadsheetId": self.spreadsheet_id, **params},
            body=body,
        )

    def values(self, tab: str) -> list[list[Any]]:
        """What stands on a tab, row by row, rows cut at their last value."""
        found = self.outside.sheets.read_columns(self.spreadsheet_id, [f"'{self.title(tab)}'"])[0]
        height = max((len(column) for column in found), default=0)
        return [
            [column[row] if row < len(column) else None for column in found]
            for row in range(height)
        ]

    def rows(self, tab: str) -> list[dict[str, Any]]:
        spec = self.playbook.tabs[tab].fields
        key_of = {field.in_locale(self.locale): key for key, field in spec.items()}
        header, *rows = self.values(tab)
        keys = [key_of.get(name, name) for name in header]
        return [
            {key: None if value == "" else value for key, value in zip(keys, row, strict=True)}
            for row in rows
        ]

    def values_of_memory(self) -> list[list[Any]]:
        """The rows of the hidden tab of records."""
        columns = self.outside.sheets.read_columns(self.spreadsheet_id, ["'_records'"])[0]
        height = max(len(column) for column in columns)
        return [
            [column[row] if row < len(column) else None for column in columns]
            for row in range(1, height)
        ]

    def row(self, tab: str, number: int = 0) -> dict[str, Any]:
        return self.rows(tab)[number]

    def write(self, tab: str, number: int, typed: Typed) -> None:
        """Type into row `number` (0 is the first below the header), as a manager would."""
        header = [name or "" for name in self.values(tab)[0]]
        spec = self.playbook.tabs[tab].fields
        data = []
        for key, value in typed.items():
            letters = column_letters(header.index(spec[key].in_locale(self.locale)))
            at = f"'{self.title(tab)}'!{letters}{number + 2}"
            data.append({"range": at, "values": [["" if value is None else value]]})
        self.as_manager("values.batchUpdate", {}, {"valueInputOption": "RAW", "data": data})

    def type_rows(self, tab: str, *rows: Typed) -> None:
        for number, row in enumerate(rows):
            self.write(tab, number, row)

    def batch_update(self, *requests_: Mapping[str, Any]) -> None:
        self.as_manager("batchUpdate", {}, {"requests": list(requests_)})

    def sheet_id(self, tab: str) -> int:
        structure = self.outside.sheets.read_structure(self.spreadsheet_id)
        return next(s.sheet_id for s in structure.sheets if s.title == self.title(tab))

    def folders(self) -> dict[str, dict[str, Any]]:
        """All folders of the shared drive by id, as the Drive API lists them."""
        # As the worker: appProperties show to the app alone that set them.
        answer = worker_session(self.credentials.read_text()).get(
            f"{self.box.url}/drive/v3/files",
            params={
                "q": "mimeType = 'application/vnd.google-apps.folder' and trashed = false",
                "fields": "files(id,name,parents,appProperties)",
                "pageSize": "1000",
                "supportsAllDrives": "true",
                "includeItemsFromAllDrives": "true",
            },
        )
        return {
            file["id"]: {
                "name": file["name"],
                "parent": file["parents"][0],
                "app": file.get("appProperties", {}),
            }
            for file in answer.json()["files"]
            if file["id"] != self.outside.drive_root
        }

    def letter(self, mailbox: str = MANAGER, **fields: object) -> None:
        self.control("POST", "letters", mailbox=mailbox, **fields)

    def local(self, typed: Typed) -> dict[str, Any]:
        """The row with the words of English lists and stages in the workbook's language."""
        words = {
            english: self.playbook.starting_lists[key].ru[place]
            for key in ("channels", "services", "regions", "niches", "groups")
            for place, english in enumerate(self.playbook.starting_lists[key].en)
        }
        words |= {stage.en: stage.ru for stage in self.playbook.stages.values()}
        if self.locale == "en":
            return dict(typed)
        return {key: words.get(str(value), value) for key, value in typed.items()}

    def fill(self, *deals: Typed, contacts: Sequence[Typed] = (CONTACT,)) -> None:
        """Type a complete company, its contacts and deals."""
        self.type_rows("companies", self.local(COMPANY))
        self.type_rows("contacts", *map(self.local, contacts))
        self.type_rows("deals", *(deals or (DEAL,)))


@pytest.fixture(scope="session")
def shared_box() -> Iterator[Box]:
    with running(key=ServiceKey.generate()) as box:
        yield box


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries end after a moment, so that tests of lasting trouble do."""
    monkeypatch.setattr("sync.google.retry._retry._timeout", 0.2)


@pytest.fixture
def locale() -> Locale:
    return "en"


@pytest.fixture
def outside(shared_box: Box, tmp_path: Path) -> Iterator[Outside]:
    shared_box.world.reset()
    settings = Settings.model_validate(
        {
            "google_credentials": shared_box.write_credentials(tmp_path),
            "drive_root": shared_box.world.drive.shared_drive_id,
            "mailboxes": MAILBOXES,
            "timezone": "Asia/Almaty",
            "sheets_endpoint": shared_box.url,
            "drive_endpoint": shared_box.url,
            "gmail_endpoint": shared_box.url,
            "log_dir": tmp_path / "log",
        }
    )
    with connected(settings) as outside:
        yield outside


@pytest.fixture(scope="session")
def usual_playbook() -> Playbook:
    """The playbook that comes with the worker, read once: it is frozen."""
    return load_playbook()


@pytest.fixture
def crm(
    shared_box: Box, outside: Outside, locale: Locale, usual_playbook: Playbook, tmp_path: Path
) -> Crm:
    playbook = usual_playbook
    spreadsheet_id = create_workbook("CRM", playbook, outside, locale)
    requests.delete(f"{shared_box.url}/sandbox/log", json={}, timeout=10)
    credentials = tmp_path / "credentials.json"
    return Crm(shared_box, playbook, locale, outside, spreadsheet_id, credentials)


@cache
def worker_session(key: str) -> AuthorizedSession:
    """Requests as the worker's account, whose key file reads so; tokens outlive a reset."""
    scopes = [DRIVE_SCOPE]
    found = ServiceAccount.from_service_account_info(json.loads(key), scopes=scopes)  # type: ignore[no-untyped-call]
    return AuthorizedSession(found)


both_locales = pytest.mark.parametrize("locale", LOCALES)
